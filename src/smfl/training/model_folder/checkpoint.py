"""A model on disk: weights and measurements as safetensors, the rest as JSON, a model card. No pickle, no code.

The folder has the Hugging Face hub's layout (``config.json``, ``model.safetensors``, ``README.md``), so it can be
uploaded as it is. It is written whole or not at all, and ``files.json`` has the hash of each file: a folder that is
torn or was altered is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from smfl.features import Schema
from smfl.interview import CallError, FeatureError
from smfl.interview.atomic import FILES, check_seal, whole_folder
from smfl.nn import Widths
from smfl.training.estimator import SMFLClassifier
from smfl.training.inputs.preprocessing import Inputs, InputSettings, Measured
from smfl.training.inputs.topics import Topics
from smfl.training.links import Links
from smfl.training.model_folder.card import model_card
from smfl.training.models import network_named
from smfl.training.recipe import Recipe
from smfl.training.tasks import tasks_of

VERSION = 2
"""Of the folder's format; 1 had no list of hashes and described networks by another set of settings."""
KIND = "model"
CONFIG, WEIGHTS, SCHEMA, CARD = "config.json", "model.safetensors", "schema.json", "README.md"
_ARRAYS = ("mean", "sd", "statistics_mean", "statistics_sd")
Factory = Callable[[Widths], torch.nn.Module]


