"""The house keeps its own rules: rooms, sizes, light start-up, nothing unfinished and nothing that hides a fault."""

from __future__ import annotations

import ast
import importlib.metadata
import json
import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "smfl"
SOURCES = sorted(PACKAGE.rglob("*.py"))
MODULES = pytest.mark.parametrize("path", SOURCES, ids=[str(path.relative_to(PACKAGE)) for path in SOURCES])

LONGEST_FILE = 400
HEAVY = (
    "av", "jax", "matplotlib", "mediapipe", "opensmile", "pandas", "pyarrow", "scipy", "sentence_transformers",
    "sklearn", "skimage", "soundfile", "torch", "transformers",
)  # fmt: skip
"""What takes long to import, and is imported only where it is used."""
SLOWEST_HELP_S = 2.0
"""The interface promises half a second; a shared machine gets four times that before the test complains."""


def rooms() -> list[str]:
    """The rooms, as import-linter's contract names them."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = config["tool"]["importlinter"]["contracts"]
    layers = next(contract for contract in contracts if contract["type"] == "layers")["layers"]
    return sorted(room.strip() for layer in layers for room in layer.split("|"))


def loaded_by(code: str) -> set[str]:
    """Top-level names of all modules that a fresh interpreter has loaded after running ``code``."""
    script = f"{code}\nimport sys, json; print(json.dumps(sorted({{m.split('.')[0] for m in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_imports_go_in_one_direction() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_every_file_belongs_to_a_room() -> None:
    outside = [p.relative_to(PACKAGE) for p in SOURCES if p.parent == PACKAGE and p.name != "__init__.py"]
    assert outside == []
    found = sorted(folder.name for folder in PACKAGE.iterdir() if folder.is_dir() and folder.name != "__pycache__")
    assert found == rooms()


def test_the_map_of_the_house_names_every_room() -> None:
    page = (ROOT / "docs" / "house.md").read_text(encoding="utf-8")
    assert [room for room in rooms() if f"`{room}`" not in page] == []


@pytest.mark.parametrize(
    "path", SOURCES + sorted((ROOT / "tests").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT))
)
def test_a_file_is_one_thought(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_FILE, f"{path.name} has {lines} lines; what are its two thoughts?"


def test_no_file_of_leftovers() -> None:
    assert [p for p in SOURCES if re.fullmatch(r"(utils?|helpers?|common|misc)\.py", p.name)] == []


@MODULES
def test_module_says_what_it_is(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring, "a module begins with what it holds"
    assert docstring.splitlines()[0].rstrip().endswith((".", ":", "?")), "the first line is a sentence"


@MODULES
def test_no_fault_is_hidden_and_nothing_left_for_later(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.search(r"\b(TODO|FIXME|XXX|NotImplementedError)\b", text) is None
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"line {node.lineno}: 'except:' catches bugs too; name the error"
            only = node.body[0] if len(node.body) == 1 else None
            assert not isinstance(only, ast.Pass), f"line {node.lineno}: an error that is passed over in silence"


@MODULES
def test_no_pickle(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
            assert not {name.split(".")[0] for name in names} & {"pickle", "dill", "cloudpickle", "shelve", "marshal"}
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            assert isinstance(node.value, ast.Constant), f"line {node.value.lineno}: allow_pickle is False, always"
            assert node.value.value is False, f"line {node.value.lineno}: allow_pickle is False, always"
        if isinstance(node, ast.keyword) and node.arg == "weights_only":
            assert isinstance(node.value, ast.Constant)
            assert node.value.value is True, f"line {node.value.lineno}: weights_only is True, always"


@pytest.mark.parametrize("module", ["smfl", "smfl.interview", "smfl.corpora", "smfl.evaluation", "smfl.apps.cli"])
def test_start_up_is_light(module: str) -> None:
    assert loaded_by(f"import {module}") & set(HEAVY) == set()


def test_help_answers_at_once() -> None:
    command = Path(sys.executable).with_name("smfl")

    def seconds() -> float:
        begin = time.perf_counter()
        done = subprocess.run([command, "--help"], capture_output=True, text=True, check=True)
        assert "demo" in done.stdout
        return time.perf_counter() - begin

    assert min(seconds() for _ in range(3)) < SLOWEST_HELP_S


def test_doctests_and_pages_of_the_documentation_are_run() -> None:
    options = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]
    assert {"tests", "src", "docs", "README.md"} <= set(options["testpaths"])
    assert "--doctest-modules" in options["addopts"]
    assert "--doctest-glob=*.md" in options["addopts"]


def test_types_are_shipped() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert (PACKAGE / "py.typed").is_file()
    assert "py.typed" in config["tool"]["setuptools"]["package-data"]["smfl"]


def test_the_lock_holds_what_is_installed() -> None:
    pins = dict(re.findall(r"^([a-z0-9.-]+)==(\S+)$", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE))
    assert next(iter(pins)) == "torch", "torch stands first: it is installed alone, by its exact version"
    installed = {name: importlib.metadata.version(name).split("+")[0] for name in pins}
    assert installed == pins


def test_the_lock_lacks_nothing_that_the_project_asks_for() -> None:
    pins = set(re.findall(r"^([a-z0-9.-]+)==", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE))
    asked = {re.split(r"[^\w.-]", line)[0] for line in importlib.metadata.requires("smfl") or []}
    assert {re.sub(r"[-_.]+", "-", name).lower() for name in asked} - {"smfl"} <= pins
