"""An interview in other units than sentences: in windows of fixed length, or as a whole.

The frames of a modality's sentences are concatenated in time order, and cut into units. The result is a
`Batch` again, with units where sentences were, so whatever reads sentences reads units. A modality with one row a
sentence throughout an interview (text) is a sequence of rows; a window of it is one row.

Beside its frames a unit has the statistics of the sentences that its frames are from, each by its share of the frames.
The same shares say afterwards which sentences were read: `Units.on_sentences`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from smfl.nn.batch import Batch

MOST_WINDOWS = 96
"""Of an interview; of more, evenly spaced ones are read, so that attention between all of them stays affordable."""


@dataclass(frozen=True, eq=False)
class Units:
    """Interviews in units.

    Args:
        batch: units in place of sentences: U of them at most, N' with frames; it has no topics.
        shares: by modality [N', N]: which share of a unit's frames is from which sentence with frames.
        sentences: the batch that they are made from.
    """

    batch: Batch
    shares: Mapping[str, Tensor]
    sentences: Batch

    def on_sentences(self, name: str, weights: Tensor) -> Tensor:
        """Weights of a modality's units [B, U], as weights of its sentences [B, M]."""
        units, sentences = self.batch.slots[name], self.sentences.slots[name]
        each = weights[units[:, 0], units[:, 1]] @ self.shares[name]
        return weights.new_zeros(self.sentences.mask.shape).index_put((sentences[:, 0], sentences[:, 1]), each)


def into_units(batch: Batch, window: int | None) -> Units:
    """A batch's interviews in units.

    Args:
        batch: of sentences.
        window: frames; None to leave each interview whole.

    Example:
        >>> slots, there = torch.tensor([[0, 0], [0, 1]]), torch.tensor([[False, True, True], [True, True, True]])
        >>> frames = torch.arange(6.0).reshape(2, 3, 1)
        >>> batch = Batch({"audio": frames}, {"audio": there}, {"audio": torch.zeros(2, 0)}, {"audio": slots},
        ...               torch.ones(1, 2, dtype=torch.bool))
        >>> cut = into_units(batch, window=4)
        >>> cut.batch.frames["audio"][..., 0].tolist(), cut.batch.frame_mask["audio"][1].tolist()
        ([[1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 0.0, 5.0]], [False, False, False, True])
        >>> cut.on_sentences("audio", torch.tensor([[1.0, 0.0]])).tolist()
        [[0.5, 0.5]]
    """
    frames, masks, statistics, slots, shares = {}, {}, {}, {}, {}
    for name in batch.frames:
        frames[name], masks[name], slots[name], shares[name] = _cut(batch, name, window)
        statistics[name] = shares[name] @ batch.statistics[name]
    units = max([1, *(int(x[:, 1].max()) + 1 for x in slots.values() if len(x))])
    mask = torch.zeros(len(batch.mask), units, dtype=torch.bool, device=batch.mask.device)
    for x in slots.values():
        mask[x[:, 0], x[:, 1]] = True
    return Units(
        replace(batch, frames=frames, frame_mask=masks, statistics=statistics, slots=slots, mask=mask, topics={}),
        shares,
        batch,
    )


def _cut(batch: Batch, name: str, window: int | None) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """One modality: frames [N', W, D], their mask, slots [N', 2] and shares [N', N] of its units."""
    mask, slots = batch.frame_mask[name], batch.slots[name]
    if not len(slots):
        return batch.frames[name], mask, slots, slots.new_zeros((0, 0), dtype=batch.statistics[name].dtype)
    in_time = (slots[:, 0] * batch.mask.shape[1] + slots[:, 1]).argsort()
    values = batch.frames[name][in_time][mask[in_time]]  # [F, D]
    lengths = mask.sum(dim=1)
    row = in_time.repeat_interleave(lengths[in_time])  # [F], the sentence that each frame is from
    interview = slots[row, 0]
    count = torch.bincount(interview, minlength=len(batch.mask))
    place = torch.arange(len(row), device=row.device) - (count.cumsum(0) - count)[interview]
    if window is None:
        piece, size = torch.zeros_like(place), count
    else:
        rows = torch.zeros_like(count).scatter_reduce(0, slots[:, 0], lengths, "amax")  # most rows of a sentence
        size = torch.where(rows > 1, window, 1)
        piece = place // size[interview]
        pieces = -(-count // size)
        chosen, piece = _evenly(piece, pieces[interview])
        values, row, interview, piece, place = (x[chosen] for x in (values, row, interview, piece, place))
    units, unit = torch.unique(interview * (int(piece.max()) + 1) + piece, return_inverse=True)
    filled = torch.bincount(unit)
    widest = int(filled.max())
    first = torch.full_like(filled, len(place) + int(place.max())).scatter_reduce(0, unit, place, "amin")
    column = widest - filled[unit] + place - first[unit]  # aligned at the last frame
    frames = values.new_zeros(len(units), widest, values.shape[1])
    there = torch.zeros(len(units), widest, dtype=torch.bool, device=mask.device)
    frames[unit, column], there[unit, column] = values, True
    shares = values.new_zeros(len(units), len(slots))
    shares = shares.index_put((unit, row), values.new_ones(len(row)), accumulate=True) / filled.unsqueeze(1)
    return frames, there, torch.stack([units // (int(piece.max()) + 1), units % (int(piece.max()) + 1)], dim=1), shares


def _evenly(piece: Tensor, pieces: Tensor) -> tuple[Tensor, Tensor]:
    """Which frames are in the pieces that are read, at most `MOST_WINDOWS` of an interview, and their new numbers."""
    many = pieces > MOST_WINDOWS
    number = torch.where(many, piece * MOST_WINDOWS // pieces, piece)
    before = torch.where(many, (piece - 1) * MOST_WINDOWS // pieces, piece - 1)
    return (number > before) | (piece == 0), number
