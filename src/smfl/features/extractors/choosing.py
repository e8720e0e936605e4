"""Which extractors measure an interview: ready-made features before a tool's output, and that before the recording."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from smfl.features.extractors.contract import Extractor
from smfl.features.settings import ExtractionSettings
from smfl.interview import FeatureError, Interview, SmflError
from smfl.interview.register import Register

EXTRACTORS: Register[Extractor] = Register(Extractor, "EXTRACTOR", "smfl.features.extractors", what="extractor")
"""All extractors, those of plugins among them."""

MODALITIES = ("video", "audio", "text")
"""The paper's three; what else there is follows by name."""

ANY = "any"
"""The modality of an extractor that gives whichever is asked for."""

OUTPUT_OF_TOOLS = ("openface", "covarep", "formant")
"""Signals that are a tool's raw output; all others are features of a modality, used as they are."""


@dataclass(frozen=True, eq=False)
class Choice:
    """What measures a modality, and by what it is known that features were measured in the same way."""

    extractor: Extractor
    identity: str


Chosen = Mapping[str, Choice | SmflError]
"""By modality, what measures it, or why it can't be had."""


def choose(interview: Interview, settings: ExtractionSettings) -> dict[str, Choice | SmflError]:
    """The extractor of each modality of an interview, or why it can't be had.

    Where the settings name an extractor, it is the only one of its modality.

    Example:
        >>> one = Interview("a", "a", signals={"audio": lambda: None})
        >>> chosen = choose(one, ExtractionSettings())
        >>> chosen["audio"].extractor.name, chosen["text"].extractor.name, str(chosen["video"])
        ('given', 'text', 'neither a recording nor features of the face')
    """
    named = [EXTRACTORS.named(name) for name in settings.extractors]
    unread = interview.own if settings.features == "common" else ()
    ready = set(interview.signals) - {*OUTPUT_OF_TOOLS, *unread}
    further = sorted((ready | {one.modality for one in EXTRACTORS.values()}) - {*MODALITIES, ANY})
    found: dict[str, Choice | SmflError] = {}
    for name in (*MODALITIES, *further):
        if settings.modalities is None or name in settings.modalities:
            able = [
                one for one in EXTRACTORS.values() if one.modality == name or (name in ready and one.modality == ANY)
            ]
            found[name] = _best([one for one in named if one.modality == name] or able, interview, settings)
    return found


def _best(able: list[Extractor], interview: Interview, settings: ExtractionSettings) -> Choice | SmflError:
    """The first by preference that can be had; else what the last one says."""
    fault: SmflError = FeatureError(f"{able[0].name} is for features={' or '.join(map(repr, able[0].features))}")
    for one in sorted(able, key=lambda one: -one.preference):
        if settings.features in one.features:
            try:
                one.check(interview, settings)
            except SmflError as why:
                fault = why
            else:
                return Choice(one, one.identity(settings))
    return fault
