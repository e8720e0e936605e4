"""`--tune`, `--strong` and `--weak`: what they print, and how a wrong one ends."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from smfl.apps.cli import cli
from smfl.pipeline.prepare import prepare
from smfl.simulation import simulate
from smfl.training.recipe import RECIPES, TUNED


def smfl(*arguments: object) -> Result:
    """`smfl` in this process."""
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], prog_name="smfl")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    corpus = simulate(
        "manifest", folder, participants=12, minutes=0.5, positives=0.5, modalities=("video", "audio"), effect=4.0
    )
    return prepare(corpus, tmp_path_factory.mktemp("prepared")).folder


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RECIPES, "tuned", replace(TUNED, members=2, epochs=2))


@pytest.mark.parametrize("command", ["train", "evaluate"])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--strong", "adio"), "unknown strong modality 'adio'; did you mean 'audio'? valid: video, audio, auto"),
        (("--weak", "vidoe"), "unknown weak modality 'vidoe'; did you mean 'video'?"),
        (("--weak", "video,,audio"), "--weak: names with commas between them"),
        (("--strong", "audio", "--weak", "video,audio"), "audio can't be both: strong is audio, weak are video, audio"),
        (("--tune", "1"), "at least 2 trials are needed, for the first is the recipe as it is; got 1"),
        (("--tune", "many"), "'many' is not a valid integer"),
        (("--model", "tcn-all", "--strong", "auto"), "no strong modality lifts a weak one there; smfl does so"),
    ],
)
def test_a_wrong_call_is_one_message_and_exit_2(
    command: str, arguments: tuple[str, ...], message: str, prepared: Path, tmp_path: Path
) -> None:
    told = smfl(command, prepared, "--out", tmp_path / "out", *arguments)
    assert told.exit_code == 2
    assert message in told.stderr
    assert "Traceback" not in told.stderr
    assert told.stdout == ""
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("quick")
def test_a_line_tells_what_was_chosen(prepared: Path, tmp_path: Path) -> None:
    arguments = (
        "evaluate",
        prepared,
        "--out",
        tmp_path / "r",
        "--model",
        "smfl",
        "--folds",
        2,
        "--tune",
        2,
        "--strong",
        "auto",
    )
    told = smfl(*arguments)
    assert told.exit_code == 0, told.output
    assert "smfl: after 2 trials its own settings stayed in" in told.stdout
    assert any(
        line.startswith("smfl: ") and " lifts " in line and "of 2 fits" in line for line in told.stdout.splitlines()
    )
    document = json.loads(smfl(*arguments, "--json").stdout)
    assert len(document["models"][0]["choices"]) == 2
    assert (tmp_path / "r" / "trials.csv").exists()
    trained = ("train", prepared, "--out", tmp_path / "m", "--strong", "auto", "--weak", "auto", "--tune", 2)
    told = smfl(*trained)
    assert told.exit_code == 0, told.output
    assert "(AUROC alone on training people: video " in told.stdout
    assert "smfl: settings after 2 trials: " in told.stdout
    choices = json.loads(smfl(*trained, "--json").stdout)["choices"]
    assert {choices["strong"], *choices["weak"]} == {"video", "audio"}
