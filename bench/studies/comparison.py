"""Every system on the same simulated people: 189 of them in each regime, beside the ideal observer."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench import limit
from bench.figures import Told, forest, image, shown, told
from bench.kept import file_name, kept_or_made, tables, together
from bench.page import change, entry, machines, score, table, write
from bench.simulated import FOLDS, IDEAL, PEOPLE, SEED, fitted, pooled, prepared, share
from smfl.evaluation import Results
from smfl.evaluation.intervals import difference
from smfl.simulation.model import REGIMES
from smfl.simulation.study import Study
from smfl.training import MODELS

SEEDS = 5
"""Repetitions, each with other folds: six to twelve minutes of two cores for each, in each regime."""
MODALITIES = "cross-modal"
"""The regime in which SMFL reads every choice of modalities, too: on the first seed's folds."""

PLANNED = (
    ("sentences, not the interview as a whole", "smfl", "tcn-all"),
    ("", "tcn-sentence", "tcn-all"),
    ("CMJAT, with its gates", "smfl", "mmfl-ca"),
    ("cross-attention fusion", "mmfl-ca", "mmfl"),
    ("SMFL, not a line on averages", "smfl", "logistic-regression"),
)
"""What the paper claims, and the two rows that tell: the first should be above the second."""
OF_MODALITIES = (
    ("three modalities, not two", "smfl", "smfl@video+audio"),
    ("", "smfl", "smfl@video+text"),
    ("", "smfl", "smfl@audio+text"),
    ("two modalities, not one", "smfl@video+audio", "smfl@video"),
    ("", "smfl@video+audio", "smfl@audio"),
    ("", "smfl@video+text", "smfl@video"),
    ("", "smfl@video+text", "smfl@text"),
    ("", "smfl@audio+text", "smfl@audio"),
    ("", "smfl@audio+text", "smfl@text"),
)
"""The same for what SMFL reads."""
SAME = 0.001
"""A lower difference of AUROC isn't told by name."""
HEAD = ["model", "AUROC", "share", "accuracy", "F1", "from SMFL", "parameters", "s a fit"]


def run(options: argparse.Namespace, pages: Path) -> None:
    """Evaluate ``all`` in each regime, write the page; ``--seeds`` says how often, each time with other folds."""
    people, regimes = 30 if options.quick else PEOPLE, options.regimes or REGIMES
    seeds = options.seeds or SEEDS
    systems = ("smfl", *(name for name in MODELS if name != "smfl"))

    beside = options.work / "quick" if options.quick else pages / "comparison"
    folders = {regime: prepared(regime, people, SEED, options) for regime in regimes}

    def found_in(regime: str, models: Sequence[str], seed: int, name: str) -> Results:
        asked = {"regime": regime, "people": people, "corpus": SEED, "folds": FOLDS, "models": list(models)}
        return kept_or_made(
            beside / file_name(name, seed),
            asked | {"seed": seed},
            lambda: fitted(folders[regime], models, f"seed-{seed}", options, seeds=[seed]),
            again=options.again,
        )

    each: dict[str, list[Results]] = {regime: [] for regime in regimes}
    for seed in range(seeds):
        for regime in regimes:
            each[regime].append(found_in(regime, systems, seed, regime))
    fewer = found_in(MODALITIES, ("smfl", "smfl@each"), 0, "modalities") if MODALITIES in regimes else None
    results = {regime: together(found) for regime, found in each.items()}
    found = {regime: one.document for regime, one in results.items()}
    if options.quick:
        return
    first = found[regimes[0]]
    figure = _figure(found, image(pages, "comparison"))
    environments = [where for document in found.values() for where in document["environments"]]
    files = dict.fromkeys(regimes, range(seeds)) | ({} if fewer is None else {"modalities": range(1)})
    parts = [
        "**Made-up people.** Simulated corpora (`smfl simulate manifest`): the figures say how much of what was "
        "planted a system finds, and nothing about depression.",
        f"{PEOPLE} people of 4 minutes, {first['positives']} depressed, effect 1; {FOLDS} participant-grouped folds × "
        f"{seeds} seed{'s' if seeds > 1 else ''}, the same for every row, dealt anew with each seed. Mean ± "
        "sd over folds and seeds, [95 % bootstrap interval over participants]. "
        "*Share*: (AUROC − .5) / (that of the ideal observer − .5), pooled. "
        "*From SMFL*: difference of the pooled AUROC, [95 % paired bootstrap interval]. All networks have the tuned "
        "recipe, so all of them carry its path from averages to the log-odds; the gates on single sentences belong to "
        "CMJAT and are in the rows that have it (`smfl`, and none else). A row that finds nothing calls everybody "
        "about .5: where the AUROC is near .5, accuracy and F1 tell on which side of it by chance, and nothing else.",
        shown(figure, "AUROC of every system in each regime, with its interval"),
        "The dashed lines are chance and the ideal observer.",
        "## What the paper claims",
        "Difference of the pooled AUROC, the first row's less the second's, [95 % paired bootstrap interval]. Above 0 "
        "the claim holds here. Rows that differ in the deep path only, such as `tcn-sentence` and `tcn-all`, can't be "
        "told apart where all of them stay at the line that they start from ([What each part is worth](ablation.md)).",
        table(["claim", "rows", *results], _planned(PLANNED, results)),
        *([] if fewer is None else _modalities(fewer)),
        *(
            part
            for regime, document in found.items()
            for part in (
                f"## {regime}",
                *_regime(document, seeds),
                _limit(regime, folders[regime], pooled(document, IDEAL)),
            )
        ),
        f"Machine: {machines(environments)}; two fits at a time.",
        f"What was predicted of whom: {tables('comparison', files)}. The figures above are computed from "
        "these tables, which count as long as the code that fits is the same (`bench/kept.py`).",
        f"Again: `python -m bench comparison --seeds {seeds} --regimes {' '.join(regimes)}`; with `--again` they "
        "aren't read but made anew.",
    ]
    print(write(pages, "comparison", "Every system on simulated people", parts))


