"""EmoBERTa, the paper's encoder, in two sizes; from the Hugging Face hub."""

from __future__ import annotations

from dataclasses import replace

from smfl.features.text.encoders.contract import EncoderInfo
from smfl.features.text.encoders.sentence_transformer import SentenceEncoder

_BASE = EncoderInfo(
    "emoberta",
    "tae898/emoberta-base",
    SentenceEncoder,
    "Kim, T., and Vossen, P. (2021). EmoBERTa: speaker-aware emotion recognition in conversation. arXiv:2108.12009",
    language="en",
    dimensions=768,
    licence="MIT",
)

TEXT_ENCODER = (_BASE, replace(_BASE, name="emoberta-large", source="tae898/emoberta-large", dimensions=1024))
