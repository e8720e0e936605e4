"""Long sound in chunks that overlap, so that memory holds one of them, whatever the recording's length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from smfl.interview import FloatArray

HOP_S = 0.010
"""From one row of descriptors to the next, s."""

CHUNK_S = 200.0
MARGIN_S = 5.0
"""Long sound is measured in chunks, each with this much of its neighbours: smoothing sees them, and the tracking of
pitch periods, which starts anew where the voice does; no voiced sound lasts so long."""


class Chunk(NamedTuple):
    """A chunk of sound with its margins.

    Args:
        samples: of the chunk and its margins, [samples].
        first: the number of the chunk's first row in the whole sound.
        before: how many rows the margin before it holds.
        is_end: whether the sound ends in it.
        seconds: where it ends, s from the first sample of the sound.
    """

    samples: FloatArray
    first: int
    before: int
    is_end: bool
    seconds: float


def chunks(pieces: Iterable[FloatArray], sample_rate: int) -> Iterator[Chunk]:
    """Cut sound into chunks with margins; memory holds one chunk, and the pieces that it is made of.

    Args:
        pieces: of the sound, [samples] each, each starting where the one before it ends.
        sample_rate: Hz.

    Yields:
        The chunks in order, at least one.

    Example:
        >>> halves = [np.zeros(150_000, "f4")] * 2
        >>> [(c.first, c.before, len(c.samples), c.is_end) for c in chunks(halves, 1000)]
        [(0, 0, 205000, False), (20000, 500, 105000, True)]
    """
    hop = HOP_S * sample_rate
    rows, margin = round(CHUNK_S / HOP_S), round(MARGIN_S / HOP_S)
    held: list[FloatArray] = []
    first = origin = length = 0

    def chunk(is_end: bool) -> Chunk:
        nonlocal held, first, origin
        samples = np.concatenate(held)
        before, stop = min(first, margin), None if is_end else round((first + rows + margin) * hop) - origin
        seconds = length / sample_rate if is_end else (first + rows) * HOP_S
        made = Chunk(samples[round((first - before) * hop) - origin : stop], first, before, is_end, seconds)
        first += rows
        passed = round(max(first - margin, 0) * hop) - origin
        held, origin = [samples[passed:].copy()], origin + passed
        return made

    for piece in pieces:
        held.append(piece)
        length += len(piece)
        while length >= (first + rows + margin) * hop:
            yield chunk(is_end=False)
    while first < max(round(length / hop), 1):
        yield chunk(is_end=(first + rows) * hop >= length)
