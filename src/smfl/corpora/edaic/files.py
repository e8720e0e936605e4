"""Where E-DAIC's files lie: unpacked, or in the archives as they were downloaded.

A session is ``{id}_P.tar.gz`` or a folder ``{id}_P/``, sometimes within another of its name (``{id}_P.tar/{id}_P/``),
with its features in ``features/``. A tar.gz can't be looked into without reading it through, so that is done when its
session is read, not before; where the same session is there unpacked too, the unpacked files are read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from smfl.corpora.daic_woz.files import walk
from smfl.formats.archives import File, Member, members
from smfl.interview import Entry, Problems

KINDS: Mapping[str, str] = {
    "AUDIO.wav": "audio",
    "Transcript.csv": "transcript",
    "OpenFace2.1.0_Pose_gaze_AUs.csv": "openface",
    "OpenSMILE2.3.0_egemaps.csv": "egemaps",
    "OpenSMILE2.3.0_mfcc.csv": "mfcc",
    "BoAW_openSMILE_2.3.0_eGeMAPS.csv": "boaw_egemaps",
    "BoAW_openSMILE_2.3.0_MFCC.csv": "boaw_mfcc",
    "BoVW_openFace_2.1.0_Pose_Gaze_AUs.csv": "bovw_openface",
    "CNN_ResNet.mat": "resnet",
    "CNN_VGG.mat": "vgg",
}
"""What a file's name ends in after the number, and what it is called here. The two ``.mat`` are not read."""

NOT_READ = ("resnet", "vgg")
LABELS = ("train_split.csv", "dev_split.csv", "test_split.csv", "Detailed_PHQ8_Labels.csv")
LABEL_ARCHIVE = re.compile(r"labels.*\.tar(?:\.gz)?")
_FILE = re.compile(rf"(?P<id>\d{{3}})_(?P<kind>{'|'.join(map(re.escape, KINDS))})")
_ARCHIVE = re.compile(r"(?P<id>\d{3})_P\.tar(?:\.gz)?")
_TWIN = re.compile(r"\._(?P<id>\d{3})_.+")


@dataclass(slots=True)
class Session:
    """One session's files by kind, its archive where there is one, and what was found on the way."""

    files: dict[str, File] = field(default_factory=dict)
    archive: Path | None = None
    ledger: list[Entry] = field(default_factory=list)

    def all_files(self, identity: str) -> tuple[dict[str, File], list[Entry]]:
        """The session's files by kind, those of its archive with them, and lines on what can't be had of it.

        Raises:
            Problems: where there is nothing but a damaged archive.
        """
        if self.archive is None:
            return self.files, list(self.ledger)
        if "transcript" in self.files:
            there = Entry(identity, "noted", "there unpacked too, which is read", self.archive.name)
            return self.files, [*self.ledger, there]
        found, faults = members(self.archive)
        files, ledger = dict(self.files), list(self.ledger)
        ledger += [
            Entry(identity, "skipped", fault, self.archive.name, "it can't be trusted, or holds nothing")
            for fault in faults
        ]
        for member in found:
            match = _FILE.fullmatch(member.name)
            if match and match["id"] == identity:
                files.setdefault(KINDS[match["kind"]], member)
            elif match:
                what = f"{member.path} is another session's"
                ledger.append(Entry(identity, "skipped", what, self.archive.name))
        return files, ledger


@dataclass(frozen=True, slots=True)
class Survey:
    """What lies in a corpus's folder: sessions by number, and the label files by name."""

    sessions: Mapping[str, Session]
    labels: Mapping[str, File]


def is_session(name: str) -> bool:
    """Whether a file is named as only E-DAIC's are.

    Example:
        >>> is_session("300_P.tar.gz"), is_session("300_Transcript.csv"), is_session("300_TRANSCRIPT.csv")
        (True, True, False)
    """
    match = _FILE.fullmatch(name)
    return bool(match and match["kind"] != "AUDIO.wav") or bool(_ARCHIVE.fullmatch(name))


def survey(root: Path) -> Survey:
    """Find every session below a folder, and the labels in it or in the folder around it."""
    sessions: dict[str, Session] = {}
    labels: dict[str, File] = {}
    packed_labels: list[Path] = []
    for path in walk(root):
        if match := _FILE.fullmatch(path.name):
            sessions.setdefault(match["id"], Session()).files.setdefault(KINDS[match["kind"]], path)
        elif match := _ARCHIVE.fullmatch(path.name):
            sessions.setdefault(match["id"], Session()).archive = path
        elif match := _TWIN.fullmatch(path.name):
            twin = Entry(match["id"], "repaired", "a shadow file of macOS is ignored", path.name, "it holds no data")
            sessions.setdefault(match["id"], Session()).ledger.append(twin)
        elif path.name in LABELS:
            labels.setdefault(path.name, path)
        elif LABEL_ARCHIVE.fullmatch(path.name):
            packed_labels.append(path)
    there = {key: session for key, session in sessions.items() if session.files or session.archive}
    return Survey(there, labels or _labels_elsewhere(root, packed_labels))


def _labels_elsewhere(root: Path, archives: list[Path]) -> dict[str, File]:
    """Label files in an archive, else in the folder around the corpus's."""
    for archive in archives:
        try:
            found = {member.name: member for member in members(archive)[0] if member.name in LABELS}
        except Problems as fault:
            raise Problems("E-DAIC's labels", fault.problems) from None
        if found:
            return dict[str, Member | Path](found)
    parent = root.resolve().parent
    candidates = [folder / name for folder in (parent, parent / "labels") for name in LABELS]
    outside: dict[str, File] = {}
    for path in candidates:
        if path.is_file():
            outside.setdefault(path.name, path)
    return outside
