"""Cutting: which frames a sentence owns, and which sentences are kept."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smfl.features import SentenceFeatures, cut, longest
from smfl.interview import FeatureError, Segment, Sentence, Signal

RATE = 10.0


def frames(count: int) -> Signal:
    """Frame i holds i, at i / 10 s."""
    return Signal("audio", ("i",), np.arange(count, dtype="f4")[:, None], np.arange(count) / RATE, RATE)


def said(*spans: tuple[float, float]) -> list[Sentence]:
    return [Sentence(Segment(*span), "words") for span in spans]


def test_a_frame_at_the_start_is_inside_and_one_at_the_stop_is_not() -> None:
    values, offsets = cut(frames(20), said((0.5, 1.0)))
    assert values.ravel().tolist() == [5, 6, 7, 8, 9]
    assert offsets.tolist() == [0, 5]


def test_overlapping_sentences_share_frames_and_gaps_belong_to_nobody() -> None:
    values, offsets = cut(frames(20), said((0.0, 0.3), (0.2, 0.4), (1.8, 1.9)))
    assert values.ravel().tolist() == [0, 1, 2, 2, 3, 18]
    assert offsets.tolist() == [0, 3, 5, 6]


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=8), st.sets(st.integers(0, 79)), st.booleans()
)
def test_a_spent_signal_is_cut_the_same(spans: list[tuple[int, int]], lost: set[int], shut: bool) -> None:
    sentences = said(*((start / RATE, (start + length) / RATE) for start, length in sorted(spans)))
    kept, spent = frames(80), frames(80)
    for signal in (kept, spent):
        signal.values[sorted(lost)] = np.nan
    spent.values.flags.writeable = not shut
    (rows, offsets), (moved, same) = cut(kept, sentences), cut(spent, sentences, in_place=True)
    assert moved.tobytes() == rows.tobytes()
    assert same.tolist() == offsets.tolist()


def test_a_spent_signals_rows_are_not_held_twice() -> None:
    signal = Signal("video", tuple("abcdefgh"), np.ones((200_000, 8), "f4"), np.arange(200_000) / RATE, RATE)
    sentences = said(*((10.0 * i, 10.0 * i + 9) for i in range(2000)))
    tracemalloc.start()
    rows, _ = cut(signal, sentences, in_place=True)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert np.shares_memory(rows, signal.values)
    assert peak < signal.values.nbytes  # 8 columns: the positions of the rows weigh as much as two or three


def test_a_sentence_past_the_end_or_of_no_length_owns_nothing() -> None:
    _, offsets = cut(frames(5), said((0.2, 0.2), (3.0, 4.0)))
    assert offsets.tolist() == [0, 0, 0]


def test_a_lost_frame_is_left_out_and_a_partly_measured_one_is_kept() -> None:
    values = np.array([[1, 1], [np.nan, np.nan], [np.nan, 3]], dtype="f4")
    signal = Signal("video", ("a", "b"), values, np.array([0.0, 0.1, 0.2]), RATE)
    rows, offsets = cut(signal, said((0.0, 1.0)))
    assert offsets.tolist() == [0, 2]
    np.testing.assert_array_equal(rows, np.array([[1, 1], [np.nan, 3]], dtype="f4"))


def test_times_decide_where_the_rate_varies() -> None:
    clock = np.array([0.0, 0.05, 0.4, 0.41, 2.0])
    signal = Signal("video", ("i",), np.arange(5, dtype="f4")[:, None], clock, 25.0)
    rows, _ = cut(signal, said((0.05, 0.41)))
    assert rows.ravel().tolist() == [1, 2]


def test_sentence_level_rows_belong_to_their_sentence() -> None:
    signal = Signal("text", ("x",), np.array([[1], [np.nan], [3]], dtype="f4"))
    rows, offsets = cut(signal, [Sentence(None, text) for text in ("a", "", "c")])
    assert rows.ravel().tolist() == [1, 3]
    assert offsets.tolist() == [0, 1, 1, 2]


def test_sentence_level_rows_must_be_as_many_as_sentences() -> None:
    signal = Signal("text", ("x",), np.zeros((3, 1), dtype="f4"))
    with pytest.raises(FeatureError, match="3 rows at sentence level, but the participant has 2 sentences"):
        cut(signal, said((0, 1), (1, 2)))


def test_frames_need_sentences_with_times() -> None:
    with pytest.raises(FeatureError, match="need sentences with start and stop"):
        cut(frames(3), [Sentence(None, "when?")])


@given(
    st.lists(st.tuples(st.floats(0, 9), st.floats(0, 3)), max_size=8),
    st.lists(st.floats(0, 10), min_size=1, max_size=60),
)
def test_every_sentence_owns_exactly_its_instants(spans: list[tuple[float, float]], instants: list[float]) -> None:
    clock = np.array(sorted(instants))
    signal = Signal("audio", ("t",), clock.astype("f4")[:, None], clock, RATE)
    sentences = said(*((start, start + length) for start, length in spans))
    rows, offsets = cut(signal, sentences)
    for i, sentence in enumerate(sentences):
        expected = [t for t in clock if sentence.segment is not None and t in sentence.segment]
        assert rows[offsets[i] : offsets[i + 1]].ravel().tolist() == np.array(expected, dtype="f4").tolist()


def test_the_threshold_keeps_the_longest_in_time_order() -> None:
    sentences = said((0, 1), (1, 6), (6, 8), (8, 13))
    assert longest(sentences, 2) == [1, 3]
    assert longest(sentences, 9) == [0, 1, 2, 3]


def test_without_times_the_threshold_keeps_the_most_words_and_the_earlier_of_equals() -> None:
    sentences = [Sentence(None, text) for text in ("no", "not well", "rather ok", "so so so")]
    assert longest(sentences, 2) == [1, 2]


def test_keeping_some_sentences_keeps_their_rows() -> None:
    one = SentenceFeatures(
        "a",
        "a",
        {"audio": np.arange(6, dtype="f4")[:, None]},
        {"audio": np.array([0, 2, 2, 6])},
        np.array([[0.0, 1], [1, 2], [2, 3]]),
        ("x", "y", "z"),
    )
    kept = one.keep([1, 2])
    assert kept.texts == ("y", "z")
    assert kept.offsets["audio"].tolist() == [0, 0, 4]
    assert kept.rows("audio", 1).ravel().tolist() == [2, 3, 4, 5]


@pytest.mark.parametrize("offsets", [[0, 3], [0, 2, 3], [1, 2, 4], [0, 3, 2, 4]])
def test_offsets_that_divide_nothing_are_refused(offsets: list[int]) -> None:
    with pytest.raises(FeatureError, match="offsets don't divide 4 rows among 2 sentences"):
        SentenceFeatures(
            "a", "a", {"audio": np.zeros((4, 1), "f4")}, {"audio": np.array(offsets)}, np.zeros((2, 2)), ("x", "y")
        )
