"""E-DAIC's tables: transcripts without a speaker, measurements of face and voice, and the labels.

**Transcript.** ``Start_Time,End_Time,Text,Confidence``, quoted, seconds with one decimal: what a recogniser made of the
participant's microphone. *Both voices are in it, as far as that microphone caught them, and no column says whose a row
is.* A row is a sentence here; whose, only the voices could tell.

**Face.** OpenFace 2.1's pose, gaze and action units, about 30 rows a second; no landmarks.

**Voice.** openSMILE's eGeMAPS descriptors, of version 1 (23, two fewer than version 2: they can't be read in its
place), and cepstral coefficients; semicolons, 100 rows a second. **Bags of words**: without header, a window of 4 s,
100 counts; semicolons in some releases, commas in others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from smfl.formats.archives import File
from smfl.formats.numeric_tables import first_line, read_columns, stacked
from smfl.formats.openface import ACTION_UNITS, GAZE, POSE, STATE, read_openface
from smfl.formats.opensmile import V02, without_unvoiced
from smfl.formats.tables import Check, read_table
from smfl.interview import (
    HIGHEST_SCORE,
    Entry,
    FeatureError,
    Label,
    Problems,
    Segment,
    Sentence,
    Signal,
    SignalReader,
)

SCALE, CUTOFF = "PHQ-8", 10
BY_SCORE, AS_DISTRIBUTED = "phq>=10", "as_distributed"
LABEL_RULES = (BY_SCORE, AS_DISTRIBUTED)
SPLITS = {"train_split.csv": "train", "dev_split.csv": "validation", "test_split.csv": "test"}
DETAILED = "Detailed_PHQ8_Labels.csv"
PTSD, SEVERITY = "PCL-C (PTSD)", "PTSD Severity"
MIXED = "both voices are in the transcript, and no column says whose a row is: the interviewer's words are among them"

OPENFACE: tuple[str, ...] = (*POSE, *GAZE, *ACTION_UNITS, *STATE)
DESCRIPTORS = tuple(name for name in V02 if name not in ("F2bandwidth_sma3nz", "F3bandwidth_sma3nz"))
WORDS = 100
WINDOW_S = 0.02
SHORT_S = 2.0


@dataclass(frozen=True, slots=True)
class Transcript:
    """A transcript's rows as sentences, and what was found on the way."""

    sentences: tuple[Sentence, ...]
    ledger: tuple[Entry, ...]


def read_transcript(path: File, interview: str) -> Transcript:
    """Read what was recognised, in time order.

    Raises:
        Problems: where the file isn't there or lacks a column, or no row holds a word.
    """
    table = read_table(path, required=("Start_Time", "End_Time", "Text"))
    found: list[Sentence] = []
    empty, faults = 0, list[str]()
    for row in table.rows:
        check = Check(row)
        start, stop = (check.number(name, "seconds from the start") for name in ("Start_Time", "End_Time"))
        if not check.text("Text"):
            empty += 1
        elif start is None or stop is None or stop < start:
            faults.append(f"{row.place}: {check.text('Start_Time')!r} to {check.text('End_Time')!r}; expected seconds")
        else:
            found.append(Sentence(Segment(start, stop), check.text("Text")))
    if not found:
        raise Problems(path.name, [f"{path.name}: no row with a word in it"])
    ledger = [Entry(interview, "noted", MIXED, path.name, "tell the voices apart before words are read as theirs")]
    ledger += [Entry(interview, "skipped", fault, path.name, "such a row has no place in time") for fault in faults]
    if empty:
        what = f"{empty} row(s) without a word left out"
        ledger.append(Entry(interview, "repaired", what, path.name, "nothing was recognised"))
    ordered = sorted(found, key=lambda sentence: sentence.segment or Segment(0, 0))
    if ordered != found:
        why = "a sentence is what follows in time"
        ledger.append(Entry(interview, "repaired", "rows that aren't in time order are sorted", path.name, why))
    return Transcript(tuple(ordered), tuple(ledger))


