"""Real speech: CMU-MOSI's reviews as interviews, SMFL on the words beside TF-IDF, and on the features it comes with."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import smfl
from bench.page import change, machine, score, table, write

QUICK = ("smfl", "logistic-regression", "tfidf-linear")
METRICS = ("auroc", "accuracy", "f1", "macro_f1")


def run(options: argparse.Namespace, pages: Path) -> None:
    """Convert, prepare, evaluate, write the page; needs the folder ``cmu_mosi``."""
    source = options.shared / "cmu_mosi"
    if not source.is_dir():
        print(f"{source}: not there, so this study is left out; name its parent with --shared", file=sys.stderr)
        return
    models = QUICK if options.quick else ("smfl", "all")
    words = _evaluated(source, "text-only", models, "nested", options, seeds=1 if options.quick else 2)
    given = _evaluated(source, "given", models, "official", options, seeds=1)
    if options.quick:
        return
    parts = [
        "93 people's video reviews (CMU-MOSI, Zadeh et al. 2016), 2,199 sentences; the label is whether the review is "
        "positive. Not depression: real people and real words, for want of a clinical corpus here.",
        "## Raw words, 5-fold",
        f"{len(words['seeds'])} × 5 participant-grouped folds over all 93; mean ± sd over folds and seeds, [95 % "
        "bootstrap over participants]. Networks and logistic regression read the offline sentence encoder, "
        "`tfidf-linear` the words. With one modality there is nothing to fuse: rows that differ in fusion only are the "
        "same system here.",
        _scores(words),
        "## The features it comes with, official split",
        "Trained on 62 (`train`), tested on 31 (`test`). The given text and video features come from networks "
        "fitted on "
        "the same 62, so they are never cross-validated.",
        _scores(given),
        f"Machine: {machine(words['environment'])}.",
        "Again: `python -m bench mosi --shared FOLDER-WITH-cmu_mosi`.",
    ]
    print(write(pages, "mosi", "Real reviews: CMU-MOSI", parts))


def _scores(document: dict[str, Any]) -> str:
    ranked = sorted(document["models"], key=lambda one: -float(one["metrics"]["auroc"]["pooled"]))
    rows = [
        [one["name"], *(score(document, one["name"], metric) for metric in METRICS), change(one.get("difference"))]
        for one in ranked
    ]
    return table(["model", "AUROC", "accuracy", "F1", "macro-F1", "AUROC less SMFL's, paired"], rows)


def _evaluated(
    source: Path, features: str, models: tuple[str, ...], protocol: str, options: argparse.Namespace, *, seeds: int
) -> dict[str, Any]:
    corpus, prepared = options.work / f"mosi-{features}", options.work / f"mosi-{features}-prepared"
    out = options.work / f"mosi-{features}-results"
    if not corpus.exists():
        script = Path(__file__).resolve().parents[2] / "examples" / "cmu_mosi.py"
        subprocess.run([sys.executable, script, source, corpus, "--features", features], check=True)  # noqa: S603 (ours)
    smfl.prepare(corpus, prepared, workers=options.workers)
    smfl.evaluate(
        prepared,
        models,
        protocol=protocol,
        seeds=seeds,
        out=out,
        workers=options.workers,
        progress=lambda done, total, last: print(f"mosi: {done} of {total}; {last}", file=sys.stderr, flush=True),
    )
    document: dict[str, Any] = json.loads((out / "results.json").read_text(encoding="utf-8"))
    return document
