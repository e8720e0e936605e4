"""The tables of a comparison on its page: those of the paper, those of modalities, each with its figures as words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smfl.apps.report.words import Score
from smfl.evaluation import METRICS
from smfl.pipeline.comparison.table_formats import cost_cells
from smfl.pipeline.comparison.tables import PUBLISHED, Table, tables_of


def comparison_tables(facts: Mapping[str, Any], *, published: bool) -> list[Table]:
    """Every table that the results have the rows for, with the titles of the models' register.

    Args:
        facts: ``results.json``.
        published: with what the paper printed.
    """
    from smfl.training import MODELS

    return tables_of(facts, {name: entry.title for name, entry in MODELS.items()}, published=published)


def table_context(table: Table) -> dict[str, Any]:
    """A table as its template needs it."""
    return {
        "key": table.key,
        "title": table.title,
        "heads": [METRICS[name].title for name in table.columns],
        "costs": table.costs,
        "notes": table.notes,
        "rows": [
            {
                "title": line.title,
                "name": "" if line.source == PUBLISHED else line.name,
                "published": line.source == PUBLISHED,
                "cells": [Score.of(line.figures(name)) for name in table.columns],
                "costs": cost_cells(line),
            }
            for line in table.lines
        ],
    }
