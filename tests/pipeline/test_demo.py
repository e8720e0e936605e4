"""The demo: a made-up recording whose words and times are known, and the whole way at a small scale."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from smfl.features.face.video import measure_face
from smfl.features.recording.info import probe
from smfl.features.voice import descriptors as voice
from smfl.interview import INTERVIEWER, PARTICIPANT
from smfl.pipeline.demo import demo
from smfl.simulation import demo_recording as room
from smfl.simulation.demo_recording import DemoRecording, make_recording
from smfl.training.recipe import RECIPES, TUNED

pytest.importorskip("espeakng_loader")
pytest.importorskip("skimage")

SHORT = tuple(turn for turn in room.SCRIPT[:8])
"""Four questions, four answers."""


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> DemoRecording:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "SCRIPT", SHORT)
        return make_recording(tmp_path_factory.mktemp("recording"))


def test_the_script_has_enough_sentences() -> None:
    said = [speaker for speaker, _ in room.SCRIPT]
    assert 6 <= said.count(PARTICIPANT) <= 10
    assert said[::2] == [INTERVIEWER] * (len(said) // 2)


def test_it_is_a_video_with_sound(made: DemoRecording) -> None:
    info = probe(made.video)
    assert (info.width, info.height, info.nominal_fps) == (640, 480, 25.0)
    assert info.has_audio
    assert info.duration_s == pytest.approx(made.turns[-1].segment.stop + room.PAUSE, abs=0.2)


def test_the_transcript_is_the_script(made: DemoRecording) -> None:
    rows = list(csv.DictReader(made.transcript.open(encoding="utf-8")))
    assert [(row["speaker"], row["text"]) for row in rows] == list(SHORT)
    times = [float(row[key]) for row in rows for key in ("start", "stop")]
    assert times == sorted(times)


def test_there_is_speech_in_the_turns_and_silence_between_them(made: DemoRecording) -> None:
    sound = voice.extract(made.video)
    assert sound.times is not None
    loud = sound.values[:, sound.columns.index(voice.LOUDNESS)]
    inside = np.zeros(len(sound), dtype=bool)
    for turn in made.turns:
        inside |= (sound.times >= turn.segment.start) & (sound.times < turn.segment.stop)
    between = ~inside & (sound.times < made.turns[-1].segment.start)
    assert np.nanmean(loud[inside]) > 5 * np.nanmean(np.nan_to_num(loud[between]))


def test_the_face_is_found_in_nearly_every_frame(made: DemoRecording) -> None:
    pytest.importorskip("mediapipe")
    seen = measure_face(made.video, rate_hz=5.0)
    assert float(np.isnan(seen.values).all(axis=1).mean()) < 0.05
    turn = seen.values[:, seen.columns.index("pose_Rz")]
    assert np.nanstd(turn) > 0.005


def test_the_whole_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "SCRIPT", SHORT)
    monkeypatch.setitem(RECIPES, "tuned", replace(TUNED, members=2, epochs=2))
    steps: list[str] = []
    models = ("tcn-sentence", "logistic-regression")
    done = demo(tmp_path, participants=12, minutes=0.3, models=models, step=steps.append)
    assert steps == ["simulating", "preparing", "evaluating", "training", "recording", "measuring"]
    assert set(done.results.models) == {*models, "majority", "ideal observer"}
    assert set(done.seconds) == {"simulate", "prepare", "evaluate", "train", "record", "predict"}
    document = json.loads((tmp_path / "prediction" / "prediction.json").read_text())
    assert document["simulated"] is True
    assert document["modalities"] == {name: {"coverage": 1.0} for name in ("video", "audio", "text")}
    assert [s["text"] for s in document["sentences"]] == [text for who, text in SHORT if who == PARTICIPANT]
    assert 0 <= document["probability"] <= 1


@pytest.mark.slow
def test_the_demo_as_users_run_it(tmp_path: Path) -> None:
    environment = os.environ | {"HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "smfl.apps.cli", "demo", "--out", tmp_path, "--json"],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    document = json.loads(done.stdout)
    assert all(Path(page).exists() for page in document["reports"].values())
    assert "made" in Path(document["reports"]["prediction"]).read_text(encoding="utf-8")
