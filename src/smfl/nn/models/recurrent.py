"""Bidirectional recurrent networks over sentences, one a modality: Zou et al. 2022, and GRU with attention.

**Zou et al. 2022** (doi 10.1109/TAFFC.2022.3181210), the baseline of the corpus CMDC: features of each answer in three
modalities, a bidirectional LSTM over the answers of each, and their fusion. [decision] The article isn't open, so this
row follows what the corpus's description and its released features show: a sentence stands for an answer, its mean for
the released vector (VGGish, BERT, TimeSformer); the states are averaged and concatenated, and one layer gives the
logits. Published figures of the row in Table 3 are the paper's copy of another paper's and needn't be met. Fusion by a
crossmodal transformer is `smfl.nn.models.mult`.

**Bidirectional GRU over sentences and attention pooling**: the upper half of hierarchical attention (Yang et al. 2016,
doi 10.18653/v1/N16-1174), as it is used on transcripts and voices of interviews (Shen et al. 2022, arXiv 2202.08210).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from smfl.nn.batch import CLASSES, Batch, Output, Widths
from smfl.nn.model import NetworkModel, Sizes
from smfl.nn.pooling import SentencePooling, pool_each, shares_of
from smfl.nn.sentence import SentenceEncoders
from smfl.nn.sequence import GlobalFeatures


@dataclass(frozen=True)
class RecurrentSettings(Sizes):
    """Sizes, and what the two models differ in; half of the channels, an even number, are of each direction.

    Args:
        cell: ``bilstm`` or ``bigru``.
        attention_pooling: whether sentences are pooled by attention weights; else by their mean.
        residual: whether each state is added to the sentence it has just read, and normalised.
    """

    cell: str = "bilstm"
    attention_pooling: bool = False
    residual: bool = False


class Recurrent(nn.Module):
    """A recurrent network in both directions over the sentences of each modality, pooled, side by side.

    Args:
        widths: of the input.
        settings: sizes.

    Shape: see `smfl.nn.Batch` and `smfl.nn.Output`.
    """

    def __init__(self, widths: Widths, settings: RecurrentSettings) -> None:
        super().__init__()
        s, names = settings, widths.modalities
        self.encoder = SentenceEncoders(widths, s.channels, "mean", dropout=s.dropout)
        self.recurrent = nn.ModuleDict(
            {name: GlobalFeatures(s.channels, s.cell, residual=s.residual) for name in names}
        )
        self.pooling = nn.ModuleDict({name: SentencePooling(s.channels, int(s.attention_pooling)) for name in names})
        self.dropout = nn.Dropout(s.dropout)
        self.head = nn.Linear(len(names) * s.channels, CLASSES)

    def forward(self, batch: Batch) -> Output:
        """Logits and weights of each interview."""
        vectors, present = self.encoder(batch)
        states = {name: self.recurrent[name](x, present[name]) for name, x in vectors.items()}
        pooled, weights = pool_each(self.pooling, states, present)
        logits = self.head(self.dropout(torch.cat(list(pooled.values()), dim=-1)))
        return Output(logits, (), shares_of(weights.values()), weights)


MODEL = (
    NetworkModel(
        name="zou-2022",
        title="Zou et al.",
        reference="Zou et al. 2022, doi 10.1109/TAFFC.2022.3181210",
        tables="Table 3",
        network=Recurrent,
        settings=RecurrentSettings(),
        position=31,
    ),
    NetworkModel(
        name="bigru-attention",
        title="Bidirectional GRU + attention",
        reference="Yang et al. 2016, doi 10.18653/v1/N16-1174; Shen et al. 2022, arXiv 2202.08210",
        network=Recurrent,
        settings=RecurrentSettings(cell="bigru", attention_pooling=True),
        position=35,
    ),
)
