"""Strong and weak: found where they are planted, kept on disk, and told where they are wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.base import clone

from smfl.features import Schema, SentenceFeatures
from smfl.interview import CallError
from smfl.nn import SMFLSettings
from smfl.training import SMFLClassifier, load_model, save_model
from smfl.training.selection.modality_roles import ModalityRoles, decide_roles

Make = Callable[..., tuple[list[SentenceFeatures], np.ndarray]]
QUICK = {"epochs": 3, "members": 2}
AUTO = {"strong": "auto", "weak": "auto"}
OWN = ModalityRoles.of_settings(SMFLSettings())


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def planted(
    make_cohort: Make, effects: dict[str, float], people: int = 40
) -> tuple[list[SentenceFeatures], np.ndarray]:
    """People without any sign, and signs of these sizes added to the first column of each modality."""
    made, labels = make_cohort(people, effect=0.0)
    found = []
    for one, label in zip(made, labels, strict=True):
        values = {name: rows.copy() for name, rows in one.values.items()}
        for name, effect in effects.items():
            values[name][:, 0] += effect * label
        found.append(replace(one, values=values))
    return found, labels


def without(one: SentenceFeatures, name: str) -> SentenceFeatures:
    return replace(
        one,
        values={key: rows for key, rows in one.values.items() if key != name},
        offsets={key: rows for key, rows in one.offsets.items() if key != name},
    )


@pytest.mark.parametrize(("strong", "weak"), [("audio", "text"), ("video", "audio"), ("text", "video")])
def test_auto_finds_the_planted_ones(strong: str, weak: str, make_cohort: Make) -> None:
    (middle,) = {"audio", "video", "text"} - {strong, weak}
    people, labels = planted(make_cohort, {strong: 3.0, middle: 1.2, weak: 0.0})
    fitted = SMFLClassifier(**QUICK, **AUTO).fit(people, labels)
    assert (fitted.strong_, fitted.weak_) == (strong, (weak,)), fitted.unimodal_scores_
    assert fitted.unimodal_scores_[strong] > 0.9 > fitted.unimodal_scores_[weak]
    assert set(fitted.networks_[0].network.cmjat) == {weak}
    assert fitted.networks_[0].linear.strong == strong
    assert fitted.inputs_.words == strong
    assert fitted.choices_["strong"] == strong


def test_the_same_people_and_seed_give_the_same_choice(make_cohort: Make) -> None:
    people, labels = planted(make_cohort, {"audio": 1.0, "video": 1.0}, people=30)
    first, second = (SMFLClassifier(seed=2, **QUICK, **AUTO).fit(people, labels) for _ in range(2))
    assert first.choices_ == second.choices_
    np.testing.assert_array_equal(first.predict_proba(people), second.predict_proba(people))


def test_nothing_is_scored_where_nothing_was_asked_for(make_cohort: Make) -> None:
    people, labels = make_cohort(24)
    fitted = SMFLClassifier(**QUICK).fit(people, labels)
    assert (fitted.strong_, fitted.weak_, fitted.unimodal_scores_) == ("text", ("video",), {})
    lifts_nothing = SMFLClassifier("tcn-sentence", **QUICK, **AUTO).fit(people, labels)
    assert (lifts_nothing.strong_, lifts_nothing.weak_, lifts_nothing.choices_) == (None, (), {})


def test_named_ones_are_taken(make_cohort: Make) -> None:
    people, labels = make_cohort(24)
    fitted = SMFLClassifier(strong="text", weak="video,audio", **QUICK).fit(people, labels)
    assert set(fitted.networks_[0].network.cmjat) == {"video", "audio"}
    assert np.isfinite(fitted.predict_proba(people)).all()
    other = SMFLClassifier(strong="audio", weak=("text",), **QUICK).fit(people, labels)
    assert not np.array_equal(fitted.predict_proba(people), other.predict_proba(people))


@pytest.mark.parametrize("there", [("audio",), ("video", "text")])
def test_what_a_cohort_lacks_is_no_fault(there: tuple[str, ...], make_cohort: Make) -> None:
    people, labels = planted(make_cohort, {"text": 2.0, "audio": 2.0}, people=24)
    for name in {"audio", "video", "text"} - set(there):
        people = [without(one, name) for one in people]
    fitted = SMFLClassifier(**QUICK, **AUTO).fit(people, labels)
    assert fitted.strong_ == (None if len(there) == 1 else "text")
    assert set(fitted.unimodal_scores_) == (set() if len(there) == 1 else set(there))
    assert np.isfinite(fitted.predict_proba(people)).all()


def test_a_modality_that_too_few_have_has_no_score(make_cohort: Make) -> None:
    people, labels = planted(make_cohort, {"text": 2.0}, people=24)
    people = [without(one, "audio") if i > 3 else one for i, one in enumerate(people)]
    assert labels[:4].sum() == 2
    people[0] = without(people[0], "audio")
    fitted = SMFLClassifier(**QUICK, **AUTO).fit(people, labels)
    assert set(fitted.unimodal_scores_) == {"video", "text"}
    assert (fitted.strong_, fitted.weak_) == ("text", ("video",))


def test_a_choice_by_the_score_leaves_out_who_is_named() -> None:
    scores, all_three = {"video": 0.9, "audio": 0.8, "text": 0.7}, ("video", "audio", "text")
    roles = decide_roles(OWN, "auto", ("video",), all_three, scores)
    assert (roles.strong, roles.weak) == ("audio", ("video",))
    roles = decide_roles(OWN, "text", "auto", all_three, {"video": 0.6, "audio": 0.5, "text": 0.4})
    assert (roles.strong, roles.weak) == ("text", ("audio",))
    assert decide_roles(OWN, "auto", all_three, all_three, scores).strong == "text", "none is left: as it was"
    two = ("audio", "text")
    assert decide_roles(OWN, "audio", None, two, {}).weak == ("text",), "the face isn't there: what is"
    assert decide_roles(OWN, None, None, two, {}).strong is None, "nothing was asked for: nothing is lifted"
    equal = dict.fromkeys(all_three, 0.5)
    roles = decide_roles(OWN, "auto", "auto", all_three, equal)
    assert (roles.strong, roles.weak) == ("text", ("video",)), "equal scores: as the paper has it"


def test_a_model_folder_keeps_the_choice(make_cohort: Make, schema: Schema, tmp_path: Path) -> None:
    people, labels = planted(make_cohort, {"audio": 3.0, "text": 1.0}, people=30)
    model = SMFLClassifier(**QUICK, **AUTO).fit(people, labels)
    folder = save_model(model, tmp_path, schema=schema)
    again = load_model(folder)
    assert (again.strong_, again.weak_) == (model.strong_, model.weak_) == ("audio", model.weak_)
    assert again.unimodal_scores_ == model.unimodal_scores_
    np.testing.assert_array_equal(again.predict_proba(people), model.predict_proba(people))
    assert clone(again).get_params()["strong"] == "audio", "fitted anew, it lifts as it did"
    assert json.loads((folder / "config.json").read_text())["choices"]["strong"] == "audio"
    card = (folder / "README.md").read_text()
    assert f"audio lifts {model.weak_[0]}" in card
    assert f"audio {model.unimodal_scores_['audio']:.2f}" in card


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"strong": "txt"}, "unknown strong modality 'txt'; did you mean 'text'"),
        ({"weak": "vidoe"}, "unknown weak modality 'vidoe'; did you mean 'video'"),
        ({"weak": ("video", "auto")}, "unknown weak modality 'auto'"),
        ({"weak": "video,,audio"}, "names with commas between them"),
        ({"weak": "text"}, "text can't be both: strong is text, weak are text; name another strong one, or auto"),
        ({"strong": "video", "weak": "audio,video"}, "video can't be both: strong is video, weak are audio, video"),
    ],
)
def test_a_wrong_name_is_told(wrong: dict[str, object], message: str, make_cohort: Make) -> None:
    people, labels = make_cohort(12)
    with pytest.raises(CallError, match=message):
        SMFLClassifier(**QUICK, **wrong).fit(people, labels)
