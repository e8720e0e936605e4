"""DAIC-WOZ's defects, each as public documentation or public loaders report it, planted in a made-up session.

What every session of the corpus has (a preamble, a mark of synchronisation, names that begin with a space, logged rows
of the interviewer above 363, three layouts of labels) the simulator writes anyway.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np

from smfl.interview import Segment
from smfl.simulation.conversation.shifts import delayed, interrupted
from smfl.simulation.conversation.timeline import Timeline
from smfl.simulation.defects.catalogue import Defect, doubled_folder, lines_of, write_lines

EARLY_S = {"318": 34.319917, "321": 3.8379167, "341": 6.1892, "362": 16.8582}
INTERRUPTED = {"373": Segment(352.0, 428.0), "444": Segment(286.0, 387.0)}
FACE = ("features3D", "gaze", "pose", "AUs")
SHORT_SHARE = 0.6
"""Of a session whose face ends early, how much is left."""
SYNCHRONISED = ("<sync>", "<synch>", "[sync]", "[synch]", "[syncing]", "[synching]", "<sync.")
EVENTS = (" <laughter>", " <sigh>", " [sniffle]", " xxx", " xxxx", " <wor>", " scrubbed_entry")
FIRST, LAST = 4, 3
"""Rows at a transcript's begin and end that no mark is planted in."""

Rows = list[list[str]]


def timed(key: str, timeline: Timeline) -> Timeline:
    """The interview at instants at which the session's defect can be planted."""
    if key in EARLY_S:
        return delayed(timeline, float(np.ceil(EARLY_S[key])))
    if key in INTERRUPTED:
        gap = INTERRUPTED[key]
        return interrupted(delayed(timeline, max(0.0, gap.start - timeline.seconds / 2)), gap)
    return timeline


def _on_rows(
    change: Callable[[Rows, str, np.random.Generator], Rows],
) -> Callable[[Path, str, np.random.Generator], None]:
    """A defect of the transcript: a function of its rows (start, stop, speaker, value)."""

    def plant(folder: Path, key: str, rng: np.random.Generator) -> None:
        path = folder / f"{key}_TRANSCRIPT.csv"
        head, *rows = lines_of(path)
        changed = change([row.split("\t") for row in rows], key, rng)
        write_lines(path, [head, *("\t".join(row) for row in changed)])

    return plant


def _early(rows: Rows, key: str, rng: np.random.Generator) -> Rows:
    shift = EARLY_S[key]
    begin = next(i for i, row in enumerate(rows) if row[2] == "Ellie")
    later = [[f"{float(a) - shift:.3f}", f"{float(b) - shift:.3f}", *rest] for a, b, *rest in rows[begin:]]
    return rows[:begin] + later


def _without_interviewer(rows: Rows, key: str, rng: np.random.Generator) -> Rows:
    return [row for row in rows if row[2] != "Ellie"]


def _synchronised(rows: Rows, key: str, rng: np.random.Generator) -> Rows:
    for mark in SYNCHRONISED:
        at = int(rng.integers(FIRST, len(rows) - LAST))
        rows.insert(at, [rows[at][0], rows[at][0], ("Ellie", "Participant")[int(rng.integers(2))], mark])
    return rows


def _events(rows: Rows, key: str, rng: np.random.Generator) -> Rows:
    mine = [row for row in rows[FIRST:] if row[2] == "Participant"]
    for event in EVENTS:
        mine[int(rng.integers(len(mine)))][3] += event
    return rows


def _empty(rows: Rows, key: str, rng: np.random.Generator) -> Rows:
    mine = [i for i, row in enumerate(rows) if row[2] == "Participant" and i >= FIRST]
    at = mine[int(rng.integers(len(mine)))]
    stop = rows[at][1]
    return [*rows[: at + 1], [stop, stop, "Participant", ""], *rows[at + 1 :]]


def _blank(rows: Rows, key: str, rng: np.random.Generator) -> Rows:
    for _ in range(3):
        rows.insert(int(rng.integers(1, len(rows))), [""])
    return rows


def _lower_case(rows: Rows, key: str, rng: np.random.Generator) -> Rows:
    for row in rows[::2]:
        row[2] = row[2].lower()
    return rows


def _unsorted(rows: Rows, key: str, rng: np.random.Generator) -> Rows:
    places = [i for i in range(FIRST, len(rows) - LAST) if float(rows[i][0]) < float(rows[i + 1][0])]
    at = places[int(rng.integers(len(places)))]
    return [*rows[:at], rows[at + 1], rows[at], *rows[at + 2 :]]


