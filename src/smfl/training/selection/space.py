"""What may be tuned: the settings that a model's entry declares (`smfl.nn.model.Setting`), read and set by name.

A setting is searched only where the model's own value lies in its range: what a recipe leaves out on purpose, such as
the paper's weight decay of zero, stays out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sklearn.base import clone

from smfl.nn.model import SPACE, Setting, Value
from smfl.training.comparators.graded import Graded
from smfl.training.entry import Comparator
from smfl.training.models import MODELS


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
    for setting in _declared(estimator):
        if setting.part and not getattr(estimator.settings_in_use(), setting.part, False):
            continue
        if value_of(estimator, setting.name) in setting:
            found.append(setting)
    return tuple(found)


def _declared(estimator: Any) -> tuple[Setting, ...]:
    """Those of the entry that the estimator is made from; of a network that is in no register, those of any network."""
    if hasattr(estimator, "recipe"):
        return SPACE if estimator.network is not None else MODELS.named(estimator.model).space
    return next((e.space for e in MODELS.values() if isinstance(e, Comparator) and e.estimator is type(estimator)), ())


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
        return getattr(estimator.settings_in_use(), field, None)
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
