"""Which encoder a name means: a registered one, a folder of the user's, or a model on the Hugging Face hub."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from smfl.features.text.encoders.contract import EncoderInfo, TextEncoder
from smfl.features.text.encoders.sentence_transformer import SentenceEncoder, weights_of
from smfl.features.weights import weights_hash
from smfl.interview import SmflError, choice
from smfl.interview.register import Register

DEFAULT = "minilm"

ENCODERS: Register[EncoderInfo] = Register(
    EncoderInfo, "TEXT_ENCODER", "smfl.features.text.encoders", what="text encoder"
)
"""The encoders with a name of their own; ``multilingual`` reads Chinese among some fifty languages,
``use-multilingual`` among sixteen, and works offline."""


def describe(name: str) -> EncoderInfo:
    """What `encoder` would load under this name.

    Raises:
        CallError: for a name that is neither one of `ENCODERS` nor a folder nor a hub name.

    Example:
        >>> describe("emoberta").source
        'tae898/emoberta-base'
        >>> describe("someone/their-model").source
        'someone/their-model'
        >>> describe("minlm")
        Traceback (most recent call last):
        ...
        smfl.interview.errors.CallError: unknown text encoder 'minlm'; did you mean 'minilm'? valid: emoberta, ...
    """
    if name in ENCODERS:
        return ENCODERS[name]
    if Path(name).is_dir():
        return EncoderInfo(name, str(Path(name)), SentenceEncoder, offline=True)
    if "/" in name:
        return EncoderInfo(name, name, SentenceEncoder)
    return ENCODERS[choice(name, [*ENCODERS, "a folder", "owner/model"], what="text encoder")]


def encoder(name: str = DEFAULT) -> TextEncoder:
    """A sentence encoder, loaded.

    Args:
        name: one of `ENCODERS`, or the folder or hub name (``owner/model``) of any other.

    Raises:
        CallError: for a name that is none of these.
        FeatureError: where it can't be loaded: no such model, or the hub can't be reached.
        MissingExtraError: where the libraries aren't installed.
    """
    info = describe(name)
    return info.load(info)


def identity(name: str = DEFAULT) -> str:
    """By which it is known whether vectors are the same encoder's: name, version and hash of the weights.

    A folder counts by its weights alone, wherever it lies; so does a model of the hub that was fetched into a folder.

    Raises:
        CallError: for a name that is no encoder's.

    Example:
        >>> identity("use-multilingual").split(":")[0]
        'use-multilingual 1 sha256'
    """
    info = describe(name)
    found = (info.weights or weights_of)(info)
    if not found and not info.offline:
        _fetch(name)
        found = (info.weights or weights_of)(info)
    hashes = [f"sha256:{weights_hash(path)}" for path in found]
    called = [f"{name} {info.version}"] if name in ENCODERS else []
    return " ".join(called + hashes)


@lru_cache(maxsize=16)
def _fetch(name: str) -> None:
    """Have a model of the hub on this machine, where that is possible: its weights are known only then."""
    with suppress(SmflError):
        encoder(name)


def loaded(name: str) -> TextEncoder:
    """The encoder, loaded once in a process as long as its weights stay what they are.

    One that couldn't be loaded isn't tried again.

    Raises:
        SmflError: as `encoder`.
    """
    found = _loaded(name, identity(name))
    if isinstance(found, SmflError):
        raise found
    return found


@lru_cache(maxsize=4)
def _loaded(name: str, identity: str) -> TextEncoder | SmflError:
    try:
        return encoder(name)
    except SmflError as fault:
        return fault
