"""The sentence encoders: frames of each modality in, one vector a sentence and modality out (§2.4)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from smfl.nn.batch import Batch, Widths
from smfl.nn.tcn import TCN

MAX_FRAMES = 3000
"""Frames of a sentence that are read, counted back from its last, where an encoder has no receptive field of its own:
half a minute at 100 a second. One long sentence would otherwise set the size of the whole batch."""


class SentenceEncoder(nn.Module):
    """The vector of one modality of a sentence, or of another unit.

    ``tcn`` and ``lstm`` give the state at the last valid frame; ``mean`` a perceptron of one hidden layer on the mean
    of the frames, as the fusion models of sentiment analysis do. Where the features are given by sentence (text), there
    is one frame, and a TCN is a residual stack of dense layers.

    Args:
        inputs: features per frame, D.
        statistics: further features of the sentence as a whole, S (mean and sd over its frames, say); 0 for none, as in
            the paper. They are mapped linearly and added to the state.
        channels: H.
        kind: ``tcn``, ``lstm`` (the paper's comparison, Table 3) or ``mean``.
        levels: of the TCN.
        kernel: of the TCN.
        dropout: of the TCN and the perceptron; half of it on the statistics.
        whole: whether a TCN gives the mean of its states in place of the last one: for a sequence much longer than what
            one state sees.

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
        *,
        whole: bool = False,
    ) -> None:
        super().__init__()
        self.whole = whole
        self.max_frames = MAX_FRAMES
        self.frames: nn.Module
        if kind == "tcn":
            self.frames = TCN(inputs, channels, levels, kernel, dropout)
            self.max_frames = MAX_FRAMES if whole else self.frames.receptive_field
        elif kind == "lstm":
            self.frames = nn.LSTM(inputs, channels, batch_first=True)
        else:
            self.frames = nn.Sequential(
                nn.Linear(inputs, channels), nn.GELU(), nn.Dropout(dropout), nn.Linear(channels, channels)
            )
        self.statistics = (
            nn.Sequential(nn.Dropout(dropout / 2), nn.Linear(statistics, channels)) if statistics else None
        )

    def forward(self, frames: Tensor, mask: Tensor, statistics: Tensor | None = None) -> Tensor:
        """The vector of each of N sentences."""
        if isinstance(self.frames, TCN):
            state = self.frames.mean(frames, mask) if self.whole else self.frames.last(frames, mask)
        elif isinstance(self.frames, nn.LSTM):
            state = self._lstm_last(self.frames, frames, mask)
        else:
            there = mask.unsqueeze(-1).to(frames.dtype)
            state = self.frames((frames * there).sum(dim=1) / there.sum(dim=1).clamp(min=1))
        if self.statistics is not None:
            state = state + self.statistics(statistics)
        return state

    @staticmethod
    def _lstm_last(lstm: nn.LSTM, frames: Tensor, mask: Tensor) -> Tensor:
        """Left-align, because a recurrent state must not start on padding; then read the last valid one."""
        lengths = mask.sum(dim=1)
        start = (frames.shape[1] - lengths).unsqueeze(1)
        index = (torch.arange(frames.shape[1], device=frames.device) + start).clamp(max=frames.shape[1] - 1)
        aligned = frames.gather(1, index.unsqueeze(-1).expand(-1, -1, frames.shape[2]))
        packed = nn.utils.rnn.pack_padded_sequence(aligned, lengths.cpu(), batch_first=True, enforce_sorted=False)
        last: Tensor = lstm(packed)[1][0][0]
        return last


class SentenceEncoders(nn.Module):
    """One `SentenceEncoder` for each modality: a batch in, the sentence vectors of each interview out.

    Args:
        widths: of the input.
        channels: H.
        kind: of the encoders.
        sizes: further arguments of `SentenceEncoder`.

    Shape:
        - output: by modality the vectors [B, M, H], zero where the modality is missing, and where it is present [B, M]

    Example:
        >>> slots, there = torch.tensor([[0, 0], [0, 1]]), torch.ones(2, 9, dtype=torch.bool)
        >>> batch = Batch({"text": torch.randn(2, 9, 6)}, {"text": there}, {"text": torch.zeros(2, 0)},
        ...               {"text": slots}, torch.ones(1, 3, dtype=torch.bool))
        >>> vectors, present = SentenceEncoders(Widths({"text": 6}, {"text": 0}), channels=12)(batch)
        >>> vectors["text"].shape, present["text"].tolist()
        (torch.Size([1, 3, 12]), [[True, True, False]])
    """

    def __init__(self, widths: Widths, channels: int, kind: str = "tcn", **sizes: Any) -> None:
        super().__init__()
        self.channels = channels
        encoders = {
            name: SentenceEncoder(width, widths.statistics[name], channels, kind, **sizes)
            for name, width in widths.frames.items()
        }
        self.by_modality = nn.ModuleDict(encoders)
        self.max_frames = max(encoder.max_frames for encoder in encoders.values())

    def forward(self, batch: Batch) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """The vectors of each modality's sentences at their places, and where there are any."""
        vectors, present = {}, {}
        for name, encoder in self.by_modality.items():
            slots = batch.slots[name]
            present[name] = torch.zeros_like(batch.mask)
            vectors[name] = batch.statistics[name].new_zeros((*batch.mask.shape, self.channels))
            if len(slots):
                encoded = encoder(batch.frames[name], batch.frame_mask[name], batch.statistics[name])
                place = (slots[:, 0], slots[:, 1])
                present[name] = present[name].index_put(place, present[name].new_ones(len(slots)))
                vectors[name] = vectors[name].index_put(place, encoded)
        return vectors, present
