"""Androids: 118 Italians, patients and healthy people, who read aloud and are interviewed; sound only.

**Citation.** Tao, Esposito & Vinciarelli (2023), *The Androids corpus: a new publicly available benchmark for speech
based depression detection*, Interspeech.

**Access and licence.** From https://github.com/androidscorpus/data; academic, non-commercial.

**On disk.** Below ``Androids-Corpus/``: ``Interview-Task/audio/{HC,PT}/*.wav`` (52 and 64),
``Interview-Task/audio_clip/ <stem>/<stem>_<k>.wav`` (the participant's turns, 874 clips),
``Reading-Task/audio/{HC,PT}/*.wav`` (54 and 58), ``fold-lists.csv`` (fold-list.csv in the README: two header rows,
names in single quotes, the reading task's five folds to the left, the interviews' in columns 7 to 11),
``interview_timedata.csv`` (no header; a stem, then start, end, start, end, … in seconds of the participant's turns;
rows of different length; begins with a byte-order mark).

A name is ``nn_XGmm_t``: a running number; X = P (patient) or C (control); G = M or F; mm the age; t the education, 1
to 4 or X. A person is ``nn`` and X. **The class is in the name and in the folder**: names are keys here, never inputs.

**Interviews.** The interview task is read; the reading task, the same text by much the same people, is told in the
ledger, and read where there is no other. **Sentence.** A turn of the participant's. **Speakers.** The recording holds
both voices; the times tell which is the participant's; without times, the clips are laid end to end (see `answers`).
Words are missing: no transcripts are distributed. **Split.** Five official folds, which keep people apart, as metadata
``fold``. **Overlap.** With no other corpus; interviews and readings share people.

**Label rule.** A psychiatrist's diagnosis: PT is depressed, HC isn't. Not a questionnaire.

**Repairs**, each with a line in the ledger: turns that stop before they start, a last start without an end, turns past
the recording's end are left out or stopped there. A name that contradicts its folder makes that interview unusable.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smfl.corpora.answers import Answer, lay_out, no_words
from smfl.corpora.registry import DEFAULT, Corpus, Options
from smfl.corpora.simulated import is_simulated, pool
from smfl.formats.wav import read_header
from smfl.interview import (
    PARTICIPANT,
    Cohort,
    CorpusError,
    Entry,
    Interview,
    Label,
    Problems,
    Segment,
    Sentence,
    Source,
    Turn,
)

TOP, TASKS = "Androids-Corpus", ("Interview-Task", "Reading-Task")
TIMES, FOLDS = "interview_timedata.csv", ("fold-lists.csv", "fold-list.csv")
LABEL_RULE = "a psychiatrist's diagnosis: PT is depressed"
GROUPS = {"PT": ("P", 1), "HC": ("C", 0)}
GENDERS = {"M": "male", "F": "female"}
INTERVIEW_FOLDS = range(7, 12)
"""Columns of the interviews' folds, counted from 0."""
SLACK_S = 0.5

_NAME = re.compile(r"(?P<number>\d+)_(?P<group>[PC])(?P<gender>[MF])(?P<age>\d{2})_(?P<education>[1-4X])")


def _top(root: Path) -> Path:
    return root / TOP if (root / TOP).is_dir() else root


def detect(root: Path) -> bool:
    """Whether the tasks' folders hold recordings of patients or controls."""
    top = _top(root)
    return any((top / task / "audio" / group).is_dir() for task in TASKS for group in GROUPS)


def load(root: Path, options: Options = DEFAULT) -> Cohort:
    """Open the corpus.

    Raises:
        Problems: where no recording is there, or the table of times can't be read.
    """
    top = _top(root)
    found = {task: sorted((top / task / "audio").glob("*/*.wav")) for task in TASKS}
    task = next((task for task in TASKS if found[task]), None)
    if task is None:
        raise Problems(str(root), [f"no recording; expected {CORPUS.looks_for}"])
    ledger: list[Entry] = []
    recordings = {path.stem: path for path in found[task] if not path.name.startswith(".")}
    if task == TASKS[0] and found[TASKS[1]]:
        what = f"{len(found[TASKS[1]])} recordings of reading aloud aren't read"
        ledger.append(Entry("", "noted", what, TASKS[1], "the same text by much the same people: no interviews"))
    times = next((p for p in (top / TIMES, top / TASKS[0] / TIMES, root / TIMES) if p.is_file()), None)
    if times is None and task == TASKS[0]:
        ledger.append(Entry("", "missing", "no times of turns: the clips are laid end to end", TIMES))
    lists = next((p for p in (top / name for name in FOLDS) if p.is_file()), None)
    if lists is None:
        ledger.append(Entry("", "missing", "no list of the official folds", FOLDS[0]))
    reader = _Reader(top, recordings, read_times(times) if times else {}, _folds(lists) if lists else {}, task)
    source = Source(
        "androids", CORPUS.citation, CORPUS.licence, "it", LABEL_RULE, is_simulated(root), pool(root, "androids")
    )
    return Cohort(source, tuple(sorted(recordings)), reader.read, ledger)


