"""Signals that tools measured: thinned to a rate, and several of one modality side by side."""

from __future__ import annotations

from typing import Any

import numpy as np

from smfl.interview import FeatureError, Signal


def thinned(signal: Signal, rate_hz: float | None) -> Signal:
    """At most ``rate_hz`` frames a second: of the frames in each 1/rate seconds, the first.

    Example:
        >>> signal = Signal("openface", ("x",), np.zeros((60, 1), "f4"), np.arange(60) / 30.0, 30.0)
        >>> len(thinned(signal, 10.0)), len(thinned(signal, 50.0))
        (20, 60)
    """
    if rate_hz is None or signal.times is None or (signal.rate_hz is not None and signal.rate_hz <= rate_hz):
        return signal
    ticks = np.floor(signal.times * rate_hz + 1e-6)
    kept = np.flatnonzero(np.diff(ticks, prepend=-1.0) > 0)
    return Signal(signal.name, signal.columns, signal.values[kept], signal.times[kept], rate_hz)


def joined(name: str, signals: list[Signal]) -> Signal:
    """Signals of one rate side by side, at the first one's time stamps.

    A frame of another signal belongs to a time stamp less than one period away; where there is none, it is missing.

    Example:
        >>> left = Signal("covarep", ("F0",), np.ones((3, 1), "f4"), np.array([0.0, 0.01, 0.02]), 100.0)
        >>> right = Signal("formant", ("F1",), np.full((2, 1), 7, "f4"), np.array([0.0, 0.01]), 100.0)
        >>> joined("audio", [left, right]).values.tolist()
        [[1.0, 7.0], [1.0, 7.0], [1.0, nan]]
    """
    first, *others = signals
    if any(s.times is None for s in signals) or first.times is None:
        raise FeatureError(f"{name}: {', '.join(s.name for s in signals)} can't be joined without time stamps")
    period = 1.0 / first.rate_hz if first.rate_hz else float("inf")
    columns, values = list(first.columns), [first.values]
    for other in others:
        nearest, distance = _nearest(first.times, other.times)
        values.append(np.where(distance[:, None] < period * 0.75, other.values[nearest], np.float32(np.nan)))
        columns += other.columns
    together = np.concatenate(values, axis=1).astype(np.float32)
    return Signal(name, tuple(columns), together, first.times, first.rate_hz)


def _nearest(wanted: Any, present: Any) -> tuple[Any, Any]:
    """For each instant, the position of the nearest one in ``present``, and how far away it is, s."""
    right = np.clip(np.searchsorted(present, wanted), 1, max(len(present) - 1, 1))
    left = right - 1
    right = np.minimum(right, len(present) - 1)
    nearest = np.where(np.abs(present[left] - wanted) <= np.abs(present[right] - wanted), left, right)
    return nearest, np.abs(present[nearest] - wanted)
