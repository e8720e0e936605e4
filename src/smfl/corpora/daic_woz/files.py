"""Where DAIC-WOZ's files lie: unpacked in any kind of folder, or in the archives as they were downloaded.

Files are found by their names. An archive ``{id}_P.zip`` is read where it lies (see `archives`); where the same session
is there unpacked too, the unpacked files are read. Files of macOS (``._…``, ``__MACOSX``) are ignored, and named in the
session's ledger; so is everything in an archive that doesn't belong there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from smfl.corpora.daic_woz.labels import is_label_file
from smfl.formats.archives import File, Member, members
from smfl.interview import Entry, Problems

TELLING = ("TRANSCRIPT", "COVAREP", "FORMANT", "CLNF_features3D", "CLNF_AUs")
_FILE = re.compile(r"(?P<id>\d{3})_(?P<kind>AUDIO|TRANSCRIPT|COVAREP|FORMANT|CLNF_\w+)\.(?P<end>wav|csv|txt|bin)")
_TWIN = re.compile(r"\._(?P<id>\d{3})_.+")
_ARCHIVE = re.compile(r"(?P<id>\d{3})_P\.zip", re.IGNORECASE)
_SHOWN = 5


@dataclass(slots=True)
class Session:
    """One session's files by kind (``TRANSCRIPT``, …), what was found on the way, and what can't be had."""

    files: dict[str, File] = field(default_factory=dict)
    ledger: list[Entry] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Survey:
    """What lies in a corpus's folder: sessions by number, label files, and lines for the cohort's ledger."""

    sessions: Mapping[str, Session]
    label_files: tuple[Path, ...]
    ledger: tuple[Entry, ...]


def walk(root: Path) -> Iterator[Path]:
    """Every file below a folder, in order; over links, but into no folder twice, and not into hidden ones."""
    seen: set[str] = set()
    for folder, subfolders, names in os.walk(root, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:
            subfolders.clear()
            continue
        seen.add(real)
        subfolders[:] = sorted(name for name in subfolders if not name.startswith((".", "__MACOSX")))
        for name in sorted(names):
            yield Path(folder, name)


def is_session(name: str) -> bool:
    """Whether a file is named as a session's archive, transcript or measurements are.

    Example:
        >>> is_session("300_P.zip"), is_session("300_TRANSCRIPT.csv"), is_session("300_Transcript.csv")
        (True, True, False)
    """
    match = _FILE.fullmatch(name)
    return bool(match and match["kind"] in TELLING) or bool(_ARCHIVE.fullmatch(name))


def survey(root: Path) -> Survey:
    """Find every session below a folder. Of archives only the directory is read."""
    sessions: dict[str, Session] = {}
    label_files: list[Path] = []
    archives: list[tuple[str, Path]] = []
    ledger: list[Entry] = []
    for path in walk(root):
        if match := _FILE.fullmatch(path.name):
            files = sessions.setdefault(match["id"], Session()).files
            there = files.setdefault(match["kind"], path)
            if there != path:
                what = f"there already as {Path(str(there)).relative_to(root)}, which is read"
                ledger.append(Entry(match["id"], "noted", what, str(path.relative_to(root))))
        elif match := _TWIN.fullmatch(path.name):
            twin = Entry(match["id"], "repaired", "a shadow file of macOS is ignored", path.name, "it holds no data")
            sessions.setdefault(match["id"], Session()).ledger.append(twin)
        elif match := _ARCHIVE.fullmatch(path.name):
            archives.append((match["id"], path))
        elif is_label_file(path.name):
            label_files.append(path)
    for identity, archive in archives:
        _take(sessions.setdefault(identity, Session()), identity, archive)
    named = {identity: session for identity, session in sessions.items() if session.files or session.faults}
    return Survey(named, tuple(label_files), tuple(ledger))


def _take(session: Session, identity: str, archive: Path) -> None:
    """Add what one archive holds."""
    try:
        found, faults = members(archive)
    except Problems as fault:
        if session.files:
            session.ledger += [Entry(identity, "skipped", problem, archive.name) for problem in fault.problems]
        else:
            session.faults += fault.problems
        return
    session.ledger += [
        Entry(identity, "skipped", fault, archive.name, "it can't be trusted, or holds nothing") for fault in faults
    ]
    unpacked = {kind for kind, file in session.files.items() if isinstance(file, Path)}
    others: list[str] = []
    for member in found:
        match = _FILE.fullmatch(member.name)
        if match is None or match["id"] != identity:
            others.append(member.path)
        else:
            _add(session, identity, match["kind"], member)
    if unpacked:
        what = f"{len(unpacked)} of its files are there unpacked, which are read"
        session.ledger.append(Entry(identity, "noted", what, archive.name))
    if others:
        shown = ", ".join(others[:_SHOWN]) + (", …" if len(others) > _SHOWN else "")
        what = f"{len(others)} files that aren't this session's: {shown}"
        session.ledger.append(Entry(identity, "skipped", what, archive.name, "a session's files begin with its number"))
    if not any(isinstance(file, Member) for file in session.files.values()) and not unpacked:
        session.faults += [f"{archive.name}: holds no file of session {identity}", *faults]


def _add(session: Session, identity: str, kind: str, member: Member) -> None:
    there = session.files.setdefault(kind, member)
    if isinstance(there, Member) and there != member:
        what = f"there already as {there.path}, which is read"
        session.ledger.append(Entry(identity, "noted", what, f"{member.archive.name}/{member.path}"))
