"""Whether two corpora hold the same people: nobody is trained on in one and tested on in the other.

E-DAIC holds all of DAIC-WOZ's participants under the same numbers. A corpus says whose its participants' keys are
(`smfl.interview.Source.people`), a prepared folder keeps it, and a model keeps a digest of each person of its training.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from smfl.features import Prepared
from smfl.interview import CallError
from smfl.pipeline.train import digest_of, people_of

_SHOWN = 5


def identities(prepared: Prepared) -> dict[str, str]:
    """Each participant's digest, and their key in this folder."""
    people = people_of(prepared.schema.source)
    return {digest_of(people, who): who for who in prepared.participants.tolist()}


def overlap(one: Prepared | str | Path, other: Prepared | str | Path) -> tuple[str, ...]:
    """The participants that two prepared folders share, by their keys in the first, in order.

    Args:
        one: a prepared folder.
        other: another one, of the same or of another corpus.
    """
    first, second = (identities(p if isinstance(p, Prepared) else Prepared(Path(p))) for p in (one, other))
    return tuple(sorted(first[digest] for digest in first.keys() & second.keys()))


def check_unmet(
    trained_on: Collection[str], corpus: str, data: Prepared, *, allowed: bool, where: str = ""
) -> tuple[str, ...]:
    """Refuse people of another corpus whom a model was trained on under its own corpus's name.

    Within one corpus nobody is refused: that the model knows a person stands with each prediction, as a warning.

    Args:
        trained_on: the digests of the people it was trained on.
        corpus: the corpus it was trained on.
        data: those who are to be judged.
        allowed: whether the overlap was asked for.
        where: how to call ``data``.

    Returns:
        who of ``data`` the model was trained on.

    Raises:
        CallError: where corpora differ, people don't, and it wasn't asked for.
    """
    known = identities(data)
    met = tuple(sorted(known[digest] for digest in known.keys() & set(trained_on)))
    theirs = str(data.schema.source.get("corpus", ""))
    if met and theirs != corpus and not allowed:
        raise _refusal(met, len(known), f"{where or data.folder}", theirs, corpus, "the model was")
    return met


def check_apart(train: Prepared, test: Prepared, *, allowed: bool) -> tuple[str, ...]:
    """Refuse to test on people who are trained on, in whichever corpus or folder they are.

    Args:
        train: who is trained on.
        test: who is tested.
        allowed: whether the overlap was asked for.

    Returns:
        who of ``test`` is in ``train``.

    Raises:
        CallError: where somebody is in both, and it wasn't asked for.
    """
    met = overlap(test, train)
    if met and not allowed:
        corpus = str(test.schema.source.get("corpus", ""))
        raise _refusal(met, len(identities(test)), f"{test.folder}", corpus, f"{train.folder}", "each model would be")
    return met


def _refusal(met: Sequence[str], of: int, where: str, corpus: str, also: str, model: str) -> CallError:
    shown = ", ".join(met[:_SHOWN]) + (", …" if len(met) > _SHOWN else "")
    return CallError(
        f"{where}: {len(met)} of {of} participants of {corpus} are in {also} too, and {model} trained on them "
        f"({shown}): what it says of them tells nothing of people whom it hasn't met. "
        "Leave them out, or ask for it by name: --allow-overlap"
    )


def trained_on(training: Mapping[str, Any]) -> tuple[str, ...]:
    """The digests that a model folder keeps of its people; none in a model from elsewhere."""
    return tuple(training.get("participants", ()))
