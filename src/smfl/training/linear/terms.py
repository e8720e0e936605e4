r"""The terms of the linear path's start: each is a score of an interview that a closed form fits to training people.

- `Averages`: logistic regression, strongly shrunk, on each person's mean statistics.
- `ByTopic`: what a sentence is about says whether it counts. For each topic k of a codebook and each person, let
  :math:`C_k = \sum_i (1[k(i) = k] - \pi_k) \, \tilde z_i / \sqrt n`: how the person's sentences on that topic differ
  from the person's other sentences, :math:`\pi_k` being the topic's share of them (a sentence counts a little for its
  neighbours' topics too). Given a gate :math:`\gamma_k \ge 0`
  for each topic, signs are the discriminant of :math:`\sum_k \gamma_k C_k`; given signs, a topic's gate opens as far as
  the topic tells by more than one standard error. These alternate, from where no label is needed: topics whose
  sentences are said with negative feeling, or are near what the PHQ-8 asks for (`Cues`).
  Where the words have no such readings, the start is the best pair of a gate and signs, an outer product that is
  nowhere negative in the gate (Eckart and Young 1936; Witten, Tibshirani and Hastie 2009, without their penalty).
- `ByFeeling`: how a sentence is said says whether it counts. The gate is the negative feeling of its words, known
  without labels; the weak modalities' signs behind it are the discriminant of :math:`\sum_i \tilde f_i \tilde z_i`.
- `Directed`: the same where feelings aren't read: one direction in the words, one in a weak modality, the first
  singular pair of the target's covariance with :math:`\sum_i \tilde t_i \tilde z_i^T / \sqrt n`.

All but the averages are fitted to the questionnaire's score where every training person has one, else to the label: of
two people with the same label, the score tells who should show more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from sklearn.linear_model import LogisticRegression

from smfl.nn import LinearEvidence
from smfl.nn.evidence import NEIGHBOURS
from smfl.training.inputs.batching import Example
from smfl.training.inputs.cues import Cues

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Labels = npt.NDArray[np.int64]
Weights = tuple[Array, ...]
SHRINKAGE = 1e-2
"""scikit-learn's C of the averages' logistic regression, on standardised columns."""
OPEN = 0.5
"""A topic is open without labels where it is so many standard deviations more about feeling and symptoms than most."""
WORDS, SIGNALS = 24, 40
"""Principal components of the words and of a weak modality that `Directed` looks at."""
SMALLEST = 1e-3
"""Components that vary less aren't made larger for it."""
DIRECTIONS = 64
"""Principal directions of all modalities' columns that signs are looked for in, at most."""
WHITENING = 0.75
"""0 leaves principal directions their size, 1 makes all equal."""
FLOOR = 0.05
"""Share of the mean variance that is added to every direction's, so that whitening doesn't blow up noise."""
STARTS, ROUNDS = 6, 50
"""Of the outer product's alternation: singular vectors that it starts from, and steps."""
REFINEMENTS = 2
VARIES = 1e-9
"""What varies less doesn't vary."""


class Term(Protocol):
    """One score of an interview, linear in its weights once it is fitted."""

    def fit(self, index: Indices, labels: Labels, target: Array) -> Weights:
        """Weights, from some of the people; ``labels`` and ``target`` are everybody's, [n]."""

    def score(self, weights: Weights, index: Indices) -> Array:
        """The score of some of the people."""

    def write(self, evidence: LinearEvidence, weights: Weights, size: float) -> None:
        """Add the weights, ``size`` times, to those that the network reads."""


@dataclass(frozen=True, eq=False)
class Averages:
    """Logistic regression on averages over sentences, all modalities together.

    Args:
        columns: by modality, positions of the statistics that it reads, in the order of the columns of ``values``.
        values: float64 [n, P]; zero, the training mean, where a modality is missing.
    """

    columns: Mapping[str, Indices]
    values: Array

    @classmethod
    def of(cls, examples: Sequence[Example], columns: Mapping[str, Sequence[int]]) -> Averages:
        """Of these people, reading these statistics."""
        chosen = {name: np.array(own, np.int64) for name, own in columns.items()}
        rows = [np.concatenate([_average(example, name)[own] for name, own in chosen.items()]) for example in examples]
        return cls(chosen, np.stack(rows))

    def fit(self, index: Indices, labels: Labels, target: Array) -> Weights:
        """Weights of the columns."""
        mean, sd = self.values[index].mean(axis=0), self.values[index].std(axis=0)
        sd = np.where(sd > VARIES, sd, 1.0)
        line = LogisticRegression(C=SHRINKAGE, class_weight="balanced")
        return (np.asarray(line.fit((self.values[index] - mean) / sd, labels[index]).coef_[0] / sd),)

    def score(self, weights: Weights, index: Indices) -> Array:
        """The score of some of the people."""
        return np.asarray(self.values[index] @ weights[0])

    def write(self, evidence: LinearEvidence, weights: Weights, size: float) -> None:
        """Into ``evidence.average``."""
        parts = np.split(size * weights[0], np.cumsum([len(own) for own in self.columns.values()])[:-1])
        for (name, own), part in zip(self.columns.items(), parts, strict=True):
            evidence.average[name][torch.from_numpy(own)] += torch.from_numpy(part).float()


