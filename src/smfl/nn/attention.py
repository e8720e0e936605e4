r"""Scaled dot-product attention over sentences, with the words of Eq. 6 (§2.6.3).

:math:`\mathrm{sim}_{bij} = q_{bi} \cdot k_{bj} / \sqrt{d}`, softmax over j where sentence j is present, and
:math:`\mathrm{out}_{bi} = \sum_j \mathrm{softmax}(\mathrm{sim})_{bij} v_{bj}`.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


def attend(query: Tensor, key: Tensor, value: Tensor, present: Tensor, heads: int) -> tuple[Tensor, Tensor]:
    """Multi-head attention of Eq. 6.

    Args:
        query: [B, I, H].
        key: [B, J, H].
        value: [B, J, H].
        present: [B, J], True where key j may be attended to.
        heads: must divide H.

    Returns:
        out [B, I, H], zero where no key is present; weights [B, I, J], the mean over heads.

    Example:
        >>> x, there = torch.randn(1, 3, 12), torch.tensor([[True, True, False]])
        >>> out, weights = attend(x, x, x, there, heads=2)
        >>> weights.sum(-1).round(decimals=4).tolist(), bool((weights[..., 2] == 0).all())
        ([[1.0, 1.0, 1.0]], True)
    """
    q, k, v = (x.reshape(*x.shape[:2], heads, -1).transpose(1, 2) for x in (query, key, value))  # [B, heads, ·, d]
    sim = torch.einsum("bhid,bhjd->bhij", q, k) / q.shape[-1] ** 0.5
    sim = sim.masked_fill(~present[:, None, None, :], torch.finfo(sim.dtype).min)
    weights = sim.softmax(dim=-1) * present[:, None, None, :]  # all zero, not uniform, where nothing is present
    out = torch.einsum("bhij,bhjd->bhid", weights, v).transpose(1, 2).flatten(2)
    return out, weights.mean(dim=1)


class SelfAttention(nn.Module):
    """Self-attention between sentences: padding masked, residual, normalised (§2.5).

    Args:
        channels: H.
        heads: must divide H.
        dropout: share of the attended part that is dropped.

    Shape:
        - x: [B, M, H], mask: [B, M]
        - output: [B, M, H]

    Example:
        >>> SelfAttention(12)(torch.randn(2, 7, 12), torch.ones(2, 7, dtype=torch.bool)).shape
        torch.Size([2, 7, 12])
    """

    def __init__(self, channels: int, heads: int = 2, dropout: float = 0.1) -> None:
        super().__init__()
        self.heads = heads
        self.project = nn.Linear(channels, 3 * channels)
        self.output = nn.Linear(channels, channels)
        self.dropout = nn.Dropout(dropout)
        self.normalise = nn.LayerNorm(channels)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Each sentence, in the light of the others."""
        query, key, value = self.project(x).chunk(3, dim=-1)
        attended, _ = attend(query, key, value, mask, self.heads)
        out: Tensor = self.normalise(x + self.dropout(self.output(attended)))
        return out
