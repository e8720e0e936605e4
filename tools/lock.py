"""Print the lock: every distribution that smfl and its extras need, with the version that is installed here.

Run it with the interpreter of an environment into which ``.[all,dev]`` was just resolved (`make lock` does); nothing
that merely lies about in that environment gets into the lock, and each pin stands under what first asks for it.
"""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from collections.abc import Iterator

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

PROJECT = "smfl"
TORCH = "torch"
"""Stands on top: it is installed first and by its exact version, since a range would fetch the newest build."""

HEADER = f"""\
# Exact versions of all that smfl, its extras and its development need; pyproject.toml has the ranges.
# Made by `make lock` on {platform.system()} {platform.machine()}, Python {platform.python_version()}; not by hand.
# Each line stands under the extra that first asks for it, directly or through another package.
"""


def requirements(name: str, extras: frozenset[str]) -> Iterator[Requirement]:
    """What a distribution asks for in this environment, with these of its extras."""
    for line in importlib.metadata.requires(name) or []:
        requirement = Requirement(line)
        environments = [{"extra": extra} for extra in extras] or [{"extra": ""}]
        if requirement.marker is None or any(requirement.marker.evaluate(one) for one in environments):
            yield requirement


def closure(roots: Iterator[Requirement]) -> set[str]:
    """Names of the distributions that these requirements lead to, themselves included, the project left out."""
    found: set[tuple[str, frozenset[str]]] = set()
    waiting = [(canonicalize_name(root.name), frozenset(root.extras)) for root in roots]
    while waiting:
        one = waiting.pop()
        if one in found:
            continue
        found.add(one)
        waiting += [(canonicalize_name(r.name), frozenset(r.extras)) for r in requirements(*one)]
    return {name for name, _ in found} - {PROJECT}


def extras() -> list[str]:
    """The project's extras, in the order of pyproject.toml, without those that only gather others."""
    declared = importlib.metadata.metadata(PROJECT).get_all("Provides-Extra") or []
    return [extra for extra in declared if extra != "all"]


def pin(name: str) -> str:
    """``name==version``, without the local part that a registry's own build adds."""
    distribution = importlib.metadata.distribution(name)
    return f"{canonicalize_name(distribution.metadata['Name'])}=={Version(distribution.version).public}"


def main() -> None:
    """Print the lock to standard output."""
    seen = {TORCH}
    sections = [f"{HEADER}\n# first, alone, by this exact version\n{pin(TORCH)}"]
    for extra in ["", *extras()]:
        direct = (r for r in requirements(PROJECT, frozenset([extra])) if r.name != PROJECT)
        fresh = sorted(closure(direct) - seen)
        seen.update(fresh)
        title = f"extra {extra!r}" if extra else "every install"
        sections.append("\n".join([f"# {title}", *map(pin, fresh)]))
    sys.stdout.write("\n\n".join(sections) + "\n")


if __name__ == "__main__":
    main()
