"""A tiny interview with everything that an extractor can measure: a recording, tools' output, ready-made features."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from smfl.features.face.openface import OPENFACE_GAZE, OPENFACE_LANDMARKS
from smfl.interview import Interview, Segment, Sentence, Signal, Word

RATE_HZ = 16_000
PICTURES_HZ = 10
SECONDS = 4
TEXTS = ("my sister is called ottilie", "i never sleep well")
SEGMENTS = (Segment(0.4, 1.9), Segment(2.2, 3.6))


def _sentence(segment: Segment, text: str) -> Sentence:
    words = text.split()
    each = segment.duration / len(words)
    times = [Segment(segment.start + i * each, segment.start + (i + 1) * each) for i in range(len(words))]
    return Sentence(segment, text, tuple(Word(time, word) for time, word in zip(times, words, strict=True)))


def _output(name: str, columns: tuple[str, ...], rate_hz: float) -> Signal:
    times = np.arange(0, SECONDS, 1 / rate_hz)
    grid = np.sin(np.outer(times, 1 + np.arange(len(columns)))).astype("f4")
    if "success" in columns:
        grid[:, columns.index("success")] = 1
    return Signal(name, columns, grid, times, rate_hz)


def _record(path: Path) -> Path:
    """A face that moves a little, and a voice of pulses at 120 Hz that pauses between the sentences."""
    av = pytest.importorskip("av")
    data = pytest.importorskip("skimage.data")
    whole = data.astronaut()
    time = np.arange(SECONDS * RATE_HZ) / RATE_HZ
    pulses = np.sign(np.sin(2 * np.pi * 120 * time)) * (0.1 + 0.05 * np.sin(2 * np.pi * 3 * time))
    spoken = np.any([(time >= s.start) & (time < s.stop) for s in SEGMENTS], axis=0)
    sound = np.where(spoken, pulses, 1e-3 * np.sin(2 * np.pi * 50 * time)).astype("f4")
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=PICTURES_HZ, options={"crf": "12"})
        video.width, video.height, video.pix_fmt = 400, 400, "yuv420p"
        audio = container.add_stream("pcm_s16le", rate=RATE_HZ, layout="mono")
        for i in range(SECONDS * PICTURES_HZ):
            shift = round(4 * np.sin(i / 5))
            picture = np.ascontiguousarray(whole[:400, 20 + shift : 420 + shift])
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        frame = av.AudioFrame.from_ndarray((sound[None] * 32767).astype("i2"), format="s16", layout="mono")
        frame.sample_rate = RATE_HZ
        container.mux([*video.encode(None), *audio.encode(frame), *audio.encode(None)])
    return path


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Interview:
    landmarks = (*OPENFACE_LANDMARKS, *OPENFACE_GAZE)
    outputs = {
        "openface": ("success", "pose_Rx", "pose_Ry", "pose_Rz", *landmarks, "AU04_r", "AU12_r"),
        "covarep": ("F0", "NAQ"),
        "formant": ("formant_1",),
        "eeg": ("alpha",),
    }
    rates = {"openface": 25.0, "covarep": 100.0, "formant": 100.0, "eeg": 20.0}
    readers: dict[str, Callable[[], Signal]] = {
        name: partial(_output, name, columns, rates[name]) for name, columns in outputs.items()
    }
    sentences = tuple(_sentence(segment, text) for segment, text in zip(SEGMENTS, TEXTS, strict=True))
    path = _record(tmp_path_factory.mktemp("tiny") / "tiny.mkv")
    return Interview("tiny", "tiny", sentences, recording=path, signals=readers)
