"""A simulated corpus in LMVD's on-disk format, and its known defects on request."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np

from smfl.simulation.session.session import Session
from smfl.simulation.signals.openface import openface_table, write_openface
from smfl.simulation.truth import Progress
from smfl.simulation.writers.answers import vggish
from smfl.simulation.writers.campaign import Held, campaign

MOST, FACE_HZ, VOICE_HZ = 1823, 25.0, 50.0
FOLDS = {"train": "train", "validation": "valid", "test": "test"}
VIDEO, AUDIO, LABEL = "Video_feature", "Audio_feature", "label"


def simulate_lmvd(
    out: Path | str,
    *,
    participants: int = 40,
    defects: bool = False,
    progress: Progress | None = None,
    **settings: Any,
) -> Path:
    """Write a corpus with planted signs of depression as LMVD lies on disk, with DepMamba's split beside it.

    Arguments are those of `smfl.simulation.writers.open_format.simulate_manifest`. At most 1823 vlogs.

    Args:
        out: the folder.
        participants: how many.
        defects: plant a label that two tables give differently, a label file and a face that aren't there, and two
            signals of different lengths.
        progress: called after each interview.
        **settings: ``minutes``, ``regime``, ``effect``, ``seed``, ``positives``, ``modalities``.
    """
    return campaign(
        out, "lmvd", name=lambda session: f"{session.number + 1:03d}", write=_write, tables=_tables, plant=_plant,
        most=MOST, participants=participants, defects=defects, progress=progress, settings=settings,
        can=("video", "audio"),
    )  # fmt: skip


def _write(out: Path, key: str, session: Session) -> None:
    rng = session.study.generator(session.number, "items")
    for folder in (VIDEO, AUDIO, LABEL):
        (out / folder).mkdir(exist_ok=True)
    if "video" in session.study.modalities:
        table = openface_table(rng, session.face(FACE_HZ), "picture")
        write_openface(out / VIDEO / f"{key}.csv", table, separator=", ")
    if "audio" in session.study.modalities:
        np.save(out / AUDIO / f"{key}.npy", vggish(rng, session.descriptors(VOICE_HZ), VOICE_HZ))
    (out / LABEL / f"{key}_Depression.csv").write_bytes(f"{session.latent.label}\r\n".encode())


def _tables(out: Path, held: Held) -> None:
    with (out / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["index", "label", "fold"])
        for (key, session), split in zip(held, held[0][1].study.splits(), strict=True):
            table.writerow([key, session.latent.label, FOLDS[split]])


def _plant(out: Path, held: Held) -> None:
    first, second, third = (key for key, _ in (*held, *held)[:3])
    label = 1 - held[0][1].latent.label
    (out / LABEL / f"{first}_Depression.csv").write_bytes(f"{label}\r\n".encode())
    (out / LABEL / f"{second}_Depression.csv").unlink()
    if "audio" in held[0][1].study.modalities:
        values = np.load(out / AUDIO / f"{second}.npy", allow_pickle=False)
        np.save(out / AUDIO / f"{second}.npy", values[: len(values) // 2])
        (out / VIDEO / f"{third}.csv").unlink(missing_ok=True)
