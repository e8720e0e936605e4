"""The store: sentence features on disk, an interview a file, written whole or not at all.

``PREPARED/interviews/<interview>.safetensors`` holds one interview's features, and in its header everything else that
is known of it, so a file that is there is complete, and a run that was stopped goes on where it was. The tables
(``index.parquet``, ``sentences.parquet``, ``ledger.jsonl``) are made from the headers at the end, so that they are the
same whatever the number of workers. ``files.json`` lists the hashes of the tables, which are compared when the folder
is opened; `HASHES` those of the interviews, which are compared when each is first read.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import numpy.typing as npt

from smfl.features.schema import FORMAT, Modality, Schema
from smfl.features.sentences import IntArray, SentenceFeatures
from smfl.interview import CallError, Entry, FeatureError, Label
from smfl.interview.atomic import FILES, check_seal, hash_of, seal, write_file, write_text

if TYPE_CHECKING:
    import pandas as pd

INTERVIEWS = "interviews"
INDEX, SENTENCES, SCHEMA, LEDGER = "index.parquet", "sentences.parquet", "schema.json", "ledger.jsonl"
HASHES = "interviews.json"
"""The SHA-256 of each interview's file: compared when the interview is first read."""
TRUTH = "truth.csv"
"""What is known of the made-up participants of a simulated corpus; it goes with the features made of it."""
KIND = "prepared"
COLUMNS = (
    "interview",
    "participant",
    "label",
    "score",
    "scale",
    "split",
    "gender",
    "age",
    "n_sentences",
    "seconds",
    "modalities",
)
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
    """Write one interview's file, whole or not at all.

    Args:
        folder: the prepared folder.
        features: what to write.
        label: the label with its scale.
        facts: further columns of the index: split, gender, age, metadata of the corpus.
        ledger: this interview's lines.
        fingerprint: of inputs and settings; see `begin`.
        modalities: what the columns of this interview's features are: the first interview of a corpus decides for all.

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
    path = _file(folder, features.interview)
    path.parent.mkdir(parents=True, exist_ok=True)
    known = json.dumps(header, sort_keys=True, ensure_ascii=False)
    return write_file(path, lambda partial: _save(partial, tensors, {_HEADER: known}))


def _file(folder: Path, interview: str) -> Path:
    return folder / INTERVIEWS / f"{interview}.safetensors"


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
    """What is in an interview's file but for its arrays: ``row``, ``texts``, ``ledger``, ``schema``, ``fingerprint``.

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


@dataclass(frozen=True, eq=False)
class Made:
    """What a folder holds already of an earlier run, by interview.

    Args:
        fingerprints: of the inputs and settings that each was made from.
        modalities: what the columns are.
        hashes: of the files.
    """

    fingerprints: Mapping[str, str]
    modalities: Mapping[str, Mapping[str, Modality]]
    hashes: Mapping[str, str]


