"""DAIC-WOZ: sessions as they are unpacked, with what their files really hold."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from smfl.corpora import open_corpus
from smfl.corpora.daic_woz.signals import COVAREP, GLOTTAL, OPENFACE
from smfl.corpora.daic_woz.transcript import words
from smfl.interview import INTERVIEWER, PARTICIPANT, FeatureError, Label, Problems, Segment

Writer = Callable[..., Path]


def problems(root: Path, key: str) -> tuple[str, ...]:
    """Why a session can't be used, in a corpus whose other sessions can."""
    cohort = open_corpus(root)
    with pytest.raises(Problems) as caught:
        cohort.read(key)
    for other in cohort.keys:
        if other != key:
            assert cohort.read(other).sentences
    return caught.value.problems


def test_sessions_are_found_in_any_folder(daic: Path) -> None:
    cohort = open_corpus(daic)
    assert (cohort.source.name, cohort.source.simulated) == ("daic-woz", False)
    assert cohort.keys == ("300", "302", "370")
    for interview in cohort:
        assert interview.participant == interview.id
        assert interview.recording is not None
        assert interview.recording.name == f"{interview.id}_AUDIO.wav"
        assert set(interview.signals) == {"covarep", "formant", "openface"}
    assert [(entry.where.split("_")[0], entry.what) for entry in cohort.ledger] == [
        ("dev", "2 blank line(s) left out"),
        ("train", "1 blank line(s) left out"),
        ("full", "PHQ_Binary, PHQ_Score read as PHQ8_Binary, PHQ8_Score"),
        ("test", "participant_ID read as Participant_ID"),
        ("", "1 of 4 labelled sessions aren't here: 400"),
    ]


def test_labels(daic: Path) -> None:
    one, two, three = open_corpus(daic)
    assert [one.label, two.label, three.label] == [Label(s >= 10, s, "PHQ-8") for s in (10, 4, 12)]
    assert [one.split, two.split, three.split] == ["train", "train", "validation"]
    assert [one.gender, two.gender, three.gender] == ["male", "female", "female"]
    assert one.metadata["PHQ8_NoInterest"] == "2"
    (repair,) = [entry for entry in one.ledger if "label" in entry.what]
    assert (repair.action, repair.what) == ("repaired", "label 0 with a score of 10: the label is 1")
    assert repair.where == "train_split_Depression_AVEC2017.csv, row 2"
    assert not [entry for entry in two.ledger if "label" in entry.what]


def test_test_labels_come_from_the_later_file(daic: Path, write_session: Writer) -> None:
    write_session(daic, 400)
    four = open_corpus(daic).read("400")
    assert (four.label, four.split, four.gender) == (Label(0, 2.0, "PHQ-8"), "test", "male")
    (daic.parent / "full_test_split.csv").unlink()
    four = open_corpus(daic).read("400")
    assert (four.label, four.split, four.gender) == (None, "test", "male")


def test_answers_are_merged_up_to_the_interviewer(daic: Path) -> None:
    one = open_corpus(daic).read("300")
    assert [(s.segment, s.text) for s in one.sentences] == [
        (Segment(1.6, 2.9), 'i\'m "okay" people say null'),
        (Segment(3.5, 3.9), ""),
        (Segment(4.3, 5.0), "not well"),
    ]
    assert [turn.speaker for turn in one.turns] == [
        INTERVIEWER, PARTICIPANT, PARTICIPANT, INTERVIEWER, PARTICIPANT, INTERVIEWER, PARTICIPANT,
    ]  # fmt: skip
    assert one.turns[0].text == "hi i'm ellie"
    assert one.turns[1].text == 'i\'m "okay" <laughter>'
    assert [entry.what for entry in one.ledger if entry.where.endswith("TRANSCRIPT.csv")] == [
        "a shadow file of macOS is ignored",
        "1 row(s) left out: marks of the devices' synchronisation",
        "1 row(s) left out: talk before the interviewer's first row",
        "1 blank line(s) left out",
        "1 row(s) with a speaker spelt otherwise than Ellie or Participant",
        "1 row(s) without a word: they keep their time",
        "2 row(s) with a sound or a word cut off, in brackets: left out of the sentence's text",
        "1 row(s) with speech that couldn't be understood (xxx): left out of the sentence's text",
        "1 row(s) with removed identifying words (scrubbed_entry): left out of the sentence's text",
    ]


