"""MiniLM in some fifty languages, Chinese among them; from the Hugging Face hub."""

from __future__ import annotations

from smfl.features.text.encoders.contract import EncoderInfo
from smfl.features.text.encoders.sentence_transformer import SentenceEncoder

TEXT_ENCODER = EncoderInfo(
    "multilingual",
    "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2",
    SentenceEncoder,
    "Reimers, N., and Gurevych, I. (2019). Sentence-BERT. EMNLP; "
    "Reimers, N., and Gurevych, I. (2020). Making monolingual sentence embeddings multilingual. EMNLP",
    language="mul",
    dimensions=384,
    licence="Apache-2.0",
)
