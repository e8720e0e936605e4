"""`smfl.evaluate`: models compared on the same interviews and folds, with intervals; a stopped run goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from smfl.evaluation import (
    FoldResult,
    ModelFacts,
    Results,
    Split,
    check_split,
    grouped_folds,
    holdout,
    official,
    run_fold,
    split_hash,
)
from smfl.evaluation.crossval import STOPPED_ON_TEST, gather, run_tasks
from smfl.evaluation.environment import environment
from smfl.evaluation.results import HISTORY_COLUMNS, PREDICTION_COLUMNS
from smfl.features import Prepared
from smfl.interview import CallError, choice
from smfl.pipeline.ideal_observer import IDEAL, ideal_observer
from smfl.pipeline.parts import Part, Parts
from smfl.pipeline.rows import Blinded, ModelRow, rows_of

if TYPE_CHECKING:
    import pandas as pd

PROTOCOLS = {
    "nested": "participant-grouped, stratified folds; every choice is made inside the training participants",
    "holdout": "the paper's 8:2, stratified and grouped; choices on a validation part of the 8",
    "official": "the corpus's own split",
    "paper": f"8:2, the epoch chosen by the test part's loss, as the paper did: {STOPPED_ON_TEST}",
}

Progress = Callable[[int, int, str], None]
"""Called with how many fits are done, of how many, and which one was the last."""


def evaluate(
    data: Prepared | str | Path,
    models: str | Sequence[str] = ("smfl",),
    *,
    folds: int = 5,
    seeds: int = 1,
    protocol: str = "nested",
    modalities: Sequence[str] | None = None,
    recipe: str = "tuned",
    out: str | Path | None = None,
    workers: int = 1,
    progress: Progress | None = None,
    shuffle_labels: bool = False,
) -> Results:
    """Fit and test every model on the same splits of participants.

    The row ``majority`` is always there, and, where the interviews are simulated, the ideal observer's. Each fit's
    predictions are kept under ``out/parts`` as soon as they are there, by a fingerprint of data, settings and code: the
    same call goes on where it was, and a changed one doesn't reuse what no longer holds.

    Args:
        data: prepared features, or their folder.
        models: names, each optionally with a recipe and modalities of its own: ``smfl``, ``smfl:paper``,
            ``smfl@text+audio``; one text with commas between, or ``all``.
        folds: of the protocol ``nested``.
        seeds: how many times everything is repeated, each time with other splits and other random numbers.
        protocol: one of `PROTOCOLS`.
        modalities: to read; all there are where None.
        recipe: of networks: ``tuned`` or ``paper``.
        out: folder for the results; nothing is written where None.
        workers: processes; the results are the same for any number.
        progress: told after each fit.
        shuffle_labels: the null check: labels dealt out anew among participants, which nothing can predict.

    Raises:
        CallError: for an argument that makes no sense, or a corpus too small for the protocol.
    """
    started = time.perf_counter()
    choice(protocol, list(PROTOCOLS), what="protocol")
    if seeds < 1:
        raise CallError(f"at least 1 seed is needed; got {seeds}")
    prepared = data if isinstance(data, Prepared) else Prepared(data)
    known = prepared.labelled
    if not len(known):
        raise CallError(f"{prepared.folder}: no interview has a label; evaluation needs them")
    rows = rows_of(models, modalities, recipe, tuple(prepared.schema.modalities))
    plan = _plan(known, protocol, folds, seeds, shuffle_labels)
    parts = Parts(None if out is None else Path(out) / "parts", known, [protocol, shuffle_labels])
    found = _fit_all(known, rows, plan, protocol, parts, workers, progress)
    facts = [_facts_of(row, [found[row, *at] for at in plan.splits]) for row in rows]
    predictions, history = _tables([found[row, *at] for row in rows for at in plan.splits])
    remarks = [*plan.remarks, *_left_out(prepared, known)]
    if not shuffle_labels:
        ideal, remark = ideal_observer(known, predictions, modalities)
        if ideal is not None:
            predictions = _joined(predictions, ideal)
            facts.append(ModelFacts(IDEAL, tuple(modalities or prepared.schema.modalities), ranked=False))
        remarks += [remark] if remark else []
    settings = prepared.schema.settings
    results = Results.of(
        predictions,
        history,
        facts,
        {
            "corpus": settings.get("corpus"),
            "simulated": bool(settings.get("simulated")),
            "label_rule": settings.get("label_rule"),
            "scale": settings.get("scale"),
            "protocol": protocol,
            "protocol_meaning": PROTOCOLS[protocol],
            "folds": folds if protocol == "nested" else 1,
            "seeds": list(range(seeds)),
            "recipe": recipe,
            "labels_shuffled": shuffle_labels,
            "unlabelled": len(prepared) - len(known),
            "split_hash": split_hash([(seed, split) for (seed, _), split in plan.splits.items()], plan.interviews),
            "remarks": remarks,
            "features": dict(settings),
            "seconds": time.perf_counter() - started,
            "environment": environment(),
        },
    )
    if out is not None:
        results.write(out)
    return results


@dataclass(frozen=True, eq=False)
class _Plan:
    """Who is trained on and tested when: a split for each (seed, fold), and the labels of each seed."""

    splits: dict[tuple[int, int], Split]
    labels: dict[int, np.ndarray[Any, np.dtype[np.int64]]]
    participants: list[str]
    interviews: list[str]
    remarks: list[str]


def _plan(known: Prepared, protocol: str, folds: int, seeds: int, shuffle: bool) -> _Plan:
    participants, interviews = known.participants.tolist(), known.table["interview"].tolist()
    labels, splits, remarks = {}, {}, []
    for seed in range(seeds):
        labels[seed] = _shuffled(known.labels, participants, seed) if shuffle else known.labels
        if protocol == "nested":
            made = grouped_folds(labels[seed], participants, folds, seed)
        elif protocol == "official":
            marks = known.table["split"].tolist() if "split" in known.table else [None] * len(known)
            split, part = official(marks)
            made = [split]
            unused = len(known) - len(split.train) - len(split.test)
            counts = f"fitted on 'train' ({len(split.train)}), tested on {part!r} ({len(split.test)})"
            remarks = [f"official split: {counts}; models take their validation part from 'train'"]
            remarks += [f"{unused} labelled interviews belong to neither part and weren't used"] if unused else []
        else:
            made = [holdout(labels[seed], participants, seed)]
        for split in made:
            check_split(split, labels[seed], participants)
            splits[seed, split.fold] = split
    if protocol == "paper":
        remarks.append(f"{STOPPED_ON_TEST}: networks saw the test part's loss; compare with the protocol holdout")
    if shuffle:
        remarks.append("null check: labels were dealt out anew among participants; an AUROC off .5 is chance or a leak")
    return _Plan(splits, labels, participants, interviews, remarks)


def _shuffled(
    labels: np.ndarray[Any, np.dtype[np.int64]], participants: Sequence[str], seed: int
) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Labels dealt out anew: whole participants swap theirs where each has one, else interviews do."""
    rng = np.random.default_rng(seed)
    _, first, rows = np.unique(np.asarray(participants), return_index=True, return_inverse=True)
    of_person = labels[first]
    if (of_person[rows] != labels).any():
        return rng.permutation(labels)
    return np.asarray(rng.permutation(of_person)[rows])


