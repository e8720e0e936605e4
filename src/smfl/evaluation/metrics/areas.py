"""Areas under curves: how well probabilities order interviews, whatever the threshold."""

from __future__ import annotations

import numpy as np

from smfl.evaluation.metrics.contract import metric
from smfl.evaluation.sample import Array, Sample, ratio


@metric(
    "AUROC",
    "P(p⁺ > p⁻) + ½ P(p⁺ = p⁻)",
    "Hanley & McNeil 1982, Radiology 143:29–36",
    5 / 6,
    undefined="one class only",
)
def auroc(sample: Sample) -> Array:
    """How likely a positive gets a higher probability than a negative: pairs in the right order, ties half."""
    steps = sample.steps
    negatives = steps.cumulated(steps.negative)
    below = negatives[:, steps.last] - negatives
    right = (steps.positive * (below + steps.negative / 2)).sum(axis=1)
    return ratio(right, (steps.positive * negatives[:, steps.last]).sum(axis=1))


@metric(
    "AUPRC",
    "Σ (R_k − R_{k−1}) P_k: average precision",
    "Davis & Goadrich 2006, ICML 233–240",
    (1 + 1 + 3 / 4) / 3,
    undefined="no positive",
)
def auprc(sample: Sample) -> Array:
    """Precision at the rank of each positive, averaged over positives; chance is the share of positives."""
    steps = sample.steps
    positives, rows = steps.cumulated(steps.positive), steps.cumulated(steps.positive + steps.negative)
    precision = np.divide(positives, rows, out=np.zeros_like(rows), where=rows > 0)
    return ratio((steps.positive * precision).sum(axis=1), steps.positive.sum(axis=1))


METRIC = (auroc, auprc)
