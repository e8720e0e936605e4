"""Rows that come a block at a time, gathered in one array: memory holds them once, however many they get."""

from __future__ import annotations

import numpy as np

from smfl.interview import FloatArray

ROOM = 2**27
"""Room in bytes that is made as soon as there is a second block: an hour of face or voice and more. What nobody has
written to takes no memory."""


class Gathered:
    """An array that gets longer.

    Args:
        columns: how many.

    Example:
        >>> found = Gathered(2)
        >>> for block in (np.zeros((3, 2), "f4"), np.ones((1, 2), "f4")):
        ...     found.add(block)
        >>> found.rows.tolist()
        [[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [1.0, 1.0]]
    """

    def __init__(self, columns: int) -> None:
        self._room: FloatArray = np.empty((0, columns), dtype=np.float32)
        self._held = 0

    @property
    def rows(self) -> FloatArray:
        """All so far, float32 [rows, columns]: no copy."""
        return self._room[: self._held]

    def add(self, block: FloatArray) -> None:
        """Put these behind the others, [n, columns]."""
        total = self._held + len(block)
        if total > len(self._room):
            before = self.rows
            enough = ROOM // before[:1].nbytes if self._held else total
            self._room = np.empty((max(2 * self._held, enough, total), block.shape[1]), dtype=np.float32)
            self._room[: self._held] = before
        self._room[self._held : total] = block
        self._held = total
