"""Tables of numbers, read in pieces of whole lines, several pieces at a time, straight into arrays.

One thread reads (or unpacks) and cuts the bytes at line ends; others turn pieces into numbers, for which the compiled
code (`kernel`) needs no lock. Only the pieces in hand and the numbers are in memory, never the file.

It reads what is written plainly: rows of as many cells as there are columns, in each wanted one a number as Python
reads it, or a known spelling of none. Of anything else it says only that it can't: what is wrong, and where, is found
by whoever reads slowly.
"""

from __future__ import annotations

import csv
import os
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import BinaryIO, TypeVar

import numpy as np
import numpy.typing as npt

PIECE_BYTES = 1 << 20
"""Read and parsed at once: stays in a processor's cache; no line may be longer."""

MOST_THREADS = 4
_ODD_CELLS = 4096
_GROWTH = 1.05
"""Rows made room for, more than the first piece makes expect."""
_Float = TypeVar("_Float", np.float32, np.float64)
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table lies in its file, and what is wanted of it.

    Args:
        names: its columns in order.
        single: those to keep in float32.
        double: those to keep in float64.
        header: whether the first line is left out.
        delimiter: between cells.
        spellings: what isn't a number and means one all the same, or none (``nan``).
        number: reads one cell without the spaces around it; None where it can't.
    """

    names: tuple[str, ...]
    single: tuple[str, ...]
    double: tuple[str, ...]
    header: bool
    delimiter: str
    spellings: Mapping[str, float]
    number: Callable[[str], float | None]


@dataclass(frozen=True, slots=True)
class Numbers:
    """A table that was read.

    Args:
        single: float32 [rows, columns], row by row.
        double: float64 [rows, columns].
        infinite: whether a value is infinite.
    """

    single: npt.NDArray[np.float32]
    double: npt.NDArray[np.float64]
    infinite: bool


def read_numbers(stream: BinaryIO, size: int, layout: Layout) -> Numbers | None:
    r"""Read a table.

    A value is the double nearest to what is written, in float32 rounded once more: ``np.float32(float(cell))``, to the
    bit.

    Args:
        stream: the file's bytes.
        size: how many there are, about; too small or large a number costs time, nothing else.
        layout: of the table.

    Returns:
        The numbers, or None where something in the table isn't understood.

    Example:
        >>> import io
        >>> layout = Layout(("t", "x"), ("x",), ("t",), True, ",", {"-1.#IND": float("nan")}, float)
        >>> numbers = read_numbers(io.BytesIO(b"t, x\n0.1, 2e-3\n0.2, -1.#IND\n"), 30, layout)
        >>> numbers.double.tolist(), numbers.single.tolist()
        ([[0.1], [0.2]], [[0.0020000000949949026], [nan]])
        >>> read_numbers(io.BytesIO(b"t, x\n0.1, 2, 3\n"), 15, layout) is None
        True
    """
    times = Counter(layout.names)
    if len(layout.delimiter.encode()) != 1 or any(times[name] != 1 for name in (*layout.single, *layout.double)):
        return None
    return _Reading(layout, size).run(stream)


def _threads() -> int:
    able = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(able, MOST_THREADS)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Whole lines, ``buffer[begin:stop]``; in all ``lines`` newlines, some of them perhaps of empty lines."""

    buffer: bytearray
    begin: int
    stop: int
    lines: int


@dataclass(frozen=True, slots=True)
class _Done:
    """What came of a piece: it begins at this row of the arrays, and has so many."""

    first: int
    rows: int
    infinite: bool
    buffer: bytearray


