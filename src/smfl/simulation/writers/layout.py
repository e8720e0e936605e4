"""How a corpus is written whose format needs no more than this: its interviews, then its tables, then the truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from smfl.simulation.session import Session, draw_session
from smfl.simulation.study import Progress, Study
from smfl.simulation.truth import TRUTH, begin, write_truth

WRITTEN = ".written"
CONFOUNDS = ("gender", "duration", "order", "speaker-windows")
"""Those of `smfl.simulation.confounds` that show in these formats: no interviewer's words, nothing silenced."""

Sessions = Sequence[tuple[str, Session]]
"""Each interview's key and session."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What lies where in a corpus's folder.

    Args:
        corpus: its name.
        key: the key of a session.
        write_session: writes one interview's files, ``write_session(out, key, session)``.
        write_tables: writes what is about all interviews; None where there is no such file.
        damage: damages files as the real corpus's are, where defects are asked for.
    """

    corpus: str
    key: Callable[[Session], str]
    write_session: Callable[[Path, str, Session], None]
    write_tables: Callable[[Path, Sessions], None] | None
    damage: Callable[[Path, Sessions], None]

    def write(self, out: Path, study: Study, progress: Progress | None) -> Path:
        """Write the corpus.

        Which interviews are written is noted in `WRITTEN`, so that an interrupted run is continued.

        Raises:
            CallError: for a folder that holds something else.
        """
        study = replace(study, defects=bool(study.defects))
        begin(out, study, self.corpus)
        if (out / TRUTH).is_file():
            return out
        done = out / WRITTEN
        resumed = done.is_file() and not study.defects  # an interview that may be damaged already is written anew
        written = set(done.read_text(encoding="utf-8").split()) if resumed else set()
        sessions = []
        for number in range(study.participants):
            session = draw_session(study, number)
            key = self.key(session)
            if key not in written:
                self.write_session(out, key, session)
                with done.open("a", encoding="utf-8") as file:
                    file.write(f"{key}\n")
            sessions.append((key, session))
            if progress is not None:
                progress(number + 1, study.participants)
        if self.write_tables is not None:
            self.write_tables(out, sessions)
        if study.defects:
            self.damage(out, sessions)
        write_truth(out, study, sessions)
        done.unlink(missing_ok=True)
        return out
