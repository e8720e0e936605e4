"""The metrics of §3.1 (Eq. 7–11) and those that small, unbalanced samples need beside them.

TP, FP, FN, TN count interviews; *positive* is depressed. A score that isn't defined for a sample is ``nan``, and is
shown so; it is never a warning, a crash or a silent 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smfl.evaluation.sample import Array, Integers, Sample, ratio

ECE_BINS = 10
"""Equal-width bins of the calibration error: with some hundred interviews, more would be empty."""

METRICS: dict[str, Metric] = {}
"""All metrics by name, in the order of the tables."""

EXAMPLE_LABELS = (1, 1, 1, 0, 0)
EXAMPLE_PROBABILITIES = (0.9, 0.8, 0.3, 0.6, 0.1)
"""The sample of every metric's example: two positives found and one missed, one false alarm, one negative."""


@dataclass(frozen=True)
class Metric:
    """A score of probabilities against labels.

    Args:
        name: key in `METRICS` and in ``results.json``.
        title: as tables show it.
        formula: what is computed.
        source: equation of the SMFL paper, or citation.
        low: lowest value.
        high: highest value.
        higher_is_better: direction.
        undefined: when it is ``nan``.
        example: its value for `EXAMPLE_LABELS` and `EXAMPLE_PROBABILITIES`.
        compute: the formula over a `Sample`.

    Example:
        >>> METRICS["recall"]([1, 1, 1, 0, 0], [0.9, 0.8, 0.3, 0.6, 0.1], threshold=0.2)
        1.0
        >>> METRICS["precision"].formula, METRICS["precision"].source
        ('TP / (TP + FP)', 'Eq. 7')
    """

    name: str
    title: str
    formula: str
    source: str
    low: float
    high: float
    higher_is_better: bool
    undefined: str
    example: float
    compute: Callable[[Sample], Array]

    def __call__(
        self, labels: Sequence[int] | Integers, probabilities: Sequence[float] | Array, threshold: float = 0.5
    ) -> float:
        """The score of one sample.

        Args:
            labels: 0 or 1, [n].
            probabilities: of class 1, [n].
            threshold: positive where ``probability >= threshold``.

        Raises:
            CallError: where labels aren't 0 or 1, probabilities aren't 0 to 1, or there are none.
        """
        y = np.asarray(labels, dtype=np.int64)
        return float(self.compute(Sample(y, np.asarray(probabilities, dtype=np.float64), threshold=threshold))[0])


def _metric(
    title: str, formula: str, source: str, example: float, *, undefined: str = "never", low: float = 0.0,
    high: float = 1.0, higher_is_better: bool = True,
) -> Callable[[Callable[[Sample], Array]], Metric]:  # fmt: skip
    def register(compute: Callable[[Sample], Array]) -> Metric:
        name = compute.__name__
        METRICS[name] = Metric(
            name, title, formula, source, low, high, higher_is_better, undefined, example, compute
        )  # fmt: skip
        return METRICS[name]

    return register


@_metric(
    "AUROC", "P(p⁺ > p⁻) + ½ P(p⁺ = p⁻)", "Hanley & McNeil 1982, Radiology 143:29–36", 5 / 6,
    undefined="one class only",
)  # fmt: skip
def auroc(sample: Sample) -> Array:
    """How likely a positive gets a higher probability than a negative: pairs in the right order, ties half."""
    steps = sample.steps
    negatives = steps.cumulated(steps.negative)
    below = negatives[:, steps.last] - negatives
    right = (steps.positive * (below + steps.negative / 2)).sum(axis=1)
    return ratio(right, (steps.positive * negatives[:, steps.last]).sum(axis=1))


@_metric(
    "AUPRC", "Σ (R_k − R_{k−1}) P_k: average precision", "Davis & Goadrich 2006, ICML 233–240", (1 + 1 + 3 / 4) / 3,
    undefined="no positive",
)  # fmt: skip
def auprc(sample: Sample) -> Array:
    """Precision at the rank of each positive, averaged over positives; chance is the share of positives."""
    steps = sample.steps
    positives, rows = steps.cumulated(steps.positive), steps.cumulated(steps.positive + steps.negative)
    precision = np.divide(positives, rows, out=np.zeros_like(rows), where=rows > 0)
    return ratio((steps.positive * precision).sum(axis=1), steps.positive.sum(axis=1))


@_metric("Accuracy", "(TN + TP) / (TP + TN + FP + FN)", "Eq. 11", 0.6)
def accuracy(sample: Sample) -> Array:
    """Share of right calls; to be read beside the majority class."""
    return ratio(sample.tp + sample.tn, sample.total)


