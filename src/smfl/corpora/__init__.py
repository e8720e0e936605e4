"""Corpora, each read as it really is on disk: repaired where a defect is known, with a ledger of every repair."""

from __future__ import annotations

from pathlib import Path

from smfl.corpora.registry import CORPORA, DEFAULT, Corpus, Options, open_from
from smfl.interview import Cohort

__all__ = ["CORPORA", "Corpus", "Options", "open_corpus"]


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
