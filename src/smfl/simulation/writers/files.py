"""Files that several simulators write: tables, workbooks, sound, and folders of sessions."""

from __future__ import annotations

import csv
import wave
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from smfl.simulation.signals.sound import SAMPLE_RATE


def write_rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table of labels."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(header)
        table.writerows(rows)


def write_sheet(path: Path, sheet: str, rows: Sequence[Sequence[object]]) -> None:
    """Write rows as the only sheet of a workbook; the same rows give the same cells."""
    import openpyxl

    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    for row in rows:
        page.append(list(row))
    book.save(path)


def write_wav(
    path: Path, samples: npt.NDArray[np.int16], *, rate: int = SAMPLE_RATE, channels: int = 1, bits: int = 16
) -> None:
    """Write sound of 16 kHz as a wav file of another rate, number of channels and depth."""
    from scipy.signal import resample_poly

    values = samples.astype(np.float64)
    if rate != SAMPLE_RATE:
        step = np.gcd(rate, SAMPLE_RATE)
        values = resample_poly(values, rate // step, SAMPLE_RATE // step)
    whole = np.clip(np.round(values * 2 ** (bits - 16)), -(2 ** (bits - 1)), 2 ** (bits - 1) - 1).astype("<i4")
    data = np.repeat(whole[:, None], channels, axis=1).reshape(-1, 1).view(np.uint8)[:, : bits // 8]
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, bits // 8, rate, 0, "NONE", ""))
        file.writeframes(np.ascontiguousarray(data).tobytes())


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
