"""MMD2023: the SMFL paper's own corpus, 100 people talking with a doctor in Chinese, as the authors' code lays it out.

**Citation.** Zhang et al. (2025), *Sentence-level multi-modal feature learning for depression recognition*, Frontiers
in Psychiatry 16:1439577.

**Access and licence.** Private: for those who have it. Others bring interviews of this kind in the open format
(`manifest`), which needs no spectrograms as pictures.

**On disk.** What the authors' code reads below ``data/`` (or the folder itself); ``pid`` is a person:

==============================  ======================================================================================
``label.xlsx``, sheet ``hamd``  columns ``id`` and ``all``, the HAMD-17's total
``txt_csv/{pid}.csv``           tabs: ``start_time, stop_time`` as MM:SS, ``speaker`` (患者 is the patient), ``value``
``face3d/{pid}.txt``            commas, one header line, columns 1 to 204 = X0-67, Y0-67, Z0-67 in mm, 30 a second
``face_features/{pid}.txt``     columns 4 to 139 = 68 points in the picture: signal ``landmarks-2d``, in pixels
``audio_png/{pid}.png``         a grey picture, 513 rows, about 172.27 columns a second: signal ``spectrogram``, 0 to 1
``text/text.ark``               Kaldi matrices, sentences x 768, by pid: signal ``embedding``, a row a sentence
``train_set``, ``test_set``     lists of pids, one a line
==============================  ======================================================================================

``features="own"`` reads the last three signals; face-common reads the points in three dimensions. There is no sound:
the voice is a picture of a spectrogram, and voice-lld can't be had.

**Sentence.** A row of the patient's. Times are whole seconds: a row that stops in the second in which it starts lasts
to that second's end. **Split.** The authors' 80 and 20. **Gender, age.** Not in the layout. **Overlap.** None is
known.

**Label rule.** ``hamd>17``, the paper's (§2.1: HAMD-17 > 17 or PHQ-8 >= 9; the table holds HAMD only), unless
``hamd>=8``, the authors' code's, is asked for. Each person whom the two rules class differently is told in the ledger.

**Repairs.** Rows with ``-1.#IND`` are missing frames and keep their place; the authors' code drops them, which shifts
all that follow. The code's cap of 21 sentences isn't applied: the threshold M is `prepare`'s.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from smfl.corpora.mmd2023.signals import read_embedding, read_face, read_points, read_spectrogram
from smfl.corpora.registry import DEFAULT, Corpus, Options
from smfl.corpora.simulated import is_simulated, pool
from smfl.formats.kaldi import Matrix, read_index
from smfl.formats.tables import Check, Row, read_table
from smfl.formats.workbooks import read_sheet
from smfl.interview import (
    INTERVIEWER,
    PARTICIPANT,
    Cohort,
    CorpusError,
    Entry,
    Interview,
    Label,
    Problems,
    Segment,
    Sentence,
    SignalReader,
    Source,
    Turn,
)

INFO, SHEET, ARK = "label.xlsx", "hamd", "text/text.ark"
FACE, POINTS, PICTURES, WORDS = "face3d", "face_features", "audio_png", "txt_csv"
LISTS = {"train_set": "train", "test_set": "test"}
COLUMNS = ("start_time", "stop_time", "speaker", "value")
PATIENT = ("患者", "patient")
SCALE, HIGHEST = "HAMD-17", 52.0
RULES = {"hamd>17": 18, "hamd>=8": 8}
LABEL_RULE = "HAMD-17 > 17 is depressed (the paper's; hamd>=8 is the authors' code's)"
LAST_SECOND = 1.0

_CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d{1,2}(?:\.\d+)?)")


def _data(root: Path) -> Path:
    return next((p for p in (root, root / "data") if (p / WORDS).is_dir()), root)


def detect(root: Path) -> bool:
    """Whether the authors' folders of transcripts and faces are there."""
    data = _data(root)
    return (data / WORDS).is_dir() and ((data / FACE).is_dir() or (data / PICTURES).is_dir())


def load(root: Path, options: Options = DEFAULT) -> Cohort:
    """Open the corpus.

    Raises:
        Problems: where there is no transcript, or the table of labels or the archive of vectors can't be read.
    """
    data = _data(root)
    keys = tuple(sorted(path.stem for path in (data / WORDS).glob("*.csv") if not path.name.startswith(".")))
    if not keys:
        raise Problems(str(root), [f"no transcript; expected {CORPUS.looks_for}"])
    table = next((p for p in (data / INFO, root / INFO) if p.is_file()), None)
    rows: dict[str, Row] = {}
    ledger: list[Entry] = []
    if table is None:
        ledger.append(Entry("", "missing", f"no {INFO}: nobody has a label", root.name))
    else:
        rows = {row.cells["id"]: row for row in read_sheet(table, sheet=SHEET, required=("id", "all")).rows}
    try:
        vectors = read_index(data / ARK) if (data / ARK).is_file() else {}
    except CorpusError as fault:
        raise Problems(str(root), [str(fault)]) from None
    rule = options.label_rule or next(iter(RULES))
    said = f"{LABEL_RULE.split(' (')[0]} (the paper's)" if rule == next(iter(RULES)) else f"{SCALE} >= 8 (the code's)"
    source = Source("mmd2023", CORPUS.citation, CORPUS.licence, "zh", said, is_simulated(root), pool(root, "mmd2023"))
    return Cohort(source, keys, _Reader(data, rows, vectors, _splits(data), rule).read, ledger)


