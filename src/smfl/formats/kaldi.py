r"""Kaldi archives (``.ark``) of matrices: what is in one, and where; a matrix is read when it is asked for.

Binary float and double matrices (``FM``, ``DM``) and matrices in words (``key [ 1 2\n 3 4 ]``) are read; compressed
ones are refused by name.

kaldiio isn't used: it unpickles what an archive marks as a pickle, which would run code from a file of data, and it
doesn't index a file without reading the matrices.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from smfl.interview import CorpusError

_TYPES: dict[bytes, np.dtype[np.floating]] = {b"FM ": np.dtype("<f4"), b"DM ": np.dtype("<f8")}
_SIZES = struct.Struct("<bibi")  # each number preceded by its length in bytes


@dataclass(frozen=True, slots=True)
class Matrix:
    """A matrix in an archive.

    Args:
        path: the archive.
        start: first byte of its numbers.
        rows: how many.
        columns: how many.
        kind: ``f4``, ``f8``, or ``words``.
        stop: byte after its numbers.
    """

    path: Path
    start: int
    rows: int
    columns: int
    kind: str
    stop: int


def read_index(path: Path) -> dict[str, Matrix]:
    """What matrices an archive holds, by key; their numbers aren't read where the archive is binary.

    Raises:
        CorpusError: where the file isn't such an archive, or is cut off.
    """
    found: dict[str, Matrix] = {}
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            while key := _key(file, path):
                where = file.tell()
                mark = file.read(2)
                if mark == b"\0B":
                    kind = file.read(3)
                    if kind not in _TYPES:
                        raise CorpusError(
                            f"{path.name}, {key!r}: a matrix of type {kind.decode('latin-1').strip()!r}; expected FM "
                            "or DM: write it with copy-feats --compress=false"
                        )
                    _, rows, _, columns = _SIZES.unpack(file.read(_SIZES.size))
                    start, stop = file.tell(), file.tell() + rows * columns * _TYPES[kind].itemsize
                    if rows < 0 or columns < 0 or stop > size:
                        raise CorpusError(f"{path.name}, {key!r}: cut off; copy the archive again")
                    found[key] = Matrix(path, start, rows, columns, _TYPES[kind].str[1:], stop)
                    file.seek(stop)
                else:
                    file.seek(where)
                    found[key] = _in_words(file, path, key)
    except (OSError, struct.error, UnicodeDecodeError) as fault:
        raise CorpusError(f"{path.name}: not a Kaldi archive of matrices ({fault})") from None
    return found


def _key(file: BinaryIO, path: Path) -> str:
    """The next key, empty at the end."""
    letters = bytearray()
    while (letter := file.read(1)) not in (b"", b" "):
        if letters or letter not in b"\r\n\t":
            letters += letter
        if len(letters) > 256:
            raise CorpusError(f"{path.name}: not a Kaldi archive of matrices (no key in its first 256 bytes)")
    return letters.decode("utf-8")


def _in_words(file: BinaryIO, path: Path, key: str) -> Matrix:
    start = file.tell()
    line = file.readline()
    if line.split()[:1] != [b"["]:
        raise CorpusError(f"{path.name}, {key!r}: expected '[' or a binary matrix after the key")
    rows, columns = 0, 0
    while True:
        cells = line.replace(b"[", b" ").replace(b"]", b" ").split()
        if cells:
            rows, columns = rows + 1, len(cells)
        if b"]" in line:
            return Matrix(path, start, rows, columns, "words", file.tell())
        line = file.readline()
        if not line:
            raise CorpusError(f"{path.name}, {key!r}: cut off; copy the archive again")


def read_matrix(matrix: Matrix) -> npt.NDArray[np.float32]:
    """A matrix's numbers, float32 [rows, columns].

    Raises:
        CorpusError: where they aren't numbers.
    """
    with matrix.path.open("rb") as file:
        file.seek(matrix.start)
        data = file.read(matrix.stop - matrix.start)
    try:
        if matrix.kind == "words":
            values = np.array(data.replace(b"[", b" ").replace(b"]", b" ").split(), dtype=np.float32)
        else:
            values = np.frombuffer(data, dtype=f"<{matrix.kind}").astype(np.float32)
        return values.reshape(matrix.rows, matrix.columns)
    except ValueError as fault:
        raise CorpusError(f"{matrix.path.name}: a matrix that can't be read ({fault})") from None
