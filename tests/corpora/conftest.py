"""Tiny corpora, written exactly as the formats have them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from smfl.corpora.daic_woz.signals import COVAREP, FACE_TABLES, SHARED

SECONDS = 6
TOML = """format = 1
name = "three"
language = "en"
citation = "nobody"
licence = "none"
[label]
scale = "PHQ-8"
cutoff = 10
[features.audio]
level = "frame"
rate_hz = 10.0
columns = ["F0", "loudness"]
[features.text]
level = "sentence"
[features.openface]
level = "frame"
"""
INTERVIEWS = """interview,participant,label,score,split,gender,age,recording,transcript,site
p01,anna,,14,train,female,41,recordings/p01.wav,,north
p02,,0,3,test,male,,,,
p.03,anna,1,,train,Female,42.5,,transcripts/three.srt,south
"""
SENTENCES = """interview,start,stop,speaker,text
p01,3.0,4.5,participant,"not so good, lately"
p01,0.0,1.0,doctor,how are you
p01,1.0,2.0,Participant,hello
p02,0.5,2.5,participant,fine
"""


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """Three interviews in the open format, with features of all three kinds of file."""
    root = tmp_path / "three"
    for folder in ("recordings", "transcripts", "features/audio", "features/text", "features/openface"):
        (root / folder).mkdir(parents=True)
    (root / "corpus.toml").write_text(TOML, encoding="utf-8")
    (root / "interviews.csv").write_text(INTERVIEWS, encoding="utf-8")
    (root / "sentences.csv").write_text(SENTENCES, encoding="utf-8")
    (root / "recordings/p01.wav").write_bytes(b"RIFF")
    (root / "transcripts/three.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nhi\n", encoding="utf-8")
    audio = np.arange(2 * SECONDS * 10, dtype="f8").reshape(-1, 2)
    audio[3] = np.nan
    np.save(root / "features/audio/p01.npy", audio)
    np.save(root / "features/audio/p02.npy", audio[:30])
    (root / "features/text/p01.csv").write_text("sentence,valence,self\n1,0.5,1\n0,nan,0\n", encoding="utf-8")
    (root / "features/text/p02.csv").write_text("sentence,valence,self\n0,0.25,\n", encoding="utf-8")
    lines = [f"{frame / 30:.3f}, {frame}, 0.9" for frame in range(60)]
    (root / "features/openface/p02.csv").write_text("time, AU12_r, pose_Rx\n" + "\n".join(lines), encoding="utf-8")
    return root


TRANSCRIPT = """start_time\tstop_time\tspeaker\tvalue
0.100\t0.400\tParticipant\tis it on
0.500\t0.600\tEllie\t<sync>

1.000\t1.500\tEllie\thi i'm ellie
1.600\t2.000\tParticipant\ti'm "okay" <laughter>
2.300\t2.900\tparticipant\tpeople <peop> say null
3.000\t3.400\tEllie\twhere are you from
3.500\t3.900\tParticipant\tscrubbed_entry
4.000\t4.200\tEllie\t
4.300\t5.000\tParticipant\tnot xxx well
"""
TRAIN = """Participant_ID,PHQ8_Binary,PHQ8_Score,Gender,PHQ8_NoInterest,PHQ8_Depressed,PHQ8_Sleep,PHQ8_Tired,\
PHQ8_Appetite,PHQ8_Failure,PHQ8_Concentrating,PHQ8_Moving
300,0,10,1,2,2,1,1,1,1,1,1
302,0,4,0,1,1,1,1,0,0,0,0

"""
DEV = TRAIN.splitlines()[0] + "\n370,1,12,0,2,2,2,2,1,1,1,1\n\n\n"


def face_table(kind: str, frames: int = SECONDS * 30) -> list[str]:
    """Lines of one of the face's tables; frame 5 failed, frame 7 has a value that the C runtime calls no number."""
    names = tuple(FACE_TABLES[kind])
    lines = [", ".join((*SHARED, *names))]
    for frame in range(frames):
        success, confidence = (0, 0.02) if frame == 5 else (1, 0.5 if frame == 6 else 0.98)
        values = ["-1.#IND" if frame == 7 else f"{frame + k / 1000:.3f}" for k in range(len(names))]
        lines.append(", ".join([str(frame + 1), f"{frame / 30:.6f}", str(confidence), str(success), *values]))
    return lines


@pytest.fixture
def write_session() -> Callable[..., Path]:
    """Writes one session's files into a folder, which may be the corpus's own."""

    def write(folder: Path, identity: int, transcript: str = TRANSCRIPT) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{identity}_TRANSCRIPT.csv").write_text(transcript, encoding="utf-8")
        (folder / f"{identity}_AUDIO.wav").write_bytes(b"RIFF")
        covarep = np.tile(np.arange(1, 1 + len(COVAREP)) / 10, (SECONDS * 100, 1))
        covarep[:, COVAREP.index("VUV")] = 1
        covarep[10:20, COVAREP.index("VUV")] = 0
        covarep[350:390] = 0
        rows = [",".join(f"{value:g}" for value in row) for row in covarep]
        rows[2] = rows[2].replace("7.4", "-Inf")
        (folder / f"{identity}_COVAREP.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        formants = "500,1500,2500,3500,4500\n" * 350 + "0,0,0,0,0\n" * 40 + "510,1500,2500,3500,4500\n" * 210
        (folder / f"{identity}_FORMANT.csv").write_text(formants, encoding="utf-8")
        for kind in FACE_TABLES:
            (folder / f"{identity}_{kind}.txt").write_text("\n".join(face_table(kind)) + "\n", encoding="utf-8")
        return folder

    return write


@pytest.fixture
def daic(tmp_path: Path, write_session: Callable[..., Path]) -> Path:
    """Three sessions, each unpacked into another kind of folder, with labels of all three layouts."""
    root = tmp_path / "DAIC-WOZ"
    write_session(root / "300_P", 300)
    write_session(root, 302)
    generated = TRANSCRIPT.replace("hi i'm ellie", "greeting_1 (hi i'm ellie (so) to say)").replace(
        "where are you from", "from_2 (where (are you from)"
    )
    write_session(root / "deep" / "370", 370, generated)
    (root / "300_P" / "._300_TRANSCRIPT.csv").write_bytes(b"\x00\x05\x16\x07")
    (root / "labels").mkdir()
    (root / "labels" / "train_split_Depression_AVEC2017.csv").write_text(TRAIN, encoding="utf-8")
    (root / "dev_split_Depression_AVEC2017.csv").write_text(DEV, encoding="utf-8")
    (tmp_path / "test_split_Depression_AVEC2017.csv").write_text("participant_ID,Gender\n400,1\n", encoding="utf-8")
    (tmp_path / "full_test_split.csv").write_text(
        "Participant_ID,PHQ_Binary,PHQ_Score,Gender\n400,0,2,1\n", encoding="utf-8"
    )
    return root
