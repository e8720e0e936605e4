"""The command line: what it prints, where, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from smfl.apps.cli import cli
from smfl.apps.cli import tables as room
from smfl.pipeline.prepare import prepare
from smfl.simulation import simulate
from smfl.training.recipe import RECIPES, TUNED

Run = Callable[..., Result]


@pytest.fixture
def smfl() -> Run:
    """`smfl` in this process."""

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(cli, [str(argument) for argument in arguments], prog_name="smfl")

    return run


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate(
        "manifest",
        tmp_path_factory.mktemp("corpus"),
        participants=10,
        minutes=0.5,
        positives=0.5,
        modalities=("audio",),
    )


@pytest.fixture(scope="session")
def prepared(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare(corpus, tmp_path_factory.mktemp("prepared")).folder


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tuned recipe with two members of two epochs."""
    monkeypatch.setitem(RECIPES, "tuned", replace(TUNED, members=2, epochs=2))


COMMANDS = (
    "demo",
    "simulate",
    "prepare",
    "describe",
    "train",
    "evaluate",
    "predict",
    "report",
    "models",
    "corpora",
    "encoders",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(smfl: Run, command: str) -> None:
    shown = smfl(command, "--help")
    assert shown.exit_code == 0
    assert f"Example:\n    smfl {command}" in shown.stdout
    assert "--json" in shown.stdout
    assert "--quiet" in shown.stdout


def test_help_lists_the_commands_in_the_order_of_their_use(smfl: Run) -> None:
    lines = smfl("--help").stdout.partition("Commands:\n")[2].splitlines()
    assert tuple(line.split()[0] for line in lines if line.strip()) == COMMANDS
    assert "..." not in "".join(lines)


def test_version(smfl: Run) -> None:
    assert smfl("--version").stdout.startswith("smfl, version 0.")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["evalute"], "There is no command 'evalute'. Did you mean 'evaluate'?"),
        (["serve-me-tea"], "There is no command 'serve-me-tea'. Commands: demo, simulate"),
        (["describe", "--jsno", "x"], "Did you mean '--json'?"),
        (["describe", "nowhere"], "nowhere/schema.json: not there; is nowhere a folder that `smfl prepare`"),
        (["prepare", "nowhere", "--out", "out"], "nowhere: there is no such file or folder"),
        (["prepare", ".", "--out", "out", "--max-sentences", "0"], "the threshold M is at least 1 sentence; got 0"),
        (["train", "nowhere", "--out", "out", "--model", "smlf"], "unknown model 'smlf'; did you mean 'smfl'?"),
        (["predict", "nowhere", "visit.mp4", "--out", "out"], "is nowhere a folder that `smfl train` wrote?"),
        (["report", "nowhere", "--out", "a.html"], "nowhere"),
        (["simulate", "daic-wox", "--out", "out"], "did you mean 'daic-woz'?"),
        (["train", "nowhere", "--out", "out", "--modalities", "a,,b"], "names with commas between them"),
        (["describe"], "Missing argument 'PREPARED'"),
    ],
)
def test_a_wrong_call_is_one_message_and_exit_2(
    smfl: Run, arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = smfl(*arguments)
    assert told.exit_code == 2
    assert message in told.stderr
    assert "Traceback" not in told.stderr
    assert told.stdout == ""


def test_a_bug_keeps_its_traceback(smfl: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(room, "print_json", bug)
    monkeypatch.setattr("smfl.apps.cli.corpora_command.print_json", bug)
    told = smfl("corpora", "--json")
    assert told.exit_code == 1
    assert isinstance(told.exception, ZeroDivisionError)


@pytest.mark.parametrize("command", ["models", "corpora", "encoders"])
def test_lists_are_tables_or_one_json_object(smfl: Run, command: str) -> None:
    document = json.loads(smfl(command, "--json").stdout)
    table = smfl(command).stdout
    assert document
    assert all(name in table for name in document)


def test_simulate_prepare_describe(smfl: Run, tmp_path: Path) -> None:
    made = smfl(
        "simulate", "manifest", "--out", tmp_path / "c", "--participants", 4, "--minutes", 0.3, "--modalities", "audio"
    )
    assert made.exit_code == 0, made.output
    assert room.SIMULATED in made.stdout
    done = smfl("prepare", tmp_path / "c", "--out", tmp_path / "p", "--json")
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["interviews"] == 4
    assert document["modalities"] == ["audio"]
    assert document["ledger"]["counts"]["missing"] == 8
    assert sum(document["quality"].values()) == 4
    again = smfl("prepare", tmp_path / "c", "--out", tmp_path / "p")
    assert "Ledger: 8 missing" in again.stdout
    assert "neither a recording nor features of the face" in " ".join(again.stdout.split())
    assert f"good (smfl report {tmp_path / 'p'} --out quality.html)" in again.stdout
    assert smfl("report", tmp_path / "p", "--out", tmp_path / "q.html").exit_code == 0
    assert "data quality" in (tmp_path / "q.html").read_text(encoding="utf-8")
    told = smfl("describe", tmp_path / "p").stdout
    assert "4 interviews of 4 participants" in told
    assert "Participants by label, gender and age group" in told
    assert json.loads(smfl("describe", tmp_path / "p", "--json").stdout)["interviews"] == 4


@pytest.mark.usefixtures("quick")
def test_train_predict_report(smfl: Run, prepared: Path, tmp_path: Path) -> None:
    trained = smfl("train", prepared, "--out", tmp_path / "m", "--json")
    assert trained.exit_code == 0, trained.output
    assert json.loads(trained.stdout)["members"] == 2
    told = smfl("predict", tmp_path / "m", prepared, "--out", tmp_path / "o")
    assert told.exit_code == 0, told.output
    assert "sim-0001" in told.stdout
    assert "made-up people" in told.stdout
    assert "<html" in (tmp_path / "o" / "report.html").read_text()[:500].lower()
    document = json.loads(smfl("predict", tmp_path / "m", prepared, "--out", tmp_path / "o", "--json").stdout)
    assert len(document["predictions"]) == 10
    assert document["predictions"][0]["quality"]["quality_coverage_audio"] == 1
    page = smfl("report", tmp_path / "o", "--out", tmp_path / "page.html")
    assert page.stdout.strip() == str(tmp_path / "page.html")
    assert (tmp_path / "page.html").exists()


def test_evaluate_shows_the_table_and_writes_the_folder(smfl: Run, prepared: Path, tmp_path: Path) -> None:
    arguments = ("evaluate", prepared, "--out", tmp_path, "--model", "logistic-regression", "--folds", 2)
    told = smfl(*arguments)
    assert told.exit_code == 0, told.output
    for part in ("SIMULATED", "Calling everyone", "logistic-regression", "majority", "mean ± sd", "report.html"):
        assert part in told.stdout
    assert {"predictions.csv", "results.json", "history.csv", "report.html"} <= {p.name for p in tmp_path.iterdir()}
    document = json.loads(smfl(*arguments, "--json").stdout)
    assert document["models"][0]["name"] == "logistic-regression"
    assert document["n"] == 10


def test_the_same_numbers_in_python_and_on_the_command_line(smfl: Run, prepared: Path, tmp_path: Path) -> None:
    import smfl as api

    smfl("evaluate", prepared, "--out", tmp_path, "--model", "logistic-regression", "--folds", 2, "--seeds", 2)
    results = api.evaluate(api.Prepared(prepared), models=["logistic-regression"], folds=2, seeds=2)
    assert results.predictions.equals(api.Results.read(tmp_path).predictions)


def test_json_has_no_nan(capsys: pytest.CaptureFixture[str]) -> None:
    room.print_json({"a": float("nan"), "b": [float("inf"), 1.5], "c": Path("x")})
    assert json.loads(capsys.readouterr().out) == {"a": None, "b": [None, 1.5], "c": "x"}


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "smfl.apps.cli", *map(str, arguments)]


def test_in_a_pipe_nothing_but_the_result_is_said(prepared: Path) -> None:
    done = subprocess.run(command("describe", prepared, "--json"), capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["interviews"] == 10
    assert done.stderr == ""


def test_an_interrupted_prepare_says_that_it_goes_on(corpus: Path, tmp_path: Path) -> None:
    """Ctrl-C in the middle; then the same command again gives what an undisturbed run gives."""
    slow = command("prepare", corpus, "--out", tmp_path / "out")
    running = subprocess.Popen(slow, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    waited = time.monotonic() + 120
    while not list(tmp_path.glob("out/interviews/*.safetensors")) and time.monotonic() < waited:
        time.sleep(0.002)
    os.kill(running.pid, signal.SIGINT)
    _, stderr = running.communicate(timeout=60)
    if running.returncode == 0:
        pytest.skip("it was done before it could be interrupted")
    assert running.returncode == 130
    assert "Run the same command again: it goes on where it was." in stderr
    assert "Traceback" not in stderr
    subprocess.run(slow, check=True, capture_output=True)
    undisturbed = prepare(corpus, tmp_path / "other").folder
    for path in sorted(undisturbed.rglob("*")):
        if path.is_file():
            assert (tmp_path / "out" / path.relative_to(undisturbed)).read_bytes() == path.read_bytes()


HEAVY = ("matplotlib", "numpy", "optuna", "pandas", "rich", "scipy", "sklearn", "torch")


def test_help_is_light_and_quick() -> None:
    """The promise is half a second; a loaded machine gets twice that."""
    code = (
        "import sys, click\nfrom smfl.apps.cli import cli\n"
        "try:\n    cli(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )

    def seconds() -> float:
        begin = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.splitlines()[-1] == "[]"
        return time.perf_counter() - begin

    assert min(seconds() for _ in range(3)) < 1.0