def test_generated_prompts_keep_what_was_said(daic: Path) -> None:
    turns = [turn for turn in open_corpus(daic).read("370").turns if turn.speaker == INTERVIEWER]
    assert turns[1].text == "are you from"
    assert turns[0].text == "greeting_1 (hi i'm ellie (so) to say)"  # nested: kept whole rather than guessed


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<laughter", ""),
        ("[laughs] well", "well"),
        ("xxxx yes", "yes"),
        ("max xx", "max xx"),
        ("scrubbed_entry's sister", "'s sister"),
        ("the wor <world> turns", "the wor turns"),
    ],
)
def test_words(text: str, said: str) -> None:
    assert words(text) == said


@pytest.mark.parametrize("mark", ["<sync>", "<synch>", "[sync]", "[synch]", "[syncing]", "[synching]", "<sync."])
def test_marks_of_synchronisation(daic: Path, mark: str) -> None:
    path = daic / "302_TRANSCRIPT.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("<sync>", mark), encoding="utf-8")
    assert open_corpus(daic).read("302").turns[0].text == "hi i'm ellie"


def test_without_interviewer_a_pause_ends_a_sentence(daic: Path, write_session: Writer) -> None:
    rows = ["start_time\tstop_time\tspeaker\tvalue", "1\t2\tParticipant\tone", "2.5\t3\tParticipant\ttwo",
            "5.1\t6\tParticipant\tthree"]  # fmt: skip
    write_session(daic, 451, "\n".join(rows))
    alone = open_corpus(daic).read("451")
    assert [sentence.text for sentence in alone.sentences] == ["one two", "three"]
    assert "no row of the interviewer's" in [entry.what for entry in alone.ledger]
    assert "no label, as no label file lists it" in [entry.what for entry in alone.ledger]


def test_voice(daic: Path) -> None:
    one = open_corpus(daic).read("300")
    covarep = one.signals["covarep"]()
    assert (covarep.columns, covarep.rate_hz, len(covarep)) == (COVAREP, 100.0, 600)
    assert len(COVAREP) == 74
    assert covarep.times is not None
    assert covarep.times[350] == 3.5
    assert np.isnan(covarep.select(GLOTTAL).values[10:20]).all()
    assert not np.isnan(covarep.select(("VUV", "creak", "MCEP_0")).values[10:20]).any()
    assert np.isnan(covarep.values[350:390]).all()  # silenced
    assert np.isnan(covarep.values[2, COVAREP.index("HMPDD_12")])  # -Inf
    assert covarep.values[3, COVAREP.index("HMPDD_12")] == np.float32(7.4)
    formant = one.signals["formant"]()
    assert np.isnan(formant.values[350:390]).all()
    assert formant.values[0].tolist() == [500, 1500, 2500, 3500, 4500]


def test_face(daic: Path) -> None:
    face = open_corpus(daic).read("300").signals["openface"]()
    assert face.columns == OPENFACE
    assert len(OPENFACE) == 204 + 6 + 6 + 20 + 2
    assert (face.rate_hz, len(face)) == (30.0, 180)
    assert face.times is not None
    assert face.times[1] == pytest.approx(1 / 30, abs=1e-6)
    frame = dict(zip(face.columns, face.values[10], strict=True))
    assert frame["X_0"] == np.float32(10.0)
    assert frame["Y_0"] == np.float32(10.068)
    assert frame["gaze_0_z"] == np.float32(10.002)
    assert frame["gaze_1_x"] == np.float32(10.003)
    assert frame["pose_Rx"] == np.float32(10.003)
    assert frame["AU45_c"] == np.float32(10.019)
    measured = face.values[:, : OPENFACE.index("confidence")]
    assert np.isnan(measured[[5, 6, 7]]).all()  # not tracked, not sure, no number: the rows are still there
    assert not np.isnan(np.delete(measured, [5, 6, 7], axis=0)).any()
    assert face.select(("confidence", "success")).values[5].tolist() == pytest.approx([0.02, 0.0])


