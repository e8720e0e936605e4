"""Who said what, when: turns of any speaker, and the participant's sentences."""

from __future__ import annotations

from dataclasses import dataclass, field

from smfl.interview.time import Segment

PARTICIPANT = "participant"
INTERVIEWER = "interviewer"


@dataclass(frozen=True, slots=True)
class Word:
    """One spoken word.

    Args:
        segment: when, s.
        text: the word with the punctuation that belongs to it, without spaces around it.
        probability: how sure the recogniser is, 0 to 1; None where nobody said.
    """

    segment: Segment
    text: str
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One stretch of speech as a transcript has it.

    Args:
        segment: when, s.
        speaker: `PARTICIPANT`, or any other word for everyone else.
        text: the words; empty where none were transcribed.
        words: each with its own time, in order; empty where only the whole's is known.
    """

    segment: Segment
    speaker: str
    text: str
    words: tuple[Word, ...] = field(default=(), repr=False)

    @property
    def by_participant(self) -> bool:
        """Whether the participant speaks."""
        return self.speaker == PARTICIPANT


@dataclass(frozen=True, slots=True)
class Sentence:
    """One stretch of the participant's speech: the unit that SMFL reads (§2.4).

    Args:
        segment: when, s; None in corpora whose features are given by sentence, without times.
        text: the words; empty is *missing*, not the empty statement.
        words: each with its own time, in order; empty where only the sentence's is known.

    Example:
        >>> Sentence(Segment(1.0, 3.5), "not so good lately").segment.duration
        2.5
    """

    segment: Segment | None
    text: str
    words: tuple[Word, ...] = field(default=(), repr=False)
