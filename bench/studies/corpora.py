"""DAIC-WOZ at its real size: how fast a session's tables are read, what it takes to prepare sessions from archives."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import threading
import time
import warnings
import zipfile
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bench.page import machine, table, write
from smfl.corpora import open_corpus
from smfl.evaluation.environment import environment
from smfl.formats.numeric_tables import INFINITE, MISSING
from smfl.interview import Cohort
from smfl.simulation import simulate
from smfl.simulation.defects.daic_woz import SESSION_DEFECTS
from smfl.simulation.writers.daic_woz import IDS

MINUTES, REPEATS, BATCH = 15.0, 3, 6
LEAST_FACTOR, MOST_GIB = 4.0, 2.0
SAMPLED_EVERY_S = 0.05
PLANTED = ("no-numbers", "infinite-values")
NO_NUMBERS = [*MISSING, *INFINITE]
SOUND = "AUDIO.wav"
TABLES = ("CLNF_features3D.txt", "CLNF_gaze.txt", "CLNF_pose.txt", "CLNF_AUs.txt", "COVAREP.csv", "FORMANT.csv")


def run(options: argparse.Namespace, pages: Path) -> None:
    """Write a corpus of full-size sessions, read one, prepare them all from their archives, write the page."""
    minutes = 1.0 if options.quick else MINUTES
    work = options.work / "corpora"
    shutil.rmtree(work, ignore_errors=True)
    made = 2 if options.quick else BATCH
    folder = simulate("daic-woz", work / "unpacked", participants=made, minutes=minutes, seed=1, positives=0.5)
    speed = reading(folder, work)
    _packed(folder, work / "archives")
    memory = preparing(work, options.sessions or made, options.workers)
    parts = [
        f"Simulated sessions of {minutes:g} minutes in DAIC-WOZ's files. Every figure is of one run on one machine.",
        "## Reading one session",
        f"Best of {REPEATS}, taken in turns, of a session as they really are, a few of its cells no numbers "
        "(`-1.#IND`, `-nan(ind)`, `-Inf`). By itself `pandas.read_csv` makes words of their whole columns; told of "
        "them and of the spaces, it makes numbers. This reader also reads transcript and label, joins the face's four "
        "tables by frame, masks what wasn't tracked, and keeps the ledger; of the sound it reads the header. pandas "
        "doesn't read sound: the rows with sound add, on one side, `scipy.io.wavfile.read`, which takes the samples as "
        "they lie there, and on the other this project's decoder, for which wav is one format of many, and which hands "
        "them on piece by piece, as it does while features are measured.",
        table(["reader", "s", "MB/s", "times pandas"], speed),
        "## Preparing from the archives as downloaded",
        "`smfl prepare`, all modalities. Memory is that of all processes together (resident, what they share counted "
        "once), sampled 20 times a second; disk is what lies in the temporary folder at most.",
        table(["sessions", "workers", "s", "peak memory, GiB", "temporary disk, MiB"], [memory]),
        f"Wanted: at least {LEAST_FACTOR:g} times pandas, at most {MOST_GIB:g} GiB.",
        f"Machine: {machine(environment())}.",
        "Again: `python -m bench corpora`; all 189 sessions, six at a time: `python -m bench corpora --sessions 189`.",
    ]
    if options.quick:
        print("\n\n".join(parts))
    else:
        print(write(pages, "corpora", "DAIC-WOZ at its real size", parts))


def reading(folder: Path, work: Path) -> list[list[str]]:
    """Rows of the first table, for one session as they really are: with cells that hold no number."""
    import pandas as pd
    from scipy.io import wavfile

    from smfl.features.recording.sound import read_sound_pieces

    key = open_corpus(folder).keys[0]
    session = work / "one" / f"{key}_P"
    shutil.copytree(folder / f"{key}_P", session)
    for defect in SESSION_DEFECTS:
        if defect.name in PLANTED and defect.plant:
            defect.plant(session, key, np.random.default_rng(0))
    paths = [session / f"{key}_{name}" for name in TABLES]
    sound = session / f"{key}_{SOUND}"
    tables, both = (sum(path.stat().st_size for path in files) / 1e6 for files in (paths, [*paths, sound]))
    _pack(session, work / "one-archive" / f"{key}_P.zip")

    def by_pandas(**told: Any) -> object:
        return deque(
            (pd.read_csv(path, header=0 if path.suffix == ".txt" else None, **told) for path in paths), maxlen=0
        )

    def by_smfl(cohort: Cohort) -> object:
        return deque((signal() for signal in cohort.read(key).signals.values()), maxlen=0)

    plain, packed = open_corpus(session.parent), open_corpus(work / "one-archive")
    told = {"na_values": NO_NUMBERS, "skipinitialspace": True}
    readers: dict[str, tuple[float, Callable[[], object]]] = {
        "pandas.read_csv": (tables, by_pandas),
        "pandas.read_csv, told what is no number": (tables, lambda: by_pandas(**told)),
        "smfl": (tables, lambda: by_smfl(plain)),
        "smfl, from the zip": (tables, lambda: by_smfl(packed)),
        "with sound: pandas.read_csv and scipy": (both, lambda: (by_pandas(), wavfile.read(sound))),
        "with sound: smfl": (both, lambda: (by_smfl(plain), deque(read_sound_pieces(sound), maxlen=0))),
    }
    seconds = dict.fromkeys(readers, float("inf"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas warns of columns of two kinds
        for _ in range(REPEATS):
            for name, (_, reader) in readers.items():
                begin = time.perf_counter()
                reader()
                seconds[name] = min(seconds[name], time.perf_counter() - begin)
    rows = []
    for name, (megabytes, _) in readers.items():
        base = seconds["with sound: pandas.read_csv and scipy" if "sound" in name else "pandas.read_csv"]
        rows.append([name, f"{seconds[name]:.2f}", f"{megabytes / seconds[name]:.0f}", f"{base / seconds[name]:.1f}"])
    return rows


def preparing(work: Path, sessions: int, workers: int) -> list[str]:
    """The row of the second table: sessions in batches, each batch's archives made, prepared and removed."""
    seconds = peak = disk = 0.0
    done = 0
    for first in range(0, sessions, BATCH):
        batch = work / "batch"
        numbers = IDS[first : min(first + BATCH, sessions)]
        _renumbered(work / "archives", batch, [str(number) for number in numbers])
        took, most, temporary = _watched(batch, work / "prepared", workers)
        seconds, peak, disk = seconds + took, max(peak, most), max(disk, temporary)
        done += len(numbers)
        print(f"corpora: {done} of {sessions} sessions; {peak:.2f} GiB at most", file=sys.stderr, flush=True)
        shutil.rmtree(batch)
        shutil.rmtree(work / "prepared")
    return [f"{done}", f"{workers}", f"{seconds:.0f}", f"{peak:.2f}", f"{disk:.0f}"]