class _Reading:
    """One table that is being read."""

    def __init__(self, layout: Layout, size: int) -> None:
        from smfl.formats.decimals import kernel

        self._kernel = kernel
        self._layout, self._size = layout, size
        self._slots = _slots(layout, kernel.SKIPPED, kernel.FIRST_EXACT)
        self._spellings = _spellings(layout.spellings)
        self._single = np.empty((0, len(layout.single)), dtype=np.float32)
        self._double = np.empty((0, len(layout.double)), dtype=np.float64)
        self._free: list[bytearray] = []

    def run(self, stream: BinaryIO) -> Numbers | None:
        """All pieces, in order; None as soon as one isn't understood."""
        threads, row = _threads(), 0
        waiting: deque[Future[_Done | None]] = deque()
        done: list[_Done] = []

        def collected(most: int) -> bool:
            """Wait until at most so many pieces are in hand; whether all others were understood."""
            while len(waiting) > most:
                one = waiting.popleft().result()
                if one is None:
                    return False
                done.append(one)
                self._free.append(one.buffer)
            return True

        with ThreadPoolExecutor(threads) as pool:
            for piece in self._pieces(stream):
                if piece is None:
                    return None
                if row + piece.lines > len(self._single):
                    if not collected(0):
                        return None
                    self._make_room(row, piece)
                waiting.append(pool.submit(self._parse, piece, row))
                row += piece.lines
                if not collected(threads):
                    return None
            if not collected(0):
                return None
        return Numbers(_joined(self._single, done), _joined(self._double, done), any(one.infinite for one in done))

    def _pieces(self, stream: BinaryIO) -> Iterator[_Piece | None]:
        """The file in pieces of whole lines; None for what can't be cut into them."""
        carried, begin, first, more = b"", 0, True, True
        padding = self._kernel.PADDING
        while more:
            buffer = self._free.pop() if self._free else bytearray(PIECE_BYTES + padding)
            buffer[: len(carried)] = carried
            filled = len(carried) + _fill(stream, memoryview(buffer)[len(carried) : -padding])
            more = filled == PIECE_BYTES
            if not more and filled and not buffer.endswith(b"\n", 0, filled):
                buffer[filled : filled + 1] = b"\n"
                filled += 1
            stop = buffer.rfind(b"\n", 0, filled) + 1 if more else filled
            begin = _first_row(buffer, stop, self._layout) if first else 0
            if begin < 0 or (more and not stop):
                yield None
                return
            carried, first = bytes(buffer[stop:filled]), False
            yield _Piece(
                buffer, begin, stop, self._kernel.count_lines(np.frombuffer(buffer, dtype=np.uint8), begin, stop)
            )

    def _make_room(self, row: int, piece: _Piece) -> None:
        """Larger arrays, once no thread writes into these; a page that no row reaches takes no memory."""
        expected = int(self._size * piece.lines / max(1, piece.stop - piece.begin) * _GROWTH)
        rows = max(row + piece.lines, expected if not row else int(row * _GROWTH) + piece.lines)
        for name in ("_single", "_double"):
            old = getattr(self, name)
            new = np.empty((rows, old.shape[1]), dtype=old.dtype)
            new[:row] = old[:row]
            setattr(self, name, new)

    def _parse(self, piece: _Piece, first: int) -> _Done | None:
        kernel, number = self._kernel, self._layout.number
        single, double = self._single, self._double
        odd = np.empty((max(_ODD_CELLS, len(self._slots)), kernel.ODD_FIELDS), dtype=np.int64)
        buffer = np.frombuffer(piece.buffer, dtype=np.uint8)
        at, row, infinite, state = piece.begin, first, False, kernel.FULL
        while state == kernel.FULL:
            at, row, told, also, state = kernel.scan(
                buffer, at, piece.stop, row, ord(self._layout.delimiter), self._slots, self._spellings,
                single, double, odd,
            )  # fmt: skip
            infinite |= also
            for place, slot, begin, stop in odd[:told].tolist():
                text = _unquoted(piece.buffer[begin:stop])
                value = None if text is None else number(text.strip())
                if value is None:
                    return None
                array, column = (single, slot) if slot >= 0 else (double, kernel.FIRST_EXACT - slot)
                with np.errstate(over="ignore"):
                    array[place, column] = value
                infinite |= bool(np.isinf(array[place, column]))
        return _Done(first, row - first, infinite, piece.buffer) if state == kernel.DONE else None


def _fill(stream: BinaryIO, room: memoryview) -> int:
    """Read until the room is full or the stream ends; how many bytes that were."""
    filled = 0
    while filled < len(room):
        count = stream.readinto(room[filled:])  # type: ignore[attr-defined]
        if not count:
            break
        filled += count
    return filled


def _first_row(buffer: bytearray, stop: int, layout: Layout) -> int:
    """Where the first row begins; -1 where the header isn't one plain line."""
    begin = len(_BOM) if buffer.startswith(_BOM) else 0
    if not layout.header:
        return min(begin, stop)
    after = buffer.find(b"\n", begin, stop) + 1
    line = bytes(buffer[begin:after]).removesuffix(b"\n").removesuffix(b"\r")
    if b"\r" in line:
        return -1
    rows = csv.reader([line.decode("utf-8", errors="replace"), ""], delimiter=layout.delimiter)
    next(rows)
    return after if rows.line_num == 1 else -1


def _unquoted(cell: bytearray) -> str | None:
    """A cell's text, its quotes taken off; None where there is only one of them."""
    if cell.startswith(b'"'):
        if len(cell) < 2 or not cell.endswith(b'"'):
            return None
        cell = cell[1:-1]
    return cell.decode("utf-8", errors="replace")


def _slots(layout: Layout, skipped: int, first_exact: int) -> npt.NDArray[np.int64]:
    places = {name: place for place, name in enumerate(layout.single)}
    places |= {name: first_exact - place for place, name in enumerate(layout.double)}
    return np.array([places.get(name, skipped) for name in layout.names], dtype=np.int64)


def _spellings(
    meanings: Mapping[str, float],
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """As bytes [spellings, longest], their lengths, and what they mean."""
    texts = [text.encode() for text in meanings]
    table = np.zeros((len(texts), max(map(len, texts), default=0)), dtype=np.uint8)
    for row, text in enumerate(texts):
        table[row, : len(text)] = list(text)
    return table, np.array([len(text) for text in texts], dtype=np.int64), np.array(list(meanings.values()), dtype="f8")


def _joined(array: npt.NDArray[_Float], done: Sequence[_Done]) -> npt.NDArray[_Float]:
    """The rows that were written: all side by side, unless lines were empty."""
    rows = sum(one.rows for one in done)
    if not done or done[-1].first + done[-1].rows == rows:
        return array[:rows]
    return np.concatenate([array[one.first : one.first + one.rows] for one in done])
