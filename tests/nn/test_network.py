"""What a sceptic asks of the network: padding, missing, causality, gradients, weights."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest
import torch
from tests.nn.conftest import STATISTICS, TOPICS, WIDTHS, MakeBatch
from torch import nn

from smfl.nn import SMFL, TCN, BesideLine, LinearEvidence, NetworkModel, Output, SentenceEncoder, SMFLSettings, Widths
from smfl.nn.evidence import NEIGHBOURS
from smfl.nn.smfl import WHOLE
from smfl.training.models import network_named

SIZES = Widths(WIDTHS, STATISTICS, TOPICS)
NAMES = (
    "smfl", "mmfl-ca", "mmfl", "tcn-lstm-sa", "lstm-sa-ca", "tcn-sa", "tcn-sentence", "tcn-sentence-lstm", "tcn-all",
    "c-cnn", "zou-2022", "tfn", "lmf", "mult", "bigru-attention",
)  # fmt: skip
VARIANTS: dict[str, tuple[NetworkModel, dict[str, Any]]] = {
    **{name: (network_named(name), {}) for name in NAMES},
    "window": (network_named("window"), {"window": 4}),
    "audio weak too": (network_named("smfl"), {"weak": ("video", "audio")}),
    "residual around the LSTM": (network_named("smfl"), {"residual": True}),
    "residual, both directions": (network_named("bigru-attention"), {"residual": True}),
}
ALL = [pytest.param(replace(model.settings, **changes), model, id=name) for name, (model, changes) in VARIANTS.items()]
every_network = pytest.mark.parametrize(("settings", "model"), ALL)
RAGGED = {
    "video": [[5, 0, 12], [3]],
    "audio": [[9, 4, 0], [0]],
    "text": [[1, 1, 1], [1]],
}


def network(settings: Any = WHOLE, model: NetworkModel | None = None) -> nn.Module:
    torch.manual_seed(0)
    return (SMFL if model is None else model.network)(SIZES, settings)


def beside_a_line() -> BesideLine:
    made = BesideLine(network(), LinearEvidence(STATISTICS, "text", TOPICS))
    for parameter in made.linear.parameters():  # it starts from a closed form, never from zero
        torch.nn.init.uniform_(parameter, 0.1, 1.0)
    return made


def take(output: Output, interview: int, sentences: int) -> list[torch.Tensor]:
    return [
        output.logits[interview],
        *(each[interview] for each in output.auxiliary),
        output.sentence_weights[interview, :sentences],
        *(each[interview, :sentences] for each in output.modality_weights.values()),
    ]


@every_network
def test_padding_never_reaches_an_answer(settings: Any, model: NetworkModel, make_batch: MakeBatch) -> None:
    """The same interview alone, or in a batch beside longer ones with longer sentences, to 1e-5."""
    check_padding(network(settings, model), make_batch)


def test_padding_never_reaches_an_answer_of_the_line(make_batch: MakeBatch) -> None:
    check_padding(beside_a_line(), make_batch)


def check_padding(net: nn.Module, make_batch: MakeBatch) -> None:
    net.eval()
    padded = net(make_batch(RAGGED, more_frames=40, more_sentences=6))
    tight = net(make_batch(RAGGED))
    for i, sentences in enumerate((3, 1)):
        for a, b in zip(take(padded, i, sentences), take(tight, i, sentences), strict=True):
            torch.testing.assert_close(a, b, atol=1e-5, rtol=0)
    single = net(make_batch({name: each[:1] for name, each in RAGGED.items()}))
    for a, b in zip(take(padded, 0, 3), take(single, 0, 3), strict=True):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=0)


@every_network
def test_every_parameter_learns(settings: Any, model: NetworkModel, make_batch: MakeBatch) -> None:
    check_gradients(network(settings, model), make_batch)


def test_every_parameter_of_the_line_learns(make_batch: MakeBatch) -> None:
    check_gradients(beside_a_line(), make_batch)


def check_gradients(net: nn.Module, make_batch: MakeBatch) -> None:
    net.train()
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
    out = network().eval()(make_batch(RAGGED))
    torch.testing.assert_close(out.sentence_weights.sum(1), torch.ones(2))
    assert set(out.modality_weights) == set(WIDTHS)
    assert (out.modality_weights["video"][0, 1] == 0).all()  # the face was lost in that sentence
    assert (out.modality_weights["audio"][1] == 0).all()  # no voice in the whole interview


def test_logits_alone_are_those_of_the_whole(make_batch: MakeBatch) -> None:
    """Also where the network's last layer is zero, so that there is only the line."""
    net, batch = beside_a_line().eval(), make_batch(RAGGED)
    torch.testing.assert_close(net.logits(batch), net(batch).logits)
    net.start_at_line()
    torch.testing.assert_close(net.logits(batch), net(batch).logits)
    assert len(net.logits(batch).unique()) > 1


def test_a_missing_modality_is_not_a_zero(make_batch: MakeBatch) -> None:
    """Missing differs from present with values of zero, and its number doesn't depend on what stands in the padding."""
    net = network().eval()
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


@every_network
def test_weights_stand_on_sentences_that_are_there(settings: Any, model: NetworkModel, make_batch: MakeBatch) -> None:
    out = network(settings, model).eval()(make_batch(RAGGED))
    torch.testing.assert_close(out.sentence_weights.sum(1), torch.ones(2))
    assert out.sentence_weights.shape == (2, 3)
    for name, each in RAGGED.items():
        present = torch.tensor([[i < len(lengths) and lengths[i] > 0 for i in range(3)] for lengths in each])
        assert (out.modality_weights[name][~present] == 0).all()
        anywhere = present.any(dim=1)
        total = out.modality_weights[name].sum(1)[anywhere]
        if model.name != "c-cnn":  # its weight is on the last sentence, which may lack a modality
            torch.testing.assert_close(total, torch.ones(int(anywhere.sum())))


def test_permutation_changes_training_only(make_batch: MakeBatch) -> None:
    net = network(replace(WHOLE, dropout=0.0)).eval()
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


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"encoder": "cnn"}, "encoder is 'cnn'; it is tcn or lstm"),
        ({"fused": False}, "queries from the fused sequence"),
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SMFLSettings(**wrong)
