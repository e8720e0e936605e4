"""Which of the voices is the participant's: the one that the lips on camera move with, else the one that talks more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from smfl.features.speech.speakers import Voices
from smfl.interview import Segment, Signal, choice

FIRST, SECOND, ALL = "first", "second", "all"
WANTED = (FIRST, SECOND, ALL)
"""Whom a user may name: the voice that speaks first, the other one, or whoever speaks."""

LIPS = "proxy_mouth_open"
"""The column of ``video`` with the distance between the lips."""

STEP_S = 0.5
"""Lips and voices are compared in steps of this length: a syllable opens and closes the lips within one."""

MIN_SPEECH_S = 5.0
"""Of each voice with a face in view, to decide by the lips."""

MIN_SHARE = 0.70
"""Share of pairs of steps, one of each voice, in which the lips move more with the one: .5 says nothing."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which voice is the participant's.

    Args:
        voice: 0 or 1; None: whoever speaks.
        what: that voice in words.
        why: its reason, and how sure it is.
    """

    voice: int | None
    what: str
    why: str


def choose(voices: Voices, stretches: Sequence[Segment], face: Signal | None, wanted: str | None = None) -> Choice:
    """Decide who is the participant.

    Args:
        voices: of the recording.
        stretches: of speech.
        face: ``video`` at frame level with the column `LIPS`; None where there is none.
        wanted: one of `WANTED` decides; None leaves it to lips and talk.

    Raises:
        CallError: for another word than these.

    Example:
        >>> voices = Voices(np.arange(8.0), np.array([0, 1, 1, 1, 1, 1, 0, 1]), "")
        >>> choose(voices, [Segment(0, 8)], None).why
        'it talks more: 75 % of the speech; no face to go by'
    """
    if wanted is not None:
        choice(wanted, WANTED, what="participant of a recording without a transcript")
    if wanted == ALL:
        return Choice(None, "whoever speaks", "as asked for")
    if wanted is not None:
        return _named_voice(voices, WANTED.index(wanted), "as asked for")
    if voices.count < 2:
        return Choice(None, "the only voice", f"{voices.how}; were there two, 'first' or 'second' would name one")
    share = float((voices.labels == 1).mean())
    more = int(share > 0.5)
    talk = f"it talks more: {max(share, 1 - share):.0%} of the speech".replace("%", " %")
    if face is None or LIPS not in face.columns or face.times is None:
        return _named_voice(voices, more, f"{talk}; no face to go by")
    said = lips_follow_second_voice(voices, stretches, face)
    if said is None:
        return _named_voice(voices, more, f"{talk}; too little of a face in view while either speaks")
    if max(said, 1 - said) < MIN_SHARE:
        return _named_voice(voices, more, f"{talk}; the lips on camera don't tell ({said:.2f}, where .5 is chance)")
    voice = int(said > 0.5)
    return _named_voice(
        voices,
        voice,
        f"the lips on camera move more while it is heard than while the other is, in {max(said, 1 - said):.2f} of "
        "pairs of moments (.5 is chance)",
    )


def lips_follow_second_voice(voices: Voices, stretches: Sequence[Segment], face: Signal) -> float | None:
    """How surely the lips move with the second voice: an area under the ROC (Hanley and McNeil 1982).

    It is the share of pairs of steps, one during each voice, in which the lips move more during the second one.

    Args:
        voices: two.
        stretches: of speech; steps outside aren't looked at.
        face: ``video`` with the column `LIPS`.

    Returns:
        1 where they move with the second voice only, 0 with the first only, .5 with neither more; None where there
        isn't `MIN_SPEECH_S` of each voice with a face.
    """
    from sklearn.metrics import roc_auc_score

    if face.times is None or not len(voices.times):
        return None
    gap = np.diff(face.times)
    speed = np.abs(np.diff(face.select((LIPS,)).values[:, 0].astype(np.float64)))
    seen = np.isfinite(speed) & (gap > 0)
    step = (face.times[1:][seen] // STEP_S).astype(np.int64)
    moved = np.bincount(step, speed[seen] / gap[seen]) / np.maximum(np.bincount(step), 1)
    steps = np.unique(step)
    middle = (steps + 0.5) * STEP_S
    in_speech = np.array([any(instant in one for one in stretches) for instant in middle], dtype=bool)
    labels = voices.at(middle[in_speech])
    if min(np.bincount(labels, minlength=2)) * STEP_S < MIN_SPEECH_S:
        return None
    return float(roc_auc_score(labels, moved[steps][in_speech]))


def _named_voice(voices: Voices, voice: int, why: str) -> Choice:
    if not len(voices.times) or voice not in voices.labels:
        return Choice(voice, f"the {WANTED[voice]} voice", why)
    first = float(voices.times[voices.labels == voice][0])
    return Choice(voice, f"the {WANTED[voice]} voice, from {first:.1f} s on", why)
