"""Time: immutable stretches of seconds from the start of a recording."""

from __future__ import annotations

import math
from dataclasses import dataclass

from smfl.interview.errors import TranscriptError


@dataclass(frozen=True, order=True, slots=True)
class Segment:
    """A stretch of time ``[start, stop)`` in seconds from the start of the recording.

    Segments are ordered by start, then by stop.

    Args:
        start: first instant, s, at least 0.
        stop: end, s, not before ``start``; a frame at exactly ``stop`` is outside.

    Raises:
        TranscriptError: where the times aren't finite, are negative or run backwards.

    Example:
        >>> answer = Segment(12.5, 15.0)
        >>> answer.duration
        2.5
        >>> 12.5 in answer, 15.0 in answer
        (True, False)
        >>> answer & Segment(14.0, 20.0)
        Segment(start=14.0, stop=15.0)
    """

    start: float
    stop: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.start) and math.isfinite(self.stop)):
            raise TranscriptError(f"a segment needs two finite times in seconds; got {self.start} to {self.stop}")
        if self.start < 0 or self.stop < self.start:
            raise TranscriptError(
                f"a segment starts at 0 s or later and stops after it starts; got {self.start} s to {self.stop} s"
            )

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.stop - self.start

    def __contains__(self, instant: float) -> bool:
        return self.start <= instant < self.stop

    def __and__(self, other: Segment) -> Segment | None:
        """The stretch that both share, or None."""
        start, stop = max(self.start, other.start), min(self.stop, other.stop)
        return Segment(start, stop) if start < stop else None

    def shifted(self, seconds: float) -> Segment:
        """The same stretch ``seconds`` later."""
        return Segment(self.start + seconds, self.stop + seconds)
