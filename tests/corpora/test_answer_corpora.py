"""Corpora that come answer by answer, or as sound alone: what is wrong with them is mended or told."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from smfl.corpora import Options, open_corpus
from smfl.corpora.androids import read_times
from smfl.corpora.answers import PAUSE_S
from smfl.interview import CallError, Cohort, Interview, Problems
from smfl.simulation import simulate
from smfl.simulation.defects.damage import edit_sheet

Make = Callable[..., Path]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Writes a small simulated corpus, each kind once."""
    made: dict[tuple[str, bool], Path] = {}

    def written(name: str, *, defects: bool = True) -> Path:
        if (name, defects) not in made:
            out = tmp_path_factory.mktemp(name) / name
            made[name, defects] = simulate(name, out, participants=4, minutes=0.5, positives=0.5, defects=defects)
        return made[name, defects]

    return written


def told(interview: Interview, action: str) -> list[str]:
    return [entry.what for entry in interview.ledger if entry.action == action]


@pytest.mark.parametrize("name", ["cmdc", "modma", "eatd", "androids"])
def test_without_defects_nothing_is_repaired_or_skipped(make: Make, name: str) -> None:
    actions = {entry.action for interview in open_corpus(make(name, defects=False)) for entry in interview.ledger}
    assert actions <= {"missing", "noted"}


def test_answers_lie_on_one_clock(make: Make) -> None:
    interview = open_corpus(make("eatd", defects=False))[0]
    segments = [sentence.segment for sentence in interview.sentences]
    assert [piece.start for piece in interview.pieces] == [segment.start for segment in segments if segment]
    assert segments[1].start == pytest.approx(segments[0].stop + PAUSE_S)  # type: ignore[union-attr]
    assert [piece.path.stem for piece in interview.pieces] == ["positive", "neutral", "negative"]


class TestCmdc:
    @pytest.fixture
    def cohort(self, make: Make) -> Cohort:
        return open_corpus(make("cmdc"))

    def test_missing_answers_are_told_and_the_others_stay_together(self, cohort: Cohort) -> None:
        first = cohort.read("MDD01")
        assert any(re.match(r"no answer to question 3, ", what) for what in told(first, "missing"))
        numbers = [piece.path.stem for piece in first.pieces]
        assert numbers[:3] == ["Q1", "Q2", "Q4"]
        bert, vggish = first.signals["bert"](), first.signals["vggish"]()
        assert len(bert) == len(first.sentences)
        assert np.isfinite(bert.values).all()
        assert np.isnan(vggish.values[1]).all(), "VGGish's own nan"
        assert vggish.times[1] < first.sentences[0].segment.stop  # type: ignore[index, union-attr]

    def test_frames_move_with_their_answer(self, cohort: Cohort) -> None:
        face = cohort.read("MDD01").signals["openface"]()
        for segment in (sentence.segment for sentence in cohort.read("MDD01").sentences):
            inside = (face.times >= segment.start) & (face.times < segment.stop)  # type: ignore[operator, union-attr]
            assert inside.sum() == pytest.approx(25 * segment.duration, abs=2)  # type: ignore[union-attr]

    def test_numbers_that_pandas_renamed(self, cohort: Cohort) -> None:
        first = cohort.read("MDD01")
        assert "1 numbers with a second suffix are read without" in told(first, "repaired")
        vector = first.signals["bert"]().values[0]
        assert vector[5] == vector[4]

    def test_a_blank_total_follows_from_its_items(self, cohort: Cohort, make: Make) -> None:
        (what,) = [what for what in told(cohort.read("MDD01"), "repaired") if "PHQtotal" in what]
        assert re.fullmatch(r"PHQtotal is blank: \d+, the sum of its items", what)
        as_is = open_corpus(make("cmdc"), options=Options(repairs="none")).read("MDD01")
        assert "phq9" not in as_is.metadata
        assert "hamd17" in as_is.metadata, "V2HAMD05 is HAMD05"

    def test_what_contradicts_or_cannot_be_read_is_told(self, cohort: Cohort) -> None:
        second = cohort.read("HC01")
        assert "MDD is 1, though the folder is HC01: the table is believed" in told(second, "noted")
        assert second.label is not None
        assert (second.label.value, second.label.score, second.label.scale) == (1, None, "diagnosis")
        assert "the sound of question 2" in told(second, "missing")
        assert "gender is '1': what that means isn't documented" in told(second, "noted")
        assert second.gender is None
        assert any("2 faces were followed" in what for what in told(second, "repaired"))
        assert len(second.pieces) == len(second.sentences) - 1

    def test_words_are_chinese(self, cohort: Cohort) -> None:
        assert re.search(r"[一-鿿]", cohort[0].sentences[0].text)
        assert cohort.source.language == "zh"


