"""The store: whole files or none, the same bytes, and what is read is what was written."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save

from smfl.features import Modality, Prepared, Schema, SentenceFeatures
from smfl.features import store as room
from smfl.features.store import begin, finish, read_header, write_interview
from smfl.interview import CallError, Entry, FeatureError, Label

MODALITIES = {
    "audio": Modality(("F0", "loudness"), "frame", 100.0, "egemaps"),
    "text": Modality(("text_000",), "sentence", None, "text"),
}
FACTS: dict[str, Any] = {"split": "train", "gender": "female", "age": 41.0, "site": "north"}
LINE = Entry("a", "cut", "2 of 4 sentences", why="threshold M = 2")


def interview(key: str, participant: str = "") -> SentenceFeatures:
    audio = np.array([[1, 2], [3, np.nan], [5, 6]], dtype="f4")
    return SentenceFeatures(
        key,
        participant or key,
        {"audio": audio, "text": np.array([[7]], dtype="f4")},
        {"audio": np.array([0, 1, 3]), "text": np.array([0, 1, 1])},
        np.array([[0.0, 1.5], [2.0, 2.5]]),
        ("yes, ä", ""),
    )


def write(folder: Path, key: str, label: Label | None = None, fingerprint: str = "f", **facts: Any) -> Path:
    return write_interview(
        folder,
        interview(key),
        label=label,
        facts=FACTS | facts,
        ledger=[LINE],
        fingerprint=fingerprint,
        modalities=MODALITIES,
    )


@pytest.fixture
def prepared(tmp_path: Path) -> Prepared:
    write(tmp_path, "b", Label(1, 14.0, "PHQ-8"))
    write(tmp_path, "a", Label(0, 3.0, "PHQ-8"), split="test")
    write(tmp_path, "c")
    skipped = [Entry("d", "skipped", "440_P.zip is damaged")]
    return finish(tmp_path, Schema(MODALITIES, {"corpus": "toy"}), ["b", "a", "c"], skipped)


def test_what_is_read_is_what_was_written(prepared: Prepared) -> None:
    one, expected = prepared[1], interview("a")
    assert (one.interview, one.label, one.score, one.texts) == ("a", 0, 3.0, expected.texts)
    for name in ("audio", "text"):
        np.testing.assert_array_equal(one.values[name], expected.values[name])
        np.testing.assert_array_equal(one.offsets[name], expected.offsets[name])
    np.testing.assert_array_equal(one.times, expected.times)
    assert one.rates == {"audio": 100.0}
    assert one.columns["audio"] == ("F0", "loudness")


def test_the_index_has_the_documented_columns_first(prepared: Prepared) -> None:
    table = pd.read_parquet(prepared.folder / "index.parquet")
    assert list(table) == [*room.COLUMNS, "site"]
    assert table["interview"].tolist() == ["b", "a", "c"]
    assert table["label"].tolist()[:2] == [1, 0]
    assert pd.isna(table["label"][2])
    assert table["modalities"].tolist() == ["audio,text"] * 3
    assert table["seconds"].tolist() == [2.0] * 3


def test_the_table_of_sentences_holds_times_and_words(prepared: Prepared) -> None:
    table = prepared[[1]].sentences()
    assert table.to_dict("list") == {
        "interview": ["a", "a"],
        "sentence": [0, 1],
        "start": [0.0, 2.0],
        "stop": [1.5, 2.5],
        "text": ["yes, ä", ""],
    }


def test_the_ledger_tells_of_the_skipped_and_of_each_interview(prepared: Prepared) -> None:
    assert [(e.interview, e.action) for e in prepared.ledger()] == [("d", "skipped")] + [("a", "cut")] * 3


def test_slices_labels_and_parts(prepared: Prepared) -> None:
    assert [one.interview for one in prepared[:2]] == ["b", "a"]
    assert prepared.labelled.labels.tolist() == [1, 0]
    assert prepared.test.table["interview"].tolist() == ["a"]
    assert prepared[np.array([2, 0])].participants.tolist() == ["c", "b"]
    with pytest.raises(FeatureError, match="1 interviews have no label"):
        _ = prepared.labels
    with pytest.raises(CallError, match="no interview is marked 'validation'"):
        _ = prepared.validation


def test_the_same_interview_has_the_same_bytes(tmp_path: Path) -> None:
    first = write(tmp_path / "one", "a", Label(1, 12.0, "PHQ-8")).read_bytes()
    assert write(tmp_path / "two", "a", Label(1, 12.0, "PHQ-8")).read_bytes() == first
    assert write(tmp_path / "three", "a", Label(1, 13.0, "PHQ-8")).read_bytes() != first


def test_the_bytes_are_those_that_safetensors_would_write(tmp_path: Path) -> None:
    path = write(tmp_path, "a", Label(1, 12.0, "PHQ-8"), note='ä "quoted"\n\t\x01\x7f\u2028 \U0001f642')
    with safe_open(path, framework="numpy") as file:
        metadata = file.metadata()
    assert save(load_file(path), metadata=metadata) == path.read_bytes()
    nothing = tmp_path / "nothing.safetensors"
    empty = {"b.values": np.zeros((0, 3), "f4"), "b.offsets": np.zeros(1, "i8"), "a": np.zeros((0, 2))}
    room._save(nothing, empty, {"smfl": ""})
    assert nothing.read_bytes() == save(empty, metadata={"smfl": ""})


def test_writing_holds_no_second_copy(tmp_path: Path) -> None:
    values = np.ones((100_000, 50), dtype="f4")
    one = SentenceFeatures("a", "a", {"x": values}, {"x": np.array([0, len(values)])}, np.zeros((1, 2)), ("yes",))
    tracemalloc.start()
    write_interview(tmp_path, one, label=None, facts={}, ledger=[], fingerprint="f")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < values.nbytes / 10


def test_what_is_there_is_known_by_its_fingerprint(tmp_path: Path) -> None:
    write(tmp_path, "a", fingerprint="one")
    made = begin(tmp_path)
    assert made.fingerprints == {"a": "one"}
    assert made.modalities == {"a": MODALITIES}


def test_a_damaged_file_is_not_done_and_is_told_when_read(tmp_path: Path) -> None:
    path = write(tmp_path, "a", fingerprint="one")
    path.write_bytes(path.read_bytes()[:40])
    assert not begin(tmp_path).fingerprints
    with pytest.raises(FeatureError, match="not a prepared interview"):
        read_header(path)


def test_an_interrupted_write_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "a", fingerprint="one")
    before = path.read_bytes()

    def full(path: Path, *_: object) -> None:
        path.write_bytes(before[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(room, "_save", full)
    with pytest.raises(OSError, match="No space left"):
        write(tmp_path, "a", fingerprint="two")
    assert path.read_bytes() == before
    assert begin(tmp_path).fingerprints == {"a": "one"}


def test_nothing_prepared_is_an_error_and_the_ledger_is_there(tmp_path: Path) -> None:
    with pytest.raises(FeatureError, match=r"no interview could be prepared; ledger\.jsonl says why"):
        finish(tmp_path, Schema(MODALITIES), [], [Entry("a", "skipped", "no sentences")])
    assert json.loads((tmp_path / "ledger.jsonl").read_text())["what"] == "no sentences"


def test_an_unfinished_folder_says_what_to_do(prepared: Prepared) -> None:
    (prepared.folder / "index.parquet").unlink()
    with pytest.raises(FeatureError, match="run `smfl prepare` again, it goes on where it was"):
        Prepared(prepared.folder)


def test_a_folder_of_another_format_is_refused(prepared: Prepared) -> None:
    schema = prepared.folder / "schema.json"
    schema.write_text(schema.read_text().replace('"format": 2', '"format": 1'))
    with pytest.raises(FeatureError, match=r"schema\.json: of format 1; this version reads 2: prepare again"):
        Prepared(prepared.folder)


def test_a_folder_without_a_list_of_hashes_is_refused(prepared: Prepared) -> None:
    (prepared.folder / "files.json").unlink()
    with pytest.raises(FeatureError, match=r"files\.json: not there;.*make it anew"):
        Prepared(prepared.folder)


@pytest.mark.parametrize("name", ["sentences.parquet", "index.parquet", "ledger.jsonl", "interviews.json"])
def test_a_table_that_was_changed_is_found_when_the_folder_is_opened(prepared: Prepared, name: str) -> None:
    path = prepared.folder / name
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(FeatureError, match=rf"{name}: isn't what was written"):
        Prepared(prepared.folder)


def test_an_interview_that_was_changed_is_found_when_it_is_first_read(prepared: Prepared) -> None:
    path = prepared.folder / "interviews" / "a.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    data = Prepared(prepared.folder)
    assert data[0].interview == "b"
    with pytest.raises(FeatureError, match=r"a\.safetensors: isn't what was written.*delete it and prepare again"):
        _ = data[1:][0]


def test_a_lost_file_is_named(prepared: Prepared) -> None:
    (prepared.folder / "interviews" / "a.safetensors").unlink()
    with pytest.raises(FeatureError, match=r"a\.safetensors: not there, though index\.parquet lists it"):
        _ = prepared[1]
