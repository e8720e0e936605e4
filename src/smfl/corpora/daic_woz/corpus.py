"""DAIC-WOZ: 189 interviews in English by an animated interviewer whom people controlled (AVEC 2016 and 2017).

**Citation.** Gratch et al. (2014), *The Distress Analysis Interview Corpus of human and computer interviews*, LREC,
3123-3128; DeVault et al. (2014), *SimSensei Kiosk*, AAMAS, 1061-1068. The challenge: Valstar et al. (2016), *AVEC
2016*, 3-10; Ringeval et al. (2017), *AVEC 2017*, 3-9.

**Access and licence.** From USC's Institute for Creative Technologies, for academic research, after an agreement is
signed (https://dcapswoz.ict.usc.edu). Neither files nor labels may be passed on; nothing of it is in this package.

**On disk.** One archive a session, ``{id}_P.zip``, whose files lie flat. It is read as it was downloaded; or people
unpack it into ``{id}_P/``, into ``{id}/``, or all into one folder. Files are therefore found by name, in any folder:

====================================  ============================================================================
``{id}_P.zip``                        see `daic_woz_files`
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

**Repairs** that are made, each with a line in the ledger: contradicting labels and a missing item; transcripts that are
out of step with the sound, interruptions, rows that aren't the interview (`daic_woz_transcript`); failed frames,
spellings of no number, silenced stretches, a face that ends early (`daic_woz_signals`); twin files. The sessions that
public sources name are in `daic_woz_defects`.

**Without repairs** (``repairs="none"``) labels are as distributed, transcripts keep their times and all their rows, and
nothing is masked. What no reader can do without is done all the same: names without spaces, no number for ``-1.#IND``,
nothing measured in a failed frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from smfl.corpora.daic_woz.defects import EXCLUDED_BY_OTHERS, KNOWN, Known
from smfl.corpora.daic_woz.files import Session, is_session, survey, walk
from smfl.corpora.daic_woz.labels import FOLDERS, LABEL_RULE, Labelled, find_label_files, read_labels
from smfl.corpora.daic_woz.signals import FACE_TABLES, VOICE_COLUMNS, faults, read_face, read_voice, sound_seconds
from smfl.corpora.daic_woz.transcript import Transcript, read_transcript
from smfl.corpora.registry import DEFAULT, Corpus, Options
from smfl.corpora.simulated import is_simulated, plants_defects, pool
from smfl.formats.archives import File, Member
from smfl.interview import Cohort, Entry, Interview, Problems, Segment, SignalReader, Source

NAME = "daic-woz"
CITATION = (
    "Gratch et al. (2014). The Distress Analysis Interview Corpus of human and computer interviews. LREC, 3123-3128."
)
LICENCE = "academic research only, under a signed agreement with USC ICT"
PEOPLE = "daic"
"""Whose participants these are: E-DAIC holds the same people under the same numbers."""

AS_DISTRIBUTED = "label as distributed"
_SHOWN = 10


def detect(root: Path) -> bool:
    """Whether some file below the folder is named as a session's archive, transcript or measurements are."""
    return any(is_session(path.name) for path in walk(root))


