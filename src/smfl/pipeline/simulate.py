"""`smfl.simulate`: a corpus of made-up people on disk, in the format of a real one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from smfl.interview import Cohort
from smfl.pipeline.load import load


def simulate(corpus: str, out: str | Path, **options: Any) -> Cohort:
    """Write a corpus of made-up people, and open it.

    Beside it lies ``truth.csv``: for each participant the ideal observer's log-likelihood ratio.

    Args:
        corpus: in whose on-disk format: ``daic-woz``, ``manifest``.
        out: the corpus's folder.
        **options: ``participants``, ``minutes``, ``regime``, ``effect``, ``seed``, …: see `smfl.corpora.simulate`.

    Raises:
        CallError: for an unknown corpus, or one that has no simulator.
    """
    from smfl.corpora import simulate as write

    return load(write(corpus, out, **options), corpus)
