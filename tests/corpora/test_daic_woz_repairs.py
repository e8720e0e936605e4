"""DAIC-WOZ: what is mended by default, what is left as distributed, and what is left out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from smfl.corpora import Options, open_corpus
from smfl.corpora.daic_woz.defects import EXCLUDED_BY_OTHERS, KNOWN, Known
from smfl.corpora.daic_woz.signals import OPENFACE
from smfl.interview import Interview, Label, Segment

from .conftest import SECONDS, TRANSCRIPT, face_table

Writer = Callable[..., Path]
AS_IS = Options(repairs="none")


def told(interview: Interview, word: str) -> list[tuple[str, str]]:
    """Action and text of each line of the ledger that holds a word."""
    return [(entry.action, entry.what) for entry in interview.ledger if word in entry.what]


def test_transcripts_out_of_step_are_moved(daic: Path, write_session: Writer) -> None:
    write_session(daic, 318)
    moved, left = open_corpus(daic).read("318"), open_corpus(daic, options=AS_IS).read("318")
    assert moved.sentences[0].segment == Segment(35.92, 37.22)
    assert told(moved, "early") == [("repaired", "the transcript's times are 34.3199 s early: added to all of them")]
    assert [entry.why for entry in moved.ledger if "early" in entry.what] == ["adbailey1/daic_woz_process"]
    assert left.sentences[-1].segment == Segment(4.3, 5.0)
    assert told(left, "early") == [("noted", "the transcript's times are 34.3199 s early")]


def test_made_up_people_have_no_known_defect(daic: Path, write_session: Writer) -> None:
    write_session(daic, 318)
    (daic / "truth.csv").write_text("participant,llr\n", encoding="utf-8")
    assert open_corpus(daic).read("318").sentences[-1].segment == Segment(4.3, 5.0)


def test_interruptions_are_masked(daic: Path, write_session: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {**KNOWN, "373": Known("interrupted", "nobody", interrupted=Segment(3.2, 4.1))}
    monkeypatch.setattr("smfl.corpora.daic_woz.corpus.KNOWN", known)
    write_session(daic, 373)
    one = open_corpus(daic).read("373")
    assert [sentence.text for sentence in one.sentences] == ['i\'m "okay" people say null', "not well"]
    assert ("repaired", "3 row(s) left out: interrupted") in told(one, "interrupted")
    face, voice = one.signals["openface"](), one.signals["covarep"]()
    assert face.times is not None
    assert voice.times is not None
    inside = (face.times >= 3.2) & (face.times < 4.1)
    assert np.isnan(face.values[inside, : OPENFACE.index("confidence")]).all()
    assert not np.isnan(face.values[~inside][8:]).any()
    assert np.isnan(voice.values[(voice.times >= 3.2) & (voice.times < 4.1)]).all()
    left = open_corpus(daic, options=AS_IS).read("373")
    assert len(left.sentences) == 4
    assert not np.isnan(left.signals["openface"]().values[inside]).any()


def test_interruptions_are_those_that_are_reported() -> None:
    spans = {identity: known.interrupted for identity, known in KNOWN.items() if known.interrupted}
    assert spans == {"373": Segment(352.0, 428.0), "444": Segment(286.0, 387.0)}
    shifts = {identity: known.shift_s for identity, known in KNOWN.items() if known.shift_s}
    assert shifts == {"318": 34.319917, "321": 3.8379167, "341": 6.1892, "362": 16.8582}


def test_known_bad_sessions_can_be_left_out(daic: Path, write_session: Writer) -> None:
    for identity in (318, 402, 451):
        write_session(daic, identity)
    assert EXCLUDED_BY_OTHERS == ("318", "321", "341", "362", "373", "444", "451", "458", "480")
    cohort = open_corpus(daic, options=Options(exclude_known_bad=True))
    assert cohort.keys == ("300", "302", "370", "402")
    skipped = [(entry.interview, entry.what) for entry in cohort.ledger if entry.action == "skipped"]
    assert skipped == [
        ("318", "the transcript's times are 34.3199 s early"),
        ("451", "the transcript has no row of the interviewer's"),
    ]


def test_labels_as_distributed(daic: Path) -> None:
    cohort = open_corpus(daic, options=AS_IS)
    assert cohort.read("300").label == Label(0, 10.0, "PHQ-8")
    assert cohort.source.label_rule == "label as distributed"
    assert "known defects are left as they are" in [entry.what for entry in cohort.ledger]


def test_preamble_and_marks_as_distributed(daic: Path) -> None:
    left = open_corpus(daic, options=AS_IS).read("300")
    assert [turn.text for turn in left.turns[:3]] == ["is it on", "<sync>", "hi i'm ellie"]
    assert left.sentences[0].text == "is it on"


def test_a_missing_item_follows_from_the_score(daic: Path) -> None:
    path = daic / "labels" / "train_split_Depression_AVEC2017.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("302,0,4,0,1,1,1,1", "302,0,4,0,1,1,,1"), encoding="utf-8")
    two = open_corpus(daic).read("302")
    assert two.metadata["PHQ8_Sleep"] == "1"
    assert told(two, "PHQ8_Sleep") == [("repaired", "no PHQ8_Sleep: it is 1, the score of 4 less the other items")]
    assert "PHQ8_Sleep" not in open_corpus(daic, options=AS_IS).read("302").metadata


def test_items_that_are_unknown_or_do_not_add_up_are_told(daic: Path) -> None:
    path = daic / "labels" / "train_split_Depression_AVEC2017.csv"
    text = path.read_text(encoding="utf-8").replace("302,0,4,0,1,1,1,1,0", "302,0,4,0,1,1,1,3,0")
    path.write_text(text, encoding="utf-8")
    assert told(open_corpus(daic).read("302"), "add up") == [("noted", "the items add up to 6, but the score is 4")]
    path.write_text(text.replace("302,0,4,0,1,1,1,3,0,0,0,0", "302,0,4,0,-1,-1,-1,-1,-1,-1,-1,-1"), encoding="utf-8")
    two = open_corpus(daic).read("302")
    assert told(two, "-1") == [("repaired", "8 value(s) of -1: missing")]
    assert two.metadata == {}


def test_what_was_mended_while_reading_is_in_the_signal(daic: Path) -> None:
    one = open_corpus(daic).read("300")
    face = [entry.what for entry in one.signals["openface"]().notes]
    assert face[0] == "names and values begin with a space: stripped"
    assert "2 of 180 frames weren't tracked: missing, their rows stay" in face
    assert "204 cells hold no finite number (-1.#IND, -Inf and their like): missing, their rows stay" in face
    assert [entry.what for entry in one.signals["covarep"]().notes] == [
        "1 cells hold no finite number (-1.#IND, -Inf and their like): missing, their rows stay",
        "40 rows are zero throughout: missing",
    ]


def test_a_face_that_ends_early_is_told(daic: Path) -> None:
    import wave

    folder = daic / "300_P"
    with wave.open(str(folder / "300_AUDIO.wav"), "wb") as sound:
        sound.setparams((1, 2, 16000, 0, "NONE", ""))
        sound.writeframes(bytes(2 * 16000 * (SECONDS + 4)))
    (folder / "300_CLNF_AUs.txt").write_text("\n".join(face_table("CLNF_AUs", 60)) + "\n", encoding="utf-8")
    face = open_corpus(daic).read("300").signals["openface"]()
    assert [entry.what for entry in face.notes if entry.action == "missing"] == [
        "CLNF_AUs ends at 2.0 s, 4.0 s before the other tables: missing after it",
        "the face ends at 6.0 s, 4.0 s before the sound: missing after it",
    ]
    assert np.isnan(face.select(("AU12_r",)).values[60:]).all()


def test_rows_out_of_order_are_sorted(daic: Path) -> None:
    head, *rows = TRANSCRIPT.splitlines()
    path = daic / "302_TRANSCRIPT.csv"
    path.write_text("\n".join([head, *rows[::-1]]), encoding="utf-8")
    two = open_corpus(daic).read("302")
    assert two.sentences == open_corpus(daic).read("300").sentences
    assert told(two, "time order") == [("repaired", "rows that aren't in time order are sorted")]
