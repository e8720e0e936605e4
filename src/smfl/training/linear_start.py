r"""Where the linear path of a network starts: a closed form, from the training people only.

1. Averages: a logistic regression, strongly shrunk, on each person's mean statistics; and one on the few of them that
   a clinician would name (`smfl.features.measures`), which a hundred people can say more about.
2. The gate: which topics count, and what to look for there. For each topic k of a codebook and each person, let
   :math:`C_k = \sum_i (1[k(i) = k] - \pi_k) \, \tilde z_i / \sqrt n`: how the person's sentences on that topic differ
   from the person's other sentences, :math:`\pi_k` being the topic's share of them. The two classes' difference in C,
   in units of its standard error, is a matrix of topics by columns. Were the same signs in all telling topics, it would
   be an outer product of a gate, which is nowhere negative, and of the signs, plus noise; the best such pair is found
   by alternating from the first singular vectors (Eckart and Young 1936; with the constraint, the sparse decomposition
   of Witten, Tibshirani and Hastie 2009 without its penalty). The codebooks' gates are averaged and signs found for
   all of them together; with these, each topic's gate is found once more and opens only as far as the topic tells by
   more than one standard error; then the signs, and all that again.
3. Words times signals: for each weak modality each person's cross-covariance
   :math:`\sum_i \tilde t_i \tilde z_i^T / \sqrt n` of the words' statistics and that modality's, both in partly
   whitened principal components. The first singular pair of the classes' difference says which direction in the words
   goes with which one there.
4. How much to trust each: logistic regression on their out-of-fold scores, with no weight below zero.

A member of an ensemble is trained from the start that its own training people give, and its epoch is chosen by the
others. Then the start of all training people takes its place (`move`).

Step 2 looks at these measures too, where a modality has any, in partly whitened form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from smfl.nn import LinearEvidence
from smfl.training.batching import Example

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Labels = npt.NDArray[np.int64]
SHRINKAGE = 1e-2
"""scikit-learn's C of the averages' logistic regression, on standardised columns."""
TRUST = 0.3
"""The same of step 4's, on some standardised scores."""
WORDS, SIGNALS = 24, 40
"""Principal components of the words and of a weak modality that step 3 looks at."""
SMALLEST = 1e-3
"""Components that vary less aren't made larger for it."""
DIRECTIONS = 64
"""Principal directions of all modalities' columns that step 2 looks at, at most."""
WHITENING = 0.5
"""0 leaves principal directions their size, 1 makes all equal."""
FLOOR = 0.05
"""Share of the mean variance that is added to every direction's, so that whitening doesn't blow up noise."""
STARTS, ROUNDS = 6, 50
"""Of the alternation: singular vectors that it starts from, and steps."""
REFINEMENTS = 2
FOLDS = 5
_VARIES = 1e-9
"""What varies less doesn't vary."""


class _Term(Protocol):
    """One score of an interview, linear in its weights once it is fitted."""

    def fit(self, index: Indices, labels: Labels) -> tuple[Array, ...]:
        """Weights, from some of the people."""

    def say(self, weights: tuple[Array, ...], index: Indices) -> Array:
        """The score of some of the people."""

    def write(self, evidence: LinearEvidence, weights: tuple[Array, ...], size: float) -> None:
        """Add the weights, ``size`` times, to those that the network reads."""


def start_linear(
    evidence: LinearEvidence,
    examples: Sequence[Example],
    labels: Labels,
    groups: npt.NDArray[np.str_],
    measures: Mapping[str, Sequence[int]],
) -> None:
    """Set the linear path's parameters from training people.

    Args:
        evidence: new, all zero; changed in place.
        examples: training interviews.
        labels: theirs.
        groups: their participants.
        measures: by modality, positions of the statistics that are measures; where a modality has none, the gate looks
            at all of its statistics.
    """
    terms: list[_Term] = [_Averages.of(examples, {name: range(n) for name, n in evidence.columns.items()})]
    if any(measures.values()):
        terms.append(_Averages.of(examples, measures))
    if evidence.gate is not None:
        terms.append(_Gated.of(evidence, examples, measures))
    terms += [_Directed.of(examples, str(evidence.strong), name) for name in evidence.words]
    trust, bias = _trust(terms, labels, groups)
    everyone = np.arange(len(labels))
    with torch.no_grad():
        for weight, term in zip(trust, terms, strict=True):
            weights = term.fit(everyone, labels)
            mean, sd = _mean_sd(term.say(weights, everyone))
            bias -= weight * mean / sd
            term.write(evidence, weights, weight / sd)
        evidence.bias.fill_(bias)


