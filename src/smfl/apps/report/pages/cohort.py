"""The page about who is in a prepared corpus: Table 1, balance, sentences, what M keeps, modalities, criteria."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any

from smfl.apps.report.figures.svg import Panel, num, ticks
from smfl.apps.report.words import count, listed, plural
from smfl.evaluation.histogram import histogram
from smfl.features.criteria import MET, NOT_MET
from smfl.pipeline.describe import AGE_GROUPS, LABELS, UNKNOWN, Description, Group

HUES = {LABELS[1]: "m3", LABELS[0]: "m2", LABELS[None]: "mx"}
"""The colour of each label, the same in every figure."""

ROW, BAR = 26.0, 15.0
BINS = 20
MARKED = 3
"""Of the thresholds, so many are marked in the figure of sentences."""


def cohort_context(
    told: Description, people: Sequence[float], scores: Sequence[tuple[int | None, float]]
) -> dict[str, Any]:
    """What the page's template needs.

    Args:
        told: the description.
        people: sentences of each participant.
        scores: label and score of each interview that has a score.
    """
    figures = [_ages(told.groups), _sentences(people, told), _kept(told), _scores(scores, told)]
    return {
        "title": f"{told.corpus}: who is in it",
        "corpus": told.corpus,
        "simulated": told.simulated,
        "summary": _summary(told),
        "facts": _facts(told),
        "balance": _balance(told),
        "table": _table(told.groups),
        "figures": [{"title": panel.title, "words": panel.description, "panel": panel} for panel in figures if panel],
        "thresholds": told.thresholds,
        "prepared_m": told.settings.get("max_sentences"),
        "coverage": [
            {"name": name, "share": f"{share:.0%}", "of": told.sentence_coverage.get(name), **told.columns[name]}
            for name, share in told.coverage.items()
        ],
        "criteria": told.criteria,
        "marks": {MET: "✓", NOT_MET: "✗"},
        "ledger": told.ledger,
        "settings": [(name, str(value)) for name, value in told.settings.items() if not isinstance(value, dict)],
    }


def _summary(told: Description) -> str:
    who = f"{plural(told.interviews, 'interview')} of {plural(told.participants, 'participant')}"
    labels = listed(f"{n} {label}" for label, n in told.labels.items() if n)
    return f"{who}: {labels}. {told.label_rule[:1].upper()}{told.label_rule[1:]}."


def _facts(told: Description) -> list[tuple[str, str]]:
    own = told.people_sentences
    facts = [
        ("Who", f"{plural(told.participants, 'participant')}, {plural(told.interviews, 'interview')}"),
        ("Label rule", f"{told.label_rule}{f' (scale {told.scale})' if told.scale else ''}"),
        ("Language", str(told.settings.get("language", "unknown"))),
        (
            "Sentences",
            f"{own['median']:.0f} a person (median; {own['smallest']:.0f} to {own['largest']:.0f}), "
            f"{count(own['total'])} in all",
        ),
    ]
    if told.people_seconds:
        spread = told.people_seconds
        minutes = [spread[key] / 60 for key in ("median", "smallest", "largest")]
        total = spread["total"] / 60
        whole = f"{total / 60:.1f} h" if total >= 60 else f"{total:.1f} min"
        facts.append(
            ("Speech", f"{minutes[0]:.1f} min a person (median; {minutes[1]:.1f} to {minutes[2]:.1f}), {whole} in all")
        )
    if told.splits:
        facts.append(("Official split", ", ".join(f"{n} {part}" for part, n in told.splits.items())))
    if told.cut["sentences"]:
        cut = told.cut
        lost = f"{cut['sentences']} of {cut['of']} sentences"
        facts.append(("Cut by M", f"{lost} in {plural(cut['interviews'], 'interview')}"))
    return facts


def _balance(told: Description) -> dict[str, Any] | None:
    if told.balance is None:
        return None
    ill, well = told.labels[LABELS[1]], told.labels[LABELS[0]]
    return {
        "positives": ill,
        "negatives": well,
        "n": ill + well,
        "percent": f"{told.balance * 100:.0f}",
        "majority": f"{told.majority_accuracy:.2f}",
        "weights": [(label, f"{weight:.2f}") for label, weight in told.class_weights.items()],
    }


def _table(groups: Sequence[Group]) -> dict[str, Any]:
    """Table 1: a row a label and gender, a column an age group, the oldest first as in the paper."""
    order = [*(name for name, _ in reversed(AGE_GROUPS)), UNKNOWN]
    ages = [name for name in order if any(group.age_group == name for group in groups)]
    cells = {(g.label, g.gender, g.age_group): g.participants for g in groups}
    pairs = list(dict.fromkeys((g.label, g.gender) for g in groups))
    rows = [(label, gender, [cells.get((label, gender, age), 0) for age in ages]) for label, gender in pairs]
    total = [sum(row[i] for _, _, row in rows) for i in range(len(ages))]
    return {"ages": ages, "rows": [(*row, sum(row[2])) for row in rows], "total": (total, sum(total))}


def _ages(groups: Sequence[Group]) -> Panel:
    """Participants by age group and gender, a bar a pair, divided by label."""
    order = [*(name for name, _ in AGE_GROUPS), UNKNOWN]
    pairs = [(age, gender) for age in order for gender in ("female", "male", "other", UNKNOWN)]
    bars = {
        pair: {
            label: sum(g.participants for g in groups if (g.age_group, g.gender, g.label) == (*pair, label))
            for label in LABELS.values()
        }
        for pair in pairs
    }
    shown = [(pair, parts) for pair, parts in bars.items() if sum(parts.values())]
    most = max((sum(parts.values()) for _, parts in shown), default=1)
    panel = Panel(
        "ages",
        "Participants by age, gender and label",
        "",
        x=(0, most),
        y=(0, 1),
        height=ROW * len(shown) + 60,
        left=132,
        top=8,
    )
    panel.axes("", x_ticks=[t for t in ticks(0, most) if t == int(t)], y_ticks=())
    told = []
    for place, ((age, gender), parts) in enumerate(shown):
        y, at = panel.top + ROW * place + (ROW - BAR) / 2, 0.0
        panel.text(panel.left - 8, y + BAR - 4, f"{age}, {gender}", "label", "end")
        for label, n in parts.items():
            if n:
                words = f"{age}, {gender}: {n} {label}"
                _bar(panel, panel.at_x(at), y, panel.at_x(at + n) - panel.at_x(at) - 1, BAR, HUES[label], words)
                told.append(words)
                at += n
    _key(panel, [label for label in LABELS.values() if any(parts[label] for _, parts in shown)])
    panel.description = f"{'; '.join(told)}."
    return panel


def _bar(panel: Panel, x: float, y: float, width: float, height: float, hue: str, words: str) -> None:
    shape = f'x="{num(x)}" y="{num(y)}" width="{num(max(width, 1.0))}" height="{num(height)}" rx="2"'
    panel.add(f'<g class="{hue}"><rect {shape} style="fill:var(--hue)"><title>{escape(words)}</title></rect></g>')


def _key(panel: Panel, labels: Sequence[str]) -> None:
    """Which colour is which label, above the axis' own label."""
    x = panel.width - panel.right
    for label in reversed(labels):
        panel.text(x, panel.height - 8, label, "label", "end")
        x -= 7.0 * len(label)
        shape = f'cx="{num(x - 4)}" cy="{num(panel.height - 12)}" r="4"'
        panel.add(f'<g class="{HUES[label]}"><circle {shape} style="fill:var(--hue)"/></g>')
        x -= 16


