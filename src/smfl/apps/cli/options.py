"""Options that every command has, and arguments that several share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

FOLDER = click.Path(path_type=Path)
"""A path; whether it is there is said by whoever reads it, in the same words as in Python."""


def with_example(command: Command) -> Command:
    """Leave the lines of the docstring's example as they are: click would fill them into a paragraph."""
    command.__doc__ = (command.__doc__ or "").replace("    Example:\n", "    \b\n    Example:\n")
    return command


def everywhere(command: Command) -> Command:
    """``--json`` and ``--quiet``, and the example as it is written."""
    command = with_example(command)
    command = click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")(command)
    return click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout, nothing else.")(command)


def deidentification(command: Command) -> Command:
    """``--deidentify`` and what belongs to it."""
    review = (
        "With --deidentify: a csv of what was replaced, with the words themselves, to correct and give back. "
        "It holds what was hidden."
    )
    command = click.option("--deidentify-review", type=FOLDER, metavar="FILE", help=review)(command)
    names = "With --deidentify: a file of more names, one a line."
    command = click.option("--names", type=FOLDER, metavar="FILE", help=names)(command)
    strict = "With --deidentify: every rare word goes, too. Finds nearly all names, and takes other words."
    command = click.option("--deidentify-strict", is_flag=True, help=strict)(command)
    what = "Replace names, dates, places, numbers and addresses in the words; silence them in the voice."
    return click.option("--deidentify", is_flag=True, help=what)(command)


def hearing(command: Command) -> Command:
    """``--speech-model``, ``--language`` and ``--participant``: how recordings without a transcript are read."""
    who = "Of a transcript: the speaker's name. Without one: first, second (voice heard) or all. Found out otherwise."
    command = click.option("--participant", metavar="WHO", help=who)(command)
    spoken = "What is spoken where there is no transcript, such as en or zh; the speech model tells otherwise."
    command = click.option("--language", metavar="TAG", help=spoken)(command)
    model = "Recognises words where there is no transcript; tiny.en is built in. See: smfl encoders."
    return click.option("--speech-model", metavar="NAME", help=model)(command)


def choosing(command: Command) -> Command:
    """``--tune``, ``--strong`` and ``--weak``: what is chosen by the training people."""
    weak = "Lifted by the strong one in smfl: names; auto: the lowest alone on the training people; else video."
    command = click.option("--weak", metavar="A,B|auto", help=weak)(command)
    strong = "Lifts weak ones in smfl: text, audio, video; auto: the best alone on the training people; else text."
    command = click.option("--strong", metavar="NAME|auto", help=strong)(command)
    trials = "Trials that choose settings inside the training people, so many times as long; 0: the recipe as it is."
    return click.option("--tune", type=int, default=0, show_default=True, metavar="TRIALS", help=trials)(command)


def out_folder(what: str, *, required: bool = True) -> Callable[[Command], Command]:
    """``--out``."""
    return click.option("--out", type=FOLDER, required=required, metavar="DIR", help=what)


def names(text: str | None, *, what: str) -> list[str] | None:
    """A comma-separated list; None where not given.

    Example:
        >>> names("video, text", what="modality")
        ['video', 'text']
    """
    if text is None:
        return None
    found = [name.strip() for name in text.split(",")]
    if not all(found):
        from smfl.interview import CallError

        raise CallError(f"{what}: names with commas between them, such as a,b; got {text!r}")
    return found
