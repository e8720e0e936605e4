"""Decisions at a threshold, by their counts (Eq. 7–11): an interview is called positive where ``p >= threshold``.

TP, FP, FN, TN count interviews; *positive* is depressed.
"""

from __future__ import annotations

import numpy as np

from smfl.evaluation.metrics.contract import metric
from smfl.evaluation.sample import Array, Sample, ratio


@metric("Accuracy", "(TN + TP) / (TP + TN + FP + FN)", "Eq. 11", 0.6)
def accuracy(sample: Sample) -> Array:
    """Share of right calls; to be read beside the majority class."""
    return ratio(sample.tp + sample.tn, sample.total)


@metric(
    "Balanced accuracy",
    "(recall + specificity) / 2",
    "Brodersen et al. 2010, ICPR 3121–3124",
    (2 / 3 + 1 / 2) / 2,
    undefined="one class only",
)
def balanced_accuracy(sample: Sample) -> Array:
    """Mean of the two classes' recall; one class called for all is .5."""
    return (recall.compute(sample) + specificity.compute(sample)) / 2


@metric("Precision", "TP / (TP + FP)", "Eq. 7", 2 / 3, undefined="nothing is called positive")
def precision(sample: Sample) -> Array:
    """Share of right ones among the positive calls."""
    return ratio(sample.tp, sample.tp + sample.fp)


@metric("Recall", "TP / (TP + FN)", "Eq. 8", 2 / 3, undefined="no positive")
def recall(sample: Sample) -> Array:
    """Share of the positives that are found; sensitivity."""
    return ratio(sample.tp, sample.tp + sample.fn)


@metric("Specificity", "TN / (TN + FP)", "Eq. 10", 1 / 2, undefined="no negative")
def specificity(sample: Sample) -> Array:
    """Share of the negatives that are left alone."""
    return ratio(sample.tn, sample.tn + sample.fp)


@metric("F1", "2 TP / (2 TP + FP + FN)", "Eq. 9", 2 / 3, undefined="no positive, and nothing is called positive")
def f1(sample: Sample) -> Array:
    """Harmonic mean of precision and recall of the positive class."""
    return ratio(2 * sample.tp, 2 * sample.tp + sample.fp + sample.fn)


@metric(
    "Macro-F1",
    "(F1 + 2 TN / (2 TN + FP + FN)) / 2",
    "Opitz & Burst 2019, arXiv:1911.03347",
    (2 / 3 + 1 / 2) / 2,
    undefined="one class only, and all calls are right",
)
def macro_f1(sample: Sample) -> Array:
    """Mean of both classes' F1 (Opitz & Burst's averaged F1, not the F1 of averages)."""
    negative = ratio(2 * sample.tn, 2 * sample.tn + sample.fp + sample.fn)
    return (f1.compute(sample) + negative) / 2


@metric(
    "MCC",
    "(TP·TN − FP·FN) / √((TP+FP)(TP+FN)(TN+FP)(TN+FN))",
    "Matthews 1975, Biochim. Biophys. Acta 405:442–451",
    1 / 6,
    undefined="one class only; 0 where all calls are the same (Chicco & Jurman 2020, BMC Genomics 21:6)",
    low=-1,
)
def mcc(sample: Sample) -> Array:
    """Correlation of calls and labels."""
    tp, fp, fn, tn = sample.tp, sample.fp, sample.fn, sample.tn
    labels, calls = (tp + fn) * (tn + fp), (tp + fp) * (tn + fn)
    both = np.sqrt(labels * calls)
    found = np.divide(tp * tn - fp * fn, both, out=np.zeros_like(both), where=both > 0)
    return np.asarray(np.where(labels > 0, found, np.nan))


METRIC = (accuracy, balanced_accuracy, precision, recall, specificity, f1, macro_f1, mcc)
