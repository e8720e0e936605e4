"""What may be tuned, declared as data: a few settings of each kind of model, their ranges, and nothing else.

A setting is a field of the recipe, or of its network or inputs (``network.channels``); of a model without a recipe, an
argument of its estimator. It is searched only where the model's own value lies in its range: what a recipe leaves out
on purpose, such as the paper's weight decay of zero, stays out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sklearn.base import clone

from smfl.training.comparators.graded import Graded

Value = float | int
DIGITS = 3
"""Significant digits of a number that is drawn: more would only be hard to read."""


@dataclass(frozen=True)
class Setting:
    """One dimension of a search.

    Args:
        name: of the field.
        kind: ``log``: a number, its logarithm drawn evenly; ``even``: a number, drawn evenly; ``choice``: one of a few.
        range: lowest and highest number; or the choices.
        part: switch of the composition without which the setting does nothing; "" where it always does.

    Raises:
        ValueError: for an unknown kind, or a range that has no two ends.

    Example:
        >>> rate = Setting("learning_rate", "log", (1e-4, 1e-2))
        >>> 1e-3 in rate, 0.0 in rate, 12 in Setting("network.channels", "choice", (8, 16))
        (True, False, False)
        >>> rate.rounded(0.00123456)
        0.00123
    """

    name: str
    kind: str
    range: tuple[Value, ...]
    part: str = ""

    def __post_init__(self) -> None:
        if self.kind not in ("log", "even", "choice"):
            raise ValueError(f"{self.name}: kind is {self.kind!r}; it is log, even or choice")
        if self.kind != "choice" and (len(self.range) != 2 or self.range[0] >= self.range[1]):
            raise ValueError(f"{self.name}: {self.range} isn't a lowest and a highest number")

    def __contains__(self, value: object) -> bool:
        if self.kind == "choice":
            return value in self.range
        return isinstance(value, (int, float)) and self.range[0] <= value <= self.range[1]

    def rounded(self, value: Value) -> Value:
        """A drawn value as it is used and told."""
        return value if self.kind == "choice" else float(f"{value:.{DIGITS}g}")


NETWORK = (
    Setting("learning_rate", "log", (1e-4, 1e-2)),
    Setting("weight_decay", "log", (1e-4, 1e-1)),
    Setting("network.channels", "choice", (8, 12, 16, 24)),
    Setting("network.dropout", "even", (0.1, 0.6)),
    Setting("sentence_dropout", "even", (0.0, 0.5)),
    Setting("modality_dropout", "even", (0.0, 0.3)),
    Setting("inputs.components", "choice", (16, 24, 32)),
    Setting("auxiliary", "choice", (0.0, 0.25, 0.5), part="cmjat"),
)
"""Of a network, by field of its `smfl.training.recipe.Recipe`; channels are even, for every attention has two heads."""

BOOSTING = (
    Setting("learning_rate", "log", (1e-2, 3e-1)),
    Setting("rounds", "choice", (50, 100, 200)),
    Setting("depth", "choice", (1, 2, 3, 4)),
    Setting("penalty", "log", (1e-1, 1e2)),
)
"""Of boosted trees, by argument of the estimator."""

SPACES: dict[str, tuple[Setting, ...]] = {"SMFLClassifier": NETWORK, "PooledGradientBoosting": BOOSTING}
"""By estimator. The linear models choose their penalty by themselves, inside the training people
(`smfl.training.penalty`); the majority has nothing to choose."""


def space_of(estimator: Any) -> tuple[Setting, ...]:
    """The settings of an estimator that may be searched; none where there is nothing to tune.

    Args:
        estimator: unfitted.

    Example:
        >>> from smfl.training import make
        >>> [one.name for one in space_of(make("tcn-sentence", recipe="paper"))]
        ['learning_rate', 'network.channels', 'network.dropout', 'sentence_dropout', 'modality_dropout']
        >>> space_of(make("tfidf-linear"))
        ()
    """
    if isinstance(estimator, Graded):
        return space_of(estimator.model)
    found = []
    for setting in SPACES.get(type(estimator).__name__, ()):
        if setting.part and not getattr(_composition(estimator), setting.part):
            continue
        if value_of(estimator, setting.name) in setting:
            found.append(setting)
    return tuple(found)


def value_of(estimator: Any, name: str) -> Any:
    """What an unfitted estimator has a setting at.

    Args:
        estimator: unfitted.
        name: of the setting.

    Example:
        >>> from smfl.training import make
        >>> value_of(make("smfl"), "network.channels"), value_of(make("gradient-boosting"), "rounds")
        (16, 100)
    """
    if not hasattr(estimator, "recipe"):
        return estimator.get_params()[name]
    recipe, (head, _, field) = estimator.recipe_in_use(), name.partition(".")
    if head == "network":
        return getattr(_composition(estimator), field)
    return getattr(recipe.inputs, field) if head == "inputs" else getattr(recipe, head)


def with_settings(estimator: Any, settings: Mapping[str, Value]) -> Any:
    """A fresh estimator with other settings.

    Args:
        estimator: unfitted; it stays as it is.
        settings: values by name.

    Example:
        >>> from smfl.training import make
        >>> value_of(with_settings(make("smfl"), {"network.channels": 8, "weight_decay": 0.1}), "network.channels")
        8
    """
    fresh = clone(estimator)
    if not hasattr(estimator, "recipe"):
        return fresh.set_params(**settings)
    own = {name: value for name, value in settings.items() if "." not in name}
    below: dict[str, dict[str, Value]] = {"network": {}, "inputs": {}}
    for name, value in settings.items():
        head, _, field = name.partition(".")
        if field:
            below[head][field] = value
    recipe = estimator.recipe_in_use()
    recipe = replace(
        recipe, network=recipe.network | below["network"], inputs=replace(recipe.inputs, **below["inputs"]), **own
    )
    return fresh.set_params(recipe=recipe)


def _composition(estimator: Any) -> Any:
    from smfl.training.compositions import composition_named

    return replace(composition_named(estimator.model), **estimator.recipe_in_use().network)
