"""Fingerprints: what counts as the same input."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from smfl.features.extraction import fingerprint as room
from smfl.features.extraction.fingerprint import digest_file, fingerprint
from smfl.features.settings import ExtractionSettings
from smfl.interview import Interview, Label, Signal


def read(path: Path) -> Signal:
    return Signal("audio", ("x",), np.fromfile(path, dtype="u1")[:, None].astype("f4"))


def closing_over(path: Path) -> Callable[[], Signal]:
    return lambda: read(path)


def in_folder(folder: Path) -> Callable[[], Signal]:
    return lambda: read(folder / "a.bin")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.bin"
    path.write_bytes(b"abc")
    return path


@pytest.mark.parametrize("reader", [lambda p: partial(read, p), closing_over, lambda p: in_folder(p.parent)])
def test_another_content_is_another_input_and_another_date_is_not(
    file: Path, reader: Callable[[Path], Callable[[], Signal]]
) -> None:
    one = Interview("a", "a", signals={"audio": reader(file)})
    first = fingerprint(one, ExtractionSettings(), {})
    os.utime(file, (1, 1))
    assert fingerprint(one, ExtractionSettings(), {}) == first
    file.write_bytes(b"abd")
    assert fingerprint(one, ExtractionSettings(), {}) != first


def test_settings_versions_and_facts_count(file: Path) -> None:
    one = Interview("a", "a", recording=file, label=Label(1, 12.0, "PHQ-8"))
    marks = {
        fingerprint(one, ExtractionSettings(), {"opensmile": "2.6"}),
        fingerprint(one, ExtractionSettings(max_sentences=9), {"opensmile": "2.6"}),
        fingerprint(one, ExtractionSettings(), {"opensmile": "2.7"}),
        fingerprint(replace(one, label=Label(1, 13.0, "PHQ-8")), ExtractionSettings(), {"opensmile": "2.6"}),
        fingerprint(replace(one, gender="female"), ExtractionSettings(), {"opensmile": "2.6"}),
        fingerprint(replace(one, recording=None), ExtractionSettings(), {"opensmile": "2.6"}),
    }
    assert len(marks) == 6


def test_a_name_that_was_silenced_in_the_middle_is_another_input(file: Path) -> None:
    sound = bytearray(np.random.default_rng(0).bytes(9 * 2**20))
    file.write_bytes(sound)
    first = digest_file(file)
    sound[5_000_000:5_000_100] = bytes(100)
    file.write_bytes(sound)
    assert digest_file(file) != first


def test_of_a_huge_file_size_and_spread_pieces_count(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "WHOLE", 10)
    monkeypatch.setattr(room, "PIECES", 3)
    monkeypatch.setattr(room, "PIECE", 4)
    digests = []
    for content in (
        b"head--mid---tail",
        b"head--mid---tale",
        b"hear--mid---tail",
        b"head--mud---tail",
        b"head--mid--tail",
    ):
        file.write_bytes(content)
        digests.append(digest_file(file))
    assert len(set(digests)) == 5
    file.write_bytes(b"head+-mid--+tail")
    assert digest_file(file) == digests[0]


def test_a_lost_file_differs_from_an_empty_one(file: Path) -> None:
    file.write_bytes(b"")
    empty = digest_file(file)
    file.unlink()
    assert digest_file(file) != empty
