"""A table as Markdown, as LaTeX (booktabs) and as CSV: the same rows, the same figures, the same notes."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

from smfl.evaluation.metrics import METRICS
from smfl.evaluation.table import UNDEFINED, cell
from smfl.interview.atomic import write_text
from smfl.pipeline.comparison.tables import KEYS, PUBLISHED, Line, Table

ENDS = ("mean", "sd", "low", "high")
COSTS = ("Parameters", "Time (s)")
LONG_TITLE = 40
"""Characters of a title beyond which a LaTeX table takes a smaller size, to stay within a page."""

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "±": r"$\pm$",
    "×": r"$\times$",
    "–": "--",
    "−": "$-$",
    "’": "'",
    "§": r"\S{}",
    "≥": r"$\geq$",
    "≤": r"$\leq$",
    "“": "``",
    "”": "''",
    "‘": "`",
    "…": r"\ldots{}",
    "·": r"$\cdot$",
    "½": r"$\frac12$",
    "→": r"$\to$",
}


def cost_cells(line: Line) -> tuple[str, str]:
    """Parameters and seconds a fit; – where unknown.

    Example:
        >>> cost_cells(Line("SMFL", "smfl", "run", {}, 41207, 12.345)), cost_cells(Line("a", "a", "run", {}))
        (('41,207', '12.3'), ('–', '–'))
    """
    parameters = UNDEFINED if line.parameters is None else f"{line.parameters:,}"
    return parameters, UNDEFINED if line.seconds is None else f"{line.seconds:.{1 if line.seconds < 100 else 0}f}"


def markdown(table: Table) -> str:
    """As Markdown: title, table, notes.

    Example:
        >>> score = {"mean": 0.7134, "sd": 0.05, "low": 0.6, "high": 0.8}
        >>> print(markdown(Table("t", "Two talks", (Line("SMFL", "smfl", "run", {"f1": score}),), ("Short.",), (),
        ...                      ("f1",))))
        ### Two talks
        <BLANKLINE>
        | Model | F1 |
        | --- | ---: |
        | SMFL | 0.71 ± 0.05 [0.60, 0.80] |
        <BLANKLINE>
        Short.
        <BLANKLINE>
    """
    head = ["Model", *_heads(table)]
    rows = [head, ["---", *(["---:"] * (len(head) - 1))]]
    for line in table.lines:
        cells = [cell(line.figures(name)) for name in table.columns]
        row = [_piped(line.title), *cells, *(cost_cells(line) if table.costs else ())]
        rows.append([f"*{text}*" for text in row] if line.source == PUBLISHED else row)
    body = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    notes = "\n\n".join([*table.notes, *table.context])
    return f"### {table.title}\n\n{body}\n" + (f"\n{notes}\n" if notes else "")


def latex(table: Table) -> str:
    r"""As a LaTeX float with booktabs rules, to be read with ``\\input``; intervals stand in small print below.

    It needs ``\\usepackage{booktabs}`` and nothing else; pdfLaTeX, XeLaTeX and LuaLaTeX take it.

    Example:
        >>> text = latex(Table("t", "50 % & more", (Line("A_1", "a", "run", {}),), (), (), ("f1",)))
        >>> [line for line in text.splitlines() if "A" in line or "caption" in line]
        ['\\caption{50 \\% \\& more.}', 'A\\_1 & -- \\\\']
    """
    heads = _heads(table)
    wide = table.costs or max(len(line.title) for line in table.lines) > LONG_TITLE
    size, small = (r"\scriptsize", r"\tiny") if wide else (r"\footnotesize", r"\scriptsize")
    lines = [
        r"% needs \usepackage{booktabs}; about 17 cm wide: in two columns it spans both",
        r"\begin{table*}[tb]",
        r"\centering",
        rf"\caption{{{tex(table.title)}.}}",
        rf"\label{{tab:{table.key}}}",
        size,
        rf"\setlength{{\tabcolsep}}{{{2 if wide else 3}pt}}",
        rf"\begin{{tabular}}{{@{{}}l{'c' * len(table.columns)}{'r' * (len(heads) - len(table.columns))}@{{}}}}",
        r"\toprule",
        _row(["Model", *heads]),
        r"\midrule",
    ]
    for line in table.lines:
        figures = [line.figures(name) for name in table.columns]
        first = [tex(cell({**one, "low": None})) for one in figures]
        costs = [tex(text) for text in cost_cells(line)] if table.costs else []
        row = [tex(line.title), *first, *costs]
        said = [
            rf"{indent}\textit{{{text}}}" for text, indent in zip(row, (r"\enspace ", *[""] * len(row)), strict=False)
        ]
        lines.append(_row(said if line.source == PUBLISHED else row))
        below = ["" if one["low"] is None else rf"[{one['low']:.2f}, {one['high']:.2f}]" for one in figures]
        if any(below):
            lines.append(_row(["", *(rf"{{{small} {text}}}" if text else "" for text in below), *[""] * len(costs)]))
    lines += [r"\bottomrule", r"\end{tabular}"]
    notes = " ".join(_sentence(tex(note)) for note in (*table.notes, *table.context))
    lines += [r"", r"\smallskip", rf"\parbox{{\textwidth}}{{\footnotesize {notes}}}"] if notes else []
    return "\n".join([*lines, r"\end{table*}", ""])


def comma_separated(table: Table) -> str:
    """As CSV, figures unrounded; ``source`` tells what was run from what was published.

    Example:
        >>> score = {"mean": 0.5, "sd": None, "low": 0.25, "high": 0.75}
        >>> print(comma_separated(Table("t", "T", (Line("SMFL", "smfl", "run", {"f1": score}),), (), (), ("f1",))))
        title,model,source,f1_mean,f1_sd,f1_low,f1_high,parameters,seconds_a_fit
        SMFL,smfl,run,0.5,,0.25,0.75,,
        <BLANKLINE>
    """
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    figures = [(name, end) for name in table.columns for end in ENDS]
    rows.writerow(
        ["title", "model", "source", *(f"{name}_{end}" for name, end in figures), "parameters", "seconds_a_fit"]
    )
    for line in table.lines:
        scores = [line.figures(name)[end] for name, end in figures]
        rows.writerow([line.title, line.name, line.source, *scores, line.parameters, line.seconds])
    return written.getvalue()


FORMATS: dict[str, Callable[[Table], str]] = {"md": markdown, "tex": latex, "csv": comma_separated}


def write_tables(tables: Sequence[Table], folder: Path) -> list[Path]:
    """Write each table in each of `FORMATS`, whole or not at all; earlier tables that aren't among them are removed.

    Args:
        tables: what `tables_of` gave.
        folder: made where it isn't there.

    Returns:
        The files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for table in tables:
        for ending, render in FORMATS.items():
            path = folder / f"{table.key}.{ending}"
            written.append(write_text(path, render(table)))
    for path in folder.iterdir():
        if path not in written and path.suffix[1:] in FORMATS and path.name.startswith(KEYS):
            path.unlink()
    return written


def tex(text: str) -> str:
    r"""Words as LaTeX.

    Example:
        >>> tex("0.7 ± 0.1, 50 % of a_b")
        '0.7 $\\pm$ 0.1, 50 \\% of a\\_b'
    """
    return "".join(_SPECIAL.get(letter, letter if letter.isprintable() else " ") for letter in text)


def _heads(table: Table) -> list[str]:
    return [*(METRICS[name].title for name in table.columns), *(COSTS if table.costs else ())]


def _row(cells: Sequence[str]) -> str:
    return " & ".join(cells).rstrip() + r" \\"


def _piped(text: str) -> str:
    return text.replace("|", "\\|")


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
