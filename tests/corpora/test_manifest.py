"""The open format: what is written in it loads, and what is wrong is named by file, row and column."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from smfl.corpora import open_corpus
from smfl.interview import Cohort, FeatureError, Label, Problems, Segment


def change(path: Path, old: str, new: str) -> None:
    """Replace text in a file that must hold it."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def faults(cohort: Cohort, key: str) -> tuple[str, ...]:
    """Why an interview can't be used."""
    with pytest.raises(Problems) as caught:
        cohort.read(key)
    assert str(caught.value).startswith(f"interview {key}: ")
    return caught.value.problems


def test_reads_interviews(manifest: Path) -> None:
    cohort = open_corpus(manifest)
    assert cohort.keys == ("p01", "p02", "p.03")
    assert (cohort.source.name, cohort.source.language, cohort.source.simulated) == ("three", "en", False)
    assert cohort.source.label_rule == "PHQ-8 score >= 10 is depressed"
    one, two, three = cohort
    assert one.label == Label(1, 14.0, "PHQ-8")
    assert (one.participant, two.participant, three.participant) == ("anna", "p02", "anna")
    assert (one.split, one.gender, one.age, dict(one.metadata)) == ("train", "female", 41.0, {"site": "north"})
    assert (two.age, three.gender, three.age) == (None, "female", 42.5)
    assert one.recording == manifest / "recordings/p01.wav"
    assert three.transcript == manifest / "transcripts/three.srt"
    assert three.label == Label(1, None, "PHQ-8")
    assert three.sentences == ()


def test_sentences_are_the_participants_in_time_order(manifest: Path) -> None:
    one = open_corpus(manifest).read("p01")
    assert [sentence.text for sentence in one.sentences] == ["hello", "not so good, lately"]
    assert [turn.speaker for turn in one.turns] == ["doctor", "participant", "participant"]
    assert one.sentences[1].segment == Segment(3.0, 4.5)


def test_signals(manifest: Path) -> None:
    one, two, three = open_corpus(manifest)
    audio = one.signals["audio"]()
    assert (audio.columns, audio.rate_hz, audio.level) == (("F0", "loudness"), 10.0, "frame")
    assert audio.times is not None
    assert audio.times[:3].tolist() == [0.0, 0.1, 0.2]
    assert np.isnan(audio.values[3]).all()
    assert audio.values[4].tolist() == [8.0, 9.0]
    text = one.signals["text"]()
    assert (text.columns, text.level) == (("valence", "self"), "sentence")
    np.testing.assert_array_equal(text.values, [[np.nan, 0.0], [0.5, 1.0]])
    face = two.signals["openface"]()
    assert (face.name, face.columns) == ("openface", ("AU12_r", "pose_Rx"))
    assert face.rate_hz == pytest.approx(30, abs=0.05)  # of time stamps rounded to milliseconds
    assert dict(three.signals) == {}
    assert [entry.what for entry in three.ledger] == [
        f"no ready-made {name} features" for name in ("audio", "text", "openface")
    ]


def test_interviews_travel_to_workers(manifest: Path) -> None:
    one = pickle.loads(pickle.dumps(open_corpus(manifest).read("p01")))
    assert one.signals["audio"]().columns == ("F0", "loudness")


