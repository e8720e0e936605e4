"""The points that the figures draw, from held-out predictions alone.

Scores and intervals of the table come from `results.json`; nothing here computes a score.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smfl.apps.report.source import Course, Pooled

Array = npt.NDArray[np.float64]
RESAMPLES = 200
LEVEL = 0.95
BINS = 6
SEED = 20250


@dataclass(frozen=True, eq=False, slots=True)
class Curve:
    """A curve with a band.

    Args:
        x: [points], in [0, 1].
        y: [points], in [0, 1].
        grid: [G], where the band is given.
        low: [G], lower end of the band.
        high: [G], upper end.
    """

    x: Array
    y: Array
    grid: Array
    low: Array
    high: Array

    @property
    def area(self) -> float:
        """The area under the curve."""
        return float(np.sum(np.diff(self.x) * (self.y[1:] + self.y[:-1]) / 2))


@dataclass(frozen=True, eq=False, slots=True)
class _Fold:
    """The held-out rows of one fitted model as a ranking.

    Args:
        rows: [n], rows from the highest probability down.
        last: [K], the last row of each distinct probability.
        positive: [n], 1 where a row's label is 1.
        seed: whose run it is.
    """

    rows: npt.NDArray[np.intp]
    last: npt.NDArray[np.intp]
    positive: Array
    seed: str

    def counts(self, weights: Array) -> tuple[Array, Array]:
        """False and true positives at each threshold from none up, [K + 1], where row i counts ``weights[i]`` times."""
        each = weights[self.rows]
        false, true = np.cumsum(each * (1 - self.positive))[self.last], np.cumsum(each * self.positive)[self.last]
        return np.r_[0.0, false], np.r_[0.0, true]


def _folds(pooled: Pooled) -> list[_Fold]:
    folds = []
    for group in np.unique(pooled.groups):
        rows = np.flatnonzero(pooled.groups == group)
        rows = rows[np.argsort(-pooled.probabilities[rows], kind="stable")]
        last = np.r_[np.flatnonzero(np.diff(pooled.probabilities[rows])), len(rows) - 1]
        folds.append(_Fold(rows, last, pooled.labels[rows].astype(float), str(pooled.seeds[rows[0]])))
    return folds


def _roc_height(false: Array, true: Array, at: Array, *, left: bool) -> Array:
    """True positive rate at false positive rates ``at``: its limit from the left or from the right."""
    fpr, tpr = false / false[-1], true / true[-1]
    if left:
        return np.asarray(1 - np.interp(1 - at, 1 - fpr[::-1], 1 - tpr[::-1]))
    return np.asarray(np.interp(at, fpr, tpr))


def _precision_height(false: Array, true: Array, at: Array, *, left: bool) -> Array:
    """Precision at recalls ``at``: a step for each threshold, the area of which is the average precision."""
    rows = (false + true)[1:]
    precision = np.divide(true[1:], rows, out=np.zeros_like(rows), where=rows > 0)
    step = np.searchsorted(true[1:] / true[-1], at, side="left" if left else "right")
    return np.asarray(precision[np.minimum(step, len(precision) - 1)])


def _mean_height(kind: str, folds: list[_Fold], weights: Array, at: Array, *, left: bool) -> Array | None:
    """Mean over folds, each weighing as many pairs (ROC) or positives (precision-recall) as it has; then over seeds."""
    draw = _roc_height if kind == "roc" else _precision_height
    seeds: dict[str, tuple[float, Array]] = {}
    for fold in folds:
        false, true = fold.counts(weights)
        share = float(true[-1] * (false[-1] if kind == "roc" else 1))
        if share > 0:
            total, height = seeds.get(fold.seed, (0.0, np.zeros(len(at))))
            seeds[fold.seed] = (total + share, height + share * draw(false, true, at, left=left))
    return np.mean([height / total for total, height in seeds.values()], axis=0) if seeds else None


def mean_curve(pooled: Pooled, kind: str) -> Curve | None:
    """The out-of-fold curve with a 95 % bootstrap band over participants; None where a class is absent.

    Probabilities of two folds come from two models and have no common scale, so their rows are never ranked
    together: each fold has its own curve, and the curves are averaged vertically (Fawcett 2006,
    doi:10.1016/j.patrec.2005.10.010). Weighted by pairs of a positive and a negative, or by positives, the area
    under the mean is the pooled AUROC, or AUPRC, of `results.json`.

    Args:
        pooled: one model's predictions.
        kind: ``roc`` or ``precision-recall``.

    Example:
        >>> one = Pooled(
        ...     participants=np.array(["a", "b", "c", "d"]),
        ...     labels=np.array([0, 0, 1, 1]),
        ...     probabilities=np.array([0.1, 0.4, 0.4, 0.9]),
        ...     seeds=np.array(["0"] * 4),
        ...     groups=np.zeros(4, dtype=np.int64),
        ... )
        >>> mean_curve(one, "roc").area
        0.875
    """
    folds = _folds(pooled)
    ones = np.ones(len(pooled.labels))
    both = [fold.counts(ones) for fold in folds]
    levels = [false / false[-1] if kind == "roc" else true / true[-1] for false, true in both if false[-1] * true[-1]]
    if not levels:
        return None
    at = np.unique(np.concatenate([[0.0, 1.0], *levels]))
    sides = [_mean_height(kind, folds, ones, at, left=left) for left in (True, False)]
    left, right = (np.zeros(len(at)) if side is None else side for side in sides)
    x, y = np.repeat(at, 2), np.stack([left, right], axis=1).reshape(-1)
    if kind != "roc":
        x, y = x[1:-1], y[1:-1]
    return Curve(x, y, *_band(pooled, kind, folds))


def _band(pooled: Pooled, kind: str, folds: list[_Fold]) -> tuple[Array, Array, Array]:
    grid = np.linspace(0, 1, 51)[0 if kind == "roc" else 1 :]
    people, owner = np.unique(pooled.participants, return_inverse=True)
    random = np.random.default_rng(SEED)
    lines = []
    for _ in range(RESAMPLES):
        times = np.bincount(random.integers(len(people), size=len(people)), minlength=len(people))
        line = _mean_height(kind, folds, times[owner].astype(float), grid, left=kind != "roc")
        if line is not None:
            lines.append(line)
    low, high = np.quantile(np.stack(lines), [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return grid, low, high


@dataclass(frozen=True, slots=True)
class Bin:
    """One bin of the reliability plot.

    Args:
        predicted: mean probability in it.
        observed: share of label 1 in it.
        low: lower end of Wilson's 95 % interval of ``observed``.
        high: upper end.
        n: predictions in it.
    """

    predicted: float
    observed: float
    low: float
    high: float
    n: int


def reliability(pooled: Pooled) -> list[Bin]:
    """Bins with equally many predictions; equal probabilities stay together, so there can be fewer.

    The interval is Wilson's (Wilson 1927, doi:10.1080/01621459.1927.10502953), on as many observations as there are
    participants in the bin: a participant predicted by three seeds isn't three people.
    """
    p = pooled.probabilities
    edges = np.unique(np.quantile(p, np.linspace(0, 1, BINS + 1)))
    where = np.clip(np.searchsorted(edges, p, side="right") - 1, 0, max(len(edges) - 2, 0))
    bins = []
    for index in np.unique(where):
        inside = where == index
        people = len(np.unique(pooled.participants[inside]))
        observed = float(pooled.labels[inside].mean())
        low, high = _wilson(observed, people)
        bins.append(Bin(float(p[inside].mean()), observed, low, high, int(inside.sum())))
    return bins


def _wilson(share: float, n: int, z: float = 1.96) -> tuple[float, float]:
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * float(np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)))
    return max(middle - half, 0.0), min(middle + half, 1.0)


@dataclass(frozen=True, slots=True)
class Counts:
    """Confusion counts at a threshold, a mean over seeds."""

    true_negative: float
    false_positive: float
    false_negative: float
    true_positive: float


def confusion(pooled: Pooled, threshold: float = 0.5) -> Counts:
    """Counts of ``probability >= threshold`` against the label; with several seeds, their mean, so they sum to n.

    Example:
        >>> who, labels, p = np.array(["a", "b"]), np.array([0, 1]), np.array([0.2, 0.5])
        >>> confusion(Pooled(who, labels, p, seeds=np.array(["0", "0"]), groups=np.zeros(2, dtype=np.int64)))
        Counts(true_negative=1.0, false_positive=0.0, false_negative=0.0, true_positive=1.0)
    """
    said, is_one = pooled.probabilities >= threshold, pooled.labels == 1
    cells = (~said & ~is_one, said & ~is_one, ~said & is_one, said & is_one)
    seeds = len(np.unique(pooled.seeds))
    return Counts(*(float(cell.sum()) / seeds for cell in cells))


def people(pooled: Pooled) -> list[tuple[str, int, float]]:
    """Each participant once: who, label, mean probability over seeds and interviews; by probability."""
    found = []
    for who, label in sorted(set(zip(pooled.participants.tolist(), pooled.labels.tolist(), strict=True))):
        rows = (pooled.participants == who) & (pooled.labels == label)
        found.append((str(who), int(label), float(pooled.probabilities[rows].mean())))
    return sorted(found, key=lambda one: (one[2], one[0]))


def mean_course(runs: tuple[Course, ...]) -> tuple[Array, Array, Array]:
    """Epochs, mean training loss and mean watched loss, as far as at least half of the runs still train.

    Further out, the mean would be one of the runs that happened to last, and would jump where another ends.
    """
    epochs, table = _courses(runs)
    means, _ = _moments(table)
    return epochs, means[0], means[1]


def course_spread(runs: tuple[Course, ...]) -> tuple[Array, Array]:
    """Standard deviation over the runs of the training and of the watched loss, at the epochs of `mean_course`.

    ``nan`` at an epoch that fewer than two runs reached.
    """
    _, deviations = _moments(_courses(runs)[1])
    return deviations[0], deviations[1]


def _courses(runs: tuple[Course, ...]) -> tuple[Array, Array]:
    """Epochs [E], and training and watched loss of each run at them, [2, runs, E]; nan where a run has none."""
    lengths = sorted((float(run.epochs[-1]) for run in runs), reverse=True)
    last = lengths[(len(lengths) - 1) // 2]
    epochs = np.unique(np.concatenate([run.epochs for run in runs]))
    epochs = epochs[epochs <= last]
    table = np.full((2, len(runs), len(epochs)), np.nan)
    for row, run in enumerate(runs):
        here = np.isin(epochs, run.epochs)
        there = np.isin(run.epochs, epochs)
        table[0, row, here], table[1, row, here] = run.train[there], run.watched[there]
    return epochs, table


def _moments(table: Array) -> tuple[Array, Array]:
    """Mean and standard deviation over runs, each [2, E]; nan where there is no run, or no second one."""
    counts = np.isfinite(table).sum(axis=1)
    means = np.where(counts > 0, np.nansum(table, axis=1) / np.maximum(counts, 1), np.nan)
    squares = np.nansum(np.square(table - means[:, None, :]), axis=1)
    return means, np.where(counts > 1, np.sqrt(squares / np.maximum(counts - 1, 1)), np.nan)
