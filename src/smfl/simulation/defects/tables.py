"""Defects that belong to no single session: in the tables of labels, and in the archives that sessions come in."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Collection, Sequence
from pathlib import Path

Cell = float | int | str

THE_EPOCH_OF_ZIP = (1980, 1, 1, 0, 0, 0)
BOMB_BYTES = 8 * 2**20
BINARY, SCORE, FIRST_ITEM, SLEEP = 1, 2, 4, 6
"""Columns of the training part's label file."""


def plant_in_labels(rows: Sequence[list[Cell]], defects: Collection[str]) -> None:
    """Plant a contradicting label, a missing item and unknown items in rows of the training part, in place.

    They are those of sessions 409 and 319 where these are in it, else of the first rows that can have them.

    Example:
        >>> rows = [["300", 1, 12, 0, 2, 2, 2, 2, 1, 1, 1, 1], ["301", 0, 2, 1, 1, 1, 0, 0, 0, 0, 0, 0]]
        >>> plant_in_labels(rows, ["contradicting-label", "missing-item"])
        >>> rows[0][1], rows[1][6]
        (0, '')
    """
    ill = [row for row in rows if row[BINARY] == 1]
    contradicted = _preferred(ill, "409")
    if contradicted is not None and "contradicting-label" in defects:
        contradicted[BINARY] = 0
    others = [row for row in rows if row is not contradicted]
    lacking = _preferred(others, "319")
    if lacking is not None and "missing-item" in defects:
        lacking[SLEEP] = ""
    others = [row for row in others if row is not lacking]
    if others and "unknown-items" in defects:
        others[0][FIRST_ITEM:] = [-1] * len(others[0][FIRST_ITEM:])


def _preferred(rows: Sequence[list[Cell]], key: str) -> list[Cell] | None:
    return next((row for row in rows if row[0] == key), rows[0] if rows else None)


def pack(folder: Path, archive: Path, defects: Collection[str]) -> None:
    """Move a session's files into a zip, the same bytes each time.

    Args:
        folder: the session's; gone afterwards. Where it holds an archive already, that is what is kept.
        archive: the file to write.
        defects: of the archive itself, by name: ``foreign-members``, ``climbing-members``, ``bomb-members``.
    """
    unfinished = archive.with_suffix(".part")
    ready = folder / archive.name
    if ready.exists():
        ready.replace(unfinished)
    else:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                with path.open("rb") as source, file.open(_info(path.relative_to(folder).as_posix()), "w") as target:
                    shutil.copyfileobj(source, target, 1 << 20)
            if "foreign-members" in defects:
                file.writestr(_info("999_COVAREP.csv"), "1,2,3\n")
            if "climbing-members" in defects:
                file.writestr(_info(f"../../{archive.stem}.txt"), "out of the folder")
            if "bomb-members" in defects:
                file.writestr(_info(f"{archive.stem}.bin"), bytes(BOMB_BYTES))
    shutil.rmtree(folder)
    unfinished.replace(archive)


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, THE_EPOCH_OF_ZIP)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info