def test_tables_of_the_face_are_joined_by_frame(daic: Path) -> None:
    folder = daic / "300_P"
    path = folder / "300_CLNF_gaze.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(lines[:21] + lines[31:]) + "\n", encoding="utf-8")  # frames 21 to 30 aren't there
    (folder / "300_CLNF_pose.txt").unlink()
    aus = folder / "300_CLNF_AUs.txt"
    aus.with_suffix(".csv").write_text(aus.read_text(encoding="utf-8").replace(", ", ","), encoding="utf-8")
    aus.unlink()
    one = open_corpus(daic).read("300")
    face = one.signals["openface"]()
    assert (face.columns, len(face)) == (OPENFACE, 180)
    gaze = face.select(("gaze_0_x", "gaze_1_z")).values
    assert np.isnan(gaze[20:30]).all()
    assert gaze[30].tolist() == pytest.approx([30.0, 30.005])
    assert np.isnan(face.select(("pose_Tx", "pose_Rz")).values).all()
    assert face.select(("AU01_r",)).values[40, 0] == 40
    assert [entry.where for entry in one.ledger if entry.action == "missing"] == ["300_CLNF_pose"]


def test_interviews_travel_to_workers(daic: Path) -> None:
    one = pickle.loads(pickle.dumps(open_corpus(daic).read("300")))
    assert len(one.signals["formant"]()) == 600


def test_opening_reads_no_measurements(daic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("values were read")

    monkeypatch.setattr("smfl.corpora.daic_woz.signals.read_columns", refuse)
    one = open_corpus(daic).read("300")
    with pytest.raises(AssertionError, match="values were read"):
        one.signals["covarep"]()


def _another_width(folder: Path) -> None:
    path = folder / "302_COVAREP.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("0.1,1", "1"), encoding="utf-8")


def _lacks_columns(folder: Path) -> None:
    path = folder / "302_CLNF_AUs.txt"
    path.write_text(path.read_text(encoding="utf-8").replace("AU12_r", "AU13_r"), encoding="utf-8")


def _cut_off(folder: Path) -> None:
    path = folder / "302_CLNF_features3D.txt"
    path.write_bytes(path.read_bytes()[:-400])


def _empty(folder: Path) -> None:
    (folder / "302_FORMANT.csv").write_bytes(b"")


def _no_transcript(folder: Path) -> None:
    (folder / "302_TRANSCRIPT.csv").unlink()


def _transcript_cut_off(folder: Path) -> None:
    path = folder / "302_TRANSCRIPT.csv"
    path.write_bytes(path.read_bytes()[:-27])


def _transcript_cut_off_later(folder: Path) -> None:
    path = folder / "302_TRANSCRIPT.csv"
    path.write_bytes(path.read_bytes()[:-17])


def _transcript_of_commas(folder: Path) -> None:
    path = folder / "302_TRANSCRIPT.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("\t", ","), encoding="utf-8")


def _reversed_row(folder: Path) -> None:
    path = folder / "302_TRANSCRIPT.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("3.500\t3.900", "3.900\t3.500"), encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (_another_width, "302_COVAREP.csv, row 1: 73 columns; expected 74 (F0, VUV, NAQ, …)"),
        (_lacks_columns, "302_CLNF_AUs.txt, header: 24 columns; expected AU12_r among them"),
        (_cut_off, "302_CLNF_features3D.txt: its last row is cut off; copy the session again"),
        (_empty, "302_FORMANT.csv: is empty; copy the session again"),
        (_no_transcript, "302_TRANSCRIPT.csv: not there; unpack the session again"),
        (_transcript_cut_off, "302_TRANSCRIPT.csv, row 11: 2 cells; expected 4, one a column"),
        (_transcript_cut_off_later,
         "302_TRANSCRIPT.csv, row 11, column 'speaker': 'Particip'; expected Ellie or Participant"),
        (_reversed_row,
         "302_TRANSCRIPT.csv, row 9, column 'stop_time': '3.500'; expected 3.9 s or later, where the row starts"),
    ],
)  # fmt: skip
def test_a_damaged_session_leaves_the_others_usable(daic: Path, damage: Callable[[Path], None], sentence: str) -> None:
    damage(daic)
    assert problems(daic, "302") == (sentence,)


