r"""From modalities to one vector by products, which respond to several modalities at once.

**Tensor fusion** (TFN; Zadeh et al. 2017, arXiv 1707.07250). With a one put in front of each modality's vector, the
outer product :math:`[1; z^{text}] \otimes [1; z^{audio}] \otimes [1; z^{video}]` holds every product of one number of
each, of each pair, and of all three; a linear layer reads it.

**Low-rank fusion** (LMF; Liu et al. 2018, arXiv 1806.00064). The same layer with its weights a sum of R outer products,
which needs no tensor: :math:`h = \sum_r \prod_m [1; z^m] W^m_r`, the product element by element.

A modality that an interview lacks is a vector of zeros; the one in front of it leaves the others' products as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

SMALL = 8
"""Numbers that a modality's vector is brought down to before the outer product: three modalities, 9³ = 729 products."""
RANK = 4


class TensorFusion(nn.Module):
    """The outer product of all modalities' vectors, and a linear layer on it.

    Args:
        modalities: names.
        inputs: numbers in each vector, V.
        outputs: H.
        small: numbers that each vector is brought down to first.
        dropout: share of the products that are left out in training.

    Shape:
        - vectors: by modality [B, V]; there: by modality [B], whether the interview has it
        - output: [B, H]

    Example:
        >>> x, there = {"text": torch.randn(3, 12), "video": torch.randn(3, 12)}, torch.ones(3, dtype=torch.bool)
        >>> TensorFusion(("text", "video"), 12, 5)(x, {"text": there, "video": there}).shape
        torch.Size([3, 5])
    """

    def __init__(
        self, modalities: Sequence[str], inputs: int, outputs: int, small: int = SMALL, dropout: float = 0.5
    ) -> None:
        super().__init__()
        self.small = nn.ModuleDict({name: nn.Linear(inputs, small) for name in modalities})
        self.dropout = nn.Dropout(dropout)
        self.read = nn.Linear((1 + small) ** len(self.small), outputs)

    def forward(self, vectors: Mapping[str, Tensor], there: Mapping[str, Tensor]) -> Tensor:
        """The vector of each interview."""
        product: Tensor | None = None
        for name, layer in self.small.items():
            one = functional.pad(torch.tanh(layer(vectors[name])) * there[name].unsqueeze(1), (1, 0), value=1.0)
            product = one if product is None else torch.einsum("bi,bj->bij", product, one).flatten(1)
        return functional.gelu(self.read(self.dropout(product)))


class LowRankFusion(nn.Module):
    """Tensor fusion whose weights are a sum of R outer products.

    Args:
        modalities: names.
        inputs: numbers in each vector, V.
        outputs: H.
        rank: R.

    Shape: as of `TensorFusion`.

    Example:
        >>> x, there = {"text": torch.randn(3, 12), "video": torch.randn(3, 12)}, torch.ones(3, dtype=torch.bool)
        >>> LowRankFusion(("text", "video"), 12, 5)(x, {"text": there, "video": there}).shape
        torch.Size([3, 5])
    """

    def __init__(self, modalities: Sequence[str], inputs: int, outputs: int, rank: int = RANK) -> None:
        super().__init__()
        factors = {name: nn.Linear(inputs, rank * outputs) for name in modalities}
        self.factors = nn.ModuleDict(factors)
        self.weights = nn.Parameter(torch.full((rank,), rank**-0.5))
        self.bias = nn.Parameter(torch.zeros(outputs))
        for layer in factors.values():  # a product of small numbers would be nearly zero; numbers around 1 keep it
            nn.init.normal_(layer.bias, 1.0, 0.1)

    def forward(self, vectors: Mapping[str, Tensor], there: Mapping[str, Tensor]) -> Tensor:
        """The vector of each interview."""
        product: Tensor | float = 1.0
        for name, layer in self.factors.items():
            product = product * layer(vectors[name] * there[name].unsqueeze(1))
        by_rank = torch.as_tensor(product).unflatten(1, (len(self.weights), -1))
        return torch.einsum("r,brh->bh", self.weights, by_rank) + self.bias
