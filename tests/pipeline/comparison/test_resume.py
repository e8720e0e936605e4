"""A run that is killed: what it leaves can be read, and the next one goes on to the same bytes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from smfl.features import Prepared
from smfl.features.store import INDEX, read_header, sweep
from smfl.interview import FeatureError
from smfl.pipeline.prepare import prepare
from smfl.simulation import simulate

INTERVIEWS = 40


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Features of a voice, no words: the sentence encoder takes seconds to load."""
    folder = tmp_path_factory.mktemp("corpus")
    return simulate("manifest", folder, participants=INTERVIEWS, minutes=1.5, modalities=("audio",))


def contents(folder: Path) -> Mapping[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def command(corpus: Path, out: Path) -> list[str]:
    call = ["prepare", str(corpus), "--out", str(out), "--workers", "2", "--quiet"]
    return [sys.executable, "-m", "smfl.apps.cli", *call]


def test_a_run_killed_in_the_middle_goes_on_to_the_bytes_of_an_undisturbed_one(corpus: Path, tmp_path: Path) -> None:
    whole = prepare(corpus, tmp_path / "whole")
    out = tmp_path / "out"
    running = subprocess.Popen(
        command(corpus, out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        deadline = time.monotonic() + 60
        while not list(out.glob("interviews/*.safetensors")):
            assert running.poll() is None, "it ended before it was killed"
            assert time.monotonic() < deadline, "nothing was written in a minute"
            time.sleep(0.001)
    finally:
        os.killpg(running.pid, signal.SIGKILL)  # the process and both its workers, in the midst of whatever they do
        running.wait()
    left = sorted(out.glob("interviews/*.safetensors"))
    assert 0 < len(left) < INTERVIEWS
    assert all(read_header(path)["fingerprint"] for path in left), "what is there is whole"
    assert not (out / INDEX).exists()
    with pytest.raises(FeatureError, match="it goes on where it was"):
        Prepared(out)
    before = {path: path.stat().st_mtime_ns for path in left}
    subprocess.run(command(corpus, out), check=True, capture_output=True, timeout=120)
    assert contents(out) == contents(whole.folder)
    assert {path: path.stat().st_mtime_ns for path in left} == before, "what was done isn't done twice"


def test_what_a_killed_run_had_begun_is_swept_away_and_no_other_runs(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    folder = tmp_path / "interviews"
    folder.mkdir()
    gone, ours = (folder / f"a.safetensors.{pid}.partial" for pid in (int(ended.stdout), os.getpid()))
    for partial in (gone, ours):
        partial.write_bytes(b"half")
    sweep(tmp_path)
    assert list(folder.iterdir()) == [ours]
