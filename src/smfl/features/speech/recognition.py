"""Speech recognition: what was said, each word with its times and how sure it is.

Whisper: Radford, A., et al. (2023). Robust speech recognition via large-scale weak supervision. ICML. Which models
there are, and how they are loaded, is in `smfl.features.speech.speech_models`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from smfl.features.recording.sound import SPEECH_RATE_HZ
from smfl.features.speech.speech_models import DEFAULT, ENGLISH, load_model
from smfl.interview import FloatArray, Segment, Word

MAX_PASSAGE_S = 28.0
"""Stretches of speech are read together up to this length: Whisper sees 30 s at a time, whether filled or not."""

MAX_PAUSE_S = 4.0
"""Stretches farther apart are read apart: what Whisper recognises in long silence was never said."""

MIN_WORD_S = 0.1
"""A word lasts at least this long: Whisper's alignment gives some no time at all."""

BATCH = 4
"""Passages at a time."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """What was said.

    Args:
        words: in order of time.
        language: BCP 47 tag, as given or as the model found.
        spaced: whether there are spaces between words in this language.
    """

    words: tuple[Word, ...]
    language: str
    spaced: bool = True

    def text(self, words: Iterable[Word] | None = None) -> str:
        """The words (all by default) as one writes them."""
        return (" " if self.spaced else "").join(word.text for word in (self.words if words is None else words))


def recognise(
    samples: FloatArray, stretches: Sequence[Segment], model: str = DEFAULT, language: str | None = None
) -> Recognised:
    """Hear the words in stretches of speech; the silence between them isn't read.

    Args:
        samples: mono, -1 to 1, at `SPEECH_RATE_HZ`, [samples].
        stretches: of speech, in order, s from the first sample (see `smfl.features.speech.activity.speech`).
        model: one of `SPEECH_MODELS`, or the folder or hub name (``owner/model``) of any other.
        language: BCP 47 tag of what is spoken; None leaves it to the model.

    Raises:
        CallError: for an unknown model, or a language that the model can't read.
        FeatureError: where the model can't be loaded: no such model, or the hub can't be reached.
        MissingExtraError: where the libraries aren't installed.
    """
    whisper, spoken = load_model(model, language)
    if not stretches:
        return Recognised((), spoken or ENGLISH)
    from faster_whisper import BatchedInferencePipeline
    from threadpoolctl import threadpool_limits

    clips = [{"start": passage.start, "end": passage.stop} for passage in passages(stretches)]
    with threadpool_limits(1):  # the same bytes whatever cores there are
        segments, info = BatchedInferencePipeline(whisper).transcribe(
            samples, language=spoken, clip_timestamps=clips, batch_size=BATCH, beam_size=1, word_timestamps=True
        )
        pieces = [piece for segment in segments for piece in segment.words]
    spaced = any(piece.word.startswith(" ") for piece in pieces)
    return Recognised(_words(pieces, stretches, len(samples) / SPEECH_RATE_HZ, spaced), info.language, spaced)


def passages(stretches: Sequence[Segment]) -> list[Segment]:
    """Stretches of speech joined into passages of at most `MAX_PASSAGE_S`, across pauses of at most `MAX_PAUSE_S`.

    Example:
        >>> passages([Segment(0, 10), Segment(11, 25), Segment(26, 30), Segment(36, 37)])
        [Segment(start=0, stop=25), Segment(start=26, stop=30), Segment(start=36, stop=37)]
    """
    joined: list[Segment] = []
    for one in stretches:
        last = joined[-1] if joined else None
        if last is None or one.stop - last.start > MAX_PASSAGE_S or one.start - last.stop > MAX_PAUSE_S:
            joined.append(one)
        else:
            joined[-1] = Segment(last.start, one.stop)
    return joined


def _words(pieces: Iterable[Any], stretches: Sequence[Segment], end: float, spaced: bool) -> tuple[Word, ...]:
    """The words of Whisper's output.

    In languages that have spaces, a piece without a space before it belongs to the word before. A word that lasts into
    the silence after its stretch of speech ends where the stretch does.
    """
    words: list[Word] = []
    for piece in pieces:
        text = piece.word.strip()
        if not text:
            continue
        start = min(max(float(piece.start), 0.0), end)
        stop = _stop_in_speech(start, min(float(piece.end), end), stretches)
        if spaced and words and not piece.word.startswith(" ") and start - words[-1].segment.stop < MAX_PAUSE_S:
            last = words.pop()
            start, text = last.segment.start, last.text + text
            probability = min(last.probability or 0.0, float(piece.probability))
        else:
            probability = float(piece.probability)
        stop = max(stop, min(start + MIN_WORD_S, end))
        words.append(Word(Segment(round(start, 3), round(stop, 3)), text, round(probability, 3)))
    return tuple(sorted(words, key=lambda word: word.segment))


def _stop_in_speech(start: float, stop: float, stretches: Sequence[Segment]) -> float:
    """Where speech that starts at ``start`` ends, at ``stop`` at the latest."""
    return min((one.stop for one in stretches if one.start <= start < one.stop < stop), default=stop)
