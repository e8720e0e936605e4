"""What each thing in SMFL and in its tuned recipe is worth, left out one at a time.

Two studies of one kind. The method's parts are left out of SMFL as it is. The recipe's are left out of the deep path
alone: with the line beside it, networks of a hundred people mostly stay where the line started them, and no change of
the training shows.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from bench.figures import forest, image, shown, told
from bench.kept import file_name, kept_or_made, tables, together
from bench.page import change, entry, machines, score, table, write
from bench.simulated import FOLDS, PEOPLE, SEED, prepared
from bench.trials import Trial, compare
from smfl.evaluation import Results, grouped_folds
from smfl.features import Prepared
from smfl.training.comparators.pooled import PooledLogisticRegression
from smfl.training.estimator import SMFLClassifier
from smfl.training.recipe import PAPER, TUNED, Recipe
from smfl.training.selection.modality_roles import MODALITIES

REGIMES = ("cross-modal",)
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


DEEP = replace(TUNED, linear=False)
"""The tuned recipe without the linear path, and so without its gates."""
SIZE = {"channels": 12, "levels": 5}
"""The paper's (§3.2)."""


def _without_line(recipe: Recipe = DEEP, **changes: Any) -> Any:
    return variant(replace(recipe, **changes))


@dataclass(frozen=True)
class Study:
    """One page.

    Args:
        name: of the page.
        title: of the page.
        whole: what the others are compared with.
        groups: by heading, what is left out or changed.
        said: what a reader has to know.
    """

    name: str
    title: str
    whole: Trial
    groups: Mapping[str, tuple[Trial, ...]]
    said: str

    @property
    def trials(self) -> tuple[Trial, ...]:
        """All but the whole."""
        return tuple(trial for group in self.groups.values() for trial in group)


METHOD = Study(
    "ablation",
    "What each part is worth",
    Trial("smfl", variant()),
    {
        "Parts of the method": (
            Trial("the start alone: nothing is trained on", variant(replace(TUNED, epochs=0))),
            Trial("the deep path alone: no line", _without_line()),
            Trial("no gates: averages and deep path", variant(_inputs(topics=0))),
            Trial("no CMJAT (and so no gates): `mmfl-ca`", variant(model="mmfl-ca")),
            Trial("CMJAT without random permutation", variant(_network(permute=False))),
            Trial("CMJAT without its own loss", variant(replace(TUNED, auxiliary=0.0))),
            Trial("logistic regression on averages", _line),
        ),
        "The threshold M": tuple(Trial(f"M = {m}", variant(max_sentences=m)) for m in (10, 20, 30)),
    },
    "M: the longest M sentences of each person are read.",
)

RECIPE = Study(
    "recipe",
    "What each part of the recipe is worth",
    Trial("the deep path alone", _without_line()),
    {
        "Parts of the method, where no line hides them": (
            Trial("CMJAT without random permutation", _without_line(network=DEEP.network | {"permute": False})),
            Trial("CMJAT without its own loss", _without_line(auxiliary=0.0)),
            Trial("no CMJAT: `mmfl-ca`", variant(DEEP, model="mmfl-ca")),
            Trial("no LSTM, no CMJAT: `tcn-sa-ca`", variant(DEEP, model="tcn-sa-ca")),
            Trial("sentences only: `tcn-sentence`", variant(DEEP, model="tcn-sentence")),
            Trial("the interview as a whole: `tcn-all`", variant(DEEP, model="tcn-all")),
        ),
        "Parts of the recipe": (
            Trial(
                "no differences from the person's own mean", _without_line(inputs=replace(DEEP.inputs, centred=False))
            ),
            Trial("one network instead of five", _without_line(members=1)),
            Trial("no sentence dropout", _without_line(sentence_dropout=0.0)),
            Trial("dropout .5", _without_line(network=DEEP.network | {"dropout": 0.5})),
            Trial("the paper's size: H = 12, five levels", _without_line(network=DEEP.network | SIZE)),
            Trial("the paper's recipe", variant(PAPER)),
        ),
        "What is no longer in it, put back": (
            Trial("weight decay .03", _without_line(weight_decay=3e-2)),
            Trial("modality dropout .1", _without_line(modality_dropout=0.1)),
            Trial("label smoothing .05", _without_line(label_smoothing=0.05)),
            Trial("rates along a cosine", _without_line(schedule="cosine")),
            Trial("a residual around the LSTM", _without_line(network=DEEP.network | {"residual": True})),
        ),
    },
    "The linear path is left out of all rows here: with it, networks of so few people mostly stay where it started "
    "them ([What each part is worth](ablation.md)), and no change of their training would show.",
)


