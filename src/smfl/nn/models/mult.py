"""MulT (Tsai et al. 2019, arXiv 1906.00295): each modality attends to each other one, and the last state is read.

[decision] The originals are frames and words, some hundreds of them; a step is a sentence here, whose modalities are
aligned by what a sentence is. Two layers each, where the original has four or more and thousands of clips. What comes
from the sources is mapped back to H before a modality's own transformer.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from smfl.nn.batch import CLASSES, Batch, Output, Widths
from smfl.nn.model import NetworkModel, Sizes
from smfl.nn.pooling import LastState, pool_each, shares_of
from smfl.nn.sentence import SentenceEncoders
from smfl.nn.transformer import CrossmodalTransformer


@dataclass(frozen=True)
class MulTSettings(Sizes):
    """Sizes.

    Args:
        layers: of each transformer.
        heads: of every attention; divides H.
    """

    layers: int = 2
    heads: int = 2


class MulT(nn.Module):
    """A crossmodal transformer over sentences, and the last state of each modality, side by side.

    Args:
        widths: of the input.
        settings: sizes.

    Shape: see `smfl.nn.Batch` and `smfl.nn.Output`.
    """

    def __init__(self, widths: Widths, settings: MulTSettings) -> None:
        super().__init__()
        s, names = settings, widths.modalities
        self.encoder = SentenceEncoders(widths, s.channels, "mean", dropout=s.dropout)
        self.transformer = CrossmodalTransformer(names, s.channels, s.layers, s.heads, s.dropout)
        self.last = nn.ModuleDict({name: LastState() for name in names})
        self.dropout = nn.Dropout(s.dropout)
        self.head = nn.Linear(len(names) * s.channels, CLASSES)

    def forward(self, batch: Batch) -> Output:
        """Logits of each interview; all weight is on its last sentence of each modality."""
        vectors, present = self.encoder(batch)
        last, weights = pool_each(self.last, self.transformer(vectors, present), present)
        logits = self.head(self.dropout(torch.cat(list(last.values()), dim=-1)))
        return Output(logits, (), shares_of(weights.values()), weights)


MODEL = NetworkModel(
    name="mult",
    title="Crossmodal transformer (MulT)",
    reference="Tsai et al. 2019, arXiv 1906.00295",
    network=MulT,
    settings=MulTSettings(),
    position=34,
)
