"""An unfitted estimator by its model's name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from smfl.interview import CallError
from smfl.training.comparators.graded import Graded
from smfl.training.entry import Comparator
from smfl.training.estimator import SMFLClassifier
from smfl.training.models import MODELS
from smfl.training.tasks import BINARY, tasks_of


def make(
    name: str,
    *,
    modalities: Sequence[str] = ("video", "audio", "text"),
    recipe: str = "tuned",
    seed: int = 0,
    **options: Any,
) -> Any:
    """An unfitted estimator by name.

    Args:
        name: one of `smfl.training.MODELS`.
        modalities: those that may be read.
        recipe: ``tuned`` or ``paper``; only networks have one.
        seed: of everything random.
        options: further arguments of `SMFLClassifier`; a comparator has ``task`` only.

    Raises:
        CallError: for an unknown name, with the nearest known one, or an option that the model doesn't have.

    Example:
        >>> make("smfl", seed=3).seed
        3
    """
    entry = MODELS.named(name)
    if not isinstance(entry, Comparator):
        return SMFLClassifier(model=name, recipe=recipe, modalities=tuple(modalities), seed=seed, **options)
    task = options.pop("task", BINARY)
    if options:
        raise CallError(f"{name} is no network, and has no {', '.join(options)}; leave it out")
    model = entry.estimator(modalities=tuple(modalities), seed=seed)
    return model if tasks_of(task) == (BINARY,) else Graded(model, task, seed)
