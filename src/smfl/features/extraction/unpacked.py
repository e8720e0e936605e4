"""A recording inside an archive, on disk for as long as its interview is measured."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import FileIO
from pathlib import Path

from smfl.formats.archives import Member, opened
from smfl.interview import CallError, Entry, Interview


@contextmanager
def on_disk(interview: Interview) -> Iterator[Interview]:
    """The interview with its packed recording as a temporary file; one that has none as it is.

    Decoders of sound and video take paths. A session's sound is some 30 MB: so much disk is used, by one interview a
    worker, and given back at the end.

    Raises:
        Problems: where the archive is damaged there.
        CallError: where the folder for temporary files is full.
    """
    if not isinstance(interview.packed, Member):
        yield interview
        return
    with tempfile.TemporaryDirectory(prefix="smfl-") as folder:
        path = Path(folder, interview.packed.name)
        with path.open("wb", buffering=0) as file, opened(interview.packed) as packed:
            while block := packed.read(1 << 20):
                _write(file, block, interview.packed)
        yield replace(interview, recording=path, packed=None)


def _write(file: FileIO, block: bytes, packed: Member) -> None:
    try:
        file.write(block)
    except OSError as fault:
        raise CallError(
            f"{tempfile.gettempdir()}: can't hold {packed.name} of {packed.size / 1e6:.0f} MB while it is measured "
            f"({fault.strerror}); name a folder with space in the environment variable TMPDIR"
        ) from None


def named(ledger: tuple[Entry, ...], measured: Interview, interview: Interview) -> tuple[Entry, ...]:
    """The ledger with the recording's place in its archive instead of the temporary file's name."""
    if measured.recording is None or interview.packed is None:
        return ledger
    temporary, place = str(measured.recording), str(interview.packed)
    return tuple(
        replace(e, **{k: str(v).replace(temporary, place) for k, v in e.as_dict().items() if k != "action"})
        for e in ledger
    )
