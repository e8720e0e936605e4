"""The Androids corpus, simulated: interviews, sound only; at most 118 participants.

Defects on request: times that run backwards, one without an end, turns past the recording's end, a recording without a
row of times, and one whose folder contradicts its name.
"""

from __future__ import annotations

from pathlib import Path

from smfl.simulation.registry import Simulator
from smfl.simulation.session import Session
from smfl.simulation.writers.answers import excerpt, sound_of
from smfl.simulation.writers.files import write_wav
from smfl.simulation.writers.layout import CONFOUNDS, Layout, Sessions

TOP, TASK, HIGHEST, FOLDS = "Androids-Corpus", "Interview-Task", 118, 5
LEFT = 7
"""Columns of the reading task's folds and a gap, before those of the interviews."""


def _key(session: Session) -> str:
    group, gender = ("P" if session.latent.label else "C"), session.person.gender[0].upper()
    education = "1234X"[session.number % 5]
    return f"{session.number + 1:02d}_{group}{gender}{session.person.age:02d}_{education}"


def _group(key: str) -> str:
    return "PT" if "P" in key else "HC"


def _turns(session: Session) -> list[tuple[float, float]]:
    """The participant's turns: consecutive sentences that no question parts."""
    turns: list[tuple[float, float]] = []
    last = -1
    for place, utterance in enumerate(session.timeline.utterances):
        if utterance.sentence < 0:
            continue
        if turns and place == last + 1:
            turns[-1] = (turns[-1][0], utterance.stop)
        else:
            turns.append((utterance.start, utterance.stop))
        last = place
    return turns


def _write_session(out: Path, key: str, session: Session) -> None:
    sound = sound_of(session)
    write_wav(out / TOP / TASK / "audio" / _group(key) / f"{key}.wav", sound)
    for number, (start, stop) in enumerate(_turns(session), start=1):
        write_wav(out / TOP / TASK / "audio_clip" / key / f"{key}_{number}.wav", excerpt(sound, start, stop))


def _write_tables(out: Path, sessions: Sessions) -> None:
    rows = [[key, *(f"{instant:.3f}" for turn in _turns(session) for instant in turn)] for key, session in sessions]
    text = "".join(",".join(row) + "\n" for row in rows)
    (out / TOP / "interview_timedata.csv").write_text(f"\ufeff{text}", encoding="utf-8")
    folds: list[list[str]] = [[] for _ in range(FOLDS)]
    for number, (key, _) in enumerate(sessions):
        folds[number % FOLDS].append(f"'{key}'")
    lines = ["Reading Task" + "," * LEFT + "Interview Task" + "," * (FOLDS - 1)]
    names = ",".join(f"fold{k + 1}" for k in range(FOLDS))
    lines.append(names + "," * (LEFT - FOLDS + 1) + names)
    for row in range(max(map(len, folds))):
        cells = ",".join(fold[row] if row < len(fold) else "" for fold in folds)
        lines.append("," * LEFT + cells)
    (out / TOP / "fold-lists.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _damage(out: Path, sessions: Sessions) -> None:
    path = out / TOP / "interview_timedata.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    cells = lines[0].split(",")
    cells[1], cells[2] = cells[2], cells[1]
    lines[0] = ",".join([*cells, "9000.0", "9010.0", "9020.0"])
    del lines[1]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if len(sessions) < 3:
        return
    key = sessions[2][0]
    audio = out / TOP / TASK / "audio"
    wrong = audio / ("HC" if _group(key) == "PT" else "PT") / f"{key}.wav"
    wrong.parent.mkdir(exist_ok=True)
    (audio / _group(key) / f"{key}.wav").rename(wrong)


SIMULATOR = Simulator(
    corpus="androids",
    write=Layout("androids", _key, _write_session, _write_tables, _damage).write,
    highest=HIGHEST,
    modalities=("audio",),
    confounds=CONFOUNDS,
)
