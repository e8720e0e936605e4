"""Real recordings, where they are at hand: beside the project, never in it. Tests that need them skip without."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from smfl.interview import Segment

ROOT = Path(__file__).resolve().parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"


@dataclass(frozen=True)
class Joined:
    """Clips joined end to end: the recording, its transcript, where each clip lies in it, and the clips themselves."""

    recording: Path
    transcript: Path
    segments: list[Segment]
    clips: list[Path]
    words: list[str]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real inputs."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the real recordings aren't beside the project")
    return SHARED_DATA


def _of_the_studies(name: str) -> ModuleType:
    with pytest.MonkeyPatch.context() as path:
        path.syspath_prepend(str(ROOT))
        return importlib.import_module(name)


@pytest.fixture(scope="session")
def speech_study() -> ModuleType:
    """The study of speech without a transcript: its measures and targets."""
    return _of_the_studies("bench.studies.speech")


@pytest.fixture(scope="session")
def kept() -> ModuleType:
    """Where studies keep what was predicted of whom."""
    return _of_the_studies("bench.kept")


@pytest.fixture(scope="session")
def joining() -> ModuleType:
    """The example that joins recordings."""
    pytest.importorskip("av")
    specification = importlib.util.spec_from_file_location("join_recordings", ROOT / "examples" / "join_recordings.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def joined(shared_data: Path, joining: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Joined:
    """The six talking heads of the GRID corpus as one recording of six sentences."""
    words = joining.read_words(shared_data / "recordings" / "grid_transcripts.tsv")
    clips = [shared_data / "recordings" / name for name in words]
    out = tmp_path_factory.mktemp("joined") / "six_clips.mp4"
    segments = joining.join(clips, out)
    joining.write_transcript(segments, list(words.values()), out.with_suffix(".csv"))
    return Joined(out, out.with_suffix(".csv"), segments, clips, list(words.values()))
