"""The points of the curves that a report draws: ROC, precision-recall, reliability, confusion.

From held-out predictions alone. Scores and intervals come from `smfl.evaluation.intervals`; nothing here computes one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smfl.evaluation.sample import Array, Integers

RESAMPLES = 200
LEVEL = 0.95
BINS = 6
SEED = 20250


@dataclass(frozen=True, eq=False, slots=True)
class HeldOut:
    """Every held-out prediction of one model, one row an interview and seed.

    Args:
        participants: [rows], who; rows of one participant are resampled together.
        labels: [rows], 0 or 1.
        probabilities: [rows], of the label 1, 0 to 1.
        seeds: [rows].
        groups: [rows], which fitted model the row comes from: its seed and fold, numbered.
    """

    participants: npt.NDArray[np.str_]
    labels: Integers
    probabilities: Array
    seeds: npt.NDArray[np.str_]
    groups: Integers

    @property
    def positive_share(self) -> float:
        """The share of rows with label 1: the precision of a model that knows nothing."""
        return float(np.mean(self.labels))


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


def _folds(held_out: HeldOut) -> list[_Fold]:
    folds = []
    for group in np.unique(held_out.groups):
        rows = np.flatnonzero(held_out.groups == group)
        rows = rows[np.argsort(-held_out.probabilities[rows], kind="stable")]
        last = np.r_[np.flatnonzero(np.diff(held_out.probabilities[rows])), len(rows) - 1]
        folds.append(_Fold(rows, last, held_out.labels[rows].astype(float), str(held_out.seeds[rows[0]])))
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


def mean_curve(held_out: HeldOut, kind: str) -> Curve | None:
    """The out-of-fold curve with a 95 % bootstrap band over participants; None where a class is absent.

    Probabilities of two folds come from two models and have no common scale, so their rows are never ranked
    together: each fold has its own curve, and the curves are averaged vertically (Fawcett 2006,
    doi:10.1016/j.patrec.2005.10.010). Weighted by pairs of a positive and a negative, or by positives, the area
    under the mean is the pooled AUROC, or AUPRC, of `results.json`.

    Args:
        held_out: one model's predictions.
        kind: ``roc`` or ``precision-recall``.

    Example:
        >>> one = HeldOut(
        ...     participants=np.array(["a", "b", "c", "d"]),
        ...     labels=np.array([0, 0, 1, 1]),
        ...     probabilities=np.array([0.1, 0.4, 0.4, 0.9]),
        ...     seeds=np.array(["0"] * 4),
        ...     groups=np.zeros(4, dtype=np.int64),
        ... )
        >>> mean_curve(one, "roc").area
        0.875
    """
    folds = _folds(held_out)
    ones = np.ones(len(held_out.labels))
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
    return Curve(x, y, *_band(held_out, kind, folds))


def _band(held_out: HeldOut, kind: str, folds: list[_Fold]) -> tuple[Array, Array, Array]:
    grid = np.linspace(0, 1, 51)[0 if kind == "roc" else 1 :]
    participants, owner = np.unique(held_out.participants, return_inverse=True)
    random = np.random.default_rng(SEED)
    lines = []
    for _ in range(RESAMPLES):
        times = np.bincount(random.integers(len(participants), size=len(participants)), minlength=len(participants))
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


def reliability(held_out: HeldOut) -> list[Bin]:
    """Bins with equally many predictions; equal probabilities stay together, so there can be fewer.

    The interval is Wilson's (Wilson 1927, doi:10.1080/01621459.1927.10502953), on as many observations as there are
    participants in the bin: a participant predicted by three seeds isn't three people.
    """
    p = held_out.probabilities
    edges = np.unique(np.quantile(p, np.linspace(0, 1, BINS + 1)))
    where = np.clip(np.searchsorted(edges, p, side="right") - 1, 0, max(len(edges) - 2, 0))
    bins = []
    for index in np.unique(where):
        inside = where == index
        participants = len(np.unique(held_out.participants[inside]))
        observed = float(held_out.labels[inside].mean())
        low, high = _wilson(observed, participants)
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


def confusion(held_out: HeldOut, threshold: float = 0.5) -> Counts:
    """Counts of ``probability >= threshold`` against the label; with several seeds, their mean, so they sum to n.

    Example:
        >>> who, labels, p = np.array(["a", "b"]), np.array([0, 1]), np.array([0.2, 0.5])
        >>> confusion(HeldOut(who, labels, p, seeds=np.array(["0", "0"]), groups=np.zeros(2, dtype=np.int64)))
        Counts(true_negative=1.0, false_positive=0.0, false_negative=0.0, true_positive=1.0)
    """
    called, is_one = held_out.probabilities >= threshold, held_out.labels == 1
    cells = (~called & ~is_one, called & ~is_one, ~called & is_one, called & is_one)
    seeds = len(np.unique(held_out.seeds))
    return Counts(*(float(cell.sum()) / seeds for cell in cells))


def participants_by_probability(held_out: HeldOut) -> list[tuple[str, int, float]]:
    """Each participant once: who, label, mean probability over seeds and interviews; by probability."""
    found = []
    for who, label in sorted(set(zip(held_out.participants.tolist(), held_out.labels.tolist(), strict=True))):
        rows = (held_out.participants == who) & (held_out.labels == label)
        found.append((str(who), int(label), float(held_out.probabilities[rows].mean())))
    return sorted(found, key=lambda one: (one[2], one[0]))
