"""An extension of griffe, which reads the docstrings for the documentation: ``Example:`` is a section of code."""

from __future__ import annotations

import re
from typing import Any

import griffe

_HEADING = re.compile(r"^( *)Example:$", re.MULTILINE)


class Examples(griffe.Extension):
    """Name the section as griffe knows it, so that prompts are shown as code and not as quotations."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """What griffe calls with each module, class and function."""
        if obj.docstring is not None:
            obj.docstring.value = _HEADING.sub(r"\1Examples:", obj.docstring.value)
