"""What a metric is: its name, formula, citation, range and example, and what computes it.

A score that isn't defined for a sample is ``nan``, and is shown so; it is never a warning, a crash or a silent 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from smfl.evaluation.sample import Array, Integers, Sample

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
        compute: the formula over a `Sample`: one score for each row of its counts, [B]. It reads `Sample.counts` (or
            what is made of them, such as `Sample.tp`), so that a row that is drawn twice counts twice, and leaves the
            order of the rows without effect.

    Example:
        >>> from smfl.evaluation.metrics import METRICS
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


def metric(
    title: str,
    formula: str,
    source: str,
    example: float,
    *,
    undefined: str = "never",
    low: float = 0.0,
    high: float = 1.0,
    higher_is_better: bool = True,
) -> Callable[[Callable[[Sample], Array]], Metric]:
    """Make a `Metric` of a function of a `Sample`; the metric has the function's name.

    Args:
        title: see `Metric`, as of all others.
        formula: what is computed.
        source: equation, or citation.
        example: value for `EXAMPLE_LABELS` and `EXAMPLE_PROBABILITIES`.
        undefined: when it is ``nan``.
        low: lowest value.
        high: highest value.
        higher_is_better: direction.

    Example:
        >>> @metric("Error rate", "(FP + FN) / n", "one minus Eq. 11", 0.4, higher_is_better=False)
        ... def error_rate(sample):
        ...     return (sample.fp + sample.fn) / sample.total
        >>> error_rate.name, error_rate(EXAMPLE_LABELS, EXAMPLE_PROBABILITIES)
        ('error_rate', 0.4)
    """

    def made(compute: Callable[[Sample], Array]) -> Metric:
        return Metric(
            compute.__name__, title, formula, source, low, high, higher_is_better, undefined, example, compute
        )

    return made


@dataclass(frozen=True)
class GradedMetric:
    """A figure of numbers against numbers.

    Args:
        name: in ``results.json``.
        title: as tables show it.
        task: ``score`` or ``severity``.
        formula: what is computed.
        source: citation; "" where the formula says it all.
        low: lowest value.
        high: highest value.
        higher_is_better: direction.
        compute: of what was true [n], what was predicted [n] and weights [B, n]: [B].

    Example:
        >>> from smfl.evaluation.metrics import GRADED
        >>> round(GRADED["mae"]([10, 4, 7], [12, 4, 6]), 6)
        1.0
    """

    name: str
    title: str
    task: str
    formula: str
    source: str
    low: float
    high: float
    higher_is_better: bool
    compute: Callable[[Array, Array, Array], Array]

    def __call__(self, truth: Sequence[float] | Array, predicted: Sequence[float] | Array) -> float:
        """The figure of one sample; rows where the truth is unknown don't count."""
        y, p = np.asarray(truth, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
        known = ~np.isnan(y)
        return float(self.compute(y[known], p[known], np.ones((1, int(known.sum()))))[0])
