"""The page about a prepared folder: how good the recordings are, which to look at first, and what was repaired."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from smfl.apps.report.figures.quality import AXES, coverage_lanes, spread
from smfl.apps.report.figures.timeline import percent
from smfl.apps.report.words import clock, count, figure_number, listed, plural
from smfl.features import Prepared
from smfl.features.extraction.quality import MEASURES, Facts, facts_in, grade_of, remarks
from smfl.interview.ledger import ACTIONS

MOST_SHOWN = 24
"""Interviews that are shown with what to do; the table has all."""

MOST_NAMED = 6
MOST_KINDS = 30

TABLE = (
    ("quality_coverage_video", "Face"),
    ("quality_coverage_audio", "Voice"),
    ("quality_coverage_text", "Words"),
    ("quality_face_seen", "Face seen"),
    ("quality_voiced", "Voiced"),
    ("quality_snr_db", "Signal to noise"),
    ("quality_clipped", "Clipped"),
    ("quality_silent", "Silent"),
    ("quality_speech", "Speech"),
    ("quality_level_dbfs", "Level"),
    ("quality_words", "Words spoken"),
    ("seconds", "Speaks for"),
    ("quality_seconds", "Length"),
)
"""Columns of the table of all interviews, and their heads."""

ACTION_MEANING = {
    "skipped": "the interview isn’t used",
    "missing": "a modality isn’t there",
    "cut": "sentences were left out",
    "repaired": "a defect was mended",
    "noted": "left as it is",
}
VERDICT = {"poor": "poor", "fair": "worth a look", "good": "nothing to remark", "unknown": "unknown"}


def quality_text(column: str, value: float | None) -> str:
    """A quality fact for reading.

    Example:
        >>> facts = {"quality_face_seen": 0.873, "quality_snr_db": 14.61, "seconds": 83.0, "age": None}
        >>> [quality_text(column, value) for column, value in facts.items()]
        ['87 %', '15 dB', '1:23', '–']
        >>> [quality_text("quality_clipped", value) for value in (0.0, 0.00002)]
        ['0 %', '< 0.1 %']
    """
    if value is None:
        return "–"
    if column.endswith("seconds"):
        return clock(value)
    if "_db" in column:
        return f"{figure_number(value, 0)} dB"
    if column == "quality_words":
        return count(round(value))
    return "0 %" if value == 0 else "< 0.1 %" if value < 0.0005 else percent(value)


def judged(facts: Facts) -> list[dict[str, Any]]:
    """Each quality fact that is known, with what is to be thought of it: the block of one interview.

    Args:
        facts: by column, as the index has them; ``seconds`` and ``quality_…``.
    """
    rows = []
    for column, measure in MEASURES.items():
        value = facts.get(column)
        if value is None or column.startswith("quality_coverage_"):
            continue
        grade = measure.grade(value)
        rows.append(
            {
                "column": column,
                "name": measure.name[:1].upper() + measure.name[1:],
                "words": quality_text(column, value),
                "grade": grade,
                "verdict": VERDICT[grade],
                "advice": measure.advice[:1].upper() + measure.advice[1:] if grade != "good" else "",
            }
        )
    return rows


def quality_context(folder: Path) -> dict[str, Any]:
    """What the template of a prepared folder needs.

    Args:
        folder: what `smfl prepare` wrote.

    Raises:
        FeatureError: where it isn't a finished prepared folder.
    """
    data = Prepared(folder)
    settings = data.schema.source
    interviews = sorted((_interview(row) for row in data.table.to_dict("records")), key=lambda one: one["rank"])
    grades = [one["grade"] for one in interviews]
    corpus = str(settings.get("corpus") or folder.name)
    entries = data.ledger()
    remarked = [one for one in interviews if one["remarks"]]
    facts = [one["facts"] for one in interviews]
    panels = [(MEASURES.get(column), spread(column, title, interviews)) for column, title in TABLE if column in AXES]
    return {
        "title": f"{corpus}: data quality",
        "corpus": corpus,
        "simulated": bool(settings.get("simulated")),
        "summary": _summary(grades),
        "facts": _facts(data, settings, facts),
        "balance": [(grade, words, grades.count(grade)) for grade, words in VERDICT.items() if grade in grades],
        "n": len(interviews),
        "has_measures": any(name.startswith("quality_") and v is not None for one in facts for name, v in one.items()),
        "figures": [panel for _, panel in panels if panel is not None],
        "lanes": coverage_lanes(interviews),
        "first": remarked[:MOST_SHOWN],
        "more": len(remarked) - MOST_SHOWN,
        "columns": [(column, title) for column, title in TABLE if any(one.get(column) is not None for one in facts)],
        "interviews": interviews,
        "quality_text": quality_text,
        "ledger": _ledger(entries),
        "lines": plural(len(entries), "line"),
        "measures": [
            (m.name, _bound(c, m.fair, m.high_is_bad), _bound(c, m.poor, m.high_is_bad), m.advice)
            for c, m in MEASURES.items()
        ],
    }


def _interview(row: Mapping[Any, Any]) -> dict[str, Any]:
    facts = facts_in(row)
    found = remarks(facts)
    poor = sum(remark.grade == "poor" for remark in found)
    return {
        "name": str(row["interview"]),
        "facts": {column: facts.get(column) for column, _ in TABLE} | facts,
        "grades": {remark.column: remark.grade for remark in found},
        "grade": grade_of(facts),
        "rank": (-poor, -len(found), str(row["interview"])),
        "remarks": [
            {
                "grade": remark.grade,
                "name": remark.measure.name,
                "words": quality_text(remark.column, remark.value),
                "advice": remark.measure.advice,
            }
            for remark in found
        ],
    }


def _bound(column: str, value: float, high_is_bad: bool) -> str:
    return f"{'above' if high_is_bad else 'below'} {quality_text(column, value)}"


def _summary(grades: Sequence[str]) -> str:
    """How many interviews are how good, as a sentence."""
    good, fair, poor = (grades.count(grade) for grade in ("good", "fair", "poor"))
    if good == len(grades):
        return (
            f"{plural(len(grades), 'interview')}, and nothing to remark about {'it' if good == 1 else 'any of them'}."
        )
    parts = [
        *([f"{poor} {'is' if poor == 1 else 'are'} poor in something that was measured"] if poor else []),
        *([f"{fair} {'is' if fair == 1 else 'are'} worth a look"] if fair else []),
        *([f"{good} {'has' if good == 1 else 'have'} nothing to remark"] if good else []),
    ]
    return f"Of {plural(len(grades), 'interview')}, {listed(parts)}."


def _facts(data: Prepared, settings: Mapping[str, Any], facts: Sequence[Facts]) -> list[tuple[str, str]]:
    def total(column: str) -> float:
        return sum(one.get(column) or 0.0 for one in facts)

    people, n = data.table["participant"].nunique(), len(data)
    language = str(settings.get("language") or "und")
    sentences = plural(int(data.table["n_sentences"].sum()), "sentence")
    measured_by = [f"{name} ({m.extractor})" for name, m in data.schema.modalities.items()]
    pairs = [
        ("Who", plural(people, "participant") + (f", {plural(n, 'interview')}" if n != people else "")),
        (
            "Speech",
            f"{clock(total('seconds'))} of the participants, in {sentences}",
        ),
        ("Recorded", f"{clock(total('quality_seconds'))} in all" if total("quality_seconds") else ""),
        ("Words", count(total("quality_words")) if total("quality_words") else ""),
        ("Measured", listed(measured_by)),
        ("Language", language if language != "und" else ""),
    ]
    return [(term, words) for term, words in pairs if words]


def _ledger(entries: Sequence[Any]) -> list[dict[str, Any]]:
    """The ledger by action, and in each by kind: lines that differ in numbers only are of one kind."""
    actions = []
    most = max((sum(e.action == action for e in entries) for action in ACTIONS), default=1)
    for action in ACTION_MEANING:
        lines = [entry for entry in entries if entry.action == action]
        kinds: dict[str, list[Any]] = {}
        for entry in lines:
            kinds.setdefault(re.sub(r"\d+(?:\.\d+)?", "#", f"{entry.what} {entry.why}"), []).append(entry)
        if lines:
            ranked = sorted(kinds.values(), key=lambda kind: -len(kind))
            actions.append(
                {
                    "action": action,
                    "meaning": ACTION_MEANING[action],
                    "n": len(lines),
                    "share": f"{100 * len(lines) / most:.1f}",
                    "kinds": [_kind(kind) for kind in ranked[:MOST_KINDS]],
                    "more": max(len(ranked) - MOST_KINDS, 0),
                }
            )
    return actions


def _kind(entries: Sequence[Any]) -> dict[str, Any]:
    who = list(dict.fromkeys(entry.interview or "the corpus" for entry in entries))
    rest = f" and {len(who) - MOST_NAMED} more" if len(who) > MOST_NAMED else ""
    return {
        "n": len(entries),
        "what": entries[0].what,
        "why": entries[0].why,
        "who": ", ".join(who[:MOST_NAMED]) + rest,
    }
