"""What was planted, beside the corpus: `truth.csv` and `simulation.json`, and going on where a run was stopped."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

from smfl.interview import CallError
from smfl.simulation.session import Session
from smfl.simulation.study import Study

TRUTH, SETTINGS = "truth.csv", "simulation.json"
TRUTH_COLUMNS = (
    "interview",
    "participant",
    "label",
    "score",
    "llr",
    "llr_video",
    "llr_audio",
    "llr_text",
    "regime",
    "effect",
    "seed",
)


def begin(out: Path, study: Study, corpus: str) -> None:
    """Make the folder, or enter one that an interrupted run of the same settings left.

    Args:
        out: the folder.
        study: the settings.
        corpus: in whose format.

    Raises:
        CallError: where ``out`` holds something else.
    """
    settings = json.dumps({"corpus": corpus} | study.settings(), indent=1) + "\n"
    record = out / SETTINGS
    if out.exists() and not out.is_dir():
        raise CallError(f"{out}: a corpus is written into a folder, but this is a file")
    if record.exists() and record.read_text(encoding="utf-8") != settings:
        raise CallError(
            f"{out}: holds a corpus simulated with other settings ({SETTINGS} has them); choose another folder"
        )
    if not record.exists() and out.exists() and any(out.iterdir()):
        raise CallError(f"{out}: the folder isn't empty; a simulated corpus needs a new or an empty one")
    out.mkdir(parents=True, exist_ok=True)
    record.write_text(settings, encoding="utf-8")


def write_truth(out: Path, study: Study, rows: Sequence[tuple[str, Session]]) -> None:
    """Write `truth.csv`: each interview's label, score, and the ideal observer's log-likelihood ratios.

    Args:
        out: the corpus's folder.
        study: the settings.
        rows: each interview's key and session.
    """
    with (out / TRUTH).open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, TRUTH_COLUMNS, lineterminator="\n")
        table.writeheader()
        for key, session in rows:
            latent = session.latent
            ratios = {name: f"{value:.6f}" for name, value in study.ratios(latent).items()}
            table.writerow(
                {"interview": key, "participant": key, "label": latent.label, "score": latent.score, **ratios}
                | {"regime": study.regime, "effect": f"{study.effect:g}", "seed": study.seed}
            )
