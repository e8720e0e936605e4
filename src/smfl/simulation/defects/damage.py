"""How files of real corpora are damaged: what simulators do to theirs when defects are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def cut_short(path: Path, share: float = 0.5) -> None:
    """A copy that broke off: the header stays, the rest is cut."""
    data = path.read_bytes()
    path.write_bytes(data[: max(48, int(len(data) * share))])


def unreadable(path: Path) -> None:
    """A file that holds something else."""
    path.write_bytes(b"\0" * 4096)


def second_face(path: Path) -> None:
    """OpenFace followed a second face now and then: a row of its own for the same frame, with another ``face_id``."""
    lines = path.read_text(encoding="utf-8").splitlines()
    separator = ", " if ", " in lines[0] else ","
    place = lines[0].split(separator).index("face_id")
    out = []
    for number, line in enumerate(lines):
        out.append(line)
        if number and number % 4 == 0:
            cells = line.split(separator)
            cells[place] = "1"
            out.append(separator.join(cells))
    path.write_text("\n".join(out) + "\n", encoding="utf-8")


def stale_frames(path: Path, first: int, last: int) -> None:
    """Frames that failed and kept the values of the frame before: ``success`` 0 beside numbers that look good."""
    lines = path.read_text(encoding="utf-8").splitlines()
    separator = ", " if ", " in lines[0] else ","
    header = lines[0].split(separator)
    kept = lines[first].split(separator)
    for number in range(first + 1, last + 1):
        cells = lines[number].split(separator)
        stale = [
            cell if name in ("frame", "face_id", "timestamp") else old
            for name, cell, old in zip(header, cells, kept, strict=True)
        ]
        stale[header.index("success")] = "0"
        lines[number] = separator.join(stale)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def drop_rows(path: Path, every: int) -> None:
    """A frame rate that varies: every so-manieth row isn't there; the time stamps of the others stay."""
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = [line for number, line in enumerate(lines) if not number or number % every]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")


def edit_sheet(path: Path, cells: Mapping[tuple[str, str], object], key: str | None = None) -> None:
    """Change cells of a workbook's first sheet, by the text of the row's first cell and the column's name."""
    import openpyxl

    book = openpyxl.load_workbook(path)
    page = book.active
    header = [cell.value for cell in page[1]]
    rows = {str(row[0].value): row for row in page.iter_rows(min_row=2)}
    for (row, column), value in cells.items():
        rows[row][header.index(column)].value = value
    book.save(path)
