"""Planted defects and confounds: by name, the same each time, found by the reader, and gone after the repair."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from smfl.corpora import open_corpus
from smfl.interview import CallError
from smfl.simulation import simulate
from smfl.simulation.confounds import CONFOUNDS
from smfl.simulation.session import draw_session
from smfl.simulation.study import Study

SMALL = {"participants": 3, "minutes": 0.25, "seed": 5}
AS_EVER = {
    "300_P/300_TRANSCRIPT.csv": "d640c711c702",
    "301_P/301_TRANSCRIPT.csv": "7a710fc9208b",
    "302_P/302_TRANSCRIPT.csv": "58feb25afc0d",
    "dev_split_Depression_AVEC2017.csv": "60bfc702ce2a",
    "full_test_split.csv": "4b62c8c83d1a",
    "simulation.json": "d4a827690b8d",
    "test_split_Depression_AVEC2017.csv": "80ed9b5d95e5",
    "train_split_Depression_AVEC2017.csv": "84a5f039d02f",
}
"""Digests of what the simulator wrote before it knew defects and confounds: words, alike on any machine."""
MEASURED = {
    "300_P/300_AUDIO.wav": "d391a9a9a4a2",
    "300_P/300_CLNF_AUs.txt": "696665071892",
    "300_P/300_CLNF_features3D.txt": "bbd3e0748898",
    "300_P/300_CLNF_gaze.txt": "06523c240078",
    "300_P/300_CLNF_pose.txt": "f05e9f3b3cb3",
    "300_P/300_COVAREP.csv": "72a0b5cdf89a",
    "300_P/300_FORMANT.csv": "3c32f6c7fd99",
}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def test_without_any_of_it_the_bytes_are_as_ever(tmp_path: Path) -> None:
    out = simulate("daic-woz", tmp_path / "out", **SMALL)
    assert {name: digest(out / name) for name in AS_EVER} == AS_EVER
    if {name: digest(out / name) for name in MEASURED} != MEASURED:  # another processor rounds the last digit otherwise
        again = simulate("daic-woz", tmp_path / "again", **SMALL, confounds=(), defects=False, archives=False)
        assert {name: digest(out / name) for name in MEASURED} == {name: digest(again / name) for name in MEASURED}


def test_the_same_seed_plants_the_same_defects(tmp_path: Path) -> None:
    settings = {"participants": 4, "minutes": 0.25, "seed": 2, "modalities": ("text",), "defects": True}
    for archives in (False, True):
        one, two = (
            simulate("daic-woz", tmp_path / f"{name}{archives}", **settings, archives=archives) for name in "ab"
        )
        files = [path.relative_to(one) for path in sorted(one.rglob("*")) if path.is_file()]
        assert {str(file): digest(one / file) for file in files} == {str(file): digest(two / file) for file in files}


def test_unknown_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(
        CallError, match=r"unknown defect 'twins'; did you mean 'twin-files'\? valid: early-transcript, "
    ):
        simulate("daic-woz", tmp_path / "a", **SMALL, defects=["twins"])
    with pytest.raises(CallError, match=r"unknown confound 'sex'; valid: prompts, gender, duration, order, scrub, "):
        simulate("daic-woz", tmp_path / "b", **SMALL, confounds=["sex"])
    with pytest.raises(CallError, match=r"manifest can have the confounds prompts, .*; got scrub"):
        simulate("manifest", tmp_path / "c", **SMALL, confounds=["scrub"])


def difference(confound: str | None) -> dict[str, float]:
    """How far apart the two labels are in what each confound plants, over 60 people."""
    study = Study(participants=60, minutes=0.5, positives=0.5, confounds=(confound,) if confound else ())
    sessions = [draw_session(study, number) for number in range(60)]
    label = np.array([session.latent.label for session in sessions])

    def apart(values: list[float]) -> float:
        return float(np.mean(np.array(values)[label == 1]) - np.mean(np.array(values)[label == 0]))

    prompts = [sum("sorry" in u.text or "really hard" in u.text for u in s.timeline.utterances) for s in sessions]
    return {
        "prompts": apart([float(count > 0) for count in prompts]),
        "gender": apart([float(session.person.gender == "female") for session in sessions]),
        "duration": apart([session.timeline.seconds for session in sessions]) / 30,
        "order": -apart(list(range(60))) / 30,
        "tracts": -len({session.person.tract for session in sessions}) / 60,
    }


@pytest.fixture(scope="module")
def nothing() -> dict[str, float]:
    return difference(None)


@pytest.mark.parametrize("confound", [name for name in CONFOUNDS if name not in ("scrub", "speaker-windows")])
def test_a_confound_goes_with_the_label_and_only_that_one(confound: str, nothing: dict[str, float]) -> None:
    planted = difference(confound)
    assert abs(nothing[confound]) < 0.3
    assert planted[confound] > 0.4
    others = [name for name in ("prompts", "gender", "duration", "order") if name != confound]
    if confound != "duration":  # in longer interviews there is more of everything
        assert all(abs(planted[name]) < 0.35 for name in others)


def test_one_speaker_in_many_sessions(nothing: dict[str, float]) -> None:
    study = Study(participants=40, positives=0.5, confounds=("speaker-windows",))
    labels = study.labels()
    voices = [draw_session(study, number).person.tract for number in range(40)]
    often = max(voices, key=voices.count)
    assert [label for voice, label in zip(voices, labels, strict=True) if voice == often] == [1] * 10
    assert nothing["tracts"] == -1.0


def test_scrubbed_sessions_go_with_the_label(tmp_path: Path) -> None:
    settings = {"participants": 16, "minutes": 0.25, "positives": 0.5, "modalities": ("text",)}
    out = simulate("daic-woz", tmp_path / "out", **settings, confounds=["scrub"])
    cohort = open_corpus(out)
    scrubbed = [any("scrubbed_entry" in turn.text for turn in interview.turns) for interview in cohort]
    labels = [interview.label.value for interview in cohort if interview.label]
    assert np.mean(np.array(scrubbed) == np.array(labels)) > 0.8
