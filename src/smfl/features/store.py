"""The store: sentence features on disk, an interview a file, written whole or not at all.

``PREPARED/interviews/<interview>.safetensors`` holds one interview's features, and in its header everything else that
is known of it, so a file that is there is complete, and a run that was stopped goes on where it was. The tables
(``index.parquet``, ``sentences.parquet``, ``ledger.jsonl``) are made from the headers at the end, so that they are the
same whatever the number of workers.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import numpy.typing as npt

from smfl.features.schema import Modality, Schema
from smfl.features.sentences import IntArray, SentenceFeatures
from smfl.interview import CallError, Entry, FeatureError, Label

if TYPE_CHECKING:
    import pandas as pd

INTERVIEWS, INDEX, SENTENCES, SCHEMA, LEDGER = (
    "interviews", "index.parquet", "sentences.parquet", "schema.json", "ledger.jsonl",
)  # fmt: skip
COLUMNS = (
    "interview", "participant", "label", "score", "scale", "split", "gender", "age", "n_sentences", "seconds",
    "modalities",
)  # fmt: skip
"""The index's own columns, in order; the corpus's metadata follow, and the quality facts."""
QUALITY = "quality_"
"""What the columns of quality facts begin with: shares 0 to 1, dB and s, as their names say; missing is nan."""
_HEADER = "smfl"  # one key, so that the header's bytes don't depend on the order of a hash map
_TYPES = {"int64": "I64", "float64": "F64", "float32": "F32"}  # as safetensors names and orders them


def write_interview(
    folder: Path,
    features: SentenceFeatures,
    *,
    label: Label | None,
    facts: Mapping[str, Any],
    ledger: Sequence[Entry],
    fingerprint: str,
    modalities: Mapping[str, Modality] | None = None,
) -> Path:
    """Write one interview's file, atomically.

    Args:
        folder: the prepared folder.
        features: what to write.
        label: the label with its scale.
        facts: further columns of the index: split, gender, age, metadata of the corpus.
        ledger: this interview's lines.
        fingerprint: of inputs and settings; see `is_done`.
        modalities: what the columns of this interview's features are; see `modalities_of`.

    Returns:
        The file.
    """
    tensors: dict[str, npt.NDArray[Any]] = {"sentences.times": np.ascontiguousarray(features.times, dtype=np.float64)}
    for name in features.values:
        tensors[f"{name}.values"] = np.ascontiguousarray(features.values[name], dtype=np.float32)
        tensors[f"{name}.offsets"] = np.ascontiguousarray(features.offsets[name], dtype=np.int64)
    header = {
        "fingerprint": fingerprint,
        "ledger": [entry.as_dict() for entry in ledger],
        "schema": Schema(modalities or {}).to_dict()["modalities"],
        "texts": list(features.texts),
        "row": {
            "interview": features.interview,
            "participant": features.participant,
            "label": None if label is None else label.value,
            "score": None if label is None else label.score,
            "scale": None if label is None else label.scale,
            **facts,
            "n_sentences": len(features),
            "seconds": round(features.seconds, 3),
            "modalities": ",".join(features.modalities),
        },
    }
    path = folder / INTERVIEWS / f"{features.interview}.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    known = json.dumps(header, sort_keys=True, ensure_ascii=False)
    _whole(path, lambda partial: _save(partial, tensors, {_HEADER: known}))
    return path


def _save(path: Path, tensors: Mapping[str, npt.NDArray[Any]], metadata: Mapping[str, str]) -> None:
    """What `safetensors.numpy.save` would give, byte for byte, written without a second copy in memory.

    The format is the length of the header (8 bytes), the header (JSON, blanks up to a multiple of 8), the arrays.
    """
    ordered = sorted(tensors, key=lambda name: (tuple(_TYPES).index(tensors[name].dtype.name), name))
    header: dict[str, Any] = {"__metadata__": metadata}
    stop = 0
    for name in ordered:
        start, stop = stop, stop + tensors[name].nbytes
        kind, shape = _TYPES[tensors[name].dtype.name], tensors[name].shape
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": (start, stop)}
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name in ordered:
            file.write(tensors[name].data)


def read_header(path: Path) -> dict[str, Any]:
    """What an interview's file tells beside its arrays: ``row``, ``texts``, ``ledger``, ``schema``, ``fingerprint``.

    Raises:
        FeatureError: where the file isn't one of the store's.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            header: dict[str, Any] = json.loads(file.metadata()[_HEADER])
            return header
    except (SafetensorError, OSError, TypeError, KeyError, ValueError) as fault:
        raise FeatureError(f"{path}: not a prepared interview ({fault}); delete it and prepare again") from None


