"""What the scores of ``results.json`` say of the models: their order, and which of them call everyone the same."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from smfl.evaluation.metrics import METRICS


def mean_of(entry: Mapping[str, Any], metric: str) -> float:
    """A model's mean score, ``nan`` where it has none.

    Example:
        >>> mean_of({"name": "a", "metrics": {"auroc": {"mean": 0.7}}}, "auroc"), mean_of({"metrics": {}}, "f1")
        (0.7, nan)
    """
    figures = entry["metrics"].get(metric)
    value = figures.get("mean") if isinstance(figures, Mapping) else figures
    return math.nan if value is None else float(value)


def ranks(values: Sequence[float]) -> list[int]:
    """The rank of each value, 1 for the highest; equal ones are ranked in their order.

    Example:
        >>> ranks([0.2, 0.5, 0.2])
        [2, 1, 3]
    """
    order = sorted(range(len(values)), key=lambda i: -values[i])
    rank_of = {place: rank for rank, place in enumerate(order, start=1)}
    return [rank_of[i] for i in range(len(values))]


def best_first(entries: Sequence[Mapping[str, Any]], metric: str) -> list[str]:
    """Names of the models that have a score, the best first; equal ones stay in the order of the results.

    Args:
        entries: models of ``results.json``.
        metric: a key of their ``metrics``; one that isn't in `METRICS` is better where it is higher.

    Example:
        >>> entries = [{"name": n, "metrics": {"brier": {"mean": x}}} for n, x in (("a", 0.3), ("b", 0.2), ("c", None))]
        >>> best_first(entries, "brier")
        ['b', 'a']
    """
    known = METRICS.get(metric)
    sign = -1 if known is None or known.higher_is_better else 1
    scored = [entry for entry in entries if math.isfinite(mean_of(entry, metric))]
    return [str(entry["name"]) for entry in sorted(scored, key=lambda entry: sign * mean_of(entry, metric))]


def constant_models(entries: Sequence[Mapping[str, Any]]) -> set[str]:
    """Models that call everyone the same: a recall or a specificity of 1 is no merit of theirs.

    Example:
        >>> scores = {"recall": {"mean": 1.0}, "specificity": {"mean": 0.0}}
        >>> constant_models([{"name": "majority", "metrics": scores}])
        {'majority'}
    """
    return {
        str(entry["name"])
        for entry in entries
        if {mean_of(entry, "recall"), mean_of(entry, "specificity")} == {0.0, 1.0}
    }
