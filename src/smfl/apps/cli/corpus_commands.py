"""Commands about corpora: simulate, prepare, describe, encoders."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from smfl.apps.cli.options import FOLDER, deidentification, everywhere, hearing, names, out_folder
from smfl.apps.cli.tables import (
    ledger_document,
    print_banner,
    print_description,
    print_json,
    print_ledger,
    print_table,
)
from smfl.apps.progress import progress


@click.command()
@click.argument("corpus")
@out_folder("The corpus's folder, made where it isn't there.")
@click.option("--participants", type=int, help="How many people; as many as suit the corpus by default.")
@click.option("--minutes", type=float, default=4.0, show_default=True, help="Length of an interview.")
@click.option(
    "--regime",
    default="global",
    show_default=True,
    help="Where the signs are: global (everywhere), sentence (in some), cross-modal (in their combination).",
)
@click.option("--effect", type=float, default=1.0, show_default=True, help="How strong; 1 as published, 0 none.")
@click.option("--positives", type=float, default=0.3, show_default=True, help="Share of depressed people.")
@click.option("--modalities", metavar="A,B", help="Of video,audio,text; all by default.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed writes the same corpus.")
@click.option("--defects", is_flag=True, help="Plant the defects that the real corpus has.")
@click.option("--archives", is_flag=True, help="Each interview as it is downloaded: zip or tar.gz.")
@click.option(
    "--confound",
    "confounds",
    multiple=True,
    metavar="NAME",
    help="Plant what gives labels away: prompts, gender, duration, order, scrub or speaker-windows. May be repeated.",
)
@everywhere
def simulate(
    corpus: str,
    out: Path,
    participants: int | None,
    minutes: float,
    regime: str,
    effect: float,
    positives: float,
    modalities: str | None,
    seed: int,
    defects: bool,
    archives: bool,
    confounds: tuple[str, ...],
    as_json: bool,
    quiet: bool,
) -> None:
    """Write a corpus of made-up people, in CORPUS's format.

    With it comes truth.csv: for each participant the ideal observer's log-likelihood ratio, the best that any model
    could do.

    Example:
      smfl simulate daic-woz --out made-up --participants 40 --seed 1
      smfl simulate edaic --out made-up --defects --archives --confound prompts
    """
    from smfl.corpora import CORPORA
    from smfl.pipeline.simulate import simulate as run

    wanted = names(modalities, what="--modalities")
    asked = {"modalities": wanted, "defects": defects, "archives": archives, "confounds": confounds}
    with progress("simulating", quiet=quiet) as report:
        cohort = run(
            corpus,
            out,
            minutes=minutes,
            regime=regime,
            effect=effect,
            positives=positives,
            seed=seed,
            progress=report,
            **({} if participants is None else {"participants": participants}),
            **{name: value for name, value in asked.items() if value},
        )
    if as_json:
        print_json({"corpus": corpus, "folder": str(out), "interviews": len(cohort), "simulated": True})
        return
    print_banner(simulated=True)
    click.echo(f"{out}: {len(cohort)} made-up interviews in the format of {corpus}")
    rules = CORPORA[corpus].label_rules
    click.echo(f"Next: smfl prepare {out} --out prepared" + (f" --label-rule {rules[0]!r}" if rules else ""))


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
@click.option(
    "--text-level", default="sentence", show_default=True, help="sentence: a vector each; token: hidden states."
)
@click.option(
    "--extractor", "extractors", multiple=True, metavar="NAME", help="Use this one for its modality. May be repeated."
)
@click.option("--face-rate", type=float, metavar="HZ", help="Measure the face so often a second; else every frame.")
@click.option("--max-sentences", type=int, default=120, show_default=True, metavar="M", help="The threshold M.")
@hearing
@deidentification
@click.option("--workers", type=int, default=1, show_default=True, help="Processes.")
@click.option("--repairs", default="default", show_default=True, help="default: mend known defects; none: as they are.")
@click.option("--exclude-known-bad", is_flag=True, help="Leave out the sessions that other authors leave out.")
@click.option("--label-rule", metavar="RULE", help="Which one, where a corpus's labels contradict its scores.")
@everywhere
def prepare(source: Path, out: Path, workers: int, as_json: bool, quiet: bool, **options: Any) -> None:
    """Turn a corpus or recording into features by sentence.

    Goes on where it was when it is run again. Prints the ledger: what was repaired, and what was skipped and why.

    Example:
      smfl prepare DAIC-WOZ --out prepared --workers 4
    """
    from smfl.features.extraction.quality import facts_in, grade_of
    from smfl.pipeline.prepare import prepare as run

    with progress("preparing", quiet=quiet) as report:
        data = run(source, out, workers=workers, progress=report, **options)
    facts, entries = data.schema.source, data.ledger()
    grades = [grade_of(facts_in(row)) for row in data.table.to_dict("records")]
    quality = {grade: grades.count(grade) for grade in ("poor", "fair", "good")}
    if as_json:
        made = {"folder": str(out), "corpus": facts["corpus"], "simulated": facts["simulated"]}
        sizes = {"interviews": len(data), "sentences": int(data.table["n_sentences"].sum())}
        print_json(
            made
            | sizes
            | {"modalities": list(data.schema.modalities), "quality": quality, "ledger": ledger_document(entries)}
        )
        return
    print_banner(facts["simulated"])
    modalities = ", ".join(f"{name} ({len(m.columns)} columns)" for name, m in data.schema.modalities.items())
    click.echo(f"{out}: {len(data)} interviews, {data.table['n_sentences'].sum()} sentences; {modalities}")
    if facts["label_rule"]:
        click.echo(f"Labels: {facts['label_rule']}")
    print_ledger(entries)
    counts = f"{quality['poor']} poor, {quality['fair']} worth a look, {quality['good']} good"
    click.echo(f"Quality: {counts} (smfl report {out} --out quality.html)")


@click.command()
@click.argument("prepared", type=FOLDER)
@click.option("--out", type=FOLDER, metavar="FILE", help="A page with figures, too; a folder: cohort.html in it.")
@everywhere
def describe(prepared: Path, out: Path | None, as_json: bool, quiet: bool) -> None:
    """Say who is in it, by label, and what is missing.

    Example:
      smfl describe prepared
      smfl describe prepared --out cohort.html
    """
    from smfl.pipeline.describe import describe as run

    description = run(prepared)
    page = None
    if out is not None:
        from smfl.apps.report.pages.cohort import write_cohort

        page = write_cohort(prepared, out)
    if as_json:
        print_json(description.to_dict() | ({"page": str(page)} if page else {}))
        return
    print_description(description)
    if page:
        click.echo(f"The page: {page}")


@click.command()
@everywhere
def encoders(as_json: bool, quiet: bool) -> None:
    """List the sentence encoders and the speech models.

    Example:
      smfl encoders
    """
    from smfl.features.speech.speech_models import SPEECH_MODELS
    from smfl.features.text.encoders import ENCODERS

    if as_json:
        words = {name: {"option": "--text-encoder"} | encoder.to_dict() for name, encoder in ENCODERS.items()}
        speech = {name: {"option": "--speech-model"} | asdict(model) for name, model in SPEECH_MODELS.items()}
        print_json(words | speech)
        return
    rows = [
        (name, e.source, e.language, e.dimensions, e.licence, "built in" if e.offline else "", e.reference)
        for name, e in ENCODERS.items()
    ]
    print_table(("encoder", "model", "language", "dimensions", "licence", "offline", "reference"), rows)
    click.echo("Or any other: --text-encoder FOLDER, or a name on the Hugging Face hub (owner/model).\n")
    heard = [
        (
            name,
            m.source,
            "English" if m.language == "en" else "many",
            f"{m.parameters} million",
            m.licence,
            "built in" if m.offline else "",
        )
        for name, m in SPEECH_MODELS.items()
    ]
    print_table(("speech model", "weights", "language", "parameters", "licence", "offline"), heard)
    click.echo("Or any other Whisper for faster-whisper: --speech-model FOLDER, or a name on the Hugging Face hub.")
