"""Small tables of words, read so that every fault can be named by file, row and column.

For tables of measurements, which are large and hold only numbers, see `smfl.formats.numeric_tables`.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from smfl.formats.archives import File, opened
from smfl.interview import Problems

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells by column, stripped of surrounding space, and what is wrong with the row as such.

    ``number`` counts as a spreadsheet does: the header is row 1.
    """

    file: str
    number: int
    cells: Mapping[str, str]
    faults: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """File and row, for messages."""
        return f"{self.file}, row {self.number}"


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its columns in order, the rows that hold anything, and how many hold nothing."""

    file: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    blank: int = 0


def read_table(
    path: File,
    *,
    required: Sequence[str],
    delimiter: str = ",",
    quoted: bool = True,
    last_may_lack: bool = False,
    name: str | None = None,
) -> Table:
    """Read a table with a header.

    Faults of one row (too few cells, bytes that aren't UTF-8) are kept with the row; what makes the whole table
    unreadable is raised, all of it at once. Rows without any text are left out.

    Args:
        path: the file.
        required: columns that must be there, spelt as here.
        delimiter: between cells.
        quoted: whether ``"`` quotes a cell; where False a quote is a character like any other.
        last_may_lack: whether a row may end before the last column, whose cell is empty then.
        name: how messages call the file; its own name by default.

    Raises:
        Problems: where the file isn't there, has no header, lacks a required column, names a column twice or
            breaks off inside a quoted cell.
    """
    file = name or path.name
    lines, blank = _records(_decode(path, file), file, delimiter, quoted)
    header = [_printable(cell.strip()) for cell in lines[0][1]]
    problems = [
        f"{file}: no column {column!r} in its header" + _hint(header, column)
        for column in required
        if column not in header
    ]
    problems += [
        f"{file}: two columns named {column!r}" for column in sorted({c for c in header if header.count(c) > 1 and c})
    ]
    if problems:
        raise Problems(str(path), problems)
    least = len(header) - 1 if last_may_lack else len(header)
    rows = tuple(_row(file, number, header, cells, least) for number, cells in lines[1:])
    return Table(file, tuple(column for column in header if column), rows, blank)


def _decode(path: File, file: str) -> str:
    folder = str(path.parent if isinstance(path, Path) else path.archive)
    try:
        with opened(path) as stream:
            data = stream.read()
    except Problems as fault:
        raise Problems(folder, [problem.replace(path.name, file, 1) for problem in fault.problems]) from None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Problems(folder, [f"{file}: is UTF-16; save it as UTF-8"])
    return data.decode("utf-8-sig", errors="surrogateescape")


def _records(text: str, file: str, delimiter: str, quoted: bool) -> tuple[list[tuple[int, list[str]]], int]:
    """The non-blank records with their row numbers, and how many are blank."""
    lines = io.StringIO(text, newline="")
    if quoted:
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
    else:
        reader = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    records, number = [], 0
    try:
        for number, cells in enumerate(reader, start=1):
            if any(cell.strip() for cell in cells):
                records.append((number, cells))
    except csv.Error as fault:
        raise Problems(file, [f"{file}, row {number + 1}: a quote is out of place ({fault})"]) from None
    if not records:
        raise Problems(file, [f"{file}: is empty; expected a header and a row an interview or stretch of speech"])
    return records, number - len(records)


def _hint(header: Sequence[str], column: str) -> str:
    for wrong, word in ((";", "semicolons"), ("\t", "tabs"), (",", "commas")):
        if len(header) == 1 and wrong in header[0]:
            return f"; its cells are separated by {word}"
    alike = [other for other in header if other.casefold() == column.casefold()]
    if alike:
        return f"; there is {alike[0]!r}: spell it as {column!r}"
    return f"; it has {', '.join(repr(other) for other in header[:8])}"


def _row(file: str, number: int, header: Sequence[str], cells: Sequence[str], least: int) -> Row:
    faults = []
    if len(cells) < least or any(cell.strip() for cell in cells[len(header) :]):
        faults.append(f"{file}, row {number}: {len(cells)} cells; expected {len(header)}, one a column")
    named = {}
    for column, cell in zip_longest(header, cells[: len(header)], fillvalue=""):
        text = _printable(cell.strip())
        if _REPLACEMENT in text and _REPLACEMENT not in cell:
            faults.append(
                f"{file}, row {number}, column {column!r}: {text!r}; expected UTF-8 (not so at {_REPLACEMENT})"
            )
        if column:
            named[column] = text
    return Row(file, number, named, tuple(faults))


def _printable(text: str) -> str:
    """The same text, with a replacement character for each byte that wasn't UTF-8."""
    if text.isascii() or not any("\udc80" <= letter <= "\udcff" for letter in text):
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


class Check:
    """Reads the cells of one row, and collects what is wrong with them instead of stopping at the first fault.

    Example:
        >>> check = Check(Row("interviews.csv", 3, {"age": "young", "gender": "female"}))
        >>> check.number("age", "years, 0 to 130", high=130.0), check.word("gender", ("female", "male"))
        (None, 'female')
        >>> check.faults
        ["interviews.csv, row 3, column 'age': 'young'; expected years, 0 to 130"]
    """

    def __init__(self, row: Row) -> None:
        self.row = row
        self.faults = list(row.faults)

    def text(self, column: str) -> str:
        """The cell's text; empty where missing."""
        return self.row.cells.get(column, "")

    def fault(self, column: str, expected: str) -> None:
        """Note that this cell isn't what was expected."""
        self.faults.append(f"{self.row.place}, column {column!r}: {self.text(column)!r}; expected {expected}")

    def number(self, column: str, expected: str, *, low: float = 0.0, high: float = math.inf) -> float | None:
        """The cell's number within ``low`` to ``high``; None where missing or at fault."""
        text = self.text(column)
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and low <= value <= high and "_" not in text):
            self.fault(column, expected)
            return None
        return value

    def word(self, column: str, valid: Sequence[str]) -> str | None:
        """The cell's word, one of ``valid`` whatever its case; None where missing or at fault."""
        text = self.text(column)
        if not text or text.casefold() in valid:
            return text.casefold() or None
        self.fault(column, f"one of {', '.join(valid)}, or nothing")
        return None