def test_opening_reads_no_values(manifest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("values were read")

    monkeypatch.setattr("smfl.corpora.manifest.feature_files.np.load", refuse)
    monkeypatch.setattr("smfl.corpora.manifest.feature_files.read_columns", refuse)
    one = open_corpus(manifest).read("p01")
    with pytest.raises(AssertionError, match="values were read"):
        one.signals["audio"]()


def test_parquet_and_sentence_arrays(manifest: Path) -> None:
    (manifest / "features/openface/p02.csv").unlink()
    table = pd.DataFrame({"time": [0.0, 0.04, 0.08, 5.0], "AU12_r": [1, 2, 3, 4], "pose_Rx": [0.1, np.nan, 0.3, 0.4]})
    table[table["time"] >= 0].to_parquet(manifest / "features/openface/p02.parquet")
    face = open_corpus(manifest).read("p02").signals["openface"]()
    assert face.rate_hz == 25.0
    assert face.values[:, 0].tolist() == [1, 2, 3, 4]
    (manifest / "features/text/p01.csv").unlink()
    np.save(manifest / "features/text/p01.npy", np.array([[1, 2], [3, 4]], dtype="i8"))
    text = open_corpus(manifest).read("p01").signals["text"]()
    assert (text.columns, text.values.tolist()) == (("valence", "self"), [[1, 2], [3, 4]])


def test_default_names_and_sentences_without_times(manifest: Path) -> None:
    shutil.rmtree(manifest / "features")
    (manifest / "features/audio").mkdir(parents=True)
    np.save(manifest / "features/audio/p01.npy", np.ones((2, 3), "f4"))
    toml = 'format = 1\nname = "bare"\n[features.audio]\nlevel = "sentence"\n'
    (manifest / "corpus.toml").write_text(toml, encoding="utf-8")
    rows = "interview,start,stop,speaker,text\np01,,,participant,b\np01,,,doctor,hm\np01,,,participant,a\n"
    (manifest / "sentences.csv").write_text(rows, encoding="utf-8")
    one = open_corpus(manifest).read("p01")
    assert one.signals["audio"]().columns == ("audio_0", "audio_1", "audio_2")
    assert [(sentence.segment, sentence.text) for sentence in one.sentences] == [(None, "b"), (None, "a")]
    assert one.turns == ()
    assert one.label == Label(None, 14.0, "other")


CELLS: list[tuple[str, str, str, str, str]] = [
    ("interviews.csv", "p02,,0,3", "p02,,2,3", "p02",
     "interviews.csv, row 3, column 'label': '2'; expected 0 (not depressed), 1 (depressed) or nothing"),
    ("interviews.csv", "p02,,0,3", "p02,,0,30", "p02",
     "interviews.csv, row 3, column 'score': '30'; expected a PHQ-8 score, 0 to 24"),
    ("interviews.csv", "female,41", "woman,41", "p01",
     "interviews.csv, row 2, column 'gender': 'woman'; expected one of female, male, other, or nothing"),
    ("interviews.csv", "test,male", "dev,male", "p02",
     "interviews.csv, row 3, column 'split': 'dev'; expected one of train, validation, test, or nothing"),
    ("interviews.csv", "female,41", "female,old", "p01",
     "interviews.csv, row 2, column 'age': 'old'; expected years, 0 to 130"),
    ("interviews.csv", "recordings/p01.wav", "../p01.wav", "p01",
     "interviews.csv, row 2, column 'recording': '../p01.wav'; expected a path below the corpus folder, without '..'"),
    ("interviews.csv", "recordings/p01.wav", "recordings\\..\\..\\p01.wav", "p01",
     "interviews.csv, row 2, column 'recording': 'recordings\\\\..\\\\..\\\\p01.wav'; "
     "expected a path below the corpus folder, without '..'"),
    ("interviews.csv", "recordings/p01.wav", "/etc/passwd", "p01",
     "interviews.csv, row 2, column 'recording': '/etc/passwd'; expected a path below the corpus folder, without '..'"),
    ("interviews.csv", "three.srt", "four.srt", "p.03",
     "interviews.csv, row 4, column 'transcript': 'transcripts/four.srt'; "
     "expected a file that is there, below the corpus folder"),
    ("interviews.csv", "p02,,0,3,test,male,,,,", "p02,,0,3", "p02",
     "interviews.csv, row 3: 4 cells; expected 10, one a column"),
    ("interviews.csv", "p02,", "p01,", "p01",
     "interviews.csv, row 3, column 'interview': 'p01' is in row 2 too; expected each key once"),
    ("sentences.csv", "0.5,2.5", "2.5,0.5", "p02",
     "sentences.csv, row 5, column 'stop': '0.5'; expected 2.5 s or later, where the row starts"),
    ("sentences.csv", "0.5,2.5", "00:01,2.5", "p02",
     "sentences.csv, row 5, column 'start': '00:01'; expected seconds from the start of the recording, at least 0"),
    ("sentences.csv", "0.5,2.5", "-0.5,2.5", "p02",
     "sentences.csv, row 5, column 'start': '-0.5'; expected seconds from the start of the recording, at least 0"),
    ("sentences.csv", "0.5,2.5", "0.5,", "p02",
     "sentences.csv, row 5, column 'stop': ''; expected seconds: start and stop are given together or not at all"),
    ("sentences.csv", "p02,0.5,2.5,participant", "p02,0.5,2.5,patient", "p02",
     "sentences.csv, row 5, column 'speaker': no row of this interview says 'participant'"),
    ("sentences.csv", "p02,0.5,2.5,participant", "p02,0.5,2.5,", "p02",
     "sentences.csv, row 5, column 'speaker': ''; expected 'participant', or any other word for everyone else"),
    ("features/text/p02.csv", "sentence,valence,self", "sentence,self,valence", "p02",
     "features/text/p02.csv, row 1, column 2: 'self'; expected 'valence', as in the rest of the corpus"),
    ("features/text/p02.csv", "sentence,", "time,", "p02",
     "features/text/p02.csv, column 1: expected 'sentence', as corpus.toml says that features/text is at sentence "
     "level; it is 'time'"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "key", "sentence"), CELLS, ids=[f"{c[0]}:{c[2]}" for c in CELLS])
def test_a_fault_is_named_and_the_others_stay_usable(
    manifest: Path, file: str, old: str, new: str, key: str, sentence: str
) -> None:
    change(manifest / file, old, new)
    cohort = open_corpus(manifest)
    assert sentence in faults(cohort, key)
    readable = [other for other in cohort.keys if other != key]
    assert [cohort.read(other).id for other in readable] == readable


def test_all_faults_of_an_interview_come_at_once(manifest: Path) -> None:
    change(manifest / "interviews.csv", "p02,,0,3,test,male,", "p02,,2,99,dev,m,x")
    change(manifest / "sentences.csv", "0.5,2.5", "2.5,0.5")
    np.save(manifest / "features/audio/p02.npy", np.zeros((5, 3)))
    found = faults(open_corpus(manifest), "p02")
    assert len(found) == 7
    assert found[-1] == "features/audio/p02.npy: 3 columns of features; expected 2, as in the rest of the corpus"


def _object_array(path: Path) -> None:
    np.save(path, np.array([[1, "a"]], dtype=object), allow_pickle=True)


def _flat_array(path: Path) -> None:
    np.save(path, np.zeros(5))


def _cut_off_array(path: Path) -> None:
    np.save(path, np.zeros((50, 2)))
    path.write_bytes(path.read_bytes()[:-100])


def _pickle(path: Path) -> None:
    path.write_bytes(pickle.dumps([1.0]))


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (_object_array, "expected a 2-D array of floats, rows × features; got 2-D object"),
        (_flat_array, "expected a 2-D array of floats, rows × features; got 1-D float64 (5,)"),
        (_cut_off_array, "cut off: "),
        (_pickle, "not a .npy array"),
    ],
)
def test_arrays_that_are_none(manifest: Path, write: Callable[[Path], None], words: str) -> None:
    write(manifest / "features/audio/p02.npy")
    cohort = open_corpus(manifest)
    (found,) = faults(cohort, "p02")
    assert found.startswith("features/audio/p02.npy: ")
    assert words in found
    assert cohort.read("p01").id == "p01"


