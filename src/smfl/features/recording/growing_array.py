"""An array that grows by blocks of rows; memory holds each row once."""

from __future__ import annotations

import numpy as np

from smfl.interview import FloatArray

RESERVED_BYTES = 2**27
"""What is reserved as soon as there is a second block: an hour of face or voice and more. Memory that nothing has been
written to isn't used."""


class GrowingArray:
    """An array that grows row by row.

    Args:
        columns: how many.

    Example:
        >>> found = GrowingArray(2)
        >>> for block in (np.zeros((3, 2), "f4"), np.ones((1, 2), "f4")):
        ...     found.add(block)
        >>> found.rows.tolist()
        [[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [1.0, 1.0]]
    """

    def __init__(self, columns: int) -> None:
        self._reserved: FloatArray = np.empty((0, columns), dtype=np.float32)
        self._filled = 0

    @property
    def rows(self) -> FloatArray:
        """All so far, float32 [rows, columns]: no copy."""
        return self._reserved[: self._filled]

    def add(self, block: FloatArray) -> None:
        """Append these rows, [n, columns]."""
        total = self._filled + len(block)
        if total > len(self._reserved):
            before = self.rows
            enough = RESERVED_BYTES // before[:1].nbytes if self._filled else total
            self._reserved = np.empty((max(2 * self._filled, enough, total), block.shape[1]), dtype=np.float32)
            self._reserved[: self._filled] = before
        self._reserved[self._filled : total] = block
        self._filled = total
