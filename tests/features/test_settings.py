"""The settings: made once at the door, stored as they are, and read back by whoever prepares for a model."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from smfl.features.settings import FOLDER, ExtractionSettings
from smfl.features.store import Prepared
from smfl.interview import CallError
from smfl.pipeline.load import load
from smfl.pipeline.predict import predict
from smfl.pipeline.prepare import prepare
from smfl.pipeline.simulate import simulate
from smfl.pipeline.train import train

SETTINGS = ExtractionSettings(face_rate=5.0, max_sentences=4, modalities=("video", "audio"), participant="ana")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    simulate("manifest", folder, participants=8, minutes=0.4, positives=0.5, seed=5)
    return folder


@pytest.fixture(scope="module")
def prepared(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepare(corpus, tmp_path_factory.mktemp("prepared"), settings=SETTINGS, repairs="none")


def test_they_are_stored_as_they_are(prepared: Prepared) -> None:
    assert Prepared(prepared.folder).schema.settings == SETTINGS


def test_options_are_fields_of_the_settings(corpus: Path, prepared: Prepared, tmp_path: Path) -> None:
    options = {one.name: getattr(SETTINGS, one.name) for one in fields(SETTINGS)}
    assert prepare(corpus, tmp_path, **options).schema == prepared.schema
    other = prepare(corpus, tmp_path, settings=SETTINGS, max_sentences=3)
    assert other.schema.settings.max_sentences == 3
    assert other.schema.settings.face_rate == 5.0


def test_a_recording_is_prepared_with_those_of_the_model(corpus: Path, prepared: Prepared, tmp_path: Path) -> None:
    train(prepared, tmp_path / "model", members=2, epochs=2)
    predict(tmp_path / "model", corpus, tmp_path / "out", participant="ben")
    used = Prepared(tmp_path / "out" / "prepared").schema.settings
    assert used == SETTINGS.changed(participant="ben")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"face_rte": 10}, "unknown setting 'face_rte'; did you mean 'face_rate'"),
        ({"extractors": ["egemap"]}, "unknown extractor 'egemap'; did you mean 'egemaps'"),
        ({"corpus": "manifest"}, "corpus: a corpus that is loaded already is read as it is; give its path"),
    ],
)
def test_a_wrong_name_is_refused_at_the_door(
    options: dict[str, Any], message: str, corpus: Path, tmp_path: Path
) -> None:
    with pytest.raises(CallError, match=message):
        prepare(load(corpus), tmp_path, **options)


def test_what_identifies_is_not_stored() -> None:
    stored = ExtractionSettings(names=("ottilie",), text_encoder="/home/ottilie/model").to_dict()
    assert "ottilie" not in str(stored)
    assert stored["text_encoder"] == FOLDER
