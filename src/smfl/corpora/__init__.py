"""Corpora, each read as it really is on disk: repaired where a defect is known, with a ledger of every repair."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from smfl.corpora.registry import DEFAULT, Corpus, Options, discover, open_from
from smfl.interview import CallError, Cohort, choice

__all__ = ["CORPORA", "Corpus", "Options", "open_corpus", "simulate"]

CORPORA: Mapping[str, Corpus] = discover()
"""Every corpus there is a reader for, by name."""

COMMON_OPTIONS = ("participants", "minutes", "regime", "effect", "seed", "positives", "modalities", "progress")
"""What every simulator takes."""


def open_corpus(path: Path | str, name: str | None = None, options: Options = DEFAULT) -> Cohort:
    """Open a corpus on disk; its interviews are read when they are asked for.

    Args:
        path: the corpus's folder.
        name: one of `CORPORA`; recognised by what lies in the folder where None.
        options: whether known defects are repaired, known bad sessions left out, and by which rule it is labelled.

    Raises:
        CallError: for an unknown name, with the nearest one.
        CorpusError: where the folder isn't there or isn't a corpus, with what is expected in it.

    Example:
        >>> open_corpus("nowhere")
        Traceback (most recent call last):
        ...
        smfl.interview.errors.CorpusError: nowhere: there is no such folder; give the folder that a corpus was ...
    """
    return open_from(CORPORA, path, name, options)


def simulate(name: str, out: Path | str, **options: Any) -> Path:
    """Write a made-up corpus in the on-disk format of ``name``.

    Args:
        name: one of `CORPORA` that has a simulator.
        out: the folder to write.
        **options: ``participants``, ``minutes``, ``regime``, ``effect``, ``seed``, …; and what only this corpus's
            simulator takes, such as ``defects``.

    Returns:
        The folder, ready for `open_corpus`.

    Raises:
        CallError: for an unknown corpus, one without a simulator, or an option that its simulator hasn't.
    """
    corpus = CORPORA[choice(name, tuple(CORPORA), what="corpus")]
    if corpus.simulate is None:
        able = ", ".join(other.name for other in CORPORA.values() if other.simulate)
        raise CallError(f"there is no simulator of {name!r}; there is one of: {able}")
    for option in options:
        if option not in COMMON_OPTIONS and option not in corpus.simulator_options:
            own = ", ".join((*COMMON_OPTIONS, *corpus.simulator_options))
            raise CallError(f"the simulator of {name!r} has no option {option!r}; it has {own}")
    return corpus.simulate(Path(out), **options)
