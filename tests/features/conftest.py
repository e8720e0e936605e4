"""Recordings made for the tests, with known pictures, sound and time stamps."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

av = pytest.importorskip("av")

TICK = Fraction(1, 10_000)
MakeVideo = Callable[..., Path]


@pytest.fixture
def make_video(tmp_path: Path) -> MakeVideo:
    """Writes a video whose pictures grow brighter, frame i at ``times[i]``; with a tone from ``tone_start`` on."""

    def make(
        times: list[float],
        *,
        name: str = "made.mkv",
        tone_start: float | None = None,
        tone_seconds: float = 1.0,
        levels: list[int] | None = None,
    ) -> Path:
        path = tmp_path / name
        with av.open(str(path), "w") as container:
            video = container.add_stream("libx264", rate=25, options={"crf": "1"})
            video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
            video.codec_context.time_base = TICK
            audio = None if tone_start is None else container.add_stream("pcm_s16le", rate=16_000, layout="mono")
            for i, time in enumerate(times):
                picture = np.full((48, 64, 3), levels[i] if levels else 40 + i, dtype=np.uint8)
                picture[:24, :32] = 255  # the upper left corner, to see which way is up
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                frame.pts, frame.time_base = round(time / TICK), TICK
                container.mux(video.encode(frame))
            container.mux(video.encode())
            if audio is not None and tone_start is not None:
                t = np.arange(round(tone_seconds * 16_000)) / 16_000
                samples = (8000 * np.sin(2 * np.pi * 440 * t)).astype(np.int16)[None]
                frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
                frame.sample_rate, frame.pts, frame.time_base = 16_000, round(tone_start * 16_000), Fraction(1, 16_000)
                container.mux(audio.encode(frame))
                container.mux(audio.encode())
        return path

    return make
