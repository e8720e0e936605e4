"""What is known of a participant's depression: a class, a score, or both, on a named scale."""

from __future__ import annotations

from dataclasses import dataclass

from smfl.interview.errors import LabelError, choice

HIGHEST_SCORE: dict[str, float] = {
    "PHQ-8": 24,
    "PHQ-9": 27,
    "HAMD-17": 52,
    "SDS": 100,
    "BDI-II": 63,
    "diagnosis": 1,
    "other": float("inf"),
}
"""The highest score of each scale that the open format knows; the lowest is 0."""

SCALES: tuple[str, ...] = tuple(HIGHEST_SCORE)


@dataclass(frozen=True, slots=True)
class Label:
    """The label of one interview.

    Args:
        value: 1 depressed, 0 not; None where only a score is known and no cutoff is given.
        score: the questionnaire's or rating's score; None where unknown.
        scale: one of `SCALES`.

    Raises:
        LabelError: for a value other than 0 or 1, or a score outside the scale.

    Example:
        >>> Label.from_score(14, scale="PHQ-8", cutoff=10)
        Label(value=1, score=14, scale='PHQ-8')
        >>> Label(value=2, score=None, scale="PHQ-8")
        Traceback (most recent call last):
        ...
        smfl.interview.errors.LabelError: a label is 0 (not depressed) or 1 (depressed); got 2
    """

    value: int | None
    score: float | None
    scale: str

    def __post_init__(self) -> None:
        choice(self.scale, SCALES, what="scale")
        if self.value not in (0, 1, None):
            raise LabelError(f"a label is 0 (not depressed) or 1 (depressed); got {self.value}")
        if self.score is not None and not 0 <= self.score <= HIGHEST_SCORE[self.scale]:
            raise LabelError(f"a {self.scale} score is 0 to {HIGHEST_SCORE[self.scale]:g}; got {self.score:g}")

    @classmethod
    def from_score(cls, score: float, *, scale: str, cutoff: float | None) -> Label:
        """The label that a cutoff makes of a score: 1 where ``score >= cutoff``."""
        return cls(value=None if cutoff is None else int(score >= cutoff), score=score, scale=scale)