def _interrupted(folder: Path, key: str, rng: np.random.Generator) -> None:
    """Somebody comes in: rows of other talk, other sound, another face."""
    gap = INTERRUPTED[key]

    def talk(rows: Rows, key: str, rng: np.random.Generator) -> Rows:
        said = [
            [f"{gap.start + 2:.3f}", f"{gap.start + 4:.3f}", "Participant", "oh somebody is at the door"],
            [f"{gap.start + 8:.3f}", f"{gap.start + 9:.3f}", "Ellie", "mhm"],
            [f"{gap.stop - 4:.3f}", f"{gap.stop - 2:.3f}", "Participant", "okay where were we"],
        ]
        return sorted(rows + said, key=lambda row: float(row[0]))

    _on_rows(talk)(folder, key, rng)
    for name, rate in (("COVAREP", 100), ("FORMANT", 100)):
        path = folder / f"{key}_{name}.csv"
        if path.exists():
            lines = lines_of(path)
            inside = slice(int(gap.start * rate), int(gap.stop * rate))
            lines[inside] = [",".join("1" for _ in line.split(",")) for line in lines[inside]]
            write_lines(path, lines)


def _short(tables: tuple[str, ...]) -> Callable[[Path, str, np.random.Generator], None]:
    def plant(folder: Path, key: str, rng: np.random.Generator) -> None:
        for table in tables:
            path = folder / f"{key}_CLNF_{table}.txt"
            lines = lines_of(path)
            write_lines(path, lines[: int(len(lines) * SHORT_SHARE)])

    return plant


def _twin(folder: Path, key: str, rng: np.random.Generator) -> None:
    header = struct.pack(">II16sH", 0x00051607, 0x00020000, b"Mac OS X        ", 0)
    for kind in ("TRANSCRIPT.csv", "AUDIO.wav"):
        (folder / f"._{key}_{kind}").write_bytes(header + rng.bytes(64))


def _on_cells(
    kinds: tuple[str, ...], cells: Callable[[list[str], np.random.Generator], list[str]]
) -> Callable[[Path, str, np.random.Generator], None]:
    """A defect of some rows of tables: a function of a row's cells."""

    def plant(folder: Path, key: str, rng: np.random.Generator) -> None:
        at = rng.random(4)
        for kind in kinds:
            path = next(folder.glob(f"{key}_{kind}.*"))
            separator = ", " if kind.startswith("CLNF") else ","
            lines = lines_of(path)
            for place in at:
                row = 1 + int(place * (len(lines) - 2))
                lines[row] = separator.join(cells(lines[row].split(separator), rng))
            write_lines(path, lines)

    return plant


def _no_number(cells: list[str], rng: np.random.Generator) -> list[str]:
    return [*cells[:4], *(("-1.#IND", "1.#QNAN", "-nan(ind)")[int(rng.integers(3))] for _ in cells[4:])]


def _infinite(cells: list[str], rng: np.random.Generator) -> list[str]:
    at = int(rng.integers(11, len(cells)))
    return [*cells[:at], ("-Inf", "Inf", "-inf")[int(rng.integers(3))], *cells[at + 1 :]]


def _lost_face(folder: Path, key: str, rng: np.random.Generator) -> None:
    """A run of failed frames that hold the values of the last good one instead of zeros."""
    place = float(rng.uniform(0.2, 0.7))
    for table in FACE:
        path = folder / f"{key}_CLNF_{table}.txt"
        lines = lines_of(path)
        first = 1 + int(place * (len(lines) - 1))
        stale = lines[first - 1].split(", ")[4:]
        for row in range(first, min(first + 30, len(lines))):
            lines[row] = ", ".join([*lines[row].split(", ")[:2], "0.1", "0", *stale])
        write_lines(path, lines)


def _action_units_with_commas(folder: Path, key: str, rng: np.random.Generator) -> None:
    path = folder / f"{key}_CLNF_AUs.txt"
    path.with_suffix(".csv").write_text(path.read_text(encoding="utf-8").replace(", ", ","), encoding="utf-8")
    path.unlink()


def _cut_off(folder: Path, key: str, rng: np.random.Generator) -> None:
    """What a damaged archive leaves where people unpack it all the same: nothing of use."""
    for path in folder.iterdir():
        path.unlink()
    (folder / f"{key}_P.zip").write_bytes(b"PK\x03\x04" + rng.bytes(2000))


