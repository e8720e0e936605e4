"""A simulated corpus in D-Vlog's on-disk format, and its known defects on request."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np

from smfl.simulation.session.session import Session
from smfl.simulation.signals.openface import openface_table
from smfl.simulation.truth import Progress
from smfl.simulation.writers.answers import each
from smfl.simulation.writers.campaign import Held, campaign

MOST, VOICE_HZ, FACE_HZ = 961, 20.0, 10.0
FOLDS = {"train": "train", "validation": "valid", "test": "test"}
PIXELS = tuple(f"{axis}_{k}" for k in range(68) for axis in "xy")


def simulate_d_vlog(
    out: Path | str,
    *,
    participants: int = 40,
    defects: bool = False,
    progress: Progress | None = None,
    **settings: Any,
) -> Path:
    """Write a corpus with planted signs of depression as D-Vlog lies on disk: measurements once a second.

    Arguments are those of `smfl.simulation.writers.open_format.simulate_manifest`. At most 961 vlogs.

    Args:
        out: the folder.
        participants: how many.
        defects: plant two signals of different lengths, and a vlog whose face isn't there.
        progress: called after each interview.
        **settings: ``minutes``, ``regime``, ``effect``, ``seed``, ``positives``, ``modalities``.
    """
    return campaign(
        out, "d-vlog", name=lambda session: str(session.number), write=_write, tables=_tables, plant=_plant, most=MOST,
        participants=participants, defects=defects, progress=progress, settings=settings,
        can=("video", "audio"),
    )  # fmt: skip


def _write(out: Path, key: str, session: Session) -> None:
    folder = out / key
    folder.mkdir(parents=True, exist_ok=True)
    if "audio" in session.study.modalities:
        heard = session.descriptors(VOICE_HZ)
        np.save(folder / f"{key}_acoustic.npy", each(heard, VOICE_HZ, 1.0).astype(np.float32))
    if "video" in session.study.modalities:
        rng = session.study.generator(session.number, "items")
        table = openface_table(rng, session.face(FACE_HZ), "picture")
        points = np.stack([table[name] for name in PIXELS], axis=1).astype(np.float32)
        points[np.asarray(table["success"]) == 0] = 0
        rows = len(points) // round(FACE_HZ)
        np.save(folder / f"{key}_visual.npy", points[: rows * round(FACE_HZ) : round(FACE_HZ)])


def _tables(out: Path, held: Held) -> None:
    splits = held[0][1].study.splits()
    with (out / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["index", "label", "duration", "gender", "fold"])
        for (key, session), split in zip(held, splits, strict=True):
            label = "depression" if session.latent.label else "normal"
            table.writerow([key, label, int(session.timeline.seconds), session.person.gender[0], FOLDS[split]])


def _plant(out: Path, held: Held) -> None:
    longer = next(iter((out / held[0][0]).glob("*_visual.npy")), None)
    if longer is not None:
        values = np.load(longer, allow_pickle=False)
        np.save(longer, np.concatenate([values, values[-3:]]))
        (out / held[1][0] / f"{held[1][0]}_visual.npy").unlink()
