"""E-DAIC, simulated: the participants of a simulated DAIC-WOZ of the same seed, and new ones; at most 275.

Number k of DAIC-WOZ is the same person here and there. A third of the people are new, from 600; the test part is all of
them. The transcript is a recogniser's: both voices, as far as the participant's microphone caught the other one, and no
column that says whose a row is.
"""

from __future__ import annotations

import csv
import tarfile
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from smfl.interview import PARTICIPANT
from smfl.simulation.defects.catalogue import Defect, chosen, concerns
from smfl.simulation.defects.edaic import DEFECTS, PLACES, plant_in_tables, special_sessions
from smfl.simulation.defects.tables import Cell
from smfl.simulation.registry import Simulator
from smfl.simulation.session import Session, draw_session
from smfl.simulation.signals.descriptors import DESCRIPTORS
from smfl.simulation.signals.face import FloatArray
from smfl.simulation.signals.openface import openface_table, write_openface
from smfl.simulation.signals.sound import synthesise
from smfl.simulation.study import Progress, Study
from smfl.simulation.truth import begin, write_truth
from smfl.simulation.writers.daic_woz import IDS, ITEMS
from smfl.simulation.writers.files import write_folder, write_rows, write_wav
from smfl.simulation.writers.questionnaires import item_answers

NOT_GIVEN = (610, 611, 613, 614, 616, 621, 630, 639, *range(642, 649), 665, 668, 671, 672, 674, 675, 678)
NOT_GIVEN += (681, 685, 686, 690, 694, 700, 701, 704, 706, 711, 714)
NEW_IDS = tuple(number for number in range(600, 719) if number not in NOT_GIVEN)
HIGHEST = len(IDS) + len(NEW_IDS)
NEW_SHARE = 3
"""One person in so many is new."""
FACE_HZ, VOICE_HZ = 30.0, 100.0
BAG_HOP_S, WORDS, COEFFICIENTS = 1.0, 100, 39
HEARD_SHARE = 0.6
"""Of what the interviewer says, how much the participant's microphone catches well enough to be recognised."""


def _write(out: Path, study: Study, progress: Progress | None) -> Path:
    planned = chosen(DEFECTS, study.defects)
    names = tuple(defect.name for defect in planned)
    if study.defects is not False:
        study = replace(study, defects=names)
    everyone = replace(study, participants=HIGHEST)
    keys = numbers(study.participants)
    begin(out, study, "edaic")
    special = special_sessions(keys)
    planned = tuple(replace(defect, sessions=special.get(defect.name, ())) for defect in planned)
    sessions = []
    for done, (key, number) in enumerate(keys.items(), start=1):
        session = draw_session(everyone, number)
        write = partial(_write_damaged, key=key, session=session, planned=planned)
        write_folder(out, key, archive=".tar.gz", write=write, pack=partial(_pack, key=key) if study.archives else None)
        sessions.append((key, session))
        if progress is not None:
            progress(done, study.participants)
    _write_labels(out / "labels", sessions, names)
    write_truth(out, study, sessions)
    return out


