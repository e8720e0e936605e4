"""What of a made-up session is still there after a planted defect was repaired: its twin without the defect tells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smfl.interview import Interview, Sentence, Signal, SmflError

STATE = ("confidence", "success")
"""What a tracker says of a frame is no measurement: a frame that failed says so."""


@dataclass(frozen=True, slots=True)
class Survival:
    """A repaired session beside its twin.

    Args:
        same_sentences: whether their times and words are the twin's.
        same_words: whether all that the participant says is there, in order, however it is cut.
        same_facts: whether label, split, gender and items are the twin's.
        same_values: whether every measurement that is there is the twin's, at the same instant.
        kept: share of the twin's measurements inside its sentences that are there; nan where it has none.
    """

    same_sentences: bool
    same_words: bool
    same_facts: bool
    same_values: bool
    kept: float

    @property
    def whole(self) -> bool:
        """Whether nothing was lost and nothing is another."""
        complete = bool(np.isnan(self.kept)) or self.kept == 1.0
        return self.same_sentences and self.same_facts and self.same_values and complete


def survival(repaired: Interview, twin: Interview) -> Survival:
    """Compare a repaired session with its twin, signal by signal, frame by frame."""
    kept, there, same = 0, 0, True
    for name, read in twin.signals.items():
        clean = read()
        found = repaired.signals[name]() if name in repaired.signals else None
        wanted = np.isfinite(clean.values) & _inside(clean, twin.sentences)[:, None]
        there += int(wanted.sum())
        if found is not None:
            alike, survives = _matched(found, clean)
            same = same and alike
            kept += int((survives & wanted).sum())
    return Survival(
        repaired.sentences == twin.sentences,
        _words(repaired.sentences).endswith(_words(twin.sentences)),
        _facts(repaired) == _facts(twin),
        same,
        kept / there if there else float("nan"),
    )


def ledger_lines(interview: Interview) -> list[str]:
    """Every line of a session's ledger, those of its signals too: what a reader shows that it has seen."""
    lines = [entry.what for entry in interview.ledger]
    for read in interview.signals.values():
        try:
            lines += [entry.what for entry in read().notes]
        except SmflError as fault:
            lines.append(str(fault))
    return lines


def _words(sentences: tuple[Sentence, ...]) -> str:
    return " ".join(sentence.text for sentence in sentences if sentence.text)


def _facts(interview: Interview) -> tuple[object, ...]:
    return interview.label, interview.split, interview.gender, dict(interview.metadata)


def _inside(signal: Signal, sentences: tuple[Sentence, ...]) -> npt.NDArray[np.bool_]:
    """Which frames lie in a sentence, [rows]."""
    times = np.zeros(len(signal)) if signal.times is None else signal.times
    inside = np.zeros(len(signal), dtype=np.bool_)
    for sentence in sentences:
        if sentence.segment:
            inside |= (times >= sentence.segment.start) & (times < sentence.segment.stop)
    return inside


def _matched(found: Signal, clean: Signal) -> tuple[bool, npt.NDArray[np.bool_]]:
    """Whether what is there is the twin's, and which of the twin's values are there, [rows, columns]."""
    survives = np.zeros(clean.values.shape, dtype=np.bool_)
    if found.columns != clean.columns or found.times is None or clean.times is None:
        return False, survives
    _, theirs, ours = np.intersect1d(clean.times, found.times, return_indices=True)
    values = found.values[ours]
    survives[theirs] = np.isfinite(values)
    measured = np.array([name not in STATE for name in clean.columns])
    differs = (values != clean.values[theirs]) & np.isfinite(values) & measured
    alike = not differs.any() and len(theirs) == len(found)
    return alike, survives & np.isfinite(clean.values)
