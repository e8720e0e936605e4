"""Quality facts: from files with known faults through `prepare` to the index, and what is said about them."""

from __future__ import annotations

import re
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from smfl.features import Modality, SentenceFeatures
from smfl.features.extraction.extract import extract
from smfl.features.extraction.quality import MEASURES, quality_of, remarks
from smfl.features.settings import ExtractionSettings
from smfl.features.voice import descriptors as voice
from smfl.interview import (
    Cohort,
    FeatureError,
    FloatArray,
    Interview,
    Piece,
    Segment,
    Sentence,
    Signal,
    Source,
    TranscriptError,
)
from smfl.pipeline.prepare import prepare

pytest.importorskip("opensmile")

RATE = 16_000
TWO = (Sentence(Segment(0.5, 1.9), "I sleep badly"), Sentence(Segment(2.2, 3.7), "since the winter, I'd say"))
AUDIO = ExtractionSettings(modalities=("audio",))
Wav = Callable[..., Path]


def voice_like(seconds: float = 4.0) -> FloatArray:
    """A buzz with pauses over a hiss."""
    t = np.arange(round(seconds * RATE)) / RATE
    buzz = sum(np.cos(2 * np.pi * 120 * k * t) / k for k in range(1, 20)) * (t % 1 < 0.6)
    return np.asarray(0.1 * (buzz + 0.01 * np.random.default_rng(0).normal(size=len(t))))


@pytest.fixture
def wav(tmp_path: Path) -> Wav:
    """Writes 16-bit channels [C, n] or [n]."""

    def write(channels: FloatArray, name: str = "a.wav") -> Path:
        steps = (np.atleast_2d(channels).T * 32767).astype("<i2")
        with wave.open(str(tmp_path / name), "wb") as file:
            file.setparams((steps.shape[1], 2, RATE, 0, "NONE", ""))
            file.writeframes(steps.tobytes())
        return tmp_path / name

    return write


def test_two_sentences_have_features_and_facts(wav: Wav) -> None:
    made = extract(Interview("a", "a", TWO, recording=wav(voice_like())), AUDIO)
    assert [len(made.features.rows("audio", i)) for i in (0, 1)] == [140, 150]
    facts = made.quality
    assert facts["quality_seconds"] == pytest.approx(4.0)
    assert facts["quality_words"] == 8
    assert 0.4 < (facts["quality_voiced"] or 0) < 0.8
    assert 30 < (facts["quality_snr_db"] or 0) < 50
    assert (facts["quality_clipped"], facts["quality_silent"]) == (0, 0)
    assert (facts["quality_coverage_audio"], facts["quality_coverage_text"]) == (1, 0)
    assert facts["quality_face_seen"] is None
    assert {remark.column for remark in remarks(facts)} == {"quality_words"}


def test_words_are_counted_in_chinese_too() -> None:
    one = SentenceFeatures("a", "a", {}, {}, np.full((2, 2), np.nan), ("广州市, ok", "I don't - well"))
    assert quality_of(one, {}, {})["quality_words"] == 7


def test_silence_is_missing_and_says_so(wav: Wav) -> None:
    with pytest.raises(FeatureError, match=r"no modality could be had \(audio: not one sentence has a frame of it\)"):
        extract(Interview("a", "a", TWO, recording=wav(np.zeros(4 * RATE))), AUDIO)
    half = voice_like()
    half[2 * RATE :] = 0
    made = extract(Interview("a", "a", TWO, recording=wav(half)), AUDIO)
    assert np.diff(made.features.offsets["audio"]).tolist() == [140, 0]
    assert [(e.action, e.what) for e in made.ledger] == [("missing", "audio of 1 of 2 sentences")]
    assert made.quality["quality_silent"] == pytest.approx(0.5, abs=0.02)
    assert made.quality["quality_coverage_audio"] == 0.5


