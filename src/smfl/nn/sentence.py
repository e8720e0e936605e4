"""One modality of one sentence: frames in, one vector out (§2.4)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from smfl.nn.tcn import TCN

ENCODERS = ("tcn", "lstm")


class SentenceEncoder(nn.Module):
    """The sentence vector of one modality: the state at the last valid frame.

    Where the features are given by sentence (text), there is one frame, and the same network is a residual stack of
    dense layers.

    Args:
        inputs: features per frame, D.
        statistics: further features of the sentence as a whole, S (mean and sd over its frames, say); 0 for none, as in
            the paper. They are mapped linearly and added to the state.
        channels: H.
        kind: ``tcn``, or ``lstm`` for the paper's comparison (Table 3).
        levels: of the TCN.
        kernel: of the TCN.
        dropout: of the TCN; half of it on the statistics.

    Shape:
        - frames: [N, T, D], right-aligned: padding comes before the first frame; mask: [N, T]; statistics: [N, S]
        - output: [N, H]

    Example:
        >>> encoder = SentenceEncoder(inputs=25, statistics=50)
        >>> encoder(torch.randn(4, 30, 25), torch.ones(4, 30, dtype=torch.bool), torch.randn(4, 50)).shape
        torch.Size([4, 12])
    """

    def __init__(
        self,
        inputs: int,
        statistics: int = 0,
        channels: int = 12,
        kind: str = "tcn",
        levels: int = 5,
        kernel: int = 5,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        self.frames: nn.Module = (
            TCN(inputs, channels, levels, kernel, dropout)
            if kind == "tcn"
            else nn.LSTM(inputs, channels, batch_first=True)
        )
        self.statistics = (
            nn.Sequential(nn.Dropout(dropout / 2), nn.Linear(statistics, channels)) if statistics else None
        )

    def forward(self, frames: Tensor, mask: Tensor, statistics: Tensor | None = None) -> Tensor:
        """The vector of each of N sentences."""
        state = self.frames.last(frames, mask) if isinstance(self.frames, TCN) else self._lstm_last(frames, mask)
        if self.statistics is not None:
            state = state + self.statistics(statistics)
        return state

    def _lstm_last(self, frames: Tensor, mask: Tensor) -> Tensor:
        """Left-align, because a recurrent state must not start on padding; then read the last valid one."""
        lengths = mask.sum(dim=1)
        start = (frames.shape[1] - lengths).unsqueeze(1)
        index = (torch.arange(frames.shape[1], device=frames.device) + start).clamp(max=frames.shape[1] - 1)
        aligned = frames.gather(1, index.unsqueeze(-1).expand(-1, -1, frames.shape[2]))
        states, _ = self.frames(aligned)
        last: Tensor = states[torch.arange(len(states), device=states.device), (lengths - 1).clamp(min=0)]
        return last