@dataclass(frozen=True, eq=False)
class ByTopic:
    """One gate on topics, and the signs behind it in all modalities.

    Args:
        values: C, float64 [n, codebooks, topics, D], D the whitened columns of all modalities beside each other.
        bases: by modality, from its statistics to the whitened columns: float64 [P, D].
        known: the gate without labels, float64 [codebooks, topics]; None where the words have no readings.
    """

    values: Array
    bases: Mapping[str, Array]
    known: Array | None

    @classmethod
    def of(
        cls,
        evidence: LinearEvidence,
        examples: Sequence[Example],
        measures: Mapping[str, Sequence[int]],
        cues: Cues | None,
    ) -> ByTopic:
        """Of these people, looking for signs in the measures of each modality, or in all of its columns."""
        books, topics = evidence.gate.shape if evidence.gate is not None else (0, 0)
        strong = str(evidence.strong)
        bases = _whitening(examples, {name: measures.get(name, ()) for name in evidence.columns})
        values = np.zeros((len(examples), books, topics, next(iter(bases.values())).shape[1]))
        for out, example in zip(values, examples, strict=True):
            columns = sum(_centred(example, name) @ basis for name, basis in bases.items())
            present = _present(example, strong)
            for book, topic in enumerate(example.inputs[strong].topics.T):
                on_topic = present[:, None] * _with_neighbours(np.eye(topics)[topic] * present[:, None])
                less_share = present[:, None] * (on_topic - on_topic.sum(axis=0) / max(1, present.sum()))
                out[book] = less_share.T @ columns / np.sqrt(example.sentences)
        return cls(values, bases, _known_gate(examples, strong, (books, topics), cues) if cues else None)

    def fit(self, index: Indices, labels: Labels, target: Array) -> Weights:
        """The gate [codebooks, topics] and the signs [D]."""
        values, t = self.values[index], target[index]
        gates = self.known
        if gates is None:
            gates = np.stack([_best_gate(values[:, book], t) for book in range(values.shape[1])])
        signs = _signs(np.einsum("nbkd,bk->nd", values, gates), t)
        for _ in range(REFINEMENTS):
            gates = _opened(values @ signs, t)
            signs = _signs(np.einsum("nbkd,bk->nd", values, gates), t)
        return gates, signs

    def score(self, weights: Weights, index: Indices) -> Array:
        """The score of some of the people."""
        return np.asarray(np.einsum("nbkd,bk->nd", self.values[index], weights[0]) @ weights[1])

    def write(self, evidence: LinearEvidence, weights: Weights, size: float) -> None:
        """Into ``evidence.gate`` and ``evidence.signs``."""
        if evidence.gate is None:
            raise ValueError("this linear path has no gate")
        gates, signs = weights
        evidence.gate.copy_(torch.from_numpy(gates))
        for name, basis in self.bases.items():
            evidence.signs[name].copy_(torch.from_numpy(size * basis @ signs))


