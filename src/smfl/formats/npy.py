"""Arrays as NumPy saves them: their shape from the header, their values when they are asked for, never pickled."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from smfl.interview import CorpusError


def read_shape(path: Path) -> tuple[int, ...]:
    """The shape of an array of numbers, from the file's header.

    Raises:
        CorpusError: where the file isn't such an array, or is cut off.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "a.npy"
        >>> np.save(path, np.zeros((3, 25)))
        >>> read_shape(path)
        (3, 25)
    """
    from numpy.lib import format as npy

    readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    try:
        with path.open("rb") as file:
            version = npy.read_magic(file)
            if version not in readers:
                raise ValueError(f"version {version[0]}.{version[1]} of the format")
            shape, _, dtype = readers[version](file)
            start = file.tell()
    except Exception as fault:  # NumPy parses the header as Python, and passes on all that a parser may raise
        raise CorpusError(f"{path.name}: not a .npy array ({fault}); copy it again") from None
    if dtype.kind not in "fiu":
        raise CorpusError(f"{path.name}: an array of {dtype}; expected numbers")
    expected, there = start + dtype.itemsize * math.prod(shape), path.stat().st_size
    if there < expected:
        raise CorpusError(f"{path.name}: cut off: {there} bytes; expected {expected} for {shape}; copy it again")
    return tuple(int(size) for size in shape)


def read_rows(path: Path, width: int) -> npt.NDArray[np.float32]:
    """An array's values as rows of ``width``, float32 [rows, width]; further dimensions are flattened.

    Raises:
        CorpusError: where the array hasn't that width.
    """
    shape = read_shape(path)
    if not shape or math.prod(shape[1:]) != width:
        raise CorpusError(f"{path.name}: an array of shape {shape}; expected rows of {width}")
    values: npt.NDArray[Any] = np.load(path, allow_pickle=False)
    return values.reshape(shape[0], width).astype(np.float32)
