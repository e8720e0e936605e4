"""Speech activity: the stretches of a recording in which anyone speaks.

Silero VAD (Silero Team, 2021; MIT), a small recurrent network that looks at 32 ms of sound at a time and carries its
weights inside its package.
"""

from __future__ import annotations

import functools
from typing import Any

from smfl.features.recording.sound import SPEECH_RATE_HZ
from smfl.interview import FloatArray, MissingExtraError, Segment

THRESHOLD = 0.35
"""Probability from which a frame is speech. Below Silero's own .5: a quiet answer that is missed is lost, a cough that
is taken in has no words."""

PAUSE_S = 0.5
"""A silence shorter than this doesn't end a stretch of speech."""

MARGIN_S = 0.2
"""A stretch begins this much before its first frame of speech and ends as much after its last: soft consonants."""

LONGEST_S = 28.0
"""A stretch is cut, at its longest silence, before it gets longer: Whisper reads 30 s at a time."""


def speech(samples: FloatArray) -> tuple[Segment, ...]:
    """The stretches in which anyone speaks, in order, none overlapping another.

    Args:
        samples: mono, -1 to 1, at `SPEECH_RATE_HZ`, [samples].

    Returns:
        Stretches in seconds from the first sample; none where nobody speaks.

    Raises:
        MissingExtraError: where silero-vad isn't installed.

    Example:
        >>> import numpy as np
        >>> speech(np.zeros(SPEECH_RATE_HZ, dtype="f4"))
        ()
    """
    model, stretches_of = _silero()
    import torch

    found = stretches_of(
        torch.from_numpy(samples),
        model,
        threshold=THRESHOLD,
        sampling_rate=SPEECH_RATE_HZ,
        max_speech_duration_s=LONGEST_S,
        min_silence_duration_ms=round(PAUSE_S * 1000),
        speech_pad_ms=round(MARGIN_S * 1000),
    )
    return tuple(Segment(one["start"] / SPEECH_RATE_HZ, one["end"] / SPEECH_RATE_HZ) for one in found)


@functools.lru_cache(maxsize=1)
def _silero() -> tuple[Any, Any]:
    """The network and the function that makes stretches of its frames; loaded once in a process."""
    import torch

    threads = torch.get_num_threads()
    try:
        import silero_vad
    except ImportError:
        raise MissingExtraError("silero-vad", extra="speech") from None
    finally:
        torch.set_num_threads(threads)  # silero_vad sets it to 1 for everyone when it is imported
    return silero_vad.load_silero_vad(onnx=True), silero_vad.get_speech_timestamps
