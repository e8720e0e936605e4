"""Rows of decimal numbers in bytes, turned into floats by compiled code: eight bytes at a time, a few branches a cell.

A run of digits is measured and summed up in one 64-bit word: how many of its eight bytes are digits shows in the
highest bits of the bytes after one addition, and three multiplications join neighbours to pairs, fours and the whole.
No step depends on how many digits there are, so that the processor never guesses wrong. (The idea: Lemire 2021, *Number
parsing at a gigabyte per second*, Software: Practice and Experience 51(8), 1700-1727, and what it cites.)

**Which values are exact.** A cell is an integer m, its digits, times a power of ten. Where m < 2^53 and the power is
within 10^22, both are floats without loss, and their one product or quotient is the nearest double (Clinger 1990). A
column of float32 bears more: m up to 2^64 gives a double that is wrong by less than 2 units in its last place, which
makes the right float32 unless it lies within `MARGIN` of the middle between two. Every other cell is left to Python.

Importing this module loads numba and, once on a machine, compiles for some seconds; then the code lies in a cache.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numba
import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

Bytes = npt.NDArray[np.uint8]
Spellings = tuple[Bytes, npt.NDArray[np.int64], npt.NDArray[np.float64]]
Compiled = Callable[..., Any]

PADDING = 16
"""Bytes that may be looked at after the last line of a buffer."""

SKIPPED = -1
"""The slot of a column that nobody wants; float32 columns are 0, 1, 2, …, float64 columns -2, -3, -4, …"""

FIRST_EXACT = -2
"""The slot of the first column in float64."""

DONE, FULL, UNKNOWN = 0, 1, 2
"""How a scan ended: at the end, with the list of odd cells full, at what isn't a row of so many cells."""

ODD_FIELDS = 4
"""What is told of an odd cell: its row, its slot, where it begins in the buffer and where it stops."""

MARGIN = 16
"""Units in a double's last place, more than the error of one that is made of 19 digits and an exact power of ten."""

_U = np.uint64
_ONE, _TEN, _WORD = _U(1), _U(10), _U(8)
_EACH = _U(0x0101010101010101)
"""One in each of eight bytes."""
_ZEROS, _HIGHEST = _EACH * _U(ord("0")), _EACH * _U(0x80)
_POINTS = _EACH * _U(ord("0") ^ ord("."))
_PAST_NINE = _EACH * _U(0x80 - 10)
"""Added to bytes less ``"0"``, sets the highest bit of those that aren't 0 to 9."""
_PRINTED = _EACH * _U(ord(" "))
_PAIRS = _U(0x000000FF000000FF)
_FIRST_PAIRS, _LAST_PAIRS = _U(100 + (1_000_000 << 32)), _U(1 + (10_000 << 32))
_BYTES, _HALF, _NIBBLE = _U(56), _U(32), _U(4)
_S8, _S16, _S24, _S40, _S48 = _U(8), _U(16), _U(24), _U(40), _U(48)

_SPACE, _TAB, _NEWLINE, _RETURN, _QUOTE = (np.uint8(ord(c)) for c in ' \t\n\r"')
_PLUS, _MINUS, _POINT, _SMALL_E, _LARGE_E = (np.uint8(ord(c)) for c in "+-.eE")

_POWERS = 10 ** np.arange(9, dtype=np.uint64)
_ROOM = (_U(2**64 - 1) - _POWERS + _ONE) // _POWERS
"""The largest integers that k more digits can be appended to within 64 bits."""
_LARGEST_POWER = 22
_TENS = 10.0 ** np.arange(_LARGEST_POWER + 1)
"""The powers of ten that are doubles without loss."""
_DIVISORS = np.array([*_TENS[:8], 1.0])
"""By how many of eight bytes follow the point; 8: there is no point."""
_EXACT = _U(2**53)
_LEAST, _MOST = 2.0**-120, 2.0**120
"""Between these a float32 is normal, with all its 24 bits."""
_CUT_BITS, _MIDDLE = _U(2**29 - 1), _U(2**28)
"""What a double has more than a float32, and the middle between two of these."""
_LONGEST_EXPONENT = 4

_inlined: Callable[[Compiled], Any] = numba.njit(nogil=True, boundscheck=False)
"""What `_scan` calls; compiled into it."""


