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

MOST_FILES = 15
"""In a folder, beside its ``__init__``."""
MOST_PARAMETERS, MOST_LINES = 8, 60
"""Of a function. Commands are excepted, for each of their options is a parameter; so are constructors of scikit-learn's
estimators, where its contract wants every setting by name."""
HEAVY = (
    "av", "jax", "matplotlib", "mediapipe", "numba", "opensmile", "optuna", "pandas", "pyarrow", "scipy",
    "sentence_transformers", "sklearn", "skimage", "soundfile", "torch", "transformers",
)  # fmt: skip
"""What takes long to import, and is imported only where it is used."""
SLOWEST_HELP_S = 2.0
"""The interface promises half a second; a shared machine gets four times that before the test complains."""


def rooms() -> list[str]:
    """The rooms, as import-linter's contract names them."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = config["tool"]["importlinter"]["contracts"]
    layers = next(contract for contract in contracts if contract["type"] == "layers")["layers"]
    return sorted(room.strip() for layer in layers for room in re.split("[|:]", layer))


def place(path: Path) -> str:
    """A source's path within the package."""
    return str(path.relative_to(PACKAGE))


def trees() -> list[tuple[Path, ast.Module]]:
    """Every source, parsed."""
    return [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in SOURCES]


def imported(node: ast.AST) -> set[str]:
    """Top-level names of the modules that a statement imports."""
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
    names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
    return {name.split(".")[0] for name in names}


def argument(node: ast.AST, name: str) -> object:
    """The constant that a call gives for a keyword argument; None where it isn't given."""
    given = [k.value for k in node.keywords if k.arg == name] if isinstance(node, ast.Call) else []
    return getattr(given[0], "value", "no constant") if given else None


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


def defined(tree: ast.Module) -> set[str]:
    """The names that a module defines: functions, classes, constants; what a class defines with the class before it."""
    found: set[str] = set()

    def add(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                found.add(prefix + node.name)
            if isinstance(node, ast.ClassDef):
                add(node.body, f"{node.name}.")
            targets = node.targets if isinstance(node, ast.Assign) else []
            targets += [node.target] if isinstance(node, ast.AnnAssign) else []
            found.update(
                prefix + name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)
            )

    add(tree.body, "")
    return found


def test_the_index_of_the_house_is_true() -> None:
    page = (ROOT / "docs" / "house.md").read_text(encoding="utf-8")
    index = page.split("## Where is")[1].split("\n## ")[0]
    rows = re.findall(r"^\| [^|`]+ \| `([^`]+)` \| ((?:`[^`]+`(?:, )?)+)", index, re.MULTILINE)
    assert len(rows) >= 30, "the index names the places that people look for"
    wrong = []
    for path, names in rows:
        file = ROOT / path if (ROOT / path).exists() else PACKAGE / path
        if not file.is_file():
            wrong.append(f"{path}: not there")
            continue
        text = file.read_text(encoding="utf-8")
        known = defined(ast.parse(text)) if path.endswith(".py") else set(re.findall(r"[\w.-]+", text))
        wrong += [f"{path}: doesn't define {name}" for name in re.findall(r"`([^`]+)`", names) if name not in known]
    assert wrong == []


def functions(tree: ast.Module) -> list[tuple[ast.FunctionDef | ast.AsyncFunctionDef, ast.ClassDef | None]]:
    """Every function of a module, with the class that it is a method of."""
    owner = {id(method): node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for method in node.body}
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [(node, owner.get(id(node))) for node in ast.walk(tree) if isinstance(node, kinds)]


def is_excepted(function: ast.FunctionDef | ast.AsyncFunctionDef, owner: ast.ClassDef | None) -> bool:
    """Whether a function is a command of the command line, or the constructor of an estimator."""
    if owner is not None and function.name == "__init__":
        return any("BaseEstimator" in ast.unparse(base) for base in owner.bases)
    return any("command" in ast.unparse(decorator) for decorator in function.decorator_list)


def test_folders_are_small_enough_to_look_through() -> None:
    places = [PACKAGE, ROOT / "tests", ROOT / "bench", ROOT / "docs", ROOT / "tools", ROOT / "examples"]
    folders = {folder for place in places for folder in [place, *(p for p in place.rglob("*") if p.is_dir())]}
    sizes = {
        str(folder.relative_to(ROOT)): len([p for p in folder.glob("*.py") if p.name != "__init__.py"])
        for folder in folders
    }
    assert {name: files for name, files in sizes.items() if files > MOST_FILES} == {}


def test_functions_are_short_and_take_few_parameters() -> None:
    large = []
    for path, tree in trees():
        for function, owner in functions(tree):
            if is_excepted(function, owner):
                continue
            names = [a.arg for a in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]
            parameters = len([name for name in names if name not in ("self", "cls")])
            lines = (function.end_lineno or function.lineno) - function.lineno + 1
            if parameters > MOST_PARAMETERS or lines > MOST_LINES:
                large.append(f"{place(path)}: {function.name} has {parameters} parameters and {lines} lines")
    assert large == []


def test_no_file_of_leftovers() -> None:
    assert [p for p in SOURCES if re.fullmatch(r"(utils?|helpers?|common|misc)\.py", p.name)] == []


def test_every_module_begins_with_a_sentence_on_what_it_is() -> None:
    openings = {place(path): (ast.get_docstring(tree) or "").split("\n\n")[0] for path, tree in trees()}
    assert [name for name, opening in openings.items() if not opening.rstrip().endswith((".", ":", "?"))] == []


def test_nothing_is_left_for_later() -> None:
    later = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
    assert [place(path) for path in SOURCES if later.search(path.read_text(encoding="utf-8"))] == []


def test_no_fault_is_hidden() -> None:
    silent = [
        f"{place(path)}:{node.lineno}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and (node.type is None or isinstance(node.body[0], ast.Pass))
    ]
    assert silent == [], "name the error, and do something about it"


def test_no_pickle() -> None:
    found = [
        f"{place(path)}:{node.lineno}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if imported(node) & {"pickle", "dill", "cloudpickle", "shelve", "marshal"}
        or argument(node, "allow_pickle") not in (None, False)
        or argument(node, "weights_only") not in (None, True)
    ]
    assert found == []


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
