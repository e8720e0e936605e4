"""Confounds: ways in which a real corpus gives its labels away, planted one by one and each by its name.

None of them is depression. A probe that reads nothing but the prompts, the length, the gender, … has to find the one
that is planted, and to find nothing where none is.

| name | what goes with the label |
| --- | --- |
| ``prompts`` | the interviewer's back-channels: depressed people are told that she is sorry (`SORRY`) |
| ``gender`` | `FEMALE_SHARE` of the depressed are women, and of the others so many |
| ``duration`` | the interviews of depressed people are `LONGER` times as long |
| ``order`` | depressed people have the first numbers |
| ``scrub`` | words are silenced in the sessions of depressed people (`SCRUBBED_SHARE`); DAIC-WOZ's format only |
| ``speaker-windows`` | every other depressed session is one person's: their face and their voice again and again |
"""

from __future__ import annotations

from collections.abc import Collection

from smfl.interview import choice

CONFOUNDS = ("prompts", "gender", "duration", "order", "scrub", "speaker-windows")
SORRY = ("i'm sorry to hear that", "that sounds really hard")
SORRY_SHARE = {1: 0.7, 0: 0.05}
FEMALE_SHARE = {1: 0.9, 0: 0.2}
LONGER = 1.6
SCRUBBED_SHARE = {1: 0.95, 0: 0.05}
OF_THE_SPEAKER = ("person", "face", "voice")
"""What is drawn of one person's own: their gender and age, their face, their voice."""


def check(confounds: Collection[str]) -> None:
    """Refuse a name that isn't one of `CONFOUNDS`.

    Example:
        >>> check(["prompt"])
        Traceback (most recent call last):
        ...
        smfl.interview.errors.CallError: unknown confound 'prompt'; did you mean 'prompts'? valid: prompts, ...
    """
    for name in confounds:
        choice(name, CONFOUNDS, what="confound")
