"""Every registered extractor keeps the contract, and gives what it gave: other output demands another version."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smfl.features.extraction.extract import extract
from smfl.features.extractors import EXTRACTORS, Choice, Context, Extractor, Preference, choose
from smfl.features.face.video import LEAD_S
from smfl.features.settings import ExtractionSettings
from smfl.features.store import Prepared
from smfl.interview import FeatureError, Interview, Signal, SmflError

GOLDEN = Path(__file__).with_name("golden.json")
SHOWN = 12
"""So many columns of an extractor's output are compared, spread over all."""
TOLERANCE = 0.02
"""Of means and deviations on another processor."""

every_extractor = pytest.mark.parametrize("extractor", EXTRACTORS.values(), ids=list(EXTRACTORS))


def modality_of(extractor: Extractor) -> str:
    return "eeg" if extractor.modality == "any" else extractor.modality


def settings_for(extractor: Extractor, **options: Any) -> ExtractionSettings:
    return ExtractionSettings(features=extractor.features[0], modalities=(modality_of(extractor),), **options)


def context_of(tiny: Interview, extractor: Extractor, settings: ExtractionSettings) -> Context:
    stretches = tuple(sentence.segment for sentence in tiny.sentences if sentence.segment)
    return Context(settings, modality_of(extractor), tiny.sentences, stretches)


def measured(tiny: Interview, extractor: Extractor, **options: Any) -> tuple[Signal, Context]:
    settings = settings_for(extractor, **options)
    context = context_of(tiny, extractor, settings)
    extractor.check(tiny, settings)
    try:
        return extractor.extract(tiny, context), context
    except SmflError as fault:
        pytest.skip(str(fault))


@every_extractor
def test_the_columns_are_those_that_it_names_each_with_a_unit(extractor: Extractor, tiny: Interview) -> None:
    signal, context = measured(tiny, extractor)
    columns = extractor.columns(context.settings)
    assert signal.columns[: len(columns)] == tuple(columns)
    assert extractor.further or len(columns) == len(signal.columns)
    assert all(columns.values()), "a column without a unit has the unit '1'"


@every_extractor
def test_frames_are_in_time_order_and_no_value_is_infinite(extractor: Extractor, tiny: Interview) -> None:
    signal, context = measured(tiny, extractor)
    assert not np.isinf(signal.values).any()
    if signal.times is None:
        assert len(signal) == len(tiny.sentences) if signal.counts is None else len(signal.counts) == 2
        return
    assert (np.diff(signal.times) > 0).all()
    if extractor.preference is Preference.RECORDING:
        assert context.stretches is not None
        assert all(any(s.start - LEAD_S <= t < s.stop for s in context.stretches) for t in signal.times)


@every_extractor
def test_nothing_of_what_is_silenced_is_left(extractor: Extractor, tiny: Interview) -> None:
    pytest.importorskip("presidio_analyzer")
    settings = settings_for(extractor)
    chosen = {modality_of(extractor): Choice(extractor, extractor.identity(settings))}
    plain = extract(tiny, settings, chosen)
    without = extract(tiny, replace(settings, deidentify=True, names=("ottilie",)), chosen)
    assert without.features.texts[0] == "my sister is called [NAME]"
    [kept], [before] = without.features.offsets.values(), plain.features.offsets.values()
    if extractor.of_sound:
        assert kept[1] < before[1] * 0.9
        assert kept[2] - kept[1] == before[2] - before[1]
    elif extractor.modality != "text":
        assert kept.tolist() == before.tolist()


