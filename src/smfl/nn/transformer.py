r"""Transformers between units of several modalities: each pair apart, or all in one sequence.

**Crossmodal** (MulT; Tsai et al. 2019, arXiv 1906.00295). For each target modality, every other one is a source:
queries from the target, keys and values from the source's own vectors, at every layer. What came of all sources is
joined, and a transformer of its own runs over it. Positions are sinusoids (Vaswani et al. 2017).

**Joint** (in the manner of Gimeno-Gómez et al. 2024, arXiv 2401.02746). The units of all modalities stand in one
sequence, each with a learned vector of its modality and one of its position, and attend to each other. Modalities have
different numbers of units, so position is the fraction of the interview that has gone by, between learned vectors at
fixed fractions.

A layer is pre-normalised (Xiong et al. 2020): :math:`x + \mathrm{attend}(\mathrm{norm}(x), \mathrm{norm}(y))`, then
:math:`x + \mathrm{perceptron}(\mathrm{norm}(x))`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from smfl.nn.attention import attend

ANCHORS = 16
"""Fractions of an interview at which the joint transformer learns a position."""
WIDENING = 2
"""Hidden units of a layer's perceptron, in H."""


class TransformerLayer(nn.Module):
    """One layer: attention to a source, then a perceptron.

    Args:
        channels: H.
        heads: must divide H.
        dropout: share.

    Shape:
        - x: [B, I, H]; source: [B, J, H]; present: [B, J], of the source
        - output: [B, I, H]

    Example:
        >>> layer, there = TransformerLayer(12), torch.ones(2, 3, dtype=torch.bool)
        >>> layer(torch.randn(2, 5, 12), torch.randn(2, 3, 12), there).shape
        torch.Size([2, 5, 12])
    """

    def __init__(self, channels: int, heads: int = 2, dropout: float = 0.1) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(channels, channels)
        self.key_value = nn.Linear(channels, 2 * channels)
        self.output = nn.Linear(channels, channels)
        self.before_attention = nn.LayerNorm(channels)
        self.before_perceptron = nn.LayerNorm(channels)
        self.perceptron = nn.Sequential(
            nn.Linear(channels, WIDENING * channels), nn.GELU(), nn.Linear(WIDENING * channels, channels)
        )
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, source: Tensor, present: Tensor) -> Tensor:
        """Each unit after it has attended to the source."""
        key, value = self.key_value(self.before_attention(source)).chunk(2, dim=-1)
        attended, _ = attend(self.query(self.before_attention(x)), key, value, present, self.heads)
        x = x + self.dropout(self.output(attended))
        out: Tensor = x + self.dropout(self.perceptron(self.before_perceptron(x)))
        return out


class Transformer(nn.Module):
    """Layers one after the other: over a sequence, or from a source into it.

    Args:
        channels: H.
        layers: how many.
        heads: must divide H.
        dropout: share.

    Shape: as of `TransformerLayer`.

    Example:
        >>> x, there = torch.randn(2, 5, 12), torch.ones(2, 5, dtype=torch.bool)
        >>> Transformer(12)(x, there).shape
        torch.Size([2, 5, 12])
    """

    def __init__(self, channels: int, layers: int = 2, heads: int = 2, dropout: float = 0.1) -> None:
        super().__init__()
        self.layers = nn.ModuleList(TransformerLayer(channels, heads, dropout) for _ in range(layers))

    def forward(self, x: Tensor, present: Tensor, source: Tensor | None = None) -> Tensor:
        """Each unit after it has attended to the source, else to the sequence itself; ``present`` is of that."""
        for layer in self.layers:
            x = layer(x, x if source is None else source, present)
        return x


