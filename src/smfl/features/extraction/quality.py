"""Quality facts: how good what an interview gives is, in columns of the index that begin with ``quality_``.

They are stored with the features of every interview, so that a bad recording is found before a model is trained on it.
They are no features: no model reads them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from smfl.features.schema import Modality
from smfl.features.sentences import SentenceFeatures
from smfl.features.store import QUALITY
from smfl.features.voice import descriptors as voice
from smfl.interview import FloatArray

if TYPE_CHECKING:
    from smfl.features.voice.quality import SoundQuality

Facts = dict[str, float | None]

WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+(?:['’-]\w+)*")
"""A word; of Chinese and Japanese, which write none apart, a character."""

DIGITS = 4


@dataclass(frozen=True, slots=True)
class Measure:
    """One quality fact: what it is, and from where on it is worth a look.

    Args:
        name: in words.
        unit: ``%`` for a share of 1, else the unit.
        fair: from here on (down, or up where ``high_is_bad``) it is worth a look.
        poor: from here on features of this interview shouldn't be trusted unseen.
        advice: what to do then.
        high_is_bad: as with clipping.
    """

    name: str
    unit: str
    fair: float
    poor: float
    advice: str
    high_is_bad: bool = False

    def grade(self, value: float | None) -> str:
        """``good``, ``fair`` or ``poor``; ``unknown`` where there is nothing to judge.

        Example:
            >>> MEASURES["quality_snr_db"].grade(14.0), MEASURES["quality_clipped"].grade(0.2)
            ('fair', 'poor')
        """
        if value is None or not isfinite(value):
            return "unknown"
        sign = -1 if self.high_is_bad else 1
        return "poor" if sign * value < sign * self.poor else "fair" if sign * value < sign * self.fair else "good"


_TRANSCRIPT = "compare a few lines of the transcript with the recording: are its times seconds from the same start?"

MEASURES: Mapping[str, Measure] = {
    "quality_coverage_video": Measure(
        "sentences with a face", "%", 0.8, 0.5, "look where the face leaves the picture, or leave the face out"
    ),
    "quality_face_seen": Measure(
        "face seen", "%", 0.8, 0.5, "look at the picture: is the face lit, turned to the camera, and alone?"
    ),
    "quality_coverage_audio": Measure("sentences with a voice", "%", 0.8, 0.5, _TRANSCRIPT),
    "quality_voiced": Measure("voiced in sentences", "%", 0.2, 0.08, _TRANSCRIPT),
    "quality_snr_db": Measure(
        "signal to noise", "dB", 15, 8, "listen: a fan, traffic, or a microphone far away? Use a closer recording"
    ),
    "quality_clipped": Measure(
        "clipped samples",
        "%",
        0.001,
        0.01,
        "it was recorded too loud; take a copy from before that, if there is one",
        high_is_bad=True,
    ),
    "quality_silent": Measure(
        "digital silence",
        "%",
        0.2,
        0.6,
        "the microphone was off or the sound was cut out; look for another track",
        high_is_bad=True,
    ),
    "quality_speech": Measure("time with speech", "%", 0.15, 0.05, "listen whether anybody can be heard"),
    "quality_coverage_text": Measure(
        "sentences with words", "%", 0.8, 0.5, "open the transcript: are the words in the column that was read?"
    ),
    "quality_words": Measure("words", "", 150, 40, "a model has little to go by; was the whole interview transcribed?"),
    "seconds": Measure(
        "speech of the participant", "s", 60, 15, "a model has little to go by; is the participant marked in all turns?"
    ),
}
"""What is judged, by column of the index. The bounds are rules of thumb **[decision]**: they say what to look at first,
and no interview is left out by them."""


def quality_of(
    features: SentenceFeatures,
    modalities: Mapping[str, Modality],
    clocks: Mapping[str, FloatArray | None],
    heard: SoundQuality | None = None,
) -> Facts:
    """The quality facts of one interview.

    Args:
        features: what is kept of it.
        modalities: what their columns are.
        clocks: by modality, the time stamps of all its frames, those without a row too, s; None at sentence level.
        heard: of the recording's sound, where the voice was measured on it.

    Returns:
        By column. Shares are 0 to 1; None is unknown:

        - ``quality_seconds``: how long the recording is, or the longest signal, s
        - ``quality_words``: words in the participant's sentences; of Chinese, characters
        - ``quality_coverage_<modality>``: share of sentences that have at least one row of it
        - ``quality_face_seen``: of the frames in the participant's sentences, the share with a face
        - ``quality_voiced``: of the voice's frames in the participant's sentences, the share with a pitch
        - ``quality_speech``, ``quality_silent``, ``quality_clipped``, ``quality_snr_db``, ``quality_level_dbfs``:
            see `smfl.features.voice.quality`
    """
    times = [clock[-1] for clock in clocks.values() if clock is not None and len(clock)]
    facts: dict[str, float | None] = {
        "quality_seconds": heard.seconds if heard else float(max(times)) if times else None,
        "quality_words": float(sum(len(WORD.findall(text)) for text in features.texts)),
        "quality_face_seen": _face_seen(features, clocks.get("video")),
        "quality_voiced": _voiced(features, modalities),
        "quality_speech": heard.speech if heard else None,
        "quality_silent": heard.silent if heard else None,
        "quality_clipped": heard.clipped if heard else None,
        "quality_snr_db": heard.snr_db if heard else None,
        "quality_level_dbfs": heard.level_db if heard else None,
    }
    for name in ("video", "audio", "text", *sorted(set(features.values) - {"video", "audio", "text"})):
        offsets = features.offsets.get(name)
        facts[f"quality_coverage_{name}"] = float(np.mean(np.diff(offsets) > 0)) if offsets is not None else 0.0
    return {
        name: None if value is None or not isfinite(value) else round(value, DIGITS) for name, value in facts.items()
    }


def _face_seen(features: SentenceFeatures, clock: FloatArray | None) -> float | None:
    if clock is None:
        return None
    if "video" not in features.offsets:
        return 0.0
    there = np.searchsorted(clock, features.times[:, 1]) - np.searchsorted(clock, features.times[:, 0])
    return float(features.offsets["video"][-1] / there.sum()) if there.sum() else None


def _voiced(features: SentenceFeatures, modalities: Mapping[str, Modality]) -> float | None:
    if "audio" not in modalities or voice.F0 not in modalities["audio"].columns or not len(features.values["audio"]):
        return None
    pitch = features.values["audio"][:, modalities["audio"].columns.index(voice.F0)]
    return float(np.isfinite(pitch).mean())


EXPLAINED_BY = {"quality_coverage_video": "quality_face_seen", "quality_coverage_audio": "quality_silent"}
"""Of two columns that fall together, the one that is the cause."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that is amiss with an interview, and what to do.

    Args:
        column: of the index.
        grade: ``fair`` or ``poor``.
        value: what was measured.
    """

    column: str
    grade: str
    value: float

    @property
    def measure(self) -> Measure:
        """What it is about."""
        return MEASURES[self.column]


def remarks(facts: Mapping[str, float | None]) -> list[Remark]:
    """What is amiss, the poor before the fair.

    A coverage of 0 is a modality that isn't there; that is no fault of the recording, and the ledger has the reason.
    Where a face or a voice is seldom measured, that is the remark, and not the sentences without it as well.

    Args:
        facts: a row of the index; columns that aren't judged are passed over.

    Example:
        >>> found = remarks({"quality_snr_db": 6.0, "quality_face_seen": 0.7, "quality_words": 900.0})
        >>> [(remark.grade, remark.measure.name) for remark in found]
        [('poor', 'signal to noise'), ('fair', 'face seen')]
    """
    found = []
    for column, measure in MEASURES.items():
        value = facts.get(column)
        grade = measure.grade(value)
        if (
            value is not None
            and grade in ("fair", "poor")
            and not (column.startswith("quality_coverage_") and value == 0)
        ):
            found.append(Remark(column, grade, float(value)))
    columns = {remark.column for remark in found}
    causes = [remark for remark in found if EXPLAINED_BY.get(remark.column) not in columns]
    return sorted(causes, key=lambda remark: remark.grade != "poor")


def grade_of(facts: Mapping[str, float | None]) -> str:
    """How good an interview is: as good as the worst thing about it, ``poor``, ``fair`` or ``good``.

    Example:
        >>> grade_of({"quality_snr_db": 6.0, "quality_words": 900.0}), grade_of({"quality_words": 900.0})
        ('poor', 'good')
    """
    return next((remark.grade for remark in remarks(facts)), "good")


def facts_in(row: Mapping[Any, Any]) -> Facts:
    """The quality facts of a row of the index, and ``seconds``; what is missing there is None.

    Example:
        >>> facts_in({"interview": "a", "seconds": 61.5, "quality_snr_db": float("nan"), "quality_words": 90.0})
        {'seconds': 61.5, 'quality_snr_db': None, 'quality_words': 90.0}
    """
    found = {str(name): value for name, value in row.items() if name == "seconds" or str(name).startswith(QUALITY)}
    return {name: float(v) if isinstance(v, int | float) and isfinite(v) else None for name, v in found.items()}
