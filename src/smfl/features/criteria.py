"""The paper's criteria for taking part (§2.1), as far as a corpus's metadata tell whether they were kept to.

A criterion about which the corpus says nothing isn't met: it is *unknown*, and the reader has to ask whoever recorded
it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

MET, NOT_MET, UNKNOWN = "met", "not met", "unknown"
LEAST = {"PHQ-8": (9.0, "PHQ-8 >= 9"), "HAMD-17": (18.0, "HAMD-17 > 17")}
"""Lowest score of a participant with depression, by scale."""
RATED = {"hamd17": "HAMD-17", "phq8": "PHQ-8"}
"""Metadata that corpora bring beside a label on another scale."""
ADULT = 18.0
LANGUAGE = "zh"


@dataclass(frozen=True)
class Criterion:
    """One of the paper's criteria.

    Args:
        kind: ``inclusion``, ``exclusion`` or ``description``.
        words: the criterion, shortened.
        state: `MET`, `NOT_MET` or `UNKNOWN`.
        told: what the metadata say.
    """

    kind: str
    words: str
    state: str
    told: str


def criteria(table: pd.DataFrame, source: Mapping[str, Any]) -> tuple[Criterion, ...]:
    """The checklist.

    Args:
        table: the index of a prepared folder.
        source: of the schema, with the corpus's language.
    """
    silent = "the corpus's metadata don't say"
    language = str(source.get("language", ""))
    native = MET if language.split("-")[0] == LANGUAGE else NOT_MET if language not in ("", "und") else UNKNOWN
    return (
        Criterion("inclusion", "outpatients who speak clearly, without difficulties of speech", UNKNOWN, silent),
        Criterion("inclusion", "signed informed consent", UNKNOWN, f"{silent}; the corpus's agreement does"),
        _severity(table),
        Criterion(
            "inclusion",
            "no severe suicidal risk, nothing that changes face or voice (palsy, stutter, surgery, …)",
            UNKNOWN,
            silent,
        ),
        Criterion("inclusion", "native speakers of Chinese", native, f"the corpus is in {language or '?'}"),
        Criterion("exclusion", "other mental disorders, or those of bodily illness or substances", UNKNOWN, silent),
        Criterion("exclusion", "psychotic symptoms", UNKNOWN, silent),
        Criterion("exclusion", "dependence on alcohol or other substances", UNKNOWN, silent),
        _ages(table),
        _genders(table),
    )


def _severity(table: pd.DataFrame) -> Criterion:
    """Whether those with depression have a score that the paper asks for."""
    import pandas as pd

    words = "those with depression: HAMD-17 > 17 or PHQ-8 >= 9"
    ill = table[table["label"] == 1]
    scale = str(table["scale"].dropna().iloc[0]) if "scale" in table and table["scale"].notna().any() else ""
    columns = {name: rated for name, rated in RATED.items() if name in table}
    scores = {rated: pd.to_numeric(ill[name], errors="coerce") for name, rated in columns.items()}
    if scale in LEAST:
        scores[scale] = pd.to_numeric(ill["score"], errors="coerce")
    known = {rated: values.dropna() for rated, values in scores.items() if values.notna().any()}
    if not len(ill):
        return Criterion("inclusion", words, UNKNOWN, "nobody is labelled depressed")
    if not known:
        told = f"labels are on the scale {scale or 'unknown'!s}; no score on one of the two scales is told"
        return Criterion("inclusion", words, UNKNOWN, told)
    high = pd.Series(False, index=ill.index)
    for rated, values in known.items():
        high.loc[values.index] |= values >= LEAST[rated][0]
    rules = " or ".join(LEAST[rated][1] for rated in known)
    reached, of = int(high.sum()), len(ill)
    return Criterion("inclusion", words, MET if reached == of else NOT_MET, f"{reached} of {of} have {rules}")


def _ages(table: pd.DataFrame) -> Criterion:
    words = "minors, young adults, middle-aged and old people are told apart"
    known = table["age"].dropna() if "age" in table else None
    if known is None or not len(known):
        return Criterion("description", words, UNKNOWN, "no age is told")
    minors = int((known < ADULT).sum())
    state = MET if len(known) == len(table) else NOT_MET
    return Criterion("description", words, state, f"age of {len(known)} of {len(table)} interviews; {minors} minors")


def _genders(table: pd.DataFrame) -> Criterion:
    words = "gender is told, and not restricted"
    known = table["gender"].dropna() if "gender" in table else None
    if known is None or not len(known):
        return Criterion("description", words, UNKNOWN, "no gender is told")
    counts = ", ".join(f"{count} {name}" for name, count in known.value_counts().items())
    state = MET if len(known) == len(table) and known.nunique() > 1 else NOT_MET
    return Criterion("description", words, state, f"{counts}; {len(table) - len(known)} unknown")
