"""Commands about models: train, evaluate, predict, report, models."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from smfl.apps.cli.options import FOLDER, choosing, everywhere, hearing, names, out_folder
from smfl.apps.cli.tables import print_banner, print_chosen, print_json, print_shift, print_table
from smfl.apps.progress import progress

if TYPE_CHECKING:
    from smfl.pipeline.predict import Prediction

MOST_WARNINGS = 8
"""Lines on the terminal; the report has them all."""

_MODALITIES = click.option("--modalities", metavar="A,B", help="Of video,audio,text; all there are by default.")
_PUBLISHED = click.option(
    "--published", is_flag=True, help="With the figures that the paper printed, marked; they were stopped on test."
)
_RECIPE = click.option(
    "--recipe", default="tuned", show_default=True, help="paper: as published (§3.2); tuned: on validation people."
)


_TASK = click.option(
    "--task",
    default="binary",
    show_default=True,
    metavar="A,B",
    help="Of binary, severity (bands of the PHQ-8), score; several are learned together.",
)


@click.command()
@click.argument("prepared", type=FOLDER)
@out_folder("The model folder.")
@click.option("--model", default="smfl", show_default=True, metavar="NAME", help="See: smfl models.")
@_RECIPE
@_MODALITIES
@_TASK
@click.option("--seed", type=int, default=0, show_default=True, help="Of everything random.")
@choosing
@everywhere
def train(
    prepared: Path,
    out: Path,
    model: str,
    recipe: str,
    modalities: str | None,
    task: str,
    seed: int,
    tune: int,
    strong: str | None,
    weak: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Train one model on every labelled interview.

    How good it is, smfl evaluate tells; this model has seen everyone.

    Example:
      smfl train prepared --out model
      smfl train prepared --out model --tune 20 --strong auto --weak auto
    """
    from smfl.pipeline.train import train as run

    with progress("training", quiet=quiet) as report:
        fitted = run(
            prepared,
            out,
            model=model,
            recipe=recipe,
            modalities=names(modalities, what="--modalities"),
            task=task,
            seed=seed,
            progress=report,
            tune=tune,
            strong=strong,
            weak=names(weak, what="--weak"),
        )
    facts = {
        "model": model,
        "folder": str(out),
        "modalities": list(fitted.schema_.modalities),
        "parameters": fitted.n_parameters_,
        "members": len(fitted.networks_),
        **fitted.facts_,
        "choices": fitted.choices_,
    }
    if as_json:
        print_json(facts)
        return
    print_banner(facts["simulated"])
    people = f"{facts['interviews']} interviews of {facts['participants']} participants, {facts['depressed']} depressed"
    click.echo(f"{out}: {model}, {facts['members']} × {facts['parameters']:,} parameters, trained on {people}")
    print_chosen([{"name": model, "choices": [fitted.choices_]}])
    click.echo(f"Next: smfl predict {out} recording.mp4 --out prediction")


@click.command()
@click.argument("prepared", type=FOLDER)
@out_folder("The results folder; report.html lies in it.")
@click.option(
    "--model",
    "models",
    default="smfl",
    show_default=True,
    metavar="A,B|all",
    help="See: smfl models. NAME@each: on each modality, pair, …; all: every model, and smfl@each.",
)
@click.option("--folds", type=int, default=5, show_default=True, help="Parts of participants.")
@click.option("--seeds", type=int, default=1, show_default=True, help="Repetitions, each with other folds.")
@click.option(
    "--protocol", help="nested (by default), holdout (8:2), official, paper (optimistic), or across: --train-on."
)
@click.option(
    "--train-on", type=FOLDER, metavar="PREPARED", help="Fit on all of this corpus, test on all of the other."
)
@click.option("--allow-overlap", is_flag=True, help="With --train-on: test on people who were trained on.")
@_RECIPE
@_MODALITIES
@_TASK
@_PUBLISHED
@choosing
@click.option("--workers", type=int, default=1, show_default=True, help="Processes.")
@everywhere
def evaluate(
    prepared: Path,
    out: Path,
    models: str,
    folds: int,
    seeds: int,
    protocol: str | None,
    train_on: Path | None,
    allow_overlap: bool,
    recipe: str,
    modalities: str | None,
    task: str,
    published: bool,
    tune: int,
    strong: str | None,
    weak: str | None,
    workers: int,
    as_json: bool,
    quiet: bool,
) -> None:
    """Compare models on the same held-out participants.

    Nobody is ever both trained and tested on. Each score is mean ± sd over folds and
    seeds, with a 95 % interval over participants. The paper's tables are written too, as
    Markdown, LaTeX and CSV.

    Example:
      smfl evaluate prepared --out results --model smfl,tcn-sentence,logistic-regression --seeds 3
      smfl evaluate prepared --out results --model smfl,smfl@text,smfl:paper
      smfl evaluate prepared --out results --model all --workers 2
      smfl evaluate prepared --out results --model smfl,ridge --task binary,severity,score
      smfl evaluate prepared --out results --model smfl,gradient-boosting --tune 20 --strong auto
      smfl evaluate prepared --train-on other-corpus --out across --model smfl,tfidf-linear
    """
    from smfl.apps.report import write_report
    from smfl.pipeline.evaluate import evaluate as run

    with progress("evaluating", quiet=quiet) as report:
        results = run(
            prepared,
            models,
            folds=folds,
            seeds=seeds,
            protocol=protocol,
            train_on=train_on,
            allow_overlap=allow_overlap,
            recipe=recipe,
            modalities=names(modalities, what="--modalities"),
            task=task,
            out=out,
            workers=workers,
            progress=report,
            tune=tune,
            strong=strong,
            weak=names(weak, what="--weak"),
        )
    page = write_report(out, out / "report.html", published=published)
    if as_json:
        print_json(results.document)
        return
    click.echo(results.table())
    if "shift" in results.document:
        print_shift(results.document)
    print_chosen(results.document["models"])
    click.echo(f"\nReport: {page}\nTables: {out / 'tables'}")


