"""Interviews to batches: sentences of any length, right-aligned; only what is present."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from smfl.nn import Batch
from smfl.training.inputs.preprocessing import ModalityInputs


@dataclass(frozen=True, eq=False)
class Example:
    """One interview, ready for batches.

    Args:
        inputs: by modality.
        sentences: how many, M.
    """

    inputs: Mapping[str, ModalityInputs]
    sentences: int


def collate(
    examples: Sequence[Example],
    most_frames: int,
    *,
    sentence_dropout: float = 0.0,
    modality_dropout: float = 0.0,
    rng: np.random.Generator | None = None,
) -> Batch:
    """Put interviews into one batch.

    Args:
        examples: B interviews.
        most_frames: frames kept of a sentence, counted back from its last: what the encoder can see.
        sentence_dropout: share of sentences left out; at least one stays.
        modality_dropout: chance that an interview loses one of its modalities; the last one stays.
        rng: needed where something is left out.
    """
    kept = [_kept(example.sentences, sentence_dropout, rng) for example in examples]
    lost = [_lost(example, modality_dropout, rng) for example in examples]
    mask = torch.zeros(len(examples), max(1, max(len(k) for k in kept)), dtype=torch.bool)
    for b, k in enumerate(kept):
        mask[b, : len(k)] = True
    frames, frame_mask, statistics, slots, topics = {}, {}, {}, {}, {}
    for name in examples[0].inputs:
        rows = [
            (b, m, i)
            for b, (example, sentences) in enumerate(zip(examples, kept, strict=True))
            if name != lost[b]
            for m, i in enumerate(sentences)
            if example.inputs[name].offsets[i + 1] > example.inputs[name].offsets[i]
        ]
        one = examples[0].inputs[name]
        lengths = [_length(examples[b].inputs[name], i, most_frames) for b, _, i in rows]
        longest = max(lengths, default=1)
        padded = np.zeros((len(rows), longest, one.frames.shape[1]), np.float32)
        there = np.zeros((len(rows), longest), bool)
        beside = np.zeros((len(rows), one.statistics.shape[1]), np.float32)
        for row, ((b, _, i), length) in enumerate(zip(rows, lengths, strict=True)):
            own = examples[b].inputs[name]
            stop = own.offsets[i + 1]
            padded[row, longest - length :] = own.frames[stop - length : stop]
            there[row, longest - length :] = True
            beside[row] = own.statistics[i]
        frames[name], frame_mask[name] = torch.from_numpy(padded), torch.from_numpy(there)
        statistics[name] = torch.from_numpy(beside)
        slots[name] = torch.tensor([(b, m) for b, m, _ in rows], dtype=torch.int64).reshape(-1, 2)
        about = [examples[b].inputs[name].topics[i] for b, _, i in rows]
        topics[name] = torch.from_numpy(np.stack(about) if about else one.topics[:0])
    return Batch(frames, frame_mask, statistics, slots, mask, topics)


def _length(inputs: ModalityInputs, sentence: int, most: int) -> int:
    return int(min(inputs.offsets[sentence + 1] - inputs.offsets[sentence], most))


def _kept(sentences: int, dropout: float, rng: np.random.Generator | None) -> npt.NDArray[np.int64]:
    if not dropout or rng is None or sentences < 2:
        return np.arange(sentences)
    kept = np.flatnonzero(rng.random(sentences) >= dropout)
    return kept if len(kept) else rng.integers(sentences, size=1)


def _lost(example: Example, dropout: float, rng: np.random.Generator | None) -> str | None:
    there = [name for name, inputs in example.inputs.items() if len(inputs.frames)]
    if not dropout or rng is None or len(there) < 2 or rng.random() >= dropout:
        return None
    return str(rng.choice(there))