def test_values_that_are_no_numbers_are_named(manifest: Path) -> None:
    change(manifest / "features/text/p01.csv", "1,0.5,1", "1,high,1")
    change(manifest / "features/openface/p02.csv", "0.033, 1, 0.9", "0.033, 1, inf")
    np.save(manifest / "features/audio/p01.npy", np.array([[1.0, 2.0], [3.0, np.inf]]))
    one, two, _ = open_corpus(manifest)
    with pytest.raises(Problems, match=r"features/text/p01.csv, row 2, column 'valence': 'high'; expected a number"):
        one.signals["text"]()
    with pytest.raises(FeatureError, match=r"features/openface/p02.csv, row 3, column 'pose_Rx': inf; expected a fin"):
        two.signals["openface"]()
    with pytest.raises(FeatureError, match=r"features/audio/p01.npy, row 2, column 'loudness': inf; expected a finite"):
        one.signals["audio"]()


@pytest.mark.parametrize(
    ("rows", "place"),
    [("0,1,1\n0,1,1\n", "row 3, column 'sentence': 0"), ("2,1,1\n", "row 2, column 'sentence': 2"),
     ("0.5,1,1\n", "row 2, column 'sentence': 0.5")],
)  # fmt: skip
def test_sentences_that_are_not_the_participants(manifest: Path, rows: str, place: str) -> None:
    (manifest / "features/text/p01.csv").write_text("sentence,valence,self\n" + rows, encoding="utf-8")
    with pytest.raises(FeatureError) as caught:
        open_corpus(manifest).read("p01").signals["text"]()
    expected = "expected each sentence once, from 0 to 1, the participant's last"
    assert str(caught.value) == f"features/text/p01.csv, {place}; {expected}"


