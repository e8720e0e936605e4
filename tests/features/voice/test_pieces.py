"""Sound that comes in several files, and a corpus's own signals: on their way into a prepared folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from smfl.corpora import open_corpus
from smfl.features import Prepared
from smfl.features.voice.descriptors import COLUMNS, measure
from smfl.features.voice.pieces import voice_of
from smfl.interview import Piece, RecordingError
from smfl.pipeline.prepare import prepare
from smfl.simulation import simulate


@pytest.fixture(scope="module")
def eatd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate("eatd", tmp_path_factory.mktemp("eatd") / "eatd", participants=2, minutes=0.5, positives=0.5)


def test_pieces_are_one_voice_on_one_clock(eatd: Path) -> None:
    interview = open_corpus(eatd)[0]
    signal, faults = voice_of(interview.pieces)
    assert faults == []
    assert signal.columns == COLUMNS
    times = np.asarray(signal.times)
    for sentence in interview.sentences:
        assert sentence.segment is not None
        inside = (times >= sentence.segment.start) & (times < sentence.segment.stop)
        assert np.isfinite(signal.values[inside]).any(axis=1).mean() > 0.95
    first, second = (sentence.segment for sentence in interview.sentences[:2])
    assert first is not None
    assert second is not None
    between = (times > first.stop + 0.1) & (times < second.start - 0.1)
    assert np.isnan(signal.values[between]).all(), "nothing is heard in the pause that no file has"


def test_a_damaged_piece_is_told_and_the_others_are_heard(eatd: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "b.wav"
    damaged.write_bytes(b"RIFF")
    good = open_corpus(eatd)[0].pieces[0]
    signal, faults = voice_of((good, Piece(damaged, 60.0)))
    assert len(faults) == 1
    assert "b.wav" in faults[0]
    assert len(signal) > 0
    with pytest.raises(RecordingError, match=r"none of 1 sound files can be read: .*b\.wav"):
        voice_of((Piece(damaged, 0.0),))


def test_a_piece_starts_at_zero_or_later() -> None:
    with pytest.raises(RecordingError, match=r"a\.wav: a piece of a recording starts at 0 s or later; got -1 s"):
        Piece(Path("a.wav"), -1.0)


def test_a_corpus_of_answers_is_prepared(eatd: Path, tmp_path: Path) -> None:
    data = prepare(eatd, tmp_path / "prepared", modalities=("audio",))
    assert data.schema.modalities["audio"].extractor == "egemaps"
    assert list(data.table["n_sentences"]) == [3, 3]
    assert all((np.diff(one.offsets["audio"]) > 50).all() for one in data)


def test_own_signals_are_read_where_they_are_asked_for(tmp_path: Path) -> None:
    root = simulate("d-vlog", tmp_path / "d-vlog", participants=2, minutes=0.5, positives=0.5)
    common, own = (prepare(root, tmp_path / kind, features=kind) for kind in ("common", "own"))
    assert list(common.schema.modalities) == ["audio"]
    assert list(own.schema.modalities) == ["audio", "landmarks-2d"]
    assert common.schema.modalities["audio"].rate_hz == 1.0
    told = [entry.why for entry in Prepared(tmp_path / "common").ledger() if entry.what == "video"]
    assert told == ["neither a recording nor features of the face; features='own' reads landmarks-2d"] * 2


def test_the_voice_of_memory_and_of_files_is_the_same(eatd: Path) -> None:
    from smfl.features.recording.sound import SPEECH_RATE_HZ, read_sound

    piece = open_corpus(eatd)[0].pieces[0]
    alone, _ = voice_of((piece,))
    samples = read_sound(piece.path).samples
    np.testing.assert_array_equal(alone.values, measure(samples, SPEECH_RATE_HZ).values)
