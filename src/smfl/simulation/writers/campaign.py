"""How simulators of smaller corpora go to work: hold the interviews, write each, then the tables, then the truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from smfl.interview import CallError
from smfl.simulation.session.people import Study
from smfl.simulation.session.session import Session, hold
from smfl.simulation.truth import TRUTH, Progress, begin, write_truth

WRITTEN = ".written"
CONFOUNDS = ("gender", "duration", "order", "speaker-windows")
"""Those of `smfl.simulation.confounds` that show in these formats: no interviewer's words, nothing silenced."""

Held = Sequence[tuple[str, Session]]
"""Each interview's key and session."""


def campaign(
    out: Path | str,
    corpus: str,
    *,
    name: Callable[[Session], str],
    write: Callable[[Path, str, Session], None],
    tables: Callable[[Path, Held], None],
    plant: Callable[[Path, Held], None],
    most: int,
    can: Sequence[str],
    participants: int,
    defects: bool,
    progress: Progress | None,
    settings: dict[str, Any],
) -> Path:
    """Write a corpus of made-up people.

    Which interviews are written is noted in `WRITTEN`, so that a run that was stopped goes on.

    Args:
        out: the folder.
        corpus: its name.
        name: the key of a session.
        write: writes one interview's files.
        tables: writes what is about all interviews.
        plant: damages files as the real corpus's are, where ``defects`` asks for it.
        most: how many people the format has numbers for.
        can: modalities that the format has; what is planted in others couldn't be seen.
        participants: how many are made.
        defects: whether to plant the known defects.
        progress: called after each interview.
        settings: the rest of `Study`.

    Returns:
        The folder.

    Raises:
        CallError: for more people than there are numbers, settings that can't be, or a folder with something else.
    """
    out = Path(out)
    if participants > most:
        raise CallError(f"{corpus} has {most} participants; got {participants}; `manifest` takes any number")
    wanted = tuple(settings.get("modalities", can))
    if not set(wanted) <= set(can):
        raise CallError(f"{corpus} has {' and '.join(can)}; got modalities {', '.join(wanted)}")
    planted = tuple(settings.get("confounds", ()))
    if not set(planted) <= set(CONFOUNDS):
        raise CallError(f"{corpus} can have the confounds {', '.join(CONFOUNDS)}; got {', '.join(planted)}")
    study = Study(participants=participants, **(settings | {"modalities": wanted, "confounds": planted}))
    begin(out, study, corpus, **({"defects": True} if defects else {}))
    if (out / TRUTH).is_file():
        return out
    done = out / WRITTEN
    resumed = done.is_file() and not defects  # what was damaged half is written anew
    written = set(done.read_text(encoding="utf-8").split()) if resumed else set()
    held = []
    for number in range(participants):
        session = hold(study, number)
        key = name(session)
        if key not in written:
            write(out, key, session)
            with done.open("a", encoding="utf-8") as file:
                file.write(f"{key}\n")
        held.append((key, session))
        if progress is not None:
            progress(number + 1, participants)
    tables(out, held)
    if defects:
        plant(out, held)
    write_truth(out, study, held)
    done.unlink(missing_ok=True)
    return out
