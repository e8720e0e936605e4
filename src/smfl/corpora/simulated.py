"""Whether a corpus on disk is made up, and what its simulator says of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

TRUTH, SETTINGS = "truth.csv", "simulation.json"
"""What was planted, and with which settings: only a simulator writes these."""


def is_simulated(root: Path) -> bool:
    """Whether the people of a corpus's folder are made up."""
    return (root / TRUTH).is_file()


def settings(root: Path) -> dict[str, Any]:
    """A simulator's settings; empty for a corpus of real people."""
    path = root / SETTINGS
    if not is_simulated(root) or not path.is_file():
        return {}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def plants_defects(root: Path) -> bool:
    """Whether the simulator planted the real corpus's defects: only then its known ones are looked for."""
    return bool(settings(root).get("defects"))


def pool(root: Path, people: str) -> str:
    """Whose the participants' keys are (`smfl.interview.Source.people`): made-up people are their seed's alone."""
    if not is_simulated(root):
        return people
    return f"{people}, simulated, seed {settings(root).get('seed', 'unknown')}"
