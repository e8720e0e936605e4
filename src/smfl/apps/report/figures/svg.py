"""Drawing: a panel with two linear axes, as SVG text whose colours are the page's.

Nothing here knows a colour: every mark carries a class, and `templates/figure.css` gives classes their colours in
light, dark and print. Numbers are rounded to hundredths, so the same data give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from math import floor, isfinite, log10

Points = Iterable[tuple[float, float]]


def num(value: float) -> str:
    """A coordinate, in hundredths.

    Example:
        >>> num(3.14159), num(2.0), num(-0.001)
        ('3.14', '2', '0')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round values from ``low`` to ``high``, some ``about`` of them, steps of 1, 2 or 5 times a power of ten.

    Example:
        >>> ticks(0, 1)
        [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
        >>> ticks(0, 93)
        [0.0, 20.0, 40.0, 60.0, 80.0]
    """
    if not high > low:
        return [low]
    raw = (high - low) / about
    power = 10 ** floor(log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * 0.999)
    first = -floor(-low / step + 1e-9)
    return [round(i * step, 10) + 0.0 for i in range(first, floor(high / step + 1e-9) + 1)]


def path(points: Points) -> str:
    """A path through the points, interrupted where a coordinate is nan.

    Example:
        >>> path([(0, 0), (1, 2), (2, float("nan")), (3, 1)])
        'M0 0L1 2M3 1h.01'
    """
    drawn = []
    for here, run in groupby(points, key=lambda point: isfinite(point[0]) and isfinite(point[1])):
        if here:
            coordinates = [f"{num(x)} {num(y)}" for x, y in run]
            drawn.append("M" + "L".join(coordinates) + ("h.01" if len(coordinates) == 1 else ""))
    return "".join(drawn)


@dataclass
class Panel:
    """One figure with two linear axes.

    Args:
        name: unique in the page: ids derive from it.
        title: what it is, for the reader of the page and of the screen.
        description: what it shows, in words.
        x: domain of the horizontal axis.
        y: domain of the vertical axis.
        width: of the whole, in user units: about CSS pixels on a phone.
        height: of the whole.
        left: margin for the vertical axis' numbers.
        bottom: margin for the horizontal axis' numbers and label.
        top: margin.
        right: margin.

    Example:
        >>> panel = Panel("roc", "ROC curve", "One point.", x=(0, 1), y=(0, 1))
        >>> panel.dot(0.5, 0.5, "dot m0", title="<p1>")
        >>> "&lt;p1&gt;" in panel.svg() and 'aria-labelledby="roc-title roc-desc"' in panel.svg()
        True
    """

    name: str
    title: str
    description: str
    x: tuple[float, float]
    y: tuple[float, float]
    width: float = 360
    height: float = 330
    left: float = 44
    bottom: float = 46
    top: float = 10
    right: float = 12
    marks: list[str] = field(default_factory=list)

    def at_x(self, value: float) -> float:
        """Where a value lies on the horizontal axis."""
        low, high = self.x
        return self.left + (value - low) / (high - low) * (self.width - self.left - self.right)

    def at_y(self, value: float) -> float:
        """Where a value lies on the vertical axis."""
        low, high = self.y
        return self.height - self.bottom - (value - low) / (high - low) * (self.height - self.top - self.bottom)

    def add(self, mark: str) -> None:
        """A mark in SVG's own words."""
        self.marks.append(mark)

    def text(self, x: float, y: float, words: str, kind: str = "label", anchor: str = "start", rest: str = "") -> None:
        """Words at a place of the drawing (not of the axes)."""
        self.add(f'<text class="{kind}" x="{num(x)}" y="{num(y)}" text-anchor="{anchor}"{rest}>{escape(words)}</text>')

    def axes(
        self,
        x_label: str,
        y_label: str = "",
        *,
        x_ticks: Sequence[float] | None = None,
        y_ticks: Sequence[float] | None = None,
    ) -> None:
        """Grid lines, numbers and labels; pass no ticks for round ones, empty ones for none."""
        floor_line, ceiling = self.height - self.bottom, self.top
        for value in ticks(*self.x) if x_ticks is None else x_ticks:
            x = num(self.at_x(value))
            self.add(f'<path class="grid" d="M{x} {num(ceiling)}V{num(floor_line)}"/>')
            self.text(self.at_x(value), floor_line + 16, f"{value:g}".replace("-", "−"), "tick", "middle")
        for value in ticks(*self.y) if y_ticks is None else y_ticks:
            self.add(
                f'<path class="grid" d="M{num(self.left)} {num(self.at_y(value))}H{num(self.width - self.right)}"/>'
            )
            self.text(self.left - 7, self.at_y(value) + 4, f"{value:g}".replace("-", "−"), "tick", "end")
        middle = (self.left + self.width - self.right) / 2
        self.text(middle, self.height - 8, x_label, "label", "middle")
        if y_label:
            y = num((ceiling + floor_line) / 2)
            self.text(0, 0, y_label, "label", "middle", f' transform="translate(12 {y}) rotate(-90)"')

    def line(self, points: Points, kind: str, *, title: str = "", rest: str = "") -> None:
        """A line through points of the axes."""
        d = path((self.at_x(x), self.at_y(y)) for x, y in points)
        self.add(f'<path class="{kind}" d="{d}"{rest}>{_titled(title)}</path>')

    def band(self, xs: Sequence[float], low: Sequence[float], high: Sequence[float], kind: str) -> None:
        """The area between two lines over the same ``xs``."""
        around = [*zip(xs, high, strict=True), *zip(reversed(xs), reversed(low), strict=True)]
        d = path((self.at_x(x), self.at_y(y)) for x, y in around)
        self.add(f'<path class="{kind}" d="{d}Z"/>')

    def dot(self, x: float, y: float, kind: str, *, radius: float = 3.2, title: str = "") -> None:
        """A point of the axes."""
        where = f'cx="{num(self.at_x(x))}" cy="{num(self.at_y(y))}" r="{num(radius)}"'
        self.add(f'<circle class="{kind}" {where}>{_titled(title)}</circle>')

    def svg(self) -> str:
        """The figure, for a page that brings the style."""
        name = self.name
        return (
            f'<svg class="figure" viewBox="0 0 {num(self.width)} {num(self.height)}" role="img" '
            f'aria-labelledby="{name}-title {name}-desc" xmlns="http://www.w3.org/2000/svg">'
            f'<title id="{name}-title">{escape(self.title)}</title>'
            f'<desc id="{name}-desc">{escape(self.description)}</desc>{"".join(self.marks)}</svg>'
        )

    def __html__(self) -> str:
        """The same: a template that is given a panel draws it, and escapes it not once more."""
        return self.svg()

    def file(self, style: str) -> str:
        """The figure as a file of its own, with its style."""
        inside = self.svg().replace("<title", f"<style>{style}</style><title", 1)
        return f"{inside}\n"


def _titled(title: str) -> str:
    return f"<title>{escape(title)}</title>" if title else ""
