"""Large comma-separated tables of numbers, read fast, and the place of what isn't a number.

Trackers write a missing value in many ways: ``nan``, nothing at all, or what a C runtime prints for it (``-1.#IND``,
``1.#QNAN``, ``-nan(ind)``). All become ``nan``, and the row is kept: dropping it would shift every later time stamp.
"""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from smfl.corpora.archives import File, Member, opened
from smfl.interview import FeatureError, Problems

MISSING = (
    "",
    *("nan", "NaN", "NAN", "-nan", "-NaN", "+nan"),
    *("-1.#IND", "1.#IND", "-1.#IND00", "1.#IND00", "-1.#IND000", "-1.#IND0000"),
    *("1.#QNAN", "-1.#QNAN", "1.#QNAN0", "-1.#QNAN0", "1.#QNAN00", "-1.#QNAN00"),
    *("nan(ind)", "-nan(ind)", "nan(snan)", "-nan(snan)"),
)
"""How C runtimes, MATLAB and NumPy write a value that isn't one."""

INFINITE = ("1.#INF", "-1.#INF", "1.#INF00", "-1.#INF00")
"""How Microsoft's C runtime writes infinity; every other ``inf`` is understood as a number."""

_SPELLINGS = [space + token for token in (*MISSING, *INFINITE) for space in ("", " ")]
_NOT_NUMBERS = frozenset((*MISSING, *INFINITE))
_SHOWN = 5
_TAIL_BYTES = 1 << 16
_BLOCK_BYTES = 1 << 22
"""Parsed at once; a table of 200 columns is read faster in blocks of some thousand rows than of hundreds."""

Columns = dict[str, npt.NDArray[np.floating[Any]]]


def first_line(path: File) -> str:
    """The first line, without its end; empty where the file is."""
    with opened(path) as file:
        return file.readline().decode("utf-8-sig", errors="replace").strip("\r\n")


def first_cells(path: File, delimiter: str = ",") -> tuple[str, ...]:
    """The cells of the first line, stripped: the header where there is one; none where the file is empty."""
    line = first_line(path)
    return tuple(cell.strip().strip('"') for cell in line.split(delimiter)) if line.strip() else ()


def is_cut_off(path: File, width: int) -> bool:
    """Whether the last row has fewer cells than ``width``: the copy was broken off. Reads the end of the file only.

    A member of an archive has a checksum for that, and isn't unpacked to its end.
    """
    if isinstance(path, Member):
        return False
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL_BYTES))
        lines = file.read().splitlines()
    last = next((line for line in reversed(lines) if line.strip()), b"")
    return last.count(b",") + 1 < width


def read_columns(
    path: File,
    names: Sequence[str],
    *,
    header: bool,
    wanted: Sequence[str] | None = None,
    exact: Sequence[str] = (),
    infinite_is_missing: bool = False,
    name: str | None = None,
    delimiter: str = ",",
) -> Columns:
    """Read numeric columns of a comma-separated file, with or without spaces after the commas.

    Args:
        path: the file, UTF-8; a member of an archive is streamed.
        names: its columns, all of them in order.
        header: whether the first line holds names instead of numbers.
        wanted: columns to read; all by default.
        exact: columns to keep in float64, such as time stamps; the others are float32.
        infinite_is_missing: whether an infinite value becomes ``nan``; else it is a fault.
        name: how messages call the file.
        delimiter: between cells.

    Returns:
        arrays [rows] by column, ``nan`` where missing.

    Raises:
        Problems: naming the first rows and columns that don't hold a number, or rows of another width.
    """
    import pyarrow as pa
    import pyarrow.csv as arrow

    wanted = tuple(names if wanted is None else wanted)
    kinds = {column: pa.float64() if column in exact else pa.float32() for column in wanted}
    try:
        with opened(path) as stream:
            table = arrow.read_csv(
                path if isinstance(path, Path) else stream,
                read_options=arrow.ReadOptions(
                    column_names=list(names), skip_rows=int(header), block_size=_BLOCK_BYTES
                ),
                parse_options=arrow.ParseOptions(delimiter=delimiter),
                convert_options=arrow.ConvertOptions(
                    column_types=kinds, include_columns=list(wanted), null_values=_SPELLINGS, check_utf8=False
                ),
            )
        columns = {column: table.column(column).to_numpy() for column in wanted}
    except pa.ArrowInvalid:
        columns = _read_slowly(path, names, header, wanted, exact, name or path.name, delimiter)
    for column, values in columns.items():
        infinite = np.isinf(values)
        if not infinite.any():
            continue
        if not infinite_is_missing:
            row = int(np.argmax(infinite)) + 1 + int(header)
            raise FeatureError(
                f"{name or path.name}, row {row}, column {column!r}: {values[infinite][0]}; "
                "expected a finite number, or nan where missing"
            )
        columns[column] = np.where(infinite, np.nan, values).astype(values.dtype, copy=False)
    return columns


def stacked(columns: Mapping[str, npt.NDArray[np.floating[Any]]], names: Sequence[str]) -> npt.NDArray[np.float32]:
    """These columns side by side: float32 [rows, len(names)]."""
    rows = len(next(iter(columns.values())))
    out = np.empty((rows, len(names)), dtype=np.float32)
    for position, column in enumerate(names):
        out[:, position] = columns[column]
    return out


def _read_slowly(
    path: File,
    names: Sequence[str],
    header: bool,
    wanted: Sequence[str],
    exact: Sequence[str],
    file: str,
    delimiter: str,
) -> Columns:
    """Cell by cell: for the place of the faults, and for spellings of numbers that only Python reads."""
    problems: list[str] = []
    rows: list[list[float]] = []
    with opened(path) as raw:
        stream = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace", newline="")
        for number, cells in enumerate(csv.reader(stream, delimiter=delimiter), start=1):
            if (number == 1 and header) or not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(names):
                problems.append(f"{file}, row {number}: {len(cells)} cells; expected {len(names)}, one a column")
                continue
            values = [_number(cell.strip()) for cell in cells]
            problems += [
                f"{file}, row {number}, column {column!r}: {cell.strip()!r}; expected a number, or nan where missing"
                for column, cell, value in zip(names, cells, values, strict=True)
                if value is None and column in wanted
            ]
            rows.append([math.nan if value is None else value for value in values])
    if problems:
        more = [f"… and {len(problems) - _SHOWN} more in {file}"] if len(problems) > _SHOWN else []
        raise Problems(file, problems[:_SHOWN] + more)
    table = np.array(rows, dtype=np.float64).reshape(len(rows), len(names))
    return {
        column: table[:, list(names).index(column)].astype(np.float64 if column in exact else np.float32)
        for column in wanted
    }


def _number(cell: str) -> float | None:
    if cell in _NOT_NUMBERS:
        return math.nan
    try:
        return float(cell)
    except ValueError:
        return None
