"""`smfl corpora`: which there are, and `smfl corpora check`: what a folder is, before hours are spent on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from smfl.apps.cli.options import FOLDER, everywhere
from smfl.apps.cli.tables import print_banner, print_json, print_table
from smfl.apps.progress import progress

if TYPE_CHECKING:
    from smfl.pipeline.check import Checked

NAMED = 3
"""So many interviews are named beside a finding."""


@click.group(invoke_without_command=True)
@everywhere
@click.pass_context
def corpora(context: click.Context, as_json: bool, quiet: bool) -> None:
    """List the corpora, or check a folder of one.

    Example:
      smfl corpora
      smfl corpora check DAIC-WOZ
    """
    if context.invoked_subcommand is not None:
        return
    from smfl.corpora import CORPORA
    from smfl.simulation import SIMULATORS

    known = sorted(CORPORA.items())
    if as_json:
        fields = ("title", "citation", "access", "licence", "language", "label_rule", "looks_for")
        print_json(
            {
                name: {field: getattr(corpus, field) for field in fields} | {"simulator": name in SIMULATORS}
                for name, corpus in known
            }
        )
        return
    rows = [(name, c.title, c.language, c.label_rule, "yes" if name in SIMULATORS else "") for name, c in known]
    print_table(("corpus", "what it is", "language", "label", "simulator"), rows)


@corpora.command()
@click.argument("path", type=FOLDER)
@click.option("--corpus", metavar="NAME", help="Which corpus it is; found out by what is in the folder otherwise.")
@click.option("--label-rule", metavar="RULE", help="How labels are made, where the corpus has several rules.")
@everywhere
def check(path: Path, corpus: str | None, label_rule: str | None, as_json: bool, quiet: bool) -> None:
    """Say what a folder is thought to be, what is broken, and what will be done about it.

    Reads tables, transcripts and headers, and measures nothing.

    Example:
      smfl corpora check DAIC-WOZ
    """
    from smfl.pipeline.check import check as run

    with progress("checking", quiet=quiet) as report:
        found = run(path, corpus, label_rule=label_rule, progress=report)
    if as_json:
        print_json(found.to_dict())
        return
    _print(found)


def _print(found: Checked) -> None:
    print_banner(found.simulated)
    click.echo(f"{found.folder}: {found.corpus}, {found.title}")
    people = f" of {found.people} people" if found.people else ""
    click.echo(f"{found.usable} of {found.listed} interviews can be used{people}. Language: {found.language}")
    counts = [f"{count} {label}" for label, count in found.labels.items() if count]
    click.echo(f"Label: {found.label_rule}: " + (", ".join(counts) or "nobody"))
    if found.splits:
        click.echo("The corpus's own split: " + ", ".join(f"{count} {part}" for part, count in found.splits.items()))
    rows = [(what, count, f"{count / found.usable:.0%}") for what, count in found.has.items()]
    print_table(("interviews with", "how many", "share"), rows)
    findings = [
        (one.kind, one.what, _named(one.interviews), " – ".join(filter(None, (one.where, one.why))), one.will_be)
        for one in found.findings
    ]
    if findings:
        print_table(("", "what was found", "in", "where, why", "what will be done"), findings)
    else:
        click.echo("Nothing is broken, missing or to be mended.")
    for sentence in found.advice:
        click.echo(sentence)
    further = f" --corpus {found.corpus}" if found.also_looks_like else ""
    further += f" --label-rule {found.label_rules[0]!r}" if found.label_rules else ""
    click.echo(f"Next: smfl prepare {found.folder} --out prepared{further}")


def _named(interviews: tuple[str, ...]) -> str:
    """How many interviews, and the first of them."""
    if not interviews:
        return "the corpus"
    shown = ", ".join(interviews[:NAMED])
    return shown if len(interviews) <= NAMED else f"{len(interviews)}: {shown}, …"