class TestModma:
    @pytest.fixture
    def cohort(self, make: Make) -> Cohort:
        return open_corpus(make("modma"))

    def test_unreadable_recordings_are_left_out_and_named(self, cohort: Cohort) -> None:
        one = cohort.read("02010001")
        assert told(one, "skipped") == [f"recording {number}" for number in range(24, 29)]
        assert len(one.sentences) == len(one.pieces) == 24
        (cut,) = [entry for entry in one.ledger if entry.what == "recording 28"]
        assert "cut off" in cut.why
        assert "no recording 07" in told(cohort.read("02020001"), "missing")

    def test_identifiers_get_their_zeros_back(self, cohort: Cohort) -> None:
        assert [entry.what for entry in cohort.ledger] == ["4 identifiers were numbers: their zeros are put back"]
        one = cohort.read("02010001")
        assert one.label is not None
        assert (one.label.value, one.label.scale) == (1, "diagnosis")
        assert {"phq9", "gad7", "education_years"} <= set(one.metadata)
        assert one.gender in ("female", "male")

    def test_a_type_that_is_neither_is_told(self, make: Make, tmp_path: Path) -> None:
        import shutil

        root = tmp_path / "modma"
        shutil.copytree(make("modma"), root)
        edit_sheet(root / "subjects_information_audio_lanzhou_2015.xlsx", {("2010001", "type"): "BD"})
        with pytest.raises(Problems, match=r"row \d, column 'type': 'BD'; expected MDD or HC"):
            open_corpus(root).read("02010001")


class TestEatd:
    @pytest.fixture
    def cohort(self, make: Make) -> Cohort:
        return open_corpus(make("eatd"))

    def test_an_index_follows_from_the_raw_score(self, cohort: Cohort, make: Make) -> None:
        first = cohort.read("t_1")
        (what,) = [what for what in told(first, "repaired") if "new_label" in what]
        assert re.fullmatch(r"no new_label.txt: [\d.]+, 1.25 times the raw score [\d.]+", what)
        assert first.label is not None
        assert first.label.value == int(first.label.score >= 53)  # type: ignore[operator]
        assert open_corpus(make("eatd"), options=Options(repairs="none")).read("t_1").label is None

    def test_contradictions_and_gaps_are_told(self, cohort: Cohort) -> None:
        first, second = cohort.read("t_1"), cohort.read("v_2")
        assert "the cleaned sound of the positive answer stands in" in told(first, "repaired")
        assert first.pieces[0].path.name == "positive_out.wav"
        assert any("the index is" in what for what in told(second, "noted"))
        assert "the words of an answer" in told(second, "missing")
        assert (second.sentences[1].text, second.split) == ("", "validation")

    def test_a_label_that_is_no_number_is_told(self, make: Make, tmp_path: Path) -> None:
        import shutil

        root = tmp_path / "eatd"
        shutil.copytree(make("eatd"), root)
        (root / "v_2" / "new_label.txt").write_text("high", encoding="utf-8")
        with pytest.raises(Problems, match=r"v_2/new_label.txt: 'high'; expected one number, an SDS score"):
            open_corpus(root).read("v_2")