def test_times_that_run_backwards(manifest: Path) -> None:
    change(manifest / "features/openface/p02.csv", "0.100, 3,", "0.010, 3,")
    with pytest.raises(FeatureError, match=r"features/openface/p02.csv, row 5, column 'time': 0.01; expected seconds"):
        open_corpus(manifest).read("p02").signals["openface"]()


def test_rows_per_sentence(manifest: Path) -> None:
    (manifest / "features/text/p01.csv").unlink()
    np.save(manifest / "features/text/p01.npy", np.zeros((3, 2)))
    (found,) = faults(open_corpus(manifest), "p01")
    assert found == "features/text/p01.npy: 3 rows; expected 2, one a sentence of the participant"


def test_bytes_that_are_not_utf8(manifest: Path) -> None:
    path = manifest / "sentences.csv"
    path.write_bytes(path.read_bytes().replace(b"fine", b"f\xe9ne"))
    cohort = open_corpus(manifest)
    (found,) = faults(cohort, "p02")
    assert found == "sentences.csv, row 5, column 'text': 'f\ufffdne'; expected UTF-8 (not so at \ufffd)"
    assert cohort.read("p01").sentences


def test_what_belongs_to_no_interview_is_in_the_ledger(manifest: Path) -> None:
    with (manifest / "sentences.csv").open("a", encoding="utf-8") as file:
        file.write("p09,1,2,participant,who am i\np09,3,4,participant,nobody\n")
    with (manifest / "interviews.csv").open("a", encoding="utf-8") as file:
        file.write("a/b,,1,,,,,,,\n")
    np.save(manifest / "features/audio/p09.npy", np.zeros((2, 2)))
    (manifest / "features/audio/notes.txt").write_text("?", encoding="utf-8")
    change(manifest / "corpus.toml", "licence", "license")
    lines = [(entry.action, entry.what, entry.where) for entry in open_corpus(manifest).ledger]
    what = "2 row(s) of an interview 'p09' that interviews.csv doesn't list"
    assert ("skipped", what, "sentences.csv, row 6, column 'interview'") in lines
    what = "features of an interview 'p09' that interviews.csv doesn't list"
    assert ("skipped", what, "features/audio/p09.npy") in lines
    assert ("skipped", "'a/b' can't be an interview's key", "interviews.csv, row 5, column 'interview'") in lines
    assert ("noted", "isn't read: features are .npy, .csv, .parquet files", "features/audio/notes.txt") in lines
    assert ("noted", "'license' isn't understood, and not used", "corpus.toml") in lines


def test_a_participant_in_two_parts_of_the_split_is_noted(manifest: Path) -> None:
    change(manifest / "interviews.csv", "p.03,anna,1,,train", "p.03,anna,1,,test")
    assert "participant 'anna' is in test and train" in [entry.what for entry in open_corpus(manifest).ledger]