@dataclass(frozen=True, eq=False)
class ByFeeling:
    """The negative feeling of the words as a gate, and the signs behind it in the weak modalities.

    Args:
        values: float64 [n, D]: sums over sentences of the feeling, less the person's mean, times whitened columns.
        bases: by weak modality, from its statistics to the whitened columns.
        direction: from the words' statistics to the feeling, float64 [P].
    """

    values: Array
    bases: Mapping[str, Array]
    direction: Array

    @classmethod
    def of(
        cls, evidence: LinearEvidence, examples: Sequence[Example], measures: Mapping[str, Sequence[int]], cues: Cues
    ) -> ByFeeling:
        """Of these people, looking for signs in the measures of each weak modality, or in all of its columns."""
        strong = str(evidence.strong)
        direction = np.zeros(evidence.columns[strong])
        direction[list(cues.negative)] = np.asarray(cues.sd, dtype=np.float64)[list(cues.negative)]
        bases = _whitening(examples, {name: measures.get(name, ()) for name in evidence.words})
        values = [
            (_centred(example, strong) @ direction)
            @ sum(_centred(example, name) @ basis for name, basis in bases.items())
            / np.sqrt(max(1, example.sentences))
            for example in examples
        ]
        return cls(np.stack(values), bases, direction)

    def fit(self, index: Indices, labels: Labels, target: Array) -> Weights:
        """The signs [D]."""
        return (_signs(self.values[index], target[index]),)

    def score(self, weights: Weights, index: Indices) -> Array:
        """The score of some of the people."""
        return np.asarray(self.values[index] @ weights[0])

    def write(self, evidence: LinearEvidence, weights: Weights, size: float) -> None:
        """Into ``evidence.words`` and ``evidence.shown``."""
        for name, basis in self.bases.items():
            evidence.words[name].copy_(torch.from_numpy(np.sqrt(size) * self.direction))
            evidence.shown[name].copy_(torch.from_numpy(np.sqrt(size) * basis @ weights[0]))


@dataclass(frozen=True, eq=False)
class Directed:
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
    def of(cls, examples: Sequence[Example], strong: str, weak: str) -> Directed:
        """Of these people and these two modalities."""
        own = [[_centred(example, name) for example in examples] for name in (strong, weak)]
        words, signals = _components(own[0], WORDS), _components(own[1], SIGNALS)
        values = [(t @ words).T @ (z @ signals) / np.sqrt(max(1, len(t))) for t, z in zip(*own, strict=True)]
        return cls(weak, np.stack(values), (words, signals))

    def fit(self, index: Indices, labels: Labels, target: Array) -> Weights:
        """Both directions."""
        t = target[index] - target[index].mean()
        left, _, right = np.linalg.svd(np.einsum("n,nkd->kd", t, self.values[index]), full_matrices=False)
        return left[:, 0], right[0]

    def score(self, weights: Weights, index: Indices) -> Array:
        """The score of some of the people."""
        return np.asarray(np.einsum("nkd,k,d->n", self.values[index], *weights))

    def write(self, evidence: LinearEvidence, weights: Weights, size: float) -> None:
        """Into ``evidence.words`` and ``evidence.shown``."""
        for parameters, basis, direction in zip((evidence.words, evidence.shown), self.bases, weights, strict=True):
            parameters[self.modality].copy_(torch.from_numpy(np.sqrt(size) * basis @ direction))


def _with_neighbours(on_topic: Array) -> Array:
    """As `smfl.nn.evidence.with_neighbours`, for each topic: [S, topics]."""
    adjacent = np.zeros_like(on_topic)
    adjacent[1:] += on_topic[:-1]
    adjacent[:-1] += on_topic[1:]
    return on_topic + NEIGHBOURS * adjacent


