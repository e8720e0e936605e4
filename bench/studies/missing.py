"""A modality that is missing when a person is judged, beside a model that never had it."""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.page import entry, machine, score, table, write
from bench.simulated import FOLDS, PEOPLE, SEED, prepared
from bench.studies.ablation import variant
from bench.trials import Trial, compare
from smfl.features import Prepared
from smfl.training.selection.modality_roles import MODALITIES

REGIME, MOST = "cross-modal", 0.03
TRIALS = tuple(
    trial
    for name in MODALITIES
    for trial in (
        Trial(f"learned without {name}", variant(modalities=tuple(m for m in MODALITIES if m != name))),
        Trial(f"learned with {name}, judged without", variant(), unseen=(name,)),
    )
)


def run(options: argparse.Namespace, pages: Path) -> None:
    """Fit with and without each modality, write the page."""
    people, seeds = 30 if options.quick else PEOPLE, options.seeds or 1
    folder = prepared(REGIME, people, SEED, options)
    trials = [Trial("smfl", variant()), *TRIALS]
    results = compare(
        Prepared(folder), trials, folder.parent / "missing", folds=FOLDS, seeds=seeds, workers=options.workers
    )
    document, rows = results.document, []
    for name in MODALITIES:
        never, lost = f"learned without {name}", f"learned with {name}, judged without"
        a, b = (float(entry(document, one)["metrics"]["auroc"]["pooled"]) for one in (never, lost))
        rows.append([name, score(document, never, "auroc"), score(document, lost, "auroc"), f"{b - a:+.3f}"])
    parts = [
        f"**Made-up people**: {PEOPLE} of the regime `{REGIME}`, {document['positives']} depressed, {FOLDS} "
        f"participant-grouped folds × {seeds} seed{'s' if seeds > 1 else ''}. Mean ± sd over folds and seeds, [95 % "
        "bootstrap over participants]; the difference is of the pooled AUROC. What is missing is masked, never zero.",
        table(["missing", "never had it", "learned with it, judged without", "difference"], rows),
        f"With all three, SMFL has {score(document, 'smfl', 'auroc')}. Wanted: at most {MOST:g} below a model that "
        "never had it.",
        f"Machine: {machine(document['environment'])}; two fits at a time.",
        f"Again: `python -m bench missing --seeds {seeds}`.",
    ]
    if options.quick:
        print("\n\n".join(parts))
    else:
        print(write(pages, "missing", "A missing modality", parts))
