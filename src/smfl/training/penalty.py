"""The strength of a penalty, chosen inside the training participants; and the weights of the classes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from smfl.evaluation.splits import fewest_of_a_class, inner_folds
from smfl.interview import CallError

Array = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)
"""Inverse strengths C of the L2 penalty that inner cross-validation chooses from."""

TINY = 1e-6
"""Nearest to 0 and 1 that a probability is taken to be where its logarithm is needed."""


def class_weights(labels: Integers) -> dict[int, float]:
    """Eq. 1–2: S_t / N_c, from the training labels.

    Example:
        >>> class_weights(np.array([0, 0, 0, 1]))
        {0: 1.3333333333333333, 1: 4.0}
    """
    values, counts = np.unique(labels, return_counts=True)
    return {int(value): float(len(labels) / count) for value, count in zip(values, counts, strict=True)}


def both_classes(y: Sequence[int] | Integers) -> Integers:
    """Labels as an array.

    Raises:
        CallError: where they aren't 0 and 1, both of them.

    Example:
        >>> both_classes([1, 0, 1]).tolist()
        [1, 0, 1]
    """
    labels = np.asarray(y, dtype=np.int64)
    if sorted(set(labels.tolist())) != [0, 1]:
        raise CallError(f"training needs labels 0 and 1, both of them; got {sorted(set(labels.tolist()))}")
    return labels


def choose(
    prepare: Callable[[], Any],
    build: Callable[[float], Any],
    vectors: Array | list[str],
    labels: Integers,
    participants: Sequence[str],
    strengths: Sequence[float],
    seed: int,
) -> tuple[float, Any]:
    """The strength with the lowest class-weighted log loss over inner folds of participants, and its model of all.

    Where a class has fewer than two participants there is nothing to choose by, and the weakest model is taken.

    Args:
        prepare: gives an unfitted transformer of what the model reads; it too is fitted inside the fold.
        build: gives an unfitted model of a strength.
        vectors: features [n, D], or texts, n of them.
        labels: 0 or 1, [n].
        participants: who, [n].
        strengths: to choose from.
        seed: of the folds.
    """
    from sklearn.metrics import log_loss
    from sklearn.pipeline import make_pipeline

    best, inner = min(strengths), []
    if len(strengths) > 1 and fewest_of_a_class(labels, participants) >= 2:
        divided = inner_folds(labels, participants, seed)
        inner = [(train, test) for train, test in divided if len(np.unique(labels[train])) == 2]
    if inner:
        tested = np.concatenate([test for _, test in inner])
        weight = class_weights(labels)
        weights = np.array([weight[int(label)] for label in labels])
        predicted = {strength: np.zeros(len(labels)) for strength in strengths}
        for train, test in inner:
            prepared = prepare()
            fitted_on, held_out = (
                prepared.fit_transform(_take(vectors, train)),
                prepared.transform(_take(vectors, test)),
            )
            for strength in strengths:
                predicted[strength][test] = build(strength).fit(fitted_on, labels[train]).predict_proba(held_out)[:, 1]
        losses = {
            strength: log_loss(
                labels[tested], np.clip(p, TINY, 1 - TINY)[tested], sample_weight=weights[tested], labels=(0, 1)
            )
            for strength, p in predicted.items()
        }
        best = min(strengths, key=lambda strength: (losses[strength], strength))
    return best, make_pipeline(prepare(), build(best)).fit(vectors, labels)


def _take(vectors: Array | list[str], rows: npt.NDArray[np.intp]) -> Any:
    return vectors[rows] if isinstance(vectors, np.ndarray) else [vectors[int(i)] for i in rows]