def is_done(folder: Path, interview: str, fingerprint: str) -> bool:
    """Whether this interview is there already, made from the same inputs with the same settings.

    A file that can't be read, say from a disk that ran full, isn't done: it is made anew.
    """
    path = folder / INTERVIEWS / f"{interview}.safetensors"
    try:
        return path.exists() and read_header(path)["fingerprint"] == fingerprint
    except FeatureError:
        return False


def modalities_of(folder: Path, interview: str) -> Mapping[str, Modality]:
    """What the columns of one interview's features are: the first interview of a corpus decides for all."""
    header = read_header(folder / INTERVIEWS / f"{interview}.safetensors")
    return Schema.from_dict({"modalities": header["schema"]}).modalities


def write_ledger(folder: Path, lines: Iterable[Mapping[str, str]]) -> None:
    """Write ``ledger.jsonl``, atomically."""
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    _whole(folder / LEDGER, lambda path: path.write_text(text, encoding="utf-8"))


def _whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let ``write`` make a file beside ``path``, then put it in its place: there whole or not at all."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    write(partial)
    partial.replace(path)


def sweep(folder: Path) -> None:
    """Remove what a run that was killed had begun to write: files beside their place, of processes that are gone."""
    for partial in [*folder.glob("*.partial"), *(folder / INTERVIEWS).glob("*.partial")]:
        pid = partial.name.removesuffix(".partial").rpartition(".")[2]
        if pid.isdigit() and not _is_running(int(pid)):
            partial.unlink(missing_ok=True)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def finish(folder: Path, schema: Schema, keys: Sequence[str], skipped: Iterable[Entry] = ()) -> Prepared:
    """Make the tables from the interviews' headers.

    Args:
        folder: the prepared folder.
        schema: what the interviews hold.
        keys: the interviews that belong to it, in the corpus's order; files of others are left alone, unread.
        skipped: ledger lines of the corpus as a whole and of interviews that couldn't be used.

    Raises:
        FeatureError: where not one interview could be prepared.
    """
    import pandas as pd

    headers = [read_header(folder / INTERVIEWS / f"{key}.safetensors") for key in keys]
    entries = [entry.as_dict() for entry in skipped] + [line for header in headers for line in header["ledger"]]
    write_ledger(folder, entries)
    if not headers:
        raise FeatureError(f"{folder}: no interview could be prepared; {LEDGER} says why for each")
    index = pd.DataFrame([header["row"] for header in headers])
    measured = {str(name): "float64" for name in index if str(name).startswith(QUALITY)}
    index = index.astype({"label": "Int64", "score": "Float64", **measured})
    index = index[[*(name for name in COLUMNS if name in index), *(name for name in index if name not in COLUMNS)]]
    times = [_times(folder, key) for key in keys]
    sentences = pd.DataFrame(
        [
            (key, i, start, stop, text)
            for key, header, spans in zip(keys, headers, times, strict=True)
            for i, (text, (start, stop)) in enumerate(zip(header["texts"], spans, strict=True))
        ],
        columns=["interview", "sentence", "start", "stop", "text"],
    )
    _whole(folder / SCHEMA, schema.write)
    _whole(folder / SENTENCES, lambda path: sentences.to_parquet(path, index=False))
    _whole(folder / INDEX, lambda path: index.to_parquet(path, index=False))  # last: with it, the folder is complete
    return Prepared(folder)


def _times(folder: Path, key: str) -> npt.NDArray[np.float64]:
    from safetensors import safe_open

    with safe_open(folder / INTERVIEWS / f"{key}.safetensors", framework="numpy") as file:
        times: npt.NDArray[np.float64] = file.get_tensor("sentences.times")
        return times


