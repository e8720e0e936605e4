"""Measures that a clinician would name: the few columns in which published work looks for signs of depression.

Of some hundred columns a sentence, most describe a face or a voice in all detail. A few are what
people report on: how high and how varied the pitch is, how loud the voice, how much of the time it sounds, where head
and eyes point, how much the face moves, which emotion the words express. With a hundred participants a model can learn
from few columns what it can't from many, so models may ask for these alone.

- voice: the frequency and energy parameters of eGeMAPS (Eyben et al. 2016; the paper's supplement S2), in level and in
  variation, and the share of voiced frames (Cummins et al. 2015, Speech Communication 71; Low et al. 2020,
  Laryngoscope Investigative Otolaryngology 5). Of COVAREP: the parameters of the source.
- face: head pose, gaze, action units or their geometric proxies (Girard et al. 2014, Image and Vision Computing 32;
  Pampouchidou et al. 2019, IEEE Transactions on Affective Computing 10).
- words: the probabilities of emotions; the share of first-person pronouns (Edwards and Holtzman 2017, Journal of
  Research in Personality 68).

Others say where to look: what is said with negative feeling, and what is near a topic of the PHQ-8
(`negative_and_symptom_columns`).

The simulator plants its signs after the same literature: on simulated people this list is an advantage that real
people may not give.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_VOICE = (
    r"F0semitone\S+|jitter\w+|shimmer\w+|HNR\w+|Loudness\w*|F[123](frequency|bandwidth)\w*"
    r"|F0|NAQ|QOQ|H1H2|PSP|MDQ|peakSlope|Rd|F[123]"
)

LEVELS = re.compile(rf"pose_R[xyz]|gaze_angle_[xy]|proxy_\w+|AU\d{{2}}_r|{_VOICE}|VUV|creak|emotion_\w+|first_person")
"""Columns whose mean over a sentence is a measure."""

VARIATIONS = re.compile(_VOICE)
"""Columns whose standard deviation over a sentence's frames is one. (How a face varies is in its speeds.)"""

NEGATIVE = re.compile(r"emotion_(anger|disgust|fear|sadness)")
"""Columns whose sum is how likely a sentence's words express a negative emotion."""

SYMPTOMS = re.compile(r"symptom_\w+")
"""Columns whose largest is how near a sentence is to something that the PHQ-8 asks for."""


def negative_and_symptom_columns(columns: Sequence[str]) -> tuple[list[int], list[int]]:
    """Positions of the `NEGATIVE` and of the `SYMPTOMS` columns.

    Example:
        >>> negative_and_symptom_columns(["text_000", "emotion_joy", "emotion_fear", "symptom_sleep"])
        ([2], [3])
    """
    negative, symptoms = ([i for i, c in enumerate(columns) if kind.fullmatch(c)] for kind in (NEGATIVE, SYMPTOMS))
    return negative, symptoms


def levels(columns: Sequence[str]) -> list[int]:
    """Positions of the columns whose mean over a sentence is a measure.

    Example:
        >>> levels(["landmark_0_x", "pose_Rx", "Loudness_sma3", "mfcc1_sma3", "text_000", "emotion_joy"])
        [1, 2, 5]
    """
    return [i for i, column in enumerate(columns) if LEVELS.fullmatch(column)]


def variations(columns: Sequence[str]) -> list[int]:
    """Positions of the columns whose standard deviation over a sentence is a measure.

    Example:
        >>> variations(["pose_Rx", "F0semitoneFrom27.5Hz_sma3nz", "mfcc1_sma3"])
        [1]
    """
    return [i for i, column in enumerate(columns) if VARIATIONS.fullmatch(column)]
