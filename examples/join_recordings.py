"""Join clips end to end into one recording whose sentence boundaries are known: an mp4, and its transcript beside it.

Each clip becomes one sentence of the participant. Handy for trying `smfl predict` on short clips, and for checking that
features line up with the words.

    python examples/join_recordings.py one.mpg two.mpg --out joined.mp4 --words words.tsv

`words.tsv` has the columns `file` and `transcript`, tab between them; without it the sentences have no words.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from smfl.features.recording.info import probe
from smfl.features.recording.pictures import read_pictures
from smfl.features.recording.sound import read_sound
from smfl.interview import Segment, SmflError

TICK = Fraction(1, 90_000)
"""The unit of the joined file's time stamps, s: whole numbers for every usual frame rate."""

SAMPLE_RATE = 44_100


def join(clips: Sequence[Path], out: Path) -> list[Segment]:
    """Write the clips, one after the other, into one mp4 with sound.

    A clip lasts as long as its pictures; sound that is shorter is followed by silence, longer sound is cut.
    Pictures keep their own time stamps, moved by where the clip begins.

    Args:
        clips: video files with sound, pictures of one size.
        out: the mp4 to write.

    Returns:
        Where each clip lies in the joined recording.

    Raises:
        RecordingError: where a clip can't be read.
    """
    segments: list[Segment] = []
    size = probe(clips[0])
    with av.open(str(out), "w") as container:
        video = container.add_stream("libx264", rate=25, options={"crf": "14", "preset": "veryfast"})
        video.width, video.height, video.pix_fmt = size.width, size.height, "yuv420p"
        video.codec_context.time_base = TICK
        audio = container.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
        begin = 0.0
        for clip in clips:
            times = []
            for time, picture in read_pictures(clip):
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                frame.pts, frame.time_base = round((begin + time) / TICK), TICK
                container.mux(video.encode(frame))
                times.append(time)
            length = times[-1] + float(np.median(np.diff(times)))
            container.mux(audio.encode(_sound(clip, begin, length)))
            segments.append(Segment(begin, begin + length))
            begin += length
        container.mux(video.encode())
        container.mux(audio.encode())
    return segments


def _sound(clip: Path, begin: float, length: float) -> av.AudioFrame:
    samples, start = read_sound(clip, SAMPLE_RATE)
    first, last = round(begin * SAMPLE_RATE), round((begin + length) * SAMPLE_RATE)
    whole = np.zeros((1, last - first), dtype=np.float32)
    at = round(start * SAMPLE_RATE)
    heard = samples[: whole.shape[1] - at]
    whole[0, at : at + len(heard)] = heard
    frame = av.AudioFrame.from_ndarray(whole, format="fltp", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, first, Fraction(1, SAMPLE_RATE)
    return frame


def write_transcript(segments: Sequence[Segment], words: Sequence[str], out: Path) -> None:
    """Write the clips as the participant's sentences: a table with the columns start, stop, speaker, text."""
    with out.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["start", "stop", "speaker", "text"])
        for segment, text in zip(segments, words, strict=True):
            table.writerow([f"{segment.start:.3f}", f"{segment.stop:.3f}", "participant", text])


def read_words(table: Path) -> Mapping[str, str]:
    """The words of each clip, by the clip's file name."""
    with table.open(encoding="utf-8", newline="") as file:
        return {row["file"]: row["transcript"] for row in csv.DictReader(file, delimiter="\t")}


def main() -> None:
    """Read the arguments, join, and say what was written."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("clips", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="the mp4 to write; its transcript goes beside it, .csv")
    parser.add_argument("--words", type=Path, help="a table of words: file, tab, transcript")
    call = parser.parse_args()
    words = read_words(call.words) if call.words else {}
    try:
        segments = join(call.clips, call.out)
    except SmflError as fault:
        parser.error(str(fault))
    transcript = call.out.with_suffix(".csv")
    write_transcript(segments, [words.get(clip.name, "") for clip in call.clips], transcript)
    print(f"{call.out}: {segments[-1].stop:.2f} s of {len(segments)} clips; {transcript}: their sentences")


if __name__ == "__main__":
    main()