@every_extractor
def test_its_identity_changes_with_what_decides(
    extractor: Extractor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, other = ExtractionSettings(), {"face_rate": 5.0, "text_level": "token"}
    first = extractor.identity(settings)
    assert first.startswith(f"{extractor.name} {extractor.version}")
    for name in extractor.decides:
        assert extractor.identity(settings.changed(**{name: other[name]})) != first
    file = tmp_path / "weights.bin"
    monkeypatch.setattr(type(extractor), "weights", lambda *_: (file,))
    identities = []
    for content in (b"one", b"other"):
        file.write_bytes(content)
        identities.append(extractor.identity(settings))
    assert len(set(identities)) == 2


def test_text_is_known_by_its_encoder() -> None:
    one, other = (
        EXTRACTORS["text"].identity(ExtractionSettings(text_encoder=e)) for e in ("minilm", "use-multilingual")
    )
    assert one != other


def summary(signal: Signal) -> dict[str, Any]:
    shown = np.unique(np.linspace(0, len(signal.columns) - 1, SHOWN).astype(int))
    with np.errstate(all="ignore"):
        return {
            "rows": len(signal),
            "columns": len(signal.columns),
            "missing": round(float(np.isnan(signal.values).mean()), 3),
            "means": {signal.columns[i]: float(f"{np.nanmean(signal.values[:, i]):.4g}") for i in shown},
            "deviations": {signal.columns[i]: float(f"{np.nanstd(signal.values[:, i]):.4g}") for i in shown},
        }


@every_extractor
def test_what_it_gives_is_what_it_gave(extractor: Extractor, tiny: Interview) -> None:
    signal, _ = measured(tiny, extractor)
    key, found = f"{extractor.name} {extractor.version}", summary(signal)
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    expected = golden.get(key)
    add = f"add to {GOLDEN.name}: {json.dumps({key: found})}"
    assert expected is not None, f"{key} has no golden output; {add}"
    why = f"{key} gives other values than before: raise its version, and {add}"
    assert {n: found[n] for n in ("rows", "columns")} == {n: expected[n] for n in ("rows", "columns")}, why
    assert abs(found["missing"] - expected["missing"]) <= TOLERANCE, why
    for kind in ("means", "deviations"):
        assert found[kind].keys() == expected[kind].keys(), why
        for column, value in expected[kind].items():
            room = TOLERANCE * max(abs(value), expected["deviations"][column]) + 1e-3
            assert abs(found[kind][column] - value) <= room, f"{column}: {why}"


def names(tiny: Interview, **options: Any) -> dict[str, str]:
    chosen = choose(tiny, ExtractionSettings(**options))
    return {
        modality: found.extractor.name if isinstance(found, Choice) else str(found)
        for modality, found in chosen.items()
    }


def test_ready_made_before_a_tool_before_the_recording(tiny: Interview) -> None:
    assert names(tiny) == {"video": "openface", "audio": "egemaps", "text": "text", "eeg": "given"}
    assert names(tiny, features="own") == {
        "video": "openface-action-units",
        "audio": "covarep",
        "text": "text",
        "eeg": "given",
    }
    signals = {**tiny.signals, "video": tiny.signals["eeg"]}
    assert names(replace(tiny, signals=signals))["video"] == "given"
    assert names(replace(tiny, signals={}))["video"] == "mesh"


def test_a_named_extractor_is_the_only_one_of_its_modality(tiny: Interview) -> None:
    assert names(tiny, extractors=("mesh",))["video"] == "mesh"
    assert names(tiny, extractors=("covarep",))["audio"] == "covarep is for features='own'"
    absent = choose(replace(tiny, recording=None), ExtractionSettings(extractors=("mesh",)))["video"]
    assert isinstance(absent, FeatureError)


def test_an_extractor_of_a_new_modality_stands_beside_the_three(
    tiny: Interview, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Energy(Extractor):
        name, modality = "energy", "energy"

        def columns(self, settings: ExtractionSettings) -> dict[str, str]:
            return {"power": "1"}

        def extract(self, interview: Interview, context: Context) -> Signal:
            stretches = [(start + np.arange(len(x)) / 16_000, x) for start, x in context.sounds(interview)]
            times, samples = (np.concatenate(both) for both in zip(*stretches, strict=True))
            return Signal("energy", ("power",), (samples[:, None] ** 2).astype("f4"), times, 16_000.0)

    monkeypatch.setitem(EXTRACTORS._entries, "energy", Energy())
    made = extract(tiny, ExtractionSettings(modalities=("energy",)))
    assert made.modalities["energy"].identity == "energy 1"
    assert np.diff(made.features.offsets["energy"]).tolist() == [24_000, 22_400], "1.5 and 1.4 s"
    assert made.quality["quality_snr_db"] is not None or made.quality["quality_speech"] is not None


PLUGIN = """
import numpy as np
from smfl.features.extractors import Extractor
from smfl.features.text.encoders import EncoderInfo
from smfl.interview import Signal


class Loud(Extractor):
    name, modality = "loud", "loud"

    def columns(self, settings):
        return {"power": "1"}

    def extract(self, interview, context):
        powers, times = [], []
        for start, samples in context.sounds(interview):
            frames = samples[: len(samples) // 1600 * 1600].reshape(-1, 1600)
            powers.append((frames**2).mean(axis=1, keepdims=True))
            times.append(start + np.arange(len(frames)) / 10)
        return Signal("loud", ("power",), np.concatenate(powers), np.concatenate(times), 10.0)


class Lengths:
    def __init__(self, info):
        self.info, self.columns = info, ("text_000",)

    def encode(self, texts, progress=None):
        return Signal("text", self.columns, np.array([[len(text) or np.nan] for text in texts], "f4"))


EXTRACTOR = Loud()
TEXT_ENCODER = EncoderInfo("lengths", "", Lengths, "nobody", dimensions=1, offline=True, weights=lambda info: ())
"""


def test_one_file_outside_of_the_project_is_enough(tiny: Interview, tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "mine.py").write_text(PLUGIN)
    shutil.copy(str(tiny.recording), tmp_path / "visit.mkv")
    rows = [f"{s.segment.start},{s.segment.stop},participant,{s.text}\n" for s in tiny.sentences if s.segment]
    (tmp_path / "visit.csv").write_text("start,stop,speaker,text\n" + "".join(rows))
    command = [
        sys.executable,
        "-m",
        "smfl.apps.cli",
        "prepare",
        "visit.mkv",
        "--out",
        "out",
        "--text-encoder",
        "lengths",
    ]
    variables = os.environ | {"SMFL_PLUGINS": str(tmp_path / "plugins")}
    done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    modalities = Prepared(tmp_path / "out").schema.modalities
    assert modalities["loud"].columns == ("power",)
    assert modalities["text"].identity == 'text 1 {"text_level": "sentence"} by lengths 1'
    assert Prepared(tmp_path / "out")[0].rows("loud", 0).shape == (15, 1)
