"""From three modalities to one: the fused sentence vector (§2.5), and the cross-attention of its sequence (§2.7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from smfl.nn.attention import attend


class FusionFeature(nn.Module):
    """The Fusion Feature network: the sentence vectors of all modalities merged into one.

    Where a sentence lacks a modality, a learned vector takes its place.

    Args:
        modalities: names.
        channels: H.
        dropout: share.

    Shape:
        - vectors: by modality [B, M, H]; present: by modality [B, M]
        - output: [B, M, H], zero where no modality is present

    Example:
        >>> fuse, there = FusionFeature(("text", "video"), 12), torch.ones(2, 5, dtype=torch.bool)
        >>> x = {"text": torch.randn(2, 5, 12), "video": torch.randn(2, 5, 12)}
        >>> fuse(x, {"text": there, "video": ~there}).shape
        torch.Size([2, 5, 12])
    """

    def __init__(self, modalities: Sequence[str], channels: int, dropout: float = 0.5) -> None:
        super().__init__()
        self.modalities = tuple(modalities)
        self.absent = nn.ParameterDict({name: nn.Parameter(torch.zeros(channels)) for name in modalities})
        self.merge = nn.Sequential(
            nn.Linear(len(self.modalities) * channels, 2 * channels),
            nn.GELU(),
            nn.Dropout(dropout / 2),
            nn.Linear(2 * channels, channels),
        )

    def forward(self, vectors: Mapping[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        """The fused vector of each sentence."""
        merged = torch.cat(
            [torch.where(present[name].unsqueeze(-1), vectors[name], self.absent[name]) for name in self.modalities],
            dim=-1,
        )
        anything = torch.stack([present[name] for name in self.modalities]).any(dim=0)
        out: Tensor = self.merge(merged) * anything.unsqueeze(-1)
        return out


class CrossAttentionFusion(nn.Module):
    """Cross-attention of the fused sequence to each modality (§2.7).

    Query: F_fuse; keys and values: the LSTM states of a modality. Each normalised mapping is multiplied element-wise
    with F_fuse, giving F_m^CA; these and F_fuse are concatenated. Where an interview lacks a modality as a whole, a
    learned vector takes the place of the mapping.

    Args:
        modalities: names.
        channels: H.
        heads: must divide H.

    Shape:
        - fused: [B, M, H]; states: by modality [B, M, H]; present: by modality [B, M]
        - output: [B, M, (1 + modalities) · H], and by modality the weights [B, M, M]: fused sentence i on sentence j

    Example:
        >>> there, x = torch.ones(2, 5, dtype=torch.bool), torch.randn(2, 5, 12)
        >>> out, weights = CrossAttentionFusion(("text",), 12)(x, {"text": x}, {"text": there})
        >>> out.shape, weights["text"].shape
        (torch.Size([2, 5, 24]), torch.Size([2, 5, 5]))
    """

    def __init__(self, modalities: Sequence[str], channels: int, heads: int = 2) -> None:
        super().__init__()
        self.modalities = tuple(modalities)
        self.heads = heads
        self.query = nn.ModuleDict({name: nn.Linear(channels, channels) for name in modalities})
        self.key_value = nn.ModuleDict({name: nn.Linear(channels, 2 * channels) for name in modalities})
        self.normalise = nn.ModuleDict({name: nn.LayerNorm(channels) for name in modalities})
        self.absent = nn.ParameterDict({name: nn.Parameter(torch.zeros(channels)) for name in modalities})

    def forward(
        self, fused: Tensor, states: Mapping[str, Tensor], present: Mapping[str, Tensor]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """F_fuse beside F_m^CA of each modality."""
        parts, weights = [fused], {}
        for name in self.modalities:
            key, value = self.key_value[name](states[name]).chunk(2, dim=-1)
            mapped, weights[name] = attend(self.query[name](fused), key, value, present[name], self.heads)
            anywhere = present[name].any(dim=1)[:, None, None]
            mapped = torch.where(anywhere, self.normalise[name](mapped), self.absent[name])
            parts.append(mapped * fused)
        return torch.cat(parts, dim=-1), weights
