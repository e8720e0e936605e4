"""Fingerprints: whether an interview that is prepared already was made from these inputs with these settings."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path
from types import FunctionType, MappingProxyType
from typing import Any

from smfl.features.settings import ExtractionSettings
from smfl.features.weights import weights_hash
from smfl.formats.archives import Member
from smfl.interview import Interview, SignalReader, SmflError

FORMAT = 4
"""Raised when the same inputs and settings should give other features than before."""

WHOLE = 2**30
"""Bytes up to which a file is read whole: every sound file, and most films. **[decision]** It takes a second or two,
where measuring takes minutes; and a name that was silenced leaves a file's size and both its ends as they were."""

PIECES, PIECE = 64, 4 * 2**20
"""Of a larger file, the size and so many pieces of so many bytes, the first and the last among them."""


def fingerprint(
    interview: Interview,
    settings: ExtractionSettings,
    versions: Mapping[str, str | None],
    identities: Mapping[str, str] = MappingProxyType({}),
    reviewed: Sequence[Any] = (),
) -> str:
    """A digest of all that decides an interview's features and facts.

    Files count by name, size and content, never by their time stamp: a corpus that was copied is the same corpus.

    Args:
        interview: sentences, label, facts, and the files behind its transcript, recording and signals.
        settings: of the extraction.
        versions: of the libraries that measure.
        identities: by modality, of what measures it, the hash of its weights among them.
        reviewed: rows that a person has decided on.

    Returns:
        32 hexadecimal digits.
    """
    facts = {
        "format": FORMAT,
        "settings": settings.to_dict() | {"names": settings.names},
        "reviewed": [asdict(row) for row in reviewed],
        "identities": dict(identities),
        "words": _heard_by(interview, settings),
        "versions": dict(versions),
        "participant": interview.participant,
        "sentences": [_plain(sentence) for sentence in interview.sentences],
        "label": _plain(interview.label),
        "facts": [interview.split, interview.gender, interview.age, dict(interview.metadata)],
        "ledger": [entry.as_dict() for entry in interview.ledger],
        "transcript": interview.transcript and digest_file(interview.transcript),
        "recording": interview.recording and digest_file(interview.recording),
        "packed": interview.packed and interview.packed.digest(),
        "pieces": [(piece.start, digest_file(piece.path)) for piece in interview.pieces],
        "signals": {name: _digest_signal(reader) for name, reader in sorted(interview.signals.items())},
    }
    document = json.dumps(facts, sort_keys=True, default=str).encode()
    return hashlib.blake2b(document, digest_size=16).hexdigest()


def _heard_by(interview: Interview, settings: ExtractionSettings) -> str | None:
    """The weights of the speech model where it is the user's own and recognises the words; else None."""
    folder = Path(settings.speech_model)
    if interview.sentences or interview.transcript is not None or not folder.is_dir():
        return None
    return weights_hash(folder)


def digest_file(path: Path | Member) -> str:
    """Name, size and a digest of the content; of a file above `WHOLE`, of `PIECES` of it.

    A file that isn't there differs from every file that is. A member of an archive has a checksum already.
    """
    if isinstance(path, Member):
        return path.digest()
    content = hashlib.blake2b(digest_size=16)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            last = max(size - PIECE, 0)
            starts = range(0, size, PIECE) if size <= WHOLE else (last * k // (PIECES - 1) for k in range(PIECES))
            for start in starts:
                file.seek(start)
                content.update(file.read(PIECE))
    except OSError:
        return f"{path.name}: can't be read"
    return f"{path.name} {size} {content.hexdigest()}"


def _digest_signal(reader: SignalReader) -> Any:
    """The files that a reader holds; where it doesn't hold any, what it reads."""
    paths = sorted(set(_paths(reader, depth=4)), key=str)
    if paths and all(isinstance(path, Member) or path.is_file() for path in paths):
        return [digest_file(path) for path in paths]
    try:
        signal = reader()
    except SmflError as fault:
        return str(fault)
    content = hashlib.blake2b(signal.values.tobytes(), digest_size=16)
    content.update(b"" if signal.times is None else signal.times.tobytes())
    return [signal.columns, signal.rate_hz, content.hexdigest()]


def _paths(thing: Any, depth: int) -> Iterator[Path | Member]:
    """The files that a reader carries: as arguments of a partial, or in what its function closes over."""
    if isinstance(thing, (Path, Member)):
        yield thing
    elif depth and isinstance(thing, functools.partial):
        yield from _paths([*thing.args, *thing.keywords.values()], depth - 1)
    elif depth and isinstance(thing, FunctionType):
        cells = [cell.cell_contents for cell in thing.__closure__ or ()]
        yield from _paths([*cells, *(thing.__defaults__ or ()), *(thing.__kwdefaults__ or {}).values()], depth - 1)
    elif depth and isinstance(thing, Mapping):
        yield from _paths(list(thing.values()), depth)
    elif depth and isinstance(thing, (list, tuple, set)):
        for part in thing:
            yield from _paths(part, depth - 1)


def _plain(noun: Any) -> Any:
    return asdict(noun) if is_dataclass(noun) and not isinstance(noun, type) else noun
