"""``python -m smfl.apps.cli``: the same as ``smfl``."""

from __future__ import annotations

from smfl.apps.cli.group import main

main()
