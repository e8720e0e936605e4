"""Fixed windows in the manner of *Reading Between the Frames* (Gimeno-Gómez et al. 2024, arXiv 2401.02746).

Windows of each modality are encoded, given learned vectors of modality and position, and read by one transformer.

[decision] Windows are 25 frames, five seconds of the tuned recipe, about the original's. The original draws some
windows at random and averages over draws; here all are read at once, at most 96 evenly spaced ones. They are cut from
the participant's frames, as for every row. Words have no frames: a sentence is a window of them; the original reads
none, and ``window@video+audio`` doesn't either. Its networks for gaze, hands and emotions aren't there.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from smfl.nn.batch import CLASSES, Batch, Output, Widths
from smfl.nn.model import NetworkModel, Sizes
from smfl.nn.pooling import SentencePooling, pool_each, shares_of
from smfl.nn.sentence import SentenceEncoders
from smfl.nn.transformer import JointTransformer
from smfl.nn.units import into_units


@dataclass(frozen=True)
class WindowSettings(Sizes):
    """Sizes.

    Args:
        window: frames of a window; 25 are five seconds of the tuned recipe.
        layers: of the transformer.
        heads: of every attention; divides H.
    """

    window: int = 25
    layers: int = 2
    heads: int = 2


class Windows(nn.Module):
    """One transformer over the windows of all modalities, and their mean by modality, side by side.

    Args:
        widths: of the input.
        settings: sizes.

    Shape: see `smfl.nn.Batch` and `smfl.nn.Output`.
    """

    def __init__(self, widths: Widths, settings: WindowSettings) -> None:
        super().__init__()
        s, names = settings, widths.modalities
        self.window = s.window
        self.encoder = SentenceEncoders(widths, s.channels, "mean", dropout=s.dropout)
        self.transformer = JointTransformer(names, s.channels, s.layers, s.heads, s.dropout)
        self.pooling = nn.ModuleDict({name: SentencePooling(s.channels, heads=0) for name in names})
        self.dropout = nn.Dropout(s.dropout)
        self.head = nn.Linear(len(names) * s.channels, CLASSES)

    def forward(self, batch: Batch) -> Output:
        """Logits of each interview; its sentences have weights by their shares of the windows' frames."""
        units = into_units(batch, self.window)
        vectors, present = self.encoder(units.batch)
        pooled, weights = pool_each(self.pooling, self.transformer(vectors, present), present)
        logits = self.head(self.dropout(torch.cat(list(pooled.values()), dim=-1)))
        own = {name: units.on_sentences(name, x) for name, x in weights.items()}
        return Output(logits, (), shares_of(own.values()), own)


MODEL = NetworkModel(
    name="window",
    title="Fixed windows + transformer",
    reference="after Gimeno-Gómez et al. 2024, arXiv 2401.02746",
    network=Windows,
    settings=WindowSettings(),
    position=36,
)
