"""Every system on a simulated DAIC-WOZ, in the files of the real one, and how long that takes."""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.figures import forest, image, shown, told
from bench.page import change, entry, machine, score, table, write
from bench.simulated import FOLDS, IDEAL, PEOPLE, SEED, evaluated, pooled, prepared, share
from smfl.features import Prepared

CORPUS, REGIME = "daic-woz", "cross-modal"
MOST_MINUTES, MOST_MINUTES_ALONE = 90, 20


def run(options: argparse.Namespace, pages: Path) -> None:
    """Simulate, prepare, evaluate ``all`` in one go, write the page."""
    folder = prepared(REGIME, 30 if options.quick else PEOPLE, SEED, options, CORPUS)
    document = evaluated(folder, ("smfl", "all"), "all", options)
    if options.quick:
        return
    each = [len(one) for one in Prepared(folder)]
    alone = float(entry(document, "smfl")["seconds"]) / 60
    rows = sorted((one["name"] for one in document["models"]), key=lambda name: -pooled(document, name))
    rows.remove(IDEAL)
    figures = {name: told(entry(document, name)["metrics"]["auroc"]) for name in rows}
    marks = {REGIME: (0.5, pooled(document, IDEAL))}
    figure = forest({REGIME: figures}, image(pages, "daic-woz"), axis="AUROC", marks=marks, strong=("smfl",))
    parts = [
        "**Made-up people** in the files of DAIC-WOZ (`smfl simulate daic-woz`): the figures say how long a comparison "
        "takes, and how much of what was planted a system finds; nothing about depression.",
        f"{PEOPLE} people of 4 minutes, {document['positives']} depressed, regime `{REGIME}`, effect 1; {min(each)} to "
        f"{max(each)} sentences each, {sum(each):,} in all. {FOLDS} participant-grouped folds, 1 seed; `--model all`, "
        "with SMFL on every choice of modalities.",
        f"**{document['seconds'] / 60:.1f} minutes** for all {FOLDS * len(rows)} fits, {options.workers} at a "
        f"time (wanted: at most {MOST_MINUTES}). SMFL alone: {alone:.1f} minutes of one core (wanted: at most "
        f"{MOST_MINUTES_ALONE}). The networks of a fold read its people once, all together: a network's seconds in the "
        "table hold that reading where it came first. Real interviews are longer, up to the threshold of 120 "
        "sentences; time goes with sentences.",
        shown(figure, "AUROC of every system, with its interval"),
        "The dashed lines are chance and the ideal observer. *Share*: (AUROC − .5) / (that of the ideal observer − "
        ".5), pooled. *From SMFL*: difference of the pooled AUROC, [95 % paired bootstrap interval].",
        table(
            ["model", "AUROC", "share", "from SMFL", "s a fit"],
            [
                [
                    name,
                    score(document, name, "auroc"),
                    f"{share(document, name):.2f}",
                    change(entry(document, name).get("difference"), 2),
                    f"{float(entry(document, name)['seconds'] or 0) / FOLDS:.1f}",
                ]
                for name in (IDEAL, *rows)
            ],
        ),
        f"Machine: {machine(document['environment'])}.",
        "Again: `python -m bench daic-woz`.",
    ]
    print(write(pages, "daic-woz", "Every system on a simulated DAIC-WOZ", parts))
