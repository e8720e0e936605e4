"""Estimators: fit, predict_proba, save, load. What scikit-learn expects, around the network and beside it.

Light to import: torch loads when a network is made or read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smfl.nn.model import ModelEntry
    from smfl.training.build import make
    from smfl.training.entry import Comparator
    from smfl.training.estimator import Explanation, SMFLClassifier
    from smfl.training.model_folder.checkpoint import load_model, save_model
    from smfl.training.models import MODELS
    from smfl.training.recipe import RECIPES, Recipe
    from smfl.training.selection.tuning import Tuned

_LATE = {
    "Comparator": "entry",
    "Explanation": "estimator",
    "MODELS": "models",
    "ModelEntry": "entry",
    "RECIPES": "recipe",
    "Recipe": "recipe",
    "SMFLClassifier": "estimator",
    "Tuned": "selection.tuning",
    "load_model": "model_folder.checkpoint",
    "make": "build",
    "save_model": "model_folder.checkpoint",
}

__all__ = [
    "MODELS",
    "RECIPES",
    "Comparator",
    "Explanation",
    "ModelEntry",
    "Recipe",
    "SMFLClassifier",
    "Tuned",
    "load_model",
    "make",
    "save_model",
]


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)
