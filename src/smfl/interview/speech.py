"""Who said what, when: turns of any speaker, and the participant's sentences."""

from __future__ import annotations

from dataclasses import dataclass

from smfl.interview.time import Segment

PARTICIPANT = "participant"
INTERVIEWER = "interviewer"


@dataclass(frozen=True, slots=True)
class Turn:
    """One stretch of speech as a transcript has it.

    Args:
        segment: when, s.
        speaker: `PARTICIPANT`, or any other word for everyone else.
        text: the words; empty where none were transcribed.
    """

    segment: Segment
    speaker: str
    text: str

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

    Example:
        >>> Sentence(Segment(1.0, 3.5), "not so good lately").segment.duration
        2.5
    """

    segment: Segment | None
    text: str
