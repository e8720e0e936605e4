"""Progress on stderr: what is done, how far it is, how long it still takes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Report = Callable[[int, int, str], None]
"""Called with how many are done, of how many, and what was done last."""


@contextmanager
def progress(what: str, *, quiet: bool) -> Iterator[Report | None]:
    """Show how far a long piece of work is.

    Args:
        what: it is, in a word or two.
        quiet: show nothing; nothing is shown either where stderr is no terminal.

    Yields:
        What the work is to call; None where nothing is shown.
    """
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("still"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[last]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None, last="")

        def report(done: int, total: int, last: str) -> None:
            bar.update(task, completed=done, total=total, last=last)

        yield report


def say(message: str, *, quiet: bool) -> None:
    """Tell on stderr what begins; nothing where quiet, or where stderr is no terminal."""
    if not quiet and sys.stderr.isatty():
        print(message, file=sys.stderr, flush=True)
