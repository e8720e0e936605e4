"""Interviews cut otherwise than into sentences: nothing is lost, nothing read twice, and rows may come in any order."""

from __future__ import annotations

import itertools
from dataclasses import replace

import torch
from tests.nn.conftest import MakeBatch

from smfl.nn import TCN, Batch, into_units
from smfl.nn.units import MOST_WINDOWS

RAGGED = {"video": [[5, 0, 12], [3]], "audio": [[9, 4, 0], [0]], "text": [[1, 1, 1], [1]]}


def frames_of(batch: Batch, name: str, interview: int) -> torch.Tensor:
    """All frames of an interview in time order, [F, D]."""
    rows = [row for row, (b, _) in enumerate(batch.slots[name].tolist()) if b == interview]
    rows.sort(key=lambda row: int(batch.slots[name][row, 1]))
    return torch.cat([batch.frames[name][row][batch.frame_mask[name][row]] for row in rows] or [torch.zeros(0)])


def test_every_frame_is_in_one_unit_in_order(make_batch: MakeBatch) -> None:
    batch = make_batch(RAGGED)
    for window in (None, 4):
        cut = into_units(batch, window)
        for name in RAGGED:
            for interview in range(2):
                torch.testing.assert_close(
                    frames_of(cut.batch, name, interview), frames_of(batch, name, interview), atol=0, rtol=0
                )
    assert cut.batch.frame_mask["video"].sum(1).tolist() == [4, 4, 4, 4, 1, 3]
    assert cut.batch.slots["text"].tolist() == [[0, 0], [0, 1], [0, 2], [1, 0]]  # a row a sentence: a row a window
    assert cut.batch.mask.tolist() == [[True] * 5, [True] + [False] * 4]


def test_rows_may_come_in_any_order(make_batch: MakeBatch) -> None:
    batch = make_batch(RAGGED)
    turned = replace(
        batch,
        **{
            part: {name: x.flip(0) for name, x in getattr(batch, part).items()}
            for part in ("frames", "frame_mask", "statistics", "slots", "topics")
        },
    )
    for name in RAGGED:
        one, other = into_units(batch, 4).batch, into_units(turned, 4).batch
        torch.testing.assert_close(one.frames[name], other.frames[name])
        torch.testing.assert_close(one.statistics[name], other.statistics[name])


def test_statistics_and_weights_go_by_shares_of_frames(make_batch: MakeBatch) -> None:
    batch = make_batch(RAGGED)
    cut = into_units(batch, None)
    own = batch.statistics["audio"][:2]
    torch.testing.assert_close(cut.batch.statistics["audio"][0], (9 * own[0] + 4 * own[1]) / 13)
    told = cut.on_sentences("audio", torch.ones(2, 1))
    torch.testing.assert_close(told, torch.tensor([[9 / 13, 4 / 13, 0], [0, 0, 0]]))


def test_of_many_windows_evenly_spaced_ones_are_read(make_batch: MakeBatch) -> None:
    frames = 2 * MOST_WINDOWS * 3 + 1
    cut = into_units(make_batch({"audio": [[frames], [5]]}), 3)
    slots = cut.batch.slots["audio"]
    assert slots[slots[:, 0] == 0, 1].tolist() == list(range(MOST_WINDOWS))
    assert slots[slots[:, 0] == 1, 1].tolist() == [0, 1]
    batch = make_batch({"audio": [[frames], [5]]})
    place = {tuple(x.tolist()): i for i, x in enumerate(frames_of(batch, "audio", 0))}
    starts = [place[tuple(cut.batch.frames["audio"][u, 0].tolist())] for u in range(MOST_WINDOWS)]
    steps = {b - a for a, b in itertools.pairwise(starts)}
    assert steps <= {6, 9}


def test_every_frame_moves_the_mean_of_a_tcn() -> None:
    torch.manual_seed(0)
    tcn = TCN(3, 12, levels=4).eval()
    x = torch.randn(1, 500, 3, requires_grad=True)
    (gradient,) = torch.autograd.grad(tcn.mean(x, torch.ones(1, 500, dtype=torch.bool)).sum(), x)
    assert (gradient[0].abs().sum(1) > 0).all()
    states = tcn(x, torch.ones(1, 500, dtype=torch.bool))
    torch.testing.assert_close(tcn.mean(x, torch.ones(1, 500, dtype=torch.bool)), states[:, 3::8].mean(dim=1))
