"""A hook of the documentation's build: formulas become MathML, which browsers draw themselves, without a script.

``$…$`` and ``$$…$$`` stay readable in the Markdown (and are drawn by code hosts); the arithmatex extension marks them
in the page, and this turns what it marked into MathML; so too ``:math:`…` `` in docstrings. The site then needs nothing
from the network.
"""

from __future__ import annotations

import html
import re
from typing import Any

from latex2mathml.converter import convert

_MARKED = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">\\[(\[](?P<latex>.*?)\\[)\]]</(?P=tag)>|:math:<code>(?P<role>.*?)</code>',
    re.DOTALL,
)


def to_mathml(page: str) -> str:
    r"""The page with each marked formula as a ``<math>`` element.

    Example:
        >>> to_mathml(r'<p><span class="arithmatex">\(x_i\)</span></p>')
        '<p><math xmlns="http://www.w3.org/1998/Math/MathML" display="inline"><mrow><msub><mi>x</mi><mi>i</mi>...
    """

    def one(match: re.Match[str]) -> str:
        display = "block" if match["tag"] == "div" else "inline"
        return str(convert(html.unescape(match["latex"] or match["role"]).strip(), display=display))

    return _MARKED.sub(one, page)


def on_page_content(content: str, **_: Any) -> str:
    """What mkdocs calls with the HTML of each page."""
    return to_mathml(content)
