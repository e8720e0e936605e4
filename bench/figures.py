"""Figures of studies: dots with intervals, side by side, and curves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

REST, SHOWN, LINE = "#5b6770", "#c8401c", "#b8c0c4"

Told = tuple[float, float, float]
"""A figure with its interval: value, low, high."""


def told(figures: Mapping[str, float], value: str = "pooled") -> Told:
    """A figure of `results.json` with its interval; ``value`` is ``delta`` of a difference."""
    return figures[value], figures["low"], figures["high"]


def image(pages: Path, study: str) -> Path:
    """Where the figure of a study lies."""
    folder = pages.parent / "images"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{study}.svg"


def shown(path: Path, words: str) -> str:
    """The figure as it stands on a page."""
    return f"![{words}](../images/{path.name})"


def forest(
    panels: Mapping[str, Mapping[str, Told]],
    path: Path,
    *,
    axis: str,
    marks: Mapping[str, Sequence[float]],
    strong: Sequence[str] = (),
) -> Path:
    """Dots with intervals: a row a name, a panel a regime.

    Args:
        panels: by regime, the figure of each name; the names and their order are the first panel's.
        path: of the SVG.
        axis: what is on the x axis.
        marks: by regime, where dashed lines stand.
        strong: names that are drawn in colour.
    """
    names = list(next(iter(panels.values())))
    with drawn(path) as plt:
        _, axes = plt.subplots(
            1, len(panels), figsize=(2.0 + 2.3 * len(panels), 0.5 + 0.19 * len(names)), sharey=True, squeeze=False
        )
        for panel, (title, rows) in zip(axes[0], panels.items(), strict=True):
            for mark in marks.get(title, ()):
                panel.axvline(mark, color=LINE, linestyle="--", linewidth=1, zorder=0)
            for row, name in enumerate(names):
                value, low, high = rows[name]
                colour = SHOWN if name in strong else REST
                panel.plot([low, high], [row, row], color=colour, linewidth=1.2)
                panel.plot([value], [row], "o", color=colour, markersize=3.5)
            panel.set_title(title, fontsize=9)
            panel.set_xlabel(axis)
            panel.tick_params(axis="y", length=0)
        axes[0][0].set_yticks(range(len(names)), names)
        axes[0][0].set_ylim(len(names) - 0.4, -0.6)
    return path


def curves(panels: Mapping[str, Mapping[str, Sequence[Told]]], path: Path, *, x: Sequence[int], axis: str) -> Path:
    """Curves with bands: a panel a regime, a curve a name, the last one in colour.

    Args:
        panels: by regime and name, a figure at each x.
        path: of the SVG.
        x: on a logarithmic axis.
        axis: what is on it.
    """
    with drawn(path) as plt:
        _, axes = plt.subplots(1, len(panels), figsize=(1.0 + 2.9 * len(panels), 3.0), sharey=True, squeeze=False)
        for panel, (title, named) in zip(axes[0], panels.items(), strict=True):
            for name, points in named.items():
                colour = SHOWN if name == list(named)[-1] else REST
                value, low, high = zip(*points, strict=True)
                panel.fill_between(x, low, high, color=colour, alpha=0.15, linewidth=0)
                panel.plot(x, value, "o-", color=colour, label=name, markersize=3.5)
            panel.axhline(0.5, color=LINE, linestyle="--", linewidth=1, zorder=0)
            panel.set_xscale("log")
            panel.set_xticks(x, [f"{one:,}" for one in x])
            panel.minorticks_off()
            panel.set_title(title, fontsize=9)
            panel.set_xlabel(axis)
        axes[0][0].set_ylabel("AUROC")
        axes[0][0].legend(frameon=False, loc="lower right")
    return path


@contextmanager
def drawn(path: Path) -> Iterator[Any]:
    """Draw one figure as this project does, and write it: the same bytes for the same figures."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams |= {"svg.hashsalt": path.stem, "font.size": 8, "axes.spines.top": False, "axes.spines.right": False}
    from matplotlib import pyplot as plt

    yield plt
    plt.tight_layout()
    plt.savefig(path, metadata={"Date": None})
    plt.close()
