"""The command line: ``smfl COMMAND``. Parsing and rendering only; every command is a short call of the Python API."""

from __future__ import annotations

from smfl.apps.cli.group import cli, main

__all__ = ["cli", "main"]
