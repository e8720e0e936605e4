"""Registers: whatever users may bring, each kind with one contract, found by name.

A register lists what the modules of its packages define under one attribute: a module of `smfl.corpora` that has a
``CORPUS``, a module of `smfl.nn.models` that has a ``MODEL``. Users bring their own in one file outside of the project,
a plugin. A plugin is found

- in a folder named by the environment variable ``SMFL_PLUGINS`` (several are separated as in ``PATH``): each Python
  file and each package in it, or
- by an entry point of the group ``smfl.plugins`` in an installed package, whose value is the module.

A plugin runs as part of the program, with all of its rights; nothing but these two ways makes one run.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Protocol, TypeVar

from smfl.interview.errors import CallError, choice

VARIABLE = "SMFL_PLUGINS"
GROUP = "smfl.plugins"


class Named(Protocol):
    """What a register can hold: anything with a name."""

    @property
    def name(self) -> str:
        """As users type it."""


Entry = TypeVar("Entry", bound=Named)


class Register(Mapping[str, Entry]):
    """Entries of one kind, by name; found when first asked for.

    Args:
        kind: the class of the entries.
        attribute: the name under which a module defines its entry, or a tuple of several.
        packages: whose modules are looked at; subpackages count as modules.
        what: what an entry is called in messages, e.g. ``corpus``.

    Raises:
        CallError: when first asked for, where a plugin can't be loaded, or two modules define the same name.

    Example:
        >>> from smfl.corpora.registry import Corpus
        >>> corpora = Register(Corpus, "CORPUS", "smfl.corpora", what="corpus")
        >>> corpora["daic-woz"].language
        'en'
        >>> corpora.named("daic-wox")
        Traceback (most recent call last):
        ...
        smfl.interview.errors.CallError: unknown corpus 'daic-wox'; did you mean 'daic-woz'? valid: ...
    """

    def __init__(self, kind: type[Entry], attribute: str, *packages: str, what: str) -> None:
        self.kind = kind
        self.attribute = attribute
        self.packages = packages
        self.what = what

    @cached_property
    def _entries(self) -> dict[str, Entry]:
        found: dict[str, Entry] = {}
        origin: dict[str, str] = {}
        for module in (*_modules_of(self.packages), *plugins()):
            defined = getattr(module, self.attribute, ())
            for entry in defined if isinstance(defined, tuple) else (defined,):
                if not isinstance(entry, self.kind):
                    wrong = type(entry).__name__
                    raise CallError(f"{module.__name__}: {self.attribute} is a {wrong}; expected {self.kind.__name__}")
                if entry.name in found and found[entry.name] is not entry:
                    raise CallError(
                        f"{module.__name__}: there is a {self.what} {entry.name!r} already, "
                        f"in {origin[entry.name]}; give yours another name"
                    )
                found[entry.name], origin[entry.name] = entry, module.__name__
        return found

    def named(self, name: str) -> Entry:
        """The entry of this name.

        Raises:
            CallError: for an unknown name, with the nearest one and all valid ones.
        """
        return self._entries[choice(name, list(self._entries), what=self.what)]

    def __getitem__(self, name: str) -> Entry:
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def _modules_of(packages: tuple[str, ...]) -> Iterator[ModuleType]:
    """The modules of some packages, by name."""
    for package in packages:
        for module in sorted(pkgutil.iter_modules(importlib.import_module(package).__path__), key=lambda m: m.name):
            yield importlib.import_module(f"{package}.{module.name}")


@lru_cache(maxsize=1)
def plugins() -> tuple[ModuleType, ...]:
    """The modules that users bring, loaded once.

    Raises:
        CallError: where a folder isn't there or a plugin can't be loaded, with the reason.
    """
    folders = [Path(part) for part in os.environ.get(VARIABLE, "").split(os.pathsep) if part]
    loaded = [module for folder in folders for module in _modules_in(folder)]
    for point in sorted(metadata.entry_points(group=GROUP)):
        try:
            loaded.append(importlib.import_module(point.module))
        except Exception as fault:
            raise CallError(f"the plugin {point.name!r} of {GROUP} can't be loaded: {_reason(fault)}") from fault
    return tuple(loaded)


def _modules_in(folder: Path) -> Iterator[ModuleType]:
    """The modules of a folder of plugins; the folder becomes importable, for worker processes import by name."""
    if not folder.is_dir():
        raise CallError(f"{VARIABLE}: {folder} is no folder; name a folder that holds Python files")
    where = str(folder.resolve())
    if where not in sys.path:
        sys.path.append(where)
    for found in sorted(pkgutil.iter_modules([where]), key=lambda m: m.name):
        try:
            module = importlib.import_module(found.name)
        except Exception as fault:
            raise CallError(f"{VARIABLE}: {folder / found.name} can't be loaded: {_reason(fault)}") from fault
        if not str(getattr(module, "__file__", None) or "").startswith(where):
            raise CallError(
                f"{VARIABLE}: {folder / found.name} has the name of a module that is there already; rename the file"
            )
        yield module


def _reason(fault: Exception) -> str:
    return f"{type(fault).__name__}: {fault}"
