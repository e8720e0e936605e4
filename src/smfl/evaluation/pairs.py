"""Is the winner a winner? Every pair of models on the same resamples of people, with luck in all the pairs paid for.

With 25 models there are 300 pairs, and the best of 25 equal models always looks good. So no pair is judged alone: the
bootstrap tells how large the largest of all differences gets by luck, and only what is larger counts (max-t, single
step: Westfall & Young 1993, *Resampling-Based Multiple Testing*; Romano & Wolf 2005, *Econometrica* 73:1237–1282).

For models i, j with pooled scores s and scores s*_b on resample b = 1 … B:

    d_ij = s_i − s_j,    e_ij = sd_b(s*_bi − s*_bj),    T_b = max_{i<j} |(s*_bi − s*_bj) − d_ij| / e_ij
    c = 95 % quantile of T_b;    i and j are told apart where |d_ij| > c e_ij

``c e_ij`` is the critical difference of the pair, and d_ij ± c e_ij are intervals that hold for all pairs at once. It
is the picture of Demšar 2006 (*J. Mach. Learn. Res.* 7:1–30) with people as what varies, and not data sets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from smfl.evaluation.intervals import COVERAGE, LEAST_DEFINED, interval
from smfl.evaluation.sample import Array

NO_SPREAD = 1e-12
"""Below it a difference is the same on all resamples, as between two models that call everyone the same."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one model stands.

    Args:
        name: of the model.
        score: pooled.
        rank: mean over resamples, 1 is the best; ties share their ranks.
        rank_low: lower end of the 95 % percentile interval of the rank.
        rank_high: its upper end.
        delta: its score minus the best model's; 0 for that one.
        low: lower end of the simultaneous 95 % interval of ``delta``.
        high: its upper end.
        p: of the difference from the best, adjusted for all pairs; 1 for the best.
        apart: whether it is told apart from the best.
    """

    name: str
    score: float
    rank: float
    rank_low: float
    rank_high: float
    delta: float
    low: float
    high: float
    p: float
    apart: bool


@dataclass(frozen=True, slots=True)
class Standings:
    """All models, the best first.

    Args:
        rows: by pooled score.
        groups: neighbours in that order among whom no two are told apart, as large as can be; two models or more each.
        critical: c, how many standard errors of a difference it takes.
        resamples: in which all the models' scores are defined.
    """

    rows: tuple[Standing, ...]
    groups: tuple[tuple[str, ...], ...]
    critical: float
    resamples: int

    @property
    def best(self) -> str:
        """The model with the best pooled score."""
        return self.rows[0].name

    @property
    def winner(self) -> str | None:
        """The best model, where it is told apart from every other one."""
        return self.best if all(row.apart for row in self.rows[1:]) else None

    def to_dict(self) -> dict[str, Any]:
        """As ``results.json`` has it."""
        return {
            "best": self.best,
            "winner": self.winner,
            "critical": self.critical,
            "resamples": self.resamples,
            "models": [asdict(row) for row in self.rows],
            "groups": [list(group) for group in self.groups],
        }


def standings(
    draws: Mapping[str, Array], pooled: Mapping[str, float], *, higher_is_better: bool = True
) -> Standings | None:
    """Rank the models and tell which of them are told apart.

    Args:
        draws: by model, one metric on the same resamples of the same people, [B].
        pooled: by model, the same metric on the people themselves.
        higher_is_better: the metric's direction.

    Returns:
        None where fewer than two models have a score, or it is undefined in half of the resamples or more.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> luck = rng.normal(0, 0.03, 2000)
        >>> found = standings({"a": 0.8 + luck, "b": 0.79 + luck + rng.normal(0, 0.02, 2000), "c": 0.6 + luck / 2},
        ...                   {"a": 0.8, "b": 0.79, "c": 0.6})
        >>> [(row.name, row.apart) for row in found.rows], found.groups, found.winner
        ([('a', False), ('b', False), ('c', True)], (('a', 'b'),), None)
    """
    sign = 1.0 if higher_is_better else -1.0
    names = [name for name in draws if np.isfinite(pooled[name]) and np.isfinite(draws[name]).mean() > LEAST_DEFINED]
    names.sort(key=lambda name: -sign * pooled[name])
    if len(names) < 2:
        return None
    table = np.stack([draws[name] for name in names])
    known = np.isfinite(table).all(axis=0)
    if known.mean() <= LEAST_DEFINED:
        return None
    table, scores = table[:, known], np.array([pooled[name] for name in names])
    errors, critical, largest = _critical(table, scores)
    gaps = scores[:, None] - scores[None, :]
    apart = np.abs(gaps) > critical * errors
    ranks = _ranks(-sign * table)
    rows = []
    for i, name in enumerate(names):
        delta, margin = float(gaps[i, 0]), float(critical * errors[i, 0])
        low, high = interval(ranks[i])
        rows.append(
            Standing(
                name,
                float(scores[i]),
                float(ranks[i].mean()),
                low,
                high,
                delta,
                delta - margin,
                delta + margin,
                _p(delta, float(errors[i, 0]), largest),
                bool(apart[i, 0]),
            )
        )
    groups = tuple(tuple(names[first : last + 1]) for first, last in _groups(apart))
    return Standings(tuple(rows), groups, critical, int(known.sum()))


def _critical(table: Array, scores: Array) -> tuple[Array, float, Array]:
    """Standard errors of all differences [K, K], the critical number of them, and the largest by luck [B]."""
    k = len(table)
    errors, largest = np.zeros((k, k)), np.zeros(table.shape[1])
    for i in range(k):
        for j in range(i + 1, k):
            difference = table[i] - table[j]
            error = float(difference.std(ddof=1))
            if error > NO_SPREAD:
                errors[i, j] = errors[j, i] = error
                largest = np.maximum(largest, np.abs(difference - (scores[i] - scores[j])) / error)
    return errors, float(np.quantile(largest, COVERAGE)), largest


def _p(delta: float, error: float, largest: Array) -> float:
    """Adjusted p: how often luck alone makes some difference at least as many standard errors large."""
    if abs(delta) <= NO_SPREAD:
        return 1.0
    size = abs(delta) / error if error > NO_SPREAD else np.inf
    return float((1 + (largest >= size).sum()) / (1 + len(largest)))


def _ranks(table: Array) -> Array:
    """Rank of each row in each column, 1 for the lowest value, ties shared, [K, B]."""
    lower = (table[None, :, :] < table[:, None, :]).sum(axis=1)
    same = (table[None, :, :] == table[:, None, :]).sum(axis=1)
    return np.asarray(lower + (same + 1) / 2, dtype=np.float64)


def _groups(apart: npt.NDArray[np.bool_]) -> Sequence[tuple[int, int]]:
    """First and last place of each longest run of places, no two of which are apart; runs of one are none.

    Example:
        >>> apart = np.zeros((4, 4), dtype=bool)
        >>> apart[0, 2:] = apart[2:, 0] = True
        >>> list(_groups(apart))
        [(0, 1), (1, 3)]
    """
    found: list[tuple[int, int]] = []
    for first in range(len(apart)):
        last = first
        while last + 1 < len(apart) and not apart[first : last + 1, last + 1].any():
            last += 1
        if last > first and (not found or last > found[-1][1]):
            found.append((first, last))
    return found
