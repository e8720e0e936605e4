"""Write down the numbers that the package computes, so that another version of it can be compared with this one.

    python tools/same_numbers.py --out numbers.json --shared-data FOLDER --against tests/same_numbers.json

Only the public interface is used (``smfl.simulate``, ``smfl.prepare``, ``smfl.evaluate``, `smfl.SMFLClassifier` and the
files of a prepared folder), so the script runs unchanged on versions whose modules have other names. Written are: of
each prepared corpus the type, shape and digest of every array, of the columns' names and of every column of the tables
of interviews and of sentences; mean and standard deviation of each feature; and the probability of each interview by
models of every kind. ``--against`` compares them with a file made before, and ends with 1 where they differ.

FOLDER holds ``recordings/grid_*.mpg`` with ``recordings/grid_transcripts.tsv`` (talking heads of the GRID corpus).
``--recording FILE`` adds a recording without a transcript, for comparisons on one machine.

Networks are computed by one thread: with several, sums are rounded in another order.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from importlib import metadata
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from smfl import Prepared

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
LIBRARIES = (
    *("numpy", "scipy", "scikit-learn", "numba", "torch", "transformers", "sentence-transformers", "spacy"),
    *("av", "opensmile", "mediapipe", "librosa", "faster-whisper", "ctranslate2", "onnxruntime"),
)
"""Whose versions decide the last digits."""
ROWS = (
    "smfl,smfl:paper,tcn-all,lstm-sa-ca,zou-2022,c-cnn,window,mult,bigru-attention,tfn,lmf,"
    "logistic-regression,ridge,late-fusion,tfidf-linear"
)
"""Of the comparison: both recipes, every unit, encoder and fusion, and comparators."""
FACE_RATE_HZ = 10
GRID = Path("recordings", "grid_transcripts.tsv")
RECOGNISED = "recognised"
"""The corpus of a recording without a transcript: with other vector instructions, other words are recognised."""

FEATURE_TOLERANCE = 0.02
"""Greatest difference of a mean or a standard deviation on another machine, in standard deviations of the feature.

Measured with the vector instructions of torch, numpy and MKL switched off: 7e-5. The face mesh can't be measured so."""
SAME_PROBABILITY, NEAR_PROBABILITY = 1e-6, 1e-3
"""Greatest difference of a probability on the same machine, and on another one.

Measured: 0 from run to run; 4e-7 with vector instructions switched off."""


