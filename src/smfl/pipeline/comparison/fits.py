"""The fits of a comparison: every model on every split, taken from an earlier run or made now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from smfl.evaluation import Cases, FoldResult, run_fold
from smfl.evaluation.crossval import run_tasks
from smfl.features import Prepared
from smfl.pipeline.comparison.across import Across
from smfl.pipeline.comparison.blinded import Blinded
from smfl.pipeline.comparison.kept_fits import KeptFit, KeptFits
from smfl.pipeline.comparison.plan import Plan
from smfl.pipeline.comparison.rows import ModelRow

Progress = Callable[[int, int, str], None]
"""Called with how many fits are done, of how many, and which one was the last."""

Fit = tuple[ModelRow, int, int]
"""A model, a seed and a fold."""


def fit_all(
    known: Prepared | Across,
    rows: Sequence[ModelRow],
    plan: Plan,
    kept: KeptFits,
    *,
    protocol: str,
    workers: int,
    progress: Progress | None,
) -> dict[Fit, FoldResult]:
    """The result of each model, seed and fold.

    Args:
        known: labelled interviews, of one corpus or of two.
        rows: the models.
        plan: the splits.
        kept: where results of earlier runs lie, and new ones go.
        protocol: of the comparison.
        workers: processes.
        progress: called after each fit.
    """
    # Fold by fold: networks that follow each other on the same interviews share their inputs.
    every: list[Fit] = [(row, seed, fold) for seed, fold in plan.splits for row in rows]
    found: dict[Fit, FoldResult] = {}
    tasks: list[tuple[Any, dict[str, Any]]] = []
    for fit in every:
        row, seed, fold = fit
        targets = [plan.labels[seed], plan.scores[seed]]
        place = kept.of(row, seed, plan.splits[seed, fold], plan.interviews, targets)
        earlier = place.read()
        if earlier is not None:
            found[fit] = earlier
        else:
            tasks.append(((fit, place, known, plan), {"protocol": protocol}))
    if progress and found:
        progress(len(found), len(every), "taken from an earlier run")
    for fit, result in run_tasks(_fit_one, tasks, workers=workers):
        found[fit] = result
        if progress:
            progress(len(found), len(every), f"{fit[0].label}, seed {fit[1]}, fold {fit[2]}")
    return found


def _fit_one(
    fit: Fit, place: KeptFit, known: Prepared | Across, plan: Plan, *, protocol: str
) -> tuple[Fit, FoldResult]:
    row, seed, fold = fit
    cases = Cases(Blinded(known), plan.labels[seed], plan.participants, plan.interviews, plan.scores[seed])
    result = run_fold(row, cases, plan.splits[seed, fold], seed=seed, model=row.label, protocol=protocol)
    place.write(result)
    return fit, result
