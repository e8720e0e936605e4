"""Fusion by products of the modalities' vectors: tensor fusion (TFN) and low-rank fusion (LMF).

**Tensor fusion** (Zadeh et al. 2017, arXiv 1707.07250) of the interview's three vectors. [decision] The original's
words go through an LSTM, one word a step; here a sentence's words have one vector already, so all modalities have the
same perceptron and are averaged over sentences. Vectors are reduced to eight numbers before the product: with a hundred
people, 729 products are many.

**Low-rank fusion** (Liu et al. 2018, arXiv 1806.00064) of the same vectors, rank 4.
"""

from __future__ import annotations

from functools import partial

from torch import nn

from smfl.nn.batch import CLASSES, Batch, Output, Widths
from smfl.nn.model import NetworkModel, Sizes
from smfl.nn.pooling import SentencePooling, pool_each, shares_of
from smfl.nn.products import LowRankFusion, TensorFusion
from smfl.nn.sentence import SentenceEncoders


class ProductFusion(nn.Module):
    """The mean of each modality's sentence vectors, and a fusion of these by products.

    Args:
        widths: of the input.
        settings: sizes.
        low_rank: whether the fusion is `LowRankFusion`; else `TensorFusion`.

    Shape: see `smfl.nn.Batch` and `smfl.nn.Output`.
    """

    def __init__(self, widths: Widths, settings: Sizes, *, low_rank: bool) -> None:
        super().__init__()
        h, names = settings.channels, widths.modalities
        self.encoder = SentenceEncoders(widths, h, "mean", dropout=settings.dropout)
        self.pooling = nn.ModuleDict({name: SentencePooling(h, heads=0) for name in names})
        self.fusion: nn.Module
        if low_rank:
            self.fusion = LowRankFusion(names, h, h)
        else:
            self.fusion = TensorFusion(names, h, h, dropout=settings.dropout)
        self.dropout = nn.Dropout(settings.dropout)
        self.head = nn.Linear(h, CLASSES)

    def forward(self, batch: Batch) -> Output:
        """Logits of each interview; all of its sentences weigh the same."""
        states, present = self.encoder(batch)
        vectors, weights = pool_each(self.pooling, states, present)
        fused = self.fusion(vectors, {name: there.any(dim=1) for name, there in present.items()})
        return Output(self.head(self.dropout(fused)), (), shares_of(weights.values()), weights)


MODEL = (
    NetworkModel(
        name="tfn",
        title="Tensor fusion (TFN)",
        reference="Zadeh et al. 2017, arXiv 1707.07250",
        network=partial(ProductFusion, low_rank=False),
        settings=Sizes(),
        position=32,
    ),
    NetworkModel(
        name="lmf",
        title="Low-rank fusion (LMF)",
        reference="Liu et al. 2018, arXiv 1806.00064",
        network=partial(ProductFusion, low_rank=True),
        settings=Sizes(),
        position=33,
    ),
)
