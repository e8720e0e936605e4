"""A page from a template and its variables, written whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from smfl.interview.atomic import write_text

TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, context: dict[str, Any]) -> str:
    """A page from a template of this package; all but its styles and its script is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    styles = "\n".join((TEMPLATES / name).read_text(encoding="utf-8") for name in ("figure.css", "report.css"))
    script = (TEMPLATES / "report.js").read_text(encoding="utf-8")
    return environment.get_template(template).render(**context, styles=styles, script=script)


def write(text: str, path: Path) -> None:
    """Write a page whole or not at all; its folder is made where it isn't there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, text)
