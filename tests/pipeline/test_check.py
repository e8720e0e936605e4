"""Checking a corpus before it is prepared: what it is, what is broken, what will be done about it."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest

import smfl
from smfl.interview import ACTIONS, CallError, CorpusError
from smfl.pipeline.check import WILL_BE, Checked, check
from smfl.simulation import simulate


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus with a broken interview, a missing table row and times that can't be."""
    out = tmp_path_factory.mktemp("androids") / "androids"
    return simulate("androids", out, participants=6, minutes=0.5, positives=0.5, defects=True)


@pytest.fixture(scope="module")
def found(damaged: Path) -> Checked:
    return check(damaged)


def test_it_says_what_the_folder_is_and_how_much_of_it_is_there(found: Checked) -> None:
    assert (found.corpus, found.simulated, found.language) == ("androids", True, "it")
    assert (found.listed, found.usable, found.people) == (6, 5, 5)
    assert sum(found.labels.values()) == 5
    assert (found.has["recording"], found.has["words"]) == (5, 0)


def test_what_is_broken_stands_first_and_names_the_interview(found: Checked) -> None:
    first = found.findings[0]
    assert first.kind == "broken"
    assert first.interviews[0].startswith("03_")
    assert "the folder and the name contradict each other" in first.what
    assert first.will_be == "interview is left out"


def test_the_same_in_several_interviews_is_one_finding(found: Checked) -> None:
    (words,) = [one for one in found.findings if one.what.startswith("no words")]
    assert len(words.interviews) == 5
    assert words.will_be == "goes on without"
    assert {one.kind for one in found.findings} == {"broken", "missing", "repaired"}


def test_everything_that_a_ledger_can_say_is_answered() -> None:
    assert set(WILL_BE) == {*ACTIONS, "broken"}


def test_recordings_that_cannot_be_opened_are_found(tmp_path: Path) -> None:
    out = simulate("tool-output", tmp_path / "t", participants=2, minutes=0.5, positives=0.5, modalities=["video"])
    (out / "rec0001.mp4").write_bytes(b"no film")
    (out / "rec0002.wav").write_bytes(_wav_of_an_unknown_codec())
    (one,) = [finding for finding in check(out).findings if finding.what == "a recording that can't be read"]
    assert one.interviews == ("rec0001", "rec0002")
    assert "rec0001.mp4: not a media file that can be read" in one.why


def _wav_of_an_unknown_codec() -> bytes:
    form = struct.pack("<HHIIHH", 0xFFFF, 1, 16_000, 32_000, 2, 16)
    return (
        b"RIFF" + struct.pack("<I", 136) + b"WAVEfmt " + struct.pack("<I", 16) + form + b"data\x64\0\0\0" + bytes(100)
    )


def test_advice_before_hours_are_spent(tmp_path: Path) -> None:
    out = simulate("mmd2023", tmp_path / "m", participants=2, minutes=0.5, positives=0.5, modalities=["video", "text"])
    told = " ".join(check(out).advice)
    assert "There are label rules to choose from: --label-rule 'hamd>17' or 'hamd>=8'" in told
    assert "the default sentence encoder (minilm) knows 'en'" in told
    assert "landmarks-2d: read only with --features own" in told
    assert "There are label rules" not in " ".join(check(out, label_rule="hamd>=8").advice)
    assert check(out, label_rule="hamd>=8").label_rule == "HAMD-17 >= 8 (the code's)"


def test_a_folder_that_looks_like_two_corpora_is_said_to(tmp_path: Path) -> None:
    out = simulate("eatd", tmp_path / "e", participants=2, minutes=0.5, positives=0.5)
    (out / "0").mkdir()
    (out / "labels.csv").write_text("index,label,duration,gender,fold\n0,normal,10,f,train\n", encoding="utf-8")
    (out / "0" / "0_acoustic.npy").write_bytes(b"")
    found = check(out)
    assert {found.corpus, *found.also_looks_like} == {"eatd", "d-vlog"}
    assert "say --corpus" in found.advice[0]
    assert check(out, "eatd").corpus == "eatd"


def test_what_cannot_be_checked_is_told(tmp_path: Path, damaged: Path) -> None:
    with pytest.raises(CorpusError, match=r"is empty\. Expected:"):
        check(tmp_path)
    with pytest.raises(CallError, match="unknown corpus 'android'; did you mean 'androids'"):
        check(damaged, "android")
    with pytest.raises(CallError, match="androids has one label rule"):
        check(damaged, label_rule="phq>=10")


def test_the_command(damaged: Path) -> None:
    command = [Path(sys.executable).with_name("smfl"), "corpora", "check", damaged]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    document = json.loads(done.stdout)
    assert (document["corpus"], document["usable"], document["findings"][0]["will_be"]) == (
        "androids", 5, "interview is left out"
    )  # fmt: skip
    done = subprocess.run([*command, "--quiet"], capture_output=True, text=True, check=True)
    assert "5 of 6 interviews can be used" in done.stdout
    assert "what will be done" in done.stdout
    assert done.stderr == ""


def test_archives_are_looked_into_and_a_rule_is_taken_where_none_is_given(tmp_path: Path) -> None:
    out = simulate("edaic", tmp_path / "e", participants=2, minutes=0.5, positives=0.5, archives=True)
    found = check(out)
    assert (found.corpus, found.usable, found.has["recording"]) == ("edaic", 2, 2)
    assert "--label-rule 'phq>=10' or 'as_distributed'; checked by 'phq>=10'" in found.advice[0]


def test_the_package_hands_it_on(damaged: Path) -> None:
    assert smfl.check(damaged).listed == 6
