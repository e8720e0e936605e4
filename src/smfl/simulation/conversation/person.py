"""What a participant is like whatever their label: gender, age, voice and speech rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Person:
    """What a participant is like whatever their label.

    Args:
        gender: `female` or `male`, as likely.
        age: years.
        pitch: resting F0, semitones from 27.5 Hz: about 200 Hz for women, 120 Hz for men.
        tract: factor on formant frequencies, about 1.08 for women and .95 for men.
        words_a_second: speech rate between pauses.
    """

    gender: str
    age: int
    pitch: float
    tract: float
    words_a_second: float


def draw_person(rng: np.random.Generator, female_share: float = 0.5) -> Person:
    """Draw a participant, independently of the label but for a share of women that depends on it.

    Example:
        >>> draw_person(np.random.default_rng(0)).gender
        'male'
    """
    female = bool(rng.random() < female_share)
    return Person(
        gender="female" if female else "male",
        age=int(np.clip(rng.normal(39, 12), 18, 69)),
        pitch=34.4 if female else 25.5,
        tract=float(rng.normal(1.08 if female else 0.95, 0.03)),
        words_a_second=float(np.clip(rng.normal(3.3, 0.3), 2.5, 4.2)),
    )
