"""`smfl.check`: what a folder is thought to be, what of it is there, what is broken, and what will be done about it.

Nothing is measured: tables, transcripts and headers are read, so that an answer comes in seconds or minutes where
preparing takes hours, and before they are spent.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from smfl.corpora import CORPORA, Options, open_corpus
from smfl.interview import CallError, Cohort, Entry, Interview, SmflError, choice

WILL_BE = {
    "repaired": "mended as said",
    "skipped": "left out",
    "missing": "goes on without",
    "cut": "cut as said",
    "noted": "used as it is",
    "broken": "interview is left out",
}
"""What `smfl.prepare` does about each kind of finding."""

MANY = "mul"
"""The language of an encoder that reads many (ISO 639-2)."""

_NUMBER = re.compile(r"\d+(?:[.:]\d+)*")
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Finding:
    """Something that was found in one interview or in several of the same kind.

    Args:
        kind: ``broken``, or an action of the ledger.
        what: in words; of several, those of the first.
        interviews: which; empty for the corpus as a whole.
        where: file and row of the first.
        why: as the ledger says it.
    """

    kind: str
    what: str
    interviews: tuple[str, ...]
    where: str = ""
    why: str = ""

    @property
    def will_be(self) -> str:
        """What will be done about it."""
        return WILL_BE[self.kind]


@dataclass(frozen=True)
class Checked:
    """What a folder holds, as a corpus.

    Args:
        folder: which.
        corpus: what it is thought to be.
        title: of that corpus.
        also_looks_like: other corpora whose files are there too.
        language: BCP 47.
        label_rule: how the label follows.
        label_rules: those to choose from, where there are several.
        simulated: whether the people are made up.
        listed: how many interviews.
        usable: how many can be read.
        people: how many took part in those.
        labels: usable interviews by label: depressed, not depressed, no label.
        splits: by part of the corpus's own split.
        has: usable interviews by what they bring: sentences, words, times, a recording, signals by name.
        findings: what is broken, mended, missing or told; the gravest first.
        advice: what to do before preparing, in sentences.
    """

    folder: str
    corpus: str
    title: str
    also_looks_like: tuple[str, ...]
    language: str
    label_rule: str
    label_rules: tuple[str, ...]
    simulated: bool
    listed: int
    usable: int
    people: int
    labels: dict[str, int]
    splits: dict[str, int]
    has: dict[str, int]
    findings: tuple[Finding, ...]
    advice: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """As ``smfl corpora check --json`` prints it."""
        findings = [asdict(finding) | {"will_be": finding.will_be} for finding in self.findings]
        return asdict(self) | {"findings": findings}


def check(
    path: str | Path,
    corpus: str | None = None,
    *,
    label_rule: str | None = None,
    progress: Progress | None = None,
) -> Checked:
    """Look through a corpus folder without measuring anything.

    Args:
        path: the folder.
        corpus: its name; what fits best where None and several do.
        label_rule: where the corpus has several; its first where None.
        progress: told after each interview.

    Raises:
        CallError: for a name that no corpus has.
        CorpusError: where the folder isn't there or is no corpus that is known, with what is expected of each.
    """
    folder = Path(path)
    fits = [name for name, one in CORPORA.items() if folder.is_dir() and one.detect(folder)]
    name = choice(corpus, tuple(CORPORA), what="corpus") if corpus else next(iter(fits), None)
    rules = CORPORA[name].label_rules if name else ()
    cohort, chosen = _opened(folder, name, rules, label_rule)
    found = _Findings()
    for entry in cohort.ledger:
        found.add(entry.action, entry, "")
    interviews = []
    for done, key in enumerate(cohort.keys, start=1):
        try:
            interview = cohort.read(key)
        except SmflError as fault:
            found.add("broken", Entry(key, "skipped", _brief(fault)), key)
        else:
            interviews.append(interview)
            for entry in (*interview.ledger, *_unreadable(interview)):
                found.add(entry.action, entry, key)
        if progress:
            progress(done, len(cohort.keys), key)
    source = cohort.source
    known = CORPORA.get(name or "", CORPORA.get(source.name))
    return Checked(
        folder=str(folder),
        corpus=name or source.name,
        title=known.title if known else source.name,
        also_looks_like=tuple(other for other in fits if other != name),
        language=source.language,
        label_rule=source.label_rule,
        label_rules=rules,
        simulated=source.simulated,
        listed=len(cohort.keys),
        usable=len(interviews),
        people=len({interview.participant for interview in interviews}),
        labels=_labels(interviews),
        splits=dict(Counter(interview.split for interview in interviews if interview.split)),
        has=_brings(interviews),
        findings=found.ranked(),
        advice=tuple(_advice(cohort, interviews, fits, name, rules, chosen, asked=label_rule is not None)),
    )


def _opened(folder: Path, name: str | None, rules: tuple[str, ...], asked: str | None) -> tuple[Cohort, str | None]:
    """The cohort; by the first of its label rules where it must have one and none was asked for."""
    try:
        return open_corpus(folder, name, Options(label_rule=asked)), asked
    except CallError:
        if asked is not None or not rules:
            raise
        return open_corpus(folder, name, Options(label_rule=rules[0])), rules[0]


class _Findings:
    """Findings of the same kind in several interviews, together: they differ in numbers only."""

    def __init__(self) -> None:
        self.first: dict[tuple[str, str], Entry] = {}
        self.keys: dict[tuple[str, str], list[str]] = {}

    def add(self, kind: str, entry: Entry, key: str) -> None:
        place = (kind, _NUMBER.sub("#", entry.what.replace(key, "@") if key else entry.what))
        self.first.setdefault(place, entry)
        keys = self.keys.setdefault(place, [])
        if key and key not in keys:
            keys.append(key)

    def ranked(self) -> tuple[Finding, ...]:
        gravest = ("broken", "skipped", "missing", "repaired", "cut", "noted")
        found = [
            Finding(kind, entry.what, tuple(self.keys[kind, what]), entry.where, entry.why)
            for (kind, what), entry in self.first.items()
        ]
        return tuple(sorted(found, key=lambda one: (gravest.index(one.kind), -len(one.interviews))))


def _brief(fault: SmflError) -> str:
    """What is wrong, without the interview's name in front, on one line."""
    problems = getattr(fault, "problems", None)
    return "; ".join(problems) if problems else " ".join(str(fault).split())


