"""From a prepared folder to a model folder, and from that to a prediction that says how far it can be trusted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import smfl
from smfl.features import Modality, Prepared, Schema, SentenceFeatures
from smfl.features.fit_columns import check_fit, fitted_to
from smfl.features.store import finish, write_interview
from smfl.interview import CallError, FeatureError
from smfl.pipeline.predict import predict
from smfl.pipeline.prepare import prepare
from smfl.pipeline.train import TRAINING, train
from smfl.simulation import simulate
from smfl.training.evidence import MOST_POINTS, signals_of
from smfl.training.uncertainty import interval, reason_to_abstain


@pytest.fixture(scope="session")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Three people that the model hasn't seen; the names are the training people's, the corpus isn't."""
    corpus = simulate("manifest", tmp_path_factory.mktemp("others"), participants=3, minutes=0.5, seed=9)
    text = (corpus / "corpus.toml").read_text().replace('name = "simulated-global"', 'name = "strangers"')
    (corpus / "corpus.toml").write_text(text)
    return prepare(corpus, tmp_path_factory.mktemp("strangers"), modalities=("video", "audio"))


def rewritten(data: Prepared, out: Path, change: Any, schema: Schema | None = None) -> Prepared:
    """The same interviews with changed features."""
    for i in range(len(data)):
        write_interview(out, change(data[i]), label=None, facts={}, ledger=(), fingerprint="changed")
    return finish(out, schema or data.schema, data.table["interview"].tolist())


def test_a_model_folder_holds_what_the_contract_says(model: Path, made: Prepared) -> None:
    assert {p.name for p in model.iterdir()} == {
        "config.json",
        "files.json",
        "model.safetensors",
        "schema.json",
        "README.md",
        TRAINING,
    }
    fitted = smfl.load_model(model)
    assert fitted.facts_["interviews"] == 12
    assert fitted.facts_["depressed"] == int(made.labels.sum())
    assert fitted.facts_["simulated"] is True
    document = json.loads((model / TRAINING).read_text())
    assert len(document["participants"]) == 12
    assert len(document["validation"]["labels"]) == len(document["validation"]["probabilities"]) > 0
    assert "sim-0001" not in (model / TRAINING).read_text()