@torch.no_grad()
def move(evidence: LinearEvidence, old: LinearEvidence, new: LinearEvidence) -> None:
    """Put another start under a linear path that was trained on: what training changed stays.

    Args:
        evidence: changed in place.
        old: the start that it was trained from.
        new: the start to be under it.
    """
    for own, before, after in zip(evidence.parameters(), old.parameters(), new.parameters(), strict=True):
        own.add_(after - before)


@dataclass(frozen=True, eq=False)
class _Averages:
    """Logistic regression on averages over sentences, all modalities together.

    Args:
        columns: by modality, positions of the statistics that it reads, in the order of the columns of ``values``.
        values: float64 [n, P]; zero, the training mean, where a modality is missing.
    """

    columns: Mapping[str, Indices]
    values: Array

    @classmethod
    def of(cls, examples: Sequence[Example], columns: Mapping[str, Sequence[int]]) -> _Averages:
        chosen = {name: np.array(own, np.int64) for name, own in columns.items()}
        rows = [np.concatenate([_average(example, name)[own] for name, own in chosen.items()]) for example in examples]
        return cls(chosen, np.stack(rows))

    def fit(self, index: Indices, labels: Labels) -> tuple[Array, ...]:
        mean, sd = self.values[index].mean(axis=0), self.values[index].std(axis=0)
        sd = np.where(sd > _VARIES, sd, 1.0)
        line = LogisticRegression(C=SHRINKAGE, class_weight="balanced")
        return (np.asarray(line.fit((self.values[index] - mean) / sd, labels[index]).coef_[0] / sd),)

    def say(self, weights: tuple[Array, ...], index: Indices) -> Array:
        return np.asarray(self.values[index] @ weights[0])

    def write(self, evidence: LinearEvidence, weights: tuple[Array, ...], size: float) -> None:
        parts = np.split(size * weights[0], np.cumsum([len(own) for own in self.columns.values()])[:-1])
        for (name, own), part in zip(self.columns.items(), parts, strict=True):
            evidence.average[name][torch.from_numpy(own)] += torch.from_numpy(part).float()


@dataclass(frozen=True, eq=False)
class _Gated:
    """One gate on topics, and the signs behind it in all modalities.

    Args:
        values: C, float64 [n, codebooks, topics, D], D the whitened columns of all modalities beside each other.
        bases: by modality, from its statistics to the whitened columns: float64 [P, D].
    """

    values: Array
    bases: Mapping[str, Array]

    @classmethod
    def of(cls, evidence: LinearEvidence, examples: Sequence[Example], measures: Mapping[str, Sequence[int]]) -> _Gated:
        books, topics = evidence.gate.shape if evidence.gate is not None else (0, 0)
        bases = _whitening(examples, {name: measures.get(name, ()) for name in evidence.columns})
        values = np.zeros((len(examples), books, topics, next(iter(bases.values())).shape[1]))
        for out, example in zip(values, examples, strict=True):
            columns = sum(_own(example, name) @ basis for name, basis in bases.items())
            there = _there(example, str(evidence.strong))
            for book, about in enumerate(example.inputs[str(evidence.strong)].topics.T):
                on_topic = np.eye(topics)[about] * there[:, None]
                less_share = there[:, None] * (on_topic - on_topic.sum(axis=0) / max(1, there.sum()))
                out[book] = less_share.T @ columns / np.sqrt(example.sentences)
        return cls(values, bases)

    def fit(self, index: Indices, labels: Labels) -> tuple[Array, ...]:
        values, y = self.values[index], labels[index]
        gates = np.stack([_best_gate(values[:, book], y) for book in range(values.shape[1])]) / values.shape[1]
        signs = _difference(np.einsum("nbkd,bk->nd", values, gates), y)
        for _ in range(REFINEMENTS):
            gates = _opened(values @ signs, y)
            signs = _difference(np.einsum("nbkd,bk->nd", values, gates), y)
        return gates, signs

    def say(self, weights: tuple[Array, ...], index: Indices) -> Array:
        return np.asarray(np.einsum("nbkd,bk->nd", self.values[index], weights[0]) @ weights[1])

    def write(self, evidence: LinearEvidence, weights: tuple[Array, ...], size: float) -> None:
        if evidence.gate is None:
            raise ValueError("this linear path has no gate")
        gates, signs = weights
        evidence.gate.copy_(torch.from_numpy(gates))
        for name, basis in self.bases.items():
            evidence.signs[name].copy_(torch.from_numpy(size * basis @ signs))


