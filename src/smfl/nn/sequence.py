"""The sequence of an interview's sentences: TCN, self-attention, recurrent network, each optional (§2.5).

A sentence whose modality is missing isn't a zero in the sequence; it isn't in the sequence: what is present is moved
to the front, in order, run through the layer, and put back.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from smfl.nn.attention import SelfAttention
from smfl.nn.tcn import TCN


class Context(nn.Module):
    """TCN over sentences, then self-attention: the part of MMFL before CMJAT.

    Args:
        channels: H.
        levels: of the TCN over sentences; 0 for none.
        kernel: of the TCN.
        heads: of the self-attention; 0 for none.
        dropout: share.

    Shape:
        - x: [B, M, H], mask: [B, M]
        - output: [B, M, H], zero where masked
    """

    def __init__(self, channels: int, levels: int = 2, kernel: int = 3, heads: int = 2, dropout: float = 0.5) -> None:
        super().__init__()
        self.tcn = TCN(channels, channels, levels, kernel, dropout) if levels else None
        self.attention = SelfAttention(channels, heads) if heads else None

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Each sentence in the context of the interview."""
        if self.tcn is None and self.attention is None:
            return x
        x, there, order = to_front(x, mask)
        if self.tcn is not None:
            x = self.tcn(x, there)
        if self.attention is not None:
            x = self.attention(x, there)
        return put_back(x, order) * mask.unsqueeze(-1)


class GlobalFeatures(nn.Module):
    """A recurrent network over sentences: its states are the global features of a modality (§2.5).

    Args:
        channels: H; a bidirectional one has half of them in each direction.
        kind: ``lstm`` (the paper), ``bilstm`` or ``bigru``.
        residual: whether each state is added to the sentence it has just read, and normalised.

    Shape:
        - x: [B, M, H], mask: [B, M]
        - output: [B, M, H], zero where masked

    Example:
        >>> x, mask = torch.randn(1, 3, 12), torch.tensor([[True, False, True]])
        >>> lstm = GlobalFeatures(12)
        >>> bool(torch.allclose(lstm(x, mask)[:, 2], lstm(x[:, [0, 2]], mask[:, [0, 2]])[:, 1], atol=1e-6))
        True
    """

    def __init__(self, channels: int, kind: str = "lstm", *, residual: bool = False) -> None:
        super().__init__()
        cell = nn.GRU if kind == "bigru" else nn.LSTM
        directions = 1 if kind == "lstm" else 2
        self.directions = nn.ModuleList(
            cell(channels, channels // directions, batch_first=True) for _ in range(directions)
        )
        self.normalise = nn.LayerNorm(channels) if residual else None

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """The state after each sentence; of a bidirectional network, beside the state after all later ones."""
        x, there, order = to_front(x, mask)
        states, _ = self.directions[0](x)
        if len(self.directions) == 2:
            backwards = _reversed(there)
            back, _ = self.directions[1](_gather(x, backwards))
            states = torch.cat([states, _gather(back, backwards)], dim=-1)
        if self.normalise is not None:
            states = self.normalise(x + states)
        return put_back(states, order) * mask.unsqueeze(-1)


def to_front(x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Move what is present to the front, in order; also its mask, and the order for `put_back`."""
    order = (~mask).to(x.dtype).argsort(dim=1, stable=True)
    return _gather(x, order), mask.gather(1, order), order


def put_back(x: Tensor, order: Tensor) -> Tensor:
    """The reverse of `to_front`."""
    return _gather(x, order.argsort(dim=1))


def _reversed(there: Tensor) -> Tensor:
    """What is present, from last to first, padding staying behind; its own reverse: [B, M]."""
    place = torch.arange(there.shape[1], device=there.device).expand_as(there)
    return torch.where(there, there.sum(dim=1, keepdim=True) - 1 - place, place)


def _gather(x: Tensor, order: Tensor) -> Tensor:
    return x.gather(1, order.unsqueeze(-1).expand(-1, -1, x.shape[-1]))
