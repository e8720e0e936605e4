"""Corpora that come answer by answer, or without any mark of time: one clock for an interview, and what is on it.

A model reads an interview's sentences on one time axis. Where each answer is a file of its own, the files are laid end
to end with `PAUSE_S` between them, and everything that was measured in an answer moves with it. Where no transcript is
distributed and nobody marked a pause, stretches of `STRETCH_S` stand for sentences: their words are missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from smfl.interview import PARTICIPANT, Entry, Piece, Segment, Sentence, Signal, Turn

PAUSE_S = 1.0
STRETCH_S = 10.0
SHORTEST_S = 2.0
"""A rest shorter than this joins the stretch before it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as it is distributed.

    Args:
        name: e.g. ``Q3``.
        seconds: how long, s.
        text: its words; empty where they are missing.
        sound: its file.
    """

    name: str
    seconds: float
    text: str = ""
    sound: Path | None = None


@dataclass(frozen=True, slots=True)
class LaidOut:
    """Answers on one clock: a segment, a sentence and a turn each, and the files of sound at their instants."""

    segments: tuple[Segment, ...]
    sentences: tuple[Sentence, ...]
    turns: tuple[Turn, ...]
    pieces: tuple[Piece, ...]


Placed = tuple[Path, float, float]
"""A file, and the first and last instant of its answer on the interview's clock, s."""


def lay_out(answers: Sequence[Answer]) -> LaidOut:
    """Lay answers end to end.

    Example:
        >>> lay_out([Answer("Q1", 2.0, "not so good"), Answer("Q2", 3.0)]).segments
        (Segment(start=0.0, stop=2.0), Segment(start=3.0, stop=6.0))
    """
    segments, now = [], 0.0
    for answer in answers:
        segments.append(Segment(now, now + answer.seconds))
        now += answer.seconds + PAUSE_S
    pairs = list(zip(answers, segments, strict=True))
    return LaidOut(
        tuple(segments),
        tuple(Sentence(segment, answer.text) for answer, segment in pairs),
        tuple(Turn(segment, PARTICIPANT, answer.text) for answer, segment in pairs),
        tuple(Piece(answer.sound, segment.start) for answer, segment in pairs if answer.sound is not None),
    )


def joined(read: Callable[[Path], Signal], files: Sequence[Placed]) -> Signal:
    """The frames of several answers as one signal; a missing frame lies in each pause.

    Args:
        read: reads one file, on its own clock.
        files: in order; rows past an answer's end and half the pause after it are left out.
    """
    signals = [read(path) for path, _, _ in files]
    times, values = [], []
    for signal, (_, start, stop) in zip(signals, files, strict=True):
        clock = np.asarray(signal.times if signal.times is not None else np.zeros(0)) + start
        inside = clock < stop + PAUSE_S / 2
        gap = np.full((1, len(signal.columns)), np.nan, dtype=np.float32)
        times += [clock[inside], np.array([stop + PAUSE_S / 2])]
        values += [signal.values[inside].astype(np.float32), gap]
    rate = float(np.median([signal.rate_hz for signal in signals if signal.rate_hz]))
    first = signals[0]
    notes = tuple(note for signal in signals for note in signal.notes)
    return Signal(first.name, first.columns, np.concatenate(values), np.concatenate(times), round(rate, 3), notes)


def stretches(seconds: float) -> tuple[Sentence, ...]:
    """Stretches of equal length that stand for sentences, without words.

    Example:
        >>> [str(sentence.segment) for sentence in stretches(21.0)]
        ['Segment(start=0.0, stop=10.0)', 'Segment(start=10.0, stop=21.0)']
    """
    edges = [*np.arange(0.0, max(seconds - SHORTEST_S, 0.1), STRETCH_S).tolist(), seconds]
    return tuple(Sentence(Segment(a, b), "") for a, b in pairwise(edges))


def no_words(interview: str, *, stretched: bool) -> list[Entry]:
    """The ledger lines of an interview whose corpus has no transcripts."""
    missing = Entry(interview, "missing", "no words: the corpus is distributed without transcripts")
    what = f"stretches of {STRETCH_S:g} s stand for sentences"
    why = "neither words nor pauses are distributed"
    return [missing, *([Entry(interview, "noted", what, why=why)] if stretched else [])]