def test_a_wav_cut_in_the_middle_gives_what_is_there_and_the_ledger_the_rest(wav: Wav) -> None:
    path = wav(voice_like())
    path.write_bytes(path.read_bytes()[: 2 * RATE * 2])
    made = extract(Interview("a", "a", TWO, recording=path), AUDIO)
    assert [(e.action, e.what) for e in made.ledger] == [("cut", "1 sentences start after the end, 2.0 s")]
    path.write_bytes(path.read_bytes()[: RATE // 2])
    with pytest.raises(TranscriptError, match=r"lasts 0\.2 s, but 2 of 2 sentences start after its end"):
        extract(Interview("a", "a", TWO, recording=path), AUDIO)


def test_a_channel_upside_down_is_mended_and_in_the_ledger(wav: Wav) -> None:
    made = extract(Interview("a", "a", TWO, recording=wav(np.stack([voice_like(), -voice_like()]))), AUDIO)
    told = [(e.action, e.what) for e in made.ledger]
    assert told == [("repaired", "channel 2 of the sound is another one upside down; it was turned over before mixing")]
    assert np.isfinite(made.features.values["audio"][:, voice.COLUMNS.index(voice.F0)]).mean() > 0.4


def test_answers_in_files_of_their_own_are_one_sound(wav: Wav) -> None:
    faint = 10 ** (-25 / 20) * voice_like()
    pieces = [Piece(wav(faint[:24_000], "1.wav"), 0.5), Piece(wav(faint, "2.wav"), 60.0)]
    sentences = (Sentence(Segment(0.6, 1.9), "badly"), Sentence(Segment(60.2, 63.7), "since the winter"))
    made = extract(Interview("a", "a", sentences, pieces=tuple(pieces)), AUDIO)
    assert made.quality["quality_seconds"] == pytest.approx(5.5)
    assert made.quality["quality_silent"] == 0, "what lies between them isn't silence that was recorded"
    whole = extract(Interview("a", "a", TWO, recording=wav(voice_like())), AUDIO).quality
    assert (made.quality["quality_level_dbfs"] or 0) == pytest.approx((whole["quality_level_dbfs"] or 0) - 25, abs=0.5)
    assert 0.4 < (made.quality["quality_voiced"] or 0) < 0.8


def test_a_face_that_is_never_seen_is_a_fact_and_not_unknown() -> None:
    clock = np.arange(0, 4, 0.1)
    values = np.ones((len(clock), 1), "f4")
    values[clock < 2] = np.nan
    seen = Signal("video", ("x",), values, clock, 10.0)
    lost = Signal("video", ("x",), np.full_like(values, np.nan), clock, 10.0)
    words = Signal("extra", ("x",), np.ones((2, 1), "f4"))
    settings = ExtractionSettings(modalities=("video", "extra"))

    def facts(face: Signal) -> dict[str, float | None]:
        signals = {"video": lambda: face, "extra": lambda: words}
        return extract(Interview("a", "a", TWO, signals=signals), settings).quality

    assert facts(seen)["quality_face_seen"] == pytest.approx(0.5, abs=0.05)
    assert facts(lost)["quality_face_seen"] == 0
    assert facts(lost)["quality_coverage_video"] == 0
    assert facts(lost)["quality_coverage_extra"] == 1


def test_facts_are_columns_of_the_index_the_same_for_all(wav: Wav, tmp_path: Path) -> None:
    loud = np.clip(voice_like() * 30, -1, 1)
    recordings = {"loud": wav(loud, "loud.wav"), "good": wav(voice_like(), "good.wav")}
    cohort = Cohort(Source("toy"), list(recordings), lambda key: Interview(key, key, TWO, recording=recordings[key]))
    table = prepare(cohort, tmp_path / "out", modalities=("audio",)).table.set_index("interview")
    assert table.loc["loud", "quality_clipped"] > 0.05
    assert table.loc["good", "quality_clipped"] == 0
    assert np.isnan(table["quality_face_seen"]).all()
    assert (table.filter(like="quality_").dtypes == "float64").all()
    assert set(MEASURES) <= set(table.columns)
    [worst, *_] = remarks(table.loc["loud", list(MEASURES)].to_dict())
    assert (worst.column, worst.grade) == ("quality_clipped", "poor")


def test_every_measure_has_its_bounds_in_order_and_an_advice() -> None:
    for measure in MEASURES.values():
        assert (measure.fair > measure.poor) is not measure.high_is_bad
        assert measure.grade(measure.poor) == measure.grade((measure.poor + measure.fair) / 2) == "fair"
        assert measure.grade(measure.fair) == "good"
        assert measure.grade(None) == measure.grade(float("nan")) == "unknown"
        assert measure.advice
    assert remarks({"quality_coverage_video": 0.0}) == []


def test_what_is_measured_only_from_the_columns_that_mean_it() -> None:
    one = SentenceFeatures(
        "a", "a", {"audio": np.ones((3, 1), "f4")}, {"audio": np.array([0, 3])}, np.zeros((1, 2)), ("",)
    )
    assert quality_of(one, {"audio": Modality(("F0",), "frame", 100.0, "covarep")}, {})["quality_voiced"] is None


def test_the_documentation_lists_every_column() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "quality.md").read_text(encoding="utf-8")
    one = SentenceFeatures("a", "a", {}, {}, np.zeros((0, 2)), ())
    listed = {name.replace("…", "quality_coverage") for name in re.findall(r"`((?:quality|…)_\w+)`", page)}
    assert listed == set(quality_of(one, {}, {}))