@dataclass(frozen=True, eq=False)
class _Directed:
    """One direction in the words, one in a weak modality.

    Args:
        modality: the weak one.
        values: cross-covariances, float64 [n, words, signals].
        bases: from the statistics of words and weak modality to their components.
    """

    modality: str
    values: Array
    bases: tuple[Array, Array]

    @classmethod
    def of(cls, examples: Sequence[Example], strong: str, weak: str) -> _Directed:
        own = [[_own(example, name) for example in examples] for name in (strong, weak)]
        words, signals = _components(own[0], WORDS), _components(own[1], SIGNALS)
        values = [(t @ words).T @ (z @ signals) / np.sqrt(max(1, len(t))) for t, z in zip(*own, strict=True)]
        return cls(weak, np.stack(values), (words, signals))

    def fit(self, index: Indices, labels: Labels) -> tuple[Array, ...]:
        values, y = self.values[index], labels[index]
        left, _, right = np.linalg.svd(values[y == 1].mean(axis=0) - values[y == 0].mean(axis=0), full_matrices=False)
        return left[:, 0], right[0]

    def say(self, weights: tuple[Array, ...], index: Indices) -> Array:
        return np.asarray(np.einsum("nkd,k,d->n", self.values[index], *weights))

    def write(self, evidence: LinearEvidence, weights: tuple[Array, ...], size: float) -> None:
        for parameters, basis, direction in zip((evidence.words, evidence.shown), self.bases, weights, strict=True):
            parameters[self.modality].copy_(torch.from_numpy(np.sqrt(size) * basis @ direction))


