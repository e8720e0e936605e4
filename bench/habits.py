"""What DAIC-WOZ's files have by habit, in every session or in many: found by the reader, out of the way afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from smfl.corpora import open_corpus
from smfl.corpora.daic_woz.transcript import LAST_TRANSCRIBED_BY_HAND
from smfl.interview import Interview
from smfl.simulation import simulate
from smfl.simulation.survival import ledger_lines

PEOPLE = 30
"""Enough for numbers on both sides of 363 and for some removed words."""


@dataclass(frozen=True, slots=True)
class Habit:
    """One habit.

    Args:
        name: short.
        what: in words.
        there: whether a session's folder has it, as its files show by themselves.
        told: a part of the ledger line that tells it.
        gone: whether an interview as read is free of it.
    """

    name: str
    what: str
    there: Callable[[Path], bool]
    told: str
    gone: Callable[[Interview], bool]


def rows(work: Path) -> list[list[str]]:
    """A row a habit: in how many sessions it is, is told, and is out of the way."""
    folder = simulate("daic-woz", work, participants=PEOPLE, minutes=0.25, seed=3, positives=0.5, defects=())
    cohort = open_corpus(folder)
    found = list[list[str]]()
    for habit in HABITS:
        having = [key for key in cohort.keys if habit.there(folder / f"{key}_P")]
        interviews = [cohort.read(key) for key in having]
        seen = sum(any(habit.told in line for line in ledger_lines(interview)) for interview in interviews)
        gone = sum(habit.gone(interview) for interview in interviews)
        found.append([f"`{habit.name}`", habit.what, f"{len(having)}", f"{seen}", f"{gone}"])
    return [*found, _layouts(folder)]


def _layouts(folder: Path) -> list[str]:
    """Two of the four label files spell their columns in a way of their own; all their people have label and gender."""
    cohort = open_corpus(folder)
    first = {path.name: path.read_text(encoding="utf-8").split("\n", 1)[0] for path in folder.glob("*split*.csv")}
    others = [name for name, header in first.items() if not header.startswith("Participant_ID,PHQ8_Binary")]
    seen = {entry.where for entry in cohort.ledger if " read as " in entry.what}
    tested = [interview for interview in cohort if interview.split == "test"]
    gone = len(others) if tested and all(one.label and one.gender for one in tested) else 0
    return ["`label-layouts`", "label files with columns spelt otherwise", f"{len(others)}", f"{len(seen)}", f"{gone}"]


def _transcript(folder: Path) -> list[list[str]]:
    (path,) = folder.glob("*_TRANSCRIPT.csv")
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]


def _said(folder: Path, word: str) -> bool:
    return any(word in row[3] for row in _transcript(folder))


def _silenced(interview: Interview) -> bool:
    """Whether no measurement of the voice is zero throughout, and the removed word is in no sentence."""
    values = [interview.signals[name]().values for name in ("covarep", "formant")]
    zeros = any((np.nan_to_num(one, nan=1.0) == 0).all(axis=1).any() for one in values)
    return not zeros and not any("scrubbed" in sentence.text for sentence in interview.sentences)


def _untracked(interview: Interview) -> bool:
    face = interview.signals["openface"]()
    lost = face.select(("success",)).values[:, 0] == 0
    return bool(np.isnan(face.values[lost][:, :-2]).all())


def _has_zeros(folder: Path) -> bool:
    (path,) = folder.glob("*_CLNF_pose.txt")
    return any(line.split(", ")[3] == "0" for line in path.read_text(encoding="utf-8").splitlines()[1:])


HABITS = (
    Habit(
        "preamble",
        "talk with the assistant before the interview",
        lambda f: _transcript(f)[0][2] != "Ellie",
        "talk before the interviewer's first row",
        lambda i: not i.turns[0].by_participant,
    ),
    Habit(
        "sync-mark",
        "a row that marks the devices' synchronisation",
        lambda f: _said(f, "<synch>"),
        "synchronisation",
        lambda i: not any("synch" in turn.text for turn in i.turns),
    ),
    Habit(
        "laughter",
        "sounds in the text",
        lambda f: any("<laughter>" in row[3] for row in _transcript(f)[2:]),
        "a sound or a word cut off",
        lambda i: not any("<" in sentence.text for sentence in i.sentences),
    ),
    Habit(
        "scrubbed",
        "removed words: silence, and rows of zeros",
        lambda f: _said(f, "scrubbed_entry"),
        "scrubbed_entry",
        _silenced,
    ),
    Habit(
        "logged-prompts",
        "the interviewer's rows as lines of a log, above 363",
        lambda f: int(f.name[:3]) > LAST_TRANSCRIBED_BY_HAND,
        "lines of a log",
        lambda i: not any("(" in turn.text for turn in i.turns),
    ),
    Habit(
        "spaced-names",
        "names and cells that begin with a space",
        lambda f: ", " in next(f.glob("*_CLNF_pose.txt")).read_text(encoding="utf-8")[:99],
        "begin with a space",
        lambda i: "pose_Rx" in i.signals["openface"]().columns,
    ),
    Habit("failed-frames", "frames that weren't tracked, zeros in them", _has_zeros, "weren't tracked", _untracked),
)
