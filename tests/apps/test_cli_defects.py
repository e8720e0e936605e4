"""The command line with corpora as they are on disk: planted defects, what is repaired, the rule that is chosen."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from smfl.apps.cli import cli

Run = Callable[..., Result]
SIZE = ("--participants", "4", "--minutes", "0.25", "--modalities", "video", "--positives", "0.5", "-q")


@pytest.fixture
def smfl() -> Run:
    """`smfl` in this process."""

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(cli, [str(argument) for argument in arguments], prog_name="smfl")

    return run


def ledger(folder: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (folder / "ledger.jsonl").read_text(encoding="utf-8").splitlines()]


def test_daic_woz_with_defects_in_archives(smfl: Run, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    made = smfl("simulate", "daic-woz", "--out", corpus, *SIZE, "--defects", "--archives", "--confound", "gender")
    assert made.exit_code == 0, made.output
    assert sorted(path.name for path in corpus.glob("*_P*")) == ["300_P.zip", "301_P.zip", "318_P.zip", "402_P.zip"]
    settings = json.loads((corpus / "simulation.json").read_text(encoding="utf-8"))
    assert settings["confounds"] == ["gender"]
    assert "early-transcript" in settings["defects"]
    done = smfl("prepare", corpus, "--out", tmp_path / "mended", "-q")
    assert done.exit_code == 0, done.output
    assert "Labels: PHQ-8 score >= 10 is depressed" in done.stdout
    early = "the transcript's times are 34.3199 s early"
    mended = [line for line in ledger(tmp_path / "mended") if line["interview"] == "318"]
    assert [line["action"] for line in mended if line["what"].startswith(early)] == ["repaired"]
    assert [line["why"] for line in mended if line["what"].startswith(early)] == ["adbailey1/daic_woz_process"]
    left = smfl("prepare", corpus, "--out", tmp_path / "left", "-q", "--repairs", "none", "--exclude-known-bad")
    assert left.exit_code == 0, left.output
    assert "Labels: label as distributed" in left.stdout
    lines = [line["what"] for line in ledger(tmp_path / "left") if not line["interview"] or line["interview"] == "318"]
    assert {early, "known defects are left as they are"} <= set(lines)


def test_the_rule_of_edaic(smfl: Run, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    made = smfl("simulate", "edaic", "--out", corpus, *SIZE, "--defects")
    assert made.exit_code == 0, made.output
    assert "--label-rule 'phq>=10'" in made.stdout
    refused = smfl("prepare", corpus, "--out", tmp_path / "prepared", "-q")
    assert refused.exit_code == 2
    assert "choose the label rule, 'phq>=10' or 'as_distributed' (--label-rule RULE)" in refused.stderr
    misspelt = smfl("prepare", corpus, "--out", tmp_path / "prepared", "-q", "--label-rule", "phq>=9")
    assert misspelt.exit_code == 2
    assert "unknown label rule of edaic 'phq>=9'; did you mean 'phq>=10'?" in misspelt.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("simulate", "modma", "--archives"), "the simulator of 'modma' has no option 'archives'; it has participants"),
        (("simulate", "daic-woz", "--confound", "age"), "unknown confound 'age'; valid: prompts, gender, duration"),
    ],
)
def test_what_a_simulator_does_not_have(smfl: Run, arguments: tuple[str, ...], message: str, tmp_path: Path) -> None:
    told = smfl(*arguments, "--out", tmp_path / "out", "-q")
    assert told.exit_code == 2
    assert message in told.stderr


def test_repairs_that_nobody_makes(smfl: Run, tmp_path: Path) -> None:
    (tmp_path / "300_TRANSCRIPT.csv").write_text("", encoding="utf-8")
    told = smfl("prepare", tmp_path, "--out", tmp_path / "out", "-q", "--repairs", "some")
    assert told.exit_code == 2
    assert "unknown repairs 'some'; valid: default, none" in told.stderr
