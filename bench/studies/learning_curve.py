"""From 50 people to 1,600: SMFL and a line on averages, judged on the same people whom nobody learned from."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bench.figures import curves, image, shown, told
from bench.kept import file_name, kept_or_made, tables
from bench.page import change, entry, machines, table, write
from bench.simulated import prepared
from bench.trials import Trial, compare
from smfl.evaluation import Results, Split
from smfl.features import Prepared
from smfl.training import make

SIZES = (50, 100, 200, 400, 800, 1600)
JUDGED, SEED, REGIMES = 400, 20, ("global", "cross-modal", "sentence")
MODELS = ("logistic-regression", "smfl")


def run(options: argparse.Namespace, pages: Path) -> None:
    """Fit at each size, write the page and its figure; ``--seeds`` draws the learners of each size so often."""
    sizes, judged = ((20, 40), 20) if options.quick else (SIZES, JUDGED)
    draws, regimes = options.seeds or 1, options.regimes or REGIMES
    beside = options.work / "quick" if options.quick else pages / "learning-curve"
    found = {regime: _curve(regime, sizes, judged, draws, options, beside) for regime in regimes}
    if options.quick:
        return
    environments = [row["environment"] for rows in found.values() for row in rows]
    each = {
        regime: {name: [told(entry(row, name)["metrics"]["auroc"]) for row in rows] for name in MODELS}
        for regime, rows in found.items()
    }
    figure = curves(each, image(pages, "learning-curve"), x=sizes, axis="people learned from")
    parts = [
        "**Made-up people.** Simulated corpora (`smfl simulate manifest`), effect 1.",
        f"{JUDGED} people are judged whom nobody learns from; the learners of a size are drawn from {max(SIZES):,} "
        f"others, {draws} time{'s' if draws > 1 else ''} (all of them at the largest). Pooled AUROC, [95 % bootstrap "
        "over those judged]; *difference*: SMFL's less the line's, [95 % paired bootstrap].",
        shown(figure, "AUROC by the number of people learned from, with its interval"),
        *(part for regime, rows in found.items() for part in (f"## {regime}", _table(rows))),
        f"Machine: {machines(environments)}; two fits at a time.",
        f"What was predicted of whom: {tables('learning-curve', dict.fromkeys(regimes, sizes), 'learners')}.",
        f"Again: `python -m bench learning-curve --seeds {draws} --regimes {' '.join(regimes)}`.",
    ]
    print(write(pages, "learning-curve", "How many people it takes", parts))


def _curve(
    regime: str, sizes: tuple[int, ...], judged: int, draws: int, options: argparse.Namespace, beside: Path
) -> list[dict[str, Any]]:
    trials, rows = [Trial(name, partial(_made, name)) for name in MODELS], []
    for size in sizes:
        repeated = draws if size < max(sizes) else 1

        def fit(size: int = size, repeated: int = repeated) -> Results:
            data = Prepared(prepared(regime, max(sizes) + judged, SEED, options))
            splits = {(draw, 0): _split(data.labels, size, judged, draw) for draw in range(repeated)}
            return compare(data, trials, data.folder.parent / "learning-curve", splits=splits, workers=options.workers)

        asked = {"regime": regime, "corpus": SEED, "learners": size, "judged": judged, "draws": repeated}
        path = beside / file_name(regime, size, "learners")
        rows.append({**kept_or_made(path, asked, fit, again=options.again).document, "size": size, "draws": repeated})
    return rows


def _made(name: str, seed: int) -> Any:
    return make(name, seed=seed)


def _split(labels: Any, size: int, judged: int, draw: int) -> Split:
    """The last people are judged; of the others so many learn, with the same share of each class."""
    others = np.arange(len(labels) - judged)
    rng = np.random.default_rng(draw)
    chosen = []
    for label in (0, 1):
        own = others[labels[others] == label]
        chosen.append(rng.permutation(own)[: round(size * len(own) / len(others))])
    return Split(0, np.sort(np.concatenate(chosen)), np.arange(len(others), len(labels)))


def _table(rows: list[dict[str, Any]]) -> str:
    head = ["learners", "logistic regression", "SMFL", "difference", "SMFL, s to fit"]
    made = []
    for row in rows:
        scores = [one["metrics"]["auroc"] for one in row["models"]]
        cells = [f"{s['pooled']:.3f} [{s['low']:.3f}, {s['high']:.3f}]" for s in scores]
        deep = row["models"][1]
        fits = deep["seconds"] / row["draws"]
        made.append([f"{row['size']:,}", *cells, change(deep["difference"]), f"{fits:.0f}"])
    return table(head, made)
