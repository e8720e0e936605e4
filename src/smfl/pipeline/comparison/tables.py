"""The tables of a comparison: the paper's Tables 2–4, the modalities of its Fig. 6, and all models with what they cost.

Columns are the paper's five (Eq. 7–11) and AUROC, each mean ± sd over folds × seeds with a 95 % bootstrap interval over
participants. What the paper printed stands beside a row only where the people are those of the paper's table; on any
other corpus it is a table of its own, for two corpora have no common scale.

A system of the paper that wasn't run has no row: a note names it. A table is made of two systems or more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smfl.evaluation.table import about, meaning
from smfl.pipeline.comparison.published import COLUMNS, PublishedRow, PublishedTable, caution, published_tables, source
from smfl.pipeline.comparison.row_names import LETTERS, RowName, in_order, short

RUN, PUBLISHED = "run", "published"
SHOWN = (*COLUMNS, "auroc")
ALL_MODELS = "all-models"
KEYS = ("table-", "published-", "modalities-", ALL_MODELS)
"""What the keys of tables begin with."""

Figures = Mapping[str, float | None]
Document = Mapping[str, Any]
NONE: Figures = {"mean": None, "sd": None, "low": None, "high": None}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table.

    Args:
        title: for the reader.
        name: as in ``predictions.csv``; of a published row, the system's.
        source: `RUN` or `PUBLISHED`.
        scores: ``mean, sd, low, high`` by metric.
        parameters: how many numbers were learned; None where unknown.
        seconds: of fitting, a fit; None where unknown.
    """

    title: str
    name: str
    source: str
    scores: Mapping[str, Figures]
    parameters: int | None = None
    seconds: float | None = None

    def figures(self, metric: str) -> Figures:
        """One score; all None where it isn't known."""
        return self.scores.get(metric, NONE)


@dataclass(frozen=True, slots=True)
class Table:
    """A table, in no format yet.

    Args:
        key: name of its files.
        title: what it shows.
        lines: its rows.
        notes: what has to be known of this table.
        context: what has to be known of the whole comparison: who was tested, what ± and brackets are.
        columns: metrics.
        costs: whether parameters and seconds are shown.
    """

    key: str
    title: str
    lines: tuple[Line, ...]
    notes: tuple[str, ...]
    context: tuple[str, ...]
    columns: tuple[str, ...] = SHOWN
    costs: bool = False


def tables_of(document: Document, titles: Mapping[str, str], *, published: bool = False) -> list[Table]:
    """Every table that the results have the rows for.

    Args:
        document: ``results.json``.
        titles: of models by name.
        published: with the paper's own figures.
    """
    found = []
    for table in published_tables():
        found += paper_table(document, table, published=published)
    found += [modality_table(document, system, titles) for system in modality_rows(document)]
    return [*found, all_models(document, titles)]


def paper_table(document: Document, table: PublishedTable, *, published: bool = False) -> list[Table]:
    """The systems of one table of the paper, in its order and words.

    Args:
        document: ``results.json``.
        table: of the paper.
        published: with the paper's own figures: beside where the corpus is the paper's, else in a table after it.

    Returns:
        None, one or two tables.

    Example:
        >>> document = {"corpus": "talks", "models": [{"name": n, "metrics": {}} for n in ("mmfl-ca", "mmfl")],
        ...             "n": 2, "participants": 2, "positives": 1, "majority": None}
        >>> table, = paper_table(document, published_tables()[2])
        >>> [line.title for line in table.lines], table.notes[0]
        (['MMFL', 'MMFL + Cross-Attention'],
         'Not run: TCN (all); TCN (sentence); TCN (sentence) + LSTM; MMFL + Cross-Attention + CMJAT.')
    """
    beside = published and table.is_of(document)
    lines: list[Line] = []
    missing, reads = [], set()
    for row in table.rows:
        entries = _entries(document, row.model)
        for name, entry in entries:
            recipe = f", {name.recipe} recipe" if name.recipe else ""
            lines.append(line_of(document, entry, row.title + recipe))
            reads |= set(entry.get("modalities") or ())
        missing += [] if entries else [row.title]
        said = "as published" if entries else f"{row.title}, as published"
        lines += [published_line(row, said)] if beside else []
    if len(table.rows) - len(missing) < 2:
        return []
    notes = [f"Not run: {'; '.join(missing)}."] if missing else []
    if reads and reads != set(LETTERS):
        notes.append(f"Read here: {', '.join(in_order(reads))}; in the paper: {', '.join(LETTERS)}.")
    notes += [_published_note(table)] if beside else []
    corpus = document.get("corpus") or "a corpus without a name"
    title = f"The systems of the paper’s Table {table.number}, on {corpus}"
    made = [Table(f"table-{table.number}", title, tuple(lines), tuple(notes), _context(document))]
    return [*made, _published_apart(table)] if published and not beside else made