def numbers(participants: int) -> dict[str, int]:
    """The participants' numbers in order, and who each is: DAIC-WOZ's k-th person, or a new one.

    Example:
        >>> numbers(4)
        {'300': 0, '301': 1, '302': 2, '600': 189}
    """
    new = min(participants // NEW_SHARE, len(NEW_IDS))
    new = max(new, participants - len(IDS))
    old = {str(IDS[k]): k for k in range(participants - new)}
    return old | {str(NEW_IDS[k]): len(IDS) + k for k in range(new)}


def part_of(key: str) -> str:
    """Which part a session is in: the test part's interviewers are machines, from 600.

    Example:
        >>> [part_of(key) for key in ("300", "303", "600", "601", "602")]
        ['train', 'dev', 'train', 'dev', 'test']
    """
    if int(key) < NEW_IDS[0]:
        return "dev" if IDS.index(int(key)) % 4 == 3 else "train"
    return {0: "train", 1: "dev"}.get(NEW_IDS.index(int(key)) % 5, "test")


def _write_damaged(folder: Path, key: str, session: Session, planned: Sequence[Defect]) -> None:
    """Write the files of one session, and plant its defects in them."""
    _write_session(folder, key, session)
    rng = session.study.generator(session.number, "defects")
    for defect in planned:
        if defect.plant is not None and concerns(defect, key, (), session.study.modalities):
            defect.plant(folder, key, rng)


def _write_session(folder: Path, key: str, session: Session) -> None:
    modalities = session.study.modalities
    rng = session.study.generator(session.number, "noise")
    (folder / "features").mkdir(exist_ok=True)
    _write_transcript(folder / f"{key}_Transcript.csv", rng, session)
    if "video" in modalities:
        table = openface_table(rng, session.face(FACE_HZ), "short")
        write_openface(folder / "features" / f"{key}_{PLACES['openface']}", table, separator=", ")
        _write_bag(folder / "features" / f"{key}_{PLACES['bovw']}", rng, session, ",")
    if "audio" in modalities:
        voice = session.voice(VOICE_HZ)
        samples = synthesise(rng, voice, rate=VOICE_HZ)
        write_wav(folder / f"{key}_AUDIO.wav", samples)
        values = np.nan_to_num(session.descriptors(VOICE_HZ))
        kept = [i for i, name in enumerate(DESCRIPTORS) if name not in ("F2bandwidth_sma3nz", "F3bandwidth_sma3nz")]
        named = [DESCRIPTORS[i] for i in kept]
        _write_descriptors(folder / "features" / f"{key}_{PLACES['egemaps']}", named, values[:, kept])
        coefficients = [f"pcm_fftMag_mfcc{order}[{k}]" for order in ("", "_de", "_de_de") for k in range(13)]
        mixing = rng.standard_normal((values.shape[1], COEFFICIENTS)) * 0.1
        _write_descriptors(folder / "features" / f"{key}_{PLACES['mfcc']}", coefficients, values @ mixing)
        for place in ("boaw_egemaps", "boaw_mfcc"):
            _write_bag(folder / "features" / f"{key}_{PLACES[place]}", rng, session, ";")
    for place in ("resnet", "vgg"):  # matrices that nothing here reads: only whether they are there matters
        (folder / "features" / f"{key}_{PLACES[place]}").write_bytes(b"MATLAB 5.0 MAT-file, made up".ljust(128))


def _write_transcript(path: Path, rng: np.random.Generator, session: Session) -> None:
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["Start_Time", "End_Time", "Text", "Confidence"])
        for utterance in session.timeline.utterances:
            if utterance.speaker != PARTICIPANT and rng.random() >= HEARD_SHARE:
                continue
            text = utterance.text if "text" in session.study.modalities else "um"
            times = f"{utterance.start:.1f}", f"{utterance.stop:.1f}"
            table.writerow([*times, text, repr(float(rng.uniform(0.7, 0.99)))])


def _write_descriptors(path: Path, names: Sequence[str], values: FloatArray) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(";".join(["name", "frameTime", *names]) + "\n")
        for row, cells in enumerate(values):
            file.write(f"'unknown';{row / VOICE_HZ:.2f};" + ";".join(f"{cell:.5g}" for cell in cells) + "\n")


def _write_bag(path: Path, rng: np.random.Generator, session: Session, separator: str) -> None:
    windows = int(session.timeline.seconds / BAG_HOP_S)
    counts = np.log1p(rng.poisson(2.0, (windows, WORDS)))
    with path.open("w", encoding="utf-8") as file:
        for window, row in enumerate(counts):
            file.write(separator.join(["'unknown'", f"{window * BAG_HOP_S:.1f}", *(f"{c:.4f}" for c in row)]) + "\n")


def _write_labels(folder: Path, sessions: Sequence[tuple[str, Session]], defects: Sequence[str]) -> None:
    folder.mkdir(exist_ok=True)
    head = ["Participant_ID", "Gender", "PHQ_Binary", "PHQ_Score", "PCL-C (PTSD)", "PTSD Severity"]
    rows: dict[str, list[list[Cell]]] = {"train": [], "dev": [], "test": []}
    answers: list[list[Cell]] = []
    for key, session in sessions:
        latent, rng = session.latent, session.study.generator(session.number, "items")
        severity = int(np.clip(17 + 2.2 * latent.score + rng.normal(0, 5), 17, 85))
        score = latent.score
        rows[part_of(key)].append([key, session.person.gender, latent.label, score, int(severity > 44), severity])
        answers.append([key, *item_answers(rng, score), score])
    plant_in_tables([row for part in rows.values() for row in part], defects)
    for part, found in rows.items():
        write_rows(folder / f"{part}_split.csv", head, found)
    names = [f"PHQ_8{item}" for item in (*ITEMS, "Total")]
    write_rows(folder / "Detailed_PHQ8_Labels.csv", ["Participant_ID", *names], answers)


def _pack(folder: Path, archive: Path, key: str) -> None:
    """Move a session's folder into a tar.gz, the same bytes each time; one that it holds already is kept."""
    import gzip
    import shutil

    unfinished = archive.with_suffix(".part")
    ready = folder / archive.name
    if ready.exists():
        ready.replace(unfinished)
    else:
        with (
            unfinished.open("wb") as raw,
            gzip.GzipFile("", "wb", compresslevel=1, fileobj=raw, mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w") as file,
        ):
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                info = tarfile.TarInfo(f"{key}_P/{path.relative_to(folder).as_posix()}")
                info.size = path.stat().st_size
                with path.open("rb") as source:
                    file.addfile(info, source)
    shutil.rmtree(folder)
    unfinished.replace(archive)


SIMULATOR = Simulator(
    corpus="edaic",
    write=_write,
    participants=60,
    highest=HIGHEST,
    title="E-DAIC",
    options=("confounds", "defects", "archives"),
)
