"""LMVD, simulated, with DepMamba's split beside it; at most 1823 vlogs.

Defects on request: a label that two tables give differently, a label file and a face that aren't there, and two signals
of different lengths.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from smfl.simulation.registry import Simulator
from smfl.simulation.session import Session
from smfl.simulation.signals.openface import openface_table, write_openface
from smfl.simulation.writers.answers import vggish
from smfl.simulation.writers.files import write_rows
from smfl.simulation.writers.layout import CONFOUNDS, Layout, Sessions

HIGHEST, FACE_HZ, VOICE_HZ = 1823, 25.0, 50.0
FOLDS = {"train": "train", "validation": "valid", "test": "test"}
VIDEO, AUDIO, LABEL = "Video_feature", "Audio_feature", "label"


def _write_session(out: Path, key: str, session: Session) -> None:
    rng = session.study.generator(session.number, "items")
    for folder in (VIDEO, AUDIO, LABEL):
        (out / folder).mkdir(exist_ok=True)
    if "video" in session.study.modalities:
        table = openface_table(rng, session.face(FACE_HZ), "picture")
        write_openface(out / VIDEO / f"{key}.csv", table, separator=", ")
    if "audio" in session.study.modalities:
        np.save(out / AUDIO / f"{key}.npy", vggish(rng, session.descriptors(VOICE_HZ), VOICE_HZ))
    (out / LABEL / f"{key}_Depression.csv").write_bytes(f"{session.latent.label}\r\n".encode())


def _write_tables(out: Path, sessions: Sessions) -> None:
    splits = sessions[0][1].study.splits()
    rows = [[key, session.latent.label, FOLDS[split]] for (key, session), split in zip(sessions, splits, strict=True)]
    write_rows(out / "labels.csv", ["index", "label", "fold"], rows)


def _damage(out: Path, sessions: Sessions) -> None:
    first, second, third = (key for key, _ in (*sessions, *sessions)[:3])
    label = 1 - sessions[0][1].latent.label
    (out / LABEL / f"{first}_Depression.csv").write_bytes(f"{label}\r\n".encode())
    (out / LABEL / f"{second}_Depression.csv").unlink()
    if "audio" in sessions[0][1].study.modalities:
        values = np.load(out / AUDIO / f"{second}.npy", allow_pickle=False)
        np.save(out / AUDIO / f"{second}.npy", values[: len(values) // 2])
        (out / VIDEO / f"{third}.csv").unlink(missing_ok=True)


def _key(session: Session) -> str:
    return f"{session.number + 1:03d}"


SIMULATOR = Simulator(
    corpus="lmvd",
    write=Layout("lmvd", _key, _write_session, _write_tables, _damage).write,
    participants=40,
    highest=HIGHEST,
    modalities=("video", "audio"),
    confounds=CONFOUNDS,
)
