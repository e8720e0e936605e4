"""A simulated folder of OpenFace's and openSMILE's output in their versions, and its known defects on request."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np

from smfl.simulation.session.session import Session
from smfl.simulation.signals.descriptors import DESCRIPTORS
from smfl.simulation.signals.openface import openface_table, write_openface
from smfl.simulation.truth import Progress
from smfl.simulation.writers.campaign import Held, campaign

MOST, FACE_HZ, VOICE_HZ = 9999, 25.0, 100.0
VERSIONS = ("points", "all", "first", "short")
"""Which OpenFace each recording went through, in turn; the first and third with spaces in the header."""


def simulate_tool_output(
    out: Path | str,
    *,
    participants: int = 24,
    defects: bool = False,
    progress: Progress | None = None,
    **settings: Any,
) -> Path:
    """Write a folder of tools' output with planted signs of depression, each recording through another OpenFace.

    Arguments are those of `smfl.simulation.writers.open_format.simulate_manifest`.

    Args:
        out: the folder.
        participants: how many.
        defects: plant a second face, frames that failed with stale values, a frame rate that varies, and a file that
            no recording owns.
        progress: called after each interview.
        **settings: ``minutes``, ``regime``, ``effect``, ``seed``, ``positives``, ``modalities``.
    """
    return campaign(
        out, "tool-output", name=lambda session: f"rec{session.number + 1:04d}", write=_write, tables=_tables,
        plant=_plant, most=MOST, participants=participants, defects=defects, progress=progress, settings=settings,
        can=("video", "audio"),
    )  # fmt: skip


def _write(out: Path, key: str, session: Session) -> None:
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


def _tables(out: Path, held: Held) -> None:
    with (out / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["recording", "participant", "label", "score", "scale", "split", "gender", "age"])
        for (key, session), split in zip(held, held[0][1].study.splits(), strict=True):
            latent, person = session.latent, session.person
            table.writerow([key, key, latent.label, latent.score, "PHQ-8", split, person.gender, person.age])


def _plant(out: Path, held: Held) -> None:
    from smfl.simulation.defects.damage import drop_rows, second_face, stale_frames

    if "video" not in held[0][1].study.modalities:
        return
    first, second = (out / "openface" / f"{key}.csv" for key, _ in held[:2])
    second_face(first)
    stale_frames(second, 30, 60)
    drop_rows(second, 7)
    write_openface(out / "openface" / "stranger.csv", _one_frame())


def _one_frame() -> dict[str, Any]:
    names = ("frame", "timestamp", "confidence", "success", *(f"pose_{n}" for n in ("Rx", "Ry", "Rz")))
    return {name: np.ones(3) for name in names}
