"""Large comma-separated tables of numbers, read fast, and the place of what isn't a number.

Trackers write a missing value in many ways: ``nan``, nothing at all, or what a C runtime prints for it (``-1.#IND``,
``1.#QNAN``, ``-nan(ind)``). All become ``nan``, and the row is kept: dropping it would shift every later time stamp.
"""

from __future__ import annotations

import csv
import io
import math
import os
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from smfl.formats.archives import File, Member, opened
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

_NOT_NUMBERS = frozenset((*MISSING, *INFINITE))
_SHOWN = 5
_TAIL_BYTES = 1 << 16

Columns = Mapping[str, npt.NDArray[np.floating[Any]]]
"""Arrays [rows] by name."""


@dataclass(frozen=True, eq=False)
class Table(Columns):
    """Columns of numbers by name: float32 side by side in one array, float64 in another.

    Args:
        names: all columns, in the order in which they were asked for.
        single: names of those in float32.
        block: these, float32 [rows, single].
        double: names of those in float64.
        instants: these, float64 [rows, double].

    Example:
        >>> table = Table(("t", "x"), ("x",), np.ones((2, 1), "f4"), ("t",), np.array([[0.1], [0.2]]))
        >>> list(table), table["t"].tolist(), table["x"].dtype.name
        (['t', 'x'], [0.1, 0.2], 'float32')
    """

    names: tuple[str, ...]
    single: tuple[str, ...]
    block: npt.NDArray[np.float32]
    double: tuple[str, ...]
    instants: npt.NDArray[np.float64]

    @cached_property
    def _places(self) -> dict[str, tuple[npt.NDArray[np.floating[Any]], int]]:
        places: dict[str, tuple[npt.NDArray[np.floating[Any]], int]] = {}
        for names, array_ in ((self.single, self.block), (self.double, self.instants)):
            places |= {name: (array_, column) for column, name in enumerate(names)}
        return places

    def __getitem__(self, name: str) -> npt.NDArray[np.floating[Any]]:
        values, column = self._places[name]
        return values[:, column]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def side_by_side(self, names: Sequence[str]) -> npt.NDArray[np.float32] | None:
        """These columns as the part of ``block`` that they are, not a copy; None where they aren't one part."""
        first = self._places[names[0]][1] if names and names[0] in self.single else -1
        if first < 0 or tuple(names) != self.single[first : first + len(names)]:
            return None
        return self.block[:, first : first + len(names)]


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
) -> Table:
    """Read numeric columns of a comma-separated file, with or without spaces after the commas.

    There are two ways with one result. Arrow reads what is written plainly. Where it finds anything else, the file is
    read cell by cell, which finds all faults and their places.

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
        arrays [rows] by column, ``nan`` where missing: ``float(cell)`` in float64, in float32 rounded once more.

    Raises:
        Problems: naming the first rows and columns that don't hold a number, or rows of another width.
    """
    wanted = tuple(names if wanted is None else wanted)
    file = name or path.name
    table = _read_by_arrow(path, names, header, wanted, exact, delimiter)
    if table is None:
        table = _read_by_cell(path, names, header, wanted, exact, file, delimiter)
    _judge_infinite(table, file, header, missing=infinite_is_missing)
    return table


def stacked(columns: Columns, names: Sequence[str]) -> npt.NDArray[np.float32]:
    """These columns side by side: float32 [rows, len(names)].

    Of a `Table` that holds them side by side it is that part, which whoever writes into it changes in the table too.
    """
    if isinstance(columns, Table) and (part := columns.side_by_side(names)) is not None:
        return part
    rows = len(next(iter(columns.values())))
    out = np.empty((rows, len(names)), dtype=np.float32)
    for position, column in enumerate(names):
        out[:, position] = columns[column]
    return out


def _judge_infinite(table: Table, file: str, header: bool, *, missing: bool) -> None:
    """Make infinite values missing, or refuse the first of them."""
    for column, values in table.items():
        infinite = np.isinf(values)
        if infinite.any() and not missing:
            row = int(np.argmax(infinite)) + 1 + int(header)
            raise FeatureError(
                f"{file}, row {row}, column {column!r}: {values[infinite][0]}; "
                "expected a finite number, or nan where missing"
            )
        values[infinite] = np.nan


