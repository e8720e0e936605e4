"""How much of what is planted is found: SMFL, a TCN and a line beside the ideal observer, in the three regimes."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import smfl
from bench.page import entry, machine, score, table, write
from smfl.corpora.simulation.model import REGIMES

MODELS = ("smfl", "smfl:paper", "tcn-sentence", "logistic-regression")
IDEAL = "ideal observer"
PEOPLE, SEED = 189, 0


def run(options: argparse.Namespace, pages: Path) -> None:
    """Simulate, prepare, evaluate, write the page."""
    people = 30 if options.quick else PEOPLE
    found = {}
    for regime in REGIMES:
        found[regime] = _regime(regime, people, options)
    if options.quick:
        return
    shuffled = _shuffled(people, options)
    rows = [
        [regime, model, score(document, model, "auroc"), share(document, model), score(document, model, "accuracy"),
         score(document, model, "f1")]
        for regime, document in found.items()
        for model in (IDEAL, *MODELS, "majority")
    ]  # fmt: skip
    first = found[REGIMES[0]]
    parts = [
        "**Made-up people.** These corpora are simulated (`smfl simulate manifest`): the figures say how much of "
        "what was "
        "planted a model finds, and nothing about depression. The ideal observer knows the model of the simulator and "
        "sees the planted values themselves; nothing can rank better than it does.",
        f"{PEOPLE} people of 4 minutes, {first['positives']} of them depressed, seed {SEED}, effect 1; 5 "
        f"participant-grouped "
        "folds, 1 seed of the folds, nothing chosen on held-out people. Mean ± sd over folds, [95 % bootstrap "
        "interval over participants]. *Share* is how far from chance to the ideal observer: "
        "(AUROC − .5) / (ideal − .5), of the AUROC over all held-out people. `smfl:paper` is the paper's recipe "
        "without the "
        "tuned one's additions.",
        table(["regime", "model", "AUROC", "share of the ideal", "accuracy", "F1"], rows),
        f"With labels dealt out anew among the people of `sentence`, SMFL's AUROC is "
        f"{score(shuffled, 'smfl', 'auroc')}.",
        f"Machine: {machine(first['environment'])}. Seconds of fitting a fold, on one core: "
        + ", ".join(f"{m} {_seconds(first, m):.0f}" for m in MODELS)
        + ".",
        "Again: `python -m bench regimes`.",
    ]
    print(write(pages, "regimes", "What is planted and what is found", parts))


def share(document: dict[str, Any], model: str) -> str:
    """How far from chance to the ideal observer."""
    ideal, own = (_pooled(document, name) for name in (IDEAL, model))
    return f"{(own - 0.5) / (ideal - 0.5):.2f}" if model != "majority" else "–"


def _pooled(document: dict[str, Any], model: str) -> float:
    return float(document["pooled_auroc"][model])


def _seconds(document: dict[str, Any], model: str) -> float:
    return float(entry(document, model).get("seconds") or 0) / 5


def _prepared(regime: str, people: int, options: argparse.Namespace) -> Path:
    corpus, prepared = options.work / f"{regime}-{people}", options.work / f"{regime}-{people}-prepared"
    smfl.simulate("manifest", corpus, participants=people, regime=regime, seed=SEED)
    smfl.prepare(corpus, prepared, workers=options.workers)
    return prepared


def _regime(regime: str, people: int, options: argparse.Namespace) -> dict[str, Any]:
    out = options.work / f"{regime}-{people}-results"
    results = smfl.evaluate(
        _prepared(regime, people, options), MODELS, out=out, workers=options.workers, progress=_say(regime)
    )
    document: dict[str, Any] = json.loads((out / "results.json").read_text(encoding="utf-8"))
    document["pooled_auroc"] = _auroc_over_everyone(results.predictions)
    return document


def _shuffled(people: int, options: argparse.Namespace) -> dict[str, Any]:
    out = options.work / f"shuffled-{people}-results"
    smfl.evaluate(
        _prepared("sentence", people, options), ("smfl",), out=out, workers=options.workers, shuffle_labels=True,
        progress=_say("shuffled"),
    )  # fmt: skip
    document: dict[str, Any] = json.loads((out / "results.json").read_text(encoding="utf-8"))
    return document


def _auroc_over_everyone(predictions: Any) -> dict[str, float]:
    from sklearn.metrics import roc_auc_score

    return {
        str(model): float(roc_auc_score(rows["label"], rows["probability"]))
        for model, rows in predictions.groupby("model")
    }


def _say(what: str) -> Any:
    return lambda done, total, last: print(f"{what}: {done} of {total} fits; {last}", file=sys.stderr, flush=True)
