"""Sentence features: frames and vectors cut into the participant's sentences (§2.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from smfl.interview import FeatureError, FloatArray, Sentence, Signal

IntArray = npt.NDArray[np.int64]

BLOCK = 4096
"""So many rows at a time are moved within their array."""


@dataclass(frozen=True, eq=False)
class SentenceFeatures:
    """One interview, as every model reads it.

    Args:
        interview: its key.
        participant: who.
        values: by modality, float32 [frames, D]: all sentences' rows, one after the other.
        offsets: by modality, int64 [S + 1]: sentence i owns rows ``offsets[i]:offsets[i + 1]``; none where missing.
        times: float64 [S, 2], s; ``nan`` where the corpus gives none.
        texts: the words of each sentence, S of them.
        label: 1 depressed, 0 not, None unknown.
        score: on the corpus's scale, None unknown.
        rates: by modality at frame level, frames a second.
        columns: by modality, the names of the D columns.

    Example:
        >>> one = SentenceFeatures("a", "a", {"audio": np.zeros((5, 2), "f4")}, {"audio": np.array([0, 3, 5])},
        ...                        np.array([[0.0, 3.0], [4.0, 6.0]]), ("hello", "not well"))
        >>> len(one), one.rows("audio", 1).shape
        (2, (2, 2))
    """

    interview: str
    participant: str
    values: Mapping[str, FloatArray]
    offsets: Mapping[str, IntArray]
    times: FloatArray
    texts: tuple[str, ...]
    label: int | None = None
    score: float | None = None
    rates: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        if self.times.shape != (len(self.texts), 2):
            raise FeatureError(f"interview {self.interview}: {len(self.texts)} sentences, but times {self.times.shape}")
        for name, offsets in self.offsets.items():
            rows = len(self.values[name])
            if len(offsets) != len(self) + 1 or offsets[0] != 0 or offsets[-1] != rows or (np.diff(offsets) < 0).any():
                raise FeatureError(
                    f"interview {self.interview}: {name}: offsets don't divide {rows} rows among {len(self)} sentences"
                )

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def modalities(self) -> tuple[str, ...]:
        """Those with at least one row."""
        return tuple(name for name, values in self.values.items() if len(values))

    @property
    def seconds(self) -> float:
        """Speech time, s; 0 where the corpus gives no times."""
        return float(np.nansum(self.times[:, 1] - self.times[:, 0]))

    @property
    def lengths(self) -> npt.NDArray[np.float64]:
        """How long each sentence is, as `sentence_lengths` says, [S]."""
        return sentence_lengths(self.times, self.texts)

    def rows(self, modality: str, sentence: int) -> FloatArray:
        """A sentence's rows of a modality, [frames, D]; no rows where missing."""
        offsets = self.offsets[modality]
        return self.values[modality][offsets[sentence] : offsets[sentence + 1]]

    def keep(self, sentences: Sequence[int] | IntArray) -> SentenceFeatures:
        """The same interview with these sentences only, in this order."""
        index = np.asarray(sentences, dtype=np.int64)
        values, offsets = {}, {}
        for name in self.values:
            parts = [self.rows(name, int(i)) for i in index]
            values[name] = np.concatenate(parts) if parts else self.values[name][:0]
            offsets[name] = np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int64)
        return replace(
            self,
            values=values,
            offsets=offsets,
            times=self.times[index],
            texts=tuple(self.texts[int(i)] for i in index),
        )


