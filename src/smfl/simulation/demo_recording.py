"""The demo's recording: a public-domain portrait, gently moved, that speaks a made-up script.

Nobody was recorded. The picture is NASA's portrait of Eileen Collins (scikit-image's ``data.astronaut()``, public
domain); the voices are eSpeak NG's. What it is for: the whole way from a recording to a report, on any machine.
"""

from __future__ import annotations

import csv
import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from smfl.interview import INTERVIEWER, PARTICIPANT, MissingExtraError, Segment, Turn

SCRIPT: tuple[tuple[str, str], ...] = (
    (INTERVIEWER, "How have you been sleeping?"),
    (PARTICIPANT, "Not very well, I wake up at four most mornings."),
    (INTERVIEWER, "And then?"),
    (PARTICIPANT, "Then I lie there and wait until it is time to get up."),
    (INTERVIEWER, "What do you enjoy doing?"),
    (PARTICIPANT, "I used to paint on the weekends."),
    (INTERVIEWER, "Not any more?"),
    (PARTICIPANT, "I have not touched a brush since the spring."),
    (INTERVIEWER, "And your family?"),
    (PARTICIPANT, "My sister calls me every Sunday, that is nice."),
    (INTERVIEWER, "I see."),
    (PARTICIPANT, "Mostly I just listen, I get tired quickly."),
    (INTERVIEWER, "What do you hope for?"),
    (PARTICIPANT, "I would like to feel like myself again."),
)
"""Who says what. Every word is known, and when."""

VOICES = {INTERVIEWER: b"en", PARTICIPANT: b"en-us+f3"}
FRAME_RATE = 25
WIDTH, HEIGHT = 640, 480
PAUSE = 0.45
"""s of silence between two turns, and before the first."""

_SYNCHRONOUS, _UTF8, _OK = 2, 1, 0  # of speak_lib.h: samples come before the call returns, from no other thread
_VOLUME = 0.6


@dataclass(frozen=True)
class DemoRecording:
    """Where the demo's recording and its transcript are.

    Args:
        video: mp4, 640 × 480, 25 frames a second, with sound.
        transcript: csv with ``start, stop, speaker, text``.
        turns: the same, as turns.
    """

    video: Path
    transcript: Path
    turns: tuple[Turn, ...]


def make_recording(folder: Path) -> DemoRecording:
    """Make the demo's recording: some 40 s of a face and two voices.

    Args:
        folder: where ``made-up-visit.mp4`` and ``made-up-visit.csv`` are written.

    Raises:
        MissingExtraError: where the extra ``demo`` isn't installed.
    """
    sound, rate, turns = speak()
    folder.mkdir(parents=True, exist_ok=True)
    video, transcript = folder / "made-up-visit.mp4", folder / "made-up-visit.csv"
    _mux(video, sound, rate)
    with transcript.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["start", "stop", "speaker", "text"])
        table.writerows([f"{t.segment.start:.3f}", f"{t.segment.stop:.3f}", t.speaker, t.text] for t in turns)
    return DemoRecording(video, transcript, turns)


def speak() -> tuple[npt.NDArray[np.int16], int, tuple[Turn, ...]]:
    """The script as sound.

    Returns:
        Samples int16 [n], the rate in Hz, and when each turn was said.

    Raises:
        MissingExtraError: where ``espeakng-loader`` isn't installed.
    """
    with _Speech() as engine:
        return _spoken(engine)


def _spoken(engine: _Speech) -> tuple[npt.NDArray[np.int16], int, tuple[Turn, ...]]:
    """All turns, one after the other, with a pause before each."""
    silence = np.zeros(round(PAUSE * engine.rate), dtype=np.int16)
    parts, turns, position = [silence], [], len(silence)
    for speaker, text in SCRIPT:
        words = (engine.say(text, VOICES[speaker]) * _VOLUME).astype(np.int16)
        segment = Segment(round(position / engine.rate, 3), round((position + len(words)) / engine.rate, 3))
        turns.append(Turn(segment, speaker, text))
        parts += [words, silence]
        position += len(words) + len(silence)
    return np.concatenate(parts), engine.rate, tuple(turns)


