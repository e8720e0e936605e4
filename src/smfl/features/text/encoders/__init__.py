"""The words: a sentence encoder's hidden states, one vector a sentence (§2.3).

The paper's encoder is EmoBERTa (Kim and Vossen 2021), 768 dimensions. The default here is all-MiniLM-L6-v2, whose
weights come inside a package, so that everything works offline. Any sentence-transformers or Hugging Face model does,
by its folder or its name on the hub: a plain one is read as the mean of its last hidden states over the words.

EmoBERTa was trained on emotions, MiniLM wasn't. So the built-in encoder's vector is followed by columns that a person
can read: seven emotions (`smfl.features.text.emotion`), eight topics of a depression scale
(`smfl.features.text.symptoms`), and how much the speaker is in the words (`smfl.features.text.first_person`).

Texts go to the encoder as they are. MiniLM's own tokenizer drops capitals, EmoBERTa's keeps them; a transcript
in lower case (DAIC-WOZ) is read so.
"""

from smfl.features.text.encoders.contract import EncoderInfo, Progress, TextEncoder
from smfl.features.text.encoders.finding import DEFAULT, ENCODERS, describe, encoder, identity, loaded
from smfl.features.text.encoders.sentence_transformer import READABLE_COLUMNS, SentenceEncoder

__all__ = [
    "DEFAULT",
    "ENCODERS",
    "READABLE_COLUMNS",
    "EncoderInfo",
    "Progress",
    "SentenceEncoder",
    "TextEncoder",
    "describe",
    "encoder",
    "identity",
    "loaded",
]
