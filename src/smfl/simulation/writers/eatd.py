"""EATD-Corpus, simulated: an interview's sentences become three answers; at most 162 participants.

Defects on request: an index that isn't there, one that isn't 1.25 times the raw score, a raw sound that isn't there,
and an answer without words.
"""

from __future__ import annotations

from pathlib import Path

from smfl.simulation.conversation import chinese
from smfl.simulation.registry import Simulator
from smfl.simulation.session import Session
from smfl.simulation.writers.answers import answers_of, excerpt, sound_of
from smfl.simulation.writers.files import write_wav
from smfl.simulation.writers.layout import CONFOUNDS, Layout, Sessions

ANSWERS, HIGHEST = ("positive", "neutral", "negative"), 162
TRAINED = 83
"""Of 162 people, who are to train; others are to validate."""


def _key(session: Session) -> str:
    trained = session.number % HIGHEST < TRAINED and session.number % 2 == 0
    return f"{'t' if trained else 'v'}_{session.number + 1 + session.number // 5}"  # numbers with gaps


def _write_session(out: Path, key: str, session: Session) -> None:
    folder = out / key
    folder.mkdir(parents=True, exist_ok=True)
    rng = session.study.generator(session.number, "items")
    sound = sound_of(session)
    for name, answer in zip(ANSWERS, answers_of(session, len(ANSWERS)), strict=False):
        samples = excerpt(sound, answer.start, answer.stop)
        write_wav(folder / f"{name}.wav", samples)
        write_wav(folder / f"{name}_out.wav", samples[len(samples) // 20 : -len(samples) // 20])
        words = chinese.answer(rng, session.latent, answer.sentences) if "text" in session.study.modalities else ""
        (folder / f"{name}.txt").write_text(words, encoding="utf-8")
    index = sds(session.latent.score)
    (folder / "label.txt").write_text(f"{index / 1.25:.1f}", encoding="utf-8")
    (folder / "new_label.txt").write_text(f"{index:.2f}", encoding="utf-8")


def sds(score: int) -> float:
    """An SDS index that is 53 or more where the PHQ-8 score is 10 or more.

    Example:
        >>> sds(9) < 53 <= sds(10), sds(24) <= 100
        (True, True)
    """
    return 1.25 * (42 + 2 * (score - 9.5))


def _damage(out: Path, sessions: Sessions) -> None:
    first, second = (out / key for key, _ in sessions[:2])
    (first / "new_label.txt").unlink()
    (first / "positive.wav").unlink()
    (second / "label.txt").write_text("20.0", encoding="utf-8")
    (second / "neutral.txt").write_text("\n", encoding="utf-8")


SIMULATOR = Simulator(
    corpus="eatd",
    write=Layout("eatd", _key, _write_session, None, _damage).write,
    highest=HIGHEST,
    modalities=("audio", "text"),
    confounds=CONFOUNDS,
)
