"""DAIC-WOZ: 189 interviews in English by an animated interviewer whom people controlled (AVEC 2016 and 2017).

**Citation.** Gratch et al. (2014), *The Distress Analysis Interview Corpus of human and computer interviews*, LREC,
3123-3128; DeVault et al. (2014), *SimSensei Kiosk*, AAMAS, 1061-1068. The challenge: Valstar et al. (2016), *AVEC
2016*, 3-10; Ringeval et al. (2017), *AVEC 2017*, 3-9.

**Access and licence.** From USC's Institute for Creative Technologies, for academic research, after an agreement is
signed (https://dcapswoz.ict.usc.edu). Neither files nor labels may be passed on; nothing of it is in this package.

**On disk.** One archive a session, ``{id}_P.zip``, whose files lie flat; people unpack them into ``{id}_P/``, into
``{id}/``, or all into one folder. Files are therefore found by name, in any folder:

====================================  ============================================================================
``{id}_AUDIO.wav``                    16 kHz, the participant's microphone; identifying words are silenced
``{id}_TRANSCRIPT.csv``               see `daic_woz_transcript`
``{id}_COVAREP.csv``, ``_FORMANT``    see `daic_woz_signals`
``{id}_CLNF_{features3D,gaze,pose,AUs}``  ``.txt`` or ``.csv``; see `daic_woz_signals`
``{id}_CLNF_{features,hog}``          not read
``*_split_Depression_AVEC2017.csv``,  see `daic_woz_labels`; in the corpus folder, its parent, or in ``labels`` or
``full_test_split.csv``               ``documents`` of either
====================================  ============================================================================

Numbers run from 300 to 492 without 342, 394, 398 and 460. No video is distributed.

**Label rule.** PHQ-8 score >= 10 is depressed. One participant's binary label contradicts the score (409); it is
recomputed, with a line in the ledger. The official split is train 107, validation ("dev") 35, test 47.

**Repairs** that are made, each with a line in the ledger where it touches an interview: contradicting labels; rows of
the transcript that aren't the interview (see `daic_woz_transcript`). Without a line, since the format has it so in
every session: spaces in headers, spellings of missing numbers, unvoiced and untracked frames, macOS twin files
(``._…``).

**Known defects** of single sessions are in `KNOWN_DEFECTS`: their interviews carry a line in the ledger that tells
them; nothing is shifted or masked.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from smfl.corpora.daic_woz_labels import (
    FOLDERS,
    LABEL_RULE,
    Labelled,
    find_label_files,
    is_label_file,
    read_labels,
)
from smfl.corpora.daic_woz_signals import FACE_TABLES, VOICE_COLUMNS, faults, read_face, read_voice
from smfl.corpora.daic_woz_transcript import read_transcript
from smfl.corpora.registry import DEFAULT, Corpus, Options
from smfl.interview import Cohort, Entry, Interview, Problems, SignalReader, Source

NAME = "daic-woz"
CITATION = (
    "Gratch et al. (2014). The Distress Analysis Interview Corpus of human and computer interviews. LREC, 3123-3128."
)
LICENCE = "academic research only, under a signed agreement with USC ICT"
TRUTH = "truth.csv"
"""Lies in a simulated corpus, and says what was planted."""

_UNALIGNED = "the transcript's times are about {:g} s early (public report)"
_INTERRUPTED = "the interview was interrupted, {} (the corpus's manual)"
KNOWN_DEFECTS: Mapping[str, str] = {
    "318": _UNALIGNED.format(34.3),
    "321": _UNALIGNED.format(3.8),
    "341": _UNALIGNED.format(6.2),
    "362": _UNALIGNED.format(16.9),
    "373": _INTERRUPTED.format("5:52 to 7:00"),
    "444": _INTERRUPTED.format("4:46 to 6:27"),
    "402": "the video ends about two minutes before the sound",
    "440": "the archive was reported to be damaged at its source",
}
"""By session, what public documentation and public loaders report."""

_FILE = re.compile(r"(?P<id>\d{3})_(?P<kind>AUDIO|TRANSCRIPT|COVAREP|FORMANT|CLNF_\w+)\.(?P<end>wav|csv|txt|bin)")
_TELLING = ("TRANSCRIPT", "COVAREP", "FORMANT", "CLNF_features3D", "CLNF_AUs")
_SHOWN = 10

Files = dict[str, Path]


def _walk(root: Path) -> Iterator[Path]:
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


def detect(root: Path) -> bool:
    """Whether some file below the folder is named as a session's transcript or measurements are."""
    matches = (_FILE.fullmatch(path.name) for path in _walk(root))
    return any(match["kind"] in _TELLING for match in matches if match)


