"""Encoders of sentence-transformers and Hugging Face transformers: from a package, a folder, or the hub."""

from __future__ import annotations

import functools
import importlib
import json
import logging
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from smfl.features.hub import first_line, hub_error
from smfl.features.text import emotion, first_person, symptoms
from smfl.features.text.encoders.contract import EncoderInfo, Progress
from smfl.interview import FeatureError, MissingExtraError, Signal

BATCH = 32
"""Sentences at a time: enough to keep a core busy, little enough for a small memory."""

BUILT_IN = "minilm"
"""What is advised where another one can't be had."""


READABLE_COLUMNS = (*emotion.COLUMNS, *symptoms.COLUMNS, first_person.COLUMN)
"""Columns that follow the built-in encoder's vector, which a person can read."""

MODULES = "modules.json"


class SentenceEncoder:
    """A sentence-transformers or Hugging Face model behind `TextEncoder`.

    The vector of a text doesn't depend on the other texts (to 1e-5): padding is masked. It is computed on one
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
        """``text_000``, ``text_001``, …: one a dimension; of ``minilm`` also `READABLE_COLUMNS`."""
        numbered = tuple(f"text_{i:03d}" for i in range(self._dimensions))
        return numbered + (READABLE_COLUMNS if self.info.readable else ())

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Signal:
        """Encode sentences.

        Args:
            texts: S sentences; an empty one is missing, not the empty statement.
            progress: called with the number of sentences done.

        Returns:
            ``text`` at sentence level, float32 [S, columns], the row of an empty text ``nan``.
        """
        values = self.vectors(texts, progress)
        if self.info.readable:
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
        """Positions of texts of one length or so, and what the model gives for them; on one thread."""
        import torch

        spoken = [i for i, text in enumerate(texts) if text.strip()]
        by_length = sorted(spoken, key=lambda i: (-len(texts[i]), texts[i]))
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            for first in range(0, len(by_length), BATCH):
                batch = by_length[first : first + BATCH]
                batch_texts = [texts[i].strip() for i in batch]
                yield batch, self._model.encode(batch_texts, batch_size=BATCH, show_progress_bar=False, **how)
                if progress is not None:
                    progress(len(texts) - len(spoken) + first + len(batch))
        finally:
            torch.set_num_threads(threads)

    @functools.cached_property
    def _topics(self) -> npt.NDArray[np.float64]:
        return symptoms.topics(self.vectors)


def _loaded(info: EncoderInfo) -> Any:
    source = _folder_of_package(info) or info.source
    check_modules(Path(source))
    model = _transformer(source, from_hub=False)
    if isinstance(model, Exception) and not Path(source).is_dir():
        model = hub_error(source) or _transformer(source, from_hub=True)
        if isinstance(model, Exception):
            raise FeatureError(
                f"text encoder {info.name!r}: {source} can't be had from the Hugging Face hub ({first_line(model)}); "
                f"without a network, give the folder of a copy, or take {BUILT_IN!r}, which is built in"
            )
    if isinstance(model, Exception):
        raise FeatureError(
            f"{source}: not a model that can be loaded ({first_line(model)}); the folder of a sentence-transformers or "
            f"Hugging Face model has a config.json, its weights and its tokenizer"
        )
    return model


def _transformer(source: str, *, from_hub: bool) -> Any:
    """The model, or the error that kept it from being loaded; without the hub it comes from a folder or the cache."""
    try:
        from sentence_transformers import SentenceTransformer

        messages: Any = importlib.import_module("transformers.utils.logging")
    except ImportError:
        raise MissingExtraError("sentence_transformers", extra="text") from None
    messages.disable_progress_bar()
    messages.set_verbosity_error()
    logging.getLogger("sentence_transformers").setLevel(logging.ERROR)
    try:
        return SentenceTransformer(source, device="cpu", local_files_only=not from_hub, trust_remote_code=False)
    except (OSError, ValueError, RuntimeError) as fault:
        return fault


def _folder_of_package(info: EncoderInfo) -> str | None:
    """Where a package that carries its model keeps it."""
    if not info.offline or Path(info.source).is_dir():
        return None
    try:
        return str(importlib.import_module(info.source).get_model_path())
    except ImportError:
        raise MissingExtraError(info.source.replace("_", "-"), extra="text") from None


def weights_of(info: EncoderInfo) -> tuple[Path, ...]:
    """Where the weights of an encoder lie: its folder, its package, or what was fetched from the hub; () if nowhere."""
    if Path(info.source).is_dir():
        return (Path(info.source),)
    if info.offline:
        return files_in(info.source, "model")
    try:
        from huggingface_hub import try_to_load_from_cache
    except ImportError:
        return ()
    found = try_to_load_from_cache(info.source, "config.json")
    return (Path(found).parent,) if isinstance(found, str) else ()


def files_in(package: str, folder: str) -> tuple[Path, ...]:
    """A folder of a package that carries weights, without importing it; () where it isn't installed."""
    found = find_spec(package)
    return (Path(found.origin).parent / folder,) if found and found.origin else ()


def check_modules(folder: Path) -> None:
    """Refuse a folder that wants code of its own to be run: sentence-transformers imports what `MODULES` names.

    Raises:
        FeatureError: naming the module.
    """
    if not (folder / MODULES).is_file():
        return
    try:
        kinds = [str(module["type"]) for module in json.loads((folder / MODULES).read_text(encoding="utf-8"))]
    except (ValueError, KeyError, TypeError) as fault:
        raise FeatureError(f"{folder / MODULES}: can't be read ({fault}); save the model again") from None
    for kind in kinds:
        if not kind.startswith("sentence_transformers."):
            raise FeatureError(
                f"{folder / MODULES}: the module {kind!r} is code of the folder's own, which isn't run; "
                "give a model made of sentence-transformers' own modules"
            )
