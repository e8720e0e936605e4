"""`smfl.demo`: the whole main job on what is built in, from made-up interviews to a recording's report."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from smfl.interview import Cohort
from smfl.pipeline.load import load
from smfl.pipeline.predict import Prediction, predict
from smfl.pipeline.prepare import Progress, prepare
from smfl.pipeline.simulate import simulate
from smfl.pipeline.train import train
from smfl.simulation.demo_recording import make_recording

if TYPE_CHECKING:
    from smfl.evaluation import Results
    from smfl.features import Prepared

MODELS = ("smfl", "tcn-sentence", "logistic-regression")
PARTICIPANTS, MINUTES, FOLDS = 48, 1.5, 3
EFFECT = 2.0
"""Twice the published differences: in 48 people those would hardly show."""

Say = Callable[[str], None]
Steps = Callable[[str], Progress | None]
"""Begins a step of this name; gives what is told how far it is."""


@dataclass(frozen=True, eq=False)
class Demo:
    """What the demo made.

    Args:
        folder: everything is below it.
        prepared: the made-up interviews' features.
        results: of the comparison; its folder is ``results``.
        model: the trained model's folder.
        recording: the made-up video.
        prediction: of the recording; its folder is ``prediction``.
        seconds: by step.
    """

    folder: Path
    prepared: Prepared
    results: Results
    model: Path
    recording: Path
    prediction: Prediction
    seconds: dict[str, float]


def demo(
    out: str | Path = "smfl-demo",
    *,
    participants: int = PARTICIPANTS,
    minutes: float = MINUTES,
    models: Sequence[str] = MODELS,
    workers: int = 1,
    step: Steps | None = None,
) -> Demo:
    """Simulated interviews → features → SMFL beside baselines → a model → a recording → its prediction.

    Opens nothing, asks nothing, needs no network. Run again, it goes on where it was.

    Args:
        out: the folder for everything.
        participants: made-up people.
        minutes: length of an interview.
        models: that are compared; the first one is trained and judges the recording.
        workers: processes that fit.
        step: told the name of each step as it begins.

    Returns:
        What was made, and how long each step took.
    """
    from smfl.pipeline.evaluate import evaluate

    folder = Path(out)
    begin = step or (lambda _: None)
    clock = _Clock()
    simulated = simulate(
        "manifest",
        folder / "corpus",
        participants=participants,
        minutes=minutes,
        regime="sentence",
        effect=EFFECT,
        positives=0.5,
        progress=begin("simulating"),
    )
    clock.stop("simulate")
    prepared = prepare(simulated, folder / "prepared", progress=begin("preparing"))
    clock.stop("prepare")
    results = evaluate(
        prepared, list(models), folds=FOLDS, out=folder / "results", workers=workers, progress=begin("evaluating")
    )
    clock.stop("evaluate")
    train(prepared, folder / "model", model=models[0], progress=begin("training"))
    clock.stop("train")
    begin("recording")
    made = make_recording(folder / "recording")
    clock.stop("record")
    visit = prepare(
        _made_up(load(made.video)), folder / "recording" / "prepared", face_rate=10.0, progress=begin("measuring")
    )
    [prediction] = predict(folder / "model", visit, folder / "prediction")
    clock.stop("predict")
    return Demo(folder, prepared, results, folder / "model", made.video, prediction, clock.seconds)


def _made_up(cohort: Cohort) -> Cohort:
    """The recording's cohort, marked as what it is, so that its report says so."""
    source = replace(
        cohort.source,
        name="made-up recording",
        language="en",
        simulated=True,
        citation="a public-domain portrait (NASA, by scikit-image), moved; voices by eSpeak NG; nobody was recorded",
    )
    return Cohort(source, cohort.keys, cohort.read)


class _Clock:
    """How long each step took, s."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def stop(self, step: str) -> None:
        """End a step."""
        now = time.perf_counter()
        self.seconds[step], self._last = round(now - self._last, 2), now
