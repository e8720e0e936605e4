"""When a span of a sentence's text was said: by the times of its words, else by its share of the characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from smfl.features.deidentify.spans import Span
from smfl.interview import FloatArray, Segment, Sentence, Signal, Word

WORD_MARGIN_S = 0.1
"""Speech recognition and aligners put a word's ends about this far from where they are."""

MARGIN_S, MARGIN_SHARE = 0.5, 0.1
"""Without times of words: half a second and a tenth of the sentence on both sides, since nobody speaks evenly."""


def span_times(sentence: Sentence, spans: Sequence[Span]) -> tuple[tuple[Segment, ...], bool]:
    """When the spans were said.

    Args:
        sentence: with its text as it was said.
        spans: of it.

    Returns:
        A segment a span, within the sentence; none where the sentence has no time. And whether they are the words' own
        times.

    Example:
        >>> sentence = Sentence(Segment(10.0, 14.0), "i live in leeds now", tuple(
        ...     Word(Segment(10.0 + i, 10.5 + i), word) for i, word in enumerate(["i", "live", "in", "leeds"])))
        >>> span_times(sentence, [Span(10, 15, "PLACE", "gazetteer")])
        ((Segment(start=12.9, stop=13.6),), True)
        >>> span_times(replace(sentence, words=()), [Span(10, 15, "PLACE", "gazetteer")])[0]
        (Segment(start=11.205..., stop=14.0),)
    """
    if sentence.segment is None:
        return (), False
    positions = word_positions(sentence)
    if positions:
        by_word = [_by_words(sentence.segment, positions, span) for span in spans]
        if all(by_word):
            return tuple(segment for segment in by_word if segment), True
    return tuple(_by_share(sentence.segment, len(sentence.text), span) for span in spans), False


def word_positions(sentence: Sentence) -> tuple[tuple[int, int, Word], ...]:
    """Each word with its start and stop in the text, in characters; empty where the words aren't the text's."""
    found, here = [], 0
    for word in sentence.words:
        start = sentence.text.find(word.text, here)
        if start < 0:
            return ()
        here = start + len(word.text)
        found.append((start, here, word))
    return tuple(found)


def _by_words(whole: Segment, positions: Sequence[tuple[int, int, Word]], span: Span) -> Segment | None:
    touched = [word.segment for start, stop, word in positions if start < span.stop and span.start < stop]
    if not touched:
        return None
    start, stop = min(s.start for s in touched) - WORD_MARGIN_S, max(s.stop for s in touched) + WORD_MARGIN_S
    return Segment(max(start, whole.start, 0.0), max(min(stop, whole.stop), max(start, whole.start)))


def _by_share(whole: Segment, characters: int, span: Span) -> Segment:
    a_character = whole.duration / max(characters, 1)
    margin = MARGIN_S + MARGIN_SHARE * whole.duration
    start, stop = whole.start + span.start * a_character - margin, whole.start + span.stop * a_character + margin
    return Segment(max(start, whole.start), min(stop, whole.stop))


def silenced(samples: FloatArray, sample_rate: int, start_s: float, segments: Sequence[Segment]) -> FloatArray:
    """The sound with digital silence in the segments, which the voice's measures take for missing.

    Args:
        samples: mono, [samples].
        sample_rate: Hz.
        start_s: the instant of the first sample, s.
        segments: s, on the same clock.

    Example:
        >>> silenced(np.ones(6, "f4"), 2, 1.0, [Segment(1.5, 2.6)]).tolist()
        [1.0, 0.0, 0.0, 0.0, 1.0, 1.0]
    """
    kept = samples.copy() if segments else samples
    for segment in segments:
        first, last = (segment.start - start_s) * sample_rate, (segment.stop - start_s) * sample_rate
        kept[max(int(np.floor(first)), 0) : max(int(np.ceil(last)), 0)] = 0.0
    return kept


def masked(signal: Signal, segments: Sequence[Segment]) -> Signal:
    """Frames with times in the segments are missing ones.

    Example:
        >>> frames = Signal("audio", ("x",), np.ones((3, 1), "f4"), np.array([0.0, 1.0, 2.0]), 1.0)
        >>> masked(frames, [Segment(0.5, 1.5)]).values.ravel().tolist()
        [1.0, nan, 1.0]
    """
    if signal.times is None or not segments:
        return signal
    inside: npt.NDArray[np.bool_] = np.zeros(len(signal), dtype=bool)
    for segment in segments:
        inside |= (signal.times >= segment.start) & (signal.times < segment.stop)
    values = signal.values.astype(np.float32, copy=True)
    values[inside] = np.nan
    return replace(signal, values=values)
