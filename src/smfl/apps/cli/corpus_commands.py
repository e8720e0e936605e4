"""Commands about corpora: simulate, prepare, describe, corpora, encoders."""

from __future__ import annotations

from pathlib import Path

import click

from smfl.apps.cli.options import FOLDER, everywhere, out_folder
from smfl.apps.cli.tables import (
    ledger_document,
    print_banner,
    print_description,
    print_json,
    print_ledger,
    print_table,
)
from smfl.apps.progress import progress, say


@click.command()
@click.argument("corpus")
@out_folder("The corpus's folder, made where it isn't there.")
@click.option("--participants", type=int, default=60, show_default=True, help="How many people.")
@click.option("--minutes", type=float, default=4.0, show_default=True, help="Length of an interview.")
@click.option(
    "--regime",
    default="sentence",
    show_default=True,
    help="Where the signal is: global (everywhere), sentence (in some), cross-modal (in their combination).",
)
@click.option("--effect", type=float, default=1.0, show_default=True, help="Strength of the signal; 0 for none.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed writes the same corpus.")
@click.option("--confound", "confounds", multiple=True, metavar="NAME", help="Plant a leak; may be given again.")
@click.option("--defects", is_flag=True, help="Plant the defects that the real corpus has.")
@everywhere
def simulate(
    corpus: str,
    out: Path,
    participants: int,
    minutes: float,
    regime: str,
    effect: float,
    seed: int,
    confounds: tuple[str, ...],
    defects: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    r"""Write a corpus of made-up people, in CORPUS's format.

    With it comes truth.csv: for each participant the ideal observer's log-likelihood ratio, the best that any model
    could do.

    \b
    Example:
      smfl simulate daic-woz --out made-up --participants 40 --seed 1
    """
    from smfl.pipeline.simulate import simulate as run

    with progress("simulating", quiet=quiet) as report:
        folder = run(
            corpus,
            out,
            participants=participants,
            minutes=minutes,
            regime=regime,
            effect=effect,
            seed=seed,
            confounds=confounds,
            defects=defects,
            progress=report,
        )
    if as_json:
        print_json({"corpus": corpus, "folder": str(folder), "participants": participants, "simulated": True})
    else:
        click.echo(f"{folder}: {participants} made-up interviews in the format of {corpus}")
        click.echo(f"Next: smfl prepare {folder} --out prepared")


@click.command()
@click.argument("source", type=FOLDER)
@out_folder("The prepared folder, made where it isn't there.")
@click.option("--corpus", metavar="NAME", help="Which corpus it is; found out by what is in the folder otherwise.")
@click.option(
    "--features",
    default="common",
    show_default=True,
    help="common: what a recording gives too; own: the corpus's own action units, COVAREP and formants.",
)
@click.option("--text-encoder", default="minilm", show_default=True, metavar="NAME", help="See: smfl encoders.")
@click.option("--face-rate", type=float, metavar="HZ", help="Measure the face so often a second; else every frame.")
@click.option("--max-sentences", type=int, default=120, show_default=True, metavar="M", help="The threshold M.")
@click.option("--workers", type=int, default=1, show_default=True, help="Processes.")
@everywhere
def prepare(
    source: Path,
    out: Path,
    corpus: str | None,
    features: str,
    text_encoder: str,
    face_rate: float | None,
    max_sentences: int,
    workers: int,
    as_json: bool,
    quiet: bool,
) -> None:
    r"""Turn a corpus or recording into features by sentence.

    Goes on where it was when it is run again. Prints the ledger: what was repaired, and what was skipped and why.

    \b
    Example:
      smfl prepare DAIC-WOZ --out prepared --workers 4
    """
    from smfl.pipeline.prepare import prepare as run

    with progress("preparing", quiet=quiet) as report:
        data = run(
            source,
            out,
            corpus=corpus,
            features=features,
            text_encoder=text_encoder,
            face_rate=face_rate,
            max_sentences=max_sentences,
            workers=workers,
            progress=report,
        )
    settings, entries = data.schema.settings, data.ledger()
    if as_json:
        facts = {"folder": str(out), "corpus": settings["corpus"], "simulated": settings["simulated"]}
        sizes = {"interviews": len(data), "sentences": int(data.table["n_sentences"].sum())}
        print_json(facts | sizes | {"modalities": list(data.schema.modalities), "ledger": ledger_document(entries)})
        return
    print_banner(settings["simulated"])
    modalities = ", ".join(f"{name} ({len(m.columns)} columns)" for name, m in data.schema.modalities.items())
    click.echo(f"{out}: {len(data)} interviews, {data.table['n_sentences'].sum()} sentences; {modalities}")
    print_ledger(entries)


@click.command()
@click.argument("prepared", type=FOLDER)
@everywhere
def describe(prepared: Path, as_json: bool, quiet: bool) -> None:
    r"""Say who is in it, by label, and what is missing.

    \b
    Example:
      smfl describe prepared
    """
    from smfl.pipeline.describe import describe as run

    say(f"reading {prepared}", quiet=quiet or as_json)
    description = run(prepared)
    if as_json:
        print_json(description.to_dict())
    else:
        print_description(description)


@click.command()
@everywhere
def corpora(as_json: bool, quiet: bool) -> None:
    r"""List the corpora that can be read or simulated.

    \b
    Example:
      smfl corpora
    """
    from smfl.corpora import CORPORA

    say(f"{len(CORPORA)} corpora", quiet=quiet or as_json)
    if as_json:
        fields = ("title", "citation", "access", "licence", "language", "label_rule", "looks_for")
        print_json(
            {
                name: {field: getattr(corpus, field) for field in fields} | {"simulator": corpus.simulate is not None}
                for name, corpus in CORPORA.items()
            }
        )
        return
    rows = [(name, c.title, c.language, c.label_rule, "yes" if c.simulate else "") for name, c in CORPORA.items()]
    print_table(("corpus", "what it is", "language", "label", "simulator"), rows)


@click.command()
@everywhere
def encoders(as_json: bool, quiet: bool) -> None:
    r"""List the sentence encoders for --text-encoder.

    \b
    Example:
      smfl encoders
    """
    from smfl.features.text import ENCODERS

    say(f"{len(ENCODERS)} encoders", quiet=quiet or as_json)
    if as_json:
        print_json({name: {"description": str(entry)} for name, entry in ENCODERS.items()})
        return
    print_table(("encoder", "what it is"), list(ENCODERS.items()))
