"""How sure a score is: spread over folds and seeds, and a bootstrap over participants.

Two things that tables mix up, kept apart here:

- `spread`: mean and standard deviation over folds × seeds, each fold's score by itself. It tells how much the score
  moves with the split and the seed; its folds share training people, so it is no confidence interval.
- `bootstrap`: participants are drawn anew, all their rows together, from the held-out predictions of all folds. It
  tells how much the score would move with other participants of the same kind, the models being as they are.

Ranking metrics compare rows within a fold only (see `Sample`); all others count the rows of all folds together. Where
there are several seeds, a resample is scored for each seed on the same people, and the scores are averaged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from smfl.evaluation.metrics import METRICS
from smfl.evaluation.sample import Array, Sample
from smfl.interview import CallError

if TYPE_CHECKING:
    import pandas as pd

RESAMPLES = 2000
COVERAGE = 0.95
SEED = 20250719
"""Of the bootstrap: the same people are drawn for every model, so models can be compared, and figures recomputed."""

LEAST_DEFINED = 0.5
"""Share of resamples in which a score must be defined for it to get an interval."""


@dataclass(frozen=True, slots=True)
class Score:
    """One figure of a table.

    Args:
        mean: over folds × seeds where the score is defined.
        sd: the same; ``nan`` for a single fold.
        pooled: the score of all folds' held-out predictions together, averaged over seeds: what the interval is of.
        low: lower end of the 95 % bootstrap interval over participants.
        high: its upper end.
        undefined: number of folds × seeds in which the score isn't defined.
    """

    mean: float
    sd: float
    pooled: float
    low: float
    high: float
    undefined: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """How much better one model scores than another on the same people.

    Args:
        delta: score of the first minus score of the second, pooled.
        low: lower end of the 95 % paired bootstrap interval.
        high: its upper end.
        p: two-sided bootstrap p: twice the smaller share of resamples on either side of 0, at most 1.
    """

    delta: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, eq=False)
class Resamples:
    """Participants drawn with replacement, the same draws for every model.

    Args:
        participants: everyone who was tested, without repetition.
        number: of resamples, B.
        seed: of the draws.

    Example:
        >>> Resamples(("ann", "bo", "cem"), number=2).counts.sum(axis=1).tolist()
        [3.0, 3.0]
    """

    participants: tuple[str, ...]
    number: int = RESAMPLES
    seed: int = SEED

    @cached_property
    def counts(self) -> Array:
        """How often each participant was drawn, [B, participants]."""
        n = len(self.participants)
        drawn = np.random.default_rng(self.seed).multinomial(n, np.full(n, 1 / n), size=self.number)
        return drawn.astype(np.float64)

    @classmethod
    def of(cls, predictions: pd.DataFrame, number: int = RESAMPLES, seed: int = SEED) -> Resamples:
        """Of everyone in a table of predictions."""
        return cls(tuple(sorted(set(predictions["participant"]))), number, seed)

    def weights(self, rows: pd.DataFrame) -> Array:
        """How often each row counts in each resample, [B, rows]."""
        return np.asarray(self.counts[:, np.searchsorted(self.participants, rows["participant"].to_numpy(dtype=str))])


def spread(predictions: pd.DataFrame, metrics: Iterable[str] = METRICS) -> dict[str, tuple[float, float, int]]:
    """Mean and standard deviation over folds × seeds, and in how many of them the score is undefined.

    Args:
        predictions: rows of one model: ``seed, fold, label, probability``.
        metrics: names.

    Example:
        >>> import pandas as pd
        >>> rows = pd.DataFrame({"seed": 0, "fold": [0, 0, 1, 1], "label": [1, 0, 1, 0],
        ...                      "probability": [.9, .1, .9, .8]})
        >>> mean, sd, undefined = spread(rows, ["accuracy"])["accuracy"]
        >>> print(f"{mean:.2f} ± {sd:.2f}, undefined {undefined}")
        0.75 ± 0.35, undefined 0
    """
    folds = [_sample(rows) for _, rows in predictions.groupby(["seed", "fold"], sort=True)]
    found = {}
    for name in metrics:
        scores = np.array([METRICS[name].compute(sample)[0] for sample in folds])
        known = scores[~np.isnan(scores)]
        mean = float(known.mean()) if len(known) else np.nan
        found[name] = (mean, float(known.std(ddof=1)) if len(known) > 1 else np.nan, len(scores) - len(known))
    return found


def bootstrap(
    predictions: pd.DataFrame, metrics: Iterable[str] = METRICS, resamples: Resamples | None = None
) -> dict[str, Array]:
    """Each metric on every resample of participants.

    Args:
        predictions: rows of one model: ``seed, fold, participant, label, probability``.
        metrics: names.
        resamples: who was drawn; by default 2000 times from everyone in ``predictions``.

    Returns:
        By metric, [B]: ``nan`` where undefined in a resample.
    """
    drawn = Resamples.of(predictions) if resamples is None else resamples
    samples = [_sample(rows, drawn.weights(rows)) for _, rows in predictions.groupby("seed", sort=True)]
    return {name: _mean([METRICS[name].compute(sample) for sample in samples]) for name in metrics}


def pooled(predictions: pd.DataFrame, metrics: Iterable[str] = METRICS) -> dict[str, float]:
    """Each metric on the held-out predictions of all folds together, averaged over seeds."""
    samples = [_sample(rows) for _, rows in predictions.groupby("seed", sort=True)]
    return {name: float(_mean([METRICS[name].compute(sample) for sample in samples])[0]) for name in metrics}


def interval(draws: Array, coverage: float = COVERAGE) -> tuple[float, float]:
    """Percentile interval; ``nan`` where the score is undefined in half of the resamples or more.

    Example:
        >>> [round(end, 6) for end in interval(np.arange(101.0))]
        [2.5, 97.5]
    """
    known = draws[~np.isnan(draws)]
    if len(known) <= LEAST_DEFINED * len(draws):
        return np.nan, np.nan
    low, high = np.percentile(known, [50 * (1 - coverage), 50 * (1 + coverage)])
    return float(low), float(high)


def scores(predictions: pd.DataFrame, draws: Mapping[str, Array] | None = None) -> dict[str, Score]:
    """All figures of one model: spread over folds × seeds, pooled score, bootstrap interval.

    Args:
        predictions: rows of one model.
        draws: what `bootstrap` gave for them, where that is at hand; its metrics are scored.
    """
    drawn = bootstrap(predictions) if draws is None else draws
    metrics = tuple(drawn)
    apart, together = spread(predictions, metrics), pooled(predictions, metrics)
    found = {}
    for name in metrics:
        mean, sd, undefined = apart[name]
        found[name] = Score(mean, sd, together[name], *interval(drawn[name]), undefined=undefined)
    return found


def difference(one: pd.DataFrame, other: pd.DataFrame, metric: str, resamples: Resamples | None = None) -> Difference:
    """The paired bootstrap: two models scored on the same resamples of the same people.

    Args:
        one: predictions of the first model.
        other: predictions of the second.
        metric: name.
        resamples: who was drawn.

    Raises:
        CallError: where the two weren't tested on the same people.
    """
    alone = set(one["participant"]) ^ set(other["participant"])
    if alone:
        raise CallError(
            f"two models are compared on the same people only, but {len(alone)} of them were tested with one model "
            f"({min(alone)}, …)"
        )
    drawn = Resamples.of(one) if resamples is None else resamples
    draws = bootstrap(one, [metric], drawn)[metric] - bootstrap(other, [metric], drawn)[metric]
    delta = pooled(one, [metric])[metric] - pooled(other, [metric])[metric]
    known = draws[~np.isnan(draws)]
    if len(known) <= LEAST_DEFINED * len(draws):
        return Difference(delta, np.nan, np.nan, np.nan)
    tail = min((known <= 0).sum(), (known >= 0).sum())
    return Difference(delta, *interval(draws), p=float(min(1.0, 2 * (tail + 1) / (len(known) + 1))))


def ranked_first(draws: Mapping[str, Array], *, higher_is_better: bool = True) -> dict[str, float]:
    """In which share of the resamples each model is the best: how much of a win is luck. Ties are shared.

    Args:
        draws: by model, one metric on the same resamples, [B].
        higher_is_better: the metric's direction.

    Example:
        >>> ranked_first({"a": np.array([0.7, 0.6, 0.8, 0.5]), "b": np.array([0.6, 0.7, 0.7, 0.5])})
        {'a': 0.625, 'b': 0.375}
    """
    if not draws:
        return {}
    table = np.stack([draw if higher_is_better else -draw for draw in draws.values()])
    table = table[:, ~np.isnan(table).any(axis=0)]
    if not table.shape[1]:
        return dict.fromkeys(draws, np.nan)
    best = table == table.max(axis=0)
    return dict(zip(draws, (best / best.sum(axis=0)).mean(axis=1).tolist(), strict=True))


def _sample(rows: pd.DataFrame, weights: Array | None = None) -> Sample:
    return Sample(
        rows["label"].to_numpy(dtype=np.int64),
        rows["probability"].to_numpy(dtype=np.float64),
        weights,
        rows["fold"].to_numpy(dtype=np.int64),
    )


def _mean(parts: Sequence[Array]) -> Array:
    table = np.stack(parts)
    known = ~np.isnan(table)
    count = known.sum(axis=0)
    total = np.where(known, table, 0).sum(axis=0)
    return np.asarray(np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0))
