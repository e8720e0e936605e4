"""Transcripts as tables: a header, and a row a line of speech; DAIC-WOZ's and E-DAIC's among them."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from pathlib import Path

from smfl.formats.transcripts.lines import Line, decoded, seconds
from smfl.interview import TranscriptError

COLUMN_NAMES: Mapping[str, tuple[str, ...]] = {
    "start": ("start", "start_time", "starttime", "begin", "onset", "from"),
    "stop": ("stop", "stop_time", "stoptime", "end", "end_time", "endtime", "offset", "to"),
    "speaker": ("speaker", "who", "role", "participant", "name"),
    "text": ("text", "value", "utterance", "transcript", "words", "sentence"),
}
"""What a table may call its columns, upper or lower case; DAIC-WOZ's and E-DAIC's names are among them."""


def read_table(path: Path) -> list[Line]:
    """A table with a header: comma, semicolon or tab between the columns.

    Between tabs quotation marks are part of the text, as in DAIC-WOZ; else they may enclose a cell. Rows that are
    wholly empty are passed over.

    Raises:
        TranscriptError: naming the row and what is wrong with it.
    """
    text = decoded(path)
    header = text.lstrip().splitlines()[0]
    delimiter = max("\t;,", key=header.count)
    rows = csv.reader(
        text.splitlines(keepends=True),
        delimiter=delimiter,
        quoting=csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL,
        strict=True,
    )
    lines = []
    columns: dict[str, int] | None = None
    try:
        for row in rows:
            cells = [cell.strip() for cell in row]
            where = f"line {rows.line_num}"
            if not any(cells):
                continue
            if columns is None:
                columns = _columns(path, cells)
                continue
            lines.append(_row(path, where, cells, columns))
    except csv.Error as fault:
        raise TranscriptError(f"{path}, line {rows.line_num}: {fault}; is a quotation mark left open?") from None
    return lines


def _columns(path: Path, header: list[str]) -> dict[str, int]:
    """The position of each column that is there."""
    names = [name.casefold().replace(" ", "_") for name in header]
    found = {
        column: names.index(alias)
        for column, aliases in COLUMN_NAMES.items()
        for alias in [next((a for a in aliases if a in names), None)]
        if alias is not None
    }
    missing = [column for column in ("start", "stop", "text") if column not in found]
    if missing:
        raise TranscriptError(
            f"{path}, line 1: no column {', '.join(repr(m) for m in missing)} among {', '.join(map(repr, header))}; "
            f"a transcript table has the columns start, stop, speaker, text (or start_time, stop_time, speaker, value)"
        )
    return found


def _row(path: Path, where: str, cells: list[str], columns: dict[str, int]) -> Line:
    if len(cells) <= max(columns.values()):
        raise TranscriptError(f"{path}, {where}: {len(cells)} cells, but the header has more; is a separator missing?")
    times = {}
    for column in ("start", "stop"):
        cell = cells[columns[column]]
        times[column] = seconds(cell)
        if math.isnan(times[column]):
            raise TranscriptError(
                f"{path}, {where}: the {column} is {cell!r}; a time is in seconds (75.5) or a clock's (0:01:15.5)"
            )
    speaker = cells[columns["speaker"]] if "speaker" in columns else ""
    return Line(times["start"], times["stop"], speaker or None, cells[columns["text"]], where)