def _published_apart(table: PublishedTable) -> Table:
    return Table(
        f"published-{table.number}",
        f"As published: Table {table.number} of the paper, on {table.corpus_title}",
        tuple(published_line(row, row.title) for row in table.rows),
        (_published_note(table), "Other people than those tested here: these figures can’t be compared with them."),
        (),
        COLUMNS,
    )


def _published_note(table: PublishedTable) -> str:
    return (
        f"Published: what the paper printed for {table.corpus_title}, which it counts as {table.people} people, "
        f"{table.positives} depressed ({source()}, Table {table.number}); {caution()}."
    )


def published_line(row: PublishedRow, title: str) -> Line:
    """A row as the paper printed it."""
    scores = {name: {**NONE, "mean": mean, "sd": sd} for name, (mean, sd) in row.figures.items()}
    return Line(title, row.model, PUBLISHED, scores)


def modality_rows(document: Document) -> dict[str, list[dict[str, Any]]]:
    """The rows of Fig. 6 by system: those that name what they read, and the one that reads all there is.

    Returns:
        Entries of ``results.json`` in the order V, A, T, V+A, V+T, A+T, V+A+T; only systems with two rows or more.
    """
    by_system: dict[str, dict[tuple[str, ...], dict[str, Any]]] = {}
    named = [(RowName.of(entry["name"]), entry) for entry in document["models"]]
    for name, entry in named:
        if name.modalities:
            by_system.setdefault(name.system, {})[in_order(name.modalities)] = entry
    for name, entry in named:
        reads = in_order(entry.get("modalities") or ())
        if not name.modalities and name.system in by_system and reads:
            by_system[name.system].setdefault(reads, entry)
    places = list(in_order({one for sets in by_system.values() for reads in sets for one in reads}))
    return {
        system: [sets[reads] for reads in sorted(sets, key=lambda one: (len(one), [places.index(m) for m in one]))]
        for system, sets in by_system.items()
        if len(sets) > 1
    }


def reads_of(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """What a row of `modality_rows` reads."""
    return in_order(RowName.of(entry["name"]).modalities or entry.get("modalities") or ())


def table_key(system: str) -> str:
    """Name of a system's `modality_table`.

    Example:
        >>> table_key("smfl:paper")
        'modalities-smfl-paper'
    """
    return "modalities-" + "".join(letter if letter.isalnum() or letter in "-._" else "-" for letter in system)


def modality_table(document: Document, system: str, titles: Mapping[str, str]) -> Table:
    """One system on one, two and all modalities (Fig. 6).

    Args:
        document: ``results.json``.
        system: a key of `modality_rows`.
        titles: of models by name.
    """
    entries = modality_rows(document)[system]
    lines = tuple(line_of(document, entry, short(reads_of(entry))) for entry in entries)
    words = ", ".join(f"{short([name])} {name}" for name in in_order({one for e in entries for one in reads_of(e)}))
    title = f"{RowName.of(system).title(titles)} by what it reads (the paper’s Fig. 6)"
    return Table(table_key(system), title, lines, (f"{words}.",), _context(document))


def all_models(document: Document, titles: Mapping[str, str]) -> Table:
    """Every row, with parameters and time."""
    lines = tuple(line_of(document, entry, RowName.of(entry["name"]).title(titles)) for entry in document["models"])
    notes = ("Time: of fitting, a mean over fits (a fold of a seed), in seconds on one thread.",)
    corpus = document.get("corpus") or "a corpus without a name"
    return Table(ALL_MODELS, f"All models, on {corpus}", lines, notes, _context(document), costs=True)


def line_of(document: Document, entry: Mapping[str, Any], title: str) -> Line:
    """A row of results as a row of a table."""
    fits = fits_of(document)
    seconds = entry.get("seconds") or None
    scores = {name: {**NONE, **one} for name, one in entry["metrics"].items() if isinstance(one, Mapping)}
    return Line(title, entry["name"], RUN, scores, entry.get("parameters"), seconds / fits if seconds else None)


def fits_of(document: Document) -> int:
    """How many times each model was fitted: folds × seeds."""
    return int(document.get("folds") or 1) * len(document.get("seeds") or [0])


def _entries(document: Document, model: str) -> Sequence[tuple[RowName, Mapping[str, Any]]]:
    """Rows of a system that read all they may: the plain one, and others by recipe."""
    named = [(RowName.of(entry["name"]), entry) for entry in document["models"]]
    return [(name, entry) for name, entry in named if name.model == model and not name.modalities]


def _context(document: Document) -> tuple[str, ...]:
    return (*about(document), *meaning(document)) if document.get("majority") else ()