class TestAndroids:
    @pytest.fixture
    def cohort(self, make: Make) -> Cohort:
        return open_corpus(make("androids"))

    def test_times_that_cannot_be_are_left_out_and_told(self, cohort: Cohort) -> None:
        first = cohort[0]
        assert sorted(what.split(":")[0] for what in told(first, "repaired")) == ["1 turn(s) left out"] * 3
        clean = [sentence.segment for sentence in first.sentences]
        assert all(segment and segment.stop > segment.start for segment in clean)

    def test_without_times_the_clips_are_laid_end_to_end(self, cohort: Cohort) -> None:
        second = cohort[1]
        assert second.recording is None
        assert len(second.pieces) == len(second.sentences) > 0
        assert any("clips of turns are laid end to end" in what for what in told(second, "repaired"))

    def test_a_name_against_its_folder_is_unusable(self, cohort: Cohort) -> None:
        with pytest.raises(Problems, match=r"(HC|PT)/03_\w+.wav: the folder and the name contradict each other"):
            cohort.read(cohort.keys[2])

    def test_facts_are_the_names(self, cohort: Cohort) -> None:
        last = cohort[3]
        match = re.fullmatch(r"(\d+)_([PC])([MF])(\d\d)_([1-4X])", last.id)
        assert match
        assert last.participant == match[1] + match[2]
        assert last.label is not None
        assert last.label.value == int(match[2] == "P")
        assert (last.gender, last.age) == ({"M": "male", "F": "female"}[match[3]], float(match[4]))
        assert last.metadata["fold"] == "4"

    def test_the_byte_order_mark_is_no_part_of_a_name(self, tmp_path: Path) -> None:
        path = tmp_path / "interview_timedata.csv"
        path.write_bytes("\ufeff'01_CF56_1.wav',1.0,2.5,,\n02_PM30_2,0,1\n".encode())
        assert read_times(path) == {"01_CF56_1": ["1.0", "2.5"], "02_PM30_2": ["0", "1"]}


def test_simulators_say_what_their_format_cannot_hold(tmp_path: Path) -> None:
    with pytest.raises(CallError, match=r"modma has audio; got modalities text"):
        simulate("modma", tmp_path / "a", participants=2, minutes=0.5, modalities=["text"])
    with pytest.raises(CallError, match=r"modma has 52 participants; got 53; `manifest` takes any number"):
        simulate("modma", tmp_path / "b", participants=53)


def test_confounds_that_show_in_the_format(tmp_path: Path) -> None:
    out = simulate("androids", tmp_path / "c", participants=12, minutes=0.5, positives=0.5, confounds=["order"])
    by_number = [interview.label.value for interview in open_corpus(out) if interview.label]
    assert by_number == [1] * 6 + [0] * 6
    assert open_corpus(out).source.people == "androids, simulated, seed 0"
    with pytest.raises(CallError, match=r"androids can have the confounds gender, .*; got prompts"):
        simulate("androids", tmp_path / "d", participants=2, minutes=0.5, confounds=["prompts"])


@pytest.mark.parametrize("defects", [False, True])
def test_a_simulation_that_was_stopped_goes_on_to_the_same_files(tmp_path: Path, defects: bool) -> None:
    def files(root: Path) -> dict[str, bytes]:
        return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.suffix != ".xlsx"
                and path.is_file()}  # fmt: skip

    def stop(done: int, _: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    settings = {"participants": 3, "minutes": 0.25, "positives": 0.5, "defects": defects}
    whole = simulate("eatd", tmp_path / "whole", **settings)
    with pytest.raises(KeyboardInterrupt):
        simulate("eatd", tmp_path / "stopped", **settings, progress=stop)
    went_on = simulate("eatd", tmp_path / "stopped", **settings)
    assert files(went_on) == files(whole)
    simulate("eatd", went_on, **settings)
    assert files(went_on) == files(whole), "a finished one stays as it is"
    with pytest.raises(CallError, match="holds a corpus simulated with other settings"):
        simulate("eatd", went_on, **(settings | {"seed": 1}))
