r"""The temporal convolutional network: causal, dilated, residual (§2.5, §3.2; Bai et al. 2018, arXiv 1803.01271).

Level l has two convolutions of kernel k and dilation :math:`2^l`, each followed by a rectifier and dropout, and a
residual connection around both. The state at frame t depends on frames t − (R − 1) … t only, with the receptive field
:math:`R = 1 + 2 (k - 1) (2^L - 1)` for L levels: 249 frames for the paper's L = 5, k = 5.

Read only at its last frame, as a sentence's vector is, a dilated TCN is a pyramid: level l needs every
:math:`2^l`-th frame only, counted back from the last. `TCN.last` computes just those, as ordinary convolutions on a
sequence that is thinned to half at each level; the result is the same and costs about a fifth. Sentences differ in
length by a factor of ten, so it reads short ones apart from long ones: of a batch padded to its longest sentence, two
thirds would be padding.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional

LENGTHS = 4
"""Groups of sentences of like length, each half as long as the one before: finer ones would save little more."""


def receptive_field(levels: int, kernel: int) -> int:
    """Frames that one state sees.

    Example:
        >>> receptive_field(levels=5, kernel=5)
        249
    """
    return 1 + 2 * (kernel - 1) * ((1 << levels) - 1)


class _Level(nn.Module):
    """Two causal convolutions and their residual connection; the dilation is chosen by the caller."""

    def __init__(self, inputs: int, channels: int, kernel: int, dropout: float) -> None:
        super().__init__()
        self.first = nn.Conv1d(inputs, channels, kernel)
        self.second = nn.Conv1d(channels, channels, kernel)
        self.residual = nn.Conv1d(inputs, channels, 1) if inputs != channels else nn.Identity()
        self.dropout = nn.Dropout1d(
            dropout
        )  # whole channels: neighbouring frames are too alike to be dropped one by one

    def forward(self, x: Tensor, mask: Tensor, dilation: int) -> Tensor:
        h = x
        for convolution in (self.first, self.second):
            h = _causal(convolution, h, dilation)
            # What isn't there must look to the next convolution like the empty past before the first frame: zero.
            h = self.dropout(functional.relu(h)) * mask
        beside = _causal(self.residual, x) if isinstance(self.residual, nn.Conv1d) else x
        return functional.relu(h + beside) * mask


class TCN(nn.Module):
    """Causal temporal convolutional network.

    Args:
        inputs: features per frame, D.
        channels: hidden channels, H (paper: 12).
        levels: levels with dilation 1, 2, 4, … (paper: 5).
        kernel: frames per convolution (paper: 5).
        dropout: share dropped after each convolution (paper: 0.5).

    Shape:
        - x: [N, T, D], mask: [N, T], True where a frame is present
        - output: [N, T, H]; of `last` and `mean`: [N, H]

    Example:
        >>> import torch
        >>> tcn = TCN(inputs=25, channels=12).eval()
        >>> frames, mask = torch.randn(2, 300, 25), torch.ones(2, 300, dtype=torch.bool)
        >>> tcn(frames, mask).shape
        torch.Size([2, 300, 12])
        >>> torch.allclose(tcn(frames, mask)[:, -1], tcn.last(frames, mask), atol=1e-5)
        True
    """

    def __init__(self, inputs: int, channels: int = 12, levels: int = 5, kernel: int = 5, dropout: float = 0.5) -> None:
        super().__init__()
        self.channels = channels
        self.receptive_field = receptive_field(levels, kernel)
        self.levels = nn.ModuleList(
            _Level(inputs if level == 0 else channels, channels, kernel, dropout) for level in range(levels)
        )

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """The state after every frame."""
        present = mask.unsqueeze(1).to(x.dtype)
        h = x.transpose(1, 2) * present
        for exponent, level in enumerate(self.levels):
            h = level(h, present, dilation=2**exponent)
        return h.transpose(1, 2)

    def last(self, x: Tensor, mask: Tensor) -> Tensor:
        """The state at the last frame of right-aligned sequences: padding, if any, comes *before* the first frame."""
        x, mask = x[:, -self.receptive_field :], mask[:, -self.receptive_field :]
        last = x.new_zeros(len(x), self.channels)
        for rows, longest in _of_like_length(mask):
            states, _ = self.thinned(x[rows, -longest:], mask[rows, -longest:])
            last = last.index_copy(0, rows, states[:, -1])
        return last

    def mean(self, x: Tensor, mask: Tensor) -> Tensor:
        r"""The mean of right-aligned sequences' states at every :math:`2^{L-1}`-th frame, counted back from the last.

        A state sees many more frames than lie between two of them, so every frame of the sequence takes part.
        """
        states, there = self.thinned(x, mask)
        return states.sum(dim=1) / there.sum(dim=1, keepdim=True).clamp(min=1)

    def thinned(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        r"""States at every :math:`2^{L-1}`-th frame of right-aligned sequences, counted back from the last.

        Returns:
            states [N, T', H], zero before the first frame, and their mask [N, T']; T' is about :math:`T / 2^{L-1}`.
        """
        present = mask.unsqueeze(1).to(x.dtype)
        h = x.transpose(1, 2) * present
        for exponent, level in enumerate(self.levels):
            if exponent:
                h, present = _every_second(h), _every_second(present)
            h = level(h, present, dilation=1)
        return h.transpose(1, 2), present[:, 0] > 0


def _causal(convolution: nn.Conv1d, x: Tensor, dilation: int = 1) -> Tensor:
    """A convolution that sees the past only. A single frame sees itself: a dense layer, and much quicker as one."""
    if x.shape[2] == 1:
        return functional.linear(x[:, :, 0], convolution.weight[:, :, -1], convolution.bias).unsqueeze(2)
    past = dilation * (convolution.kernel_size[0] - 1)
    return functional.conv1d(functional.pad(x, (past, 0)), convolution.weight, convolution.bias, dilation=dilation)


def _of_like_length(mask: Tensor) -> Iterator[tuple[Tensor, int]]:
    """Rows of right-aligned sequences as long as the longest, its half, its quarter …, and the frames of each group."""
    longest = mask.shape[1]
    length = longest - mask.int().argmax(dim=1)
    most = [longest, *(longest >> k for k in range(1, LENGTHS) if longest >> k)]
    for most_here, less in zip(most, [*most[1:], 0], strict=True):
        rows = torch.nonzero((length <= most_here) & (length > less))[:, 0]
        if len(rows):
            yield rows, int(length[rows].max())


def _every_second(x: Tensor) -> Tensor:
    """Every second frame, counted back from the last."""
    return x[:, :, (x.shape[2] - 1) % 2 :: 2]