def read_times(path: Path) -> dict[str, list[str]]:
    """The cells of each recording's row, by stem."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        rows = [[cell.strip().strip("'\"") for cell in row] for row in csv.reader(file)]
    return {row[0].removesuffix(".wav"): [cell for cell in row[1:] if cell] for row in rows if row and row[0]}


def _folds(path: Path) -> dict[str, str]:
    """The official fold, 1 to 5, of each interview."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        rows = list(csv.reader(file))[2:]
    return {
        row[column].strip().strip("'\"").removesuffix(".wav"): str(fold)
        for row in rows
        for fold, column in enumerate(INTERVIEW_FOLDS, start=1)
        if column < len(row) and row[column].strip(" '\"")
    }


@dataclass(frozen=True)
class _Reader:
    top: Path
    recordings: Mapping[str, Path]
    times: Mapping[str, list[str]]
    folds: Mapping[str, str]
    task: str

    def read(self, key: str) -> Interview:
        """One recording.

        Raises:
            Problems: all that makes it unusable.
        """
        path, ledger = self.recordings[key], no_words(key, stretched=False)
        name, group = _NAME.fullmatch(key), path.parent.name
        problems = []
        if name is None:
            problems.append(f"{path.name}: its name isn't nn_XGmm_t, e.g. 01_CF56_1: who it is can't be told")
        elif group not in GROUPS or GROUPS[group][0] != name["group"]:
            problems.append(
                f"{group}/{path.name}: the folder and the name contradict each other; ask which one is right"
            )
        seconds = None
        try:
            seconds = read_header(path).seconds
        except CorpusError as fault:
            problems.append(str(fault))
        if problems or name is None or seconds is None:
            raise Problems(f"interview {key}", problems)
        facts: dict[str, Any] = {"recording": path}
        if self.task == TASKS[1]:
            segments = [Segment(0.0, seconds)]
        elif key in self.times:
            segments = _segments(key, self.times[key], seconds, ledger)
        else:
            segments, facts = self._clips(key, ledger)
        if not segments:
            raise Problems(f"interview {key}", [f"{path.name}: no turn of the participant's, in {TIMES} or as a clip"])
        age = float(name["age"])
        told = {"task": self.task, "education": name["education"], "fold": self.folds.get(key, "")}
        return Interview(
            id=key,
            participant=f"{name['number']}{name['group']}",
            sentences=tuple(Sentence(segment, "") for segment in segments),
            turns=tuple(Turn(segment, PARTICIPANT, "") for segment in segments),
            label=Label(GROUPS[group][1], None, "diagnosis"),
            gender=GENDERS[name["gender"]],
            age=age,
            metadata={word: text for word, text in told.items() if text},
            signals={},
            ledger=tuple(ledger),
            **facts,
        )

    def _clips(self, key: str, ledger: list[Entry]) -> tuple[list[Segment], dict[str, Any]]:
        """The participant's turns as clips, laid end to end, where nobody tells when they were."""
        folder = self.top / self.task / "audio_clip" / key
        clips = {int(p.stem.rsplit("_", 1)[1]): p for p in folder.glob(f"{key}_*.wav")} if folder.is_dir() else {}
        answers = []
        for number in sorted(clips):
            try:
                answers.append(Answer(str(number), read_header(clips[number]).seconds, sound=clips[number]))
            except CorpusError as fault:
                ledger.append(Entry(key, "skipped", f"turn {number}", clips[number].name, str(fault)))
        if answers:
            what = f"{len(answers)} clips of turns are laid end to end"
            ledger.append(Entry(key, "repaired", what, f"audio_clip/{key}", f"{TIMES} has no row of it"))
        laid = lay_out(answers)
        return list(laid.segments), {"pieces": laid.pieces}


def _segments(key: str, cells: list[str], seconds: float, ledger: list[Entry]) -> list[Segment]:
    """The participant's turns by the table of times; what can't be one is left out, and told."""

    def left_out(count: int, what: str) -> None:
        if count:
            ledger.append(Entry(key, "repaired", f"{count} turn(s) {what}", TIMES, "a known defect of the table"))

    values = []
    for cell in cells:
        try:
            values.append(float(cell))
        except ValueError:
            values.append(float("nan"))
    left_out(len(values) % 2, "left out: a start without an end")
    pairs = list(zip(values[0::2], values[1::2], strict=False))
    whole = [(start, stop) for start, stop in pairs if 0 <= start < stop]
    left_out(len(pairs) - len(whole), "left out: no times, or they stop before they start")
    inside = [(start, stop) for start, stop in whole if start < seconds]
    left_out(len(whole) - len(inside), f"left out: they start after the recording's end, {seconds:.1f} s")
    left_out(sum(stop > seconds + SLACK_S for _, stop in inside), f"stopped at the recording's end, {seconds:.1f} s")
    return sorted(Segment(start, min(stop, seconds)) for start, stop in inside)


CORPUS = Corpus(
    name="androids",
    title="118 Italians, patients and controls, interviewed; sound only",
    citation="Tao, Esposito & Vinciarelli (2023). The Androids corpus: a new publicly available benchmark for speech "
    "based depression detection. Interspeech.",
    access="https://github.com/androidscorpus/data",
    licence="academic, non-commercial",
    language="it",
    label_rule=LABEL_RULE,
    looks_for=f"{TOP}/Interview-Task/audio/{{HC,PT}}/01_CF56_1.wav, …, {TIMES} and {FOLDS[0]}",
    detect=detect,
    load=load,
)