def main() -> int:
    """Compute, write, and compare where asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="the JSON file to write")
    parser.add_argument("--shared-data", type=Path, help="folder of recordings/grid_*")
    parser.add_argument("--recording", type=Path, help="a recording without a transcript")
    parser.add_argument("--commit", default="not told", help="of the version that runs, to be written down")
    parser.add_argument("--against", type=Path, help="a JSON file made before, to compare with")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= dict.fromkeys(THREADS, "1")  # read when a process loads numpy and torch, so by a new one
        with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
            numbers = pool.submit(compute, Path(folder), asked.shared_data, asked.recording).result()
    numbers = {"commit": asked.commit} | numbers
    asked.out.write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")
    if asked.against is None:
        return 0
    found = differences(json.loads(asked.against.read_text(encoding="utf-8")), numbers)
    print("\n".join(found) or "the same numbers")
    return 1 if found else 0


def compute(folder: Path, shared_data: Path | None, recording: Path | None) -> dict[str, Any]:
    """All numbers, computed in an empty folder."""
    import smfl

    daic_woz, open_format = folder / "daic-woz", folder / "open-format"
    smfl.simulate("daic-woz", daic_woz, participants=5, minutes=0.5, seed=3, defects=True)
    smfl.simulate("manifest", open_format, participants=24, minutes=0.5, seed=3, regime="cross-modal", effect=3.0)
    asked: dict[str, tuple[Path, dict[str, Any]]] = {
        "daic-woz": (daic_woz, {"corpus": "daic-woz"}),
        "daic-woz, own features": (daic_woz, {"corpus": "daic-woz", "features": "own"}),
        "daic-woz, de-identified": (
            daic_woz,
            {"corpus": "daic-woz", "deidentify": True, "names": ["film", "city"], "modalities": ["audio", "text"]},
        ),
        "open format": (open_format, {}),
        "open format, tokens": (open_format, {"text_level": "token", "modalities": ["text"]}),
    }
    if shared_data is not None and (shared_data / GRID).exists():
        asked["grid"] = (write_grid(shared_data / GRID, folder / "grid"), {"face_rate": FACE_RATE_HZ})
    if recording is not None:
        asked[RECOGNISED] = (recording, {})
    prepared = {
        name: smfl.prepare(source, out=folder / f"prepared {number}", workers=1, **settings)
        for number, (name, (source, settings)) in enumerate(asked.items())
    }
    return {
        "machine": machine(),
        "corpora": {name: of_corpus(data) for name, data in prepared.items()},
        "probabilities": probabilities(prepared["open format"], folder / "results"),
    }


def machine() -> dict[str, Any]:
    """What decides the last digits: the processor, how it rounds, and the libraries."""
    import torch

    wanted = ("vendor_id", "cpu family", "model", "model name")
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").split("\n\n")[0].splitlines() if info.exists() else []
    fields = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    known = [f"{name} {fields[name]}" for name in wanted if name in fields] or [platform.processor()]
    versions = {}
    for library in LIBRARIES:
        try:
            versions[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            versions[library] = "not installed"
    return {
        "processor": ", ".join([*known, torch.backends.cpu.get_cpu_capability()]),
        "rounding": rounding(),
        "python": platform.python_version(),
        "libraries": versions,
    }


def rounding() -> str:
    """Digest of sums and functions of fixed numbers: processors of one name may take different instructions."""
    import scipy.linalg
    import torch

    values = np.random.default_rng(0).normal(size=(96, 96))
    single = torch.from_numpy(values.astype(np.float32))
    results = [
        *(values @ values, np.exp(values), scipy.linalg.inv(values), values.ravel() @ values.ravel()),
        *((single @ single).numpy(), torch.tanh(single).numpy(), torch.softmax(single, dim=1).numpy()),
    ]
    return sha256(b"".join(np.ascontiguousarray(result).tobytes() for result in results))


def write_grid(transcripts: Path, out: Path) -> Path:
    """The clips of the GRID corpus in the open format, one interview each, one sentence each of all that is spoken."""
    with transcripts.open(encoding="utf-8", newline="") as file:
        words = {row["file"]: row["transcript"] for row in csv.DictReader(file, delimiter="\t")}
    (out / "recordings").mkdir(parents=True)
    (out / "corpus.toml").write_text('format = 1\nname = "grid"\nlanguage = "en"\n', encoding="utf-8")
    interviews, sentences = ["interview,recording"], ["interview,start,stop,speaker,text"]
    for name, text in words.items():
        shutil.copyfile(transcripts.parent / name, out / "recordings" / name)
        key = Path(name).stem
        interviews.append(f"{key},recordings/{name}")
        sentences.append(f"{key},0.0,2.9,participant,{text}")
    (out / "interviews.csv").write_text("\n".join(interviews) + "\n", encoding="utf-8")
    (out / "sentences.csv").write_text("\n".join(sentences) + "\n", encoding="utf-8")
    return out


def of_corpus(data: Prepared) -> dict[str, Any]:
    """The arrays and tables of a prepared folder, and mean and standard deviation of each feature."""
    import pandas as pd
    from safetensors.numpy import load_file

    index = pd.read_parquet(data.folder / "index.parquet")
    arrays = {key: load_file(data.folder / "interviews" / f"{key}.safetensors") for key in index["interview"]}
    names = sorted({name for of_interview in arrays.values() for name in of_interview if name.endswith(".values")})
    features = {name: [found[name] for found in arrays.values() if name in found] for name in names}
    return {
        "columns": {name: digest(m.columns) for name, m in data.schema.modalities.items()},
        "interviews": {
            key: {name: of_array(array) for name, array in sorted(found.items())} for key, found in arrays.items()
        },
        "index": of_table(index),
        "sentences": of_table(pd.read_parquet(data.folder / "sentences.parquet")),
        "features": {name: mean_and_sd(np.concatenate(found)) for name, found in features.items()},
    }


def of_array(array: np.ndarray[Any, Any]) -> str:
    """Type, shape and digest of an array.

    Example:
        >>> of_array(np.zeros((2, 3), np.float32))
        'float32 2x3 9d908ecfb6b256def8b49a7c504e6c88'
    """
    shape = "x".join(map(str, array.shape))
    return f"{array.dtype} {shape} {sha256(np.ascontiguousarray(array).tobytes())}"


def of_table(table: Any) -> dict[str, str]:
    """Digest of each column of a table."""
    return {str(name): digest(map(str, table[name])) for name in table}


def digest(texts: Iterable[str]) -> str:
    """Digest of texts, in their order."""
    return sha256(json.dumps(list(texts)).encode())


def sha256(content: bytes) -> str:
    """The first 32 hexadecimal digits of the SHA-256: 128 bits are enough, and the file stays small."""
    return hashlib.sha256(content).hexdigest()[:32]


def mean_and_sd(values: np.ndarray[Any, Any]) -> dict[str, str]:
    """Mean and standard deviation of each column [frames, D] over its finite values, as text to five digits.

    Example:
        >>> mean_and_sd(np.array([[1.0, np.nan], [3.0, np.nan]]))
        {'mean': '2 nan', 'sd': '1 nan'}
    """
    columns = [column[np.isfinite(column)].astype(np.float64) for column in values.T]
    figures = {
        "mean": [column.mean() if len(column) else np.nan for column in columns],
        "sd": [column.std() if len(column) else np.nan for column in columns],
    }
    return {name: " ".join(f"{figure:.5g}" for figure in found) for name, found in figures.items()}


def probabilities(data: Prepared, out: Path) -> dict[str, dict[str, float]]:
    """The probability of each held-out interview by each row of a comparison of two folds, and by the estimator."""
    import pandas as pd

    import smfl

    smfl.evaluate(data, models=ROWS, folds=2, seeds=1, workers=1, out=out)
    table = pd.read_csv(out / "predictions.csv", dtype={"interview": str})
    rows = {
        str(model): dict(zip(found["interview"], found["probability"], strict=True))
        for model, found in table.groupby("model")
    }
    half = len(data) // 2
    model = smfl.SMFLClassifier(max_sentences=4, seed=1).fit(data[:half], data[:half].labels)
    keys = data.table["interview"][half:]
    rows["SMFLClassifier"] = dict(zip(keys, map(float, model.predict_proba(data[half:])[:, 1]), strict=True))
    return rows


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What differs, a line each: byte for byte on the same machine, within the tolerances on another one.

    Corpora that only one side has, and columns of the table of interviews that are new, are no difference.

    Args:
        before: what `compute` returned for one version.
        now: the same for another version.

    Example:
        >>> before = {"machine": {"processor": "a", "rounding": "b", "libraries": {}}, "corpora": {}}
        >>> before["probabilities"] = {"smfl": {"p": 0.5}}
        >>> differences(before, before | {"probabilities": {"smfl": {"p": 0.7}}})
        ['smfl, interview p: probability 0.7; 0.5 before']
    """
    same = all(before["machine"][part] == now["machine"][part] for part in ("processor", "rounding", "libraries"))
    found = []
    for name in before["corpora"].keys() & now["corpora"].keys():
        one, other = before["corpora"][name], now["corpora"][name]
        if same:
            found += _exact(name, one, other)
        elif name != RECOGNISED:
            found += _near(name, one, other)
    tolerance = SAME_PROBABILITY if same else NEAR_PROBABILITY
    for row, expected in before["probabilities"].items():
        predicted = now["probabilities"].get(row, {})
        if expected.keys() != predicted.keys():
            found.append(f"{row}: {len(predicted)} interviews are predicted; {len(expected)} before")
            continue
        found += [
            f"{row}, interview {key}: probability {predicted[key]}; {value} before"
            for key, value in expected.items()
            if not abs(predicted[key] - value) <= tolerance
        ]
    return sorted(found)