def _pack(folder: Path, archive: Path) -> None:
    archive.parent.mkdir(exist_ok=True)
    with _new(archive) as file:
        for path in sorted(folder.iterdir()):
            file.write(path, path.name)


def _packed(folder: Path, out: Path) -> None:
    for session in sorted(folder.glob("*_P")):
        _pack(session, out / f"{session.name}.zip")
        shutil.rmtree(session)
    for path in folder.iterdir():
        if path.is_file():
            path.rename(out / path.name)


def _renumbered(archives: Path, out: Path, numbers: list[str]) -> None:
    """The archives under other numbers; the labels as they are."""
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(archives, out, ignore=shutil.ignore_patterns("*.zip"))
    for source, number in zip(sorted(archives.glob("*.zip")), numbers, strict=False):
        if source.stem == f"{number}_P":
            os.link(source, out / source.name)
            continue
        with zipfile.ZipFile(source) as old, _new(out / f"{number}_P.zip") as new:
            for info in old.infolist():
                with old.open(info) as content, new.open(f"{number}{info.filename[3:]}", "w", force_zip64=True) as copy:
                    shutil.copyfileobj(content, copy, 1 << 20)


def _new(archive: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1)


def _watched(corpus: Path, out: Path, workers: int) -> tuple[float, float, float]:
    """Run ``smfl prepare``: seconds, the most memory of its processes in GiB, the most temporary disk in MiB."""
    temporary = out.with_name("temporary")
    temporary.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "smfl.apps.cli", "prepare", corpus, "--out", out, "--workers", str(workers), "-q"]
    begin = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 (ours)
        [str(part) for part in command],
        stdout=subprocess.DEVNULL,
        env=os.environ | {"TMPDIR": str(temporary), "OMP_NUM_THREADS": "1"},
    )
    most: dict[str, float] = {"memory": 0.0, "disk": 0.0}
    over = threading.Event()

    def sample() -> None:
        while not over.wait(SAMPLED_EVERY_S):
            most["memory"] = max(most["memory"], sum(_proportional(pid) for pid in _family(process.pid)) / 2**20)
            most["disk"] = max(most["disk"], sum(_sizes(temporary)) / 2**20)

    sampler = threading.Thread(target=sample)
    sampler.start()
    code = process.wait()
    over.set()
    sampler.join()
    shutil.rmtree(temporary)
    if code:
        raise SystemExit(f"smfl prepare ended with {code}")
    return time.perf_counter() - begin, most["memory"], most["disk"]


def _family(pid: int) -> Iterator[int]:
    """A process and all that it started."""
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return
    for child in children:
        yield from _family(int(child))


def _proportional(pid: int) -> float:
    """KiB of memory that a process holds, shared pages by their share; 0 once it is gone."""
    try:
        lines: Any = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return float(next((line.split()[1] for line in lines if line.startswith("Pss:")), 0))


def _sizes(folder: Path) -> Iterator[float]:
    for path in folder.rglob("*"):
        try:
            yield path.stat().st_size if path.is_file() else 0.0
        except OSError:  # gone in the meantime
            yield 0.0
