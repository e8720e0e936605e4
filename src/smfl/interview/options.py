"""Settings objects: frozen, made once at the door from options by name, and passed on whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

from smfl.interview.errors import choice

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Settings = TypeVar("Settings", bound=DataclassInstance)


def changed(settings: Settings, options: Mapping[str, Any]) -> Settings:
    """The same settings but for some, given by the names of their fields.

    Lists become tuples, for settings are immutable; None is the default of a field whose default isn't None.

    Args:
        settings: a frozen dataclass.
        options: values by field.

    Raises:
        CallError: for a name that no field has, with the nearest one; and what the class itself refuses.

    Example:
        >>> from smfl.interview.time import Segment
        >>> changed(Segment(1.0, 2.0), {"stop": 3.0})
        Segment(start=1.0, stop=3.0)
        >>> changed(Segment(1.0, 2.0), {"stopp": 3.0})
        Traceback (most recent call last):
        ...
        smfl.interview.errors.CallError: unknown setting 'stopp'; did you mean 'stop'? valid: start, stop
    """
    defaults = {one.name: one.default for one in fields(settings)}
    values: dict[str, Any] = {}
    for name, value in options.items():
        default = defaults[choice(name, list(defaults), what="setting")]
        given = default if value is None and default is not MISSING else value
        values[name] = tuple(given) if isinstance(given, list) else given
    return replace(settings, **values)
