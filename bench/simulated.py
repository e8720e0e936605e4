"""The simulated people of several studies, and what `smfl evaluate` finds in them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import smfl
from bench.page import entry
from smfl.evaluation import Results

IDEAL = "ideal observer"
PEOPLE, SEED, FOLDS = 189, 0, 5


def pooled(document: Mapping[str, Any], model: str) -> float:
    """AUROC of all folds' held-out people together."""
    return float(entry(document, model)["metrics"]["auroc"]["pooled"])


def share(document: Mapping[str, Any], model: str) -> float:
    """The way from chance to the ideal observer's AUROC, 1 where the model is as good."""
    return (pooled(document, model) - 0.5) / (pooled(document, IDEAL) - 0.5)


def prepared(regime: str, people: int, seed: int, options: argparse.Namespace, corpus: str = "manifest") -> Path:
    """Simulated people, prepared; as they are where they lie in ``--work`` already."""
    named = "" if corpus == "manifest" else f"{corpus}-"
    folder = options.work / f"{named}{regime}-{people}-seed-{seed}"
    if options.again or not (folder / "prepared" / "index.parquet").exists():
        smfl.simulate(corpus, folder, participants=people, regime=regime, seed=seed)
        smfl.prepare(folder, folder / "prepared", workers=options.workers)
    return Path(folder / "prepared")


def fitted(folder: Path, models: Sequence[str], out: str, options: argparse.Namespace, **settings: Any) -> Results:
    """`smfl.evaluate` into a folder beside the prepared people, fits of earlier runs reused, with its progress told."""

    def say(done: int, total: int, last: str) -> None:
        print(f"{folder.parent.name}, {out}: {done} of {total} fits; {last}", file=sys.stderr, flush=True)

    beside = folder.parent / out
    return smfl.evaluate(folder, models, folds=FOLDS, out=beside, workers=options.workers, progress=say, **settings)


def evaluated(
    folder: Path, models: Sequence[str], out: str, options: argparse.Namespace, **settings: Any
) -> dict[str, Any]:
    """What that finds, ``results.json``; as it is where it lies there already, so that its seconds are of one run."""
    results = folder.parent / out / "results.json"
    if options.again or not results.exists():
        fitted(folder, models, out, options, **settings)
    document: dict[str, Any] = json.loads(results.read_text(encoding="utf-8"))
    return document
