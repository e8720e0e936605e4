r"""Where the linear path of a network starts: a closed form, from the training people only.

1. Averages: for each modality a logistic regression, strongly shrunk, on each person's mean statistics.
2. Words times signals: for each weak modality each person's cross-covariance
   :math:`C = \sum_i \tilde t_i \tilde z_i^T / \sqrt n` between the words and that modality, both in partly whitened
   principal components. The difference of the two classes' mean C is a matrix whose noise is spread over all its
   singular vectors, while one gate that all signs share makes a signal of rank one: the first singular pair is the
   best guess at it (Eckart and Young 1936).
3. How much to trust each: logistic regression on their out-of-fold scores, with no weight below zero.
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
Labels = npt.NDArray[np.int64]
SHRINKAGE = 1e-2
"""scikit-learn's C of the averages' logistic regression, on standardised columns."""
WORDS, SIGNALS = 24, 40
"""Principal components of the words and of a weak modality that step 2 looks at."""
WHITENING = 0.5
"""0 leaves components their size, 1 makes all equal."""
FOLDS = 5
_SMALLEST = 1e-3


@dataclass(frozen=True, eq=False)
class _Score:
    """One score of an interview, linear in ``weights``; its mean and sd over the people it was fitted on."""

    weights: tuple[Array, ...]
    mean: float
    sd: float


@dataclass(frozen=True, eq=False)
class _Term:
    """One term of the linear path for every training person: averages [n, P], or cross-covariances [n, words, P]."""

    modality: str
    values: Array
    bases: tuple[Array, Array] | None = None

    def fit(self, index: npt.NDArray[np.int64], labels: Labels) -> _Score:
        """Fit on some of the people."""
        values, y = self.values[index], labels[index]
        weights = _averages_line(values, y) if self.bases is None else _first_pair(values, y)
        said = self.say(weights, index)
        return _Score(weights, float(said.mean()), max(float(said.std()), _SMALLEST))

    def say(self, weights: tuple[Array, ...], index: npt.NDArray[np.int64]) -> Array:
        """The score of some of the people, not standardised."""
        if self.bases is None:
            return np.asarray(self.values[index] @ weights[0])
        return np.asarray(np.einsum("nkd,k,d->n", self.values[index], *weights))


def start_linear(
    evidence: LinearEvidence, examples: Sequence[Example], labels: Labels, groups: npt.NDArray[np.str_]
) -> None:
    """Set the linear path's parameters from training people.

    Args:
        evidence: changed in place.
        examples: training interviews.
        labels: theirs.
        groups: their participants.
    """
    terms = [_Term(name, _averages(examples, name)) for name in evidence.columns]
    terms += [_cross_covariances(examples, str(evidence.strong), name) for name in evidence.words]
    trust, bias = _trust(terms, labels, groups)
    everyone = np.arange(len(labels))
    with torch.no_grad():
        for weight, term in zip(trust, terms, strict=True):
            score = term.fit(everyone, labels)
            bias -= weight * score.mean / score.sd
            if term.bases is None:
                evidence.average[term.modality].copy_(torch.from_numpy(weight / score.sd * score.weights[0]))
            else:
                size = np.sqrt(weight / score.sd)
                for parameters, basis, direction in zip(
                    (evidence.words, evidence.signs), term.bases, score.weights, strict=True
                ):
                    parameters[term.modality].copy_(torch.from_numpy(size * basis @ direction))
        evidence.bias.fill_(bias)


def _half(example: Example, name: str) -> int:
    """Columns before those less the person's own mean."""
    return int(example.inputs[name].statistics.shape[1] // 2)


def _averages(examples: Sequence[Example], name: str) -> Array:
    """Mean over the sentences that are present; zero, the training mean, where the modality is missing."""
    rows = np.zeros((len(examples), _half(examples[0], name)))
    for row, example in zip(rows, examples, strict=True):
        there = np.diff(example.inputs[name].offsets) > 0
        if there.any():
            row[:] = example.inputs[name].statistics[there, : len(row)].mean(axis=0)
    return rows


def _cross_covariances(examples: Sequence[Example], strong: str, weak: str) -> _Term:
    own = [
        [example.inputs[name].statistics[:, _half(example, name) :].astype(np.float64) for example in examples]
        for name in (strong, weak)
    ]
    words, signals = _basis(own[0], WORDS), _basis(own[1], SIGNALS)
    values = [(t @ words).T @ (z @ signals) / np.sqrt(max(1, len(t))) for t, z in zip(*own, strict=True)]
    return _Term(weak, np.stack(values), (words, signals))


def _basis(rows: Sequence[Array], components: int) -> Array:
    """Leading principal axes of all rows, divided by a power of their size: [P, components]."""
    stacked = np.concatenate(rows)
    size, axes = np.linalg.eigh(stacked.T @ stacked / len(stacked))
    leading = np.argsort(size)[::-1][:components]
    return np.asarray(axes[:, leading] / np.maximum(size[leading], _SMALLEST) ** (WHITENING / 2))


def _averages_line(averages: Array, labels: Labels) -> tuple[Array]:
    mean, sd = averages.mean(axis=0), averages.std(axis=0)
    sd = np.where(sd > _SMALLEST, sd, 1.0)
    line = LogisticRegression(C=SHRINKAGE, class_weight="balanced").fit((averages - mean) / sd, labels)
    return (np.asarray(line.coef_[0] / sd),)


def _first_pair(covariances: Array, labels: Labels) -> tuple[Array, Array]:
    difference = covariances[labels == 1].mean(axis=0) - covariances[labels == 0].mean(axis=0)
    left, _, right = np.linalg.svd(difference, full_matrices=False)
    return left[:, 0], right[0]


def _trust(terms: Sequence[_Term], labels: Labels, groups: npt.NDArray[np.str_]) -> tuple[Array, float]:
    """The weight of each standardised score, and the bias: from scores of people who weren't fitted on."""
    folds = min(FOLDS, *(len(np.unique(groups[labels == c])) for c in (0, 1)))
    if folds < 2:
        return np.zeros(len(terms)), 0.0
    out_of_fold = np.zeros((len(labels), len(terms)))
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=0)
    for train, held in splitter.split(labels, labels, groups):
        for k, term in enumerate(terms):
            score = term.fit(train, labels)
            out_of_fold[held, k] = (term.say(score.weights, held) - score.mean) / score.sd
    line = LogisticRegression(C=1.0, class_weight="balanced").fit(out_of_fold, labels)
    return np.maximum(line.coef_[0], 0.0), float(line.intercept_[0])
