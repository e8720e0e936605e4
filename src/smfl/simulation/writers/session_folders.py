"""Sessions of which each has a folder, or an archive of one: written whole or not at all."""

from __future__ import annotations

import csv
import wave
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from smfl.simulation.signals.sound import SAMPLE_RATE


def write_folder(
    out: Path, key: str, *, archive: str, write: Callable[[Path], None], pack: Callable[[Path, Path], None] | None
) -> None:
    """Write one session; one that is there already is kept.

    Args:
        out: the corpus's folder.
        key: the session's number; its folder is ``{key}_P``.
        archive: the ending of an archive's name, e.g. ``.zip``.
        write: writes the session's files into a folder.
        pack: moves a folder's files into an archive; None keeps the folder.
    """
    folder, packed = out / f"{key}_P", out / f"{key}_P{archive}"
    if folder.exists() or packed.exists():
        return
    unfinished = out / f".{key}_P.part"
    unfinished.mkdir(exist_ok=True)
    write(unfinished)
    if pack is None:
        unfinished.rename(folder)
    else:
        pack(unfinished, packed)


def write_sound(path: Path, samples: npt.NDArray[np.int16]) -> None:
    """Write samples of `SAMPLE_RATE` as they are."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        file.writeframes(samples.tobytes())


def write_rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table of labels."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(header)
        table.writerows(rows)
