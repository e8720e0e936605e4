"""`smfl.describe`: who is in a prepared folder, as the paper's Table 1 has it, and what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smfl.features import Prepared
from smfl.features.criteria import Criterion, criteria
from smfl.features.thresholds import THRESHOLDS, Threshold, cut_before, lengths_of, thresholds
from smfl.interview import ACTIONS, Entry

if TYPE_CHECKING:
    import pandas as pd

AGE_GROUPS: tuple[tuple[str, float], ...] = (
    ("minors", 18),
    ("young adults", 40),
    ("middle aged", 60),
    ("elderly", float("inf")),
)
"""Name and upper bound (years, excluded) of the paper's age groups: < 18, 18–39, 40–59, >= 60."""

COVERAGE = "quality_coverage_"
"""Begins the index's columns that tell in which share of an interview's sentences a modality was measured."""

UNKNOWN = "unknown"
LABELS = {1: "depressed", 0: "not depressed", None: "no label"}


@dataclass(frozen=True)
class Group:
    """One cell of Table 1: how many *participants* of this label, gender and age group.

    A participant with several interviews counts once for each label they were given.
    """

    label: str
    gender: str
    age_group: str
    participants: int


@dataclass(frozen=True)
class Description:
    """Who is in it, and what is missing.

    Args:
        corpus: its name.
        simulated: whether the people are made up.
        interviews: how many.
        participants: how many; fewer where someone came twice.
        labels: interviews by label.
        label_rule: how the label follows from the score.
        scale: the score's.
        balance: share of depressed among the labelled interviews; None without labels.
        majority_accuracy: what a model scores that always says the commoner label; None without labels.
        class_weights: Eq. 1–2, S_t / N_c, by label, over all labelled interviews (training takes its part's own).
        groups: Table 1.
        sentences: smallest, median, largest and total number of sentences an interview.
        seconds: the same of speech time, s; None where the corpus gives no times.
        people_sentences: the same of sentences a participant, over all their interviews.
        people_seconds: the same of speech time a participant, s; None where the corpus gives no times.
        thresholds: what M = 20, 40, 80, … keeps and cuts, of what was prepared.
        cut: how many sentences M had cut already when it was prepared, of how many, in how many interviews.
        criteria: the paper's criteria for taking part, as far as the metadata tell.
        coverage: by modality, the share of interviews that have it.
        sentence_coverage: by modality, the share of all sentences that have it, as `prepare` measured it.
        columns: by modality, how many, at which level and rate, measured by what.
        splits: interviews by part of the corpus's own split; empty without one.
        ledger: lines by action.
        settings: how it was prepared.
    """

    corpus: str
    simulated: bool
    interviews: int
    participants: int
    labels: dict[str, int]
    label_rule: str
    scale: str | None
    balance: float | None
    majority_accuracy: float | None
    class_weights: dict[str, float]
    groups: tuple[Group, ...]
    sentences: dict[str, float]
    seconds: dict[str, float] | None
    people_sentences: dict[str, float]
    people_seconds: dict[str, float] | None
    thresholds: tuple[Threshold, ...]
    cut: dict[str, int]
    criteria: tuple[Criterion, ...]
    coverage: dict[str, float]
    sentence_coverage: dict[str, float]
    columns: dict[str, dict[str, Any]]
    splits: dict[str, int]
    ledger: dict[str, int]
    settings: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """As ``smfl describe --json`` prints it."""
        return asdict(self)


