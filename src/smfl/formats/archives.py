"""Archives as they were downloaded: their files are read where they lie, and never unpacked to disk.

A corpus's reader takes a `File`: a path, or a member of an archive. A zip's members are streamed one by one. A tar.gz
has no directory and can only be read from its beginning, so that its wanted members are taken in one pass and kept in
memory until another archive is opened.

Archives come from elsewhere, so each member is looked at before a byte of it is read. What isn't a plain file, climbs
out of the folder (``../``), is encrypted, larger than `MOST_BYTES`, or grows more than `MOST_GROWTH` times, is left out
by name; the others stay usable. A damaged archive is one session's fault, not the corpus's.
"""

from __future__ import annotations

import hashlib
import io
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO, cast

from smfl.interview import Problems

MOST_BYTES = 4 * 2**30
"""A member's size, unpacked: the largest file of any known corpus is a fifth of it."""

MOST_GROWTH = 200
"""Bytes unpacked for one packed; tables of numbers grow some 5 times, silence some 100 times."""

SMALL = 2**20
"""Bytes up to which any growth is harmless."""

TWIN = "is a shadow file of macOS, which holds no data"

# A RuntimeError is how zipfile refuses a compression, or an encryption, that it doesn't know.
_DAMAGED = (zipfile.BadZipFile, zlib.error, tarfile.TarError, EOFError, OSError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside an archive.

    Args:
        archive: ``.zip``, ``.tar`` or ``.tar.gz``.
        path: within it.
        size: bytes, unpacked.
        mark: a checksum of the content, as a zip's directory has it; empty in a tar.

    Example:
        >>> member = Member(Path("corpus/300_P.zip"), "300_P/300_AUDIO.wav", 44, "0")
        >>> member.name, member.suffix, str(member)
        ('300_AUDIO.wav', '.wav', 'corpus/300_P.zip/300_P/300_AUDIO.wav')
    """

    archive: Path
    path: str
    size: int
    mark: str = ""

    @property
    def name(self) -> str:
        """The file's own name."""
        return PurePosixPath(self.path).name

    @property
    def suffix(self) -> str:
        """The name's ending."""
        return PurePosixPath(self.path).suffix

    def __str__(self) -> str:
        return f"{self.archive}/{self.path}"

    def open(self) -> BinaryIO:
        """A stream of the content; whoever opens it closes it."""
        if self.archive.suffix != ".zip":
            taken = _contents(self.archive, _signature(self.archive))[0]
            if self.path not in taken:
                raise tarfile.TarError(f"files named like {self.name} aren't read")
            return io.BytesIO(taken[self.path])
        with zipfile.ZipFile(self.archive) as file:  # a member's stream keeps the file open for itself
            return cast("BinaryIO", file.open(self.path))

    def digest(self) -> str:
        """The name, size and checksum; in a tar, which has none, the archive's own size and first bytes."""
        if self.mark:
            return f"{self.name} {self.size} {self.mark}"
        with self.archive.open("rb") as file:
            begin = hashlib.blake2b(file.read(SMALL), digest_size=16).hexdigest()
        return f"{self.name} {self.size} in {self.archive.stat().st_size} {begin}"


File = Path | Member
"""A file of a corpus, wherever it lies."""


@contextmanager
def opened(file: File) -> Iterator[BinaryIO]:
    """A file's bytes as a stream.

    Raises:
        Problems: where the archive is damaged, or the file isn't there or can't be read.
    """
    try:
        with file.open("rb") if isinstance(file, Path) else file.open() as stream:
            yield stream
    except FileNotFoundError:
        raise Problems(str(file), [f"{file.name}: not there"]) from None
    except _DAMAGED as fault:
        raise Problems(str(file), [_damage(file, fault)]) from None


def _damage(file: File, fault: Exception) -> str:
    if isinstance(file, Member):
        return f"{file.archive.name}: damaged at {file.name} ({_reason(fault)}); download the archive again"
    return f"{file.name}: can't be read ({_reason(fault)})"


def _reason(fault: Exception) -> str:
    return str(getattr(fault, "strerror", None) or fault).splitlines()[0].rstrip(".") if str(fault) else "cut off"


def members(archive: Path) -> tuple[list[Member], list[str]]:
    """What an archive holds, but for folders; of a tar only what `TAKEN` matches can be opened.

    Returns:
        the members, and a sentence on each that can't be had.

    Raises:
        Problems: where the archive can't be read.
    """
    try:
        if archive.suffix == ".zip":
            return _of_zip(archive)
        _, sizes, faults = _contents(archive, _signature(archive))
        return [Member(archive, path, size) for path, size in sizes.items()], list(faults)
    except _DAMAGED as fault:
        raise Problems(
            str(archive), [f"{archive.name}: a damaged archive ({_reason(fault)}); download it again"]
        ) from None


def _of_zip(archive: Path) -> tuple[list[Member], list[str]]:
    found: list[Member] = []
    faults: list[str] = []
    with zipfile.ZipFile(archive) as file:
        for info in file.infolist():
            if info.is_dir():
                continue
            wrong = (
                TWIN
                if is_twin(info.filename)
                else "leads out of its folder"
                if _climbs(info.filename)
                else "is a link"
                if stat.S_ISLNK(info.external_attr >> 16)
                else "is encrypted; unpack it with its password"
                if info.flag_bits & 1
                else _bomb(info.file_size, info.compress_size)
            )
            if wrong:
                faults.append(f"{archive.name}: {info.filename!r} {wrong}")
            else:
                found.append(Member(archive, info.filename, info.file_size, f"{info.CRC:08x}"))
    return found, faults


def is_twin(path: str) -> bool:
    """Whether a file is macOS's shadow of another.

    Example:
        >>> is_twin("__MACOSX/300_AUDIO.wav"), is_twin("300_P/._300_AUDIO.wav"), is_twin("300_AUDIO.wav")
        (True, True, False)
    """
    return "__MACOSX" in path or PurePosixPath(path).name.startswith("._")


def _signature(archive: Path) -> tuple[int, int]:
    state = archive.stat()
    return state.st_size, state.st_mtime_ns


TAKEN = re.compile(r".+\.(?:wav|csv|txt)")
"""Names of the files that are taken from a tar: not pictures, matrices or what else makes it large."""

NOT_TAKEN = re.compile(r".*_(?:densenet201|vgg16)\.csv")
"""Tables of hundreds of megabytes that nothing here reads."""


@lru_cache(maxsize=1)
def _contents(archive: Path, signature: tuple[int, int]) -> tuple[dict[str, bytes], dict[str, int], tuple[str, ...]]:
    """One pass over a tar, of the last archive only: files that readers may want, all sizes, what was left out."""
    taken: dict[str, bytes] = {}
    sizes: dict[str, int] = {}
    faults: list[str] = []
    unpacked = 0
    with tarfile.open(archive, "r|*") as file:
        for info in file:
            unpacked += info.size
            name = PurePosixPath(info.name).name
            if bomb := _bomb(unpacked, signature[0]):
                faults.append(f"{archive.name}: {info.name!r} {bomb}; nothing after it is read")
                break
            wrong = (
                TWIN
                if is_twin(info.name)
                else "leads out of its folder"
                if _climbs(info.name)
                else "is a link"
                if info.islnk() or info.issym()
                else ""
            )
            if wrong:
                faults.append(f"{archive.name}: {info.name!r} {wrong}")
            elif info.isreg():
                sizes[info.name] = info.size
                stream = file.extractfile(info)
                if stream and TAKEN.fullmatch(name) and not NOT_TAKEN.fullmatch(name):
                    taken[info.name] = stream.read()
    return taken, sizes, tuple(faults)


def _climbs(path: str) -> bool:
    windows = PureWindowsPath(path)
    return PurePosixPath(path).is_absolute() or bool(windows.drive or windows.root) or ".." in windows.parts


def _bomb(size: int, packed: int) -> str:
    if size > MOST_BYTES:
        return f"would unpack to {size / 2**30:.1f} GiB; at most {MOST_BYTES / 2**30:g} GiB are read"
    if size > SMALL and size > MOST_GROWTH * max(packed, 1):
        return f"would grow {size / max(packed, 1):.0f} times; at most {MOST_GROWTH} times are believed"
    return ""
