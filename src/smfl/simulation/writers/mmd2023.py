"""MMD2023, simulated, in the layout that the SMFL authors' code reads; at most 100 participants.

Defects on request: ``-1.#IND`` in a face, a score between the two rules' cutoffs, a picture that isn't there, and a
sentence less than there are vectors.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from smfl.interview import PARTICIPANT
from smfl.simulation.conversation import chinese
from smfl.simulation.model import CUTOFF
from smfl.simulation.registry import Simulator
from smfl.simulation.session import Session
from smfl.simulation.signals.openface import openface_table
from smfl.simulation.signals.sound import SAMPLE_RATE
from smfl.simulation.signals.trackers import write_numbers
from smfl.simulation.writers.answers import sound_of, text_vectors
from smfl.simulation.writers.files import write_sheet
from smfl.simulation.writers.layout import CONFOUNDS, Layout, Sessions

HIGHEST, FACE_HZ, PICTURE_HZ, BINS, WIDTH = 100, 30.0, 44_100 / 256, 513, 768
QUESTION = "最近怎么样，能说说吗？"
LANDMARKS = tuple(f"{axis}_{k}" for axis in "XYZ" for k in range(68))
PIXELS = tuple(f"{axis}_{k}" for axis in "xy" for k in range(68))


def _write_session(out: Path, key: str, session: Session) -> None:
    data, rng = out / "data", session.study.generator(session.number, "items")
    for folder in ("audio_png", "face3d", "face_features", "text", "txt_csv"):
        (data / folder).mkdir(parents=True, exist_ok=True)
    modalities = session.study.modalities
    lines = ["\t".join(("start_time", "stop_time", "speaker", "value"))]
    for utterance in session.timeline.utterances:
        words = QUESTION
        if utterance.speaker == PARTICIPANT:
            words = chinese.answer(rng, session.latent, (utterance.sentence,)) if "text" in modalities else ""
        speaker = "患者" if utterance.speaker == PARTICIPANT else "医生"
        lines.append("\t".join((_clock(utterance.start), _clock(utterance.stop), speaker, words)))
    (data / "txt_csv" / f"{key}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if "video" in modalities:
        face = session.face(FACE_HZ)
        solid, flat = (openface_table(rng, face, variant) for variant in ("points", "picture"))
        numbered = {"frame": solid["frame"]} | {name.replace("_", ""): solid[name] for name in LANDMARKS}
        write_numbers(data / "face3d" / f"{key}.txt", numbered, header=True, separator=",")
        shared = {name: flat[name] for name in ("frame", "timestamp", "confidence", "success")}
        points = shared | {name.replace("_", ""): flat[name] for name in PIXELS}
        write_numbers(data / "face_features" / f"{key}.txt", points, header=True, separator=",")
    if "audio" in modalities:
        write_grey(data / "audio_png" / f"{key}.png", spectrogram(sound_of(session)))


def _clock(instant: float) -> str:
    return f"{int(instant) // 60:02d}:{int(instant) % 60:02d}"


def spectrogram(samples: npt.NDArray[np.int16]) -> npt.NDArray[np.uint8]:
    """A grey picture of sound, uint8 [513, about 172.27 columns a second]: -100 to 0 dB is black to white."""
    hop, size = SAMPLE_RATE / PICTURE_HZ, 2 * (BINS - 1)
    starts = np.round(np.arange(int(len(samples) / hop)) * hop).astype(np.int64)
    padded = np.pad(samples.astype(np.float32) / np.float32(2**15), (0, size))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[starts] * np.hanning(size).astype(np.float32)
    level = 20 * np.log10(np.abs(np.fft.rfft(frames)) / size * 4 + 1e-5)
    return np.ascontiguousarray(np.clip((level + 100) * 2.55, 0, 255).astype(np.uint8).T)


def write_grey(path: Path, picture: npt.NDArray[np.uint8]) -> None:
    """Write a grey picture as PNG (ISO/IEC 15948)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows, columns = picture.shape
    head = struct.pack(">IIBBBBB", columns, rows, 8, 0, 0, 0, 0)
    raw = b"".join(b"\0" + picture[row].tobytes() for row in range(rows))
    packed = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw, 1)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + packed)


def _write_tables(out: Path, sessions: Sessions) -> None:
    data = out / "data"
    study = sessions[0][1].study
    rows = [[key, hamd(session.latent.score)] for key, session in sessions]
    write_sheet(data / "label.xlsx", "hamd", [["id", "all"], *rows])
    parts = ["test" if split == "test" else "train" for split in study.splits()]
    for part in ("train", "test"):
        keys = [key for (key, _), own in zip(sessions, parts, strict=True) if own == part]
        (data / f"{part}_set.txt").write_text("".join(f"{key}\n" for key in keys), encoding="utf-8")
    if "text" in study.modalities:
        with (data / "text" / "text.ark").open("wb") as file:
            for key, session in sessions:
                rng = study.generator(session.number, "noise")
                vectors = np.stack([text_vectors(rng, session.latent, (i,), WIDTH) for i in range(len(session.latent))])
                head = struct.pack("<bibi", 4, len(vectors), 4, WIDTH)
                file.write(key.encode() + b" \0BFM " + head + vectors.astype("<f4").tobytes())


def hamd(score: int) -> int:
    """A HAMD-17 total on the same side of both rules' cutoffs as the PHQ-8 score is of its own.

    Example:
        >>> hamd(9), hamd(10), hamd(24)
        (7, 18, 32)
    """
    return score + 8 if score >= CUTOFF else min(score, 7)


def _damage(out: Path, sessions: Sessions) -> None:
    from smfl.simulation.defects.damage import edit_sheet

    data = out / "data"
    first, second = sessions[0][0], sessions[1][0]
    edit_sheet(data / "label.xlsx", {(first, "all"): 12})
    face = data / "face3d" / f"{first}.txt"
    if face.is_file():
        lines = face.read_text(encoding="utf-8").splitlines()
        for number in (5, 6, 7):
            lines[number] = ",".join([lines[number].split(",")[0], *["-1.#IND"] * len(LANDMARKS)])
        face.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (data / "audio_png" / f"{second}.png").unlink(missing_ok=True)
    words = data / "txt_csv" / f"{second}.csv"
    lines = words.read_text(encoding="utf-8").splitlines()
    lines.pop(next(number for number, line in enumerate(lines) if "患者" in line))
    words.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _key(session: Session) -> str:
    return f"{session.number + 1:03d}"


SIMULATOR = Simulator(
    corpus="mmd2023",
    write=Layout("mmd2023", _key, _write_session, _write_tables, _damage).write,
    highest=HIGHEST,
    confounds=CONFOUNDS,
)
