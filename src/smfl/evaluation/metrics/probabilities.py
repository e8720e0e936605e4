"""Probabilities as such: how far they are from the labels, and from the observed shares."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from smfl.evaluation.metrics.contract import metric
from smfl.evaluation.sample import Array, Sample, ratio

ECE_BINS = 10
"""Equal-width bins of the calibration error: with some hundred interviews, more would be empty."""


@metric(
    "Brier",
    "Σ (p − y)² / n",
    "Brier 1950, Mon. Weather Rev. 78:1–3",
    (0.01 + 0.04 + 0.49 + 0.36 + 0.01) / 5,
    higher_is_better=False,
)
def brier(sample: Sample) -> Array:
    """Mean squared error of the probability; .25 for one that always says ½."""
    return ratio(sample.counts @ np.square(sample.probabilities - sample.labels), sample.total)


@metric(
    "ECE",
    f"Σ_b |Σ_{{i∈b}} (y_i − p_i)| / n, over {ECE_BINS} equal-width bins b of p",
    "Naeini, Cooper & Hauskrecht 2015, AAAI 2901–2907",
    (0.1 + 0.2 + 0.7 + 0.6 + 0.1) / 5,
    higher_is_better=False,
)
def ece(sample: Sample) -> Array:
    """Expected calibration error: how far the stated probability is from the observed share. Biased up at small n.

    Bins hold their lower edge; the last holds 1 too.
    """
    bins = np.minimum((sample.probabilities * ECE_BINS).astype(np.int64), ECE_BINS - 1)
    member: npt.NDArray[np.bool_] = bins[:, None] == np.arange(ECE_BINS)
    gaps = sample.counts @ (member * (sample.labels - sample.probabilities)[:, None])
    return ratio(np.abs(gaps).sum(axis=1), sample.total)


METRIC = (brier, ece)
