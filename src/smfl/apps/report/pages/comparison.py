"""The page about a comparison of models: what a results folder says, as words, a table and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from smfl.apps.report.figures.curves import calibration, colour, curves, forest, losses, strip
from smfl.apps.report.figures.modalities import modality_figure
from smfl.apps.report.figures.svg import Panel
from smfl.apps.report.figures.winner import distances, winner_sentence
from smfl.apps.report.pages.choices import choices_context
from smfl.apps.report.pages.comparison_tables import table_context
from smfl.apps.report.pages.graded import graded
from smfl.apps.report.rendering import TEMPLATES
from smfl.apps.report.source import Comparison
from smfl.apps.report.standings import Column, columns, differences, findings, is_ideal, rivals, rows
from smfl.apps.report.words import Score, clock_date, count, figure_number, listed, plural, signed
from smfl.evaluation.curves import confusion
from smfl.pipeline.comparison.row_names import RowName
from smfl.pipeline.comparison.tables import Table, fits_of, modality_rows, table_key


def environment_rows(environment: Any) -> list[tuple[str, str]]:
    """A record of the environment as rows; what is nested is written with dots.

    Example:
        >>> environment_rows({"python": "3.12", "packages": {"torch": "2.13"}})
        [('python', '3.12'), ('packages.torch', '2.13')]
    """
    if not isinstance(environment, Mapping):
        return [("environment", str(environment))] if environment else []
    found: list[tuple[str, str]] = []
    for key, value in environment.items():
        if isinstance(value, Mapping):
            found += [(f"{key}.{inner}", words) for inner, words in environment_rows(value)]
        else:
            found.append((str(key), ", ".join(map(str, value)) if isinstance(value, list) else str(value)))
    return found


def _balance(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Class balance, and what always giving the more frequent answer scores."""
    n, positives = int(facts["n"]), int(facts["positives"])
    always = (facts.get("majority") or {}).get("metrics") or {}
    return {
        "n": n,
        "positives": positives,
        "negatives": n - positives,
        "percent": f"{positives / n * 100:.0f}" if n else "–",
        "always": [(title, figure_number(always.get(key))) for key, title in _ALWAYS if always.get(key) is not None],
        "answer": "depressed" if 2 * positives > n else "not depressed",
        "accuracy_step": figure_number(1 / n, 3) if n else "–",
        "recall_step": figure_number(1 / positives, 3) if positives else "–",
    }


_ALWAYS = (("accuracy", "accuracy"), ("balanced_accuracy", "balanced accuracy"), ("macro_f1", "macro-F1"))


def _how_many(value: Any) -> int | None:
    if isinstance(value, list | tuple):
        return len(value)
    return int(value) if isinstance(value, int | float) else None