class CrossmodalTransformer(nn.Module):
    """Every modality attends to every other one.

    Args:
        modalities: names; of a single one, only its own transformer is left.
        channels: H.
        layers: of each transformer.
        heads: must divide H.
        dropout: share.

    Shape:
        - states: by modality [B, M, H]; present: by modality [B, M]
        - output: by modality [B, M, H], zero where masked

    Example:
        >>> there, x = torch.ones(2, 5, dtype=torch.bool), torch.randn(2, 5, 12)
        >>> mult = CrossmodalTransformer(("text", "video"), 12)
        >>> mult({"text": x, "video": x}, {"text": there, "video": there})["video"].shape
        torch.Size([2, 5, 12])
    """

    def __init__(
        self, modalities: Sequence[str], channels: int, layers: int = 2, heads: int = 2, dropout: float = 0.1
    ) -> None:
        super().__init__()
        self.sources = {name: [other for other in modalities if other != name] for name in modalities}
        pairs = [f"{name}_from_{other}" for name, others in self.sources.items() for other in others]
        self.pairs = nn.ModuleDict({pair: Transformer(channels, layers, heads, dropout) for pair in pairs})
        self.joined = nn.ModuleDict(
            {name: nn.Linear(len(others) * channels, channels) for name, others in self.sources.items() if others}
        )
        self.own = nn.ModuleDict({name: Transformer(channels, layers, heads, dropout) for name in modalities})

    def forward(self, states: Mapping[str, Tensor], present: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The states of each modality."""
        placed = {name: x + sinusoids(x) for name, x in states.items()}
        out = {}
        for name, others in self.sources.items():
            x = placed[name]
            if others:
                parts = [
                    self.pairs[f"{name}_from_{other}"](x, present[other], source=placed[other]) for other in others
                ]
                x = self.joined[name](torch.cat(parts, dim=-1))
            x = self.own[name](x, present[name])
            out[name] = x * present[name].unsqueeze(-1)
        return out


class JointTransformer(nn.Module):
    """The units of all modalities in one sequence.

    Args:
        modalities: names.
        channels: H.
        layers: of the transformer.
        heads: must divide H.
        dropout: share.

    Shape: as of `CrossmodalTransformer`.

    Example:
        >>> there, x = torch.ones(2, 5, dtype=torch.bool), torch.randn(2, 5, 12)
        >>> JointTransformer(("text",), 12)({"text": x}, {"text": there})["text"].shape
        torch.Size([2, 5, 12])
    """

    def __init__(
        self, modalities: Sequence[str], channels: int, layers: int = 2, heads: int = 2, dropout: float = 0.1
    ) -> None:
        super().__init__()
        self.modality = nn.ParameterDict({name: nn.Parameter(0.02 * torch.randn(channels)) for name in modalities})
        self.position = nn.Parameter(0.02 * torch.randn(ANCHORS, channels))
        self.transformer = Transformer(channels, layers, heads, dropout)

    def forward(self, states: Mapping[str, Tensor], present: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The states of each modality."""
        x = torch.cat([states[name] + own + self._positions(present[name]) for name, own in self.modality.items()], 1)
        there = torch.cat([present[name] for name in self.modality], dim=1)
        x = self.transformer(x, there)
        parts = x.split([present[name].shape[1] for name in self.modality], dim=1)
        return {name: part * present[name].unsqueeze(-1) for name, part in zip(self.modality, parts, strict=True)}

    def _positions(self, there: Tensor) -> Tensor:
        """By the fraction of the modality's units that came before, [B, M, H]."""
        before = there.cumsum(dim=1) - 1
        fraction = before.clamp(min=0) / there.sum(dim=1, keepdim=True).clamp(min=1)
        along = fraction * (ANCHORS - 1)
        left = along.floor().long().clamp(max=ANCHORS - 2)
        share = (along - left).unsqueeze(-1)
        return (1 - share) * self.position[left] + share * self.position[left + 1]


def sinusoids(x: Tensor) -> Tensor:
    """Positions 0, 1, … as sines and cosines of falling frequency, [M, H] for x of [B, M, H]; H must be even.

    Example:
        >>> sinusoids(torch.zeros(1, 2, 2)).round(decimals=2).tolist()
        [[0.0, 1.0], [0.8399999737739563, 0.5400000214576721]]
    """
    place = torch.arange(x.shape[1], device=x.device, dtype=x.dtype).unsqueeze(1)
    frequency = 1e4 ** (-torch.arange(0, x.shape[2], 2, device=x.device, dtype=x.dtype) / x.shape[2])
    return torch.stack([(place * frequency).sin(), (place * frequency).cos()], dim=-1).flatten(1)