def load(root: Path, options: Options = DEFAULT) -> Cohort:
    """Open sessions, unpacked or in their archives.

    Raises:
        Problems: where no session is there, or a label file can't be read.
    """
    found = survey(root)
    if not found.sessions:
        raise Problems(str(root), [f"no session is here; expected {CORPUS.looks_for}"])
    label_files = find_label_files(root, found.label_files)
    labels, notes = read_labels(label_files.values())
    simulated = is_simulated(root)
    known = KNOWN if not simulated or plants_defects(root) else {}
    excluded = set(EXCLUDED_BY_OTHERS) & set(known) if options.exclude_known_bad else set()
    keys = sorted(set(found.sessions) - excluded)
    ledger = [*found.ledger, *notes, *_on_labels(sorted(found.sessions), labels, bool(label_files))]
    ledger += [
        Entry(key, "skipped", known[key].what, why=f"left out as asked (exclude_known_bad); {known[key].source}")
        for key in sorted(excluded & set(found.sessions))
    ]
    if not options.repaired:
        ledger.append(Entry("", "noted", "known defects are left as they are", why="asked for by repairs='none'"))
    rule = LABEL_RULE if options.repaired else AS_DISTRIBUTED
    source = Source(NAME, CITATION, LICENCE, "en", rule, simulated, pool(root, PEOPLE))
    reader = _Reader(found.sessions, labels, known, options.repaired)
    return Cohort(source, keys, reader.read, ledger)


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

    sessions: Mapping[str, Session]
    labels: Mapping[str, Labelled]
    known: Mapping[str, Known]
    mend: bool

    def read(self, key: str) -> Interview:
        """One session; its measurements only when they are asked for.

        Raises:
            Problems: all that makes it unusable.
        """
        session, known = self.sessions[key], self.known.get(key)
        files = session.files
        problems, ledger = list(session.faults), list(session.ledger)
        if known and not files:
            problems.append(f"{known.what} ({known.source})")
        transcript = None if session.faults else self._transcript(key, files, problems, ledger)
        signals = {} if session.faults else self._signals(key, files, problems, ledger)
        labelled = self.labels.get(key)
        if labelled is None and self.labels:
            ledger.append(Entry(key, "missing", "no label, as no label file lists it"))
        problems += labelled.faults if labelled else ()
        if problems or transcript is None:
            raise Problems(f"interview {key}", problems)
        label, repairs = labelled.label(key, mend=self.mend) if labelled else (None, [])
        items, more = labelled.answers(key, mend=self.mend) if labelled else ({}, [])
        recording = files.get("AUDIO")
        return Interview(
            id=key,
            participant=key,
            sentences=transcript.sentences,
            turns=transcript.turns,
            recording=recording if isinstance(recording, Path) else None,
            packed=recording if isinstance(recording, Member) else None,
            signals=signals,
            label=label,
            split=labelled.split if labelled else None,
            gender=labelled.gender if labelled else None,
            metadata=items,
            ledger=(*ledger, *repairs, *more),
        )

    def _transcript(
        self, key: str, files: Mapping[str, File], problems: list[str], ledger: list[Entry]
    ) -> Transcript | None:
        if "TRANSCRIPT" not in files:
            problems.append(f"{key}_TRANSCRIPT.csv: not there; unpack the session again")
            return None
        known = self.known.get(key)
        try:
            transcript = read_transcript(files["TRANSCRIPT"], key, known, mend=self.mend)
        except Problems as fault:
            problems += fault.problems
            return None
        problems += transcript.faults
        ledger += transcript.ledger
        if known and not known.untold and not self.mend:
            ledger.append(Entry(key, "noted", known.what, why=f"{known.source}; left as it is"))
        return transcript

    def _signals(
        self, key: str, files: Mapping[str, File], problems: list[str], ledger: list[Entry]
    ) -> dict[str, SignalReader]:
        for kind in (*VOICE_COLUMNS, *FACE_TABLES):
            if kind in files:
                problems += _faults(kind, files[kind])
            else:
                ledger.append(Entry(key, "missing", f"no {kind}", f"{key}_{kind}"))
        sound_s = sound_seconds(files["AUDIO"]) if "AUDIO" in files else None
        if "AUDIO" not in files:
            ledger.append(Entry(key, "missing", "no recording", f"{key}_AUDIO.wav"))
        masked = self._masked(key, ledger)
        signals: dict[str, SignalReader] = {
            kind.lower(): partial(read_voice, kind, files[kind], key, masked) for kind in VOICE_COLUMNS if kind in files
        }
        face = {kind: files[kind] for kind in FACE_TABLES if kind in files}
        if face:
            signals["openface"] = partial(read_face, face, key, sound_s, masked)
        return signals

    def _masked(self, key: str, ledger: list[Entry]) -> Segment | None:
        known = self.known.get(key)
        if known is None or known.interrupted is None or not self.mend:
            return None
        ledger.append(Entry(key, "repaired", f"{known.what}: its signals are masked", why=known.source))
        return known.interrupted


def _faults(kind: str, file: File) -> list[str]:
    try:
        return faults(kind, file)
    except Problems as fault:
        return list(fault.problems)


CORPUS = Corpus(
    name=NAME,
    title="189 English interviews by an animated interviewer; AVEC 2016 and 2017",
    citation=CITATION,
    access="https://dcapswoz.ict.usc.edu, after an agreement is signed",
    licence=LICENCE,
    language="en",
    label_rule=LABEL_RULE,
    looks_for="archives 300_P.zip, or 300_TRANSCRIPT.csv, 300_COVAREP.csv, 300_CLNF_features3D.txt, … in any folder",
    detect=detect,
    load=load,
)