def _separator(path: File) -> str:
    line = first_line(path)
    return ";" if line.count(";") > line.count(",") else ","


def readers(files: Mapping[str, File], interview: str, sound_s: float | None) -> dict[str, SignalReader]:
    """How to read each table that is there."""
    made: dict[str, SignalReader] = {}
    if "openface" in files:
        made["openface"] = partial(read_face, files["openface"], interview, sound_s)
    for kind in ("egemaps", "mfcc"):
        if kind in files:
            made[kind] = partial(read_descriptors, kind, files[kind], interview)
    for kind in ("boaw_egemaps", "boaw_mfcc", "bovw_openface"):
        if kind in files:
            made[kind] = partial(read_bag, kind, files[kind], interview)
    return made


def read_face(path: File, interview: str, sound_s: float | None) -> Signal:
    """OpenFace's table: float32 [frames, `OPENFACE`]; ``nan`` in frames that weren't tracked."""
    signal = read_openface(path, OPENFACE)
    notes: list[Entry] = []
    if ", " in first_line(path):
        what = "names and values begin with a space: stripped"
        notes.append(Entry(interview, "repaired", what, path.name, "its separator is a comma and a space"))
    lost = int(np.isnan(signal.values[:, : -len(STATE)]).all(axis=1).sum())
    if lost:
        what = f"{lost} of {len(signal)} frames weren't tracked: missing, their rows stay"
        notes.append(Entry(interview, "repaired", what, path.name, "success is 0, or confidence below 0.8"))
    end = 0.0 if signal.times is None or not len(signal) else float(signal.times[-1])
    if sound_s is not None and abs(end - sound_s) > SHORT_S:
        action, how = (
            ("missing", "before the sound: missing after it") if end < sound_s else ("noted", "past the sound")
        )
        rate = f"{len(signal) / sound_s:.2f} frames a second"
        what = f"the face ends at {end:.1f} s, {abs(sound_s - end):.1f} s {how}; {rate}"
        notes.append(Entry(interview, action, what, path.name, "frames are timed by their time stamps"))
    return Signal("openface", signal.columns, signal.values, signal.times, signal.rate_hz, tuple(notes))


def read_descriptors(kind: str, path: File, interview: str) -> Signal:
    """``egemaps`` or ``mfcc``: float32 [rows, 23 or 39], at the windows' centres; voiced measures ``nan`` elsewhere."""
    separator = _separator(path)
    header = tuple(cell.strip().strip("'\"") for cell in first_line(path).split(separator))
    names = header[2:]
    if header[:2] != ("name", "frameTime") or (kind == "egemaps" and set(names) != set(DESCRIPTORS)):
        expected = (
            f"name;frameTime; and {'the 23 descriptors of eGeMAPS v01a' if kind == 'egemaps' else '39 coefficients'}"
        )
        raise FeatureError(f"{path.name}, header: {len(header)} columns; expected {expected}")
    wanted = DESCRIPTORS if kind == "egemaps" else names
    table = read_columns(
        path,
        header,
        header=True,
        wanted=("frameTime", *wanted),
        exact=("frameTime",),
        infinite_is_missing=True,
        delimiter=separator,
    )
    values = without_unvoiced(stacked(table, wanted), wanted)
    return Signal(
        kind, tuple(wanted), np.asarray(values, "f4"), _in_order(table["frameTime"], path) + WINDOW_S / 2, 100.0
    )


