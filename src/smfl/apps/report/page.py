"""One page out of one folder: finds what the folder holds, renders it, writes it in one stroke."""

from __future__ import annotations

from pathlib import Path

from smfl.apps.report.rendering import render, write
from smfl.apps.report.source import PREDICTION_FILE, RESULTS_FILE, read_comparison, read_recordings
from smfl.features.store import INDEX, INTERVIEWS
from smfl.interview import SmflError


def _recordings(source: Path) -> list[Path]:
    """The prediction files of a folder: its own, else those of the folders in it."""
    own = source / PREDICTION_FILE
    return [own] if own.is_file() else sorted(source.glob(f"*/{PREDICTION_FILE}"))


def write_report(source: Path, out: Path, *, published: bool = False) -> Path:
    """Write one self-contained page about a results folder, a prediction folder or a prepared folder.

    Args:
        source: a folder that ``smfl evaluate``, ``smfl predict`` or ``smfl prepare`` wrote (with `results.json`; with
            `prediction.json`, its own or one in each of its folders; with `index.parquet`), or one of these files.
        out: the page; a folder means ``report.html`` in it. For a results folder the figures are written as
            separate files too, in ``figures`` of that folder, and the tables in ``tables``, each as Markdown, LaTeX
            and CSV.
        published: print what the paper published with the tables of a results folder.

    Returns:
        The page's path.

    Raises:
        SmflError: where there is nothing to report, or a file isn't what its format says.
    """
    source, out = Path(source), Path(out)
    if not source.exists():
        raise SmflError(
            f"{source}: there is no such folder; a report is made of a results folder (smfl evaluate), "
            "a prediction folder (smfl predict) or a prepared folder (smfl prepare)"
        )
    page = out / "report.html" if out.is_dir() else out
    folder = source.parent if source.is_file() else source
    if source.name == RESULTS_FILE or (source.is_dir() and (source / RESULTS_FILE).is_file()):
        from smfl.apps.report.pages.comparison import comparison_context
        from smfl.apps.report.pages.comparison_tables import comparison_tables
        from smfl.pipeline.comparison.table_formats import write_tables

        comparison = read_comparison(folder)
        tables = comparison_tables(comparison.facts, published=published)
        context, figures = comparison_context(comparison, tables)
        write_tables(tables, folder / "tables")
        for name, svg in figures.items():
            write(svg, folder / "figures" / f"{name}.svg")
        write(render("comparison.html.jinja", context), page)
        return page
    if source.name == INDEX or (folder / INTERVIEWS).is_dir():
        from smfl.apps.report.pages.quality import quality_context

        write(render("quality.html.jinja", quality_context(folder)), page)
        return page
    files = [source] if source.is_file() and source.name != RESULTS_FILE else _recordings(source)
    if not files:
        raise SmflError(
            f"{source}: neither {RESULTS_FILE} (written by smfl evaluate) nor {PREDICTION_FILE} (written by smfl "
            f"predict) nor {INDEX} (written by smfl prepare) is in this folder, so there is nothing to report"
        )
    from smfl.apps.report.pages.recording import recordings_context

    context = recordings_context([one for path in files for one in read_recordings(path)])
    write(render("recording.html.jinja", context), page)
    return page