def test_transcript_with_another_separator(daic: Path) -> None:
    _transcript_of_commas(daic)
    assert "302_TRANSCRIPT.csv: no column 'start_time' in its header; its cells are separated by commas" in problems(
        daic, "302"
    )


def test_all_faults_of_a_session_come_at_once(daic: Path) -> None:
    for damage in (_another_width, _lacks_columns, _cut_off, _empty, _no_transcript):
        damage(daic)
    assert len(problems(daic, "302")) == 5


def test_measurements_that_are_no_numbers_are_named(daic: Path) -> None:
    path = daic / "302_CLNF_pose.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[11] = lines[11].replace("10.003", "ten")
    path.write_text("\n".join(lines), encoding="utf-8")
    two = open_corpus(daic).read("302")
    with pytest.raises(Problems, match=r"302_CLNF_pose.txt, row 12, column 'Rx': 'ten'; expected a number, or nan"):
        two.signals["openface"]()
    assert len(two.signals["covarep"]()) == 600


def test_time_stamps_that_run_backwards(daic: Path) -> None:
    for path in daic.glob("302_CLNF_*.txt"):
        path.write_text(path.read_text(encoding="utf-8").replace("1.000000, ", "0.100000, "), encoding="utf-8")
    with pytest.raises(FeatureError, match="frame 31: its time stamp is before that of the frame before"):
        open_corpus(daic).read("302").signals["openface"]()


def test_faulty_labels(daic: Path) -> None:
    path = daic / "labels" / "train_split_Depression_AVEC2017.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("302,0,4,0", "302,0,44,f"), encoding="utf-8")
    assert problems(daic, "302") == (
        "train_split_Depression_AVEC2017.csv, row 3, column 'phqscore': '44'; expected a PHQ-8 score, 0 to 24",
        "train_split_Depression_AVEC2017.csv, row 3, column 'gender': 'f'; expected 1 (male) or 0 (female)",
    )


def test_contradicting_label_files(daic: Path) -> None:
    with (daic / "dev_split_Depression_AVEC2017.csv").open("a", encoding="utf-8") as file:
        file.write("302,0,4,0,0,1,1,1,1,0,0,0\n")
    (found,) = problems(daic, "302")
    assert found.endswith("split is validation and train; expected the same")


def test_unknown_scores_are_missing(daic: Path) -> None:
    path = daic / "labels" / "train_split_Depression_AVEC2017.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("302,0,4,0", "302,1,-1,0"), encoding="utf-8")
    assert open_corpus(daic).read("302").label == Label(1, None, "PHQ-8")


def test_without_label_files(tmp_path: Path, write_session: Writer) -> None:
    write_session(tmp_path / "only" / "here", 300)
    cohort = open_corpus(tmp_path / "only")
    assert cohort.read("300").label is None
    assert [entry.what for entry in cohort.ledger] == ["no label file: interviews have neither label nor split"]


def test_label_file_without_its_columns(daic: Path) -> None:
    (daic / "labels" / "train_split_Depression_AVEC2017.csv").write_text("id,label\n300,1\n", encoding="utf-8")
    with pytest.raises(Problems, match="no column 'Participant_ID'; it has id, label"):
        open_corpus(daic)


def test_the_same_file_twice_is_noted(daic: Path, write_session: Writer) -> None:
    write_session(daic / "again", 370)
    entries = [entry for entry in open_corpus(daic).ledger if entry.interview == "370"]
    assert len(entries) == 8
    assert entries[0].what.startswith("there already as again/370_")
