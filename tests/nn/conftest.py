"""Ragged batches for the network's tests."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import pytest
import torch

from smfl.nn import Batch

WIDTHS = {"video": 7, "audio": 5, "text": 6}
STATISTICS = {"video": 14, "audio": 10, "text": 12}
TOPICS = (2, 3)

MakeBatch = Callable[..., Batch]


@pytest.fixture
def make_batch() -> MakeBatch:
    """Interviews with the given sentence lengths, one list of frame counts an interview (0: missing)."""

    def make(
        lengths: dict[str, list[list[int]]], *, seed: int = 0, more_frames: int = 0, more_sentences: int = 0
    ) -> Batch:
        frames, masks, statistics, slots, topics = {}, {}, {}, {}, {}
        count = max(len(interview) for each in lengths.values() for interview in each) + more_sentences
        mask = torch.zeros(len(next(iter(lengths.values()))), count, dtype=torch.bool)
        for name, each in lengths.items():
            rows, longest = [], max(max(interview, default=0) for interview in each) + more_frames
            for b, interview in enumerate(each):
                mask[b, : len(interview)] = True
                for m, length in enumerate(interview):
                    if length:
                        own = torch.Generator().manual_seed(zlib.crc32(f"{seed} {name} {b} {m}".encode()))
                        rows.append((b, m, torch.randn(length, WIDTHS[name], generator=own), own))
            frames[name] = torch.full((len(rows), longest, WIDTHS[name]), 1e3)  # garbage where there is nothing
            masks[name] = torch.zeros(len(rows), longest, dtype=torch.bool)
            for row, (_, _, values, _) in enumerate(rows):
                frames[name][row, longest - len(values) :] = values
                masks[name][row, longest - len(values) :] = True
            statistics[name] = torch.stack(
                [torch.randn(STATISTICS[name], generator=own) for *_, own in rows] or [torch.zeros(STATISTICS[name])]
            )[: len(rows)]
            slots[name] = torch.tensor([(b, m) for b, m, *_ in rows], dtype=torch.int64).reshape(-1, 2)
            topics[name] = (slots[name].sum(dim=1, keepdim=True) + torch.arange(TOPICS[0])) % TOPICS[1]
        return Batch(frames, masks, statistics, slots, mask, topics)

    return make
