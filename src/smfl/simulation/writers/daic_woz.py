"""DAIC-WOZ, simulated: sessions 300 to 492, at most 189, and the labels in their three layouts.

Sessions are written without defects; those of the real corpus are planted afterwards where they are asked for
(`smfl.simulation.defects.daic_woz`), and each session can be packed into an archive as the real ones are downloaded.
``video`` stands for the CLNF tables, ``audio`` for the sound, COVAREP and formants, ``text`` for the words in the
transcript. Where defects are planted, or an empty list of them, the participants' numbers are such that the sessions
which are known for a defect are among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from smfl.interview import PARTICIPANT
from smfl.simulation.confounds import SCRUBBED_SHARE as SCRUBBED_BY_LABEL
from smfl.simulation.conversation.timeline import Run, Utterance
from smfl.simulation.defects.catalogue import Defect, chosen, concerns
from smfl.simulation.defects.daic_woz import DEFECTS, SPECIAL, timed
from smfl.simulation.defects.tables import Cell, pack, plant_in_labels
from smfl.simulation.model import VALENCES
from smfl.simulation.registry import Simulator
from smfl.simulation.session import Session, draw_session
from smfl.simulation.signals.sound import synthesise
from smfl.simulation.signals.trackers import clnf_tables, covarep, formants, write_numbers
from smfl.simulation.study import Progress, Study
from smfl.simulation.truth import begin, write_truth
from smfl.simulation.writers.files import write_folder, write_rows, write_wav
from smfl.simulation.writers.questionnaires import item_answers

FACE_HZ, VOICE_HZ = 30.0, 100.0
IDS = tuple(number for number in range(300, 493) if number not in (342, 394, 398, 460))
LAST_TRANSCRIBED_BY_HAND = 363
CUT_SECONDS = 0.3
SCRUBBED_SHARE, LAUGHTER_SHARE = 0.1, 0.15
ITEMS = ("NoInterest", "Depressed", "Sleep", "Tired", "Appetite", "Failure", "Concentrating", "Moving")
PARTS = {"train": "train", "dev": "validation", "test": "test"}
MALE = {"male": 1, "female": 0}


def _write(out: Path, study: Study, progress: Progress | None) -> Path:
    planned, with_defects = chosen(DEFECTS, study.defects), study.defects is not False
    names = tuple(defect.name for defect in planned)
    if with_defects:
        study = replace(study, defects=names)
    begin(out, study, "daic-woz")
    sessions = []
    for number, key in enumerate(_numbers(study.participants, with_defects=with_defects)):
        session = draw_session(study, number)
        if with_defects:
            session = replace(session, timeline=timed(key, session.timeline))
        write = partial(_write_damaged, key=key, session=session, planned=planned)
        of_archive = () if key in SPECIAL else names
        packed = partial(pack, defects=of_archive) if study.archives else None
        write_folder(out, key, archive=".zip", write=write, pack=packed)
        sessions.append((key, session))
        if progress is not None:
            progress(number + 1, study.participants)
    _write_labels(out, study, sessions, names)
    write_truth(out, study, sessions)
    return out


def _numbers(participants: int, *, with_defects: bool) -> list[str]:
    """The participants' numbers in order; half of them, at most, are those of sessions known for a defect."""
    special = [key for key in SPECIAL[: participants // 2] if with_defects]
    others = [str(number) for number in IDS if str(number) not in SPECIAL or not with_defects]
    return sorted([*special, *others][:participants])


def _write_damaged(folder: Path, key: str, session: Session, planned: Sequence[Defect]) -> None:
    """Write the files of one session, and plant its defects in them."""
    _write_session(folder, key, session)
    rng = session.study.generator(session.number, "defects")
    for defect in planned:
        if defect.plant is not None and concerns(defect, key, SPECIAL, session.study.modalities):
            defect.plant(folder, key, rng)


def _write_session(folder: Path, key: str, session: Session) -> None:
    """Write the files of one session."""
    modalities = session.study.modalities
    rng = session.study.generator(session.number, "noise")
    scrubbed = _scrubbed(rng, session)
    logged = int(key) > LAST_TRANSCRIBED_BY_HAND
    _write_transcript(folder / f"{key}_TRANSCRIPT.csv", rng, session, scrubbed, logged=logged)
    if "video" in modalities:
        for name, table in clnf_tables(rng, session.face(FACE_HZ)).items():
            write_numbers(folder / f"{key}_CLNF_{name}.txt", table, header=True, separator=", ")
    if "audio" in modalities:
        voice = session.voice(VOICE_HZ)
        silenced = np.zeros(len(voice.times), dtype=np.bool_)
        if scrubbed:
            silenced = (voice.times >= scrubbed.start) & (voice.times < scrubbed.stop)
        for name, columns in (("COVAREP", covarep(rng, voice)), ("FORMANT", formants(rng, voice))):
            clean = {column: np.where(silenced, 0, values) for column, values in columns.items()}
            write_numbers(folder / f"{key}_{name}.csv", clean, header=False, separator=",")
        samples = synthesise(rng, voice, rate=VOICE_HZ)
        samples[np.repeat(silenced, len(samples) // len(silenced))] = 0
        write_wav(folder / f"{key}_AUDIO.wav", samples)


def _scrubbed(rng: np.random.Generator, session: Session) -> Run | None:
    """A word that was removed to keep somebody unknown, in one session of ten: the last one of a stretch of speech."""
    utterances = session.timeline.sentences
    run = utterances[int(rng.integers(len(utterances)))].runs[0]
    count = len(run.text.split())
    planted = "scrub" in session.study.confounds
    share = SCRUBBED_BY_LABEL[session.latent.label] if planted else SCRUBBED_SHARE
    if rng.random() >= share or count < 2:
        return None
    return Run(run.stop - (run.stop - run.start) / count, run.stop, run.text.split()[-1])


def _pieces(utterance: Utterance) -> list[Run]:
    """An utterance as the transcribers cut it: at silences of 300 ms or more."""
    pieces = [utterance.runs[0]]
    for run in utterance.runs[1:]:
        if run.start - pieces[-1].stop >= CUT_SECONDS:
            pieces.append(run)
        else:
            pieces[-1] = Run(pieces[-1].start, run.stop, f"{pieces[-1].text} {run.text}")
    return pieces


def _write_transcript(
    path: Path, rng: np.random.Generator, session: Session, scrubbed: Run | None, *, logged: bool
) -> None:
    """Write the transcript, with a mark of synchronisation and a preamble before the interviewer's first row."""
    rows: list[tuple[float, float, str, str]] = [
        (0.1, 0.2, "Participant", "<synch>"),
        (0.3, 0.7, "Participant", "okay <laughter>"),
    ]
    for utterance in session.timeline.utterances:
        if utterance.speaker != PARTICIPANT:
            name = "_".join(utterance.text.replace("'", "").split()[:4])
            text = f"{name} ({utterance.text})" if logged else utterance.text
            rows.append((utterance.start, utterance.stop, "Ellie", text))
            continue
        pieces = _pieces(utterance)
        positive = VALENCES[int(session.latent.valence[utterance.sentence])] == "positive"
        laughs = positive and rng.random() < LAUGHTER_SHARE
        for i, piece in enumerate(pieces):
            text = piece.text
            if scrubbed is not None and piece.start <= scrubbed.start < piece.stop:
                text = _without(piece, utterance)
            if laughs and i == len(pieces) - 1:
                text += " <laughter>"
            rows.append((piece.start, piece.stop, "Participant", text))
    with path.open("w", encoding="utf-8") as file:
        file.write("start_time\tstop_time\tspeaker\tvalue\n")
        for start, stop, speaker, text in rows:
            value = text if "text" in session.study.modalities else ""
            file.write(f"{start:.3f}\t{stop:.3f}\t{speaker}\t{value}\n")


def _without(piece: Run, utterance: Utterance) -> str:
    """The words of an utterance's first piece with the scrubbed one, the last of its first run, replaced."""
    words = piece.text.split()
    words[len(utterance.runs[0].text.split()) - 1] = "scrubbed_entry"
    return " ".join(words)


def _write_labels(out: Path, study: Study, sessions: Sequence[tuple[str, Session]], defects: Sequence[str]) -> None:
    """Write the label files in their three layouts, with these defects."""
    with_items = ["Participant_ID", "PHQ8_Binary", "PHQ8_Score", "Gender", *(f"PHQ8_{item}" for item in ITEMS)]
    splits = study.splits()
    labelled: dict[str, list[list[Cell]]] = {part: [] for part in PARTS}
    for part, split in PARTS.items():
        for (key, session), own in zip(sessions, splits, strict=True):
            if own == split:
                latent, gender = session.latent, MALE[session.person.gender]
                answers = item_answers(study.generator(session.number, "items"), latent.score)
                labelled[part].append([key, latent.label, latent.score, gender, *answers])
    plant_in_labels(labelled["train"], defects)
    for part in ("train", "dev"):
        write_rows(out / f"{part}_split_Depression_AVEC2017.csv", with_items, labelled[part])
    tested = labelled["test"]
    unlabelled: list[list[Cell]] = [[row[0], row[3]] for row in tested]
    write_rows(out / "test_split_Depression_AVEC2017.csv", ["participant_ID", "Gender"], unlabelled)
    write_rows(
        out / "full_test_split.csv",
        ["Participant_ID", "PHQ_Binary", "PHQ_Score", "Gender"],
        [row[: len(row) - len(ITEMS)] for row in tested],
    )
    if "blank-label-lines" in defects:
        for lines, path in enumerate(sorted(out.glob("*_split*.csv")), start=1):
            path.write_text(path.read_text(encoding="utf-8") + "\n" * (1 + lines % 3), encoding="utf-8")


SIMULATOR = Simulator(
    corpus="daic-woz",
    write=_write,
    participants=len(IDS),
    highest=len(IDS),
    title="DAIC-WOZ",
    options=("confounds", "defects", "archives"),
)