def _regime(document: Mapping[str, Any], seeds: int) -> list[str]:
    named = sorted(
        (one["name"] for one in document["models"] if one["name"] != IDEAL), key=lambda m: -pooled(document, m)
    )
    rows = []
    for name in (IDEAL, *named):
        one = entry(document, name)
        rows.append(
            [
                name,
                score(document, name, "auroc"),
                f"{share(document, name):.2f}",
                score(document, name, "accuracy"),
                score(document, name, "f1"),
                "" if name == IDEAL else change(one.get("difference"), 2),
                "" if one.get("parameters") is None else f"{one['parameters']:,}",
                "" if name == IDEAL else f"{float(one['seconds'] or 0) / (FOLDS * seeds):.1f}",
            ]
        )
    minutes = sum(float(one["seconds"] or 0) for one in document["models"]) / 60
    took = f"All fits of this table together: {minutes:.0f} minutes of one core, two at a time."
    return [table(HEAD, rows), _said(document, named), took]


def _limit(regime: str, folder: Path, ideal: float) -> str:
    """Why no row comes nearer to the ideal observer: what is reached where the gate needn't be found."""
    study = Study(participants=PEOPLE, regime=regime, seed=SEED)
    reached = limit.told(folder, study, folds=FOLDS, seed=0)
    if reached is None:
        return "Every sentence carries signs: there is no gate to be found."
    return (
        "Where the limit is: a line on SMFL's own measures that is *told* by the simulator which sentences carry "
        f"signs, and learns from the same people only what a sign looks like, has an AUROC of {reached:.2f}, a share "
        f"of {(reached - 0.5) / (ideal - 0.5):.2f}. What lies between it and the ideal observer is the noise of the "
        "measurements and of so few people; what lies between SMFL and it is the gate, which SMFL has to find."
    )


def _said(document: Mapping[str, Any], named: list[str]) -> str:
    """Which rows aren't told apart from SMFL, and which are above it."""
    systems = [name for name in named if name in MODELS and name not in ("smfl", "majority")]
    delta = {name: entry(document, name)["difference"] for name in systems}
    above = [name for name in systems if delta[name]["delta"] > 0]
    clearly = [name for name in above if delta[name]["delta"] >= SAME]
    level = [name for name in systems if delta[name]["high"] >= 0]
    below = len(systems) - len(level)
    said = f"SMFL is above {below} of {len(systems)} systems by the paired interval."
    if level:
        said += f" Not told apart from it: {', '.join(f'`{name}`' for name in level)}."
    if clearly:
        higher = ", ".join(f"`{name}` ({delta[name]['delta']:+.3f})" for name in clearly)
        said += f" Higher in figures: {higher}."
    if barely := len(above) - len(clearly):
        said += f" {barely} {'others are' if clearly else 'are'} higher by less than {SAME:g}."
    return said


def _modalities(found: Results) -> list[str]:
    """SMFL on each choice of modalities."""
    document = found.document
    names = sorted(
        (one["name"] for one in document["models"] if one["name"].startswith("smfl")),
        key=lambda name: -pooled(document, name),
    )
    return [
        "## One, two, three modalities",
        f"SMFL in `{MODALITIES}`, on the folds of the first seed.",
        table(
            ["SMFL reads", "AUROC", "share"],
            [
                [
                    name.removeprefix("smfl@") if "@" in name else "all three",
                    score(document, name, "auroc"),
                    f"{share(document, name):.2f}",
                ]
                for name in names
            ],
        ),
        table(["claim", "rows", MODALITIES], _planned(OF_MODALITIES, {MODALITIES: found})),
    ]


def _planned(claims: Sequence[tuple[str, str, str]], results: dict[str, Results]) -> list[list[str]]:
    rows = []
    for claim, one, other in claims:
        cells = []
        for found in results.values():
            of = found.predictions["model"]
            delta = difference(found.predictions[of == one], found.predictions[of == other], "auroc")
            cells.append(change(asdict(delta) if delta else None))
        rows.append([claim, f"`{one}` − `{other}`", *cells])
    return rows


def _figure(found: Mapping[str, Mapping[str, Any]], path: Path) -> Path:
    """All systems in the order of their mean AUROC over the regimes."""
    each: dict[str, dict[str, Told]] = {
        regime: {one["name"]: told(one["metrics"]["auroc"]) for one in document["models"] if one["name"] in MODELS}
        for regime, document in found.items()
    }
    names = sorted(next(iter(each.values())), key=lambda name: -sum(rows[name][0] for rows in each.values()))
    panels = {regime: {name: rows[name] for name in names} for regime, rows in each.items()}
    marks = {regime: (0.5, pooled(document, IDEAL)) for regime, document in found.items()}
    return forest(panels, path, axis="AUROC", marks=marks, strong=("smfl",))
