"""Which model scores what: the table's columns and rows, and the careful sentence above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smfl.apps.report.figures.curves import colour
from smfl.apps.report.figures.winner import winner_sentence
from smfl.apps.report.words import Score, figure_number, plural, signed

FIRST_METRICS = ("auroc", "macro_f1", "balanced_accuracy", "f1", "precision", "recall", "specificity", "accuracy")
"""The order of the table's columns: what needs no threshold first, then the paper's five; others follow."""

CHANCE = 0.5
"""The AUROC of guessing."""

MODALITY_WORDS = {"video": "face", "audio": "voice", "text": "words"}
Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A metric's column.

    Args:
        key: in `results.json`.
        title: as the table's head shows it.
        formula: for the notes; empty where the metric isn't one of ours.
        source: equation of the paper, or citation.
        higher_is_better: direction.
        winner: the model that is significantly better than every other one, if any.
    """

    key: str
    title: str
    formula: str
    source: str
    higher_is_better: bool
    winner: str | None


def is_ideal(model: Record) -> bool:
    """Whether a row is the ideal observer of a simulated corpus: a ceiling, which takes no part in the ranking."""
    return "ideal" in str(model["name"]).lower()


def rivals(models: Sequence[Record]) -> list[Record]:
    """The models proper."""
    return [model for model in models if not is_ideal(model)]


def columns(models: Sequence[Record], winners: Record) -> list[Column]:
    """The metrics that any model has, in the table's order.

    Args:
        models: of ``results.json``.
        winners: by metric, the model that is significantly better than every other one.
    """
    from smfl.evaluation import METRICS
    from smfl.evaluation.ranking import constant_models

    there = dict.fromkeys(key for model in models for key in model["metrics"])
    order = [key for key in FIRST_METRICS if key in there] + [key for key in there if key not in FIRST_METRICS]
    constant = constant_models(rivals(models))
    found = []
    for key in order:
        known = METRICS.get(key)
        higher = known.higher_is_better if known else True
        winner = None if winners.get(key) in constant else winners.get(key)
        title = known.title if known else key.replace("_", " ")
        formula, source = (known.formula, known.source) if known else ("", "")
        found.append(Column(key, title, formula, source, higher, winner))
    return found


def scores(models: Sequence[Record], key: str) -> dict[str, Score]:
    """One metric of every model proper, by name."""
    return {model["name"]: Score.of(model["metrics"].get(key)) for model in rivals(models)}


def findings(models: Sequence[Record], found: Sequence[Column], standings: Record | None) -> str:
    """One careful sentence about the first metric: what is highest, and whether that means anything."""
    from smfl.evaluation.ranking import best_first

    if not found:
        return ""
    first = found[0]
    of = scores(models, first.key)
    ranked = best_first(rivals(models), first.key)
    if not ranked:
        return ""
    judged = standings if standings and standings["metric"] == first.key else None
    name = judged["best"] if judged else ranked[0]
    best = of[name]
    interval = f" (95 % interval {best.interval_text.strip('[]')})" if best.interval_text else ""
    lucky = first.key == "auroc" and best.low is not None and best.low <= CHANCE
    chance = f" Chance, {CHANCE}, is inside {'that interval' if judged else 'it'}." if lucky else ""
    score = figure_number(best.centre if judged else best.mean)
    if len(ranked) == 1:
        return f"{name} has {_article(first.title)} {first.title} of {score}{interval}.{chance}"
    head = f"{name} has the {'highest' if first.higher_is_better else 'lowest'} {first.title}, {score}{interval}"
    if judged:
        return f"{head}.{chance} {winner_sentence(judged)}"
    then = f"{ranked[1]} follows with {of[ranked[1]].mean_text}"
    return f"{head}; {then}, and nothing here shows whether the difference is due to chance.{chance}"


def _article(word: str) -> str:
    return "an" if word[:1].upper() in "AEFIMO" else "a"


def rows(models: Sequence[Record], found: Sequence[Column], fits: int) -> list[dict[str, Any]]:
    """The table's rows: the models in the order of the results, the ideal observer last.

    Args:
        models: of ``results.json``.
        found: the columns.
        fits: how many times each model was fitted.
    """
    made = []
    for index, model in enumerate([*rivals(models), *filter(is_ideal, models)]):
        used, parameters = model.get("modalities") or (), model.get("parameters")
        about = " + ".join(MODALITY_WORDS.get(name, name) for name in used)
        if is_ideal(model):
            about = "knows how the people were made; nothing can do better"
        cells = [
            {
                "score": Score.of(model["metrics"].get(column.key)),
                "undefined": _undefined(model["metrics"].get(column.key)),
                "best": column.winner == model["name"],
                "column": column,
            }
            for column in found
        ]
        made.append(
            {
                "name": model["name"],
                "about": about,
                "parameters": plural(parameters, "parameter") if parameters else "",
                "time": time_text(model["seconds"] / fits) + " a fit" if model.get("seconds") else "",
                "ideal": is_ideal(model),
                "colour": "" if is_ideal(model) else colour(index),
                "cells": cells,
            }
        )
    return made


def time_text(seconds: float) -> str:
    """How long it took.

    Example:
        >>> time_text(0.004), time_text(12.34), time_text(754)
        ('< 0.1 s', '12.3 s', '12.6 min')
    """
    if seconds < 0.05:
        return "< 0.1 s"
    return f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.1f} min"


def _undefined(figures: Any) -> int:
    return int(figures.get("undefined") or 0) if isinstance(figures, Mapping) else 0


def differences(models: Sequence[Record], standings: Record | None) -> list[dict[str, str]]:
    """How far each model is from the first on the same people, its rank, and how often it would be the best."""
    made = []
    ranks = {row["name"]: row for row in (standings or {"models": ()})["models"]}
    for model in rivals(models):
        found, first = model.get("difference"), model.get("ranked_first")
        if not found and first is None:
            continue
        delta = Score.of({"mean": found.get("delta"), **found}) if found else None
        p = found.get("p") if found else None
        made.append(
            {
                "name": model["name"],
                "delta": signed(delta.mean) if delta else "the reference",
                "interval": delta.interval_text if delta else "",
                "p": "" if p is None else "< 0.001" if p < 0.001 else figure_number(p, 3),
                "rank": _rank(ranks.get(model["name"])),
                "first": "–" if first is None else f"{100 * first:.0f} %",
                "share": "0" if first is None else f"{100 * first:.1f}",
            }
        )
    return made


def _rank(row: Record | None) -> str:
    if row is None:
        return "–"
    low, high = (round(row[end], 1) for end in ("rank_low", "rank_high"))
    return f"{row['rank']:.1f} [{low:g}–{high:g}]"