def _unreadable(interview: Interview) -> list[Entry]:
    """Recordings whose header can't be read."""
    from smfl.features.recording.info import probe

    entries = []
    for path in (interview.recording, *(piece.path for piece in interview.pieces)):
        if isinstance(path, Path):
            try:
                probe(path)
            except SmflError as fault:
                entries.append(Entry(interview.id, "missing", "a recording that can't be read", path.name, str(fault)))
    return entries


def _labels(interviews: list[Interview]) -> dict[str, int]:
    values = Counter(None if interview.label is None else interview.label.value for interview in interviews)
    return {"depressed": values[1], "not depressed": values[0], "no label": values[None]}


def _brings(interviews: list[Interview]) -> dict[str, int]:
    """How many interviews bring what."""
    found: Counter[str] = Counter()
    for one in interviews:
        said = one.sentences
        found.update(
            {
                "sentences": bool(said or one.transcript),
                "times of sentences": bool(one.transcript or (said and said[0].segment)),
                "words": bool(one.transcript or any(sentence.text.strip() for sentence in said)),
                "recording": bool(one.recording or one.packed or one.pieces),
                "gender": bool(one.gender),
                "age": one.age is not None,
                **{f"signal {name}": True for name in one.signals},
            }
        )
    return dict(found)


def _advice(
    cohort: Cohort,
    interviews: list[Interview],
    fits: list[str],
    name: str | None,
    rules: tuple[str, ...],
    chosen: str | None,
    *,
    asked: bool,
) -> list[str]:
    """What to do before hours are spent."""
    advice = []
    others = [other for other in fits if other != name]
    if others:
        advice.append(f"The folder looks like {' and '.join(others)} too: say --corpus {name} when preparing it.")
    if rules and not asked:
        by = f"; checked by {chosen!r}" if chosen else ""
        advice.append(f"There are label rules to choose from: --label-rule {' or '.join(map(repr, rules))}{by}.")
    if not interviews:
        advice.append("Not one interview can be used: mend what is broken first.")
    values = {None if one.label is None else one.label.value for one in interviews}
    if interviews and not {0, 1} <= values:
        advice.append(
            "There aren't two classes of labels: features can be prepared, but no model trained or evaluated."
        )
    own = sorted({signal for one in interviews for signal in one.own if signal in one.signals})
    if own:
        advice.append(f"{', '.join(own)}: read only with --features own, as no recording gives them.")
    advice += _on_language(cohort.source.language, interviews)
    return advice


def _on_language(language: str, interviews: list[Interview]) -> list[str]:
    """Whether the sentence encoder that is used by default knows the words' language."""
    from smfl.features.text.encoders import DEFAULT, ENCODERS

    words = any(sentence.text.strip() for one in interviews for sentence in one.sentences)
    spoken = language.split("-")[0]
    if not words or spoken in (ENCODERS[DEFAULT].language, "und", "as corpus.toml tells"):
        return []
    able = [name for name, encoder in ENCODERS.items() if encoder.language in (MANY, spoken)]
    return [
        f"The words are in {language!r}, the default sentence encoder ({DEFAULT}) knows "
        f"{ENCODERS[DEFAULT].language!r}: --text-encoder {' or '.join(able)}."
    ]
