"""Run one study or all: ``python -m bench [STUDY…] [--quick]``."""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.studies import (
    ablation,
    comparison,
    corpora,
    daic_woz,
    defects,
    deidentify,
    extraction,
    fresh,
    learning_curve,
    missing,
    mosi,
    proxies,
    speech,
)
from smfl.simulation.model import REGIMES

STUDIES = {
    "comparison": comparison.run,
    "fresh": fresh.run,
    "daic-woz": daic_woz.run,
    "ablation": ablation.method,
    "recipe": ablation.recipe,
    "missing": missing.run,
    "learning-curve": learning_curve.run,
    "mosi": mosi.run,
    "defects": defects.run,
    "corpora": corpora.run,
    "deidentify": deidentify.run,
    "speech": speech.run,
    "extraction": extraction.run,
    "proxies": proxies.run,
}
PAGES = Path(__file__).resolve().parents[1] / "docs" / "benchmarks"


def main() -> None:
    """Parse and run."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("study", nargs="*", help=f"which of {', '.join(STUDIES)}; all by default")
    parser.add_argument("--work", type=Path, default=Path("scratch/bench"), help="where corpora and results go")
    parser.add_argument("--shared", type=Path, default=Path("../shared/data"), help="folder with cmu_mosi/ and speech/")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="small, to see that it runs; writes no page")
    parser.add_argument("--again", action="store_true", help="make anew what an earlier run left")
    parser.add_argument("--paper", action="store_true", help="fresh: the paper's recipe beside the tuned one")
    parser.add_argument("--sessions", type=int, help="corpora: how many to prepare, six at a time; six by default")
    parser.add_argument(
        "--seeds", type=int, help="comparison … learning-curve: repetitions; a study's own number by default"
    )
    parser.add_argument("--regimes", nargs="+", choices=REGIMES, help="comparison, ablation, …: only these")
    options = parser.parse_args()
    if unknown := [name for name in options.study if name not in STUDIES]:
        parser.error(f"no study {', '.join(unknown)}; there are {', '.join(STUDIES)}")
    for name in options.study or STUDIES:
        STUDIES[name](options, PAGES)


if __name__ == "__main__":
    main()
