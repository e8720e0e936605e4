"""``smfl demo``: the whole way at once."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import click

from smfl.apps.cli.options import FOLDER, everywhere
from smfl.apps.cli.tables import print_banner, print_json
from smfl.apps.progress import Report, progress, say

MOST_WORKERS = 4
"""Processes: more would take longer to start than they save."""


@click.command()
@click.option(
    "--out", type=FOLDER, default=Path("smfl-demo"), show_default=True, metavar="DIR", help="Where everything is put."
)
@everywhere
def demo(out: Path, as_json: bool, quiet: bool) -> None:
    """Go the whole way on what is built in.

    It takes about two minutes. Made-up interviews become features; SMFL is compared with baselines; a model is
    trained; a made-up recording of a face and a voice is measured and judged. Needs no network.

    Example:
      smfl demo --out smfl-demo
    """
    from smfl.apps.report import write_report
    from smfl.pipeline.demo import demo as run

    with ExitStack() as shown:
        bar = ExitStack()
        shown.enter_context(bar)

        def step(name: str) -> Report | None:
            bar.close()
            say(f"{name} …", quiet=quiet)
            return bar.enter_context(progress(name, quiet=quiet))

        done = run(out, workers=min(os.cpu_count() or 1, MOST_WORKERS), step=step)
    pages = {name: str(write_report(out / name, out / name / "report.html")) for name in ("results", "prediction")}
    if as_json:
        print_json(
            {
                "folder": str(out),
                "results": done.results.document,
                "prediction": done.prediction.to_dict(),
                "reports": pages,
                "seconds": done.seconds,
            }
        )
        return
    print_banner(simulated=True)
    click.echo(done.results.table())
    p = done.prediction
    bounds = "" if p.interval is None else f" ({p.interval[0]:.2f} to {p.interval[1]:.2f})"
    click.echo(f"\nThe made-up recording {done.recording}: probability {p.probability:.2f}{bounds}")
    if p.abstain:
        click.echo(f"Disregard it, the model abstains: {p.abstain_reason}")
    click.echo(f"\nReports: {pages['results']}\n         {pages['prediction']}")
    click.echo(
        f"Took {sum(done.seconds.values()):.0f} s: " + ", ".join(f"{k} {v:.0f}" for k, v in done.seconds.items())
    )
