"""What is said of a model without a network in one place, as `smfl.nn.model.NetworkModel` does of a network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from smfl.nn.model import ModelEntry


@dataclass(frozen=True, kw_only=True)
class Comparator(ModelEntry):
    """A model that is compared only: any scikit-learn classifier of interviews.

    A file of `smfl.training.comparators`, or a plugin, has it under the name ``MODEL``.

    Args:
        estimator: the class; called with ``modalities`` and ``seed`` it gives an unfitted estimator. What else a model
            takes is found on it: ``fit`` may have an argument ``scores``, and ``takes_averages`` says whether it reads
            `smfl.training.comparators.averages.Averages`.

    Example:
        >>> from smfl.training.comparators.pooled import Majority
        >>> Comparator(name="guess", title="Prevalence", reference="an example", estimator=Majority).trainable
        False
    """

    estimator: Callable[..., Any]