def test_label_against_the_cutoff_is_noted(manifest: Path) -> None:
    change(manifest / "interviews.csv", "p02,,0,3", "p02,,0.0,12")
    two = open_corpus(manifest).read("p02")
    assert two.label == Label(0, 12.0, "PHQ-8")
    assert two.ledger[0].what == "label 0 with a score of 12, though the cutoff is 10"


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        ("interviews.csv", "interview,", "Interview,",
         "interviews.csv: no column 'interview' in its header; there is 'Interview': spell it as 'interview'"),
        ("interviews.csv", ",", ";",
         "interviews.csv: no column 'interview' in its header; its cells are separated by semicolons"),
        ("interviews.csv", "site", "age", "interviews.csv: two columns named 'age'"),
        ("interviews.csv", "anna", '"anna', "interviews.csv, row 2: a quote is out of place"),
        ("sentences.csv", "speaker", "who", "sentences.csv: no column 'speaker' in its header; it has 'interview', "),
        ("corpus.toml", "format = 1", "format = 2",
         "corpus.toml: 'format' is 2; expected 1, the version of the open format"),
        ("corpus.toml", "name", "title", "corpus.toml: 'name' isn't there; expected a short name of the corpus"),
        ("corpus.toml", "PHQ-8", "PHQ8", "corpus.toml: 'label.scale' is 'PHQ8'; expected one of PHQ-8, PHQ-9, "),
        ("corpus.toml", "cutoff = 10", 'cutoff = "10"', "corpus.toml: 'label.cutoff' is '10'; expected a score"),
        ("corpus.toml", "10.0", "0", "corpus.toml: 'features.audio.rate_hz' is 0; expected frames a second, above 0"),
        ("corpus.toml", '"sentence"', '"word"',
         "corpus.toml: 'features.text.level' is 'word'; expected \"frame\" or \"sentence\""),
        ("corpus.toml", "[features.text]\nlevel = \"sentence\"\n", "",
         "corpus.toml: nothing about features/text; expected a table [features.text]"),
        ("corpus.toml", "format", "= format", "corpus.toml: isn't TOML: "),
    ],
)  # fmt: skip
def test_what_makes_a_corpus_unusable(manifest: Path, file: str, old: str, new: str, sentence: str) -> None:
    change(manifest / file, old, new)
    with pytest.raises(Problems) as caught:
        open_corpus(manifest)
    assert any(problem.startswith(sentence) for problem in caught.value.problems), caught.value


def test_everything_is_told_at_once(manifest: Path) -> None:
    (manifest / "corpus.toml").unlink()
    change(manifest / "interviews.csv", "p02,,0,3", "p02,,2,3")
    change(manifest / "sentences.csv", "3.0,4.5", "4.5,3.0")
    with pytest.raises(Problems) as caught:
        open_corpus(manifest)
    assert str(caught.value).startswith(f"{manifest}: 3 problems\n  corpus.toml: not there; expected one with at least")
    assert [problem.split(":")[0] for problem in caught.value.problems[1:]] == [
        "sentences.csv, row 2, column 'stop'",
        "interviews.csv, row 3, column 'label'",
    ]


def test_no_usable_interview_is_told_when_opening(manifest: Path) -> None:
    for old, new in (("p01,anna,,14", "p01,anna,,x"), ("p02,,0,3", "p02,,7,3"), ("three.srt", "four.srt")):
        change(manifest / "interviews.csv", old, new)
    with pytest.raises(Problems) as caught:
        open_corpus(manifest)
    assert len(caught.value.problems) == 3


def test_missing_interviews_table(manifest: Path) -> None:
    (manifest / "interviews.csv").unlink()
    with pytest.raises(Problems, match=r"interviews.csv: not there"):
        open_corpus(manifest)


def test_an_interview_needs_words(manifest: Path) -> None:
    change(manifest / "interviews.csv", "transcripts/three.srt", "")
    expected = "interviews.csv, row 4: interview p.03 has no transcript; expected one, or its rows in sentences.csv"
    assert faults(open_corpus(manifest), "p.03") == (expected,)