def _half(example: Example, name: str) -> int:
    """Columns before those less the person's own mean."""
    return int(example.inputs[name].statistics.shape[1] // 2)


def _average(example: Example, name: str) -> Array:
    """Mean over the sentences that have it, [P]; zero where none has."""
    statistics = example.inputs[name].statistics[_there(example, name), : _half(example, name)]
    return statistics.mean(axis=0, dtype=np.float64) if len(statistics) else np.zeros(statistics.shape[1])


def _own(example: Example, name: str) -> Array:
    """Statistics less the person's own mean, [S, P]."""
    return example.inputs[name].statistics[:, _half(example, name) :].astype(np.float64)


def _there(example: Example, name: str) -> npt.NDArray[np.bool_]:
    return np.asarray(np.diff(example.inputs[name].offsets) > 0)


def _whitening(examples: Sequence[Example], columns: Mapping[str, Sequence[int]]) -> dict[str, Array]:
    """Bases in which one person's sentences vary about equally in all directions, by modality [P, D].

    Modalities are whitened together: a pause stills voice and mouth. Columns that weren't asked for have rows of zero.
    The whitened columns are as near to the columns as can be, so that one without anything to tell stays apart.
    """
    chosen = {name: np.array(own or range(_half(examples[0], name)), np.int64) for name, own in columns.items()}
    rows = np.concatenate(
        [np.concatenate([_own(example, name)[:, own] for name, own in chosen.items()], axis=1) for example in examples]
    )
    size, axes = np.linalg.eigh(rows.T @ rows / max(1, len(rows)))
    leading = np.argsort(size)[::-1][:DIRECTIONS]
    size, axes = np.maximum(size[leading], 0), axes[:, leading]
    scale = np.maximum(size + FLOOR * size.mean(), _VARIES) ** (-WHITENING / 2)
    together = (axes * scale) @ axes.T
    bases, first = {}, 0
    for name, own in chosen.items():
        bases[name] = np.zeros((_half(examples[0], name), len(together)))
        bases[name][own] = together[first : first + len(own)]
        first += len(own)
    return bases


def _components(rows: Sequence[Array], most: int) -> Array:
    """Leading principal axes of all rows, divided by a power of their size: [P, components]."""
    stacked = np.concatenate(rows)
    size, axes = np.linalg.eigh(stacked.T @ stacked / len(stacked))
    leading = np.argsort(size)[::-1][:most]
    return np.asarray(axes[:, leading] / np.maximum(size[leading], SMALLEST) ** (WHITENING / 2))


def _best_gate(values: Array, labels: Labels) -> Array:
    """The gate over one codebook's topics, float64 [topics], at most 1 and nowhere negative; see step 2."""
    ill, well = values[labels == 1], values[labels == 0]
    spread = np.sqrt((len(ill) * ill.var(axis=0) + len(well) * well.var(axis=0)) / len(values) + _VARIES)
    rows, columns = (np.sqrt((spread**2).mean(axis=axis)) for axis in (1, 0))
    z = (ill.mean(axis=0) - well.mean(axis=0)) / np.outer(rows, columns)
    left, _, _ = np.linalg.svd(z, full_matrices=False)
    best, chosen = 0.0, np.zeros(len(z))
    for start in left.T[:STARTS]:
        for gate in (np.maximum(start, 0), np.maximum(-start, 0)):
            for _ in range(ROUNDS):
                signs = z.T @ (gate / max(np.linalg.norm(gate), _VARIES))
                gate = np.maximum(z @ (signs / max(np.linalg.norm(signs), _VARIES)), 0)
            if np.linalg.norm(gate) > best:
                best, chosen = float(np.linalg.norm(gate)), gate
    opened = chosen / rows
    return np.asarray(opened / max(opened.max(), _VARIES))


def _opened(scores: Array, labels: Labels) -> Array:
    """Gates from each topic's own score [n, codebooks, topics]: what it tells beyond one standard error, at most 1."""
    ill, well = scores[labels == 1], scores[labels == 0]
    sd = np.sqrt((len(ill) * ill.var(axis=0) + len(well) * well.var(axis=0)) / len(scores) + _VARIES)
    errors = (ill.mean(axis=0) - well.mean(axis=0)) / (sd * np.sqrt(1 / len(ill) + 1 / len(well)))
    gates = np.maximum(errors - 1, 0) / sd
    return np.asarray(gates / np.maximum(gates.max(axis=1, keepdims=True), _VARIES) / len(gates))


def _difference(values: Array, labels: Labels) -> Array:
    """The classes' difference in each column, over its variance within them: linear discriminant, columns apart."""
    ill, well = values[labels == 1], values[labels == 0]
    within = (len(ill) * ill.var(axis=0) + len(well) * well.var(axis=0)) / len(values)
    return np.asarray((ill.mean(axis=0) - well.mean(axis=0)) / (within + _VARIES))


def _trust(terms: Sequence[_Term], labels: Labels, groups: npt.NDArray[np.str_]) -> tuple[Array, float]:
    """The weight of each standardised score, and the bias: from scores of people who weren't fitted on."""
    folds = min(FOLDS, *(len(np.unique(groups[labels == c])) for c in (0, 1)))
    if folds < 2:
        return np.zeros(len(terms)), 0.0
    out_of_fold = np.zeros((len(labels), len(terms)))
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=0)
    for train, held in splitter.split(labels, labels, groups):
        for k, term in enumerate(terms):
            weights = term.fit(train, labels)
            mean, sd = _mean_sd(term.say(weights, train))
            out_of_fold[held, k] = (term.say(weights, held) - mean) / sd
    line = LogisticRegression(C=TRUST, class_weight="balanced").fit(out_of_fold, labels)
    return np.maximum(line.coef_[0], 0.0), float(line.intercept_[0])


def _mean_sd(score: Array) -> tuple[float, float]:
    return float(score.mean()), max(float(score.std()), _VARIES)