def load(root: Path, options: Options = DEFAULT) -> Cohort:
    """Open unpacked sessions.

    Raises:
        Problems: where no session is there, or a label file can't be read.
    """
    sessions: dict[str, Files] = {}
    label_files: list[Path] = []
    ledger: list[Entry] = []
    for path in _walk(root):
        match = _FILE.fullmatch(path.name)
        if match:
            files = sessions.setdefault(match["id"], {})
            if match["kind"] in files:
                what = f"there already as {files[match['kind']].relative_to(root)}, which is read"
                ledger.append(Entry(match["id"], "noted", what, str(path.relative_to(root))))
            files.setdefault(match["kind"], path)
        elif is_label_file(path.name):
            label_files.append(path)
    if not sessions:
        raise Problems(str(root), [f"no session is here; expected {CORPUS.looks_for}"])
    found = find_label_files(root, label_files)
    labels, notes = read_labels(found.values())
    keys = sorted(sessions)
    ledger += [*notes, *_on_labels(keys, labels, bool(found))]
    source = Source(NAME, CITATION, LICENCE, "en", LABEL_RULE, simulated=(root / TRUTH).is_file())
    known = {} if source.simulated else KNOWN_DEFECTS
    return Cohort(source, keys, _Reader(sessions, labels, known).read, ledger)


def _on_labels(keys: list[str], labels: Mapping[str, Labelled], any_file: bool) -> list[Entry]:
    if not any_file:
        what = "no label file: interviews have neither label nor split"
        where = f"the corpus folder, its parent, or their {' or '.join(FOLDERS)}"
        return [Entry("", "missing", what, where, "expected train_split_Depression_AVEC2017.csv and its like")]
    absent = sorted(set(labels) - set(keys))
    if not absent:
        return []
    shown = ", ".join(absent[:_SHOWN]) + (", …" if len(absent) > _SHOWN else "")
    return [Entry("", "missing", f"{len(absent)} of {len(labels)} labelled sessions aren't here: {shown}")]


@dataclass(frozen=True)
class _Reader:
    """Makes interviews of sessions' files."""

    sessions: Mapping[str, Files]
    labels: Mapping[str, Labelled]
    known_defects: Mapping[str, str]

    def read(self, key: str) -> Interview:
        """One session; its measurements only when they are asked for.

        Raises:
            Problems: all that makes it unusable.
        """
        files = self.sessions[key]
        problems: list[str] = []
        ledger: list[Entry] = []
        if key in self.known_defects:
            ledger.append(Entry(key, "noted", self.known_defects[key], why="a known defect, left as it is"))
        transcript = None
        if "TRANSCRIPT" in files:
            try:
                transcript = read_transcript(files["TRANSCRIPT"], key)
                problems += transcript.faults
                ledger += transcript.ledger
            except Problems as fault:
                problems += fault.problems
        else:
            problems.append(f"{key}_TRANSCRIPT.csv: not there; unpack the session again")
        signals = self._signals(key, files, problems, ledger)
        if "AUDIO" not in files:
            ledger.append(Entry(key, "missing", "no recording", f"{key}_AUDIO.wav"))
        labelled = self.labels.get(key)
        if labelled is None and self.labels:
            ledger.append(Entry(key, "missing", "no label, as no label file lists it"))
        problems += labelled.faults if labelled else ()
        if problems or transcript is None:
            raise Problems(f"interview {key}", problems)
        label, repairs = labelled.label(key) if labelled else (None, [])
        return Interview(
            id=key,
            participant=key,
            sentences=transcript.sentences,
            turns=transcript.turns,
            recording=files.get("AUDIO"),
            signals=signals,
            label=label,
            split=labelled.split if labelled else None,
            gender=labelled.gender if labelled else None,
            metadata=dict(labelled.items) if labelled else {},
            ledger=(*ledger, *repairs),
        )

    def _signals(self, key: str, files: Files, problems: list[str], ledger: list[Entry]) -> dict[str, SignalReader]:
        for kind in (*VOICE_COLUMNS, *FACE_TABLES):
            if kind in files:
                problems += faults(kind, files[kind])
            else:
                ledger.append(Entry(key, "missing", f"no {kind}", f"{key}_{kind}"))
        signals: dict[str, SignalReader] = {
            kind.lower(): partial(read_voice, kind, files[kind]) for kind in VOICE_COLUMNS if kind in files
        }
        face = {kind: files[kind] for kind in FACE_TABLES if kind in files}
        if face:
            signals["openface"] = partial(read_face, face)
        return signals


def _simulate(out: Path, **options: Any) -> Path:
    from smfl.corpora.simulation import simulate_daic_woz

    return simulate_daic_woz(out, **options)


CORPUS = Corpus(
    name=NAME,
    title="189 English interviews by an animated interviewer; AVEC 2016 and 2017",
    citation=CITATION,
    access="https://dcapswoz.ict.usc.edu, after an agreement is signed",
    licence=LICENCE,
    language="en",
    label_rule=LABEL_RULE,
    looks_for="unpacked sessions: 300_TRANSCRIPT.csv, 300_COVAREP.csv, 300_CLNF_features3D.txt, … in any sub-folder",
    detect=detect,
    load=load,
    simulate=_simulate,
)