def _design(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was done on whom: terms and what they are here."""
    environment = facts.get("environment") or {}
    folds, seeds = _how_many(facts.get("folds")), _how_many(facts.get("seeds"))
    runs = " × ".join([*([plural(folds, "fold")] if folds else []), *([plural(seeds, "seed")] if seeds else [])])
    recipe = f"; networks by the {facts['recipe']} recipe" if facts.get("recipe") else ""
    n, participants = int(facts["n"]), facts.get("participants") or facts["n"]
    who = plural(participants, "participant") + (f", {plural(n, 'interview')}" if n != participants else "")
    split, date = facts.get("split_hash"), facts.get("date") or environment.get("date")
    return [
        ("Who", f"{who}; {facts['positives']} labelled depressed"),
        *_labels(facts),
        ("Protocol", ": ".join(filter(None, [str(facts["protocol"]), facts.get("protocol_meaning")]))),
        ("Runs", f"{runs}, for each model{recipe}" if runs else "not recorded"),
        ("Split", f"{str(split)[:16]}, a hash of who is tested in which fold" if split else "not recorded"),
        ("Date", clock_date(str(date)) if date else "not recorded"),
    ]


def _labels(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """How labels came about; and who was trained on and by which labels, where that is another corpus."""
    other = facts.get("trained_on")
    if not other:
        return [("Label rule", str(facts.get("label_rule") or "not recorded"))]
    who = f"{plural(other['participants'], 'participant')}, {plural(other['n'], 'interview')}"
    rules = [
        ", ".join(filter(None, [one.get("label_rule") or "not recorded", one.get("scale")]))
        for one in (other, facts["tested_on"])
    ]
    return [
        (
            "Trained on",
            f"{other['corpus'] or 'a corpus without a name'}: {who}; {other['positives']} labelled depressed",
        ),
        ("Label rules", f"trained on: {rules[0]}; tested on: {rules[1]}"),
    ]


def _shift(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """By modality: how many columns, which share is beyond each distance, and the farthest with theirs."""
    return [
        {
            "name": name,
            "columns": count(one["columns"]),
            "beyond": ["–" if share is None else f"{share * 100:.0f} %" for share in one["beyond"].values()],
            "farthest": ", ".join(f"{far['column']} {signed(far['distance'])}" for far in one["farthest"]) or "–",
            "incomparable": ", ".join(one["incomparable"]),
        }
        for name, one in (facts.get("shift") or {"modalities": {}})["modalities"].items()
    ]


FIRST_SHOWN = 6
"""Models whose participants and losses are open on the page; those of further ones fold out."""


def _figures(comparison: Comparison, found: list[Column]) -> dict[str, Panel]:
    models = comparison.facts["models"]
    names = [model["name"] for model in rivals(models)]
    numbers = {name: index for index, name in enumerate(names)}
    panels: dict[str, Panel] = {}
    if any(column.key == "auroc" for column in found):
        ideal = next((Score.of(model["metrics"].get("auroc")) for model in models if is_ideal(model)), None)
        shown = [(model["name"], Score.of(model["metrics"].get("auroc"))) for model in rivals(models)]
        panels["forest"] = forest(shown, ideal)
    if comparison.facts.get("standings"):
        panels["winner"] = distances(comparison.facts["standings"])
    tested = {name: comparison.predictions[name] for name in names if name in comparison.predictions}
    if tested:
        for kind in ("roc", "precision-recall"):
            panel = curves(tested, names, kind)
            if panel:
                panels[kind] = panel
        panels["calibration"] = calibration(tested, names)
    watched = "test" if comparison.facts["protocol"] == "paper" else "validation"
    for name, runs in comparison.history.items():
        if name in numbers:
            panels[f"loss-{name}"] = losses(name, numbers[name], runs, watched)
    for system, entries in modality_rows(comparison.facts).items():
        panels[f"modalities-{system}"] = modality_figure(f"modalities-{len(panels)}", system, entries)
    for name, pooled in tested.items():
        panels[f"participants-{name}"] = strip(name, numbers[name], pooled)
    return panels


def comparison_context(comparison: Comparison, tables: Sequence[Table]) -> tuple[dict[str, Any], dict[str, str]]:
    """What the template of a comparison needs, and the figures as files of their own.

    Args:
        comparison: a results folder.
        tables: of the paper and of modalities, as `comparison_tables` gives them.

    Returns:
        The template's variables; and SVG files by name (without suffix), which carry their style.
    """
    facts = comparison.facts
    models, found = facts["models"], columns(facts["models"], facts.get("winners") or {})
    panels, told_beside = _figures(comparison, found), graded(comparison)
    panels |= {f"graded-{one.task}": one.panel for one in told_beside}
    style = (TEMPLATES / "figure.css").read_text(encoding="utf-8")
    names, table = [model["name"] for model in rivals(models)], rows(models, found, fits_of(facts))
    shown = {one.key: table_context(one) for one in tables}
    standings = facts.get("standings")
    context = {
        "title": f"{facts['corpus'] or 'corpus without a name'}: {plural(len(names), 'model')} compared",
        "corpus": facts["corpus"] or "corpus without a name",
        "n_models": plural(len(names), "model"),
        "models": [{"name": name, "colour": colour(index)} for index, name in enumerate(names)],
        "design": _design(facts),
        "environment": environment_rows(facts.get("environment")),
        **_warnings(facts),
        "balance": _balance(facts),
        "choices": choices_context(facts),
        "findings": findings(models, found, standings),
        "columns": found,
        "rows": table,
        "apart": any(cell["score"].apart for row in table for cell in row["cells"]),
        "several_seeds": any(len(set(pooled.seeds.tolist())) > 1 for pooled in comparison.predictions.values()),
        "winners": listed(f"{column.title} ({column.winner})" for column in found if column.winner),
        "differences": differences(models, standings),
        "winner_sentence": winner_sentence(standings) if standings else "",
        "critical": figure_number(standings["critical"]) if standings else "",
        "paper_tables": [shown[key] for key in shown if key.startswith(("table-", "published-"))],
        "modality_tables": [
            {"figure": panels[f"modalities-{system}"], **shown[table_key(system)]} for system in modality_rows(facts)
        ],
        "graded": [{**one.context, "figure": panels[f"graded-{one.task}"]} for one in told_beside],
        "first_shown": FIRST_SHOWN,
        "resamples": count(float((facts.get("bootstrap") or {}).get("resamples") or 2000)),
        "figures": panels,
        "loss_figures": [(name, panels[f"loss-{name}"]) for name in comparison.history if f"loss-{name}" in panels],
        "people": [
            {"name": name, "figure": panels[f"participants-{name}"], "counts": _cells(comparison, name)}
            for name in names
            if f"participants-{name}" in panels
        ],
        "has_predictions": bool(comparison.predictions),
    }
    files = {_file_name(name): panel.file(style) for name, panel in panels.items()}
    return context, files | {number: files[_file_name(name)] for number, name in _numbered(panels).items()}


def _warnings(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a reader has to know before any figure: made-up data, optimism, shared participants, other corpora."""
    return {
        "simulated": bool(facts.get("simulated")),
        "optimistic": facts["protocol"] == "paper",
        "watched": "test" if facts["protocol"] == "paper" else "validation",
        "shuffled": bool(facts.get("labels_shuffled")),
        "met": len(facts.get("shared_participants") or ()),
        "shift": _shift(facts),
        "shift_sides": _sides(facts),
        "shift_definition": (facts.get("shift") or {}).get("definition", ""),
        "remarks": [str(remark) for remark in facts.get("remarks") or ()],
    }


def _numbered(panels: Mapping[str, Panel]) -> dict[str, str]:
    """The paper's figures by number: losses (Fig. 5) and modalities (Fig. 6), SMFL's where there is one."""
    found = {}
    for number, kind in (("figure-5", "loss-"), ("figure-6", "modalities-")):
        names = [name for name in panels if name.startswith(kind)]
        if names:
            found[number] = next(
                (name for name in names if RowName.of(name.removeprefix(kind)).model == "smfl"), names[0]
            )
    return found


def _sides(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The class balance of the corpus trained on and of the one tested on."""
    sides = [(words, facts.get(key)) for key, words in (("trained_on", "trained on"), ("tested_on", "tested on"))]
    return [
        (words, f"{one['positives']} of {one['n']} ({one['positives'] / one['n'] * 100:.0f} %)")
        for words, one in sides
        if one
    ]


def _cells(comparison: Comparison, name: str) -> dict[str, str]:
    counts = confusion(comparison.predictions[name])
    return {
        "tn": count(counts.true_negative),
        "fp": count(counts.false_positive),
        "fn": count(counts.false_negative),
        "tp": count(counts.true_positive),
    }


def _file_name(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name)
