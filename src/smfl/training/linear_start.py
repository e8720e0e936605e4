r"""Where the linear path of a network starts: a closed form, from the training people only.

1. Averages: logistic regression, strongly shrunk, on each person's mean statistics.
2. Words times signals: each person's cross-covariance :math:`C = \sum_i \tilde t_i \tilde z_i^T / \sqrt n` between
the words
   and everything measured, both in partly whitened principal components. The difference of the two classes' mean C is
   a matrix whose noise is spread over all its singular vectors while one shared gate makes a signal of rank one; the
   first singular pair is therefore the best guess at it (Eckart–Young).
3. How much to trust each: logistic regression on their out-of-fold scores, no weight below zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from smfl.nn import LinearEvidence
from smfl.training.batching import Example

Array = npt.NDArray[np.float64]
SHRINKAGE = 1e-3
"""scikit-learn's C of the averages' logistic regression, on standardised columns."""
WORDS, SIGNALS = 24, 40
"""Principal components of the words and of all measurements that step 2 looks at."""
WHITENING = 0.5
"""0 leaves components their size, 1 makes all equal."""
FOLDS = 5
_SMALLEST = 1e-3


@dataclass(frozen=True, eq=False)
class _Scores:
    """A linear score and the coefficients that give it."""

    weights: Array
    mean: float
    sd: float


def start_linear(
    evidence: LinearEvidence, examples: Sequence[Example], labels: npt.NDArray[np.int64], groups: npt.NDArray[np.str_]
) -> None:
    """Set the linear path's parameters from training people.

    Args:
        evidence: changed in place.
        examples: training interviews.
        labels: theirs.
        groups: their participants.
    """
    names = list(evidence.columns)
    averages = np.stack([_averages(example, names) for example in examples])
    covariances, words, signals = None, None, None
    if evidence.strong is not None:
        covariances, words, signals = _cross_covariances(examples, names, evidence.strong)
    kinds = [averages] if covariances is None else [averages, covariances]
    trust, bias = _trust(kinds, labels, groups)
    first = _fit_averages(averages, labels)
    _assign(evidence.average, names, trust[0] * first.weights / first.sd)
    bias -= trust[0] * first.mean / first.sd
    if covariances is not None and words is not None and signals is not None:
        gate, sign, second = _fit_rank_one(covariances, labels)
        size = np.sqrt(trust[1] / second.sd)
        with torch.no_grad():
            evidence.words.copy_(torch.from_numpy(size * words @ gate))
        _assign(evidence.signs, names, size * signals @ sign)
        bias -= trust[1] * second.mean / second.sd
    with torch.no_grad():
        evidence.bias.fill_(bias)


def _averages(example: Example, names: Sequence[str]) -> Array:
    """Mean over the sentences that are present; zero, the training mean, where the modality is missing."""
    parts = []
    for name in names:
        inputs = example.inputs[name]
        there = np.diff(inputs.offsets) > 0
        half = inputs.statistics.shape[1] // 2
        parts.append(inputs.statistics[there, :half].mean(axis=0) if there.any() else np.zeros(half))
    return np.concatenate(parts).astype(np.float64)


def _cross_covariances(examples: Sequence[Example], names: Sequence[str], strong: str) -> tuple[Array, Array, Array]:
    """C of each person [n, words, signals], and the two bases that it is in."""
    halves = {name: examples[0].inputs[name].statistics.shape[1] // 2 for name in names}
    own = [{name: example.inputs[name].statistics[:, halves[name] :] for name in names} for example in examples]
    everything = [np.concatenate([one[name] for name in names], axis=1).astype(np.float64) for one in own]
    words = _basis([one[strong].astype(np.float64) for one in own], WORDS)
    signals = _basis(everything, SIGNALS)
    each = [
        (one[strong] @ words).T @ (x @ signals) / np.sqrt(max(1, len(x)))
        for one, x in zip(own, everything, strict=True)
    ]
    return np.stack(each), words, signals


def _basis(rows: Sequence[Array], components: int) -> Array:
    """Leading principal axes of all rows, divided by a power of their size."""
    stacked = np.concatenate(rows)
    size, axes = np.linalg.eigh(stacked.T @ stacked / len(stacked))
    leading = np.argsort(size)[::-1][:components]
    return np.asarray(axes[:, leading] / np.maximum(size[leading], _SMALLEST) ** (WHITENING / 2))


def _fit_averages(averages: Array, labels: npt.NDArray[np.int64]) -> _Scores:
    mean, sd = averages.mean(axis=0), averages.std(axis=0)
    sd = np.where(sd > _SMALLEST, sd, 1.0)
    line = LogisticRegression(C=SHRINKAGE, class_weight="balanced").fit((averages - mean) / sd, labels)
    weights = line.coef_[0] / sd
    return _scores(weights, averages @ weights)


def _fit_rank_one(covariances: Array, labels: npt.NDArray[np.int64]) -> tuple[Array, Array, _Scores]:
    difference = covariances[labels == 1].mean(axis=0) - covariances[labels == 0].mean(axis=0)
    left, _, right = np.linalg.svd(difference, full_matrices=False)
    gate, sign = left[:, 0], right[0]
    return gate, sign, _scores(sign, np.einsum("nkd,k,d->n", covariances, gate, sign))


def _scores(weights: Array, values: Array) -> _Scores:
    return _Scores(weights, float(values.mean()), max(float(values.std()), _SMALLEST))


def _trust(kinds: Sequence[Array], labels: npt.NDArray[np.int64], groups: npt.NDArray[np.str_]) -> tuple[Array, float]:
    """The weight of each standardised score, and the bias: from scores of people who weren't fitted on."""
    folds = min(FOLDS, *(len(np.unique(groups[labels == c])) for c in (0, 1)))
    if folds < 2:
        return np.zeros(len(kinds)), 0.0
    out_of_fold = np.zeros((len(labels), len(kinds)))
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=0)
    for train, held in splitter.split(labels, labels, groups):
        for k, kind in enumerate(kinds):
            if kind.ndim == 2:
                scores = _fit_averages(kind[train], labels[train])
                said = kind[held] @ scores.weights
            else:
                gate, sign, scores = _fit_rank_one(kind[train], labels[train])
                said = np.einsum("nkd,k,d->n", kind[held], gate, sign)
            out_of_fold[held, k] = (said - scores.mean) / scores.sd
    line = LogisticRegression(C=1.0, class_weight="balanced").fit(out_of_fold, labels)
    return np.maximum(line.coef_[0], 0.0), float(line.intercept_[0])


def _assign(parameters: torch.nn.ParameterDict, names: Sequence[str], values: Array) -> None:
    start = 0
    with torch.no_grad():
        for name in names:
            stop = start + len(parameters[name])
            parameters[name].copy_(torch.from_numpy(values[start:stop]))
            start = stop
