"""A model on disk: weights and measurements as safetensors, the rest as JSON, a model card. No pickle.

The folder has the Hugging Face hub's layout (``config.json``, ``model.safetensors``, ``README.md``), so it can be
uploaded as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from smfl.features import Schema
from smfl.interview import FeatureError
from smfl.nn import Composition, Network
from smfl.training.estimator import SMFLClassifier
from smfl.training.inputs.preprocessing import Inputs, InputSettings, Measured
from smfl.training.inputs.topics import Topics
from smfl.training.model_folder.card import model_card
from smfl.training.readings import Readings
from smfl.training.recipe import Recipe
from smfl.training.tasks import BINARY, tasks_of

CONFIG, WEIGHTS, SCHEMA, CARD = "config.json", "model.safetensors", "schema.json", "README.md"
_ARRAYS = ("mean", "sd", "statistics_mean", "statistics_sd")


def save_model(
    model: SMFLClassifier, folder: Path | str, *, schema: Schema, facts: Mapping[str, Any] | None = None
) -> Path:
    """Write a fitted model.

    Args:
        model: fitted.
        folder: made where it isn't there.
        schema: of the features that it was trained on; what it doesn't read is left out.
        facts: what the model card tells: corpus, participants, label rule, whether simulated, date, ….

    Returns:
        The folder.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tensors: dict[str, torch.Tensor] = {}
    for i, network in enumerate(model.networks_):
        tensors |= {f"member.{i}.{name}": x.detach().cpu().contiguous() for name, x in network.state_dict().items()}
    for name, measured in model.inputs_.measured.items():
        arrays: dict[str, npt.NDArray[Any]] = {key: getattr(measured, key) for key in _ARRAYS}
        arrays |= {f"basis.{family}": basis for family, basis in measured.bases.items()}
        arrays |= {} if measured.topics is None else {"topics": measured.topics.prototypes}
        tensors |= {f"inputs.{name}.{key}": torch.from_numpy(np.ascontiguousarray(a)) for key, a in arrays.items()}
    recipe = model.recipe_in_use()
    config = {
        "format": 1,
        "model": model.model,
        "recipe": asdict(recipe),
        "composition": asdict(model.composition_),
        "modalities": list(model.inputs_.modalities),
        "max_sentences": model.max_sentences,
        "tasks": list(model.tasks_),
        "readings": model.readings_.to_dict(),
        "members": len(model.networks_),
        "seed": model.seed,
        "choices": model.choices_,
        "n_parameters": model.n_parameters_,
        "inputs": {
            name: {"columns": list(m.columns), "frame_level": m.frame_level, "gaps": m.gaps}
            for name, m in model.inputs_.measured.items()
        },
        "facts": dict(facts or {}),
    }
    modalities = {name: m for name, m in schema.modalities.items() if name in model.inputs_.modalities}
    read = replace(schema, modalities=modalities)
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})
    (folder / CONFIG).write_text(json.dumps(config, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    read.write(folder / SCHEMA)
    (folder / CARD).write_text(model_card(config, read), encoding="utf-8")
    return folder


def load_model(folder: Path | str) -> SMFLClassifier:
    """Read what `save_model` wrote: the same probabilities to the last bit on the same machine.

    The model's ``schema_`` is the `Schema` that it expects, ``facts_`` what its card tells.

    Raises:
        FeatureError: where the folder isn't a model.
    """
    folder = Path(folder)
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        recipe = config["recipe"] | {"inputs": InputSettings(**config["recipe"]["inputs"])}
        model = SMFLClassifier(
            model=config["model"],
            recipe=Recipe(**recipe),
            modalities=tuple(config["modalities"]),
            task=",".join(config.get("tasks", [BINARY])),
            max_sentences=config["max_sentences"],
            seed=config["seed"],
            strong=config["composition"]["strong"],
            weak=tuple(config["composition"]["weak"]) or None,
        )
        model.composition_ = Composition(**config["composition"] | {"weak": tuple(config["composition"]["weak"])})
        with safe_open(folder / WEIGHTS, framework="pt") as file:
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - a handle, not a mapping
        model.inputs_ = _inputs(model, config, tensors)
        model.tasks_ = tasks_of(model.task)
        model.readings_ = Readings.from_dict(config["readings"]) if "readings" in config else Readings()
        model.networks_ = [_network(model, tensors, i) for i in range(config["members"])]
    except FileNotFoundError as fault:
        raise FeatureError(f"{fault.filename}: not there; is {folder} a folder that `smfl train` wrote?") from None
    except (KeyError, TypeError, ValueError, RuntimeError, SafetensorError) as fault:
        raise FeatureError(f"{folder}: not a model that this version can read ({fault}); train it again") from None
    model.classes_ = np.array([0, 1])
    model.n_parameters_ = config["n_parameters"]
    model.choices_ = config.get("choices", {})  # folders of earlier versions have none
    model.strong_, model.weak_ = model.choices_.get("strong"), tuple(model.choices_.get("weak", ()))
    model.unimodal_scores_ = model.choices_.get("unimodal_scores", {})
    model.schema_ = Schema.read(folder / SCHEMA)
    model.facts_ = config["facts"]
    return model


def _inputs(model: SMFLClassifier, config: Mapping[str, Any], tensors: Mapping[str, torch.Tensor]) -> Inputs:
    recipe = model.recipe
    settings = recipe.inputs if isinstance(recipe, Recipe) else InputSettings()
    inputs = Inputs(settings, model.modalities, model.composition_.strong)
    for name, facts in config["inputs"].items():
        prefix = f"inputs.{name}."
        arrays = {key.removeprefix(prefix): x.numpy() for key, x in tensors.items() if key.startswith(prefix)}
        bases = {key.removeprefix("basis."): a for key, a in arrays.items() if key.startswith("basis.")}
        order = sorted(bases, key=lambda family: [c.startswith(family) for c in facts["columns"]].index(True))
        inputs.measured[name] = Measured(
            tuple(facts["columns"]),
            facts["frame_level"],
            facts["gaps"],
            bases={family: bases[family] for family in order},
            topics=Topics(arrays["topics"]) if "topics" in arrays else None,
            **{key: arrays[key] for key in _ARRAYS},
        )
    return inputs


def _network(model: SMFLClassifier, tensors: Mapping[str, torch.Tensor], member: int) -> Network:
    inputs = model.inputs_
    network = Network(inputs.frame_widths, inputs.statistics_widths, model.composition_, inputs.topics)
    prefix = f"member.{member}."
    network.load_state_dict({k.removeprefix(prefix): x for k, x in tensors.items() if k.startswith(prefix)})
    return network.eval()
