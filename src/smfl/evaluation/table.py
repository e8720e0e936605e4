"""The comparison as a table of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from smfl.evaluation.graded import GRADES
from smfl.evaluation.metrics import GRADED, METRICS

UNDEFINED = "–"


def cell(figures: Mapping[str, float | None]) -> str:
    """A score as ``mean ± sd [low, high]``; – where undefined.

    Example:
        >>> cell({"mean": 0.7134, "sd": 0.05, "low": 0.6, "high": 0.8})
        '0.71 ± 0.05 [0.60, 0.80]'
        >>> cell({"mean": None, "sd": None, "low": None, "high": None})
        '–'
    """
    if figures["mean"] is None:
        return UNDEFINED
    shown = f"{figures['mean']:.2f}"
    if figures["sd"] is not None:
        shown += f" ± {figures['sd']:.2f}"
    if figures["low"] is not None:
        shown += f" [{figures['low']:.2f}, {figures['high']:.2f}]"
    return shown


def render(document: Mapping[str, Any], metrics: Sequence[str], markdown: bool) -> str:
    """The models' scores, and above and below them what is needed to read them."""
    head = ["model", *(METRICS[name].title for name in metrics), "parameters"]
    rows = [
        [entry["name"], *(cell(entry["metrics"][name]) for name in metrics), _number(entry["parameters"])]
        for entry in document["models"]
    ]
    body = _laid_out(head, rows, markdown)
    return "\n".join([*about(document), "", *body, *_graded(document, markdown), "", *meaning(document)])


def _graded(document: Mapping[str, Any], markdown: bool) -> list[str]:
    """Scores and bands, where the models tell of them: a table each."""
    entries = [entry for entry in document["models"] if entry.get("graded")]
    lines = []
    for task in GRADES:
        names = [name for name in GRADED if GRADED[name].task == task and entries and name in entries[0]["graded"]]
        if names:
            rows = [[entry["name"], *(cell(entry["graded"][name]) for name in names)] for entry in entries]
            lines += ["", *_laid_out([task, *(GRADED[name].title for name in names)], rows, markdown)]
    return lines


def _laid_out(head: Sequence[str], rows: Sequence[Sequence[str]], markdown: bool) -> list[str]:
    """Lines of a table."""
    if markdown:
        return [f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows]]
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    padded = [[text.ljust(width) for text, width in zip(row, widths, strict=True)] for row in [head, *rows]]
    body = ["  ".join(row).rstrip() for row in padded]
    body.insert(1, "  ".join("-" * width for width in widths))
    return body


def about(document: Mapping[str, Any]) -> list[str]:
    """Who was tested and trained on, and what the majority class scores: what stands above every table."""
    n, positives, majority = document["n"], document["positives"], document["majority"]
    scores = majority["metrics"]
    lines = [
        f"{document.get('corpus') or 'corpus without a name'}: {n} interviews of {document['participants']} "
        f"participants, {positives} positive ({positives / n:.0%}); protocol {document.get('protocol', 'unknown')}",
        f"Calling everyone {majority['label']}, the majority, scores accuracy {scores['accuracy']:.2f}, "
        f"balanced accuracy {scores['balanced_accuracy']:.2f}, F1 {scores['f1']:.2f}, "
        f"macro-F1 {scores['macro_f1']:.2f}, AUROC {scores['auroc']:.2f}.",
    ]
    if other := document.get("trained_on"):
        lines.insert(
            1,
            f"Fitted on {other['corpus'] or 'a corpus without a name'}: {other['n']} interviews of "
            f"{other['participants']} participants, {other['positives']} positive "
            f"({other['positives'] / other['n']:.0%})",
        )
    if document.get("simulated"):
        lines.insert(0, "SIMULATED interviews: these figures say nothing about people.")
    return lines


def meaning(document: Mapping[str, Any]) -> list[str]:
    """What ± and brackets mean, and the remarks: what stands below every table."""
    folds, seeds = document.get("folds", 1), len(document.get("seeds", [0]))
    return [
        f"mean ± sd over {folds} fold{'s' * (folds != 1)} × {seeds} seed{'s' * (seeds != 1)}; "
        "[95 % bootstrap interval over participants of the pooled score]; – undefined",
        *document.get("remarks", ()),
    ]


def _number(count: int | None) -> str:
    return UNDEFINED if count is None else f"{count:,}"