@_metric(
    "Balanced accuracy", "(recall + specificity) / 2", "Brodersen et al. 2010, ICPR 3121–3124", (2 / 3 + 1 / 2) / 2,
    undefined="one class only",
)  # fmt: skip
def balanced_accuracy(sample: Sample) -> Array:
    """Mean of the two classes' recall; one class called for all is .5."""
    return (recall.compute(sample) + specificity.compute(sample)) / 2


@_metric("Precision", "TP / (TP + FP)", "Eq. 7", 2 / 3, undefined="nothing is called positive")
def precision(sample: Sample) -> Array:
    """Share of right ones among the positive calls."""
    return ratio(sample.tp, sample.tp + sample.fp)


@_metric("Recall", "TP / (TP + FN)", "Eq. 8", 2 / 3, undefined="no positive")
def recall(sample: Sample) -> Array:
    """Share of the positives that are found; sensitivity."""
    return ratio(sample.tp, sample.tp + sample.fn)


@_metric("Specificity", "TN / (TN + FP)", "Eq. 10", 1 / 2, undefined="no negative")
def specificity(sample: Sample) -> Array:
    """Share of the negatives that are left alone."""
    return ratio(sample.tn, sample.tn + sample.fp)


@_metric("F1", "2 TP / (2 TP + FP + FN)", "Eq. 9", 2 / 3, undefined="no positive, and nothing is called positive")
def f1(sample: Sample) -> Array:
    """Harmonic mean of precision and recall of the positive class."""
    return ratio(2 * sample.tp, 2 * sample.tp + sample.fp + sample.fn)


@_metric(
    "Macro-F1", "(F1 + 2 TN / (2 TN + FP + FN)) / 2", "Opitz & Burst 2019, arXiv:1911.03347", (2 / 3 + 1 / 2) / 2,
    undefined="one class only, and all calls are right",
)  # fmt: skip
def macro_f1(sample: Sample) -> Array:
    """Mean of both classes' F1 (Opitz & Burst's averaged F1, not the F1 of averages)."""
    negative = ratio(2 * sample.tn, 2 * sample.tn + sample.fp + sample.fn)
    return (f1.compute(sample) + negative) / 2


@_metric(
    "MCC", "(TP·TN − FP·FN) / √((TP+FP)(TP+FN)(TN+FP)(TN+FN))", "Matthews 1975, Biochim. Biophys. Acta 405:442–451",
    1 / 6, undefined="one class only; 0 where all calls are the same (Chicco & Jurman 2020, BMC Genomics 21:6)", low=-1,
)  # fmt: skip
def mcc(sample: Sample) -> Array:
    """Correlation of calls and labels."""
    tp, fp, fn, tn = sample.tp, sample.fp, sample.fn, sample.tn
    labels, calls = (tp + fn) * (tn + fp), (tp + fp) * (tn + fn)
    both = np.sqrt(labels * calls)
    found = np.divide(tp * tn - fp * fn, both, out=np.zeros_like(both), where=both > 0)
    return np.asarray(np.where(labels > 0, found, np.nan))


@_metric(
    "Brier", "Σ (p − y)² / n", "Brier 1950, Mon. Weather Rev. 78:1–3", (0.01 + 0.04 + 0.49 + 0.36 + 0.01) / 5,
    higher_is_better=False,
)  # fmt: skip
def brier(sample: Sample) -> Array:
    """Mean squared error of the probability; .25 for one that always says ½."""
    return ratio(sample.counts @ np.square(sample.probabilities - sample.labels), sample.total)


@_metric(
    "ECE", f"Σ_b |Σ_{{i∈b}} (y_i − p_i)| / n, over {ECE_BINS} equal-width bins b of p",
    "Naeini, Cooper & Hauskrecht 2015, AAAI 2901–2907", (0.1 + 0.2 + 0.7 + 0.6 + 0.1) / 5, higher_is_better=False,
)  # fmt: skip
def ece(sample: Sample) -> Array:
    """Expected calibration error: how far the stated probability is from the observed share. Biased up at small n.

    Bins hold their lower edge; the last holds 1 too.
    """
    bins = np.minimum((sample.probabilities * ECE_BINS).astype(np.int64), ECE_BINS - 1)
    member: npt.NDArray[np.bool_] = bins[:, None] == np.arange(ECE_BINS)
    gaps = sample.counts @ (member * (sample.labels - sample.probabilities)[:, None])
    return ratio(np.abs(gaps).sum(axis=1), sample.total)