def describe(prepared: Prepared | str | Path) -> Description:
    """Describe a prepared folder.

    Args:
        prepared: what `smfl.prepare` gave, or its folder.

    Raises:
        FeatureError: where the folder isn't a prepared one.
    """
    data = prepared if isinstance(prepared, Prepared) else Prepared(prepared)
    settings = data.schema.settings
    table, source = data.table, dict(data.schema.source)
    known = table["label"].dropna().astype(int)
    counts = {value: int((known == value).sum()) for value in (1, 0)}
    labels = {LABELS[value]: count for value, count in counts.items()}
    labels[LABELS[None]] = len(table) - len(known)
    modalities = table["modalities"].str.split(",")
    timed = float(table["seconds"].sum()) > 0
    people = table.groupby("participant")[["n_sentences", "seconds"]].sum()
    ledger = data.ledger()
    return Description(
        corpus=str(source.get("corpus", "")),
        simulated=bool(source.get("simulated", False)),
        interviews=len(table),
        participants=int(table["participant"].nunique()),
        labels=labels,
        label_rule=str(source.get("label_rule", "")),
        scale=source.get("scale"),
        balance=counts[1] / len(known) if len(known) else None,
        majority_accuracy=max(counts.values()) / len(known) if len(known) else None,
        class_weights={LABELS[value]: len(known) / count for value, count in counts.items() if count},
        groups=_groups(table),
        sentences=_spread(table["n_sentences"]),
        seconds=_spread(table["seconds"]) if timed else None,
        people_sentences=_spread(people["n_sentences"]),
        people_seconds=_spread(people["seconds"]) if timed else None,
        thresholds=thresholds(lengths_of(data), (*THRESHOLDS, settings.max_sentences)),
        cut=_cut(ledger),
        criteria=criteria(table, source),
        coverage={name: float(modalities.map(lambda has, n=name: n in has).mean()) for name in data.schema.modalities},
        sentence_coverage=_sentence_coverage(table, data.schema.modalities),
        columns={
            name: {"columns": len(m.columns), "level": m.level, "rate_hz": m.rate_hz, "extractor": m.extractor}
            for name, m in data.schema.modalities.items()
        },
        splits={str(k): int(v) for k, v in table["split"].value_counts().items()} if "split" in table else {},
        ledger={a: n for a in ACTIONS if (n := Counter(entry.action for entry in ledger)[a])},
        settings=settings.to_dict() | {"language_heard": settings.language} | source,
    )


def age_group(age: float | None) -> str:
    """The paper's age group of an age in years.

    Example:
        >>> age_group(17.9), age_group(18), age_group(59), age_group(60), age_group(None)
        ('minors', 'young adults', 'middle aged', 'elderly', 'unknown')
    """
    if age is None or age != age:
        return UNKNOWN
    return next(name for name, bound in AGE_GROUPS if age < bound)


def _groups(table: pd.DataFrame) -> tuple[Group, ...]:
    """Table 1, in its order: depressed first, women first, the youngest first; cells with nobody are left out."""
    people: dict[tuple[str, str, str], set[str]] = {}
    for row in table.to_dict("records"):
        label, gender, age = (None if _nothing(row.get(name)) else row[name] for name in ("label", "gender", "age"))
        cell = (LABELS[None if label is None else int(label)], str(gender or UNKNOWN), age_group(age))
        people.setdefault(cell, set()).add(str(row["participant"]))
    genders = ("female", "male", "other", UNKNOWN)
    ages = (*(name for name, _ in AGE_GROUPS), UNKNOWN)
    order = [(label, gender, age) for label in LABELS.values() for gender in genders for age in ages]
    return tuple(Group(*cell, len(people[cell])) for cell in order if cell in people)


def _sentence_coverage(table: pd.DataFrame, modalities: Iterable[str]) -> dict[str, float]:
    """The share of sentences with each modality; a modality of which nothing was measured so is left out."""
    known = [name for name in modalities if f"{COVERAGE}{name}" in table]
    total = float(table["n_sentences"].sum())
    return {
        name: float((table[f"{COVERAGE}{name}"].fillna(0.0) * table["n_sentences"]).sum() / total) if total else 0.0
        for name in known
    }


def _cut(ledger: Sequence[Entry]) -> dict[str, int]:
    """What M had cut already: sentences, of how many in those interviews, and how many interviews."""
    before = cut_before(ledger).values()
    return {"sentences": sum(a for a, _ in before), "of": sum(b for _, b in before), "interviews": len(before)}


def _nothing(value: Any) -> bool:
    import pandas as pd

    return bool(pd.isna(value))


def _spread(column: pd.Series[Any]) -> dict[str, float]:
    return {
        "smallest": float(column.min()),
        "median": float(column.median()),
        "largest": float(column.max()),
        "total": float(column.sum()),
    }
