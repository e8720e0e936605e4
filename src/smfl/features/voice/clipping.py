"""How much of a sound was cut off: samples at full scale, and flat tops of waves that were turned down afterwards."""

from __future__ import annotations

import numpy as np

from smfl.interview import FloatArray

FULL_SCALE = 1 - 2.0**-10
"""Samples from here on are at full scale: the positive limit of 16-bit sound is 1 - 2^-15."""

FLAT_RUN = 4
"""So many equal samples in a row near the loudest one are a flat top: a wave that was cut off, then turned down."""

NEAR_PEAK = 0.98
MIN_PEAK = 0.25
"""Flat tops are looked for from this share of the loudest sample on, in sound that is at least so loud: the steps of
quiet sound are flat by themselves."""

BINS = 200
"""Loudnesses of flat tops are counted in so many steps."""


class ClippingMeter:
    """Measures clipping piece by piece: `add` each, then ask for the `share`.

    Flat tops are counted by how loud they are: which of them are near the loudest sample is known at the end only.

    Example:
        >>> wave = np.sin(2 * np.pi * np.arange(1600) / 160)[None]
        >>> meter = ClippingMeter()
        >>> meter.add((2 * wave).clip(-1, 1))
        >>> round(meter.share, 2)
        0.66
    """

    def __init__(self) -> None:
        self._samples = self._full = 0
        self._peak = 0.0
        self._flat = np.zeros(BINS + 1, dtype=np.int64)

    def add(self, samples: FloatArray) -> None:
        """Count in the next piece.

        Args:
            samples: as they are stored in the file, -1 to 1, [channels, n].
        """
        size = np.abs(samples)
        self._samples += size.size
        self._peak = max(self._peak, float(size.max(initial=0)))
        self._full += int((size >= FULL_SCALE).sum())
        if samples.shape[1] < FLAT_RUN or self._peak < MIN_PEAK:
            return
        same = samples[:, 1:] == samples[:, :-1]
        runs = np.logical_and.reduce([same[:, k : same.shape[1] - FLAT_RUN + 2 + k] for k in range(FLAT_RUN - 1)])
        flat = np.zeros(samples.shape, dtype=bool)
        for k in range(FLAT_RUN):
            flat[:, k : k + runs.shape[1]] |= runs
        tops = size[flat & (size >= MIN_PEAK) & (size < FULL_SCALE)]
        self._flat += np.bincount(np.minimum(tops * BINS, BINS).astype(np.int64), minlength=BINS + 1)

    @property
    def share(self) -> float:
        """The share of samples at full scale or on a flat top, 0 to 1; 0 where there are none."""
        if not self._samples:
            return 0.0
        tops = self._flat[int(self._peak * NEAR_PEAK * BINS) :].sum() if self._peak < FULL_SCALE else 0
        return float((self._full + tops) / self._samples)
