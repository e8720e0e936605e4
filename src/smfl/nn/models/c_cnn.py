"""C-CNN (Haque et al. 2018, arXiv 1811.08592): a causal convolutional network over multi-modal sentence embeddings.

Words, voice and 3-D face of each sentence make one multi-modal sentence embedding; a causal convolutional network reads
these in time order, and its last output gives the label.

[decision] The paper's embeddings are trained elsewhere or measured from spectrograms and key points; here each
modality's vector is a perceptron on its mean, and the Fusion Feature network merges them. Four levels of kernel 5 see
121 sentences, so all that the threshold M leaves. The paper's second output, the score, isn't trained.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from smfl.nn.batch import CLASSES, Batch, Output, Widths
from smfl.nn.fusion import FusionFeature
from smfl.nn.model import NetworkModel, Sizes
from smfl.nn.pooling import LastState, shares_of
from smfl.nn.sentence import SentenceEncoders
from smfl.nn.sequence import Context


@dataclass(frozen=True)
class CCNNSettings(Sizes):
    """Sizes.

    Args:
        context_levels: of the causal network over sentences.
        context_kernel: of the causal network over sentences.
    """

    context_levels: int = 4
    context_kernel: int = 5


class CCNN(nn.Module):
    """One embedding a sentence, a causal convolutional network over them, and its last state.

    Args:
        widths: of the input.
        settings: sizes.

    Shape: see `smfl.nn.Batch` and `smfl.nn.Output`.
    """

    def __init__(self, widths: Widths, settings: CCNNSettings) -> None:
        super().__init__()
        s = settings
        self.encoder = SentenceEncoders(widths, s.channels, "mean", dropout=s.dropout)
        self.merge = FusionFeature(widths.modalities, s.channels, s.dropout)
        self.cnn = Context(s.channels, s.context_levels, s.context_kernel, heads=0, dropout=s.dropout)
        self.last = LastState()
        self.dropout = nn.Dropout(s.dropout)
        self.head = nn.Linear(s.channels, CLASSES)

    def forward(self, batch: Batch) -> Output:
        """Logits of each interview; all weight is on its last sentence."""
        vectors, present = self.encoder(batch)
        anything = torch.stack(list(present.values())).any(dim=0)
        states = self.cnn(self.merge(vectors, present), anything)
        state, weight = self.last(states, states, anything)
        own = {name: weight * there for name, there in present.items()}
        return Output(self.head(self.dropout(state)), (), shares_of([weight]), own)


MODEL = NetworkModel(
    name="c-cnn",
    title="C-CNN",
    reference="Haque et al. 2018, arXiv 1811.08592",
    tables="Table 3",
    network=CCNN,
    settings=CCNNSettings(),
    position=30,
)
