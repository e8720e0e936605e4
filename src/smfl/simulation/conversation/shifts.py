"""Moving a made-up interview in time, so that a defect can be planted at the instant at which real corpora have it."""

from __future__ import annotations

from dataclasses import replace

from smfl.interview import Segment
from smfl.simulation.conversation.timeline import Run, Timeline, Utterance

AFTER_S = 0.5
"""s from the end of an interruption to the next word."""


def _moved(utterance: Utterance, seconds: float) -> Utterance:
    runs = tuple(Run(round(r.start + seconds, 3), round(r.stop + seconds, 3), r.text) for r in utterance.runs)
    return replace(utterance, runs=runs)


def delayed(timeline: Timeline, seconds: float) -> Timeline:
    """The interview that begins so much later.

    Example:
        >>> one = Timeline((Utterance("participant", (Run(1.0, 2.0, "yes"),), 0),), 3.0)
        >>> delayed(one, 10.0).utterances[0].start, delayed(one, 10.0).seconds
        (11.0, 13.0)
    """
    moved = tuple(_moved(utterance, seconds) for utterance in timeline.utterances)
    return Timeline(moved, round(timeline.seconds + seconds, 3))


def interrupted(timeline: Timeline, gap: Segment) -> Timeline:
    """The interview with nobody of it speaking in a stretch: what would reach into it comes after it.

    Example:
        >>> said = tuple(Utterance("participant", (Run(t, t + 1.0, "yes"),), i) for i, t in enumerate((1.0, 3.0, 5.0)))
        >>> [u.start for u in interrupted(Timeline(said, 7.0), Segment(3.5, 10.0)).utterances]
        [1.0, 10.5, 12.5]
    """
    late = next((u.start for u in timeline.utterances if u.stop > gap.start), None)
    if late is None:
        return timeline
    seconds = gap.stop + AFTER_S - late
    moved = tuple(_moved(u, seconds) if u.start >= late else u for u in timeline.utterances)
    return Timeline(moved, round(timeline.seconds + seconds, 3))
