"""Commands and pages show what was computed elsewhere: they import nothing to compute statistics with."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import smfl.apps

STATISTICS = ("scipy", "sklearn", "numpy.random", "statistics", "random")
FILES = sorted(Path(smfl.apps.__path__[0]).rglob("*.py"))


def imported(file: Path) -> set[str]:
    """The modules that a file names in its imports, and in attributes of numpy."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("np", "numpy"):
            found.add(f"numpy.{node.attr}")
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_apps_import_no_statistics(file: Path) -> None:
    forbidden = {name for name in imported(file) if any(f"{name}.".startswith(f"{one}.") for one in STATISTICS)}
    assert not forbidden
