"""Is the winner a winner? Distances from the best model, with intervals that hold for all pairs of models at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smfl.apps.report.figures.curves import ROW
from smfl.apps.report.figures.svg import Panel, num
from smfl.apps.report.words import figure_number, listed, plural, signed

GROUP = 7.0
"""Distance between the bars of two groups."""


def distances(standings: Mapping[str, Any], title: str = "AUROC") -> Panel:
    """Each model's distance from the best, a row a model; bars at the side join those that don't differ significantly.

    Args:
        standings: of ``results.json``.
        title: of the metric.
    """
    rows, groups = standings["models"], standings["groups"]
    low, high = min(row["low"] for row in rows), max(0.0, *(row["high"] for row in rows))
    pad = 0.04 * max(high - low, 0.02)
    panel = Panel(
        "winner",
        f"Distance from the best {title}",
        winner_sentence(standings),
        x=(low - pad, high + pad),
        y=(0.0, 1.0),
        height=ROW * len(rows) + 56,
        left=10,
        right=12 + GROUP * (len(groups) + 1) if groups else 12,
        top=6,
    )
    panel.axes(f"{title} minus that of {standings['best']}", y_ticks=())
    panel.line([(0.0, 0), (0.0, 1)], "reference")
    places = {row["name"]: panel.top + ROW * index + 25 for index, row in enumerate(rows)}
    edge = panel.width - panel.right
    for row in rows:
        middle = places[row["name"]]
        best = row["name"] == standings["best"]
        panel.add(f'<g class="{"apart" if row["apart"] else "m0"}">')
        panel.text(10, middle - 9, row["name"], "row-name")
        words = "the best" if best else f"{signed(row['delta'])}  {between(row['low'], row['high'])}"
        panel.text(edge, middle - 9, words, "row-value", "end")
        if best:
            x, y = num(panel.at_x(0.0)), num(middle)
            panel.add(f'<path class="dot" d="M{x} {y}m-5.5 0l5.5 -5.5l5.5 5.5l-5.5 5.5z"/>')
        else:
            ends = (num(panel.at_x(row["low"])), num(panel.at_x(row["high"])))
            panel.add(f'<path class="whisker" d="M{ends[0]} {num(middle)}H{ends[1]}"/>')
            panel.add(f'<circle class="dot" cx="{num(panel.at_x(row["delta"]))}" cy="{num(middle)}" r="4.5"/>')
        panel.add("</g>")
    for number, group in enumerate(groups):
        x = num(edge + GROUP * (number + 1) + 2)
        top, bottom = places[group[0]] - 6, places[group[-1]] + 6
        panel.add(f'<path class="group" d="M{x} {num(top)}V{num(bottom)}"><title>{len(group)} models</title></path>')
    return panel


def between(low: float, high: float) -> str:
    """An interval of a difference.

    Example:
        >>> between(-0.114, 0.02)
        '[−0.11 to 0.02]'
    """
    return f"[{figure_number(low)} to {figure_number(high)}]"


def winner_sentence(standings: Mapping[str, Any]) -> str:
    """The answer in a sentence: a winner, or those among whom there is none.

    Example:
        >>> rows = [{"name": "a", "apart": False}, {"name": "b", "apart": False}, {"name": "c", "apart": True}]
        >>> winner_sentence({"winner": None, "best": "a", "models": rows})
        'No model is the best: a isn’t significantly better than b.'
    """
    if standings["winner"]:
        return f"{standings['winner']} is significantly better than every other model."
    equals = [row["name"] for row in standings["models"][1:] if not row["apart"]]
    whom = listed(equals if len(equals) <= 4 else [*equals[:3], f"{len(equals) - 3} more"], "or")
    everyone = len(equals) == len(standings["models"]) - 1 and len(equals) > 4
    whom = f"any of the other {plural(len(equals), 'model')}" if everyone else whom
    return f"No model is the best: {standings['best']} isn’t significantly better than {whom}."
