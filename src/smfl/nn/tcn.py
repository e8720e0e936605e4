r"""The temporal convolutional network: causal, dilated, residual (§2.5, §3.2; Bai et al. 2018, arXiv 1803.01271).

Level l has two convolutions of kernel k and dilation :math:`2^l`, each followed by a rectifier and dropout, and a
residual connection around both. The state at frame t depends on frames t − (R − 1) … t only, with the receptive field
:math:`R = 1 + 2 (k - 1) (2^L - 1)` for L levels: 249 frames for the paper's L = 5, k = 5.

Read only at its last frame, as a sentence's vector is, a dilated TCN is a pyramid: level l needs every
:math:`2^l`-th frame only, counted back from the last. `TCN.last` computes just those, as ordinary convolutions on a
sequence that is thinned to half at each level; the result is the same and costs about a fifth. Sentences differ in
length by a factor of ten: padded to the longest, two thirds of a batch would be nothing. So all of them go into one
`Row`, one behind the other, and each layer is a single convolution of that row.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


def receptive_field(levels: int, kernel: int) -> int:
    """Frames that one state sees.

    Example:
        >>> receptive_field(levels=5, kernel=5)
        249
    """
    return 1 + 2 * (kernel - 1) * ((1 << levels) - 1)


@dataclass(frozen=True, eq=False)
class Row:
    """Where sequences of any length lie one behind the other, each behind a gap as wide as a convolution looks back.

    Args:
        owner: which of N sequences a place belongs to, [L].
        back: frames from a place to the last one of its sequence, [L].
        present: 1 where there is a frame, 0 in gaps, [L, 1].
        last: the place of each sequence's last frame, [N]; of an empty one, a place in a gap.
        lengths: frames of each, [N].
    """

    owner: Tensor
    back: Tensor
    present: Tensor
    last: Tensor
    lengths: Tensor

    @classmethod
    def of(cls, lengths: Tensor, gap: int) -> Row:
        """Lay out sequences of these lengths.

        Example:
            >>> Row.of(torch.tensor([2, 1]), gap=1).owner[:5].tolist()
            [0, 0, 0, 1, 1]
        """
        widths = lengths + gap
        ends = widths.cumsum(0)
        places = int(ends[-1])
        beyond = _rounded(places) - places  # few sizes: of each new one, the library has to compile a convolution
        owner = torch.repeat_interleave(torch.arange(len(lengths), device=lengths.device), widths)
        back = ends[owner] - 1 - torch.arange(places, device=lengths.device)
        there = back < lengths[owner]
        owner, back = functional.pad(owner, (0, beyond)), functional.pad(back, (0, beyond))
        return cls(owner, back, functional.pad(there, (0, beyond)).unsqueeze(1).float(), ends - 1, lengths)

    def filled(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Row]:
        """Right-aligned sequences [N, T, C] put into the row; frames that are masked count as absent."""
        frames = x.shape[1]
        source = self.owner * frames + (frames - 1 - self.back).clamp(min=0)
        there = self.present * mask.flatten()[source].unsqueeze(1)
        values = x.flatten(0, 1).index_select(0, source) * there
        return values, Row(self.owner, self.back, there, self.last, self.lengths)

    def halved(self, x: Tensor, gap: int) -> tuple[Tensor, Row]:
        """Every second frame of each sequence, counted back from its last; x: [L, C]."""
        half = Row.of((self.lengths + 1) // 2, gap)
        source = (self.last[half.owner] - 2 * half.back).clamp(min=0)
        there = half.present * self.present.index_select(0, source)
        return x.index_select(0, source) * there, Row(half.owner, half.back, there, half.last, half.lengths)


def _rounded(places: int) -> int:
    """The next of eight sizes between a power of two and its double."""
    step = 1 << max(places.bit_length() - 4, 5)
    return -(-places // step) * step


class _Level(nn.Module):
    """Two causal convolutions and their residual connection; the dilation is chosen by the caller."""

    def __init__(self, inputs: int, channels: int, kernel: int, dropout: float) -> None:
        super().__init__()
        self.first = nn.Conv1d(inputs, channels, kernel)
        self.second = nn.Conv1d(channels, channels, kernel)
        self.residual = nn.Conv1d(inputs, channels, 1) if inputs != channels else nn.Identity()
        self.dropout = dropout

    def forward(self, x: Tensor, present: Tensor, owner: Tensor, sequences: int, dilation: int = 1) -> Tensor:
        """x: [..., T, C], present: [..., T, 1]; whose frame each is: [..., T], of so many sequences."""
        h = x
        for convolution in (self.first, self.second):
            # What isn't there must look to the next convolution like the empty past before the first frame: zero.
            h = functional.relu(_causal(convolution, h, dilation)) * self._kept(h, present, owner, sequences)
        beside = _causal(self.residual, x) if isinstance(self.residual, nn.Conv1d) else x
        return functional.relu(h + beside) * present

    def _kept(self, x: Tensor, present: Tensor, owner: Tensor, sequences: int) -> Tensor:
        """What is left by dropout of whole channels: neighbouring frames are too alike to be dropped one by one."""
        if not (self.training and self.dropout):
            return present
        kept = functional.dropout(x.new_ones(sequences, self.second.out_channels), self.dropout)
        return kept[owner] * present


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
        self.channels, self.gap = channels, kernel - 1
        self.receptive_field = receptive_field(levels, kernel)
        self.levels = nn.ModuleList(
            _Level(inputs if level == 0 else channels, channels, kernel, dropout) for level in range(levels)
        )

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """The state after every frame."""
        present = mask.unsqueeze(2).to(x.dtype)
        owner = torch.arange(len(x), device=x.device).unsqueeze(1).expand(mask.shape)
        h = x * present
        for exponent, level in enumerate(self.levels):
            h = level(h, present, owner, len(x), dilation=2**exponent)
        return h

    def last(self, x: Tensor, mask: Tensor) -> Tensor:
        """The state at the last frame of right-aligned sequences: padding, if any, comes *before* the first frame."""
        if x.shape[1] == 1:  # as of words, and where a batch has nothing of a modality
            return self.forward(x, mask)[:, 0]
        states, row = self._pyramid(x[:, -self.receptive_field :], mask[:, -self.receptive_field :])
        return states[row.last] * (row.lengths > 0).unsqueeze(1)

    def mean(self, x: Tensor, mask: Tensor) -> Tensor:
        r"""The mean of right-aligned sequences' states at every :math:`2^{L-1}`-th frame, counted back from the last.

        A state sees many more frames than lie between two of them, so every frame of the sequence takes part.
        """
        if x.shape[1] == 1:
            return self.forward(x, mask)[:, 0]
        states, row = self._pyramid(x, mask)
        total = states.new_zeros(len(x), self.channels).index_add(0, row.owner, states)
        return total / states.new_zeros(len(x), 1).index_add(0, row.owner, row.present).clamp(min=1)

    def _pyramid(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Row]:
        r"""States at every :math:`2^{L-1}`-th frame, counted back from the last, zero in gaps: [places, H]."""
        steps = torch.arange(mask.shape[1], 0, -1, device=mask.device)
        h, row = Row.of((mask * steps).amax(dim=1), self.gap).filled(x, mask)
        for exponent, level in enumerate(self.levels):
            if exponent:
                h, row = row.halved(h, self.gap)
            h = level(h, row.present, row.owner, len(x))
        return h, row


def _causal(convolution: nn.Conv1d, x: Tensor, dilation: int = 1) -> Tensor:
    """A convolution of [..., T, C] that sees the past only. A single frame sees itself: a dense layer, and quicker so.

    Frames stay one after the other in memory, each with its channels together, as they come: as an image of one row
    that is a layout which convolutions read without rearranging it, in half the time.
    """
    if x.shape[-2] == 1:
        return functional.linear(x, convolution.weight[:, :, -1], convolution.bias)
    past = dilation * (convolution.kernel_size[0] - 1)
    image = functional.pad(x, (0, 0, past, 0)).transpose(-1, -2).unsqueeze(-2)
    weight = convolution.weight.unsqueeze(2)
    if image.dim() == 3:
        image = image.unsqueeze(0)
    found = functional.conv2d(image, weight, convolution.bias, dilation=(1, dilation))
    return found.squeeze(-2).transpose(-1, -2).reshape(*x.shape[:-1], -1)