SESSION_DEFECTS: tuple[Defect, ...] = (
    Defect(
        "early-transcript",
        "a transcript out of step with the sound",
        " s early: added to all of them",
        _on_rows(_early),
        tuple(EARLY_S),
    ),
    Defect(
        "interruption",
        "somebody comes in: other talk, other measurements",
        "the interview was interrupted",
        _interrupted,
        tuple(INTERRUPTED),
    ),
    Defect(
        "no-interviewer",
        "no row of the interviewer's in the transcript",
        "no row of the interviewer's",
        _on_rows(_without_interviewer),
        ("451", "458", "480"),
        lost="where an answer ends: a pause ends it instead; the preamble can't be told apart",
    ),
    Defect(
        "short-face",
        "the face's tables end before the sound",
        "before the sound: missing after it",
        _short(FACE),
        ("402",),
        lost="the face after the tables' end",
        needs="video",
    ),
    Defect(
        "short-action-units",
        "one table of the face ends before the others",
        "before the other tables",
        _short(("AUs",)),
        ("420",),
        lost="the action units after the table's end",
        needs="video",
    ),
    Defect(
        "damaged-archive",
        "an archive that can't be opened",
        "a damaged archive",
        _cut_off,
        ("440",),
        lost="the session; the others go on",
    ),
    Defect("twin-files", "shadow files of macOS beside the real ones", "shadow file of macOS", _twin, ("487",)),
    Defect(
        "events",
        "laughter, sighs, unintelligible and cut-off words, removed words in the text",
        "left out of the sentence's text",
        _on_rows(_events),
    ),
    Defect("empty-rows", "rows without words", "without a word", _on_rows(_empty)),
    Defect("lower-case-speakers", "speakers in lower case", "spelt otherwise", _on_rows(_lower_case)),
    Defect("unsorted-rows", "rows that aren't in time order", "in time order", _on_rows(_unsorted)),
    Defect(
        "sync-marks",
        "rows that mark the devices' synchronisation, in seven spellings",
        "synchronisation",
        _on_rows(_synchronised),
    ),
    Defect("blank-lines", "blank lines in the transcript", "blank line", _on_rows(_blank)),
    Defect(
        "no-numbers",
        "cells that hold -1.#IND and its like",
        "cells hold no finite number",
        _on_cells(("CLNF_features3D", "CLNF_gaze", "CLNF_pose"), _no_number),
        lost="the cells",
        needs="video",
    ),
    Defect(
        "infinite-values",
        "-Inf in COVAREP",
        "cells hold no finite number",
        _on_cells(("COVAREP",), _infinite),
        lost="the cells",
        needs="audio",
    ),
    Defect(
        "lost-face",
        "a run of failed frames with stale values",
        "weren't tracked",
        _lost_face,
        lost="the frames",
        needs="video",
    ),
    Defect(
        "action-units-csv", "the action units in a .csv with commas alone", "", _action_units_with_commas, needs="video"
    ),
    Defect("doubled-folder", "a folder within a folder of the same name", "", doubled_folder),
)
"""Of single sessions. Where ``message`` is empty the format allows both, and there is nothing to report."""

LABEL_DEFECTS: tuple[Defect, ...] = (
    Defect(
        "contradicting-label", "a binary label of 0 with a score of 10 or more", "the label is 1", sessions=("409",)
    ),
    Defect("missing-item", "an empty cell of one item", "less the other items", sessions=("319",)),
    Defect("unknown-items", "-1 where an answer isn't known", "of -1: missing", lost="the answers"),
    Defect("blank-label-lines", "blank lines at the end of the label files", "blank line"),
)

ARCHIVE_DEFECTS: tuple[Defect, ...] = (
    Defect("foreign-members", "another session's file in an archive", "aren't this session's"),
    Defect("climbing-members", "a path that leads out of the archive", "leads out of its folder"),
    Defect("bomb-members", "a file that would grow a thousand times", "would grow"),
)
"""Planted where sessions are written as archives."""

DEFECTS = (*SESSION_DEFECTS, *LABEL_DEFECTS, *ARCHIVE_DEFECTS)

SPECIAL = ("318", "402", "451", "409", "440", "487", "319", "420", "373", "321", "341", "362", "444", "458", "480")
"""Sessions with a defect of their own, the most telling first: a small corpus has the first of them."""
