"""Every model by name: the networks of `smfl.nn.models`, the comparators beside them, and those of plugins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

from smfl.interview import CallError, choice
from smfl.interview.register import Register
from smfl.nn.model import ModelEntry, NetworkModel


class Models(Register[ModelEntry]):
    """A register in the order of the entries' positions."""

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._entries, key=lambda name: self._entries[name].position))


MODELS = Models(ModelEntry, "MODEL", "smfl.nn.models", "smfl.training.comparators", what="model")


def network_named(name: str) -> NetworkModel:
    """The network of this name.

    Raises:
        CallError: for an unknown name, with the nearest known one.

    Example:
        >>> network_named("smfl").lifts, network_named("mmfl").lifts
        (True, False)
    """
    networks = {entry.name: entry for entry in networks_in_order()}
    return networks[choice(name, list(networks), what="model")]


def networks_in_order() -> list[NetworkModel]:
    """All that are networks."""
    return [entry for entry in MODELS.values() if isinstance(entry, NetworkModel)]


def lifts(name: str) -> bool:
    """Whether a model of this name has CMJAT, so that strong and weak modalities mean something to it.

    Example:
        >>> lifts("smfl"), lifts("tcn-all"), lifts("majority")
        (True, False, False)
    """
    return name in MODELS and MODELS[name].lifts


def changed_settings(entry: NetworkModel, changes: Mapping[str, Any]) -> Any:
    """A network's settings with some fields replaced.

    A recipe is for all networks, and these differ in what they have: a field that this one lacks and another one has is
    passed over.

    Args:
        entry: whose settings.
        changes: by field.

    Raises:
        CallError: for a field that no network has, with the valid ones, or a value that the settings refuse.

    Example:
        >>> changed_settings(network_named("tfn"), {"channels": 8, "levels": 4})
        Sizes(channels=8, dropout=0.5)
        >>> changed_settings(network_named("tfn"), {"chanels": 8})
        Traceback (most recent call last):
        ...
        smfl.interview.errors.CallError: unknown setting of a network 'chanels'; did you mean 'channels'? valid: ...
    """
    own = [field.name for field in fields(entry.settings)]
    others = (field.name for other in networks_in_order() for field in fields(other.settings))
    valid = list(dict.fromkeys([*own, *others]))
    for name in changes:
        choice(name, valid, what="setting of a network")
    try:
        return replace(entry.settings, **{name: value for name, value in changes.items() if name in own})
    except ValueError as fault:
        raise CallError(f"{entry.name}: {fault}") from None
