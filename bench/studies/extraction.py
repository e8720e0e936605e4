"""How fast a recording becomes features, against bare decoding and face mesh, and how memory grows with its length."""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.page import machine, table, write
from smfl.evaluation.environment import environment

WIDTH, HEIGHT, FPS = 1280, 720, 30
SOUND_HZ = 16_000
CORES = 2
ROUNDS = 3
BARE_S = 120.0
"""Bare decoding is timed on so much of the recording: it has no start worth mentioning."""

SENTENCE_S, PAUSE_S = 4.8, 0.2
WORDS = "i have not touched a brush since the spring and mostly i just listen"
CLIP = Path("recordings") / "grid_lbbc2a.mpg"
LEAST_SPEED, LEAST_SHARE, MOST_GROWTH = 8.0, 0.70, 0.10
"""The targets: times real time, share of the bare speed, growth of memory from 10 to 60 minutes."""


def run(options: argparse.Namespace, pages: Path) -> None:
    """Make recordings, time them in turns with the bare loop, measure memory, write the page."""
    minutes, long = (1, 3) if options.quick else (10, 60)
    folder = options.work / "extraction"
    short, hour = (recording(folder, m, options.shared) for m in (minutes, long))
    ways = ("bare", "ahead", "whole", "interview")
    rounds = [{way: child(way, short) for way in ways} for _ in range(1 if options.quick else ROUNDS)]
    memory = [
        (m, most, child("whole", path, most)) for path, m in ((short, minutes), (hour, long)) for most in (120, 0)
    ]
    parts = [
        f"A made recording, {WIDTH} × {HEIGHT} at {FPS} pictures a second with sound, {minutes} minutes, on {CORES} "
        "cores, each run a process of its own. *Bare* is the loop anyone would write: decode a picture, show it to "
        "mediapipe's mesh. *Bare, decoding ahead* does so with a thread that decodes. *Whole* is `smfl prepare`: face, "
        "voice and words, from the start of the program to the folder, of a participant who speaks all the time; "
        "*interview* is the same where the participant speaks in two of three sentences. The runs were taken in turns.",
        "## Speed",
        speeds(rounds, minutes),
        "## Memory",
        f"The peak of the whole process. M is the most sentences that are kept; {long} minutes are "
        f"{round(long * 60 / (SENTENCE_S + PAUSE_S))} sentences.",
        memories(memory),
        f"Machine: {machine(environment())}.",
        "Again: `python -m bench extraction`.",
    ]
    if options.quick:
        print("\n\n".join(parts))
    else:
        print(write(pages, "extraction", "From a recording to features: speed and memory", parts))


def speeds(rounds: Sequence[dict[str, dict[str, float]]], minutes: float) -> str:
    """Each way's speed: pictures a second and times real time, median and range; and its share of the bare loop's."""
    rows = []
    for way, name in (
        ("bare", "bare"),
        ("ahead", "bare, decoding ahead"),
        ("whole", "whole"),
        ("interview", "whole, interview"),
    ):
        fps = sorted(one[way]["pictures"] / one[way]["seconds"] for one in rounds)
        shares = [
            (one[way]["pictures"] / one[way]["seconds"]) / (one[bare]["pictures"] / one[bare]["seconds"])
            for bare in ("bare", "ahead")
            for one in rounds
        ]
        half = len(rounds)
        rows.append(
            [
                name,
                f"{statistics.median(fps):.0f} ({fps[0]:.0f} to {fps[-1]:.0f})",
                f"{statistics.median(fps) / FPS:.1f}",
                f"{statistics.median(one[way]['processor'] / one[way]['pictures'] * FPS for one in rounds):.3f}",
                f"{statistics.median(shares[:half]):.0%}",
                f"{statistics.median(shares[half:]):.0%}",
            ]
        )
    head = ["", "pictures a second (range)", "times real time", "processor s a s", "of bare", "of bare, decoding ahead"]
    goal = f"Targets: whole {LEAST_SPEED:g} times real time and {LEAST_SHARE:.0%} of bare."
    return f"{table(head, rows)}\n\n{goal}"


def memories(memory: Sequence[tuple[int, int, dict[str, float]]]) -> str:
    """Peak memory by length and threshold."""
    shortest = {most: found["megabytes"] for _, most, found in reversed(memory)}
    rows = [
        [
            f"{minutes}",
            str(most) if most else "all",
            f"{found['megabytes']:.0f}",
            f"{found['megabytes'] / shortest[most] - 1:+.1%}",
        ]
        for minutes, most, found in memory
    ]
    goal = f"Target: at most {MOST_GROWTH:+.0%}."
    return f"{table(['minutes', 'M', 'peak, MB', 'growth'], rows)}\n\n{goal}"


def child(way: str, path: Path, most: int = 120) -> dict[str, float]:
    """Run one way in a process of its own, on `CORES` cores."""
    print(f"extraction: {way} of {path.name}", file=sys.stderr, flush=True)
    call = [sys.executable, "-m", "bench.studies.extraction", way, str(path), str(most)]
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(allowed)[:CORES])
    try:
        done = subprocess.run(call, capture_output=True, text=True, check=False)  # noqa: S603 (ours)
    finally:
        os.sched_setaffinity(0, allowed)
    if done.returncode:
        raise RuntimeError(f"{way} of {path}: {done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def bare(path: Path, *, is_ahead: bool) -> int:
    """Decode and mesh, nothing else; how many pictures."""
    import av
    from mediapipe.python.solutions.face_mesh import FaceMesh

    from smfl.features.recording.prefetch import prefetched

    def pictures() -> Iterator[npt.NDArray[np.uint8]]:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            for frame in itertools.islice(container.decode(stream), round(BARE_S * FPS)):
                yield np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)

    with FaceMesh(max_num_faces=1, refine_landmarks=True) as mesh:
        return sum(bool(mesh.process(one)) for one in (prefetched(pictures()) if is_ahead else pictures()))


