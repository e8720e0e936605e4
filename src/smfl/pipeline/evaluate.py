"""`smfl.evaluate`: models compared on the same interviews and folds, with intervals; a stopped run goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
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
from smfl.evaluation.graded import COLUMNS
from smfl.evaluation.results import HISTORY_COLUMNS, PREDICTION_COLUMNS
from smfl.features import Prepared
from smfl.interview import CallError, choice
from smfl.pipeline.comparison.across import Across
from smfl.pipeline.comparison.blinded import Blinded
from smfl.pipeline.comparison.choices import choices_of, write_trials
from smfl.pipeline.comparison.ideal_observer import IDEAL, ideal_observer
from smfl.pipeline.comparison.parts import Part, Parts
from smfl.pipeline.comparison.rows import ModelRow, choosing, rows_of

if TYPE_CHECKING:
    import pandas as pd

PROTOCOLS = {
    "nested": "participant-grouped, stratified folds; every choice is made inside the training participants",
    "holdout": "the paper's 8:2, stratified and grouped; choices on a validation part of the 8",
    "official": "the corpus's own split",
    "paper": f"8:2, the epoch chosen by the test part's loss, as the paper did: {STOPPED_ON_TEST}",
    "across": "fitted on one corpus, tested on another; every choice is made inside the former",
}

NULL_CHECK = "null check: labels were dealt out anew among participants; an AUROC off .5 is chance or a leak"

Progress = Callable[[int, int, str], None]
"""Called with how many fits are done, of how many, and which one was the last."""


def evaluate(
    data: Prepared | str | Path,
    models: str | Sequence[str] = ("smfl",),
    *,
    folds: int = 5,
    seeds: int | Sequence[int] = 1,
    protocol: str | None = None,
    train_on: Prepared | str | Path | None = None,
    allow_overlap: bool = False,
    modalities: Sequence[str] | None = None,
    recipe: str = "tuned",
    task: str | Sequence[str] = "binary",
    out: str | Path | None = None,
    workers: int = 1,
    progress: Progress | None = None,
    shuffle_labels: bool = False,
    tune: int = 0,
    strong: str | None = None,
    weak: str | Sequence[str] | None = None,
) -> Results:
    """Fit and test every model on the same splits of participants.

    The row ``majority`` is always there, and, where the interviews are simulated, the ideal observer's. Each fit's
    predictions are kept under ``out/parts`` as soon as they are there, by a fingerprint of data, settings and code: the
    same call goes on where it was, and a changed one doesn't reuse what no longer holds.

    Args:
        data: prepared features, or their folder.
        models: names, each optionally with a recipe and modalities of its own: ``smfl``, ``smfl:paper``,
            ``smfl@text+audio``, or ``smfl@each`` for every choice of modalities; one text with commas between, or
            ``all``.
        folds: of the protocol ``nested``.
        seeds: how many times everything is repeated, each time with other splits and other random numbers; or which of
            these repetitions: ``[3, 4]`` are the last two of ``5``, the same to the last digit.
        protocol: one of `PROTOCOLS`; ``nested`` where None, or ``across`` with ``train_on``.
        train_on: another corpus, prepared, or its folder: every model is fitted on all of its labelled interviews and
            tested on all of ``data``'s. Read are the modalities that both have.
        allow_overlap: let people of ``train_on`` be tested; the results say so.
        modalities: to read; all there are where None.
        recipe: of networks: ``tuned`` or ``paper``.
        task: ``binary``, ``severity`` (the PHQ-8's bands), ``score``, or several with commas between, which are then
            learned together; see `smfl.training.tasks`. Each row's probability of depression is told in any case.
        out: folder for the results; nothing is written where None.
        workers: processes; the results are the same for any number.
        progress: told after each fit.
        shuffle_labels: the null check: labels dealt out anew among participants, which nothing can predict.
        tune: trials by which every fit chooses its settings, inside its training participants
            (`smfl.training.selection.tuning`); a fit takes so many times as long. 0: recipes as they are.
        strong: the modality that lifts the weak ones in ``smfl`` (§2.6): a name, ``auto``: the best one alone on the
            fit's training people (`smfl.training.selection.strongest`), or None: the text.
        weak: those that are lifted: names, ``auto``: the lowest one alone, or None: the video.

    Raises:
        CallError: for an argument that makes no sense, a corpus too small for the protocol, or people who would be
            trained and tested on.
        FeatureError: where the columns of two corpora don't fit, by name.
    """
    started = time.perf_counter()
    protocol = _protocol(protocol, across=train_on is not None)
    if allow_overlap and train_on is None:
        raise CallError("--allow-overlap is of two corpora: name one to train on, --train-on PREPARED")
    repeated = _repeated(seeds)
    prepared = data if isinstance(data, Prepared) else Prepared(data)
    known = prepared.labelled
    if not len(known):
        raise CallError(f"{prepared.folder}: no interview has a label; evaluation needs them")
    tasks = _tasks(task, known, protocol)
    parts = Parts(None if out is None else Path(out) / "parts", known, [protocol, shuffle_labels])

    def asked(present: tuple[str, ...]) -> list[ModelRow]:
        rows = rows_of(models, modalities, recipe, present, tasks)
        return choosing(rows, present, tune=tune, strong=strong, weak=weak)

    if train_on is None:
        rows = asked(tuple(prepared.schema.modalities))
        plan = _plan(known, protocol, folds, repeated, shuffle_labels)
        found = _fit_all(known, rows, plan, protocol, parts, workers, progress)
        of_both: dict[str, Any] = {}
    else:
        other = train_on if isinstance(train_on, Prepared) else Prepared(train_on)
        both = Across.of(other, prepared, allow_overlap=allow_overlap)
        _check_same_scale(tasks, other, prepared)
        rows = asked(tuple(both.schema.modalities))
        both = both.reading(rows)
        plan = _plan_across(both, repeated, shuffle_labels, _left_out(other, both.train))
        found = _fit_all(both, rows, plan, protocol, both.parts(parts), workers, progress)
        of_both = both.facts()
    facts = [_facts_of(row, {at: found[row, *at] for at in plan.splits}) for row in rows]
    predictions, history = _tables([found[row, *at] for row in rows for at in plan.splits])
    remarks = [*plan.remarks, *_left_out(prepared, known), *([_tuning_told(tune)] if tune else [])]
    if not shuffle_labels:
        ideal, remark = ideal_observer(known, predictions, modalities)
        if ideal is not None:
            predictions = _joined(predictions, ideal)
            facts.append(ModelFacts(IDEAL, tuple(modalities or prepared.schema.modalities), ranked=False))
        remarks += [remark] if remark else []
    settings = prepared.schema.source
    results = Results.of(
        predictions,
        history,
        facts,
        {
            "corpus": settings.get("corpus"),
            "simulated": any(bool(one.get("simulated")) for one in (settings, of_both.get("trained_on", {}))),
            "label_rule": settings.get("label_rule"),
            "scale": settings.get("scale"),
            "protocol": protocol,
            "protocol_meaning": PROTOCOLS[protocol],
            "folds": folds if protocol == "nested" else 1,
            "seeds": repeated,
            "recipe": recipe,
            "task": tasks,
            "tune": tune,
            "labels_shuffled": shuffle_labels,
            "unlabelled": len(prepared) - len(known),
            **of_both,
            "split_hash": split_hash([(seed, split) for (seed, _), split in plan.splits.items()], plan.interviews),
            "remarks": remarks,
            "features": dict(settings),
            "seconds": time.perf_counter() - started,
            "environment": environment(),
        },
    )
    if out is not None:
        write_trials(out, results.document["models"])
        results.write(out)
    return results


def _repeated(seeds: int | Sequence[int]) -> list[int]:
    """The seeds, where they make sense."""
    which = list(range(seeds)) if isinstance(seeds, int) else [int(seed) for seed in seeds]
    if not which:
        raise CallError(f"at least 1 seed is needed; got {seeds}")
    if len(set(which)) < len(which) or min(which) < 0:
        raise CallError(f"seeds are different numbers from 0; got {', '.join(map(str, which))}")
    return which


def _protocol(asked: str | None, *, across: bool) -> str:
    """What is done, and whether that fits the corpora that are given."""
    protocol = choice(asked or ("across" if across else "nested"), list(PROTOCOLS), what="protocol")
    if across and protocol != "across":
        raise CallError(f"protocol {protocol} divides one corpus; with another one to train on it is across")
    if protocol == "across" and not across:
        raise CallError("protocol across needs a corpus to train on: --train-on PREPARED")
    return protocol


def _tasks(asked: str | Sequence[str], known: Prepared, protocol: str) -> str:
    """The tasks, with commas between, where these people's scores and the protocol allow them."""
    from smfl.training.tasks import BINARY, check_scores, tasks_of

    tasks = tasks_of(asked)
    check_scores(tasks, known.scores, known.schema.source.get("scale"))
    if protocol == "paper" and tasks != (BINARY,):
        raise CallError("protocol paper is the paper's own: stopped by the test part's labels; it has the task binary")
    return ",".join(tasks)


def _check_same_scale(tasks: str, one: Prepared, other: Prepared) -> None:
    """Refuse to learn one questionnaire's scores and be judged by another's."""
    scales = [data.schema.source.get("scale") for data in (one, other)]
    if tasks != "binary" and scales[0] != scales[1]:
        raise CallError(
            f"--task {tasks}: scores of {one.folder} are of {scales[0] or 'an unknown scale'}, those of {other.folder} "
            f"of {scales[1] or 'an unknown scale'}; only --task binary can go from one to the other"
        )


@dataclass(frozen=True, eq=False)
class _Plan:
    """Who is trained on and tested when: a split for each (seed, fold), and the labels and scores of each seed."""

    splits: dict[tuple[int, int], Split]
    labels: dict[int, np.ndarray[Any, np.dtype[np.int64]]]
    scores: dict[int, np.ndarray[Any, np.dtype[np.float64]]]
    participants: list[str]
    interviews: list[str]
    remarks: list[str]


def _plan(known: Prepared, protocol: str, folds: int, seeds: Sequence[int], shuffle: bool) -> _Plan:
    participants, interviews = known.participants.tolist(), known.table["interview"].tolist()
    labels, scores, splits, remarks = {}, {}, {}, []
    for seed in seeds:
        dealt = _dealt(known.labels, participants, seed) if shuffle else np.arange(len(known))
        labels[seed], scores[seed] = known.labels[dealt], known.scores[dealt]
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
        remarks.append(NULL_CHECK)
    return _Plan(splits, labels, scores, participants, interviews, remarks)


def _plan_across(both: Across, seeds: Sequence[int], shuffle: bool, remarks: list[str]) -> _Plan:
    """The one division of two corpora for every seed; the null check deals labels out within each corpus."""
    labels, scores = {}, {}
    for seed in seeds:
        sides = (both.train, both.test)
        dealt = [
            _dealt(side.labels, side.participants.tolist(), seed) if shuffle else np.arange(len(side)) for side in sides
        ]
        labels[seed] = np.concatenate([side.labels[order] for side, order in zip(sides, dealt, strict=True)])
        scores[seed] = np.concatenate([side.scores[order] for side, order in zip(sides, dealt, strict=True)])
    participants = both.keys("participant")
    check_split(both.split, labels[0], participants)
    told = [*both.remarks(), *remarks, *([NULL_CHECK] if shuffle else [])]
    splits = {(seed, 0): both.split for seed in labels}
    return _Plan(splits, labels, scores, participants, both.keys("interview"), told)


def _dealt(
    labels: np.ndarray[Any, np.dtype[np.int64]], participants: Sequence[str], seed: int
) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Whose label and score each interview gets when they are dealt out anew, as positions.

    Whole participants swap theirs where each has one label, else interviews do.
    """
    rng = np.random.default_rng(seed)
    _, first, rows = np.unique(np.asarray(participants), return_index=True, return_inverse=True)
    if (labels[first][rows] != labels).any():
        return rng.permutation(len(labels))
    return np.asarray(rng.permutation(first)[rows])


_Fit = tuple[ModelRow, int, int]


def _fit_all(
    known: Prepared | Across, rows: Sequence[ModelRow], plan: _Plan, protocol: str, parts: Parts, workers: int,
    progress: Progress | None,
) -> dict[_Fit, FoldResult]:  # fmt: skip
    """The result of each model, seed and fold: from an earlier run, or fitted now."""
    # Fold by fold, since networks that follow each other on the same people share what they read (`training.ready`).
    every: list[_Fit] = [(row, seed, fold) for seed, fold in plan.splits for row in rows]
    found: dict[_Fit, FoldResult] = {}
    tasks: list[tuple[Any, dict[str, Any]]] = []
    for fit in every:
        row, seed, fold = fit
        split, labels = plan.splits[seed, fold], plan.labels[seed]
        part = parts.of(row, seed, split, plan.interviews, [labels, plan.scores[seed]])
        earlier = part.read()
        if earlier is not None:
            found[fit] = earlier
        else:
            tasks.append(((fit, part, known, labels, plan, split), {"protocol": protocol}))
    if progress and found:
        progress(len(found), len(every), "taken from an earlier run")
    for fit, result in run_tasks(_fit_one, tasks, workers=workers):
        found[fit] = result
        if progress:
            progress(len(found), len(every), f"{fit[0].label}, seed {fit[1]}, fold {fit[2]}")
    return found


def _fit_one(
    fit: _Fit, part: Part, known: Prepared | Across, labels: Any, plan: _Plan, split: Split, *, protocol: str
) -> tuple[_Fit, FoldResult]:
    row, seed, _ = fit
    result = run_fold(
        row, Blinded(known), labels, plan.participants, split, seed=seed, model=row.label, protocol=protocol,
        interviews=plan.interviews, scores=plan.scores[seed],
    )  # fmt: skip
    part.write(result)
    return fit, result


def _facts_of(row: ModelRow, results: Mapping[tuple[int, int], FoldResult]) -> ModelFacts:
    together = gather(list(results.values()))
    facts = {"recipe": row.recipe, **choices_of(results)}
    return ModelFacts(row.label, row.reads, together.parameters, together.seconds, facts)


def _tuning_told(trials: int) -> str:
    return (
        f"settings were chosen inside each training part, by {trials} trials for every model that has some; its own "
        "were kept unless others had a lower loss by more than a standard error"
    )


def _tables(results: Sequence[FoldResult]) -> tuple[pd.DataFrame, pd.DataFrame]:
    import pandas as pd

    predictions = pd.DataFrame([row for result in results for row in result.predictions])
    history = pd.DataFrame([row for result in results for row in result.history])
    ordered = [*HISTORY_COLUMNS, *(name for name in history if name not in HISTORY_COLUMNS)]
    graded = [name for name in COLUMNS if name in predictions]
    return predictions[[*PREDICTION_COLUMNS, *graded]], history.reindex(columns=ordered)


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
