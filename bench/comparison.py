"""Every system on the same simulated people: 189 of them in each regime, beside the ideal observer."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import smfl
from bench.page import change, entry, machine, score, table, write
from bench.regimes import FOLDS, IDEAL, PEOPLE, SEED, pooled, prepared
from smfl.corpora.simulation.model import REGIMES
from smfl.training import MODELS

SEEDS = 1
HEAD = ["model", "AUROC", "share", "accuracy", "F1", "from SMFL", "parameters", "s a fit"]


def run(options: argparse.Namespace, pages: Path) -> None:
    """Evaluate ``all`` in each regime, write the page; ``--seeds`` says how often, each time with other folds."""
    seeds, people = options.seeds or SEEDS, 30 if options.quick else PEOPLE
    regimes = options.regimes or REGIMES
    found = {regime: _evaluated(prepared(regime, people, SEED, options), seeds, options) for regime in regimes}
    if options.quick:
        return
    first = found[regimes[0]]
    parts = [
        "**Made-up people.** Simulated corpora (`smfl simulate manifest`): the figures say how much of what was "
        "planted a system finds, and nothing about depression.",
        f"{PEOPLE} people of 4 minutes, {first['positives']} depressed, effect 1; {FOLDS} participant-grouped folds × "
        f"{seeds} seed{'s' if seeds > 1 else ''}, the same for every row. Mean ± sd over folds and seeds, [95 % "
        "bootstrap interval over participants]. *Share*: (AUROC − .5) / (that of the ideal observer − .5), pooled. "
        "*From SMFL*: difference of the pooled AUROC, [95 % paired bootstrap interval]. All networks have the tuned "
        "recipe, so all of them carry its path from averages to the log-odds; the gates on single sentences belong to "
        "CMJAT and are in the rows that have it (`smfl`, and none else).",
        *(part for regime, document in found.items() for part in (f"## {regime}", *_regime(document, seeds))),
        f"Machine: {machine(first['environment'])}; two fits at a time.",
        f"Again: `python -m bench comparison --seeds {seeds} --regimes {' '.join(regimes)}`.",
    ]
    print(write(pages, "comparison", "Every system on simulated people", parts))


def _regime(document: dict[str, Any], seeds: int) -> list[str]:
    ideal = pooled(document, IDEAL) - 0.5
    named = sorted(
        (one["name"] for one in document["models"] if one["name"] != IDEAL), key=lambda m: -pooled(document, m)
    )
    rows = []
    for name in (IDEAL, *named):
        one = entry(document, name)
        rows.append([
            name,
            score(document, name, "auroc"),
            f"{(pooled(document, name) - 0.5) / ideal:.2f}",
            score(document, name, "accuracy"),
            score(document, name, "f1"),
            "" if name == IDEAL else change(one.get("difference"), 2),
            "" if one.get("parameters") is None else f"{one['parameters']:,}",
            "" if name == IDEAL else f"{float(one['seconds'] or 0) / (FOLDS * seeds):.1f}",
        ])  # fmt: skip
    return [table(HEAD, rows), _said(document, named)]


def _said(document: dict[str, Any], named: list[str]) -> str:
    """Which rows aren't told apart from SMFL, and which are above it."""
    systems = [name for name in named if name in MODELS and name not in ("smfl", "majority")]
    delta = {name: entry(document, name)["difference"] for name in systems}
    above = [name for name in systems if delta[name]["delta"] > 0]
    level = [name for name in systems if delta[name]["high"] >= 0]
    below = len(systems) - len(level)
    said = f"SMFL is above {below} of {len(systems)} systems by the paired interval."
    if level:
        said += f" Not told apart from it: {', '.join(f'`{name}`' for name in level)}."
    if above:
        told = ", ".join(f"`{name}` ({delta[name]['delta']:+.3f})" for name in above)
        said += f" Higher in figures: {told}."
    return said


def _evaluated(folder: Path, seeds: int, options: argparse.Namespace) -> dict[str, Any]:
    def say(done: int, total: int, last: str) -> None:
        print(f"{folder.parent.name}: {done} of {total} fits; {last}", file=sys.stderr, flush=True)

    out = folder.parent / "comparison"
    smfl.evaluate(folder, ("smfl", "all"), folds=FOLDS, seeds=seeds, out=out, workers=options.workers, progress=say)
    document: dict[str, Any] = json.loads((out / "results.json").read_text(encoding="utf-8"))
    return document