@click.command()
@click.argument("model", type=FOLDER)
@click.argument("inputs", type=FOLDER, nargs=-1, required=True, metavar="INPUT...")
@out_folder("prediction.json and report.html are written here.")
@click.option(
    "--transcript", type=FOLDER, metavar="FILE", help="Of the one recording; else the file beside it of its name."
)
@hearing
@click.option(
    "--text-encoder",
    type=FOLDER,
    metavar="FOLDER",
    help="Of the encoder, where the model's isn't built in; its weights.",
)
@click.option("--online", is_flag=True, help="Let the model's text encoder be fetched from the Hugging Face hub.")
@click.option("--workers", type=int, default=1, show_default=True, help="Processes that prepare recordings.")
@click.option("--allow-overlap", is_flag=True, help="Judge people of another corpus whom the model was trained on.")
@everywhere
def predict(
    model: Path,
    inputs: tuple[Path, ...],
    out: Path,
    transcript: Path | None,
    workers: int,
    allow_overlap: bool,
    as_json: bool,
    quiet: bool,
    **further: Any,
) -> None:
    """Judge recordings or prepared interviews.

    Gives a probability with an interval, or abstains and says why; and each sentence's part in it. Without a
    transcript the words are recognised, and the report says so.

    Example:
      smfl predict model visit.mp4 --transcript visit.srt --out prediction
    """
    from smfl.apps.report import write_report
    from smfl.pipeline.predict import predict as run

    with progress("predicting", quiet=quiet) as report:
        predictions = run(
            model,
            inputs,
            out,
            transcript=transcript,
            allow_overlap=allow_overlap,
            workers=workers,
            progress=report,
            **further,
        )
    page = write_report(out, out / "report.html")
    if as_json:
        documents = [prediction.to_dict() for prediction in predictions]
        print_json(documents[0] if len(documents) == 1 else {"predictions": documents})
        return
    print_banner(predictions[0].simulated)
    rows = [_row(prediction) for prediction in predictions]
    print_table(("interview", "probability", "interval", "says", "sentences", "there"), rows)
    for warning in _warnings(predictions)[:MOST_WARNINGS]:
        click.echo(f"! {warning}")
    click.echo(f"The interval: {predictions[0].interval_method}. A screening estimate for research; no diagnosis.")
    click.echo(f"Report: {page}")


def _warnings(predictions: Sequence[Prediction]) -> list[str]:
    """Each warning once, with the interviews that it is of where it isn't of all."""
    whose: dict[str, list[str]] = {}
    for prediction in predictions:
        for warning in prediction.warnings:
            whose.setdefault(warning, []).append(prediction.interview)
    return [
        warning if len(who) == len(predictions) else f"{warning} ({', '.join(who[:5])}{', …' if len(who) > 5 else ''})"
        for warning, who in whose.items()
    ]


def _row(prediction: Prediction) -> tuple[str, ...]:
    bounds = prediction.interval
    verdict = "above .5" if prediction.probability >= prediction.decision_threshold else "below .5"
    there = ", ".join(f"{name} {m['coverage']:.0%}" for name, m in prediction.modalities.items())
    return (
        prediction.interview,
        f"{prediction.probability:.2f}",
        "–" if bounds is None else f"{bounds[0]:.2f} to {bounds[1]:.2f}",
        f"abstains: {prediction.abstain_reason}" if prediction.abstain else verdict,
        str(len(prediction.sentences)),
        there,
    )


@click.command()
@click.argument("source", type=FOLDER, metavar="RESULTS|PREDICTION|PREPARED")
@click.option("--out", type=FOLDER, required=True, metavar="FILE.html", help="The page.")
@_PUBLISHED
@everywhere
def report(source: Path, out: Path, published: bool, as_json: bool, quiet: bool) -> None:
    """Make a page of results, a prediction, or data quality.

    Example:
      smfl report results --out results.html
      smfl report prepared --out quality.html
    """
    from smfl.apps.report import write_report

    page = write_report(source, out, published=published)
    if as_json:
        print_json({"report": str(page)})
    else:
        click.echo(str(page))


@click.command()
@everywhere
def models(as_json: bool, quiet: bool) -> None:
    """List the models that can be compared or trained.

    Example:
      smfl models
    """
    from smfl.training.models import MODELS

    if as_json:
        print_json({n: {"title": e.title, "reference": e.source, "trainable": e.trainable} for n, e in MODELS.items()})
        return
    rows = [(name, e.title, e.source, "yes" if e.trainable else "") for name, e in MODELS.items()]
    print_table(("model", "what it is", "reference", "smfl train"), rows)
