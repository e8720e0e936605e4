"""The voice of an interview whose sound comes in several files, an answer each: one signal on the interview's clock."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from smfl.features.deidentify.sound import silenced
from smfl.features.recording.sound import SPEECH_RATE_HZ, read_sound
from smfl.features.voice import descriptors as voice
from smfl.interview import Piece, RecordingError, Segment, Signal, SmflError


def voice_of(pieces: Sequence[Piece], silence: Sequence[Segment] = ()) -> tuple[Signal, list[str]]:
    """Measure the voice in all pieces together: one person, one microphone, one level; silence lies between them.

    Args:
        pieces: at least one; each at its instant.
        silence: stretches to be silenced, s (`smfl.features.deidentify.sound`).

    Returns:
        ``audio`` as `smfl.features.voice.descriptors` measures it, and a line for each piece that couldn't be decoded.

    Raises:
        RecordingError: where not one could be, or they are too short.
    """
    rate = SPEECH_RATE_HZ
    decoded, faults = [], []
    for piece in pieces:
        try:
            decoded.append((round(piece.start * rate), read_sound(piece.path).samples))
        except RecordingError as fault:
            faults.append(str(fault))
    if not decoded:
        raise RecordingError(f"none of {len(pieces)} sound files can be read: {faults[0]}")
    whole = np.zeros(max(at + len(samples) for at, samples in decoded), dtype=np.float32)
    for at, samples in decoded:
        whole[at : at + len(samples)] = samples
    try:
        return voice.measure(silenced(whole, rate, 0.0, silence), rate), faults
    except SmflError as fault:
        raise RecordingError(f"{pieces[0].path.parent}: {fault}") from None
