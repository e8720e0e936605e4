"""The systems of the paper's tables, as compositions of the same few modules (method: Tables 2–4)."""

from __future__ import annotations

from smfl.interview import choice
from smfl.nn import Composition

COMPOSITIONS: dict[str, Composition] = {
    "smfl": Composition(),
    "tcn-sentence": Composition(
        context_levels=0,
        self_attention=False,
        lstm=False,
        fused=False,
        cross_attention=False,
        cmjat=False,
        pooling_heads=0,
    ),
}


def composition_named(name: str) -> Composition:
    """The composition of this name.

    Example:
        >>> composition_named("smfl").cmjat
        True
    """
    return COMPOSITIONS[choice(name, list(COMPOSITIONS), what="model")]
