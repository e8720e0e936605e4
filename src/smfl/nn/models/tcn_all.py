r"""TCN (all): one TCN a modality over all of the participant's frames as one sequence; sentences aren't known.

[decision] The paper doesn't say how an interview becomes one vector. The state at the last frame has seen a few seconds
only (R = 249 frames, §3.2), and the fourteen levels that 90,000 frames need would make another network of it. So the
mean of the states is taken, and of those each :math:`2^{L-1}`-th: they lie much closer together than what each has
seen, so every frame takes part, at a fraction of the cost of all states (`smfl.nn.tcn`). Of a sentence longer than
`smfl.nn.sentence.MAX_FRAMES` its last frames are read. Statistics, where a recipe has them, are those of the sentences,
by their shares of the frames. Dropout leaves a channel out of the whole interview at once, which is a strong dropout:
with few people and the paper's recipe this row learns less than the others do.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from smfl.nn.batch import CLASSES, Batch, Output, Widths
from smfl.nn.model import NetworkModel, Sizes
from smfl.nn.models.smfl import PAPER
from smfl.nn.pooling import SentencePooling, pool_each, shares_of
from smfl.nn.sentence import SentenceEncoders
from smfl.nn.units import into_units


@dataclass(frozen=True)
class TCNAllSettings(Sizes):
    """Sizes.

    Args:
        levels: of the TCN (paper: 5).
        kernel: of the TCN (paper: 5).
    """

    levels: int = 5
    kernel: int = 5


class TCNAll(nn.Module):
    """Each modality of an interview as one sequence: TCN, the mean of its states, side by side.

    Args:
        widths: of the input.
        settings: sizes.

    Shape: see `smfl.nn.Batch` and `smfl.nn.Output`.
    """

    def __init__(self, widths: Widths, settings: TCNAllSettings) -> None:
        super().__init__()
        s = settings
        self.encoder = SentenceEncoders(
            widths, s.channels, levels=s.levels, kernel=s.kernel, dropout=s.dropout, whole=True
        )
        self.pooling = nn.ModuleDict({name: SentencePooling(s.channels, heads=0) for name in widths.modalities})
        self.dropout = nn.Dropout(s.dropout)
        self.head = nn.Linear(len(widths.modalities) * s.channels, CLASSES)

    def forward(self, batch: Batch) -> Output:
        """Logits of each interview; its sentences have weights by their shares of the frames."""
        units = into_units(batch, window=None)
        vectors, weights = pool_each(self.pooling, *self.encoder(units.batch))
        logits = self.head(self.dropout(torch.cat(list(vectors.values()), dim=-1)))
        own = {name: units.on_sentences(name, x) for name, x in weights.items()}
        return Output(logits, (), shares_of(own.values()), own)


MODEL = NetworkModel(
    name="tcn-all",
    title="TCN (all)",
    reference=PAPER,
    tables="Tables 2–4",
    network=TCNAll,
    settings=TCNAllSettings(),
    position=13,
)
