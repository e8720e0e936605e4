"""The register of corpora: every module of this room that defines a ``CORPUS`` is in it.

To add a corpus, drop one file into the room that says where the corpus comes from, what lies on disk, which defects
are known, and how it is read; nothing else has to be touched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from smfl.interview import CallError, Cohort, CorpusError, choice
from smfl.interview.register import Register

REPAIRS = ("default", "none")


@dataclass(frozen=True, slots=True)
class Options:
    """How a corpus is read. Each corpus takes what concerns it; one that knows no such defect ignores the option.

    Args:
        repairs: ``default`` mends every known defect, with a line in the ledger for each; ``none`` leaves the corpus
            as distributed, so that a published figure can be reproduced.
        exclude_known_bad: leave out the sessions that other authors leave out, each with a line in the ledger.
        label_rule: how the label is made, where a corpus is distributed with labels that contradict its scores and
            doesn't choose by itself; None elsewhere.

    Raises:
        CallError: for repairs that nobody makes.

    Example:
        >>> Options(repairs="some")
        Traceback (most recent call last):
        ...
        smfl.interview.errors.CallError: unknown repairs 'some'; valid: default, none
    """

    repairs: str = "default"
    exclude_known_bad: bool = False
    label_rule: str | None = None

    def __post_init__(self) -> None:
        choice(self.repairs, REPAIRS, what="repairs")

    @property
    def repaired(self) -> bool:
        """Whether known defects are mended."""
        return self.repairs == "default"


DEFAULT = Options()
"""As a corpus is read where nobody asks for anything else."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """One corpus: where it comes from, and how it is read.

    Args:
        name: short and stable, e.g. ``daic-woz``.
        title: one line on what it is.
        citation: the publication to cite.
        access: how one gets it.
        licence: in words.
        language: BCP 47 tag.
        label_rule: how the label follows from the score, in words.
        looks_for: what its folder must hold to be recognised; for messages.
        detect: whether a folder looks like this corpus; quick, reads no measurements.
        load: reads the folder, signals and transcripts lazily, ``load(root, options)``. Raises a `CorpusError` where
            nothing can be used.
        label_rules: the rules of which `Options.label_rule` must be one; empty where the corpus has one rule.
    """

    name: str
    title: str
    citation: str
    access: str
    licence: str
    language: str
    label_rule: str
    looks_for: str
    detect: Callable[[Path], bool]
    load: Callable[[Path, Options], Cohort]
    label_rules: tuple[str, ...] = ()


CORPORA = Register(Corpus, "CORPUS", "smfl.corpora", what="corpus")
"""Every corpus there is a reader for, by name."""


def open_from(
    corpora: Mapping[str, Corpus], path: Path | str, name: str | None = None, options: Options = DEFAULT
) -> Cohort:
    """Open a folder as the corpus ``name``, or as whichever recognises it.

    Raises:
        CallError: for a name that isn't registered, where several corpora recognise the folder, or for a label rule
            that the corpus hasn't.
        CorpusError: where the folder isn't there, is empty, or none recognises it.
    """
    folder = Path(path)
    if name is not None:
        choice(name, tuple(corpora), what="corpus")
    asked = [corpora[name]] if name is not None else list(corpora.values())
    if not folder.exists():
        raise CorpusError(f"{folder}: there is no such folder; give the folder that a corpus was unpacked into")
    if not folder.is_dir():
        raise CorpusError(f"{folder}: is a file; give the folder that a corpus was unpacked into")
    fits = [corpus for corpus in asked if corpus.detect(folder)]
    if len(fits) > 1:
        raise CallError(
            f"{folder}: looks like {' and like '.join(corpus.name for corpus in fits)}; say which one: --corpus NAME"
        )
    if not fits:
        raise CorpusError(_unrecognised(folder, asked))
    if options.label_rule is not None:
        _check_rule(fits[0], options.label_rule)
    return fits[0].load(folder, options)


def _check_rule(corpus: Corpus, rule: str) -> None:
    if not corpus.label_rules:
        raise CallError(f"{corpus.name} has one label rule, {corpus.label_rule}; leave out the label rule {rule!r}")
    choice(rule, corpus.label_rules, what=f"label rule of {corpus.name}")


def _unrecognised(folder: Path, asked: list[Corpus]) -> str:
    what = "is empty" if not any(folder.iterdir()) else "holds nothing that is recognised as a corpus"
    lines = [f"{folder}: {what}. Expected:"]
    lines += [f"  {corpus.name}: {corpus.looks_for}" for corpus in asked]
    lines.append("Point to the folder that holds these, or bring your own interviews in the open format 'manifest'.")
    return "\n".join(lines)
