"""CMDC, simulated: an interview's sentences become at most twelve answers; at most 78 participants.

Defects on request: an answer that isn't there, ``nan`` in VGGish, numbers that pandas renamed, a blank total, a
diagnosis that contradicts its folder, a sound that is cut off, a second face.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from smfl.simulation.conversation import chinese
from smfl.simulation.registry import Simulator
from smfl.simulation.session import Session
from smfl.simulation.signals.openface import cut, openface_table, write_openface
from smfl.simulation.writers.answers import answers_of, excerpt, means_of, mixed, sound_of, text_vectors, vggish
from smfl.simulation.writers.files import write_sheet, write_wav
from smfl.simulation.writers.layout import CONFOUNDS, Layout, Sessions
from smfl.simulation.writers.questionnaires import item_answers

QUESTIONS, HIGHEST = 12, 78
SOUND_HZ, CHANNELS, FACE_HZ, VOICE_HZ = 48_000, 2, 25.0, 50.0
SEEN = 3
"""Two of three people have video, as 45 of 78 have."""
BERT, TIMESFORMER = 768, 768


def _key(session: Session) -> str:
    labels = session.study.labels()
    number = int((labels[: session.number + 1] == labels[session.number]).sum())
    return f"{'MDD' if labels[session.number] else 'HC'}{number:02d}"


def _write_session(out: Path, key: str, session: Session) -> None:
    folder = out / key
    folder.mkdir(parents=True, exist_ok=True)
    rng = session.study.generator(session.number, "items")
    modalities, seen = session.study.modalities, session.number % SEEN != SEEN - 1
    sound = sound_of(session) if "audio" in modalities else None
    descriptors = session.descriptors(VOICE_HZ) if "audio" in modalities else None
    face = openface_table(rng, session.face(FACE_HZ)) if "video" in modalities and seen else None
    for number, answer in enumerate(answers_of(session, QUESTIONS), start=1):
        if sound is not None and descriptors is not None:
            samples = excerpt(sound, answer.start, answer.stop)
            write_wav(folder / f"Q{number}.wav", samples, rate=SOUND_HZ, channels=CHANNELS)
            voice = descriptors[round(answer.start * VOICE_HZ) : round(answer.stop * VOICE_HZ)]
            vggish(rng, voice, VOICE_HZ).dump(folder / f"Q{number}.pkl")
        if face is not None:
            frames = cut(face, answer.start, answer.stop)
            write_openface(folder / f"Q{number}.csv", frames, separator=", ")
            units = np.stack([frames[name] for name in ("AU12_r", "pose_Rx", "gaze_angle_y")], axis=1).astype(
                np.float64
            )
            np.save(folder / f"Q{number}.npy", mixed(rng, means_of(units, FACE_HZ, 1e9), TIMESFORMER))
        if "text" in modalities:
            words = chinese.answer(rng, session.latent, answer.sentences)
            (folder / f"Q{number}.txt").write_text(words, encoding="utf-8")
            vector = text_vectors(rng, session.latent, answer.sentences, BERT)
            line = ",".join(f"{value:.6f}" for value in vector)
            (folder / f"vector_Q{number}.csv").write_text(f"{line}\n", encoding="utf-8")


def _write_tables(out: Path, sessions: Sessions) -> None:
    header = ["ID", "age", "gender", "MDD", "VideoAvailabe"]
    header += [f"PHQ-{k}" for k in range(1, 10)] + ["PHQtotal"]
    header += ["V2HAMD05" if k == 5 else f"HAMD{k:02d}" for k in range(1, 18)] + ["HAMDtotal"]
    rows: list[list[object]] = []
    for key, session in sessions:
        rng = session.study.generator(session.number, "items")
        score = session.latent.score
        phq, hamd = item_answers(rng, score, 9), item_answers(rng, score, 17, highest=2)
        gender = "女" if session.person.gender == "female" else "男"
        seen = int((out / key / "Q1.csv").is_file())
        rows.append([key, session.person.age, gender, session.latent.label, seen, *phq, score, *hamd, score])
    write_sheet(out / "SubjectInfo.xlsx", "Sheet1", [header, *rows])


def _damage(out: Path, sessions: Sessions) -> None:
    from smfl.simulation.defects.damage import cut_short, edit_sheet, second_face

    keys = [key for key, _ in sessions]
    first, second = out / keys[0], out / keys[1]
    for path in first.glob("*Q3.*"):
        path.unlink()
    if (first / "Q1.pkl").is_file():
        values = np.abs(np.random.default_rng(0).standard_normal((3, 128))).astype(np.float32)
        values[1] = np.nan
        values.dump(first / "Q1.pkl")
    if (first / "vector_Q1.csv").is_file():
        cells = (first / "vector_Q1.csv").read_text(encoding="utf-8").strip().split(",")
        cells[5] = f"{cells[4]}.1"
        (first / "vector_Q1.csv").write_text(",".join(cells) + "\n", encoding="utf-8")
    if (second / "Q2.wav").is_file():
        cut_short(second / "Q2.wav")
    if (second / "Q1.csv").is_file():
        second_face(second / "Q1.csv")
    edit_sheet(out / "SubjectInfo.xlsx", {(keys[0], "PHQtotal"): None, (keys[1], "gender"): 1})
    edit_sheet(out / "SubjectInfo.xlsx", {(keys[1], "MDD"): int(not keys[1].startswith("MDD"))})


SIMULATOR = Simulator(
    corpus="cmdc",
    write=Layout("cmdc", _key, _write_session, _write_tables, _damage).write,
    highest=HIGHEST,
    confounds=CONFOUNDS,
)