def cut(signal: Signal, sentences: Sequence[Sentence], *, in_place: bool = False) -> tuple[FloatArray, IntArray]:
    """Give each sentence its rows of a signal: the frames with ``start <= t < stop`` (method §1).

    Rows that are missing as a whole (all ``nan``) are left out, so that a sentence whose face was lost owns no rows.
    Overlapping sentences share frames. At sentence level, row i belongs to sentence i; at token level, the signal
    holds how many rows each sentence has.

    Args:
        signal: frames with times, or a row a sentence.
        sentences: S of them, in time order.
        in_place: nobody else reads the signal any more: where it can be, its rows are moved together within its own
            array, so that memory doesn't hold them twice.

    Returns:
        values float32 [rows, D] and offsets int64 [S + 1].

    Raises:
        FeatureError: where a signal without times is of another number of sentences than there are, or frames
            meet sentences without times.

    Example:
        >>> from smfl.interview import Segment
        >>> frames = Signal("audio", ("x",), np.arange(5, dtype="f4")[:, None], np.arange(5) / 2, 2.0)
        >>> values, offsets = cut(frames, [Sentence(Segment(0.0, 1.0), "one"), Sentence(Segment(1.5, 2.0), "two")])
        >>> values.ravel().tolist(), offsets.tolist()
        ([0.0, 1.0, 3.0], [0, 2, 3])
    """
    if signal.times is None:
        counts = np.ones(len(signal), dtype=np.int64) if signal.counts is None else signal.counts
        if len(counts) != len(sentences):
            raise FeatureError(
                f"{signal.name}: {len(counts)} rows at {signal.level} level, "
                f"but the participant has {len(sentences)} sentences"
                if signal.counts is None
                else f"{signal.name}: rows of {len(counts)} sentences, but the participant has {len(sentences)}"
            )
        stops = np.cumsum(counts)
        starts = stops - counts
    else:
        segments = [sentence.segment for sentence in sentences]
        if any(segment is None for segment in segments):
            raise FeatureError(f"{signal.name}: frames with time stamps need sentences with start and stop")
        starts = np.searchsorted(signal.times, [s.start for s in segments if s], side="left")
        stops = np.searchsorted(signal.times, [s.stop for s in segments if s], side="left")
    parts = [a + np.flatnonzero(~np.isnan(signal.values[a:b]).all(axis=1)) for a, b in zip(starts, stops, strict=True)]
    offsets = np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int64)
    rows = np.concatenate([offsets[:0], *parts])
    if in_place and signal.values.dtype == np.float32:
        return _together(signal.values, rows), offsets
    return signal.values[rows].astype(np.float32, copy=False), offsets


def _together(values: FloatArray, rows: IntArray) -> FloatArray:
    """These rows, moved to the front of their array; copied where sentences overlap, for a row is then read twice."""
    if not values.flags.writeable or (np.diff(rows) <= 0).any():
        return values[rows]
    for first in range(0, len(rows), BLOCK):
        block = rows[first : first + BLOCK]
        values[first : first + len(block)] = values[block]  # each comes from its place or behind it
    return values[: len(rows)]


def sentence_lengths(times: npt.NDArray[np.floating], texts: Sequence[str]) -> npt.NDArray[np.float64]:
    """How long sentences are: speech time in s, or characters where the corpus gives no times, [S].

    Args:
        times: start and stop of each, s, ``nan`` where there are none, [S, 2].
        texts: of each, S of them.

    Example:
        >>> sentence_lengths(np.array([[1.0, 3.5], [np.nan, np.nan]]), ["well", "I see"]).tolist()
        [2.5, 5.0]
    """
    seconds = np.asarray(times[:, 1] - times[:, 0], dtype=np.float64)
    return np.where(np.isnan(seconds), np.array([len(text) for text in texts], dtype=np.float64), seconds)


def longest_of(lengths: npt.NDArray[np.float64], max_sentences: int) -> IntArray:
    """The threshold M (§2.4): positions of the longest sentences, in time order; ties go to the earlier one.

    Args:
        lengths: of each sentence, as `sentence_lengths` gives them, [S].
        max_sentences: M, so many at most.

    Returns:
        int64 [min(S, M)].

    Example:
        >>> longest_of(np.array([5.0, 1.0, 4.0]), 2).tolist()
        [0, 2]
    """
    return np.sort(np.argsort(-lengths, kind="stable")[:max_sentences]).astype(np.int64)


def longest(sentences: Sequence[Sentence], max_sentences: int) -> list[int]:
    """The same of sentences that have no features yet: positions of the longest, in time order.

    Example:
        >>> from smfl.interview import Segment
        >>> longest([Sentence(Segment(0, 5), "a"), Sentence(Segment(6, 7), "b"), Sentence(Segment(8, 12), "c")], 2)
        [0, 2]
    """
    lengths = [s.segment.duration if s.segment else float(len(s.text)) for s in sentences]
    return [int(i) for i in longest_of(np.asarray(lengths, dtype=np.float64), max_sentences)]