_Fit = tuple[ModelRow, int, int]


def _fit_all(
    known: Prepared, rows: Sequence[ModelRow], plan: _Plan, protocol: str, parts: Parts, workers: int,
    progress: Progress | None,
) -> dict[_Fit, FoldResult]:  # fmt: skip
    """The result of each model, seed and fold: from an earlier run, or fitted now."""
    every: list[_Fit] = [(row, seed, fold) for row in rows for seed, fold in plan.splits]
    found: dict[_Fit, FoldResult] = {}
    tasks: list[tuple[Any, dict[str, Any]]] = []
    for fit in every:
        row, seed, fold = fit
        split, labels = plan.splits[seed, fold], plan.labels[seed]
        part = parts.of(row, seed, split, plan.interviews, labels)
        earlier = part.read()
        if earlier is not None:
            found[fit] = earlier
        else:
            tasks.append(((fit, part, known, labels, plan.participants, split), {"protocol": protocol}))
    if progress and found:
        progress(len(found), len(every), "taken from an earlier run")
    for fit, result in run_tasks(_fit_one, tasks, workers=workers):
        found[fit] = result
        if progress:
            progress(len(found), len(every), f"{fit[0].label}, seed {fit[1]}, fold {fit[2]}")
    return found


def _fit_one(
    fit: _Fit, part: Part, known: Prepared, labels: Any, participants: Sequence[str], split: Split, *, protocol: str
) -> tuple[_Fit, FoldResult]:
    row, seed, _ = fit
    result = run_fold(
        row, Blinded(known), labels, participants, split, seed=seed, model=row.label, protocol=protocol,
        interviews=known.table["interview"].tolist(),
    )  # fmt: skip
    part.write(result)
    return fit, result


def _facts_of(row: ModelRow, results: Sequence[FoldResult]) -> ModelFacts:
    together, reads = gather(results), getattr(row(0), "reads", row.modalities)
    return ModelFacts(row.label, tuple(reads), together.parameters, together.seconds, {"recipe": row.recipe})


def _tables(results: Sequence[FoldResult]) -> tuple[pd.DataFrame, pd.DataFrame]:
    import pandas as pd

    predictions = pd.DataFrame([row for result in results for row in result.predictions])
    history = pd.DataFrame([row for result in results for row in result.history])
    ordered = [*HISTORY_COLUMNS, *(name for name in history if name not in HISTORY_COLUMNS)]
    return predictions[list(PREDICTION_COLUMNS)], history.reindex(columns=ordered)


def _joined(*tables: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    return pd.concat(tables, ignore_index=True)


def _left_out(prepared: Prepared, known: Prepared) -> list[str]:
    unlabelled = prepared.table["interview"][prepared.table["label"].isna()].tolist()
    if not unlabelled:
        return []
    more = ", …" if len(unlabelled) > 3 else ""
    return [
        f"{len(unlabelled)} of {len(prepared)} interviews have no label and weren't used "
        f"({', '.join(unlabelled[:3])}{more})"
    ]
