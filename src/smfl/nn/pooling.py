r"""From sentences to the interview: pooling with weights that a reader can be shown.

Additive attention (Bahdanau et al. 2015): head h gives sentence i the weight
:math:`a_{hi} = \mathrm{softmax}_i(u_h \cdot \tanh(W x_i))` over the sentences that are present.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn


class LastState(nn.Module):
    """The state at the last sentence that is present: for states that hold all that came before.

    Shape: as of `SentencePooling` with one head.

    Example:
        >>> x, mask = torch.arange(6.0).reshape(1, 3, 2), torch.tensor([[True, True, False]])
        >>> state, weights = LastState()(x, x, mask)
        >>> state.tolist(), weights.tolist()
        ([[2.0, 3.0]], [[0.0, 1.0, 0.0]])
    """

    def forward(self, guide: Tensor, states: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """The last of ``states``; ``guide`` isn't used."""
        later = mask.flip(1).cumsum(dim=1).flip(1)  # how many are present from here on
        weights = ((later == 1) & mask).to(states.dtype)
        return torch.einsum("bm,bmv->bv", weights, states), weights


class SentencePooling(nn.Module):
    """Weighted mean over sentences, with one set of weights for each head.

    Args:
        channels: of the states that decide the weights.
        heads: sets of weights; 0 for the plain mean.

    Shape:
        - guide: [B, M, channels], states: [B, M, V], mask: [B, M]
        - output: [B, max(heads, 1) · V], and the weights [B, M], mean over heads, summing to 1 (to 0 where none is
          present)

    Example:
        >>> pooling, x = SentencePooling(12, heads=2), torch.randn(3, 5, 12)
        >>> pooled, weights = pooling(x, x, torch.ones(3, 5, dtype=torch.bool))
        >>> pooled.shape, weights.sum(1).round(decimals=4).tolist()
        (torch.Size([3, 24]), [1.0, 1.0, 1.0])
    """

    def __init__(self, channels: int, heads: int = 1) -> None:
        super().__init__()
        self.heads = heads
        self.score = (
            nn.Sequential(nn.Linear(channels, channels), nn.Tanh(), nn.Linear(channels, heads, bias=False))
            if heads
            else None
        )

    def forward(self, guide: Tensor, states: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Pool ``states`` with weights that follow from ``guide``."""
        score = guide.new_zeros((*guide.shape[:2], 1)) if self.score is None else self.score(guide)
        score = score.masked_fill(~mask.unsqueeze(-1), torch.finfo(score.dtype).min)
        weights = score.softmax(dim=1) * mask.unsqueeze(-1)
        pooled = torch.einsum("bmh,bmv->bhv", weights, states).flatten(1)
        return pooled, weights.mean(dim=-1)


def pool_each(
    pooling: nn.ModuleDict, states: Mapping[str, Tensor], present: Mapping[str, Tensor]
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Pool several sequences, each by itself.

    Args:
        pooling: for each sequence that is read, a `SentencePooling` or a `LastState`.
        states: by sequence [B, M, H].
        present: by sequence [B, M].

    Returns:
        The vectors, by sequence [B, V], and the weights, by sequence [B, M].

    Example:
        >>> x, mask = {"text": torch.ones(1, 2, 4)}, {"text": torch.ones(1, 2, dtype=torch.bool)}
        >>> vectors, weights = pool_each(nn.ModuleDict({"text": SentencePooling(4, heads=0)}), x, mask)
        >>> vectors["text"].tolist(), weights["text"].tolist()
        ([[1.0, 1.0, 1.0, 1.0]], [[0.5, 0.5]])
    """
    vectors, weights = {}, {}
    for name, pool in pooling.items():
        vectors[name], weights[name] = pool(states[name], states[name], present[name])
    return vectors, weights


def shares_of(weights: Iterable[Tensor]) -> Tensor:
    """The mean of several weights over sentences [B, M], so that an interview's sum to 1.

    Example:
        >>> shares_of([torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 0.0]])]).tolist()
        [[1.0, 0.0]]
    """
    mean = torch.stack(list(weights)).mean(dim=0)
    return mean / mean.sum(dim=1, keepdim=True).clamp(min=1e-12)
