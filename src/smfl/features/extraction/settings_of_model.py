"""The settings with which a recording is prepared for a model: those of its training interviews, and nothing more.

A model may come from anybody. So what its ``schema.json`` names is taken only where it is registered here: a folder or
a model of the hub is never opened because a file says so, since loading one can run code. Whoever predicts gives the
folder, whose weights have to be those of the training, or allows the hub.
"""

from __future__ import annotations

import re
from pathlib import Path

from smfl.features.schema import Schema
from smfl.features.settings import FOLDER, ExtractionSettings
from smfl.features.speech.speech_models import SPEECH_MODELS
from smfl.features.text import encoders
from smfl.interview import CallError, FeatureError

_HASH = "sha256:"
_HUB = re.compile(r"[\w.-]+/[\w.-]+")
SHOWN = 12
"""Digits of a hash that are shown."""


def settings_of_model(
    schema: Schema, *, text_encoder: str | None = None, speech_model: str | None = None, online: bool = False
) -> ExtractionSettings:
    """The settings of a model's training interviews, of the modalities that it reads.

    Args:
        schema: the model's.
        text_encoder: the user's folder (or name) of the encoder; its weights are compared with the training's.
        speech_model: the user's choice; the training's where None.
        online: whether a model may be fetched from the Hugging Face hub.

    Raises:
        CallError: where the user has to give a folder, or to allow the hub.
        FeatureError: where the encoder has other weights, or the schema names one that isn't registered.

    Example:
        >>> from smfl.features.schema import Modality
        >>> words = Modality(("text_000",), "sentence", None, "text", "text 1 by sha256:abc")
        >>> settings_of_model(Schema({"text": words}, {}, ExtractionSettings(text_encoder="a folder")))
        Traceback (most recent call last):
        ...
        smfl.interview.errors.CallError: the model was trained with a text encoder of a folder (weights abc): give ...
    """
    settings = schema.settings.changed(modalities=tuple(schema.modalities), speech_model=_speech(schema, speech_model))
    words = schema.modalities.get("text")
    if words is None or _HASH not in words.identity:
        return settings.changed(text_encoder=text_encoder)  # no encoder is used
    encoder = text_encoder if text_encoder is not None else _named(settings.text_encoder, words.identity, online)
    expected, found = _weights(words.identity), _weights(encoders.identity(encoder))
    if found != expected:
        raise FeatureError(
            f"the text encoder {encoder} has other weights ({found[:SHOWN] or 'none here'}) than the model was trained "
            f"with ({settings.text_encoder}, {expected[:SHOWN]}): give the folder of those with --text-encoder, "
            "or train again"
        )
    return settings.changed(text_encoder=encoder)


def _weights(identity: str) -> str:
    return identity.rpartition(_HASH)[2] if _HASH in identity else ""


def _named(name: str, identity: str, online: bool) -> str:
    """The encoder that a schema names, where it may be used."""
    registered = name in encoders.ENCODERS
    if registered and encoders.ENCODERS[name].offline:
        return name
    if name == FOLDER:
        raise CallError(
            f"the model was trained with a text encoder of a folder (weights {_weights(identity)[:SHOWN]}): "
            "give that folder: --text-encoder FOLDER"
        )
    if not registered and (not _HUB.fullmatch(name) or Path(name).exists()):
        raise FeatureError(
            f"the model's schema.json names {name!r} as its text encoder: that is none of the registered ones, and is "
            "not opened; give the folder of the encoder with --text-encoder"
        )
    if not online:
        raise CallError(
            f"the model was trained with the text encoder {name} of the Hugging Face hub: allow it with --online, "
            "or give the folder of a copy with --text-encoder"
        )
    return name


def _speech(schema: Schema, given: str | None) -> str:
    """The speech model: the user's, else the training's where it is registered."""
    name = schema.settings.speech_model if given is None else given
    if given is None and name not in SPEECH_MODELS:
        raise CallError(
            f"the model's training interviews were heard by the speech model {name!r}, which isn't a registered one: "
            "give one with --speech-model, such as tiny.en; where there is a transcript it isn't used"
        )
    return name
