r"""Cross-modal joint attention, CMJAT: a strong modality enhances a weak one (§2.6).

The tokens of the strong modality (text) and of the weak one (video), each with its own linear maps to query, key and
value (Eq. 3–5), are joined along the sentence axis and attend to each other (Eq. 6). At sentence i the enhanced weak
state is the learned mix :math:`w \cdot \mathrm{out}^{strong}_i + (1 - w) \cdot \mathrm{out}^{weak}_i` with
:math:`w = \sigma(\mathrm{weight})` (§2.6.4; the authors' published code fixes .75 and .25), added to the weak state it
starts from and normalised [decision: a residual, as in the self-attention, so that CMJAT can only add].

§2.6.2: in training, one random permutation of an interview's sentences is applied to Q, K and V of both modalities
together. The video of a sentence therefore stays with that sentence's text; what changes is the order in which the LSTM
after it reads the sentences.

A dense layer on the enhanced weak states, pooled, predicts the label; this auxiliary loss is what tunes the weight
layer.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from smfl.nn.attention import attend


class JointAttention(nn.Module):
    """CMJAT for one weak modality.

    Args:
        channels: H.
        heads: must divide H.
        dropout: share of the mixed part that is dropped.
        classes: classes of the auxiliary prediction.
        permute: whether to permute sentences in training (§2.6.2).

    Shape:
        - strong, weak: [B, M, H]; strong_mask, weak_mask: [B, M]
        - output: enhanced weak states [B, M, H]; their mask [B, M]; auxiliary logits [B, classes]

    Example:
        >>> there = torch.ones(2, 5, dtype=torch.bool)
        >>> enhanced, mask, logits = JointAttention(12)(torch.randn(2, 5, 12), there, torch.randn(2, 5, 12), there)
        >>> enhanced.shape, logits.shape
        (torch.Size([2, 5, 12]), torch.Size([2, 2]))
    """

    def __init__(
        self, channels: int, heads: int = 2, dropout: float = 0.1, classes: int = 2, *, permute: bool = True
    ) -> None:
        super().__init__()
        self.heads = heads
        self.permute = permute
        self.project_strong = nn.Linear(channels, 3 * channels)
        self.project_weak = nn.Linear(channels, 3 * channels)
        self.weight = nn.Parameter(torch.zeros(()))
        self.dropout = nn.Dropout(dropout)
        self.normalise = nn.LayerNorm(channels)
        self.auxiliary = nn.Linear(channels, classes)

    def forward(
        self, strong: Tensor, strong_mask: Tensor, weak: Tensor, weak_mask: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Enhance the weak modality by the strong one."""
        if self.training and self.permute:
            order = _permutations(weak_mask | strong_mask)
            strong, weak = _reorder(strong, order), _reorder(weak, order)
            strong_mask, weak_mask = strong_mask.gather(1, order), weak_mask.gather(1, order)
        both = torch.cat([self.project_strong(strong), self.project_weak(weak)], dim=1)
        query, key, value = both.chunk(3, dim=-1)
        out, _ = attend(query, key, value, torch.cat([strong_mask, weak_mask], dim=1), self.heads)
        from_strong, from_weak = out.chunk(2, dim=1)
        share = self.weight.sigmoid() * strong_mask.unsqueeze(-1)  # without words nothing of them is mixed in
        mixed = share * from_strong + (1 - share) * from_weak
        present = weak_mask.unsqueeze(-1)
        enhanced = self.normalise(weak + self.dropout(mixed)) * present
        pooled = enhanced.sum(dim=1) / present.sum(dim=1).clamp(min=1)
        return enhanced, weak_mask, self.auxiliary(pooled)


def _permutations(mask: Tensor) -> Tensor:
    """A random order of each interview's present sentences, the padding staying last: [B, M]."""
    chance = torch.rand(mask.shape, device=mask.device).masked_fill(~mask, 2.0)
    return chance.argsort(dim=1)


def _reorder(x: Tensor, order: Tensor) -> Tensor:
    return x.gather(1, order.unsqueeze(-1).expand(-1, -1, x.shape[-1]))