def _read_by_arrow(
    path: File,
    names: Sequence[str],
    header: bool,
    wanted: Sequence[str],
    exact: Sequence[str],
    delimiter: str,
) -> Table | None:
    """By Arrow, which rounds correctly, as Python does; None where a cell or a row isn't as it should be."""
    import pyarrow as pa
    from pyarrow import compute
    from pyarrow import csv as arrow

    keys = [str(position) for position in range(len(names))]  # a file's names need not be unique
    places = {name: keys[list(names).index(name)] for name in wanted}
    if header and not first_cells(path, delimiter):
        return None  # Arrow passes over an empty line, and would take the first row for the header
    with opened(path) as stream:
        try:
            found = arrow.read_csv(
                stream,
                arrow.ReadOptions(column_names=keys, skip_rows_after_names=int(header)),
                arrow.ParseOptions(delimiter=delimiter, newlines_in_values=True),  # else a quote left open loses rows
                arrow.ConvertOptions(
                    column_types=dict.fromkeys(places.values(), pa.float64()),
                    include_columns=list(places.values()),
                    null_values=[space + text for text in _NOT_NUMBERS for space in ("", " ")],
                ),
            )
        except pa.ArrowInvalid:
            return None
    if any(compute.any(compute.is_nan(column)).as_py() for column in found.itercolumns()):
        return None  # a nan of a spelling that only Arrow knows, such as nan(x)
    single, double = _kinds(wanted, exact)
    block, instants = np.empty((len(found), len(single)), np.float32), np.empty((len(found), len(double)))
    with np.errstate(over="ignore"):
        for array_, kept in ((block, single), (instants, double)):
            for position, name in enumerate(kept):
                array_[:, position] = found.column(places[name]).to_numpy()
    return Table(tuple(wanted), single, block, double, instants)


def _read_by_cell(
    path: File,
    names: Sequence[str],
    header: bool,
    wanted: Sequence[str],
    exact: Sequence[str],
    file: str,
    delimiter: str,
) -> Table:
    """Cell by cell: for the place of the faults, and for what only Python's `csv` reads."""
    problems, wrong = list[str](), 0
    places = sorted((list(names).index(name), name) for name in wanted)
    values = array("d")
    with opened(path) as raw:
        stream = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace", newline="")
        for number, cells in enumerate(csv.reader(stream, delimiter=delimiter), start=1):
            empty = not cells or (len(cells) == 1 < len(names) and not cells[0].strip())
            if empty or (number == 1 and header):
                continue
            if len(cells) != len(names):
                faults = [f"{file}, row {number}: {len(cells)} cells; expected {len(names)}, one a column"]
            else:
                row = [(name, cell := cells[place].strip(), _number(cell)) for place, name in places]
                values.extend(math.nan if value is None else value for _, _, value in row)
                faults = [
                    f"{file}, row {number}, column {name!r}: {cell!r}; expected a number, or nan where missing"
                    for name, cell, value in row
                    if value is None
                ]
            wrong += len(faults)
            problems += faults[: _SHOWN - len(problems)]
    if problems:
        more = [f"… and {wrong - _SHOWN} more in {file}"] if wrong > _SHOWN else []
        raise Problems(file, problems + more)
    columns = {name: column for column, (_, name) in enumerate(places)}
    table = np.frombuffer(values, dtype=np.float64).reshape(-1, len(columns)) if values else np.empty((0, len(columns)))
    single, double = _kinds(wanted, exact)
    with np.errstate(over="ignore"):
        block = table[:, [columns[name] for name in single]].astype(np.float32)
    return Table(tuple(wanted), single, block, double, table[:, [columns[name] for name in double]])


def _kinds(wanted: Sequence[str], exact: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which columns are kept in float32, and which in float64."""
    return tuple(name for name in wanted if name not in exact), tuple(name for name in wanted if name in exact)


def _number(cell: str) -> float | None:
    if cell in _NOT_NUMBERS:
        return math.nan
    try:
        return float(cell)
    except ValueError:
        return None
