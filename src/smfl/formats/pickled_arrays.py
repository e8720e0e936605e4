"""NumPy arrays out of Python's pickle format, without ever running it.

A pickle is a program: whoever unpickles a stranger's file runs the stranger's code. Here the program is only *read*:
its instructions are listed by the standard library's disassembler, and this module carries out by itself the few that
put an array together. Nothing is imported or called because a file asks for it; of all names that a pickle may ask for,
the four that describe an array are understood, and any other is refused by name. Read are one array of numbers, and
lists of numbers. NumPy and pandas take no such file without running it.
"""

from __future__ import annotations

import pickletools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from smfl.interview import CorpusError

_MODULES = ("numpy.core.multiarray", "numpy._core.multiarray", "numpy.core.numeric", "numpy._core.numeric", "numpy")
_RECONSTRUCT, _FROM_BUFFER, _DTYPE, _ARRAY, _ENCODE = "_reconstruct", "_frombuffer", "dtype", "ndarray", "encode"
_KNOWN = {(module, name) for module in _MODULES for name in (_RECONSTRUCT, _FROM_BUFFER, _DTYPE, _ARRAY)}
_KNOWN.add(("_codecs", _ENCODE))  # how protocol 2 writes bytes
_IGNORED = ("PROTO", "FRAME", "STOP")
_TUPLES = {"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_LITERALS = (
    *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
    *("UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "STRING", "BINSTRING", "SHORT_BINSTRING"),
    *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"),
)
_SIMPLE = "fiu"
"""Kinds of numbers; never objects, whose elements would be pickles again."""


@dataclass
class _Name:
    name: str


@dataclass
class _Part:
    """An array or a number's type, in the making."""

    kind: str
    spec: Any = None
    state: Any = None


@dataclass
class _Reader:
    file: str
    stack: list[Any] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)
    memo: dict[int, Any] = field(default_factory=dict)

    def refuse(self, what: str) -> CorpusError:
        return CorpusError(f"{self.file}: asks for {what}; a pickle is read here only where it is an array of numbers")

    def since_mark(self) -> list[Any]:
        start = self.marks.pop()
        items, self.stack[start:] = self.stack[start:], []
        return items

    def step(self, code: str, argument: Any) -> None:
        """Carry out one instruction."""
        stack = self.stack
        if code in _LITERALS:
            stack.append(argument)
        elif code in _CONSTANTS:
            stack.append(_CONSTANTS[code])
        elif code == "MARK":
            self.marks.append(len(stack))
        elif code in _TUPLES:
            count = _TUPLES[code]
            items = tuple(stack[len(stack) - count :])
            del stack[len(stack) - count :]
            stack.append(items)
        elif code in ("TUPLE", "LIST"):
            items = tuple(self.since_mark())
            stack.append(items if code == "TUPLE" else list(items))
        elif code == "EMPTY_LIST":
            stack.append([])
        elif code in ("APPEND", "APPENDS"):
            items = tuple(self.since_mark()) if code == "APPENDS" else (stack.pop(),)
            if not isinstance(stack[-1], list):
                raise self.refuse("more than lists of numbers")
            stack[-1].extend(items)
        elif code in ("GLOBAL", "STACK_GLOBAL", "REDUCE", "BUILD"):
            self.construct(code, argument)
        else:
            self.remember(code, argument)

    def remember(self, code: str, argument: Any) -> None:
        """The instructions of the memo."""
        if code == "MEMOIZE":
            self.memo[len(self.memo)] = self.stack[-1]
        elif code in ("PUT", "BINPUT", "LONG_BINPUT"):
            self.memo[int(argument)] = self.stack[-1]
        elif code in ("GET", "BINGET", "LONG_BINGET"):
            self.stack.append(self.memo[int(argument)])
        elif code not in _IGNORED:
            raise self.refuse(f"the instruction {code}")

    def construct(self, code: str, argument: Any) -> None:
        """Names, and what they are applied to."""
        stack = self.stack
        if code in ("GLOBAL", "STACK_GLOBAL"):
            if code == "GLOBAL":
                module, name = str(argument).split(" ", 1)
            else:
                name, module = str(stack.pop()), str(stack.pop())
            if (module, name) not in _KNOWN:
                raise self.refuse(f"{module}.{name}")
            stack.append(_Name(name))
        elif code == "REDUCE":
            arguments, what = stack.pop(), stack.pop()
            if not isinstance(what, _Name) or not isinstance(arguments, tuple):
                raise self.refuse("a call of what isn't an array")
            if what.name == _ENCODE:
                stack.append(str(arguments[0]).encode("latin-1"))
            else:
                stack.append(_Part(what.name, arguments))
        else:
            state, part = stack.pop(), stack[-1]
            if not isinstance(part, _Part):
                raise self.refuse("a state of what isn't an array")
            part.state = state


def _dtype(part: Any, reader: _Reader) -> np.dtype[Any]:
    code = part.spec[0] if isinstance(part, _Part) and part.kind == _DTYPE and part.spec else None
    if not isinstance(code, str) or len(code) < 2 or code[0] not in _SIMPLE or not code[1:].isdecimal():
        raise reader.refuse(f"elements of the type {code!r}")
    order = part.state[1] if isinstance(part.state, tuple) and len(part.state) > 1 else "<"
    return np.dtype(f"{order if order in ('<', '>') else '='}{code}")


def _array(made: Any, reader: _Reader) -> npt.NDArray[Any]:
    if isinstance(made, list):
        return np.array(made, dtype=np.float64)
    if isinstance(made, _Part) and made.kind == _RECONSTRUCT and isinstance(made.state, tuple) and len(made.state) == 5:
        _, shape, kind, by_column, data = made.state
    elif isinstance(made, _Part) and made.kind == _FROM_BUFFER and made.spec and len(made.spec) == 4:
        data, kind, shape, order = made.spec
        by_column = order == "F"
    else:
        raise reader.refuse("something that isn't an array")
    if not isinstance(data, (bytes, bytearray)):
        raise reader.refuse("elements that aren't numbers")
    return np.frombuffer(data, _dtype(kind, reader)).reshape(shape, order="F" if by_column else "C")


def read_pickled_array(path: Path) -> npt.NDArray[np.float32]:
    r"""Read an array of numbers out of a pickle, without unpickling it.

    Args:
        path: the file, of protocol 2 to 5.

    Returns:
        float32, of whatever shape.

    Raises:
        CorpusError: where the file asks for anything but an array, or isn't a pickle.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "a.pkl"
        >>> _ = path.write_bytes(np.arange(3.0).dumps())
        >>> read_pickled_array(path).tolist()
        [0.0, 1.0, 2.0]
        >>> _ = path.write_bytes(b"cos\nsystem\n(S'id'\ntR.")
        >>> read_pickled_array(path)
        Traceback (most recent call last):
        ...
        smfl.interview.errors.CorpusError: a.pkl: asks for os.system; a pickle is read here only where it is an ...
    """
    reader = _Reader(path.name)
    try:
        for code, argument, _ in pickletools.genops(path.read_bytes()):
            reader.step(code.name, argument)
        values = _array(reader.stack[-1], reader)
        return np.asarray(values, dtype=np.float32)
    except CorpusError:
        raise
    except (ValueError, TypeError, IndexError, KeyError, OSError) as fault:
        raise CorpusError(f"{path.name}: not a pickled array ({fault}); copy it again") from None