@_inlined
def _eight(buffer: Bytes, at: np.uint64) -> np.uint64:
    """Eight bytes as one word, the first in the lowest bits: one load, once compiled."""
    return (
        _U(buffer[at])
        | (_U(buffer[at + _ONE]) << _S8)
        | (_U(buffer[at + _U(2)]) << _S16)
        | (_U(buffer[at + _U(3)]) << _S24)
        | (_U(buffer[at + _U(4)]) << _HALF)
        | (_U(buffer[at + _U(5)]) << _S40)
        | (_U(buffer[at + _U(6)]) << _S48)
        | (_U(buffer[at + _U(7)]) << _BYTES)
    )


def _zeros(instruction: str) -> Callable[[np.uint64], np.uint64]:
    """``cttz`` or ``ctlz``: how many zero bits lie below the lowest one, or above the highest; 64 if all are zero."""

    def typed(context: Any, word: Any) -> Any:
        def made(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return getattr(builder, instruction)(args[0], ir.Constant(ir.IntType(1), 0))

        return types.uint64(types.uint64), made

    return cast("Callable[[np.uint64], np.uint64]", intrinsic(typed))


_trailing_zeros, _leading_zeros = _zeros("cttz"), _zeros("ctlz")


@_inlined
def _before(marks: np.uint64) -> np.uint64:
    """How many bytes come before the first whose highest bit is set: 0 to 8; of the other bits none may be set."""
    return _trailing_zeros(marks) >> _U(3)


@_inlined
def _equal(word: np.uint64, wanted: np.uint64) -> np.uint64:
    """The highest bit of each byte that two words share: right up to the first, which is what counts."""
    other = word ^ wanted
    return (other - _EACH) & ~other & _HIGHEST


@_inlined
def _joined(digits: np.uint64) -> np.uint64:
    """The integer of eight digits, one a byte: neighbours are joined to pairs, these to fours, these to the whole."""
    pairs = digits * _TEN + (digits >> _S8)
    return ((pairs & _PAIRS) * _FIRST_PAIRS + ((pairs >> _S16) & _PAIRS) * _LAST_PAIRS) >> _HALF


@_inlined
def _value(word: np.uint64, count: np.uint64) -> Any:
    """The integer that the first ``count`` bytes of a word are the digits of, each less ``"0"``."""
    half = _HALF - _NIBBLE * count
    return _joined((word << half) << half)  # zeros come before the digits; a shift by 64 at once isn't defined


@_inlined
def _digits(buffer: Bytes, at: np.uint64) -> tuple[np.uint64, np.uint64]:
    """How many digits there are from here on, at most eight, and the integer that they write."""
    word = _eight(buffer, at) ^ _ZEROS
    count = _before(((word + _PAST_NINE) | word) & _HIGHEST)
    return count, _value(word, count)


@_inlined
def _run(buffer: Bytes, at: np.uint64, integer: np.uint64) -> tuple[Any, Any, Any]:
    """Append a run of digits, however long, to an integer: where it ends, the integer, whether 64 bits hold it."""
    fits = True
    while True:
        count, more = _digits(buffer, at)
        fits &= integer <= _ROOM[count]
        integer = integer * _POWERS[count] + more
        at += count
        if count < _WORD:
            return at, integer, fits


@_inlined
def _exponent(buffer: Bytes, at: np.uint64) -> tuple[Any, Any, Any]:
    """The signed integer after an ``e``: where it ends, the integer, whether there is one of a few digits."""
    c = buffer[at]
    if c in (_PLUS, _MINUS):
        at += _ONE
    count, size = _digits(buffer, at)
    good = _U(0) < count <= _LONGEST_EXPONENT
    return at + count, -np.int64(size) if c == _MINUS else np.int64(size), good


@_inlined
def _long(buffer: Bytes, at: np.uint64, exact: bool) -> tuple[Any, float, Any]:
    """A number without its sign, of any length, perhaps with an exponent: where it ends, what it is, whether sure."""
    begin = at
    at, integer, fits = _run(buffer, at, _U(0))
    digits, power = at - begin, np.int64(0)
    if buffer[at] == _POINT:
        begin = at + _ONE
        at, integer, also = _run(buffer, begin, integer)
        digits, power, fits = digits + at - begin, -np.int64(at - begin), fits and also
    if buffer[at] in (_SMALL_E, _LARGE_E):
        at, exponent, also = _exponent(buffer, at + _ONE)
        power, fits = power + exponent, fits and also
    if not fits or digits == _U(0) or power < -_LARGEST_POWER or power > _LARGEST_POWER:
        return at, 0.0, integer == _U(0) and fits and digits > _U(0)
    value = float(integer) * _TENS[power] if power >= 0 else float(integer) / _TENS[-power]
    if integer <= _EXACT:
        return at, value, True
    if exact or value < _LEAST or value > _MOST:
        return at, 0.0, False
    from_middle = np.int64(np.float64(value).view(np.uint64) & _CUT_BITS) - np.int64(_MIDDLE)
    return at, value, from_middle > MARGIN or from_middle < -MARGIN


@_inlined
def _short(buffer: Bytes, at: np.uint64, length: np.uint64) -> tuple[float, Any]:
    """A number of at most eight characters, digits and perhaps a point; and whether it is one."""
    word = (_eight(buffer, at) ^ _ZEROS) << ((_U(64) - _WORD * length) & _U(63))
    marks = _equal(word, _POINTS)
    point = marks & (~marks + _ONE)
    whole = word & ((point >> _U(7)) - _ONE)
    pointed = _U(point != _U(0))
    digits = (word & (~(point << _ONE) + _ONE)) | (whole << (pointed << _U(3)))
    value = float(np.int64(_joined(digits))) / _DIVISORS[_leading_zeros(point) >> _U(3)]
    good = (((digits + _PAST_NINE) | digits) & _HIGHEST) == _U(0)
    return value, good & (length > pointed) & (length <= _WORD)


@_inlined
def _cell_end(buffer: Bytes, at: np.uint64, delimiter: np.uint8) -> np.uint64:
    """Where a cell ends that isn't read: at its delimiter, a newline or a return.

    One in quotes ends after the second quote; where that isn't in its line, at the newline.
    """
    if buffer[at] == _QUOTE:
        at += _ONE
        while buffer[at] != _QUOTE and buffer[at] != _NEWLINE:
            at += _ONE
        return at + _ONE if buffer[at] == _QUOTE else at
    delimiters = _U(delimiter) * _EACH
    while True:
        word = _eight(buffer, at)
        other = word ^ delimiters
        found = (((other - _EACH) & ~other) | ((word - _PRINTED) & ~word)) & _HIGHEST
        at += _before(found)
        if found != _U(0):
            c = buffer[at]
            if c in (delimiter, _NEWLINE, _RETURN):
                return at
            at += _ONE


@_inlined
def _spelt(buffer: Bytes, begin: np.uint64, stop: np.uint64, texts: Bytes, lengths: npt.NDArray[np.int64]) -> int:
    """Which of these spellings a cell holds, spaces around it left out; -1 for none of them."""
    while begin < stop and buffer[begin] == _SPACE:
        begin += _ONE
    while begin < stop and buffer[stop - _ONE] == _SPACE:
        stop -= _ONE
    length = np.int64(stop - begin)
    for k in range(len(lengths)):
        if lengths[k] == length:
            same = True
            for i in range(length):
                same &= texts[k, i] == buffer[begin + _U(i)]
            if same:
                return k
    return -1


@_inlined
def _careful(
    buffer: Bytes, cell: np.uint64, delimiter: np.uint8, exact: bool, spellings: Spellings
) -> tuple[Any, float, Any]:
    """A cell that isn't short and plain: where it ends, what it means, and whether that is sure."""
    at = cell
    while buffer[at] == _SPACE:
        at += _ONE
    negative = buffer[at] == _MINUS
    at += _U(negative | (buffer[at] == _PLUS))
    at, value, sure = _long(buffer, at, exact)
    while buffer[at] == _SPACE:
        at += _ONE
    if sure and buffer[at] in (delimiter, _NEWLINE, _RETURN):
        return at, -value if negative else value, True
    at = _cell_end(buffer, cell, delimiter)
    texts, lengths, meanings = spellings
    known = _spelt(buffer, cell, at, texts, lengths)
    return at, meanings[known] if known >= 0 else np.nan, known >= 0


@_inlined
def _is_empty(buffer: Bytes, at: np.uint64) -> Any:
    """Whether a line ends where it begins."""
    return buffer[at] == _NEWLINE or (buffer[at] == _RETURN and buffer[at + _ONE] == _NEWLINE)


@_inlined
def _plain(buffer: Bytes, cell: np.uint64, ends: np.uint64) -> tuple[Any, float, Any]:
    """A cell of at most 16 characters, if it is a short number: where it ends, the number, whether it is one.

    Where the next cell begins depends on two words only, not on what the number is: while this one is worked out, the
    processor is at the next already.
    """
    near = _before(_equal(_eight(buffer, cell), ends))
    far = _before(_equal(_eight(buffer, cell + _WORD), ends))
    at = cell + near + (far if near == _WORD else _U(0))
    number = cell + _U(buffer[cell] == _SPACE)
    sign = buffer[number]
    number += _U((sign == _MINUS) | (sign == _PLUS))
    value, sure = _short(buffer, number, at - number)
    return at, -value if sign == _MINUS else value, sure


def _scan(
    buffer: Bytes,
    begin: int,
    stop: int,
    row: int,
    delimiter: int,
    slots: npt.NDArray[np.int64],
    spellings: Spellings,
    single: npt.NDArray[np.float32],
    double: npt.NDArray[np.float64],
    odd: npt.NDArray[np.int64],
) -> tuple[Any, int, int, Any, int]:
    """Read rows from ``buffer[begin:stop]``, whole lines, the last with its newline.

    Args:
        buffer: the bytes, with `PADDING` more of them after ``stop``.
        begin: where the first line begins.
        stop: after the last newline.
        row: of the arrays, where the first line goes.
        delimiter: between cells.
        slots: for each column of the file, where its values go: `SKIPPED`, 0, 1, … or `FIRST_EXACT` and below it.
        spellings: of what isn't a number: [spellings, bytes]; how many bytes each has; what each means.
        single: float32 [rows, columns].
        double: float64 [rows, columns].
        odd: to be filled with `ODD_FIELDS` for each cell that Python is to read, at least a row of them.

    Returns:
        where it stopped; the row that comes next; how many odd cells there are; whether a value is infinite; and
        `DONE`, `FULL` or `UNKNOWN`.
    """
    at, end, separator = _U(begin), _U(stop), np.uint8(delimiter)
    delimiters, newlines = _U(delimiter) * _EACH, _U(_NEWLINE) * _EACH
    last, told, infinite = len(slots) - 1, 0, False
    while at < end:
        if _is_empty(buffer, at):
            at += _ONE
            continue
        if told + last >= len(odd):
            return np.int64(at), row, told, infinite, FULL
        for k in range(last + 1):
            slot = slots[k]
            if slot == SKIPPED:
                at = _cell_end(buffer, at, separator)
            else:
                ends = delimiters if k < last else newlines
                cell = at
                at, value, sure = _plain(buffer, cell, ends)
                if not sure:
                    at, value, sure = _careful(buffer, cell, separator, slot <= FIRST_EXACT, spellings)
                    infinite |= np.isinf(np.float32(value) if slot >= 0 else value)
                    if not sure:
                        odd[told, 0], odd[told, 1], odd[told, 2], odd[told, 3] = row, slot, cell, at
                        told += 1
                if slot >= 0:
                    single[row, slot] = value
                else:
                    double[row, FIRST_EXACT - slot] = value
            if k < last:
                if buffer[at] != separator:
                    return np.int64(at), row, told, infinite, UNKNOWN
                at += _ONE
        at += _U(buffer[at] == _RETURN)
        if buffer[at] != _NEWLINE:
            return np.int64(at), row, told, infinite, UNKNOWN
        at += _ONE
        row += 1
    return np.int64(at), row, told, infinite, DONE


def _count(buffer: Bytes, begin: int, stop: int) -> int:
    """How many newlines there are in ``buffer[begin:stop]``."""
    count = 0
    for c in buffer[begin:stop]:
        count += c == _NEWLINE
    return count


def _compiled() -> tuple[Compiled, Compiled]:
    """`_scan` and `_count` in machine code, from the cache where they lie there.

    The cache is ``__pycache__`` beside this file, or the user's cache folder where that can't be written; where neither
    can, each process compiles for itself.
    """
    integer, words = types.int64, types.Array(types.uint8, 1, "C")
    integers, singles = types.Array(integer, 1, "C"), types.Array(types.float32, 2, "C")
    spellings = types.Tuple((types.Array(types.uint8, 2, "C"), integers, types.Array(types.float64, 1, "C")))  # type: ignore[no-untyped-call]
    told = types.Tuple((integer, integer, integer, types.boolean, integer))  # type: ignore[no-untyped-call]
    signature = told(
        *(words, integer, integer, integer, integer, integers, spellings, singles),
        *(types.Array(types.float64, 2, "C"), types.Array(integer, 2, "C")),
    )
    return _made(signature, _scan), _made(integer(words, integer, integer), _count)


def _made(signature: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    try:
        return cast("Compiled", numba.njit(signature, nogil=True, boundscheck=False, cache=True)(function))
    except (RuntimeError, OSError):  # no folder to cache in, or no room there
        return cast("Compiled", numba.njit(signature, nogil=True, boundscheck=False)(function))


scan, count_lines = _compiled()
