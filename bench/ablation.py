"""What each thing in SMFL and in its tuned recipe is worth, left out one at a time."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import smfl
from bench.figures import Told, forest, image, shown
from bench.page import change, entry, machine, score, table, write
from bench.regimes import FOLDS, PEOPLE, SEED, prepared
from bench.trials import Trial, compare
from smfl.features import Prepared
from smfl.training.estimator import MODALITIES, SMFLClassifier
from smfl.training.pooled import PooledLogisticRegression
from smfl.training.recipe import TUNED, Recipe

REGIMES = ("cross-modal", "sentence")
AS_IT_IS = "smfl"
SEEDS = 1


def variant(recipe: Recipe = TUNED, **options: Any) -> Any:
    """A factory of SMFL with this recipe and these options."""
    return partial(_made, recipe, tuple(options.items()))


def _made(recipe: Recipe, options: tuple[tuple[str, Any], ...], seed: int) -> SMFLClassifier:
    return SMFLClassifier(recipe=recipe, seed=seed, **dict(options))


def _network(**changes: Any) -> Recipe:
    return replace(TUNED, network=TUNED.network | changes)


def _inputs(**changes: Any) -> Recipe:
    return replace(TUNED, inputs=replace(TUNED.inputs, **changes))


def _line(seed: int) -> PooledLogisticRegression:
    return PooledLogisticRegression(modalities=MODALITIES, seed=seed)


PARTS = (
    Trial("the start alone: nothing is trained on", variant(replace(TUNED, epochs=0))),
    Trial("the deep path alone: no line", variant(_network(linear=False))),
    Trial("no gates: averages and deep path", variant(_inputs(topics=0))),
    Trial("no CMJAT (and so no gates): `mmfl-ca`", variant(model="mmfl-ca")),
    Trial("CMJAT without random permutation", variant(_network(permute=False))),
    Trial("CMJAT without its own loss", variant(replace(TUNED, auxiliary=0.0))),
    Trial("logistic regression on averages", _line),
)
"""What the method has."""

RECIPE = (
    Trial("no differences from the person's own mean", variant(_inputs(own_mean=False))),
    Trial("one network instead of five", variant(replace(TUNED, members=1))),
    Trial("no sentence dropout", variant(replace(TUNED, sentence_dropout=0.0))),
    Trial("no modality dropout", variant(replace(TUNED, modality_dropout=0.0))),
    Trial("no label smoothing", variant(replace(TUNED, label_smoothing=0.0))),
    Trial("no weight decay", variant(replace(TUNED, weight_decay=0.0))),
    Trial("dropout .5", variant(_network(dropout=0.5))),
    Trial("H = 12, five levels", variant(_network(channels=12, levels=5))),
    Trial("no residual around the LSTM", variant(_network(residual=False))),
    Trial("the paper's schedule of rates", variant(replace(TUNED, schedule="step"))),
)
"""What the tuned recipe has."""

THRESHOLDS = tuple(Trial(f"M = {m}", variant(max_sentences=m)) for m in (10, 20, 30))


def run(options: argparse.Namespace, pages: Path) -> None:
    """Fit all variants, write the page; ``--seeds`` says how often, each time with other folds."""
    seeds, people = options.seeds or SEEDS, 30 if options.quick else PEOPLE
    regimes = options.regimes or REGIMES
    whole = Trial(AS_IT_IS, variant())
    found = {}
    for regime in regimes:
        data = Prepared(prepared(regime, people, SEED, options))
        trials = [whole, *PARTS, *THRESHOLDS, *RECIPE]
        keep = options.work / f"{regime}-{people}-seed-{SEED}" / "ablation"
        found[regime] = compare(data, trials, keep, folds=FOLDS, seeds=seeds, workers=options.workers).document
    if options.quick:
        return
    data = Prepared(prepared(regimes[0], people, SEED, options))
    first = found[regimes[0]]
    figure = _figure(found, image(pages, "ablation"))
    parts = [
        "**Made-up people.** Simulated corpora; what is worth nothing here may be worth something on real ones, and "
        "the other way round.",
        f"{PEOPLE} people, {first['positives']} depressed, {FOLDS} participant-grouped folds × {seeds} "
        f"seed{'s' if seeds > 1 else ''}, the same for every row. Mean ± sd over folds and seeds, [95 % bootstrap over "
        "participants]; *difference*: of the pooled AUROC from SMFL with the tuned recipe, [95 % paired bootstrap]: "
        "below 0, what was left out had been of use.",
        shown(figure, "What SMFL's AUROC loses or gains by each change, with its interval"),
        "## Parts of the method",
        _table(found, (AS_IT_IS, *_names(PARTS))),
        "## Parts of the recipe",
        _table(found, (AS_IT_IS, *_names(RECIPE))),
        "## The threshold M",
        f"The longest M sentences of each person are read ({_sentences(data)}).",
        _table(found, (AS_IT_IS, *_names(THRESHOLDS))),
        f"Machine: {machine(first['environment'])}; two fits at a time.",
        f"Again: `python -m bench ablation --seeds {seeds} --regimes {' '.join(regimes)}`.",
    ]
    print(write(pages, "ablation", "What each part is worth", parts))


def _names(trials: Sequence[Trial]) -> tuple[str, ...]:
    return tuple(trial.name for trial in trials)


def _table(found: dict[str, dict[str, Any]], names: Sequence[str]) -> str:
    head = ["", *(f"{regime}: {what}" for regime in found for what in ("AUROC", "difference"))]
    return table(head, [[name, *(cell for doc in found.values() for cell in _cells(doc, name))] for name in names])


def _figure(found: dict[str, dict[str, Any]], path: Path) -> Path:
    panels = {
        regime: {trial.name: _difference(document, trial.name) for trial in (*PARTS, *RECIPE, *THRESHOLDS)}
        for regime, document in found.items()
    }
    return forest(panels, path, axis="difference of AUROC from SMFL", marks=dict.fromkeys(found, (0.0,)))


def _difference(document: dict[str, Any], name: str) -> Told:
    delta = entry(document, name)["difference"]
    return delta["delta"], delta["low"], delta["high"]


def _cells(document: dict[str, Any], name: str) -> tuple[str, str]:
    return score(document, name, "auroc"), change(entry(document, name).get("difference"))


def _sentences(data: smfl.Prepared) -> str:
    counts = data.table["n_sentences"]
    return f"they have {int(counts.min())} to {int(counts.max())}, half of them {int(counts.median())} or more"
