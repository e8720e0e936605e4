"""The example that turns CMU-MOSI into the open format: on a tiny copy always, on the real files where they are."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from smfl.corpora import open_corpus

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "cmu_mosi.py"
REAL = ROOT.parent / "shared" / "data" / "cmu_mosi"


def _run(source: Path, out: Path, features: str = "given") -> subprocess.CompletedProcess[str]:
    call = [sys.executable, str(EXAMPLE), str(source), str(out), "--features", features]
    return subprocess.run(call, capture_output=True, text=True, check=False)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """Two videos, whose sentences stand in the wrong order in the table."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "videos.csv").write_text("video,n,pos,split,video_label\nv-1,2,1,train,1\nv_2,1,0,test,0\n")
    (source / "sentences.csv").write_text(
        'video,ord,split,label,text\nv-1,2,train,1,"SECOND, I THINK"\nv-1,1,train,1,FIRST\nv_2,1,test,0,ONLY\n'
    )
    np.savez(
        source / "features.npz",
        text=np.array([[2, 0], [1, 0], [3, 0]], np.float32),
        audio=np.array([[20], [10], [30]], np.float32),
        video=np.array([[200], [100], [300]], np.float32),
    )
    return source


def test_sentences_and_features_stay_together(tiny: Path, tmp_path: Path) -> None:
    done = _run(tiny, tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "2 interviews with video + audio + text features" in done.stdout
    cohort = open_corpus(tmp_path / "out")
    assert cohort.source.name == "cmu-mosi"
    first, second = cohort
    assert [sentence.text for sentence in first.sentences] == ["FIRST", "SECOND, I THINK"]
    assert first.signals["text"]().values[:, 0].tolist() == [1, 2]
    assert first.signals["audio"]().values[:, 0].tolist() == [10, 20]
    assert first.signals["video"]().level == "sentence"
    assert (first.split, second.split) == ("train", "test")
    assert [one.label.value for one in cohort if one.label] == [1, 0]


def test_words_only(tiny: Path, tmp_path: Path) -> None:
    assert _run(tiny, tmp_path / "out", "text-only").returncode == 0
    assert not (tmp_path / "out" / "features").exists()
    assert [dict(one.signals) for one in open_corpus(tmp_path / "out")] == [{}, {}]


def test_tables_that_do_not_fit_are_refused(tiny: Path, tmp_path: Path) -> None:
    (tiny / "videos.csv").write_text("video,n,pos,split,video_label\nv-1,2,1,train,1\n")
    done = _run(tiny, tmp_path / "out")
    assert done.returncode == 2
    assert "don't tell of the same videos" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not REAL.is_dir(), reason="the real files aren't here")
def test_the_real_files(tmp_path: Path) -> None:
    assert _run(REAL, tmp_path).returncode == 0
    cohort = open_corpus(tmp_path)
    interviews = list(cohort)
    assert len(interviews) == 93
    assert sum(len(one.sentences) for one in interviews) == 2199
    assert sum(one.split == "train" for one in interviews) == 62
    assert sum(one.label.value or 0 for one in interviews if one.label) == 49
    with (REAL / "sentences.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    with np.load(REAL / "features.npz") as given:
        audio = given["audio"]
    of_video = {one.id: iter(one.signals["audio"]().values) for one in interviews}
    assert all((next(of_video[row["video"]]) == audio[i]).all() for i, row in enumerate(rows))
    assert cohort.ledger == ()