def _sentences(people: Sequence[float], told: Description) -> Panel | None:
    """How many sentences a person says, with lines at thresholds."""
    if not people:
        return None
    low, high = 0.0, max(people) * 1.05
    edges = [low + (high - low) * k / BINS for k in range(BINS + 1)]
    counts = histogram(people, edges)
    panel = Panel("sentences", "Sentences a person says", "", x=(low, high), y=(0, max(counts) * 1.12))
    panel.axes("sentences", "participants", y_ticks=[t for t in ticks(0, max(counts)) if t == int(t)])
    floor = panel.at_y(0)
    for (a, b), n in zip(pairwise(edges), counts, strict=True):
        if n:
            x, width = panel.at_x(a), panel.at_x(b) - panel.at_x(a) - 1
            words = f"{a:.0f} to {b:.0f} sentences: {plural(n, 'participant')}"
            _bar(panel, x, panel.at_y(n), width, floor - panel.at_y(n), "m0", words)
    for one in [t for t in told.thresholds if t.m < high][:MARKED]:
        panel.line([(one.m, 0), (one.m, panel.y[1])], "reference")
        panel.text(panel.at_x(one.m) + 3, panel.top + 10, f"M {one.m}", "tick")
    own = told.people_sentences
    panel.description = (
        f"{own['smallest']:.0f} to {own['largest']:.0f} sentences, median {own['median']:.0f}. Lines mark thresholds M."
    )
    return panel


