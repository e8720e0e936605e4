"""Signals: named columns over time, with units, where a missing value is ``nan``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from smfl.interview.errors import FeatureError
from smfl.interview.ledger import Entry

FloatArray = npt.NDArray[np.floating]


@dataclass(frozen=True, eq=False, slots=True)
class Signal:
    """A table of measurements of one modality.

    Args:
        name: modality (``video``, ``audio``, ``text``) or the tool that measured it (``openface``, ``covarep``).
        columns: names, one a column of ``values``.
        values: float32 array, [rows, columns]; ``nan`` is a missing value, a row of ``nan`` a missing frame or
            sentence. Never zero for missing.
        times: float64 array [rows], s, not decreasing: the instant of each frame; None where row i belongs to the
            participant's sentence i (sentence level), or where ``counts`` tells.
        rate_hz: nominal frames a second; None without times.
        notes: what was repaired or found missing while it was read.
        counts: int64 array [sentences]: how many rows each sentence has, one after the other (token level).

    Raises:
        FeatureError: where shapes, order or names contradict each other.

    Example:
        >>> pitch = Signal("audio", ("F0",), np.array([[110.0], [np.nan]], "f4"), np.array([0.0, 0.01]), 100.0)
        >>> pitch.level, len(pitch)
        ('frame', 2)
    """

    name: str
    columns: tuple[str, ...]
    values: FloatArray
    times: FloatArray | None = None
    rate_hz: float | None = None
    notes: tuple[Entry, ...] = ()
    counts: npt.NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        if self.values.ndim != 2:
            raise FeatureError(f"{self.name}: features are a 2-D array, rows × columns; got {self.values.ndim}-D")
        if self.values.shape[1] != len(self.columns):
            raise FeatureError(
                f"{self.name}: {self.values.shape[1]} columns of values, but {len(self.columns)} column names"
            )
        if len(set(self.columns)) != len(self.columns):
            twice = sorted({name for name in self.columns if self.columns.count(name) > 1})
            raise FeatureError(f"{self.name}: column names must differ; given more than once: {', '.join(twice)}")
        if self.counts is not None and (
            self.times is not None or (self.counts < 0).any() or self.counts.sum() != len(self.values)
        ):
            raise FeatureError(
                f"{self.name}: rows are counted by sentence, {int(self.counts.sum())} in all, or have time stamps; "
                f"got {len(self.values)} rows{' and time stamps' if self.times is not None else ''}"
            )
        if self.times is not None:
            if self.times.shape != (len(self.values),):
                raise FeatureError(f"{self.name}: {len(self.values)} rows, but {len(self.times)} time stamps")
            if not np.isfinite(self.times).all() or (np.diff(self.times) < 0).any():
                raise FeatureError(f"{self.name}: time stamps must be finite seconds that never run backwards")
            if self.rate_hz is None or not self.rate_hz > 0:
                raise FeatureError(f"{self.name}: frames need a nominal rate in Hz, above 0; got {self.rate_hz}")

    def __len__(self) -> int:
        return len(self.values)

    @property
    def level(self) -> str:
        """``frame`` where rows carry times, ``token`` where they are counted by sentence, else ``sentence``."""
        if self.times is not None:
            return "frame"
        return "sentence" if self.counts is None else "token"

    def select(self, columns: tuple[str, ...]) -> Signal:
        """The same signal with these columns only, in this order.

        Raises:
            FeatureError: naming the columns that aren't there.
        """
        missing = [name for name in columns if name not in self.columns]
        if missing:
            raise FeatureError(f"{self.name}: no column {', '.join(missing)}")
        index = [self.columns.index(name) for name in columns]
        return replace(self, columns=columns, values=self.values[:, index])


SignalReader = Callable[[], Signal]
"""Reads a signal from disk when it is needed, not before."""
