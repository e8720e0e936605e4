"""What a sceptic asks of the network: padding, missing, causality, gradients, weights."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
import torch
from tests.nn.conftest import STATISTICS, TOPICS, WIDTHS, MakeBatch

from smfl.nn import TCN, Composition, LinearEvidence, Network, Output, SentenceEncoder
from smfl.nn.evidence import NEIGHBOURS

SMFL = Composition()
BARE = Composition(
    cmjat=False, cross_attention=False, fused=False, recurrence="", self_attention=False, context_levels=0,
    pooling_heads=0,
)  # fmt: skip
PARTS = {
    "smfl": SMFL,
    "mmfl-ca": Composition(cmjat=False),
    "mmfl": Composition(cmjat=False, cross_attention=False),
    "no fused sequence": Composition(cmjat=False, cross_attention=False, fused=False),
    "lstm encoder": Composition(encoder="lstm"),
    "audio weak too": Composition(weak=("video", "audio")),
    "mean of sentence vectors": BARE,
    "residual, two heads": Composition(residual=True, pooling_heads=2),
    "with a linear path": Composition(linear=True),
    "whole interviews": replace(BARE, units="interview"),
    "windows, one sequence": replace(BARE, units="window", window=4, encoder="mean", transformer="joint"),
    "crossmodal, the last state": replace(BARE, transformer="crossmodal", layers=1, readout="last"),
    "fused only, the last state": replace(BARE, alone=False, fused=True, context_levels=2, readout="last"),
    "tensor": replace(BARE, encoder="mean", fusion="tensor"),
    "low-rank": replace(BARE, encoder="mean", fusion="low-rank"),
    "both directions, GRU": replace(BARE, recurrence="bigru", residual=True, pooling_heads=1),
    "both directions, LSTM": replace(BARE, recurrence="bilstm"),
}  # fmt: skip
RAGGED = {
    "video": [[5, 0, 12], [3]],
    "audio": [[9, 4, 0], [0]],
    "text": [[1, 1, 1], [1]],
}


def network(composition: Composition) -> Network:
    torch.manual_seed(0)
    made = Network(WIDTHS, STATISTICS, composition, TOPICS)
    if made.linear is not None:  # it starts from a closed form, never from zero
        for parameter in made.linear.parameters():
            torch.nn.init.uniform_(parameter, 0.1, 1.0)
    return made


def take(output: Output, interview: int, sentences: int) -> list[torch.Tensor]:
    return [
        output.logits[interview],
        *(each[interview] for each in output.auxiliary),
        output.sentence_weights[interview, :sentences],
        *(each[interview, :sentences] for each in output.modality_weights.values()),
    ]


@pytest.mark.parametrize("composition", PARTS.values(), ids=PARTS.keys())
def test_padding_never_reaches_an_answer(composition: Composition, make_batch: MakeBatch) -> None:
    """The same interview alone, or in a batch beside longer ones with longer sentences, to 1e-5."""
    net = network(composition).eval()
    padded = net(make_batch(RAGGED, more_frames=40, more_sentences=6))
    tight = net(make_batch(RAGGED))
    for i, sentences in enumerate((3, 1)):
        for a, b in zip(take(padded, i, sentences), take(tight, i, sentences), strict=True):
            torch.testing.assert_close(a, b, atol=1e-5, rtol=0)
    single = net(make_batch({name: each[:1] for name, each in RAGGED.items()}))
    for a, b in zip(take(padded, 0, 3), take(single, 0, 3), strict=True):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=0)


@pytest.mark.parametrize("composition", PARTS.values(), ids=PARTS.keys())
def test_every_parameter_learns(composition: Composition, make_batch: MakeBatch) -> None:
    net = network(composition).train()
    batch = make_batch({name: [[20, 9, 4, 8], [0, 0, 0, 0], [7, 3]] for name in WIDTHS} | {
        "text": [[2, 1, 1, 1], [0, 1, 0, 1], [0, 0]], "video": [[20, 0, 4, 8], [30, 3, 3, 2], [0, 0]],
    })  # fmt: skip
    reached = dict.fromkeys(dict(net.named_parameters()), False)
    for _ in range(8):  # dropout may silence a small part in one pass
        net.zero_grad()
        out = net(batch)
        (out.logits.logsumexp(1).sum() + sum(each.logsumexp(1).sum() for each in out.auxiliary)).backward()
        for name, parameter in net.named_parameters():
            assert parameter.grad is None or torch.isfinite(parameter.grad).all(), name
            reached[name] |= parameter.grad is not None and bool((parameter.grad != 0).any())
    assert [name for name, there in reached.items() if not there] == []


def test_the_sentence_weights_are_shares(make_batch: MakeBatch) -> None:
    out = network(SMFL).eval()(make_batch(RAGGED))
    torch.testing.assert_close(out.sentence_weights.sum(1), torch.ones(2))
    assert set(out.modality_weights) == set(WIDTHS)
    assert (out.modality_weights["video"][0, 1] == 0).all()  # the face was lost in that sentence
    assert (out.modality_weights["audio"][1] == 0).all()  # no voice in the whole interview


@pytest.mark.parametrize("parts", [replace(SMFL, linear=True), SMFL], ids=["with a line", "without"])
def test_logits_alone_are_those_of_the_whole(parts: Composition, make_batch: MakeBatch) -> None:
    """Also where the deep path's last layer is zero, so that only the line has something to say."""
    net, batch = network(parts).eval(), make_batch(RAGGED)
    torch.testing.assert_close(net.logits(batch), net(batch).logits)
    torch.nn.init.zeros_(net.head.weight)
    if net.linear is not None:
        torch.nn.init.normal_(net.linear.average["text"])
    torch.testing.assert_close(net.logits(batch), net(batch).logits)
    assert len(net.logits(batch).unique()) > 1


