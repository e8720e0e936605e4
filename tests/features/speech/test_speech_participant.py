"""Which voice is the participant's: lips where they tell, else talk; and whoever a user names."""

from __future__ import annotations

import numpy as np
import pytest

from smfl.features.speech.participant import LIPS, choose, lips_follow_second_voice
from smfl.features.speech.speakers import Voices
from smfl.interview import CallError, Segment, Signal

SPEECH = [Segment(float(i), i + 0.9) for i in range(60)]
FIRST_TALKS = np.arange(60) % 3 > 0
"""Of 60 s, in two of three seconds the first voice is heard, then the second."""


def voices() -> Voices:
    return Voices(np.arange(60) + 0.5, np.where(FIRST_TALKS, 0, 1).astype(np.int64), "two voices")


def face(moves: np.ndarray | None, *, seconds: int = 60) -> Signal:
    """Lips that open and close four times a second in the seconds in which they move; with a little noise."""
    times = np.arange(0, seconds, 1 / 25)
    moving = np.ones(60, dtype=bool) if moves is None else moves
    lips = 0.2 * moving[times.astype(int)] * np.sin(2 * np.pi * 4 * times)
    lips += np.random.default_rng(0).normal(0, 0.01, len(times))
    return Signal("video", (LIPS,), lips[:, None].astype("f4"), times, 25.0)


def test_the_lips_on_camera_decide_even_against_who_talks_more() -> None:
    chosen = choose(voices(), SPEECH, face(~FIRST_TALKS))
    assert chosen.voice == 1
    assert chosen.what == "the second voice, from 0.5 s on"
    assert chosen.why.startswith("the lips on camera move more while it is heard than while the other is, in 1.00")
    assert choose(voices(), SPEECH, face(FIRST_TALKS)).voice == 0


def test_lips_that_always_move_leave_it_to_talk() -> None:
    chosen = choose(voices(), SPEECH, face(None))
    assert chosen.voice == 0
    assert chosen.why.startswith("it talks more: 67 % of the speech; the lips on camera don't tell (0.")


def test_too_little_face_leaves_it_to_talk() -> None:
    lips = face(~FIRST_TALKS, seconds=8)
    assert lips_follow_second_voice(voices(), SPEECH, lips) is None
    assert choose(voices(), SPEECH, lips).why.endswith("too little of a face in view while either speaks")
    lost = face(~FIRST_TALKS)
    lost.values[:] = np.nan
    assert lips_follow_second_voice(voices(), SPEECH, lost) is None


def test_without_a_face_the_one_who_talks_more_is_the_participant() -> None:
    chosen = choose(voices(), SPEECH, None)
    assert (chosen.voice, chosen.why) == (0, "it talks more: 67 % of the speech; no face to go by")
    other = Signal("video", ("gaze",), np.zeros((9, 1), "f4"), np.arange(9.0), 1.0)
    assert choose(voices(), SPEECH, other).why.endswith("no face to go by")


def test_one_voice_is_the_participants() -> None:
    alone = Voices(np.arange(9.0), np.zeros(9, dtype=np.int64), "one voice: as alike as can be")
    chosen = choose(alone, SPEECH, face(~FIRST_TALKS))
    assert (chosen.voice, chosen.what) == (None, "the only voice")
    assert chosen.why == "one voice: as alike as can be; were there two, 'first' or 'second' would name one"


@pytest.mark.parametrize(("wanted", "voice"), [("first", 0), ("second", 1), ("all", None)])
def test_whoever_is_named_is_the_participant(wanted: str, voice: int | None) -> None:
    chosen = choose(voices(), SPEECH, face(~FIRST_TALKS), wanted)
    assert (chosen.voice, chosen.why) == (voice, "as asked for")


def test_another_word_is_refused() -> None:
    with pytest.raises(CallError, match="unknown participant of a recording without a transcript 'Anna'; valid: first"):
        choose(voices(), SPEECH, None, "Anna")
