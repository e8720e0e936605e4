"""The open format, simulated: ready-made face and voice features, sentences, labels."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from smfl.interview.atomic import write_file
from smfl.simulation.confounds import CONFOUNDS
from smfl.simulation.registry import Simulator
from smfl.simulation.session import Session, draw_session
from smfl.simulation.signals.descriptors import DESCRIPTORS
from smfl.simulation.signals.face import N_POINTS, FloatArray
from smfl.simulation.signals.motion import FaceMotion
from smfl.simulation.study import Progress, Study
from smfl.simulation.truth import begin, write_truth
from smfl.simulation.writers.files import write_rows

FACE_HZ, VOICE_HZ = 10.0, 20.0
FACE_COLUMNS: tuple[str, ...] = (
    "confidence",
    "success",
    *(f"{axis}_{point}" for axis in "XYZ" for point in range(N_POINTS)),
    *(f"gaze_{eye}_{axis}" for eye in (0, 1) for axis in "xyz"),
    *(f"pose_T{axis}" for axis in "xyz"),
    *(f"pose_R{axis}" for axis in "xyz"),
)
"""OpenFace's names: landmarks and head position in mm, gaze as unit vectors, head rotation in rad."""


def face_table(face: FaceMotion) -> FloatArray:
    """A face's motion as `FACE_COLUMNS`, [n, 218]; measured columns are ``nan`` where the face was lost."""
    n = len(face.times)
    return np.concatenate(
        [
            face.confidence[:, None],
            face.success[:, None].astype(np.float64),
            face.landmarks.transpose(0, 2, 1).reshape(n, -1),
            face.gaze.reshape(n, -1),
            face.translation,
            face.angles,
        ],
        axis=1,
    )


def _write(out: Path, study: Study, progress: Progress | None) -> Path:
    begin(out, study, "manifest")
    sessions = []
    for number in range(study.participants):
        session = draw_session(study, number)
        key = f"sim-{number + 1:04d}"
        if "video" in study.modalities:
            path = out / "features" / "openface" / f"{key}.npy"
            if not path.exists():
                _save(path, face_table(session.face(FACE_HZ)))
        if "audio" in study.modalities:
            path = out / "features" / "audio" / f"{key}.npy"
            if not path.exists():
                _save(path, session.descriptors(VOICE_HZ))
        sessions.append((key, session))
        if progress is not None:
            progress(number + 1, study.participants)
    _write_tables(out, study, sessions)
    write_truth(out, study, sessions)
    (out / "corpus.toml").write_text(_settings(study), encoding="utf-8")
    return out


def _save(path: Path, values: FloatArray) -> None:
    """Write features whole or not at all."""

    def write(partial: Path) -> None:
        with partial.open("wb") as file:
            np.save(file, values.astype(np.float32), allow_pickle=False)

    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, write)


def _write_tables(out: Path, study: Study, sessions: Sequence[tuple[str, Session]]) -> None:
    """Write `interviews.csv` and `sentences.csv`."""
    interviews, sentences = [], []
    for (key, session), split in zip(sessions, study.splits(), strict=True):
        person, latent = session.person, session.latent
        interviews.append([key, key, latent.label, latent.score, split, person.gender, person.age])
        for utterance in session.timeline.utterances:
            text = utterance.text if "text" in study.modalities else ""
            sentences.append([key, f"{utterance.start:.3f}", f"{utterance.stop:.3f}", utterance.speaker, text])
    columns = ["interview", "participant", "label", "score", "split", "gender", "age"]
    write_rows(out / "interviews.csv", columns, interviews)
    write_rows(out / "sentences.csv", ["interview", "start", "stop", "speaker", "text"], sentences)


def _settings(study: Study) -> str:
    """`corpus.toml`."""

    def features(folder: str, rate: float, columns: Sequence[str]) -> str:
        return f'[features.{folder}]\nlevel = "frame"\nrate_hz = {rate}\ncolumns = {json.dumps(list(columns))}\n'

    parts = [
        "format = 1\n"
        f'name = "simulated-{study.regime}"\n'
        'language = "en"\n'
        'citation = "Simulated by smfl: nobody was recorded. The planted truth is in truth.csv."\n'
        'licence = "CC0-1.0"\n'
        "simulated = true\n"
        '[label]\nscale = "PHQ-8"\ncutoff = 10\n'
    ]
    if "video" in study.modalities:
        parts.append(features("openface", FACE_HZ, FACE_COLUMNS))
    if "audio" in study.modalities:
        parts.append(features("audio", VOICE_HZ, DESCRIPTORS))
    return "".join(parts)


SIMULATOR = Simulator(
    corpus="manifest",
    write=_write,
    participants=189,
    confounds=tuple(name for name in CONFOUNDS if name != "scrub"),  # silence in a recording: there is none here
    options=("confounds",),
)
