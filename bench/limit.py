"""How far SMFL's own measures and discriminant go where they are told which sentences carry signs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from smfl.evaluation import grouped_folds
from smfl.features import Prepared
from smfl.nn import LinearEvidence
from smfl.simulation.study import Study
from smfl.training.inputs.batching import Example
from smfl.training.inputs.preprocessing import Inputs
from smfl.training.linear.terms import ByFeeling, ByTopic
from smfl.training.recipe import TUNED
from smfl.training.selection.modality_roles import MODALITIES

Array = npt.NDArray[np.float64]


def told(folder: Path, study: Study, *, folds: int, seed: int) -> float | None:
    """Pooled AUROC over folds, each compared within itself; None where every sentence carries signs.

    The simulator's truth opens the gate, so there is none to be found: what is left to learn from the training people
    is what a sign looks like, from the questionnaire's scores, as in SMFL's start (`smfl.training.linear.terms`).
    """
    data = Prepared(folder)
    gates = [np.asarray(study.latent(i).carries, dtype=np.float64) for i in range(len(data))]
    if all(gate.all() for gate in gates):
        return None
    right, pairs = 0.0, 0
    for split in grouped_folds(data.labels, data.participants.tolist(), folds, seed):
        said = _said(data, gates, split.train, split.test)
        labels = data.labels[split.test]
        count = int(labels.sum() * (1 - labels).sum())
        right, pairs = right + count * float(roc_auc_score(labels, said)), pairs + count
    return right / pairs


def _said(data: Prepared, gates: Sequence[Array], train: npt.NDArray[np.int64], test: npt.NDArray[np.int64]) -> Array:
    inputs = Inputs(TUNED.inputs, MODALITIES).fit([data[int(i)] for i in train])
    order = np.concatenate([train, test])
    examples = [Example(inputs.apply(one), len(one)) for one in (data[int(i)] for i in order)]
    evidence = LinearEvidence(inputs.statistics_widths, inputs.words, inputs.topics)
    measures = {name: inputs.measures(name) for name in inputs.modalities}
    bases = ByTopic.of(evidence, examples[: len(train)], measures, inputs.cues()).bases
    values = np.stack([_contrast(example, gates[i], bases) for i, example in zip(order, examples, strict=True)])
    term = ByFeeling(values, bases, np.zeros(0))
    learned, judged = np.arange(len(train)), np.arange(len(train), len(order))
    weights = term.fit(learned, data.labels[order], data.scores[order])
    return term.score(weights, judged)


def _contrast(example: Example, gate: Array, bases: Mapping[str, Array]) -> Array:
    """The person's sentences behind the gate against the person's others, in whitened columns, [D]."""
    columns = np.zeros(1)
    for name, basis in bases.items():
        statistics = example.inputs[name].statistics
        columns = columns + statistics[:, statistics.shape[1] // 2 :].astype(np.float64) @ basis
    return np.asarray((gate - gate.mean()) @ columns / np.sqrt(example.sentences))
