"""D-Vlog, simulated: measurements once a second; at most 961 vlogs.

Defects on request: two signals of different lengths, and a vlog whose face isn't there.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from smfl.simulation.registry import Simulator
from smfl.simulation.session import Session
from smfl.simulation.signals.openface import openface_table
from smfl.simulation.writers.answers import means_of
from smfl.simulation.writers.files import write_rows
from smfl.simulation.writers.layout import CONFOUNDS, Layout, Sessions

HIGHEST, VOICE_HZ, FACE_HZ = 961, 20.0, 10.0
FOLDS = {"train": "train", "validation": "valid", "test": "test"}
PIXELS = tuple(f"{axis}_{k}" for k in range(68) for axis in "xy")


def _write_session(out: Path, key: str, session: Session) -> None:
    folder = out / key
    folder.mkdir(parents=True, exist_ok=True)
    if "audio" in session.study.modalities:
        descriptors = session.descriptors(VOICE_HZ)
        np.save(folder / f"{key}_acoustic.npy", means_of(descriptors, VOICE_HZ, 1.0).astype(np.float32))
    if "video" in session.study.modalities:
        rng = session.study.generator(session.number, "items")
        table = openface_table(rng, session.face(FACE_HZ), "picture")
        points = np.stack([table[name] for name in PIXELS], axis=1).astype(np.float32)
        points[np.asarray(table["success"]) == 0] = 0
        rows = len(points) // round(FACE_HZ)
        np.save(folder / f"{key}_visual.npy", points[: rows * round(FACE_HZ) : round(FACE_HZ)])


def _write_tables(out: Path, sessions: Sessions) -> None:
    splits = sessions[0][1].study.splits()
    rows = []
    for (key, session), split in zip(sessions, splits, strict=True):
        label = "depression" if session.latent.label else "normal"
        rows.append([key, label, int(session.timeline.seconds), session.person.gender[0], FOLDS[split]])
    write_rows(out / "labels.csv", ["index", "label", "duration", "gender", "fold"], rows)


def _damage(out: Path, sessions: Sessions) -> None:
    longer = next(iter((out / sessions[0][0]).glob("*_visual.npy")), None)
    if longer is not None:
        values = np.load(longer, allow_pickle=False)
        np.save(longer, np.concatenate([values, values[-3:]]))
        (out / sessions[1][0] / f"{sessions[1][0]}_visual.npy").unlink()


def _key(session: Session) -> str:
    return str(session.number)


SIMULATOR = Simulator(
    corpus="d-vlog",
    write=Layout("d-vlog", _key, _write_session, _write_tables, _damage).write,
    participants=40,
    highest=HIGHEST,
    modalities=("video", "audio"),
    confounds=CONFOUNDS,
)
