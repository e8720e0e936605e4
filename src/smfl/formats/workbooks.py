"""Workbooks (``.xlsx``) as tables of words, so that their faults are named by file, row and column like any table's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from smfl.formats.tables import Row, Table
from smfl.interview import Problems


def read_sheet(path: Path, *, required: Sequence[str], sheet: str | None = None) -> Table:
    """Read one sheet of a workbook.

    Columns without a name, and rows without any cell, are left out. Whole numbers lose their ``.0``.

    Args:
        path: the workbook.
        required: columns that must be there, spelt as here.
        sheet: which one; the first where None.

    Raises:
        Problems: where the file isn't there or isn't a workbook, or lacks the sheet or a column.
    """
    import zipfile

    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    where = str(path.parent)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except FileNotFoundError:
        raise Problems(where, [f"{path.name}: not there"]) from None
    except (zipfile.BadZipFile, InvalidFileException, KeyError, OSError) as fault:
        raise Problems(where, [f"{path.name}: not an .xlsx workbook ({fault}); save it as one"]) from None
    try:
        if sheet is not None and sheet not in book.sheetnames:
            raise Problems(where, [f"{path.name}: no sheet {sheet!r}; it has {', '.join(map(repr, book.sheetnames))}"])
        lines = list((book[sheet] if sheet is not None else book.worksheets[0]).iter_rows(values_only=True))
    finally:
        book.close()
    header = [_text(cell) for cell in lines[0]] if lines else []
    lacking = [f"{path.name}: no column {name!r} in its first row" for name in required if name not in header]
    if lacking:
        raise Problems(where, lacking)
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        cells = {name: _text(cell) for name, cell in zip(header, line, strict=False) if name}
        if any(cells.values()):
            rows.append(Row(path.name, number, dict.fromkeys(filter(None, header), "") | cells))
    return Table(path.name, tuple(filter(None, header)), tuple(rows))


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
