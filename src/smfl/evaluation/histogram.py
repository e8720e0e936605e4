"""Counts of values by bin."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise


def histogram(values: Sequence[float], edges: Sequence[float]) -> list[int]:
    """How many values are in each bin, the lower edge included, the upper one not.

    Example:
        >>> histogram([0, 1, 1, 3], [0, 1, 2, 4])
        [1, 2, 1]
    """
    return [sum(low <= value < high for value in values) for low, high in pairwise(edges)]