def test_what_is_trained_predicts_the_same_once_loaded(model: Path, made: Prepared) -> None:
    again = train(made, model.parent / "again", members=2, epochs=2)
    np.testing.assert_array_equal(again.predict_proba(made), smfl.load_model(model).predict_proba(made))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": "smlf"}, "unknown model 'smlf'; did you mean 'smfl'"),
        ({"model": "majority"}, "majority is for comparison only and has no model folder"),
        ({"modalities": ["vidoe"]}, "did you mean 'video'"),
        ({"recipe": "papr"}, "did you mean 'paper'"),
    ],
)
def test_a_wrong_call_is_told(made: Prepared, tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(CallError, match=message):
        train(made, tmp_path, progress=lambda *_: None, **options)


def test_progress_counts_epochs_of_all_members(made: Prepared, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    train(made, tmp_path, members=2, epochs=2, progress=lambda done, total, _: told.append((done, total)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_predictions_are_what_the_contract_says(model: Path, strangers: Prepared, tmp_path: Path) -> None:
    predictions = predict(model, strangers, tmp_path)
    documents = json.loads((tmp_path / "prediction.json").read_text())
    assert [d["interview"] for d in documents] == strangers.table["interview"].tolist()
    fitted = smfl.load_model(model)
    for one, document, said in zip(strangers, documents, predictions, strict=True):
        members = fitted.predict_members([one])[:, 0]
        assert document["probability"] == said.probability == pytest.approx(members.mean())
        assert 0 <= document["interval"][0] <= document["probability"] <= document["interval"][1] <= 1
        assert document["interval_method"] == "Venn–Abers over 12 people outside the fit"
        assert document["model"]["simulated"] is True
        assert "12 interviews of 12 participants" in document["model"]["trained_on"]
        assert "made-up people" in document["warnings"][0]
        assert sum(s["weight"] for s in document["sentences"]) == pytest.approx(1)
        assert [s["index"] for s in document["sentences"]] == list(range(len(one)))
        assert set(document["sentences"][0]["weights"]) == {"video", "audio"}
        assert document["modalities"]["audio"]["coverage"] == 1.0


def test_a_contribution_is_what_leaving_the_sentence_out_does(model: Path, strangers: Prepared, tmp_path: Path) -> None:
    [prediction, *_] = predict(model, strangers, tmp_path)
    fitted, one = smfl.load_model(model), strangers[0]

    def odds(features: SentenceFeatures) -> float:
        p = fitted.predict_members([features])[:, 0]
        return float(np.mean(np.log(p / (1 - p))))

    assert any(abs(row["contribution"]) > 0.01 for row in prediction.sentences)
    without = one.keep(np.arange(1, len(one)))
    assert prediction.sentences[0]["contribution"] == pytest.approx(odds(one) - odds(without), abs=1e-5)


def test_signals_are_few_points_in_their_sentences(model: Path, strangers: Prepared, tmp_path: Path) -> None:
    [prediction, *_] = predict(model, strangers, tmp_path)
    assert set(prediction.signals) >= {"F0semitoneFrom27.5Hz_sma3nz", "proxy_smile", "pose_Rx"}
    for signal in prediction.signals.values():
        assert len(signal["times"]) == len(signal["values"]) <= MOST_POINTS
        assert signal["times"] == sorted(signal["times"])
    spans = strangers[0].times
    loud = prediction.signals["Loudness_sma3"]
    inside = [t for t, v in zip(loud["times"], loud["values"], strict=True) if v is not None]
    assert all(((spans[:, 0] <= t) & (t <= spans[:, 1])).any() for t in inside)


def test_a_long_interview_has_no_more_points() -> None:
    n = 700
    one = SentenceFeatures(
        "a", "a", {"audio": np.arange(n * 5, dtype="f4")[:, None]}, {"audio": np.arange(n + 1) * 5},
        np.stack([np.arange(n), np.arange(n) + 0.5], axis=1).astype(float), ("x",) * n,
    )  # fmt: skip
    schema = Schema({"audio": Modality(("Loudness_sma3",), "frame", 10.0, "voice-lld")})
    assert 0 < len(signals_of(one, schema)["Loudness_sma3"]["times"]) <= MOST_POINTS


def test_a_training_participant_is_recognised(model: Path, made: Prepared, tmp_path: Path) -> None:
    [prediction] = predict(model, made[[0]], tmp_path)
    assert any("trained on this very participant" in warning for warning in prediction.warnings)
    assert isinstance(json.loads((tmp_path / "prediction.json").read_text()), dict)


def test_strangers_are_not_taken_for_training_participants(model: Path, strangers: Prepared, tmp_path: Path) -> None:
    for prediction in predict(model, strangers, tmp_path):
        assert not any("very participant" in warning for warning in prediction.warnings)


def test_one_member_has_an_interval_from_people_outside_the_fit(
    made: Prepared, strangers: Prepared, tmp_path: Path
) -> None:
    train(made, tmp_path / "model", members=1, epochs=2)
    for prediction in predict(tmp_path / "model", strangers, tmp_path / "out"):
        assert prediction.interval is not None
        low, high = prediction.interval
        assert 0 <= low <= prediction.probability <= high <= 1
        assert prediction.interval_method.startswith("Venn–Abers over ")


def test_a_model_from_elsewhere_goes_without(model: Path, strangers: Prepared, tmp_path: Path) -> None:
    fitted = smfl.load_model(model)
    elsewhere = smfl.save_model(fitted, tmp_path / "model", schema=fitted.schema_, facts=fitted.facts_)
    assert len(predict(elsewhere, strangers, tmp_path / "out")) == 3
    assert interval(np.array([0.3]), None) == (None, "none: nobody outside the fit to calibrate on")


def test_too_few_sentences_or_modalities_are_a_reason_to_abstain(
    model: Path, strangers: Prepared, tmp_path: Path
) -> None:
    short = rewritten(strangers, tmp_path / "short", lambda one: one.keep([0, 1]))
    assert {p.abstain_reason for p in predict(model, short, tmp_path / "a")} == {"2 sentences: at least 3 are needed"}
    one = strangers[0]
    assert reason_to_abstain(one, ["video", "audio"]) is None
    assert reason_to_abstain(one, ["video", "audio", "x"]) is None
    reason = reason_to_abstain(one, ["audio", "x", "y"])
    assert reason == ("too little of what the model reads is there: audio in 100%, x in 0%, y in 0% of the sentences")


def test_a_missing_modality_is_a_warning(model: Path, strangers: Prepared, tmp_path: Path) -> None:
    def without_video(one: SentenceFeatures) -> SentenceFeatures:
        return replace(one, values={"audio": one.values["audio"]}, offsets={"audio": one.offsets["audio"]})

    deaf = rewritten(strangers, tmp_path / "novideo", without_video)
    for prediction in predict(model, deaf, tmp_path / "out"):
        assert "There is no video: the model goes without it." in prediction.warnings
        assert prediction.modalities["video"] == {"coverage": 0.0}
        assert not prediction.abstain


def test_features_that_do_not_fit_are_refused_by_name(model: Path, strangers: Prepared, tmp_path: Path) -> None:
    audio = strangers.schema.modalities["audio"]
    fewer = replace(strangers.schema, modalities={"audio": replace(audio, columns=audio.columns[:-1])})

    def narrowed(one: SentenceFeatures) -> SentenceFeatures:
        return replace(one, values={"audio": one.values["audio"][:, :-1]}, offsets={"audio": one.offsets["audio"]})

    narrow = rewritten(strangers, tmp_path / "narrow", narrowed, fewer)
    with pytest.raises(FeatureError) as fault:
        predict(model, narrow, tmp_path / "out")
    assert f"audio: the model needs the column '{audio.columns[-1]}', which isn't there" in str(fault.value)
    assert "Prepare with what the model was trained on" in str(fault.value)
    assert not (tmp_path / "out" / "prediction.json").exists()


def test_nothing_in_common_is_refused() -> None:
    ours = Schema({"audio": Modality(("x",), "frame", 10.0, "voice-lld")})
    theirs = Schema({"text": Modality(("t",), "sentence", None, "text-minilm")})
    with pytest.raises(FeatureError, match="the model reads audio; there is only text"):
        check_fit(ours, theirs, where="visit.mp4")


def test_other_orders_more_columns_and_faster_frames_give_the_same_numbers(
    model: Path, strangers: Prepared, tmp_path: Path
) -> None:
    """Each frame five times as often, columns reversed beside an unknown one: the model reads what it knows."""
    audio = strangers.schema.modalities["audio"]
    assert audio.rate_hz is not None
    other = replace(audio, columns=("unknown", *reversed(audio.columns)), rate_hz=5 * audio.rate_hz)
    schema = replace(strangers.schema, modalities={**strangers.schema.modalities, "audio": other})

    def faster(one: SentenceFeatures) -> SentenceFeatures:
        values = np.repeat(one.values["audio"][:, ::-1], 5, axis=0)
        values = np.concatenate([np.full((len(values), 1), 9, "f4"), values], axis=1)
        return replace(
            one, values={**one.values, "audio": values}, offsets={**one.offsets, "audio": one.offsets["audio"] * 5}
        )

    changed = rewritten(strangers, tmp_path / "changed", faster, schema)
    check_fit(strangers.schema, changed.schema, where="here")
    back = fitted_to(strangers.schema, changed.schema, changed[0])
    np.testing.assert_array_equal(back.values["audio"], strangers[0].values["audio"])
    assert back.rates == strangers[0].rates
    before = [p.probability for p in predict(model, strangers, tmp_path / "one")]
    assert [p.probability for p in predict(model, changed, tmp_path / "two")] == before
