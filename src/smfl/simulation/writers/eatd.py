"""A simulated corpus in EATD-Corpus's on-disk format, and its known defects on request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from smfl.simulation.session import chinese
from smfl.simulation.session.session import Session
from smfl.simulation.truth import Progress
from smfl.simulation.writers.answers import answers_of, part, sound_of, write_wav
from smfl.simulation.writers.campaign import Held, campaign

ANSWERS, MOST = ("positive", "neutral", "negative"), 162
TRAINED = 83
"""Of 162 people, who are to train; others are to validate."""


def simulate_eatd(
    out: Path | str,
    *,
    participants: int = 24,
    defects: bool = False,
    progress: Progress | None = None,
    **settings: Any,
) -> Path:
    """Write a corpus with planted signs of depression as EATD-Corpus lies on disk.

    An interview's sentences become three answers. At most 162 people. Arguments are those of
    `smfl.simulation.writers.open_format.simulate_manifest`.

    Args:
        out: the folder.
        participants: how many.
        defects: plant an index that isn't there, one that isn't 1.25 times the raw score, a raw sound that isn't there,
            and an answer without words.
        progress: called after each interview.
        **settings: ``minutes``, ``regime``, ``effect``, ``seed``, ``positives``, ``modalities``.
    """
    return campaign(
        out, "eatd", name=_name, write=_write, tables=_tables, plant=_plant, most=MOST, participants=participants,
        defects=defects, progress=progress, settings=settings,
        can=("audio", "text"),
    )  # fmt: skip


def _name(session: Session) -> str:
    trained = session.number % MOST < TRAINED and session.number % 2 == 0
    return f"{'t' if trained else 'v'}_{session.number + 1 + session.number // 5}"  # numbers with gaps


def _write(out: Path, key: str, session: Session) -> None:
    folder = out / key
    folder.mkdir(parents=True, exist_ok=True)
    rng = session.study.generator(session.number, "items")
    sound = sound_of(session)
    for name, answer in zip(ANSWERS, answers_of(session, len(ANSWERS)), strict=False):
        samples = part(sound, answer.start, answer.stop)
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


def _tables(out: Path, held: Held) -> None:
    """All that is about people lies in their folders."""


def _plant(out: Path, held: Held) -> None:
    first, second = (out / key for key, _ in held[:2])
    (first / "new_label.txt").unlink()
    (first / "positive.wav").unlink()
    (second / "label.txt").write_text("20.0", encoding="utf-8")
    (second / "neutral.txt").write_text("\n", encoding="utf-8")
