"""A simulated corpus in the open format: ready-made face and voice features, sentences, labels."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from smfl.interview import CallError
from smfl.simulation.ideal import MODALITIES
from smfl.simulation.session.people import Study
from smfl.simulation.session.session import Session, hold
from smfl.simulation.signals.descriptors import DESCRIPTORS
from smfl.simulation.signals.face import N_POINTS, FloatArray
from smfl.simulation.signals.motion import FaceMotion
from smfl.simulation.truth import Progress, begin, write_truth

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


def simulate_manifest(
    out: Path | str,
    *,
    participants: int = 189,
    minutes: float = 4.0,
    regime: str = "global",
    effect: float = 1.0,
    seed: int = 0,
    positives: float = 0.3,
    modalities: Sequence[str] = MODALITIES,
    confounds: Sequence[str] = (),
    progress: Progress | None = None,
) -> Path:
    """Write a corpus with planted signs of depression in the open format.

    Args:
        out: a new or empty folder, or one where the same call was interrupted: it goes on there.
        participants: how many, one interview each.
        minutes: nominal length of an interview; slow speakers take longer.
        regime: where the signs are: ``global``, ``sentence`` or ``cross-modal`` (`smfl.simulation.model`).
        effect: how strong; 1 as published, 0 none at all.
        seed: of all chance; participant k is the same however many there are.
        positives: share of depressed participants.
        modalities: which are written; without ``text`` the sentences have times and no words.
        confounds: what else goes with the label (`smfl.simulation.confounds`).
        progress: called after each interview.

    Returns:
        The folder; `truth.csv` in it tells what was planted.

    Raises:
        CallError: for settings that can't be, or a folder that holds something else.

    Example:
        >>> import tempfile
        >>> out = simulate_manifest(tempfile.mkdtemp(), participants=2, minutes=0.5)
        >>> sorted(path.name for path in out.iterdir())
        ['corpus.toml', 'features', 'interviews.csv', 'sentences.csv', 'simulation.json', 'truth.csv']
        >>> np.load(out / "features" / "audio" / "sim-0001.npy").shape[1]
        25
    """
    out = Path(out)
    study = Study(participants, minutes, regime, effect, seed, positives, tuple(modalities), tuple(confounds))
    if "scrub" in study.confounds:
        raise CallError("the confound 'scrub' is silence in a recording, and the open format's features have none")
    sessions = []
    first = hold(study, 0)
    begin(out, study, "manifest")
    for number in range(participants):
        session = hold(study, number) if number else first
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
            progress(number + 1, participants)
    _write_tables(out, study, sessions)
    write_truth(out, study, sessions)
    (out / "corpus.toml").write_text(_settings(study), encoding="utf-8")
    return out


def _save(path: Path, values: FloatArray) -> None:
    """Write features whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as file:
        np.save(file, values.astype(np.float32), allow_pickle=False)
    unfinished.replace(path)


def _write_tables(out: Path, study: Study, sessions: Sequence[tuple[str, Session]]) -> None:
    """Write `interviews.csv` and `sentences.csv`."""
    with (out / "interviews.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["interview", "participant", "label", "score", "split", "gender", "age"])
        for (key, session), split in zip(sessions, study.splits(), strict=True):
            person, latent = session.person, session.latent
            table.writerow([key, key, latent.label, latent.score, split, person.gender, person.age])
    with (out / "sentences.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["interview", "start", "stop", "speaker", "text"])
        for key, session in sessions:
            for utterance in session.timeline.utterances:
                text = utterance.text if "text" in study.modalities else ""
                times = (f"{utterance.start:.3f}", f"{utterance.stop:.3f}")
                table.writerow([key, *times, utterance.speaker, text])


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
