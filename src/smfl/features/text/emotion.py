"""The emotion that a sentence's words express: seven probabilities, read from its vector by a small head.

The paper's encoder, EmoBERTa, was taught emotions; the built-in MiniLM was not. A linear layer and a softmax on its
vector make up for part of that:

    p = softmax(W v + b),   W [7, 384], b [7], v [384]

Fitted by ``tools/train_emotion_head.py`` to GoEmotions: 43 410 English Reddit comments, whose 27 emotions are taken
together as Ekman's six, and neutral. How well it does on the test split is in ``docs/emotion-head.md``, and in the card
beside the weights. It reads the emotion of the words alone, in writing on the web; nobody's state of mind.

Reference: Demszky, D., Movshovitz-Attias, D., Ko, J., Cowen, A., Nemade, G., and Ravi, S. (2020). GoEmotions: a dataset
of fine-grained emotions. ACL. The data are under Apache-2.0.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from smfl.interview import FeatureError

EMOTIONS = ("anger", "disgust", "fear", "joy", "sadness", "surprise", "neutral")
"""Ekman's six, and neutral."""

COLUMNS = tuple(f"emotion_{emotion}" for emotion in EMOTIONS)

WEIGHTS = Path(__file__).parent / "data" / "emotion_minilm.safetensors"
CARD = WEIGHTS.with_suffix(".json")

Vectors = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class EmotionHead:
    """A linear layer and a softmax.

    Args:
        weight: [7, dimensions of the encoder], rows as in `EMOTIONS`.
        bias: [7].
    """

    weight: npt.NDArray[np.float64]
    bias: npt.NDArray[np.float64]

    def probabilities(self, vectors: Vectors) -> npt.NDArray[np.float32]:
        """How likely each emotion is.

        Computed in double precision, so that the result doesn't depend on how a machine adds up.

        Args:
            vectors: [S, dimensions]; a row of ``nan`` is a sentence without words.

        Returns:
            [S, 7], each row with sum 1, or ``nan`` where the vector is.

        Example:
            >>> head = EmotionHead(np.log([[4.0], [1.0], [2.0], [1.0], [1.0], [0.5], [0.5]]), np.zeros(7))
            >>> [f"{share:.2f}" for share in head.probabilities(np.ones((1, 1)))[0]]
            ['0.40', '0.10', '0.20', '0.10', '0.10', '0.05', '0.05']
        """
        logits = vectors.astype(np.float64) @ self.weight.T + self.bias
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares: npt.NDArray[np.float64] = odds / odds.sum(axis=1, keepdims=True)
        return shares.astype(np.float32)


@functools.cache
def head() -> EmotionHead:
    """The head that comes with the package, for the vectors of ``minilm``.

    Raises:
        FeatureError: where its file is damaged or missing.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        tensors = load_file(WEIGHTS)
        return EmotionHead(tensors["weight"].astype(np.float64), tensors["bias"].astype(np.float64))
    except (OSError, KeyError, SafetensorError) as fault:
        raise FeatureError(f"{WEIGHTS}: not the emotion head ({fault!r}); install smfl anew") from None


def card() -> dict[str, Any]:
    """What is known of the head: encoder, data, licence, how it was fitted, scores on the test split.

    Example:
        >>> card()["encoder"], card()["data"]["licence"]
        ('minilm', 'Apache-2.0')
    """
    facts: dict[str, Any] = json.loads(CARD.read_text(encoding="utf-8"))
    return facts