def whole(path: Path, most: int, *, is_interview: bool) -> int:
    """Prepare, face and voice and words; how many pictures the recording has."""
    import tempfile

    import smfl

    script = transcript(path, is_interview=is_interview)
    with tempfile.TemporaryDirectory() as out:
        smfl.prepare(smfl.load(path, transcript=script), out, max_sentences=most or sys.maxsize)
    return round(length(path) * FPS)


def length(path: Path) -> float:
    """How long a made recording is, s: its name says it."""
    return float(path.stem.split("-")[0]) * 60


def transcript(path: Path, *, is_interview: bool) -> Path:
    """A transcript: a sentence every five seconds; in an interview each third one is the interviewer's."""
    out = path.with_suffix(".interview.csv" if is_interview else ".throughout.csv")
    with out.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["start", "stop", "speaker", "text"])
        for i in range(int(length(path) / (SENTENCE_S + PAUSE_S))):
            start = i * (SENTENCE_S + PAUSE_S)
            speaker = "interviewer" if is_interview and i % 3 == 2 else "participant"
            rows.writerow([f"{start:.2f}", f"{start + SENTENCE_S:.2f}", speaker, f"{WORDS} {i}"])
    return out


def recording(folder: Path, minutes: int, shared: Path) -> Path:
    """A recording of so many minutes: a few seconds of a face forth and back, encoded once, their packets repeated."""
    import av

    is_real = (shared / CLIP).is_file()
    path = folder / f"{minutes}-minutes-{'clip' if is_real else 'photograph'}.mp4"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    loop = _loop(folder, shared / CLIP if is_real else None)
    partial = path.with_suffix(".partial.mp4")
    with av.open(str(loop)) as source, av.open(str(partial), "w") as out:
        [stream] = source.streams.video
        packets = [
            (bytes(p), p.pts, p.dts, p.duration, p.is_keyframe)
            for p in source.demux(stream)
            if p.pts is not None and p.dts is not None
        ]
        base = Fraction(stream.time_base or 0)
        video = out.add_stream_from_template(stream)
        voice = out.add_stream("aac", rate=SOUND_HZ)
        voice.layout = "mono"
        period = round(len(packets) / FPS / base)
        sound = _sound(shared / CLIP if is_real else None)
        said, wanted = 0, minutes * 60
        for turn in range(int(wanted * FPS / len(packets)) + 1):
            for content, pts, dts, duration, is_key in packets:
                if (pts + turn * period) * base >= wanted:
                    break
                packet = av.Packet(content)
                packet.pts, packet.dts, packet.duration = pts + turn * period, dts + turn * period, duration
                packet.time_base, packet.is_keyframe, packet.stream = base, is_key, video
                out.mux(packet)
            while said < min(float((turn + 1) * period * base), wanted) * SOUND_HZ:
                frame = av.AudioFrame.from_ndarray(sound[None], format="s16", layout="mono")
                frame.sample_rate, frame.pts, frame.time_base = SOUND_HZ, said, Fraction(1, SOUND_HZ)
                out.mux(voice.encode(frame))
                said += len(sound)
        out.mux(voice.encode(None))
    loop.unlink()
    return partial.replace(path)


def _loop(folder: Path, clip: Path | None) -> Path:
    """A face forth and back, some seconds long, scaled up."""
    import av

    from smfl.features.recording.pictures import read_pictures
    from smfl.simulation import demo_recording

    forth = [p for _, p in read_pictures(clip)] if clip else list(demo_recording.frames(75))
    path = folder / "loop.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"crf": "20", "preset": "veryfast", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for i, picture in enumerate([*forth, *forth[-2:0:-1]]):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            scaled = frame.reformat(width=WIDTH, height=HEIGHT, format="yuv420p")
            scaled.pts, scaled.time_base = i, Fraction(1, FPS)
            container.mux(stream.encode(scaled))
        container.mux(stream.encode(None))
    return path


def _sound(clip: Path | None) -> npt.NDArray[np.int16]:
    """Some seconds of a voice, int16, at `SOUND_HZ`."""
    from smfl.features.recording.sound import read_sound

    if clip is not None:
        return (read_sound(clip, SOUND_HZ).samples * 32_767).astype(np.int16)
    t = np.arange(3 * SOUND_HZ) / SOUND_HZ
    return (8_000 * np.sin(2 * np.pi * 120 * t) * (np.sin(2 * np.pi * 2 * t) > 0)).astype(np.int16)


def main(way: str, path: str, most: str) -> None:
    """One way in this process: seconds, pictures, peak megabytes, as JSON on the last line."""
    begin = time.perf_counter()
    if way in ("bare", "ahead"):
        pictures = bare(Path(path), is_ahead=way == "ahead")
    else:
        pictures = whole(Path(path), int(most), is_interview=way == "interview")
    found: dict[str, Any] = {
        "seconds": time.perf_counter() - begin,
        "processor": time.process_time(),
        "pictures": pictures,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
