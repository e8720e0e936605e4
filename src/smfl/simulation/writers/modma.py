"""The audio part of MODMA, simulated: 24-bit sound, no words, no face; at most 52 participants.

An interview's sentences become at most 29 recordings; where there are fewer sentences, the recordings repeat them from
the first on. Defects on request: recordings that can't be read, and one that isn't there.
"""

from __future__ import annotations

from pathlib import Path

from smfl.simulation.registry import Simulator
from smfl.simulation.session import Session
from smfl.simulation.writers.answers import answers_of, excerpt, sound_of
from smfl.simulation.writers.files import write_sheet, write_wav
from smfl.simulation.writers.layout import CONFOUNDS, Layout, Sessions

FOLDER, INFO = "audio_lanzhou_2015", "subjects_information_audio_lanzhou_2015.xlsx"
RECORDINGS, HIGHEST = 29, 52
SOUND_HZ, BITS, FAINT = 44_100, 24, 8
"""The real sound is at a low level: this one is divided by `FAINT`."""
FIRST = {1: 2010001, 0: 2020001}


def _number(session: Session) -> int:
    labels = session.study.labels()
    label = int(labels[session.number])
    return FIRST[label] + int((labels[: session.number] == label).sum())


def _key(session: Session) -> str:
    return f"{_number(session):08d}"


def _write_session(out: Path, key: str, session: Session) -> None:
    folder = out / FOLDER / key
    folder.mkdir(parents=True, exist_ok=True)
    sound, answers = sound_of(session) // FAINT, answers_of(session, RECORDINGS)
    for number in range(RECORDINGS):
        answer = answers[number % len(answers)]
        samples = excerpt(sound, answer.start, answer.stop)
        write_wav(folder / f"{number + 1:02d}.wav", samples, rate=SOUND_HZ, bits=BITS)


def _write_tables(out: Path, sessions: Sessions) -> None:
    header = ["subject id", "type", "age", "gender", "education（years）"]
    header += ["PHQ-9", "CTQ-SF", "LES", "SSRS", "GAD-7", "PSQI"]
    rows: list[list[object]] = []
    for _, session in sessions:
        rng = session.study.generator(session.number, "items")
        person, score = session.person, session.latent.score
        kind, gender = ("MDD" if session.latent.label else "HC"), ("F" if person.gender == "female" else "M")
        others = [int(rng.integers(25, 60)), int(rng.integers(0, 40)), int(rng.integers(20, 50))]
        rest = [min(21, score), int(rng.integers(2, 15))]
        rows.append([_number(session), kind, person.age, gender, int(rng.integers(6, 19)), score, *others, *rest])
    write_sheet(out / INFO, "Sheet1", [[*header, None, None], *rows])


def _damage(out: Path, sessions: Sessions) -> None:
    from smfl.simulation.defects.damage import cut_short, unreadable

    folder = out / FOLDER / sessions[0][0]
    for number in (24, 25, 26, 27):
        unreadable(folder / f"{number}.wav")
    cut_short(folder / "28.wav")
    (out / FOLDER / sessions[1][0] / "07.wav").unlink()


SIMULATOR = Simulator(
    corpus="modma",
    write=Layout("modma", _key, _write_session, _write_tables, _damage).write,
    highest=HIGHEST,
    modalities=("audio",),
    confounds=CONFOUNDS,
)
