"""What was predicted of whom, kept in the repository: figures are computed anew without fitting, and parts add up.

A comparison of five seeds takes hours. So each of its parts, such as one seed, is a file of held-out predictions beside
the page, written as soon as its fits are done. Whoever doubts a figure computes it from them; who adds a seed fits that
one only. A file counts only as long as the code that decides what a fit gives is the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bench.page import commit
from smfl.evaluation import ModelFacts, Results
from smfl.evaluation.results import HISTORY_COLUMNS
from smfl.interview.atomic import write_file
from smfl.pipeline.comparison.ideal_observer import IDEAL
from smfl.pipeline.comparison.kept_fits import CODE, DECIDING, code_digest

SIMULATOR = "simulation"
_HEADER = b"bench"


def kept_or_made(path: Path, asked: Mapping[str, Any], fit: Callable[[], Results], *, again: bool = False) -> Results:
    """The results of one part of a study: from its file, or fitted and put there.

    Args:
        path: of the file, a Parquet table of `PREDICTION_COLUMNS`.
        asked: what was fitted on what: people, systems, folds; JSON.
        fit: gives the results where there is no file, or one of other code, libraries or people.
        again: whether to fit in any case.
    """
    deciding = {
        **asked,
        "code": code_digest((*CODE, SIMULATOR)),
        "libraries": {name: metadata.version(name) for name in DECIDING},
    }
    if path.exists() and not again:
        table = pq.read_table(path)
        header = json.loads(table.schema.metadata[_HEADER])
        if header["deciding"] == deciding:
            return _results([table.to_pandas()], header["models"], [header["environment"]])
    results = fit()
    document = results.document
    told = ("name", "modalities", "parameters", "seconds")
    models = [{key: one[key] for key in told} for one in document["models"]]
    header = {"deciding": deciding, "models": models, "environment": document["environment"] | {"commit": commit()}}
    table = pa.Table.from_pandas(results.predictions, preserve_index=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    described = table.replace_schema_metadata({_HEADER: json.dumps(header)})
    write_file(path, lambda partial: pq.write_table(described, partial, compression="zstd"))
    return results


def together(parts: Sequence[Results]) -> Results:
    """The results of several seeds, as if they had been fitted in one run; seconds are their sum."""
    models: dict[str, dict[str, Any]] = {}
    for one in (model for results in parts for model in results.document["models"]):
        seconds = models.get(one["name"], {"seconds": 0.0})["seconds"] + one["seconds"]
        models[one["name"]] = {key: one[key] for key in ("name", "modalities", "parameters")} | {"seconds": seconds}
    environments = [results.document["environment"] for results in parts]
    return _results([results.predictions for results in parts], list(models.values()), environments)


def tables(study: str, parts: Mapping[str, Sequence[int]], by: str = "seed") -> str:
    """Links to the files of a study, from its page.

    Args:
        study: name of the page, and of the folder beside it.
        parts: by name of a part, such as a regime, the seeds or sizes that there are of it.
        by: what these are.
    """
    return "; ".join(
        f"`{part}`, {by} {', '.join(f'[{n}]({study}/{file_name(part, n, by)})' for n in numbers)}"
        for part, numbers in parts.items()
    )


def file_name(part: str, number: int, by: str = "seed") -> str:
    """Of the file of a part, ``global-seed-0.parquet``."""
    return f"{part}-{by}-{number}.parquet"


def _results(
    predictions: Sequence[pd.DataFrame], models: Sequence[Mapping[str, Any]], environments: Sequence[Mapping[str, Any]]
) -> Results:
    facts = [
        ModelFacts(
            one["name"], tuple(one["modalities"]), one["parameters"], one["seconds"], ranked=one["name"] != IDEAL
        )
        for one in models
    ]
    table, history = pd.concat(predictions, ignore_index=True), pd.DataFrame(columns=list(HISTORY_COLUMNS))
    return Results.of(table, history, facts, {"environment": environments[0], "environments": list(environments)})