def _splits(data: Path) -> dict[str, str]:
    """The part of each person, by the two lists, whatever their ending."""
    found: dict[str, str] = {}
    for name, part in LISTS.items():
        for path in sorted(data.glob(f"{name}*")):
            words = re.split(r"[\s,;]+", path.read_text(encoding="utf-8-sig", errors="replace"))
            found |= {word.strip("'\""): part for word in words if word}
    return found


@dataclass(frozen=True)
class _Reader:
    data: Path
    rows: Mapping[str, Row]
    vectors: Mapping[str, Matrix]
    splits: Mapping[str, str]
    rule: str

    def read(self, key: str) -> Interview:
        """One person.

        Raises:
            Problems: all that makes the person unusable.
        """
        ledger: list[Entry] = []
        turns, problems = _turns(self.data / WORDS / f"{key}.csv", key, ledger)
        sentences = tuple(Sentence(turn.segment, turn.text) for turn in turns if turn.by_participant)
        if not sentences and not problems:
            problems.append(f"{WORDS}/{key}.csv, column 'speaker': no row says {PATIENT[0]} (the patient)")
        label = self._label(key, ledger, problems)
        if problems:
            raise Problems(f"interview {key}", problems)
        return Interview(
            id=key,
            participant=key,
            sentences=sentences,
            turns=turns,
            label=label,
            split=self.splits.get(key),
            signals=self._signals(key, len(sentences), ledger),
            own=("landmarks-2d", "spectrogram", "embedding"),
            metadata={},
            ledger=tuple(ledger),
        )

    def _signals(self, key: str, sentences: int, ledger: list[Entry]) -> dict[str, SignalReader]:
        signals: dict[str, SignalReader] = {}
        readers = {
            "openface": (self.data / FACE / f"{key}.txt", read_face),
            "landmarks-2d": (self.data / POINTS / f"{key}.txt", read_points),
            "spectrogram": (self.data / PICTURES / f"{key}.png", read_spectrogram),
        }
        for name, (path, read) in readers.items():
            if path.is_file():
                signals[name] = partial(read, path)
            else:
                ledger.append(Entry(key, "missing", f"no {name}", f"{path.parent.name}/{path.name}"))
        matrix = self.vectors.get(key)
        if matrix is None:
            ledger.append(Entry(key, "missing", "no vectors of its sentences", ARK))
        elif matrix.rows != sentences:
            what = f"{matrix.rows} vectors, but {sentences} sentences: which belongs to which can't be told"
            ledger.append(Entry(key, "missing", what, ARK, "the words are there, and can be encoded anew"))
        else:
            signals["embedding"] = partial(read_embedding, matrix)
        return signals

    def _label(self, key: str, ledger: list[Entry], problems: list[str]) -> Label | None:
        row = self.rows.get(key)
        if row is None:
            if self.rows:
                ledger.append(Entry(key, "missing", f"no label, as {INFO} doesn't list it"))
            return None
        check = Check(row)
        score = check.number("all", f"a {SCALE} total, 0 to {HIGHEST:g}", high=HIGHEST)
        problems += check.faults
        if score is None:
            return None
        if len({score >= cutoff for cutoff in RULES.values()}) > 1:
            what = f"HAMD-17 is {score:g}: depressed by the code's rule (>= 8), not by the paper's (> 17)"
            ledger.append(Entry(key, "noted", what, row.place, f"the rule here is {self.rule}"))
        return Label.from_score(score, scale=SCALE, cutoff=RULES[self.rule])


def _turns(path: Path, key: str, ledger: list[Entry]) -> tuple[tuple[Turn, ...], list[str]]:
    """Everyone's turns in time order, and what is wrong with the rows."""
    faults, turns, short = [], [], 0
    for row in read_table(path, required=COLUMNS, delimiter="\t", quoted=False, last_may_lack=True).rows:
        check = Check(row)
        start, stop = (_seconds(check, column) for column in COLUMNS[:2])
        if not check.faults and start is not None and stop is not None and stop < start:
            check.fault("stop_time", f"{check.text('start_time')} or later, where the row starts")
        faults += check.faults
        if check.faults or start is None or stop is None:
            continue
        short += stop == start
        stop = stop if stop > start else start + LAST_SECOND
        speaker = PARTICIPANT if check.text("speaker").casefold() in PATIENT else INTERVIEWER
        turns.append(Turn(Segment(start, stop), speaker, check.text("value")))
    if short:
        what = f"{short} row(s) that stop in the second in which they start last to its end"
        ledger.append(Entry(key, "repaired", what, f"{WORDS}/{path.name}", "times are whole seconds"))
    return tuple(sorted(turns, key=lambda turn: turn.segment)), faults


def _seconds(check: Check, column: str) -> float | None:
    found = _CLOCK.fullmatch(check.text(column))
    if found is None:
        check.fault(column, "minutes and seconds, MM:SS")
        return None
    hours, minutes, seconds = found.groups()
    return (int(hours or 0) * 60 + int(minutes)) * 60 + float(seconds)


CORPUS = Corpus(
    name="mmd2023",
    title="the paper's corpus in the layout of the authors' code; yours, if you have it; else bring the open format",
    citation="Zhang et al. (2025). Sentence-level multi-modal feature learning for depression recognition. Frontiers "
    "in Psychiatry 16:1439577.",
    access="private",
    licence="the owners'",
    language="zh",
    label_rule=LABEL_RULE,
    looks_for=f"{INFO}, {WORDS}/<pid>.csv, {FACE}/<pid>.txt, {PICTURES}/<pid>.png, {ARK}",
    detect=detect,
    load=load,
    label_rules=tuple(RULES),
)
