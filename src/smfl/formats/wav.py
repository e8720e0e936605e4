"""What the header of a wav file states, without decoding it: how long it lasts, and whether it was cut off.

Resource Interchange File Format with 8- to 32-bit PCM, float and "extensible" headers, 24-bit ones included; the sound
itself is decoded where it is measured.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from smfl.interview import CorpusError

_UNKNOWN_SIZE = (0, 0xFFFFFFFF)  # what programs write that don't know the length when they begin


@dataclass(frozen=True, slots=True)
class WavHeader:
    """What a header states.

    Args:
        seconds: length of the sound, s.
        sample_rate: Hz.
        channels: how many.
        bits: a sample and channel.
    """

    seconds: float
    sample_rate: int
    channels: int
    bits: int


def read_header(path: Path) -> WavHeader:
    """Read a wav file's header.

    Raises:
        CorpusError: where the file can't be read, isn't a wav, holds no sound, or is cut off.

    Example:
        >>> import tempfile, wave
        >>> path = Path(tempfile.mkdtemp()) / "a.wav"
        >>> with wave.open(str(path), "wb") as file:
        ...     file.setparams((1, 3, 44100, 0, "NONE", ""))
        ...     file.writeframes(bytes(3 * 44100))
        >>> read_header(path)
        WavHeader(seconds=1.0, sample_rate=44100, channels=1, bits=24)
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(12)
            if len(head) < 12 or head[:4] not in (b"RIFF", b"RF64") or head[8:] != b"WAVE":
                what = "is empty" if not size else "isn't a wav file"
                raise CorpusError(f"{path.name}: {what}; copy it again, or convert it to wav")
            form: tuple[int, int, int, int] | None = None
            while len(chunk := file.read(8)) == 8:
                name, length = struct.unpack("<4sI", chunk)
                if name == b"data":
                    return _measured(path, form, length, size - file.tell())
                if name == b"fmt ":
                    _, channels, rate, _, block, bits = struct.unpack("<HHIIHH", file.read(16))
                    form, length = (channels, rate, block, bits), length - 16
                file.seek(length + length % 2, 1)
    except FileNotFoundError:
        raise CorpusError(f"{path.name}: isn't there") from None
    except (OSError, struct.error) as fault:
        raise CorpusError(f"{path.name}: can't be read ({fault}); copy it again") from None
    raise CorpusError(f"{path.name}: its header tells of no sound; copy it again")


def _measured(path: Path, form: tuple[int, int, int, int] | None, stated: int, there: int) -> WavHeader:
    """The header's facts, checked against how many bytes of sound are there."""
    if form is None or not (form[0] and form[1] and form[2]):
        raise CorpusError(f"{path.name}: its header doesn't tell how the sound is stored; copy it again")
    channels, rate, block, bits = form
    length = there if stated in _UNKNOWN_SIZE else stated
    if length > there:
        raise CorpusError(f"{path.name}: cut off: {there} bytes of sound; its header tells of {length}; copy it again")
    if length < block:
        raise CorpusError(f"{path.name}: holds no sound; copy it again")
    return WavHeader(length // block / rate, rate, channels, bits)
