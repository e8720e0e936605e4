"""What commands print on stdout: a readable table, or one JSON object."""

from __future__ import annotations

import json
import math
import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from smfl.interview import Entry
    from smfl.pipeline.describe import Description

SIMULATED = "SIMULATED: the people are made up; nothing here says anything about real ones."
FIRST = 8
"""Lines of the ledger that are shown; the file has them all."""


def print_json(document: Any) -> None:
    """One JSON object; what isn't a finite number is null, as JSON has it."""
    click.echo(json.dumps(_plain(document), indent=1, ensure_ascii=False, allow_nan=False))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, title: str = "") -> None:
    """A table as wide as the terminal, or as it needs to be where stdout is a file."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 140
    if title:
        click.echo(title)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for i, column in enumerate(columns):
        number = bool(rows) and all(isinstance(row[i], (int, float)) or row[i] in ("", "–") for row in rows)
        table.add_column(column, justify="right" if number else "left", overflow="fold")
    for row in rows:
        table.add_row(*("–" if cell is None else str(cell) for cell in row))
    Console(file=sys.stdout, width=width, highlight=False, markup=False).print(table)


def print_banner(simulated: bool) -> None:
    """Say it where people are made up."""
    if simulated:
        click.echo(SIMULATED)


def print_shift(document: Mapping[str, Any]) -> None:
    """How far the tested corpus is from the one trained on: class balance, and columns by modality."""
    sides = {"trained on": document["trained_on"], "tested on": document["tested_on"]}
    balance = [
        f"{verb} {one['positives']} of {one['n']} ({one['positives'] / one['n']:.0%})" for verb, one in sides.items()
    ]
    click.echo(f"\nPositive: {', '.join(balance)}")
    found: Mapping[str, Any] = document["shift"]["modalities"]
    if not found:
        return
    beyond = [f"beyond {far} sd" for far in next(iter(found.values()))["beyond"]]
    rows = [
        (
            name,
            one["columns"],
            *(_share(share) for share in one["beyond"].values()),
            ", ".join(f"{far['column']} {far['distance']:+.1f}" for far in one["farthest"]) or "–",
        )
        for name, one in found.items()
    ]
    print_table(("modality", "columns", *beyond, "farthest, sd"), rows, title="Shift from training to test people")
    for name, one in found.items():
        if lone := one["incomparable"]:
            click.echo(f"{name}: can't be compared: {', '.join(lone[:FIRST])}{', …' if len(lone) > FIRST else ''}")


def print_chosen(models: Sequence[Mapping[str, Any]]) -> None:
    """What models chose by their training people: a line each; of a single fit, what it was."""
    from smfl.pipeline.comparison.choices import alone, lifting, searched, settings_of, stability

    for name, rows in searched(models):
        if len(rows) > 1:
            continue
        if scores := alone(rows[0]):
            click.echo(f"{name}: {lifting(rows[0]) or 'nothing is lifted'} (AUROC alone on training people: {scores})")
        if settings := settings_of(rows[0]):
            click.echo(f"{name}: settings after {rows[0]['tuning']['trials']} trials: {settings}")
    several = [model for model in models if len(model.get("choices", ())) > 1]
    for line in stability(several):
        click.echo(line)


def ledger_document(entries: Sequence[Entry]) -> dict[str, Any]:
    """The ledger as ``--json`` has it."""
    return {"counts": _counts(entries), "entries": [entry.as_dict() for entry in entries]}


def print_ledger(entries: Sequence[Entry]) -> None:
    """How many lines of each action, and the first of them, the gravest first."""
    if not entries:
        click.echo("Ledger: nothing had to be repaired, nothing was skipped.")
        return
    counts = ", ".join(f"{count} {action}" for action, count in _counts(entries).items())
    gravest = ("skipped", "missing", "repaired", "cut", "noted")
    ranked = sorted(entries, key=lambda entry: gravest.index(entry.action))
    rows = [(e.interview or "(all)", e.action, e.what, " – ".join(t for t in (e.where, e.why) if t)) for e in ranked]
    print_table(("interview", "action", "what", "where, why"), rows[:FIRST], title=f"Ledger: {counts}")
    if len(rows) > FIRST:
        click.echo(f"… and {len(rows) - FIRST} more lines in ledger.jsonl")


def print_description(d: Description) -> None:
    """Who is in it: Table 1, label rule and balance, sentences, modalities."""
    print_banner(d.simulated)
    people = f"{d.interviews} interviews of {d.participants} participants"
    click.echo(f"{d.corpus}: {people}; " + ", ".join(f"{n} {label}" for label, n in d.labels.items() if n))
    if d.label_rule:
        click.echo(f"Label: {d.label_rule}" + (f" (scale {d.scale})" if d.scale else ""))
    if d.balance is not None and d.majority_accuracy is not None:
        weights = ", ".join(f"{label} {weight:.2f}" for label, weight in d.class_weights.items())
        click.echo(
            f"Balance: {d.balance:.0%} depressed; calling everyone the commoner class scores accuracy "
            f"{d.majority_accuracy:.2f}. Class weights (Eq. 1–2): {weights}"
        )
    ages = list(dict.fromkeys(group.age_group for group in d.groups))
    cells = {(g.label, g.gender, g.age_group): g.participants for g in d.groups}
    pairs = list(dict.fromkeys((g.label, g.gender) for g in d.groups))
    rows: list[list[Any]] = []
    for label, gender in pairs:
        counts = [cells.get((label, gender, age), 0) for age in ages]
        rows.append([label, gender, *counts, sum(counts)])
    rows.append(["all", "", *(sum(row[i] for row in rows) for i in range(2, len(ages) + 3))])
    print_table(("label", "gender", *ages, "total"), rows, title="Participants by label, gender and age group")
    spread = [("sentences", "interview", *_spread(d.sentences)), ("", "person", *_spread(d.people_sentences))]
    if d.seconds is not None and d.people_seconds is not None:
        spread += [("speech, s", "interview", *_spread(d.seconds)), ("", "person", *_spread(d.people_seconds))]
    print_table(("", "of one", "least", "median", "most", "all together"), spread)
    kept = [
        (one.m, one.sentences, f"{one.sentence_share:.1%}", f"{one.second_share:.1%}", one.interviews_cut)
        for one in d.thresholds
    ]
    print_table(("threshold M", "sentences kept", "share", "of speech time", "interviews cut"), kept)
    if d.cut["sentences"]:
        click.echo(
            f"While it was prepared, M cut {d.cut['sentences']} of {d.cut['of']} sentences in {d.cut['interviews']} "
            "interviews; they aren't in the table above."
        )
    rows = [
        [
            name,
            f"{d.coverage[name]:.0%}",
            _share(d.sentence_coverage.get(name)),
            m["columns"],
            m["level"],
            m["rate_hz"] or "–",
            m["extractor"],
        ]
        for name, m in d.columns.items()
    ]
    print_table(("modality", "interviews", "sentences", "columns", "level", "frames/s", "measured by"), rows)
    criteria = [(one.kind, one.words, one.state, one.told) for one in d.criteria]
    print_table(("", "the paper's criterion (§2.1)", "kept to", "what the metadata say"), criteria)
    if d.splits:
        click.echo("The corpus's own split: " + ", ".join(f"{n} {part}" for part, n in d.splits.items()))
    if d.ledger:
        click.echo("Ledger: " + ", ".join(f"{n} {action}" for action, n in d.ledger.items()) + " (ledger.jsonl)")


def _spread(values: Mapping[str, float]) -> list[str]:
    return [f"{values[key]:.4g}" if key != "total" else f"{values[key]:.0f}" for key in values]


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def _counts(entries: Sequence[Entry]) -> dict[str, int]:
    found = [entry.action for entry in entries]
    return {action: found.count(action) for action in dict.fromkeys(sorted(found))}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return _plain(value.item()) if hasattr(value, "item") else str(value)