def _kept(told: Description) -> Panel | None:
    """The share of sentences and of speech time that each threshold keeps."""
    if len(told.thresholds) < 2:
        return None
    last = told.thresholds[-1].m
    panel = Panel("kept", "What a threshold M keeps", "", x=(0, last * 1.05), y=(0, 1.02))
    panel.axes("threshold M", "share kept")
    lines = (("m0", "sentences", "sentence_share"), ("m1", "speech time", "second_share"))
    for place, (hue, name, field) in enumerate(lines):
        points = [(0.0, 0.0), *((one.m, getattr(one, field)) for one in told.thresholds)]
        panel.add(f'<g class="model {hue} on">')
        panel.line(points, "curve")
        for m, share in points[1:]:
            panel.dot(m, share, "dot", radius=4, title=f"M = {m:g} keeps {share:.0%} of the {name}")
        panel.add("</g>")
        colour = f' style="fill:var(--{hue})"'
        panel.text(panel.width - panel.right, panel.at_y(0.1 + 0.1 * place), name, "label", "end", colour)
    panel.description = (
        "; ".join(
            f"M = {one.m} keeps {one.sentence_share:.0%} of the sentences and {one.second_share:.0%} of the speech time"
            for one in told.thresholds
        )
        + "."
    )
    return panel


def _scores(scores: Sequence[tuple[int | None, float]], told: Description) -> Panel | None:
    """How scores are spread, by label."""
    if not scores:
        return None
    values = [score for _, score in scores]
    low, high = min(0.0, *values), max(values) + 1
    width = max(1.0, (high - low) / 30)
    edges = [low + width * k for k in range(int((high - low) / width) + 2)]
    by_label = {name: histogram([s for y, s in scores if LABELS[y] == name], edges) for name in LABELS.values()}
    stacks = [dict(zip(by_label, counts, strict=True)) for counts in zip(*by_label.values(), strict=True)]
    most = max(sum(stack.values()) for stack in stacks)
    scale = f" ({told.scale})" if told.scale else ""
    panel = Panel("scores", f"Scores{scale} by label", "", x=(low, edges[-1]), y=(0, most * 1.05))
    panel.axes("", "interviews", y_ticks=[t for t in ticks(0, most) if t == int(t)])
    for (a, b), stack in zip(pairwise(edges), stacks, strict=True):
        base = 0
        for name, n in stack.items():
            if n:
                top = panel.at_y(base + n)
                words = f"{a:g} to under {b:g}: {n} {name}"
                wide, tall = panel.at_x(b) - panel.at_x(a) - 1, panel.at_y(base) - top
                _bar(panel, panel.at_x(a), top, wide, tall, HUES[name], words)
                base += n
    present = [name for name in LABELS.values() if any(stack[name] for stack in stacks)]
    _key(panel, present)
    panel.description = f"{plural(len(values), 'interview')} with a score, {min(values):g} to {max(values):g}."
    return panel


def write_cohort(prepared: Path | str, out: Path) -> Path:
    """Write the page about a prepared folder.

    Args:
        prepared: the folder.
        out: the page; a folder means ``cohort.html`` in it.

    Returns:
        The page's path.

    Raises:
        FeatureError: where the folder isn't a prepared one.
    """
    from smfl.apps.report.rendering import render, write
    from smfl.features import Prepared
    from smfl.pipeline.describe import describe

    data = Prepared(prepared)
    people = data.table.groupby("participant")["n_sentences"].sum().astype(float).tolist()
    known = data.table[data.table["score"].notna()]
    labels = [None if label != label or label is None else int(label) for label in known["label"].astype(float)]
    scores = list(zip(labels, known["score"].astype(float).tolist(), strict=True))
    page = out / "cohort.html" if out.is_dir() else out
    write(render("cohort.html.jinja", cohort_context(describe(data), people, scores)), page)
    return page
