"""Corpora of measurements: D-Vlog, LMVD, MMD2023 and tools' output; what is wrong with them is mended or told."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from smfl.corpora import Options, open_corpus
from smfl.formats.opensmile import V02
from smfl.interview import Cohort, Interview, Problems
from smfl.simulation import simulate

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


@pytest.fixture
def copied(make: Make, tmp_path: Path) -> Callable[[str], Path]:
    """A copy of a corpus to damage."""

    def copy(name: str) -> Path:
        shutil.copytree(make(name, defects=False), tmp_path / name)
        return tmp_path / name

    return copy


def told(interview: Interview, action: str) -> list[str]:
    return [entry.what for entry in interview.ledger if entry.action == action]


class TestDVlog:
    @pytest.fixture
    def cohort(self, make: Make) -> Cohort:
        return open_corpus(make("d-vlog"))

    def test_both_signals_are_cut_to_the_shorter(self, cohort: Cohort) -> None:
        first = cohort.read("0")
        (what,) = told(first, "repaired")
        assert what.startswith("visual has ")
        assert len(first.signals["audio"]()) == len(first.signals["landmarks-2d"]())

    def test_descriptors_have_their_names_and_points_are_the_corpuss_own(self, cohort: Cohort) -> None:
        first = cohort.read("0")
        audio = first.signals["audio"]()
        assert (audio.columns, audio.rate_hz) == (V02, 1.0)
        assert first.own == ("landmarks-2d",)
        assert first.signals["landmarks-2d"]().columns[:3] == ("x_0", "y_0", "x_1")
        assert "no visual features" in told(cohort.read("1"), "missing")

    def test_a_row_of_zeros_is_no_face(self, copied: Callable[[str], Path]) -> None:
        root = copied("d-vlog")
        values = np.load(root / "2" / "2_visual.npy")
        values[4] = 0
        np.save(root / "2" / "2_visual.npy", values)
        assert np.isnan(open_corpus(root).read("2").signals["landmarks-2d"]().values[4]).all()

    def test_stretches_without_words_stand_for_sentences(self, cohort: Cohort) -> None:
        first = cohort.read("0")
        assert {sentence.text for sentence in first.sentences} == {""}
        assert "no words: the corpus is distributed without transcripts" in told(first, "missing")
        assert "stretches of 10 s stand for sentences" in told(first, "noted")

    def test_words_that_mean_nothing_are_told(self, copied: Callable[[str], Path]) -> None:
        root = copied("d-vlog")
        table = (root / "labels.csv").read_text(encoding="utf-8").splitlines()
        table[1] = "0,sad,40,x,dev"
        (root / "labels.csv").write_text("\n".join(table), encoding="utf-8")
        with pytest.raises(Problems) as caught:
            open_corpus(root).read("0")
        assert str(caught.value).splitlines() == [
            "interview 0: 3 problems",
            "  labels.csv, row 2, column 'label': 'sad'; expected one of depression, normal, or nothing",
            "  labels.csv, row 2, column 'fold': 'dev'; expected one of train, valid, test, or nothing",
            "  labels.csv, row 2, column 'gender': 'x'; expected one of f, m, or nothing",
        ]


class TestLmvd:
    @pytest.fixture
    def cohort(self, make: Make) -> Cohort:
        return open_corpus(make("lmvd"))

    def test_labels_that_differ_or_lack(self, cohort: Cohort) -> None:
        first, second = cohort.read("001"), cohort.read("002")
        (what,) = [what for what in told(first, "noted") if "label" in what]
        assert what in ("label 1, but 0 in labels.csv: the authors' counts", "label 0, but 1 in labels.csv: the "
                        "authors' counts")  # fmt: skip
        assert first.label is not None
        assert what.startswith(f"label {first.label.value}")
        assert any("is labels.csv's" in what for what in told(second, "repaired"))
        assert any("the rest is left out" in what for what in told(second, "repaired"))
        assert "no face (OpenFace)" in told(cohort.read("003"), "missing")

    def test_the_split_is_said_to_be_a_third_partys(self, cohort: Cohort) -> None:
        assert "the split is DepMamba's, a third party's; the authors publish none" in [e.what for e in cohort.ledger]
        assert {interview.split for interview in cohort} <= {"train", "validation", "test"}

    def test_a_label_file_with_more_in_it_is_told(self, copied: Callable[[str], Path]) -> None:
        root = copied("lmvd")
        (root / "label" / "001_Depression.csv").write_text("label\n1\n", encoding="utf-8")
        with pytest.raises(Problems, match=r"label/001_Depression.csv: 'label\\n1'; expected 1 \(depressed\) or 0"):
            open_corpus(root).read("001")


class TestMmd2023:
    @pytest.fixture
    def cohort(self, make: Make) -> Cohort:
        return open_corpus(make("mmd2023"))

    def test_the_papers_rule_unless_the_codes_is_asked_for(self, cohort: Cohort, make: Make) -> None:
        first = cohort.read("001")
        assert first.label is not None
        assert (first.label.score, first.label.value) == (12, 0)
        assert "HAMD-17 is 12: depressed by the code's rule (>= 8), not by the paper's (> 17)" in told(first, "noted")
        other = open_corpus(make("mmd2023"), options=Options(label_rule="hamd>=8"))
        assert other.read("001").label.value == 1  # type: ignore[union-attr]
        assert (cohort.source.label_rule, other.source.label_rule) == (
            "HAMD-17 > 17 is depressed (the paper's)", "HAMD-17 >= 8 (the code's)"
        )  # fmt: skip

    def test_rows_that_the_authors_code_drops_keep_their_time(self, cohort: Cohort) -> None:
        face = cohort.read("001").signals["openface"]()
        assert np.isnan(face.values[4:7]).all()
        np.testing.assert_allclose(np.diff(np.asarray(face.times)), 1 / 30, atol=1e-6)

    def test_signals_are_as_the_code_reads_them(self, make: Make) -> None:
        cohort = open_corpus(make("mmd2023", defects=False))
        first = cohort[0]
        picture, vectors = first.signals["spectrogram"](), first.signals["embedding"]()
        assert picture.values.shape[1] == 513
        assert picture.rate_hz == 172.27
        assert 0 <= picture.values.min() < picture.values.max() <= 1
        assert vectors.values.shape == (len(first.sentences), 768)
        assert first.own == ("landmarks-2d", "spectrogram", "embedding")

    def test_vectors_that_no_sentence_owns_are_missing(self, cohort: Cohort) -> None:
        second = cohort.read("002")
        assert any("which belongs to which can't be told" in what for what in told(second, "missing"))
        assert "no spectrogram" in told(second, "missing")
        assert "embedding" not in second.signals

    def test_a_clock_that_is_none_is_told(self, copied: Callable[[str], Path]) -> None:
        root = copied("mmd2023")
        path = root / "data" / "txt_csv" / "001.csv"
        path.write_text(path.read_text(encoding="utf-8") + "1.5\t00:01\t患者\t好\n", encoding="utf-8")
        with pytest.raises(Problems, match=r"001.csv, row \d+, column 'start_time': '1.5'; expected minutes and sec"):
            open_corpus(root).read("001")


class TestToolOutput:
    @pytest.fixture
    def cohort(self, make: Make) -> Cohort:
        return open_corpus(make("tool-output"))

    def test_versions_of_openface_have_the_same_columns(self, make: Make) -> None:
        cohort = open_corpus(make("tool-output", defects=False))
        found = {interview.signals["openface"]().columns for interview in cohort}
        assert len(found) == 1
        short = cohort.read("rec0004").signals["openface"]()
        assert np.isnan(short.select(("X_0",)).values).all(), "53 columns: no landmarks"
        assert np.isfinite(short.select(("pose_Rx",)).values).any()

    def test_defects_are_mended_or_told(self, cohort: Cohort) -> None:
        assert any("2 faces were followed" in what for what in told(cohort.read("rec0001"), "repaired"))
        (stranger,) = cohort.ledger
        assert stranger.what == "1 file(s) of recordings that labels.csv doesn't list: openface/stranger.csv"
        second = cohort.read("rec0002").signals["openface"]()
        assert np.isnan(second.select(("pose_Rx",)).values[28:48]).all(), "stale values aren't read"
        steps = np.diff(np.asarray(second.times))
        assert steps.max() == pytest.approx(2 * np.median(steps), rel=0.1), "time is what the time stamps say"

    def test_scales_are_not_pooled(self, copied: Callable[[str], Path]) -> None:
        root = copied("tool-output")
        text = (root / "labels.csv").read_text(encoding="utf-8")
        (root / "labels.csv").write_text(text.replace("PHQ-8", "HAMD-17", 1), encoding="utf-8")
        with pytest.raises(Problems, match="column 'scale': HAMD-17 and PHQ-8; scores of two scales aren't pooled"):
            open_corpus(root)

    def test_a_recording_without_a_file_is_told(self, copied: Callable[[str], Path]) -> None:
        root = copied("tool-output")
        with (root / "labels.csv").open("a", encoding="utf-8") as file:
            file.write("visit9,visit9,1,12,PHQ-8,train,female,30\n")
        with pytest.raises(Problems, match=r"row 6: no file is of 'visit9'; expected visit9.csv by OpenFace or openSM"):
            open_corpus(root).read("visit9")

    def test_a_transcript_of_the_same_name_is_the_recordings(self, copied: Callable[[str], Path]) -> None:
        root = copied("tool-output")
        (root / "rec0001.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nhi\n", encoding="utf-8")
        interview = open_corpus(root).read("rec0001")
        assert interview.transcript == root / "rec0001.srt"
        assert interview.sentences == ()
