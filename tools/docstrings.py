"""An extension of griffe, which reads the docstrings for the documentation.

``Example:`` becomes a section of code, the ``::`` that announces a drawing isn't shown, and the fields of a named tuple
are attributes.
"""

from __future__ import annotations

import re
from typing import Any

import griffe

_HEADING = re.compile(r"^( *)Example:$", re.MULTILINE)
_ARGS = re.compile(r"^Args:$", re.MULTILINE)
_LONE_MARK = re.compile(r"^ *::$", re.MULTILINE)
_MARK = re.compile(r"::$", re.MULTILINE)


class AsMarkdown(griffe.Extension):
    """Name the sections as griffe knows them, so that prompts are shown as code and not as quotations."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """What griffe calls with each module, class and function."""
        if obj.docstring is not None:
            text = _HEADING.sub(r"\1Examples:", obj.docstring.value)
            text = _MARK.sub(":", _LONE_MARK.sub("", text))
            if isinstance(obj, griffe.Class) and any(str(base) == "NamedTuple" for base in obj.bases):
                text = _ARGS.sub("Attributes:", text)
            obj.docstring.value = text
