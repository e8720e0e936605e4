"""From words to sentences: a sentence ends at its punctuation, at a pause, and where another voice begins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smfl.features.speech.speakers import Voices
from smfl.interview import Word

PAUSE_S = 1.0
"""A silence this long between two words ends a sentence, whatever the punctuation says."""

INTERJECTION_S = 0.6
"""Within a sentence, another voice for less than this isn't another speaker."""

ENDINGS = ".?!…。？！"
QUOTES = "\"'”’»)]"


def sentences(words: Iterable[Word], voices: Voices) -> Iterator[tuple[int, list[Word]]]:
    """Cut words into sentences.

    Args:
        words: in order of time.
        voices: whose voice it is at some instants.

    Yields:
        The voice, 0 or 1, and the words of each sentence, in order of time; nothing where there are no words.

    Example:
        >>> import numpy as np
        >>> from smfl.interview import Segment
        >>> words = [Word(Segment(0, 1), "Well."), Word(Segment(1, 2), "And"), Word(Segment(4, 5), "you?")]
        >>> voices = Voices(np.array([0.5, 1.5, 4.5]), np.array([0, 0, 1]), "")
        >>> [(voice, [word.text for word in sentence]) for voice, sentence in sentences(words, voices)]
        [(0, ['Well.']), (0, ['And']), (1, ['you?'])]
    """
    sentence: list[Word] = []
    for word in words:
        if sentence and _is_over(sentence[-1], word):
            yield from _by_voice(sentence, voices)
            sentence = []
        sentence.append(word)
    yield from _by_voice(sentence, voices)


def _by_voice(sentence: list[Word], voices: Voices) -> Iterator[tuple[int, list[Word]]]:
    """A sentence cut where the voice changes, unless for less than `INTERJECTION_S`: that is the edge of a window."""
    runs: list[tuple[int, list[Word]]] = []
    for word in sentence:
        voice = voices.of(word.segment)
        if runs and runs[-1][0] == voice:
            runs[-1][1].append(word)
        else:
            runs.append((voice, [word]))
    kept: list[tuple[int, list[Word]]] = []
    for voice, run in runs:
        is_short = run[-1].segment.stop - run[0].segment.start < INTERJECTION_S
        if kept and (is_short or kept[-1][0] == voice):
            kept[-1][1].extend(run)
        else:
            kept.append((voice, run))
    first = kept[0][1] if kept else []
    if len(kept) > 1 and first[-1].segment.stop - first[0].segment.start < INTERJECTION_S:
        kept[:2] = [(kept[1][0], first + kept[1][1])]
    yield from kept


def _is_over(last: Word, following: Word) -> bool:
    ended = last.text.rstrip(QUOTES).endswith(tuple(ENDINGS))
    return ended or following.segment.start - last.segment.stop >= PAUSE_S
