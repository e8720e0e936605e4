"""Training people are read once where several networks learn from them, and never mistaken for others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from smfl.features import SentenceFeatures
from smfl.training import SMFLClassifier
from smfl.training.inputs.preprocessing import InputSettings
from smfl.training.inputs.training_examples import training_examples

Make = Callable[..., tuple[list[SentenceFeatures], np.ndarray]]
SETTINGS = InputSettings(frame_hz=5.0, statistics=True, centred=True)


class Fingerprinted(Sequence[SentenceFeatures]):
    """Interviews that tell a fingerprint, and count how often they are read."""

    def __init__(self, people: list[SentenceFeatures], fingerprint: str) -> None:
        self.people, self.fingerprint, self.read = people, fingerprint, 0

    def __len__(self) -> int:
        return len(self.people)

    def __getitem__(self, index: Any) -> Any:
        self.read += 1
        return self.people[index]


def test_the_same_people_are_read_once(make_cohort: Make) -> None:
    people = Fingerprinted(make_cohort(6)[0], "same people, read once")
    once, again = (training_examples(people, SETTINGS, ("audio", "text"), "text", 120) for _ in range(2))
    assert people.read == len(people)
    assert again is once


def test_other_people_other_settings_or_no_fingerprint_are_measured_anew(make_cohort: Make) -> None:
    people, others = (make_cohort(6, seed=seed)[0] for seed in (0, 1))
    asked = SETTINGS, ("audio", "text"), "text", 120
    first = training_examples(Fingerprinted(people, "one"), *asked)
    for sequence, changed in (
        (Fingerprinted(others, "other"), asked),
        (people, asked),
        (Fingerprinted(people, "one"), (InputSettings(frame_hz=5.0), *asked[1:])),
        (Fingerprinted(people, "one"), (SETTINGS, ("audio",), "text", 120)),
        (Fingerprinted(people, "one"), (SETTINGS, ("audio", "text"), "audio", 120)),
        (Fingerprinted(people, "one"), (*asked[:3], 3)),
    ):
        assert training_examples(Fingerprinted(people, "one"), *asked) is not training_examples(sequence, *changed)
    mean = training_examples(Fingerprinted(others, "other"), *asked).inputs.measured["audio"].mean
    assert not np.allclose(mean, first.inputs.measured["audio"].mean)


def test_what_came_before_changes_no_figure(make_cohort: Make) -> None:
    """A network learns the same from people whom another one has just learned from."""
    people, labels = make_cohort(24)
    judged, _ = make_cohort(8, seed=1)

    def said(X: Sequence[SentenceFeatures], model: str) -> np.ndarray:
        return SMFLClassifier(model=model, members=2, epochs=2).fit(X, labels).predict_proba(judged)

    told = Fingerprinted(people, "what came before")
    for model in ("tcn-sentence", "smfl", "tcn-sentence"):
        np.testing.assert_array_equal(said(told, model), said(people, model))
