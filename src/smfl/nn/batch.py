"""What a network takes and what it gives: ragged interviews as tensors in, logits with their weights out.

A network is any `torch.nn.Module` that maps a `Batch` to an `Output`; it is made from `Widths`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

CLASSES = 2
"""Not depressed, depressed."""


@dataclass(frozen=True)
class Widths:
    """How wide the input of a network is.

    Args:
        frames: by modality, features per frame, D.
        statistics: by modality, features per sentence beside its frames, S; 0 for none.
        topics: codebooks, and topics in each, of a sentence's words; (0, 0) for none.
    """

    frames: Mapping[str, int]
    statistics: Mapping[str, int]
    topics: tuple[int, int] = (0, 0)

    @property
    def modalities(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(self.frames)


@dataclass(frozen=True, eq=False)
class Batch:
    """Ragged interviews as tensors. Only sentences that are present are encoded.

    Args:
        frames: by modality [N, T, D], right-aligned.
        frame_mask: by modality [N, T].
        statistics: by modality [N, S]; S may be 0.
        slots: by modality [N, 2], int64: the interview and the sentence that each row of frames is.
        mask: [B, M], True where the interview has a sentence.
        topics: by modality [N, codebooks], int64: the topic of each sentence; codebooks may be 0.
    """

    frames: Mapping[str, Tensor]
    frame_mask: Mapping[str, Tensor]
    statistics: Mapping[str, Tensor]
    slots: Mapping[str, Tensor]
    mask: Tensor
    topics: Mapping[str, Tensor] = field(default_factory=dict)

    def to(self, device: torch.device | str) -> Batch:
        """The same batch on another device."""
        moved = {
            part: {name: x.to(device) for name, x in getattr(self, part).items()}
            for part in ("frames", "frame_mask", "statistics", "slots", "topics")
        }
        return replace(self, mask=self.mask.to(device), **moved)


@dataclass(frozen=True, eq=False)
class Output:
    """What a network gives.

    Args:
        logits: [B, 2].
        auxiliary: logits of CMJAT's own prediction [B, 2], one for each weak modality.
        sentence_weights: [B, M], each interview's sum to 1: what share of the decision is read where.
        modality_weights: by modality [B, M]: how much of each of its sentences is read; zero where it is missing.
    """

    logits: Tensor
    auxiliary: tuple[Tensor, ...]
    sentence_weights: Tensor
    modality_weights: Mapping[str, Tensor]