def save_model(
    model: SMFLClassifier,
    folder: Path | str,
    *,
    schema: Schema,
    facts: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None,
) -> Path:
    """Write a fitted model, whole or not at all.

    Args:
        model: fitted.
        folder: made where it isn't there; an earlier model in it is replaced.
        schema: of the features that it was trained on; what it doesn't read is left out.
        facts: for the model card: corpus, participants, label rule, whether simulated, date, ….
        texts: further files to write with it: their content by name.

    Returns:
        The folder.

    Raises:
        CallError: where the folder has files that are no model's.
    """
    folder = Path(folder)
    further = dict(texts or {})
    _check_replaceable(folder, {CONFIG, WEIGHTS, SCHEMA, CARD, FILES, *further})
    config = _config(model, facts or {})
    modalities = {name: m for name, m in schema.modalities.items() if name in model.inputs_.modalities}
    read = replace(schema, modalities=modalities)
    with whole_folder(folder, KIND, VERSION) as new:
        save_file(_tensors(model), new / WEIGHTS, metadata={"format": "pt"})
        (new / CONFIG).write_text(json.dumps(config, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        read.write(new / SCHEMA)
        (new / CARD).write_text(model_card(config, read), encoding="utf-8")
        for name, text in further.items():
            (new / name).write_text(text, encoding="utf-8")
    return folder


def load_model(folder: Path | str, network: Factory | None = None) -> SMFLClassifier:
    """Read what `save_model` wrote: the same probabilities to the last bit on the same machine.

    The model's ``schema_`` is the `Schema` that it expects, ``facts_`` what its card says of the training people.

    Args:
        folder: of the model.
        network: what the model was fitted with in place of a model's name; a folder holds no code.

    Raises:
        FeatureError: where the folder isn't a model, or is torn, or was altered.
        CallError: where the model was fitted with a network of your own, which isn't given, or the other way round.
    """
    folder = Path(folder)
    if not (folder / FILES).is_file():
        raise FeatureError(
            f"{folder / FILES}: not there; is {folder} a folder that `smfl train` wrote? "
            "If an earlier version wrote it, train the model again"
        )
    check_seal(folder, KIND, VERSION, FeatureError)
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        _check_network(folder, config["network"], network)
        model = SMFLClassifier(
            model=config["model"],
            recipe=Recipe(**config["recipe"] | {"inputs": InputSettings(**config["recipe"]["inputs"])}),
            modalities=tuple(config["modalities"]),
            task=",".join(config["tasks"]),
            max_sentences=config["max_sentences"],
            seed=config["seed"],
            strong=(config["settings"] or {}).get("strong"),
            weak=tuple((config["settings"] or {}).get("weak", ())) or None,
            network=network,
        )
        _restore(model, config, load_file(folder / WEIGHTS))
    except (OSError, KeyError, TypeError, ValueError, RuntimeError, SafetensorError) as fault:
        raise FeatureError(f"{folder}: not a model that this version can read ({fault}); train it again") from None
    model.schema_ = Schema.read(folder / SCHEMA)
    return model


def _check_replaceable(folder: Path, own: set[str]) -> None:
    """Refuse to replace a folder that holds something else than a model."""
    others = sorted(path.name for path in folder.iterdir() if path.name not in own) if folder.is_dir() else []
    if others:
        raise CallError(f"{folder}: holds {', '.join(others[:3])}, which no model folder has; name another folder")


def _check_network(folder: Path, made_by: str | None, network: Factory | None) -> None:
    """Refuse a network where a name is enough, and a missing one where it isn't."""
    if made_by is not None and network is None:
        raise CallError(
            f"{folder}: its network was made by {made_by}, whose code isn't in the folder; "
            "call load_model(folder, network=...) with it"
        )
    if made_by is None and network is not None:
        raise CallError(f"{folder}: its network is known by name; call load_model(folder) without a network")


def _config(model: SMFLClassifier, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What ``config.json`` says."""
    return {
        "model": model.model,
        "network": None if model.network is None else getattr(model.network, "__qualname__", repr(model.network)),
        "settings": None if model.settings_ is None else asdict(model.settings_),
        "recipe": asdict(model.recipe_in_use()),
        "modalities": list(model.inputs_.modalities),
        "words": model.inputs_.words,
        "max_sentences": model.max_sentences,
        "tasks": list(model.tasks_),
        "links": model.links_.to_dict(),
        "members": len(model.networks_),
        "seed": model.seed,
        "choices": model.choices_,
        "n_parameters": model.n_parameters_,
        "inputs": {
            name: {"columns": list(m.columns), "frame_level": m.frame_level, "gaps": m.gaps}
            for name, m in model.inputs_.measured.items()
        },
        "facts": dict(facts),
    }


def _tensors(model: SMFLClassifier) -> dict[str, torch.Tensor]:
    """Weights of all members, and what was measured on the training people."""
    tensors: dict[str, torch.Tensor] = {}
    for i, network in enumerate(model.networks_):
        tensors |= {f"member.{i}.{name}": x.detach().cpu().contiguous() for name, x in network.state_dict().items()}
    for name, measured in model.inputs_.measured.items():
        arrays: dict[str, npt.NDArray[Any]] = {key: getattr(measured, key) for key in _ARRAYS}
        arrays |= {f"basis.{family}": basis for family, basis in measured.bases.items()}
        arrays |= {} if measured.topics is None else {"topics": measured.topics.prototypes}
        tensors |= {f"inputs.{name}.{key}": torch.from_numpy(np.ascontiguousarray(a)) for key, a in arrays.items()}
    return tensors


def _restore(model: SMFLClassifier, config: Mapping[str, Any], tensors: Mapping[str, torch.Tensor]) -> None:
    """Set what `fit` had set."""
    model.settings_ = None
    if config["settings"] is not None:
        own = {name: tuple(x) if isinstance(x, list) else x for name, x in config["settings"].items()}
        model.settings_ = type(network_named(model.model).settings)(**own)
    model.inputs_ = _inputs(model, config, tensors)
    model.tasks_ = tasks_of(model.task)
    model.links_ = Links.from_dict(config["links"])
    model.networks_ = [_network(model, tensors, member) for member in range(config["members"])]
    model.classes_ = np.array([0, 1])
    model.n_parameters_ = config["n_parameters"]
    model.choices_ = config["choices"]
    model.strong_, model.weak_ = model.choices_.get("strong"), tuple(model.choices_.get("weak", ()))
    model.unimodal_scores_ = model.choices_.get("unimodal_scores", {})
    model.facts_ = config["facts"]


def _inputs(model: SMFLClassifier, config: Mapping[str, Any], tensors: Mapping[str, torch.Tensor]) -> Inputs:
    inputs = Inputs(model.recipe_in_use().inputs, model.modalities, config["words"])
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


def _network(model: SMFLClassifier, tensors: Mapping[str, torch.Tensor], member: int) -> torch.nn.Module:
    network = model.new_network(seed=0)
    prefix = f"member.{member}."
    network.load_state_dict({k.removeprefix(prefix): x for k, x in tensors.items() if k.startswith(prefix)})
    return network.eval()