def begin(folder: Path) -> Made:
    """Open a folder to prepare into it, and look at what is there; until `finish`, it isn't a whole one.

    A file that can't be read, say from a disk that ran full, isn't there: its interview is made anew.

    Raises:
        CallError: where it can't be made a folder.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise CallError(f"{folder}: can't be made a folder ({fault.strerror})") from None
    sweep(folder)
    fingerprints, modalities = {}, {}
    for path in sorted((folder / INTERVIEWS).glob("*.safetensors")):
        with suppress(FeatureError, KeyError):
            header = read_header(path)
            modalities[path.stem] = Schema.from_dict({"modalities": header["schema"]}).modalities
            fingerprints[path.stem] = header["fingerprint"]
    hashes = _hashes(folder)
    for name in (FILES, INDEX, HASHES):
        (folder / name).unlink(missing_ok=True)
    return Made(fingerprints, modalities, hashes)


def _hashes(folder: Path) -> dict[str, str]:
    """The hash of each interview's file; none where there is no list."""
    try:
        return dict(json.loads((folder / HASHES).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def write_ledger(folder: Path, lines: Iterable[Mapping[str, str]]) -> None:
    """Write ``ledger.jsonl``, whole or not at all."""
    write_text(folder / LEDGER, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))


def sweep(folder: Path) -> None:
    """Remove what a run that was killed had begun to write: partial files, of processes that are gone."""
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


def finish(
    folder: Path,
    schema: Schema,
    keys: Sequence[str],
    skipped: Iterable[Entry] = (),
    *,
    hashes: Mapping[str, str] = MappingProxyType({}),
) -> Prepared:
    """Make the tables from the interviews' headers, and list the hashes of all files.

    Args:
        folder: the prepared folder.
        schema: what the interviews hold.
        keys: the interviews that belong to it, in the corpus's order; files of others are left alone, unread.
        skipped: ledger lines of the corpus as a whole and of interviews that couldn't be used.
        hashes: of interviews' files, as far as they are known.

    Raises:
        FeatureError: where not one interview could be prepared.
    """
    import pandas as pd

    headers = [read_header(_file(folder, key)) for key in keys]
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
    schema.write(folder / SCHEMA)
    write_file(folder / SENTENCES, lambda path: sentences.to_parquet(path, index=False))
    known = {key: hashes.get(key) or hash_of(_file(folder, key)) for key in keys}
    write_text(folder / HASHES, json.dumps(known, indent=0) + "\n")
    write_file(folder / INDEX, lambda path: index.to_parquet(path, index=False))
    seal_tables(folder)  # last: now the folder is whole
    return Prepared(folder)


def seal_tables(folder: Path) -> None:
    """List the hashes of the tables, which are compared when the folder is opened."""
    tables = (SCHEMA, SENTENCES, LEDGER, HASHES, INDEX, TRUTH)
    seal(folder, KIND, FORMAT, [name for name in tables if (folder / name).exists()])


def _times(folder: Path, key: str) -> npt.NDArray[np.float64]:
    from safetensors import safe_open

    with safe_open(_file(folder, key), framework="numpy") as file:
        times: npt.NDArray[np.float64] = file.get_tensor("sentences.times")
        return times


class Prepared(Sequence[SentenceFeatures]):
    """A prepared folder: a sequence of interviews, each read from disk when it is asked for.

    Indexing with a number gives one `SentenceFeatures`; with a slice or an array of positions, a `Prepared` of those:
    what scikit-learn needs to split it.

    ``table`` is its rows of ``index.parquet``: who is in it.

    Args:
        folder: what `smfl prepare` wrote.

    Raises:
        FeatureError: where the folder isn't a prepared one, is of another format, or a table of it has changed.
    """

    def __init__(self, folder: Path | str) -> None:
        import pandas as pd

        self.folder = Path(folder)
        index_path = self.folder / INDEX
        if (self.folder / INTERVIEWS).is_dir() and not index_path.exists():
            raise FeatureError(f"{index_path}: not there; run `smfl prepare` again, it goes on where it was")
        self.schema = Schema.read(self.folder / SCHEMA)
        check_seal(self.folder, KIND, FORMAT, FeatureError)
        self.table: pd.DataFrame = pd.read_parquet(index_path)
        self._unread = _hashes(self.folder)

    def __len__(self) -> int:
        return len(self.table)

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
        some = copy(self)
        kept = index if isinstance(index, slice) else np.asarray(index)
        some.table = self.table.iloc[np.arange(len(self))[kept]].reset_index(drop=True)
        return some

    def _checked(self, interview: str) -> Path:
        """An interview's file; when it is first read, its hash is compared with that of what was written."""
        path = _file(self.folder, interview)
        if not path.exists():
            raise FeatureError(f"{path}: not there, though {INDEX} lists it; run `smfl prepare` again")
        if interview in self._unread and self._unread[interview] != hash_of(path):
            raise FeatureError(
                f"{path}: isn't what was written (its hash differs from {HASHES}); delete it and prepare again"
            )
        self._unread.pop(interview, None)
        return path

    def _read(self, position: int) -> SentenceFeatures:
        from safetensors import safe_open

        path = self._checked(str(self.table["interview"].iloc[position]))
        header = read_header(path)
        with safe_open(path, framework="numpy") as file:
            tensors = file.keys()
            names = [key.removesuffix(".values") for key in tensors if key.endswith(".values")]
            ordered = [name for name in self.schema.modalities if name in names]
            values = {name: file.get_tensor(f"{name}.values") for name in ordered}
            offsets = {name: file.get_tensor(f"{name}.offsets") for name in ordered}
            times = file.get_tensor("sentences.times")
        fields = header["row"]
        columns = {name: m.columns for name, m in self.schema.modalities.items()}
        rates = {name: m.rate_hz for name, m in self.schema.modalities.items() if m.rate_hz}
        return SentenceFeatures(
            fields["interview"],
            fields["participant"],
            values,
            offsets,
            times,
            tuple(header["texts"]),
            fields["label"],
            fields["score"],
            rates,
            columns,
        )

    @property
    def fingerprint(self) -> str:
        """Digest of which interviews these are, in order, and what each was prepared from: by it features are equal.

        Labels aren't in it. Only headers are read.
        """
        facts: list[Any] = [self.schema.to_dict()["modalities"]]
        for key in self.table["interview"]:
            header = read_header(_file(self.folder, key))
            facts.append([key, header["row"]["participant"], header["fingerprint"]])
        return hashlib.blake2b(json.dumps(facts).encode(), digest_size=16).hexdigest()

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