def read_bag(kind: str, path: File, interview: str) -> Signal:
    """A bag of words: float32 [windows, 100], at the windows' instants; its separator is found out."""
    separator = _separator(path)
    names = ("name", "time", *(f"{kind}_{k}" for k in range(WORDS)))
    width = len(first_line(path).split(separator))
    if width != len(names):
        raise FeatureError(
            f"{path.name}, row 1: {width} columns; expected {len(names)}: a name, a time, {WORDS} counts"
        )
    table = read_columns(path, names, header=False, wanted=names[1:], exact=("time",), delimiter=separator)
    times = _in_order(table["time"], path)
    steps = np.diff(times)
    rate = round(float(1 / np.median(steps)), 3) if len(steps) and np.median(steps) > 0 else 10.0
    why = "releases differ in it"
    notes = (Entry(interview, "noted", f"separated by {separator!r}", path.name, why),)
    return Signal(kind, names[2:], stacked(table, names[2:]), times, rate, notes)


def _in_order(
    times: np.ndarray[tuple[int, ...], np.dtype[np.floating]], path: File
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    wrong = ~np.isfinite(times)
    wrong[1:] |= np.diff(times) < 0
    if wrong.any():
        raise FeatureError(f"{path.name}, row {int(np.argmax(wrong)) + 1}: a time that is none, or runs backwards")
    return np.asarray(times, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Labelled:
    """What the label files say of one participant."""

    split: str
    place: str
    score: float | None
    binary: float | None
    gender: str | None
    metadata: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    ledger: tuple[Entry, ...] = ()

    def label(self, interview: str, rule: str) -> tuple[Label | None, list[Entry]]:
        """The label by the rule that was chosen; a line where the other rule has another one."""
        if self.score is None:
            return (None if self.binary is None else Label(int(self.binary), None, SCALE)), []
        by_score = Label.from_score(self.score, scale=SCALE, cutoff=CUTOFF)
        label = by_score if rule == BY_SCORE or self.binary is None else Label(int(self.binary), self.score, SCALE)
        if self.binary is None or int(self.binary) == by_score.value:
            return label, []
        what = f"label {self.binary:g} with a score of {self.score:g}: the label is {label.value}"
        action = "noted" if rule == AS_DISTRIBUTED else "repaired"
        return label, [Entry(interview, action, what, self.place, f"the rule {rule} was chosen")]


def read_labels(files: Mapping[str, File]) -> dict[str, Labelled]:
    """Read the three parts and the items, by participant.

    Raises:
        Problems: where a file lacks a column.
    """
    items = _items(files[DETAILED]) if DETAILED in files else {}
    labels: dict[str, Labelled] = {}
    for name, split in SPLITS.items():
        if name not in files:
            continue
        for row in read_table(files[name], required=("Participant_ID", "Gender", "PHQ_Binary", "PHQ_Score")).rows:
            check, key = Check(row), row.cells["Participant_ID"].removesuffix(".0")
            score = check.number("PHQ_Score", "a PHQ-8 score, 0 to 24", high=HIGHEST_SCORE[SCALE])
            binary = check.number("PHQ_Binary", "0 or 1", high=1.0)
            gender = check.word("Gender", ("female", "male"))
            severity = check.number(SEVERITY, "17 to 85", low=17.0, high=85.0)
            metadata = {"ptsd": check.text(PTSD), "ptsd_severity": check.text(SEVERITY)} | items.get(key, {})
            ledger = []
            if severity is None and SEVERITY in row.cells and not check.faults:
                ledger.append(Entry(key, "missing", "no PTSD severity", row.place, "an empty cell"))
            total = metadata.get("PHQ_8Total", "")
            if total and score is not None and float(total) != score:
                what = f"the items' total is {total}, but the score is {score:g}"
                ledger.append(Entry(key, "noted", what, DETAILED, "the score counts"))
            kept = {name: text for name, text in metadata.items() if text}
            labels[key] = Labelled(split, row.place, score, binary, gender, kept, tuple(check.faults), tuple(ledger))
    return labels


def _items(path: File) -> dict[str, dict[str, str]]:
    table = read_table(path, required=("Participant_ID",))
    return {
        row.cells["Participant_ID"].removesuffix(".0"): {k: v for k, v in row.cells.items() if k.startswith("PHQ_8")}
        for row in table.rows
    }
