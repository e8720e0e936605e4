"""The settings of an extraction: everything that decides how an interview becomes features, made once at the door.

They are stored as they are in ``schema.json`` of what was prepared with them, and read back from there: a recording is
prepared for a model with the very settings of the model's training interviews.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from smfl.interview import CallError, choice
from smfl.interview.options import changed

FEATURES = ("common", "own")
"""``common``: columns that a recording and every corpus can give, so that a model of one reads the other.
``own``: what the corpus itself brings: OpenFace's action units, COVAREP and formants."""

TEXT_LEVELS = ("sentence", "token")

FOLDER = "a folder"
"""Stands in ``schema.json`` for a model that the user gave as a folder: a path says nothing on another machine, and a
folder that a file names is never opened. The hash of its files is in the identity; see `Modality`."""

MODELS = ("text_encoder", "speech_model")
"""The settings that name a model."""


@dataclass(frozen=True)
class ExtractionSettings:
    """How interviews are prepared; together with the inputs it decides the bytes.

    Args:
        features: one of `FEATURES`.
        text_encoder: the sentence encoder: a name (see ``smfl encoders``), or a folder's absolute path.
        text_level: a row a ``sentence``, or a row a ``token``: the encoder's hidden states.
        face_rate: frames a second at which the face is measured; all frames where None.
        max_sentences: the threshold M (§2.4): at most so many sentences an interview, the longest.
        modalities: only these are measured; all where None.
        extractors: names of extractors to be used for their modality instead of the ones that would be chosen.
        speech_model: recognises words where there is no transcript: a name (see ``smfl encoders``), or a folder's
            absolute path.
        language: BCP 47 tag of what is spoken there; None leaves it to the model.
        participant: the participant's name in a transcript file; without one ``first`` or ``second`` (the voice heard
            first, or the other) or ``all``; None: found out.
        deidentify: replace names, dates, places, numbers and addresses in the words, and silence them in the voice.
        deidentify_strict: take every rare word for a name: more is found, and more is lost.
        names: that are replaced wherever they occur. They are never written into a folder.

    Raises:
        CallError: for a value that makes no sense.

    Example:
        >>> ExtractionSettings(face_rate=10.0).max_sentences
        120
        >>> ExtractionSettings(max_sentences=0)
        Traceback (most recent call last):
        ...
        smfl.interview.errors.CallError: the threshold M is at least 1 sentence; got 0
    """

    features: str = "common"
    text_encoder: str = "minilm"
    text_level: str = "sentence"
    face_rate: float | None = None
    max_sentences: int = 120
    modalities: tuple[str, ...] | None = None
    extractors: tuple[str, ...] = ()
    speech_model: str = "tiny.en"
    language: str | None = None
    participant: str | None = None
    deidentify: bool = False
    deidentify_strict: bool = False
    names: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        choice(self.text_level, TEXT_LEVELS, what="text level")
        choice(self.features, FEATURES, what="features")
        if self.face_rate is not None and not self.face_rate > 0:
            raise CallError(f"the face rate is in frames a second, above 0; got {self.face_rate:g}")
        if self.max_sentences < 1:
            raise CallError(f"the threshold M is at least 1 sentence; got {self.max_sentences}")

    def changed(self, **options: Any) -> ExtractionSettings:
        """These settings but for some, given by the names of the fields.

        Lists become tuples; None is the default where a field can't be None.

        Raises:
            CallError: for a name that no setting has, with the nearest one.

        Example:
            >>> ExtractionSettings().changed(modalities=["audio"], speech_model=None).modalities
            ('audio',)
            >>> ExtractionSettings().changed(face_rat=10)
            Traceback (most recent call last):
            ...
            smfl.interview.errors.CallError: unknown setting 'face_rat'; did you mean 'face_rate'? valid: features, ...
        """
        return changed(self, options)

    def to_dict(self) -> dict[str, Any]:
        """As ``schema.json`` has them: without the names, and with `FOLDER` for a model in a folder.

        Example:
            >>> ExtractionSettings(names=("ana",), text_encoder="/models/roberta").to_dict()["text_encoder"]
            'a folder'
        """
        stored = {name: value for name, value in asdict(self).items() if name != "names"}
        return stored | {name: FOLDER for name in MODELS if Path(stored[name]).is_absolute()}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> ExtractionSettings:
        """From what `to_dict` gave.

        Example:
            >>> settings = ExtractionSettings(face_rate=12.5, modalities=("audio",))
            >>> ExtractionSettings.from_dict(settings.to_dict()) == settings
            True
        """
        return cls().changed(**document)
