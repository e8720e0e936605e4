"""Files and folders that are written whole or not at all, and a list of hashes by which a reader notices damage.

A file is written beside its place, flushed to the disk and renamed: whoever reads it finds the earlier content or the
new one, whenever the writer was stopped. A folder is written in the same way. `seal` puts a list of hashes into a
folder, ``files.json``, and `check_seal` reads it back.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from smfl.interview.errors import SmflError

FILES = "files.json"
PARTIAL = ".partial"


def write_file(path: Path, write: Callable[[Path], object]) -> Path:
    """Write a file whole or not at all.

    Args:
        path: of the file; its folder is there.
        write: writes the file at the path that it is given, which lies beside ``path``.

    Returns:
        ``path``.

    Raises:
        OSError: where the disk is full or the folder can't be written; an earlier file is then untouched.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> write_file(folder / "note.txt", lambda path: path.write_text("all of it")).read_text()
        'all of it'
    """
    partial = path.with_name(f"{path.name}.{os.getpid()}{PARTIAL}")
    try:
        write(partial)
        _flush(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    _flush(path.parent)
    return path


def write_text(path: Path, text: str) -> Path:
    """Write a text file, UTF-8, whole or not at all; raises as `write_file`."""
    return write_file(path, lambda partial: partial.write_text(text, encoding="utf-8"))


@contextmanager
def whole_folder(folder: Path, kind: str, version: int) -> Iterator[Path]:
    """Write a folder whole or not at all, sealed.

    What is written into the folder that the context gives takes the place of ``folder`` when the context ends without
    an error; else ``folder`` stays as it was.

    Args:
        folder: its place; the folder above it is made where it isn't there.
        kind: of folder, for messages, e.g. ``model``.
        version: of the folder's format.

    Raises:
        OSError: where it can't be written.

    Example:
        >>> import tempfile
        >>> place = Path(tempfile.mkdtemp()) / "model"
        >>> with whole_folder(place, "model", 1) as folder:
        ...     _ = (folder / "config.json").write_text("{}")
        >>> check_seal(place, "model", 1), sorted(file.name for file in place.iterdir())
        (None, ['config.json', 'files.json'])
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = folder.with_name(f"{folder.name}.{os.getpid()}{PARTIAL}")
    earlier = folder.with_name(f"{folder.name}.{os.getpid()}.earlier")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    try:
        yield new
        seal(new, kind, version)
        if folder.exists():
            folder.rename(earlier)
        new.rename(folder)
    finally:
        if earlier.exists() and not folder.exists():
            earlier.rename(folder)
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(earlier, ignore_errors=True)
    _flush(folder.parent)


def seal(folder: Path, kind: str, version: int, files: Iterable[str] | None = None) -> None:
    """Write ``files.json``: the format of a folder and the SHA-256 of its files.

    Args:
        folder: whose files are all written.
        kind: of folder.
        version: of its format.
        files: paths below the folder; all of its files where None.
    """
    names = files if files is not None else (p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    hashes = {}
    for name in sorted(set(names) - {FILES}):
        _flush(folder / name)
        hashes[name] = hash_of(folder / name)
    content = {"format": kind, "version": version, "files": hashes}
    write_text(folder / FILES, json.dumps(content, indent=1) + "\n")


def check_seal(folder: Path, kind: str, version: int, error: type[SmflError] = SmflError) -> None:
    """Compare a folder with its ``files.json``.

    Args:
        folder: that `seal` was called for.
        kind: that is expected.
        version: that this code reads.
        error: the class of what is raised.

    Raises:
        SmflError: (as ``error``) where there is no list, the folder is of another kind or version, or a file is missing
            or has changed; with the file's name and what to do.

    Example:
        >>> check_seal(Path("nowhere"), "model", 1)
        Traceback (most recent call last):
        ...
        smfl.interview.errors.SmflError: nowhere/files.json: not there; nowhere isn't a whole model folder: make it anew
    """
    again = f"{folder} isn't a whole {kind} folder: make it anew"
    try:
        content = json.loads((folder / FILES).read_text(encoding="utf-8"))
        found, hashes = (content["format"], content["version"]), dict(content["files"])
    except FileNotFoundError:
        raise error(f"{folder / FILES}: not there; {again}") from None
    except (ValueError, KeyError, TypeError) as fault:
        raise error(f"{folder / FILES}: can't be read ({fault}); {again}") from None
    if found != (kind, version):
        raise error(f"{folder}: is a {found[0]} folder of format {found[1]}; this version reads {kind} {version}")
    for name, expected in hashes.items():
        if not (folder / name).is_file():
            raise error(f"{folder / name}: not there, though {FILES} lists it; {again}")
        if hash_of(folder / name) != expected:
            raise error(f"{folder / name}: isn't what was written (its hash differs from {FILES}); {again}")


def hash_of(path: Path) -> str:
    """The SHA-256 of a file; of a folder, of its files' paths and hashes, in order.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "empty"
        >>> hash_of(write_text(file, ""))[:8]
        'e3b0c442'
    """
    if path.is_dir():
        inside = sorted(file for file in path.rglob("*") if file.is_file())
        listed = "\n".join(f"{file.relative_to(path).as_posix()} {hash_of(file)}" for file in inside)
        return hashlib.sha256(listed.encode()).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(path: Path) -> None:
    """Have the disk hold what was written; a folder's names as well as a file's content."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
