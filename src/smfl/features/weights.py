"""The hash of a model's weights: by it features of other weights are known, whatever the folder is called."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from smfl.interview.atomic import hash_of

DECIDING = {".safetensors", ".bin", ".pt", ".npz", ".tflite", ".json", ".txt", ".model"}
"""Endings of the files that decide what a model gives: weights, configuration, tokenizer. A README doesn't."""


def weights_hash(path: Path) -> str:
    """The hash of a file of weights, or of all deciding files in a folder, wherever it lies.

    It is computed once in a process, and again where names, sizes or time stamps differ.

    Args:
        path: of the file or folder.

    Returns:
        64 hexadecimal digits.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> _ = (folder / "model.bin").write_bytes(b"1"), (folder / "README.md").write_text("new")
        >>> before = weights_hash(folder)
        >>> _ = (folder / "README.md").write_text("newer")
        >>> weights_hash(folder) == before
        True
        >>> _ = (folder / "model.bin").write_bytes(b"2")
        >>> weights_hash(folder) == before
        False
    """
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    kept = [file for file in files if file.is_file() and (file == path or file.suffix in DECIDING)]
    marks = tuple((file, (stat := file.stat()).st_size, stat.st_mtime_ns) for file in kept)
    return _hash(path, marks)


@lru_cache(maxsize=64)
def _hash(path: Path, marks: tuple[Any, ...]) -> str:
    if marks and marks[0][0] == path:
        return hash_of(path)
    listed = "\n".join(f"{file.relative_to(path).as_posix()} {hash_of(file)}" for file, *_ in marks)
    return hashlib.sha256(listed.encode()).hexdigest()
