"""A folder of OpenFace's and openSMILE's output, simulated: each recording through another version of OpenFace.

Defects on request: a second face, frames that failed with stale values, a frame rate that varies, and a file that no
recording owns.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from smfl.simulation.registry import Simulator
from smfl.simulation.session import Session
from smfl.simulation.signals.descriptors import DESCRIPTORS
from smfl.simulation.signals.openface import openface_table, write_openface
from smfl.simulation.writers.files import write_rows
from smfl.simulation.writers.layout import CONFOUNDS, Layout, Sessions

HIGHEST, FACE_HZ, VOICE_HZ = 9999, 25.0, 100.0
VERSIONS = ("points", "all", "first", "short")
"""Which OpenFace each recording went through, in turn; the first and third with spaces in the header."""


def _write_session(out: Path, key: str, session: Session) -> None:
    rng = session.study.generator(session.number, "items")
    if "video" in session.study.modalities:
        version = VERSIONS[session.number % len(VERSIONS)]
        table = openface_table(rng, session.face(FACE_HZ), version)
        write_openface(out / "openface" / f"{key}.csv", table, separator=(", ", ",")[session.number % 2])
    if "audio" in session.study.modalities:
        (out / "opensmile").mkdir(exist_ok=True)
        values = np.nan_to_num(session.descriptors(VOICE_HZ))
        with (out / "opensmile" / f"{key}_egemaps.csv").open("w", encoding="utf-8") as file:
            file.write(";".join(("name", "frameTime", *DESCRIPTORS)) + "\n")
            for row, numbers in enumerate(values):
                cells = ";".join(f"{number:.4g}" for number in numbers)
                file.write(f"'{key}';{row / VOICE_HZ:.6f};{cells}\n")


def _write_tables(out: Path, sessions: Sessions) -> None:
    rows = []
    for (key, session), split in zip(sessions, sessions[0][1].study.splits(), strict=True):
        latent, person = session.latent, session.person
        rows.append([key, key, latent.label, latent.score, "PHQ-8", split, person.gender, person.age])
    header = ["recording", "participant", "label", "score", "scale", "split", "gender", "age"]
    write_rows(out / "labels.csv", header, rows)


def _damage(out: Path, sessions: Sessions) -> None:
    from smfl.simulation.defects.damage import drop_rows, second_face, stale_frames

    if "video" not in sessions[0][1].study.modalities:
        return
    first, second = (out / "openface" / f"{key}.csv" for key, _ in sessions[:2])
    second_face(first)
    stale_frames(second, 30, 60)
    drop_rows(second, 7)
    write_openface(out / "openface" / "stranger.csv", _one_frame())


def _one_frame() -> dict[str, Any]:
    names = ("frame", "timestamp", "confidence", "success", *(f"pose_{n}" for n in ("Rx", "Ry", "Rz")))
    return {name: np.ones(3) for name in names}


def _key(session: Session) -> str:
    return f"rec{session.number + 1:04d}"


SIMULATOR = Simulator(
    corpus="tool-output",
    write=Layout("tool-output", _key, _write_session, _write_tables, _damage).write,
    highest=HIGHEST,
    modalities=("video", "audio"),
    confounds=CONFOUNDS,
)
