"""Stretches of time that overlap, as one."""

from __future__ import annotations

from collections.abc import Iterable

from smfl.interview import Segment


def union(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """The segments in order; those that overlap or touch as one.

    Example:
        >>> union([Segment(4, 5), Segment(1, 2), Segment(1.5, 3)])
        (Segment(start=1, stop=3), Segment(start=4, stop=5))
    """
    found: list[Segment] = []
    for segment in sorted(segments):
        if found and segment.start <= found[-1].stop:
            found[-1] = Segment(found[-1].start, max(found[-1].stop, segment.stop))
        else:
            found.append(segment)
    return tuple(found)