def _exact(corpus: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Where two corpora aren't the same byte for byte."""
    pairs: list[tuple[str, Mapping[str, str], Mapping[str, str]]] = [
        (part, before[part], now[part]) for part in ("columns", "index", "sentences")
    ]
    pairs += [
        (f"interview {key}", arrays, now["interviews"].get(key, {})) for key, arrays in before["interviews"].items()
    ]
    pairs += [
        (f"interview {key}", {}, now["interviews"][key]) for key in now["interviews"].keys() - before["interviews"]
    ]
    return [
        f"{corpus}, {part}, {name}: {other.get(name)}; {one.get(name)} before"
        for part, one, other in pairs
        for name in (one.keys() if part in ("index", "sentences") else one.keys() | other.keys())
        if one.get(name) != other.get(name)
    ]


def _near(corpus: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Where the features of two corpora have other names, or a mean or standard deviation further off than allowed."""
    found = (
        []
        if before["columns"] == now["columns"]
        else [f"{corpus}, columns: {now['columns']}; {before['columns']} before"]
    )
    for modality, figures in before["features"].items():
        of_now = now["features"].get(modality, {"mean": "", "sd": ""})
        sd = np.array(figures["sd"].split(), np.float64)
        for statistic, text in figures.items():
            one, other = (np.array(figure.split(), np.float64) for figure in (text, of_now[statistic]))
            if one.shape != other.shape:
                found.append(f"{corpus}, {modality}: {len(other)} columns; {len(one)} before")
                continue
            far = ~np.isclose(one, other, rtol=1e-4, atol=0, equal_nan=True) & ~(
                abs(one - other) <= FEATURE_TOLERANCE * sd
            )
            found += [
                f"{corpus}, {modality}, column {column}: {statistic} {other[column]:g}; {one[column]:g} before"
                for column in np.flatnonzero(far)
            ]
    return found


if __name__ == "__main__":
    sys.exit(main())
