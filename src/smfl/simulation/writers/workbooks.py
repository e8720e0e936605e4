"""Workbooks as the corpora have them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def write_sheet(path: Path, sheet: str, rows: Sequence[Sequence[object]]) -> None:
    """Write rows as the only sheet of a workbook; the same rows give the same cells."""
    import openpyxl

    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    for row in rows:
        page.append(list(row))
    book.save(path)
