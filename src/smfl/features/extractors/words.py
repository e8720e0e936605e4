"""The words: the vector of each sentence, or the hidden states of its tokens, by one of the text encoders."""

from __future__ import annotations

from collections.abc import Mapping

from smfl.features.extractors.contract import Context, Extractor
from smfl.features.settings import ExtractionSettings
from smfl.features.text import encoders
from smfl.interview import FeatureError, Interview, Signal


class Words(Extractor):
    """A row a sentence or a token, by the settings' ``text_encoder`` and ``text_level``."""

    name, modality = "text", "text"
    of_sound = False
    decides = ("text_level",)

    def columns(self, settings: ExtractionSettings) -> Mapping[str, str]:
        """The encoder's; at token level those of its states alone."""
        encoder = encoders.loaded(settings.text_encoder)
        names = encoder.columns
        if settings.text_level == "token":
            names = tuple(name for name in names if name.removeprefix("text_").isdigit())
        return dict.fromkeys(names, "1")

    def check(self, interview: Interview, settings: ExtractionSettings) -> None:
        """Whether there are words is known once there are sentences."""

    def identity(self, settings: ExtractionSettings) -> str:
        """With the identity of the encoder."""
        return f"{super().identity(settings)} by {encoders.identity(settings.text_encoder)}"

    def extract(self, interview: Interview, context: Context) -> Signal:
        """Encode the sentences; an empty one is missing."""
        texts = [sentence.text for sentence in context.sentences]
        if not any(text.strip() for text in texts):
            raise FeatureError("no sentence has words")
        encoder = encoders.loaded(context.settings.text_encoder)
        return encoder.encode_tokens(texts) if context.settings.text_level == "token" else encoder.encode(texts)


EXTRACTOR = Words()
