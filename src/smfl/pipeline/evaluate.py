"""`smfl.evaluate`: models compared on the same interviews and folds, with intervals; a stopped run goes on."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smfl.evaluation import FoldResult, ModelFacts, Results, split_hash
from smfl.evaluation.crossval import gather
from smfl.evaluation.environment import environment
from smfl.evaluation.graded import COLUMNS
from smfl.evaluation.results import HISTORY_COLUMNS, PREDICTION_COLUMNS
from smfl.features import Prepared
from smfl.interview import CallError
from smfl.pipeline.comparison.across import Across
from smfl.pipeline.comparison.choices import TRIALS, choices_of, trials_text
from smfl.pipeline.comparison.fits import Fit, Progress, fit_all
from smfl.pipeline.comparison.ideal_observer import IDEAL, ideal_observer
from smfl.pipeline.comparison.kept_fits import KeptFits
from smfl.pipeline.comparison.plan import Plan, plan_across, plan_of
from smfl.pipeline.comparison.rows import ModelRow, choosing, rows_of
from smfl.pipeline.comparison.settings import PROTOCOLS, ComparisonSettings

if TYPE_CHECKING:
    import pandas as pd

FITS = "fits"
"""Folder of the kept fits, in the results folder."""


def evaluate(
    data: Prepared | str | Path,
    models: str | Sequence[str] | None = None,
    *,
    train_on: Prepared | str | Path | None = None,
    out: str | Path | None = None,
    settings: ComparisonSettings | None = None,
    workers: int = 1,
    progress: Progress | None = None,
    **options: Any,
) -> Results:
    """Fit and test every model on the same splits of participants.

    The row ``majority`` is always there, and the ideal observer's for simulated interviews. Each fit's predictions
    are kept under ``out/fits``, by a fingerprint of data, settings and code: a stopped call, made again, goes on.

    Args:
        data: prepared features, or their folder.
        models: names; see `ComparisonSettings`, of which it is the first field.
        train_on: another corpus, prepared, or its folder: every model is fitted on all of its labelled interviews and
            tested on all of ``data``'s. Only the modalities that both have are read.
        out: folder for the results; nothing is written where None.
        settings: of the comparison; the default ones where None.
        workers: processes; the results are the same for any number.
        progress: called after each fit.
        options: fields of `ComparisonSettings` that differ from ``settings``, e.g. ``folds=5``, ``protocol="holdout"``.

    Raises:
        CallError: for a wrong argument, a corpus too small, or participants who would be trained and tested on.
        FeatureError: where the columns of two corpora don't fit, by name.
    """
    started = time.perf_counter()
    if models is not None:
        options["models"] = models if isinstance(models, str) else tuple(models)
    settings = ComparisonSettings.of(settings, options, across=train_on is not None)
    prepared = _prepared(data)
    known = prepared.labelled
    if not len(known):
        raise CallError(f"{prepared.folder}: no interview has a label; evaluation needs them")
    tasks = _tasks(settings, known)
    kept = KeptFits(None if out is None else Path(out) / FITS, known, [settings.protocol, settings.shuffle_labels])
    interviews: Prepared | Across = known
    of_both: dict[str, Any] = {}
    if train_on is None:
        rows = _rows(settings, tuple(prepared.schema.modalities), tasks)
        plan = plan_of(known, settings)
    else:
        other = _prepared(train_on)
        both = Across.of(other, prepared, allow_overlap=settings.allow_overlap)
        _check_same_scale(tasks, other, prepared)
        rows = _rows(settings, tuple(both.schema.modalities), tasks)
        both = both.reading(rows)
        plan = plan_across(both, settings, _left_out(other, both.train))
        interviews, kept, of_both = both, both.kept(kept), both.facts()
    found = fit_all(interviews, rows, plan, kept, protocol=settings.protocol, workers=workers, progress=progress)
    facts = {**of_both, "task": tasks, "seconds": time.perf_counter() - started}
    results = _results(prepared, settings, plan, (rows, found), facts)
    if out is not None:
        _write(results, Path(out))
    return results


def _write(results: Results, out: Path) -> None:
    """Write the results; the trials of an earlier comparison don't stay beside one that had none."""
    texts = trials_text(results.document["models"])
    if not texts:
        (out / TRIALS).unlink(missing_ok=True)
    results.write(out, texts)


def _prepared(data: Prepared | str | Path) -> Prepared:
    return data if isinstance(data, Prepared) else Prepared(data)


def _rows(settings: ComparisonSettings, present: tuple[str, ...], tasks: str) -> list[ModelRow]:
    """The models to be fitted, each with the choices that it has."""
    rows = rows_of(settings.models, settings.modalities, settings.recipe, present, tasks)
    return choosing(rows, present, tune=settings.tune, strong=settings.strong, weak=settings.weak)


def _results(
    prepared: Prepared,
    settings: ComparisonSettings,
    plan: Plan,
    fitted: tuple[Sequence[ModelRow], Mapping[Fit, FoldResult]],
    of_both: Mapping[str, Any],
) -> Results:
    """The record of the comparison: tables, what each model was, and what was done."""
    known, source = prepared.labelled, prepared.schema.source
    rows, found = fitted
    facts = [_facts_of(row, {at: found[row, *at] for at in plan.splits}) for row in rows]
    predictions, history = _tables([found[row, *at] for row in rows for at in plan.splits])
    remarks = [*plan.remarks, *_left_out(prepared, known), *([_tuning_remark(settings.tune)] if settings.tune else [])]
    if not settings.shuffle_labels:
        ideal, remark = ideal_observer(known, predictions, settings.modalities)
        if ideal is not None:
            predictions = _joined(predictions, ideal)
            facts.append(ModelFacts(IDEAL, tuple(settings.modalities or prepared.schema.modalities), ranked=False))
        remarks += [remark] if remark else []
    simulated = any(bool(one.get("simulated")) for one in (source, of_both.get("trained_on", {})))
    return Results.of(
        predictions,
        history,
        facts,
        {
            "corpus": source.get("corpus"),
            "simulated": simulated,
            "label_rule": source.get("label_rule"),
            "scale": source.get("scale"),
            "protocol": settings.protocol,
            "protocol_meaning": PROTOCOLS[settings.protocol],
            "folds": settings.folds if settings.protocol == "nested" else 1,
            "seeds": list(settings.repetitions),
            "recipe": settings.recipe,
            "tune": settings.tune,
            "labels_shuffled": settings.shuffle_labels,
            "settings": settings.to_dict(),
            "unlabelled": len(prepared) - len(known),
            **of_both,
            "split_hash": split_hash([(seed, split) for (seed, _), split in plan.splits.items()], plan.interviews),
            "remarks": remarks,
            "features": dict(source),
            "environment": environment(),
        },
    )


def _tasks(settings: ComparisonSettings, known: Prepared) -> str:
    """The tasks, with commas between, where these people's scores and the protocol allow them."""
    from smfl.training.tasks import BINARY, check_scores, tasks_of

    tasks = tasks_of(settings.task)
    check_scores(tasks, known.scores, known.schema.source.get("scale"))
    if settings.protocol == "paper" and tasks != (BINARY,):
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


def _facts_of(row: ModelRow, results: Mapping[tuple[int, int], FoldResult]) -> ModelFacts:
    together = gather(list(results.values()))
    facts = {"recipe": row.recipe, **choices_of(results)}
    return ModelFacts(row.label, row.reads, together.parameters, together.seconds, facts)


def _tuning_remark(trials: int) -> str:
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