class Prepared(Sequence[SentenceFeatures]):
    """A prepared folder: a sequence of interviews, each read from disk when it is asked for.

    Indexing with a number gives one `SentenceFeatures`; with a slice or an array of positions, a `Prepared` of those:
    what scikit-learn needs to split it.

    ``table`` is its rows of ``index.parquet``: who is in it.

    Args:
        folder: what `smfl prepare` wrote.
        positions: rows of the index to keep; all by default.

    Raises:
        FeatureError: where the folder isn't a prepared one.
    """

    def __init__(self, folder: Path | str, positions: Sequence[int] | IntArray | None = None) -> None:
        import pandas as pd

        self.folder = Path(folder)
        index_path = self.folder / INDEX
        if (self.folder / INTERVIEWS).is_dir() and not index_path.exists():
            raise FeatureError(f"{index_path}: not there; run `smfl prepare` again, it goes on where it was")
        self.schema = Schema.read(self.folder / SCHEMA)
        index = pd.read_parquet(index_path)
        self._positions = np.arange(len(index)) if positions is None else np.asarray(positions, dtype=np.int64)
        self.table: pd.DataFrame = index.iloc[self._positions].reset_index(drop=True)

    def __len__(self) -> int:
        return len(self._positions)

    @property
    def shape(self) -> tuple[int]:
        """Number of interviews."""
        return (len(self),)

    @overload
    def __getitem__(self, index: int | np.integer[Any]) -> SentenceFeatures: ...
    @overload
    def __getitem__(self, index: slice | Sequence[int] | IntArray) -> Prepared: ...
    def __getitem__(
        self, index: int | np.integer[Any] | slice | Sequence[int] | IntArray
    ) -> SentenceFeatures | Prepared:
        if isinstance(index, (int, np.integer)):
            return self._read(int(index))
        kept = self._positions[index if isinstance(index, slice) else np.asarray(index)]
        return Prepared(self.folder, kept)

    def _read(self, position: int) -> SentenceFeatures:
        from safetensors import safe_open

        row = self.table.iloc[position]
        path = self.folder / INTERVIEWS / f"{row['interview']}.safetensors"
        if not path.exists():
            raise FeatureError(f"{path}: not there, though {INDEX} lists it; run `smfl prepare` again")
        header = read_header(path)
        with safe_open(path, framework="numpy") as file:
            names = [key.removesuffix(".values") for key in file.keys() if key.endswith(".values")]  # noqa: SIM118
            ordered = [name for name in self.schema.modalities if name in names]
            values = {name: file.get_tensor(f"{name}.values") for name in ordered}
            offsets = {name: file.get_tensor(f"{name}.offsets") for name in ordered}
            times = file.get_tensor("sentences.times")
        fields = header["row"]
        columns = {name: m.columns for name, m in self.schema.modalities.items()}
        rates = {name: m.rate_hz for name, m in self.schema.modalities.items() if m.rate_hz}
        return SentenceFeatures(
            fields["interview"], fields["participant"], values, offsets, times, tuple(header["texts"]),
            fields["label"], fields["score"], rates, columns,
        )  # fmt: skip

    @property
    def fingerprint(self) -> str:
        """Digest of which interviews these are, in order, and what each was prepared from: by it features are equal.

        Labels aren't in it. Only headers are read.
        """
        told: list[Any] = [self.schema.to_dict()["modalities"]]
        for key in self.table["interview"]:
            header = read_header(self.folder / INTERVIEWS / f"{key}.safetensors")
            told.append([key, header["row"]["participant"], header["fingerprint"]])
        return hashlib.blake2b(json.dumps(told).encode(), digest_size=16).hexdigest()

    @property
    def labels(self) -> IntArray:
        """0 or 1 of each interview.

        Raises:
            FeatureError: where one has no label; `labelled` leaves those out.
        """
        column = self.table["label"]
        if column.isna().any():
            who = ", ".join(self.table["interview"][column.isna()].head(3))
            raise FeatureError(
                f"{self.folder}: {column.isna().sum()} interviews have no label ({who}, …); use .labelled"
            )
        return column.to_numpy(dtype=np.int64)

    @property
    def scores(self) -> npt.NDArray[np.float64]:
        """The questionnaire's score of each interview, on the corpus's own scale; ``nan`` where there is none."""
        if "score" not in self.table:
            return np.full(len(self), np.nan)
        return self.table["score"].to_numpy(dtype=np.float64, na_value=np.nan)

    @property
    def participants(self) -> npt.NDArray[np.str_]:
        """Who, of each interview: what splits are grouped by."""
        return self.table["participant"].to_numpy(dtype=str)

    @property
    def labelled(self) -> Prepared:
        """Only the interviews with a label."""
        return self[np.flatnonzero(self.table["label"].notna())]

    def part(self, split: str) -> Prepared:
        """The interviews of one part of the corpus's own split.

        Raises:
            CallError: where the corpus has no such part.
        """
        rows = np.flatnonzero(self.table["split"] == split) if "split" in self.table else np.array([], dtype=np.int64)
        if not len(rows):
            raise CallError(f"{self.folder}: no interview is marked {split!r} in the corpus's own split")
        return self[rows]

    @property
    def train(self) -> Prepared:
        """The official training part."""
        return self.part("train")

    @property
    def validation(self) -> Prepared:
        """The official validation part."""
        return self.part("validation")

    @property
    def test(self) -> Prepared:
        """The official test part."""
        return self.part("test")

    def sentences(self) -> pd.DataFrame:
        """The table of sentences of these interviews: ``interview, sentence, start, stop, text``."""
        import pandas as pd

        table = pd.read_parquet(self.folder / SENTENCES)
        return table[table["interview"].isin(self.table["interview"])].reset_index(drop=True)

    def ledger(self) -> list[Entry]:
        """What was repaired, skipped, cut or missing."""
        lines = (self.folder / LEDGER).read_text(encoding="utf-8").splitlines()
        return [Entry(**json.loads(line)) for line in lines]
