"""What models chose in fitting, as the page of a comparison shows it: a row a fit, and how stable the choice is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smfl.apps.report.words import figure_number
from smfl.pipeline.comparison.choices import alone, lifting, losses_of, searched, settings_of, stability


def choices_context(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Rows and sentences for the template; no rows where nothing was searched for.

    Args:
        facts: ``results.json``.

    Example:
        >>> fit = {"seed": 0, "fold": 1, "strong": "text", "weak": ["video"], "unimodal_scores": {"text": 0.7}}
        >>> [row] = choices_context({"models": [{"name": "smfl", "choices": [fit]}]})["rows"]
        >>> row["fit"], row["lifts"], row["alone"], row["settings"]
        ('seed 0, fold 1', 'text lifts video', 'text .70', '')
    """
    rows = [
        {
            "name": name,
            "fit": f"seed {one['seed']}, fold {one['fold']}",
            "lifts": lifting(one) if "unimodal_scores" in one else "",
            "alone": alone(one),
            "settings": settings_of(one),
            "losses": _losses(one),
        }
        for name, chosen in searched(facts["models"])
        for one in chosen
    ]
    return {
        "rows": rows,
        "told": stability(facts["models"]),
        "roles": any(row["alone"] for row in rows),
        "settings": any(row["settings"] for row in rows),
    }


def _losses(choice: Mapping[str, Any]) -> str:
    """Inner losses before and after; one number where the model stayed as it was."""
    before, after = losses_of(choice)
    if "tuning" not in choice:
        return ""
    return figure_number(before) if before == after else f"{figure_number(before)} → {figure_number(after)}"
