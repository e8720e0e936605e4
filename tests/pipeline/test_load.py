"""Loading: a corpus, or recordings with the transcripts beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from smfl.interview import CallError, CorpusError
from smfl.pipeline.load import load


@pytest.fixture
def visits(tmp_path: Path) -> Path:
    for name in ("one.mp4", "two.WAV", "one.srt", "my visit (3).mp3", "notes.docx"):
        (tmp_path / name).write_bytes(b"")
    return tmp_path


def test_a_corpus_is_recognised_and_knows_its_folder(corpus: Path) -> None:
    cohort = load(corpus)
    assert len(cohort) == 12
    assert cohort.source.simulated
    assert cohort.root == corpus
    assert cohort[2:4].root == corpus


def test_a_recording_takes_the_transcript_of_its_name(visits: Path) -> None:
    [interview] = load(visits / "one.mp4")
    assert interview.id == interview.participant == "one"
    assert interview.transcript == visits / "one.srt"
    assert [entry.action for entry in interview.ledger] == ["noted"]


def test_a_given_transcript_wins_over_the_one_beside_it(visits: Path) -> None:
    (visits / "other.vtt").write_text("")
    [interview] = load(visits / "one.mp4", transcript=visits / "other.vtt")
    assert interview.transcript == visits / "other.vtt"
    assert interview.ledger == ()


def test_names_become_keys(visits: Path) -> None:
    cohort = load([visits / "two.WAV", visits / "my visit (3).mp3"])
    assert cohort.keys == ("two", "my-visit-3-")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["nowhere.mp4"], "there is no such file or folder"),
        (["notes.docx"], "not a recording; recordings end in .mp4"),
        (["one.mp4", "one.mp4"], "would both be the interview 'one'"),
        ([], "nothing to load"),
        (["one.mp4", "."], "is a folder among files"),
    ],
)
def test_what_cannot_be_loaded_is_told(visits: Path, names: list[str], message: str) -> None:
    with pytest.raises((CallError, CorpusError), match=message):
        load([visits / name for name in names])


def test_one_transcript_is_of_one_recording(visits: Path, corpus: Path) -> None:
    with pytest.raises(CallError, match="one transcript for 2 recordings"):
        load([visits / "one.mp4", visits / "two.WAV"], transcript=visits / "one.srt")
    with pytest.raises(CallError, match="a transcript can be given for one recording only"):
        load(corpus, transcript=visits / "one.srt")
    with pytest.raises(CallError, match=r"gone\.srt: there is no such transcript"):
        load(visits / "one.mp4", transcript=visits / "gone.srt")
    with pytest.raises(CallError, match="isn't a folder: the corpus 'daic-woz' is one"):
        load(visits / "one.mp4", "daic-woz")