def _half(example: Example, name: str) -> int:
    """Columns before those less the person's own mean."""
    return int(example.inputs[name].statistics.shape[1] // 2)


def _average(example: Example, name: str) -> Array:
    """Mean over the sentences that have it, [P]; zero where none has."""
    statistics = example.inputs[name].statistics[_present(example, name), : _half(example, name)]
    return statistics.mean(axis=0, dtype=np.float64) if len(statistics) else np.zeros(statistics.shape[1])


def _centred(example: Example, name: str) -> Array:
    """Statistics less the person's own mean, [S, P]."""
    return example.inputs[name].statistics[:, _half(example, name) :].astype(np.float64)


def _present(example: Example, name: str) -> npt.NDArray[np.bool_]:
    return np.asarray(np.diff(example.inputs[name].offsets) > 0)


def _known_gate(examples: Sequence[Example], strong: str, shape: tuple[int, int], cues: Cues) -> Array:
    """How far each topic is about feeling and symptoms, over these people's sentences: [codebooks, topics], at most 1.

    A topic's negativity and nearness are the means over its sentences; both count alike, in sd over all topics.
    """
    statistics, topics = [], []
    for example in examples:
        present = _present(example, strong)
        statistics.append(example.inputs[strong].statistics[present, : _half(example, strong)])
        topics.append(example.inputs[strong].topics[present])
    rows, of_topic = np.concatenate(statistics), np.concatenate(topics)
    total = np.zeros(shape)
    for reading in (cues.negativity(rows), cues.nearness(rows)):
        means = np.full(shape, reading.mean() if len(reading) else 0.0)
        for book, own in enumerate(of_topic.T):
            count = np.bincount(own, minlength=shape[1])
            means[book, count > 0] = np.bincount(own, reading, shape[1])[count > 0] / count[count > 0]
        total += (means - means.mean()) / max(float(means.std()), VARIES)
    gate = np.maximum(total / max(float(total.std()), VARIES) - OPEN, 0.0)
    return np.asarray(gate / np.maximum(gate.max(axis=1, keepdims=True), VARIES))


def _whitening(examples: Sequence[Example], columns: Mapping[str, Sequence[int]]) -> dict[str, Array]:
    """Bases in which one person's sentences vary about equally in all directions, by modality [P, D].

    Modalities are whitened together: a pause stills voice and mouth. Columns that weren't asked for have rows of zero.
    The whitened columns are as near to the columns as can be, so that one without anything to tell stays apart.
    """
    chosen = {name: np.array(own or range(_half(examples[0], name)), np.int64) for name, own in columns.items()}
    rows = np.concatenate(
        [
            np.concatenate([_centred(example, name)[:, own] for name, own in chosen.items()], axis=1)
            for example in examples
        ]
    )
    size, axes = np.linalg.eigh(rows.T @ rows / max(1, len(rows)))
    leading = np.argsort(size)[::-1][:DIRECTIONS]
    size, axes = np.maximum(size[leading], 0), axes[:, leading]
    scale = np.maximum(size + FLOOR * size.mean(), VARIES) ** (-WHITENING / 2)
    together = (axes * scale) @ axes.T
    bases, first = {}, 0
    for name, own in chosen.items():
        bases[name] = np.zeros((_half(examples[0], name), len(together)))
        bases[name][own] = together[first : first + len(own)]
        first += len(own)
    return bases


def _components(rows: Sequence[Array], count: int) -> Array:
    """Leading principal axes of all rows, divided by a power of their size: [P, components]."""
    stacked = np.concatenate(rows)
    size, axes = np.linalg.eigh(stacked.T @ stacked / len(stacked))
    leading = np.argsort(size)[::-1][:count]
    return np.asarray(axes[:, leading] / np.maximum(size[leading], SMALLEST) ** (WHITENING / 2))


def _slopes(values: Array, target: Array) -> tuple[Array, Array]:
    """Regression of each column of [n, …] on the standardised target, and what is left of the values: […], [n, …]."""
    t = (target - target.mean()) / max(float(target.std()), VARIES)
    centred = values - values.mean(axis=0)
    slopes = np.tensordot(t, centred, axes=1) / len(t)
    return slopes, centred - np.multiply.outer(t, slopes)


def _signs(values: Array, target: Array) -> Array:
    """The discriminant of columns [n, D], each for itself: slope over what varies at the same target, [D]."""
    slopes, left = _slopes(values, target)
    return np.asarray(slopes / (left.var(axis=0) + VARIES))


def _opened(scores: Array, target: Array) -> Array:
    """Gates from each topic's own score [n, codebooks, topics]: what it tells beyond one standard error.

    Each codebook's largest gate is 1, over the number of codebooks.
    """
    slopes, left = _slopes(scores, target)
    sd = np.sqrt(left.var(axis=0) + VARIES)
    gates = np.maximum(slopes / sd * np.sqrt(len(scores)) - 1, 0) / sd
    return np.asarray(gates / np.maximum(gates.max(axis=1, keepdims=True), VARIES) / len(gates))


def _best_gate(values: Array, target: Array) -> Array:
    """The gate over one codebook's topics that makes the best outer product with signs, [topics], at most 1."""
    slopes, left = _slopes(values, target)
    spread = np.sqrt((left**2).mean(axis=0) + VARIES)
    rows, columns = (np.sqrt((spread**2).mean(axis=axis)) for axis in (1, 0))
    z = slopes / np.outer(rows, columns)
    starts, _, _ = np.linalg.svd(z, full_matrices=False)
    best, chosen = 0.0, np.zeros(len(z))
    for start in starts.T[:STARTS]:
        for gate in (np.maximum(start, 0), np.maximum(-start, 0)):
            for _ in range(ROUNDS):
                signs = z.T @ (gate / max(np.linalg.norm(gate), VARIES))
                gate = np.maximum(z @ (signs / max(np.linalg.norm(signs), VARIES)), 0)
            if np.linalg.norm(gate) > best:
                best, chosen = float(np.linalg.norm(gate)), gate
    opened = chosen / rows
    return np.asarray(opened / max(opened.max(), VARIES))