class _Speech:
    """eSpeak NG through its C interface (``speak_lib.h``): text in, samples out."""

    def __init__(self) -> None:
        try:
            import espeakng_loader
        except ImportError:
            raise MissingExtraError("espeakng-loader", extra="demo") from None
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = str(espeakng_loader.get_data_path()).encode()
        self.rate = int(self._library.espeak_Initialize(_SYNCHRONOUS, 0, data, 0))
        if self.rate <= 0:
            raise MissingExtraError("espeakng-loader", extra="demo")
        self._samples: list[npt.NDArray[np.int16]] = []
        kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
        self._callback = kind(self._receive)  # kept: the library calls it as long as it lives
        self._library.espeak_SetSynthCallback(self._callback)

    def __enter__(self) -> _Speech:
        return self

    def __exit__(self, *_: object) -> None:
        self._library.espeak_Terminate()

    def _receive(self, samples: Any, count: int, _events: Any) -> int:
        if samples and count > 0:
            self._samples.append(np.ctypeslib.as_array(samples, shape=(count,)).copy())
        return 0

    def say(self, text: str, voice: bytes) -> npt.NDArray[np.int16]:
        """The samples of a sentence, int16, without the silence around it."""
        self._samples.clear()
        if self._library.espeak_SetVoiceByName(voice) != _OK:
            raise RuntimeError(f"eSpeak NG has no voice {voice.decode()}")
        words = text.encode()
        self._library.espeak_Synth(words, ctypes.c_size_t(len(words) + 1), 0, 0, 0, _UTF8, None, None)
        sound = np.concatenate(self._samples)
        loud = np.flatnonzero(np.abs(sound) > 50)
        return sound[loud[0] : loud[-1] + 1]


def frames(count: int) -> Iterator[npt.NDArray[np.uint8]]:
    """The portrait as if filmed: slow nods, turns and sways, every frame a little other.

    Args:
        count: how many.

    Yields:
        uint8 [480, 640, 3].

    Raises:
        MissingExtraError: where scikit-image isn't installed.
    """
    try:
        from skimage import data
    except ImportError:
        raise MissingExtraError("scikit-image", extra="demo") from None
    from PIL import Image

    portrait = Image.fromarray(data.astronaut())  # type: ignore[no-untyped-call]
    rng = np.random.default_rng(1999)
    zoom = 1.5  # the face then fills about a quarter of the picture's width, as in a video call
    eyes_x, eyes_y = 224.0, 120.0  # between the portrait's eyes, pixels
    for i in range(count):
        t = i / FRAME_RATE
        turn = np.deg2rad(2.5 * np.sin(2 * np.pi * 0.11 * t) + 1.2 * np.sin(2 * np.pi * 0.37 * t + 1.0))
        scale = (1 + 0.02 * np.sin(2 * np.pi * 0.07 * t)) / zoom
        sway = 6 * np.sin(2 * np.pi * 0.13 * t) + rng.normal(0, 0.15)
        nod = 4 * np.sin(2 * np.pi * 0.29 * t + 0.5) + rng.normal(0, 0.15)
        a, b = scale * np.cos(turn), -scale * np.sin(turn)
        centre_x, centre_y = WIDTH / 2 + sway, HEIGHT * 0.34 + nod
        affine = (a, b, eyes_x - a * centre_x - b * centre_y, -b, a, eyes_y + b * centre_x - a * centre_y)
        moved = portrait.transform((WIDTH, HEIGHT), Image.Transform.AFFINE, affine, Image.Resampling.BILINEAR)
        yield np.asarray(moved)


def _mux(path: Path, sound: npt.NDArray[np.int16], rate: int) -> None:
    """Write picture and sound into one mp4."""
    try:
        import av
    except ImportError:
        raise MissingExtraError("av", extra="face") from None
    count = int(len(sound) / rate * FRAME_RATE)
    with av.open(str(path), "w") as container:
        picture = container.add_stream("mpeg4", rate=FRAME_RATE)
        picture.width, picture.height, picture.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        picture.bit_rate = 4_000_000
        voice = container.add_stream("aac", rate=rate)
        voice.layout = "mono"
        for i, image in enumerate(frames(count)):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = i, Fraction(1, FRAME_RATE)
            container.mux(picture.encode(frame))
        container.mux(picture.encode(None))
        samples = av.AudioFrame.from_ndarray(sound[None], format="s16", layout="mono")
        samples.sample_rate, samples.pts, samples.time_base = rate, 0, Fraction(1, rate)
        container.mux(voice.encode(samples))
        container.mux(voice.encode(None))
