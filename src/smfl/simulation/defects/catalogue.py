"""Defects that real corpora have, planted in made-up ones: each a small function with a name.

A defect is planted after the clean session is written, from a source of chance of its own: the same seed plants the
same defect in the same place, and the same people are there without it. `smfl.simulation.defects.daic_woz` and
`smfl.simulation.defects.edaic` list them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from smfl.interview import choice

Plant = Callable[[Path, str, np.random.Generator], None]
"""Changes the files of one session: its folder, its number, a source of chance."""


@dataclass(frozen=True, slots=True)
class Defect:
    """One defect.

    Args:
        name: short and stable.
        what: what is wrong, in words.
        message: a part of the ledger line, or of the error, by which a reader shows that it has seen it.
        plant: plants it in one session's folder; None where it concerns the corpus as a whole.
        sessions: those that have it in the real corpus; every session that has no such defect where empty.
        lost: what no repair can bring back, in words; empty where all survives.
        needs: the modality without which there is nothing to plant it in.
    """

    name: str
    what: str
    message: str
    plant: Plant | None = None
    sessions: tuple[str, ...] = ()
    lost: str = ""
    needs: str = ""


def chosen(defects: Sequence[Defect], wanted: bool | Collection[str]) -> tuple[Defect, ...]:
    """The defects that are asked for: all, none, or these by name.

    Raises:
        CallError: for a name that none of them has.

    Example:
        >>> blank = Defect("blank-lines", "blank lines", "blank")
        >>> [defect.name for defect in chosen([blank], True)], chosen([blank], ())
        (['blank-lines'], ())
    """
    if isinstance(wanted, bool):
        return tuple(defects) if wanted else ()
    names = [defect.name for defect in defects]
    for name in wanted:
        choice(name, names, what="defect")
    return tuple(defect for defect in defects if defect.name in wanted)


def concerns(defect: Defect, key: str, special: Collection[str], modalities: Collection[str]) -> bool:
    """Whether a session has a defect: it is listed for it, or the defect is everyone's and the session has no other."""
    if defect.needs and defect.needs not in modalities:
        return False
    return key in defect.sessions if defect.sessions else key not in special


def lines_of(path: Path) -> list[str]:
    """A text file's lines, without their ends."""
    return path.read_text(encoding="utf-8").splitlines()


def write_lines(path: Path, lines: Sequence[str]) -> None:
    """Write lines back, each with its end."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def doubled_folder(folder: Path, key: str, rng: np.random.Generator) -> None:
    """Put a session's files into a folder within its folder."""
    inner = folder / f"{key}_P"
    files = list(folder.iterdir())
    inner.mkdir()
    for path in files:
        path.rename(inner / path.name)
