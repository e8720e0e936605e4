"""A small made-up corpus, prepared once, and a model of it trained for a moment."""

from __future__ import annotations

from pathlib import Path

import pytest

from smfl.features import Prepared
from smfl.pipeline.prepare import prepare
from smfl.pipeline.train import train
from smfl.simulation import simulate

SIGNALS = ("video", "audio")
"""What is measured in most tests: the sentence encoder takes seconds to load."""


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve made-up people with strong signs, half a minute each, in the open format."""
    return simulate(
        "manifest", tmp_path_factory.mktemp("corpus"), participants=12, minutes=0.5, positives=0.5, effect=4.0, seed=3
    )


@pytest.fixture(scope="session")
def made(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """The same, prepared: face and voice."""
    return prepare(corpus, tmp_path_factory.mktemp("made"), modalities=SIGNALS)


@pytest.fixture(scope="session")
def model(made: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder: two members, two epochs."""
    folder = tmp_path_factory.mktemp("model")
    train(made, folder, members=2, epochs=2)
    return folder
