"""The register of simulators: every module of `smfl.simulation.writers` that has a ``SIMULATOR`` is in it.

A simulator writes made-up interviews in the format of one corpus. To add one, drop in a file that says which corpus it
is of, what its format can hold, and how a folder is written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smfl.corpora import CORPORA
from smfl.interview import CallError, choice
from smfl.interview.register import Register
from smfl.simulation.confounds import CONFOUNDS
from smfl.simulation.ideal import MODALITIES
from smfl.simulation.study import Progress, Study

COMMON_OPTIONS = ("participants", "minutes", "regime", "effect", "seed", "positives", "modalities", "progress")
"""What every simulator takes."""


@dataclass(frozen=True, slots=True)
class Simulator:
    """The simulator of one corpus.

    Args:
        corpus: the corpus's name, in whose format it writes.
        write: writes a folder, ``write(out, study, progress)``; an interrupted run is continued.
        participants: how many are written where nobody says.
        highest: how many participants the format has numbers for; None where there is no limit.
        title: what the corpus is called in messages; its name where empty.
        modalities: those that the format has.
        confounds: those of `smfl.simulation.confounds` that show in the format.
        options: what it takes beside `COMMON_OPTIONS`.

    Example:
        >>> from smfl.simulation import SIMULATORS
        >>> SIMULATORS["modma"].study(modalities=["text"])
        Traceback (most recent call last):
        ...
        smfl.interview.errors.CallError: modma has audio; got modalities text
    """

    corpus: str
    write: Callable[[Path, Study, Progress | None], Path]
    participants: int = 24
    highest: int | None = None
    title: str = ""
    modalities: tuple[str, ...] = MODALITIES
    confounds: tuple[str, ...] = CONFOUNDS
    options: tuple[str, ...] = ("confounds", "defects")

    @property
    def name(self) -> str:
        """The corpus's name: by it a simulator is found."""
        return self.corpus

    def study(self, **options: Any) -> Study:
        """The settings that these options make.

        Raises:
            CallError: for an option that it hasn't, or one that its format can't hold.
        """
        for option in options:
            if option not in COMMON_OPTIONS and option not in self.options:
                own = ", ".join((*COMMON_OPTIONS, *self.options))
                raise CallError(f"the simulator of {self.corpus!r} has no option {option!r}; it has {own}")
        title, asked = self.title or self.corpus, {"participants": self.participants} | options
        if self.highest is not None and asked["participants"] > self.highest:
            raise CallError(
                f"{title} has {self.highest} participants; got {asked['participants']}; `manifest` takes any number"
            )
        asked["modalities"] = tuple(asked.get("modalities", self.modalities))
        asked["confounds"] = tuple(asked.get("confounds", ()))
        if not set(asked["modalities"]) & set(MODALITIES) <= set(self.modalities):
            possible = " and ".join(self.modalities)
            raise CallError(f"{title} has {possible}; got modalities {', '.join(asked['modalities'])}")
        if not set(asked["confounds"]) & set(CONFOUNDS) <= set(self.confounds):
            possible = ", ".join(self.confounds)
            raise CallError(f"{title} can have the confounds {possible}; got {', '.join(asked['confounds'])}")
        if not isinstance(asked.get("defects", False), bool):
            asked["defects"] = tuple(asked["defects"])
        return Study(**asked)


SIMULATORS = Register(Simulator, "SIMULATOR", "smfl.simulation.writers", what="simulator")
"""Every simulator there is, by the name of its corpus."""


def simulate(name: str, out: Path | str, *, progress: Progress | None = None, **options: Any) -> Path:
    """Write a simulated corpus in the on-disk format of ``name``.

    Args:
        name: one of `smfl.corpora.CORPORA` that has a simulator.
        out: a new or empty folder, or one where the same call was interrupted: it is continued there.
        progress: called after each interview with how many are written, and of how many.
        **options: those of `smfl.simulation.study.Study`; ``confounds``, ``defects`` and ``archives`` where the
            simulator has them.

    Returns:
        The folder, ready for `smfl.corpora.open_corpus`; `truth.csv` in it says what was planted.

    Raises:
        CallError: for an unknown corpus, one without a simulator, an option that its simulator hasn't, or a folder
            that holds something else.

    Example:
        >>> import tempfile
        >>> out = simulate("manifest", tempfile.mkdtemp(), participants=2, minutes=0.5)
        >>> sorted(path.name for path in out.iterdir())
        ['corpus.toml', 'features', 'interviews.csv', 'sentences.csv', 'simulation.json', 'truth.csv']
    """
    if name not in SIMULATORS:
        choice(name, tuple(CORPORA), what="corpus")
        raise CallError(f"there is no simulator of {name!r}; there is one of: {', '.join(sorted(SIMULATORS))}")
    simulator = SIMULATORS[name]
    return simulator.write(Path(out), simulator.study(**options), progress)