def method(options: argparse.Namespace, pages: Path) -> None:
    """SMFL's parts and the threshold M; ``--seeds`` says how often, each time with other folds."""
    _run(METHOD, options, pages)


def recipe(options: argparse.Namespace, pages: Path) -> None:
    """The recipe's parts, on the deep path alone."""
    _run(RECIPE, options, pages)


def _run(study: Study, options: argparse.Namespace, pages: Path) -> None:
    seeds, people = options.seeds or SEEDS, 30 if options.quick else PEOPLE
    regimes = options.regimes or REGIMES
    beside = options.work / "quick" if options.quick else pages / study.name
    found, sentences = {}, []
    for regime in regimes:
        data = Prepared(prepared(regime, people, SEED, options))
        keep = options.work / f"{regime}-{people}-seed-{SEED}" / study.name
        each = [_of_seed(study, data, seed, keep, beside / file_name(regime, seed), options) for seed in range(seeds)]
        found[regime] = together(each).document
        counts = data.table["n_sentences"]
        sentences.append(f"{regime} {int(counts.min())} to {int(counts.max())} (median {int(counts.median())})")
    if options.quick:
        return
    first = found[regimes[0]]
    environments = [where for document in found.values() for where in document["environments"]]
    figure = _figure(study, found, image(pages, study.name))
    parts = [
        "**Made-up people.** Simulated corpora; what is worth nothing here may be worth something on real ones, and "
        "the other way round.",
        f"{PEOPLE} people, {first['positives']} depressed, {FOLDS} participant-grouped folds × {seeds} "
        f"seed{'s' if seeds > 1 else ''}, the same for every row. Sentences a person: {', '.join(sentences)}. Mean ± "
        "sd over folds and seeds, [95 % bootstrap over participants]; *difference*: of the pooled AUROC from that of "
        f"the first row, `{study.whole.name}`, [95 % paired bootstrap]: below 0, what was left out had been of use.",
        study.said,
        shown(figure, "What the AUROC loses or gains by each change, with its interval"),
        *(
            part
            for heading, trials in study.groups.items()
            for part in (
                f"## {heading}",
                _table(found, (study.whole.name, *(trial.name for trial in trials)), FOLDS * seeds),
            )
        ),
        f"Machine: {machines(environments)}; two fits at a time.",
        f"What was predicted of whom: {tables(study.name, dict.fromkeys(regimes, range(seeds)))}.",
        f"Again: `python -m bench {study.name} --seeds {seeds} --regimes {' '.join(regimes)}`.",
    ]
    print(write(pages, study.name, study.title, parts))


def _of_seed(study: Study, data: Prepared, seed: int, keep: Path, path: Path, options: argparse.Namespace) -> Results:
    trials = [study.whole, *study.trials]
    known = data.labelled
    folds = grouped_folds(known.labels, known.participants.tolist(), FOLDS, seed)
    asked = {
        "corpus": keep.parent.name,
        "folds": FOLDS,
        "seed": seed,
        "trials": [[trial.name, repr(trial.make(seed).get_params())] for trial in trials],
    }
    splits = {(seed, split.fold): split for split in folds}
    return kept_or_made(
        path, asked, lambda: compare(data, trials, keep, splits=splits, workers=options.workers), again=options.again
    )


def _table(found: Mapping[str, Mapping[str, Any]], names: Sequence[str], fits: int) -> str:
    head = ["", *(f"{regime}: {what}" for regime in found for what in ("AUROC", "difference", "s a fit"))]
    rows = [[name, *(cell for doc in found.values() for cell in _cells(doc, name, fits))] for name in names]
    return table(head, rows)


def _figure(study: Study, found: Mapping[str, Mapping[str, Any]], path: Path) -> Path:
    panels = {
        regime: {
            trial.name.replace("`", ""): told(entry(document, trial.name)["difference"], "delta")
            for trial in study.trials
        }
        for regime, document in found.items()
    }
    return forest(panels, path, axis="difference of AUROC", marks=dict.fromkeys(found, (0.0,)))


def _cells(document: Mapping[str, Any], name: str, fits: int) -> tuple[str, str, str]:
    one = entry(document, name)
    return score(document, name, "auroc"), change(one.get("difference")), f"{one['seconds'] / fits:.0f}"
