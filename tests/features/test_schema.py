"""The schema: what fits a model and what doesn't, by name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from smfl.features import Modality, Schema
from smfl.features.settings import ExtractionSettings
from smfl.interview import FeatureError

AUDIO = Modality(("F0", "loudness", "jitter"), "frame", 100.0, "egemaps")
TEXT = Modality(("text_000", "text_001"), "sentence", None, "text")
MODEL = Schema({"audio": AUDIO, "text": TEXT}, {"corpus": "toy", "max_sentences": 120})


def misfits(**modalities: Modality) -> list[str]:
    return MODEL.misfits(Schema(modalities))


def test_the_same_fits_and_so_do_more_columns_in_another_order() -> None:
    assert misfits(audio=AUDIO, text=TEXT) == []
    assert misfits(audio=replace(AUDIO, columns=("extra", "jitter", "F0", "loudness")), text=TEXT) == []


def test_a_missing_modality_is_no_misfit() -> None:
    assert misfits(audio=AUDIO) == []


def test_missing_columns_are_named() -> None:
    [one] = misfits(audio=replace(AUDIO, columns=("F0", "loudness")))
    assert one == "audio: the model needs the column 'jitter', which isn't there"
    [many] = misfits(audio=replace(AUDIO, columns=()))
    assert many == "audio: the model needs 3 columns that aren't there: 'F0', 'loudness', 'jitter'"


@pytest.mark.parametrize(("rate", "fits"), [(80.0, True), (125.0, True), (74.0, False), (126.0, False), (25.0, False)])
def test_rates_fit_within_a_quarter(rate: float, fits: bool) -> None:
    assert (misfits(audio=replace(AUDIO, rate_hz=rate)) == []) is fits


def test_another_level_is_named() -> None:
    [one] = misfits(text=replace(TEXT, level="frame", rate_hz=2.0))
    assert one == "text: the model was trained on sentence-level features; here: frame level"


def test_what_is_written_is_read(tmp_path: Path) -> None:
    with_settings = replace(MODEL, settings=ExtractionSettings(face_rate=12.5, modalities=("audio",)))
    with_settings.write(tmp_path / "schema.json")
    assert Schema.read(tmp_path / "schema.json") == with_settings


def test_what_is_no_schema_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(FeatureError, match=r"schema\.json: not there; is .* a folder that `smfl prepare`"):
        Schema.read(tmp_path / "schema.json")
    (tmp_path / "schema.json").write_text('{"format": 2}')
    with pytest.raises(FeatureError, match="not a feature schema"):
        Schema.read(tmp_path / "schema.json")
    (tmp_path / "schema.json").write_text("{}")
    with pytest.raises(FeatureError, match="of format None; this version reads 2: prepare again"):
        Schema.read(tmp_path / "schema.json")
