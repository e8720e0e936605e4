"""What a call for models asks for: each choice of modalities, and everything at once."""

from __future__ import annotations

import pytest

from smfl.interview import CallError
from smfl.pipeline.comparison.rows import rows_of
from smfl.training import MODELS

THREE = ("video", "audio", "text")


def labels(models: str, present: tuple[str, ...] = THREE, modalities: tuple[str, ...] | None = None) -> list[str]:
    return [row.label for row in rows_of(models, modalities, "tuned", present)]


def test_each_is_every_choice_of_modalities_in_the_order_of_figure_6() -> None:
    assert labels("smfl@each") == [
        "smfl@video", "smfl@audio", "smfl@text", "smfl@video+audio", "smfl@video+text", "smfl@audio+text",
        "smfl@video+audio+text", "majority",
    ]  # fmt: skip
    rows = rows_of("smfl:paper@each", None, "tuned", THREE)
    assert [row.label for row in rows][:2] == ["smfl:paper@video", "smfl:paper@audio"]
    assert {row.recipe for row in rows[:-1]} == {"paper"}
    assert rows[3].modalities == ("video", "audio")


def test_the_plain_row_is_the_one_that_reads_all() -> None:
    found = labels("smfl@each,smfl")
    assert "smfl@video+audio+text" not in found
    assert found[-2:] == ["smfl", "majority"]
    assert "smfl:paper@video+audio+text" in labels("smfl,smfl:paper@each"), "another recipe is another row"


def test_each_keeps_to_what_is_there_and_to_what_is_asked_for() -> None:
    assert labels("late-fusion@each", ("audio", "text")) == [
        "late-fusion@audio", "late-fusion@text", "late-fusion@audio+text", "majority",
    ]  # fmt: skip
    assert labels("smfl@each", THREE, ("video", "text"))[:3] == ["smfl@video", "smfl@text", "smfl@video+text"]
    assert labels("smfl,smfl@each", ("text",)) == ["smfl", "majority"]


def test_all_is_every_model_once_and_the_modalities_of_smfl() -> None:
    found = labels("all")
    assert found[: len(MODELS) - 1] == [name for name in MODELS if name != "majority"]
    assert found[len(MODELS) - 1 :] == [
        "smfl@video", "smfl@audio", "smfl@text", "smfl@video+audio", "smfl@video+text", "smfl@audio+text", "majority",
    ]  # fmt: skip
    assert sorted(labels("all,smfl")) == sorted(found), "named beside all, it isn't doubled"
    assert labels("all,smfl:paper") == [*found[:-1], "smfl:paper", "majority"]


def test_what_is_given_twice_is_refused() -> None:
    with pytest.raises(CallError, match="given more than once: smfl@text"):
        labels("smfl@text,smfl@each")
    with pytest.raises(CallError, match="given more than once: smfl"):
        labels("smfl,smfl")
