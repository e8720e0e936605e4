"""`smfl.simulate`: a simulated corpus on disk, in the format of a real one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from smfl.interview import Cohort
from smfl.pipeline.load import load


def simulate(
    corpus: str, out: str | Path, *, progress: Callable[[int, int, str], None] | None = None, **options: Any
) -> Cohort:
    """Write a simulated corpus, and open it.

    Beside it lies ``truth.csv``: for each participant the ideal observer's log-likelihood ratio.

    Args:
        corpus: in whose on-disk format: one of `smfl.simulation.SIMULATORS`, e.g. ``daic-woz``, ``manifest``.
        out: the corpus's folder.
        progress: called after each interview.
        **options: ``participants``, ``minutes``, ``regime``, ``effect``, ``seed``, …: see `smfl.simulation.simulate`.
            Of several label rules the corpus is opened with the first.

    Raises:
        CallError: for an unknown corpus, or one that has no simulator.
    """
    from smfl.corpora import CORPORA
    from smfl.simulation import simulate as write

    report = None if progress is None else lambda done, total: progress(done, total, "")
    folder = write(corpus, out, progress=report, **options)
    rules = CORPORA[corpus].label_rules
    return load(folder, corpus, label_rule=rules[0] if rules else None)