def test_a_missing_modality_is_not_a_zero(make_batch: MakeBatch) -> None:
    """Missing differs from present with values of zero, and its number doesn't depend on what stands in the padding."""
    net = network(SMFL).eval()
    missing = make_batch({"video": [[0, 0]], "audio": [[4, 4]], "text": [[1, 1]]})
    there = make_batch({"video": [[4, 4]], "audio": [[4, 4]], "text": [[1, 1]]})
    there.frames["video"].zero_()
    assert not torch.allclose(net(missing).logits, net(there).logits)


def test_the_tcn_is_causal_and_sees_249_frames() -> None:
    torch.manual_seed(0)
    tcn = TCN(3, 12).eval()
    assert tcn.receptive_field == 249
    x = torch.randn(1, 400, 3, requires_grad=True)
    states = tcn(x, torch.ones(1, 400, dtype=torch.bool))
    (gradient,) = torch.autograd.grad(states[0, 300].sum(), x)
    touched = torch.nonzero(gradient[0].abs().sum(1)).ravel()
    assert touched.max() == 300  # nothing of the future
    assert touched.min() >= 300 - 248  # nothing before the receptive field


@pytest.mark.parametrize("length", [1, 2, 31, 248, 249, 250, 700])
@pytest.mark.parametrize(("levels", "kernel"), list(itertools.product((1, 3, 5), (3, 5))))
def test_the_pyramid_equals_the_dilated_convolutions(length: int, levels: int, kernel: int) -> None:
    torch.manual_seed(length)
    tcn = TCN(4, 6, levels, kernel).eval()
    x, mask = torch.randn(2, length, 4), torch.ones(2, length, dtype=torch.bool)
    torch.testing.assert_close(tcn.last(x, mask), tcn(x, mask)[:, -1], atol=1e-5, rtol=1e-5)
    mask[0, : length // 3] = False
    alone = tcn(x[:1, length // 3 :], mask[:1, length // 3 :])
    torch.testing.assert_close(tcn.last(x, mask)[:1], alone[:, -1], atol=1e-5, rtol=1e-5)


def test_sentences_of_all_lengths_give_what_each_gives_alone() -> None:
    torch.manual_seed(0)
    tcn = TCN(4, 6, levels=3).eval()
    lengths = [57, 1, 28, 29, 14, 15, 7, 8, 3, 57, 0]
    x = torch.randn(len(lengths), 57, 4)
    mask = torch.arange(57) >= 57 - torch.tensor(lengths)[:, None]
    together = tcn.last(x, mask)
    for row, length in enumerate(lengths[:-1]):
        alone = tcn(x[row : row + 1, 57 - length :], mask[row : row + 1, 57 - length :])[:, -1]
        torch.testing.assert_close(together[row : row + 1], alone, atol=1e-5, rtol=1e-5)
    assert together.isfinite().all()


@pytest.mark.parametrize("lengths", [[90, 3, 0, 17, 64], [5], [1, 1], []])
def test_the_mean_is_that_of_every_last_levels_frames(lengths: list[int]) -> None:
    """Of a sequence without frames it is zero; a batch without sequences has none."""
    torch.manual_seed(0)
    tcn = TCN(4, 6, levels=3, dropout=0.5).eval()
    longest = max(lengths, default=1)
    x, mask = torch.randn(len(lengths), longest, 4), torch.arange(longest) >= longest - torch.tensor(lengths)[:, None]
    spans = [slice(longest - max(n, 1), None) for n in lengths]
    alone = [tcn(x[i : i + 1, own], mask[i : i + 1, own])[0] for i, own in enumerate(spans)]
    every = [states[(len(states) - 1) % 4 :: 4].mean(0) for states in alone]
    torch.testing.assert_close(tcn.mean(x, mask), torch.stack(every) if every else torch.zeros(0, 6), atol=1e-5, rtol=0)
    assert tcn.train().mean(x, mask).shape == tcn.last(x, mask).shape == (len(lengths), 6)


def test_encoders_ignore_the_padding_before_a_sentence() -> None:
    for kind in ("tcn", "lstm"):
        torch.manual_seed(0)
        encoder = SentenceEncoder(4, kind=kind).eval()
        x, mask = torch.randn(1, 30, 4), torch.ones(1, 30, dtype=torch.bool)
        longer = torch.cat([torch.full((1, 50, 4), 1e3), x], dim=1)
        there = torch.cat([torch.zeros(1, 50, dtype=torch.bool), mask], dim=1)
        torch.testing.assert_close(encoder(longer, there), encoder(x, mask), atol=1e-5, rtol=0)


@pytest.mark.parametrize("parts", [BARE, replace(BARE, readout="last"), replace(BARE, units="interview"),
                                   replace(BARE, units="window", window=4), Composition(cmjat=False)])  # fmt: skip
def test_weights_stand_on_sentences_that_are_there(parts: Composition, make_batch: MakeBatch) -> None:
    out = network(parts).eval()(make_batch(RAGGED))
    torch.testing.assert_close(out.sentence_weights.sum(1), torch.ones(2))
    assert out.sentence_weights.shape == (2, 3)
    for name, each in RAGGED.items():
        there = torch.tensor([[i < len(lengths) and lengths[i] > 0 for i in range(3)] for lengths in each])
        assert (out.modality_weights[name][~there] == 0).all()
        present = there.any(dim=1)
        torch.testing.assert_close(out.modality_weights[name].sum(1)[present], torch.ones(int(present.sum())))


def test_permutation_changes_training_only(make_batch: MakeBatch) -> None:
    net = network(Composition(dropout=0.0)).eval()
    batch = make_batch({name: [[9, 5, 3, 7, 2, 6]] for name in ("video", "audio")} | {"text": [[1] * 6]})
    torch.testing.assert_close(net(batch).logits, net(batch).logits)
    for module in net.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    net.train()
    torch.manual_seed(1)
    assert len({round(float(net(batch).logits[0, 0].detach()), 6) for _ in range(6)}) > 1


def test_a_gate_opens_by_topic_against_the_persons_other_sentences() -> None:
    """Signs count where the gate is open, against the rest; no words, no gate."""
    evidence = LinearEvidence({"text": 2, "video": 2}, strong="text", topics=(1, 2))
    with torch.no_grad():
        evidence.gate.copy_(torch.tensor([[1.0, -5.0]]))  # a negative gate is a closed one
        evidence.signs["video"].fill_(1.0)
    text = torch.tensor([[0, 0], [0, 1], [1, 0]])
    video = torch.tensor([[0, 0], [0, 1], [1, 0], [1, 1]])
    mask = torch.ones(2, 2, dtype=torch.bool)
    gates = evidence.gates(torch.tensor([[0], [1], [0]]), text, mask)
    half = (1 - NEIGHBOURS) / 2  # an open gate opens the one beside it a little
    torch.testing.assert_close(gates, torch.tensor([[half, -half], [0.0, 0.0]]))
    statistics = {"text": torch.zeros(3, 2), "video": torch.tensor([[9.0, 3.0], [9.0, 1.0], [9.0, 7.0], [9.0, 2.0]])}
    odds = evidence(statistics, {"text": text, "video": video}, mask, {"text": torch.tensor([[0], [1], [0]])})
    torch.testing.assert_close(odds, torch.tensor([(half * 3 - half * 1) / 2**0.5, 0.0]))
