"""E-DAIC's defects, planted in a made-up session or in its tables of labels."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import numpy as np

from smfl.simulation.defects.catalogue import Defect, doubled_folder, lines_of, write_lines
from smfl.simulation.defects.tables import Cell

PLACES = {
    "openface": "OpenFace2.1.0_Pose_gaze_AUs.csv",
    "egemaps": "OpenSMILE2.3.0_egemaps.csv",
    "mfcc": "OpenSMILE2.3.0_mfcc.csv",
    "boaw_egemaps": "BoAW_openSMILE_2.3.0_eGeMAPS.csv",
    "boaw_mfcc": "BoAW_openSMILE_2.3.0_MFCC.csv",
    "bovw": "BoVW_openFace_2.1.0_Pose_Gaze_AUs.csv",
    "resnet": "CNN_ResNet.mat",
    "vgg": "CNN_VGG.mat",
}
"""How the features' files end."""

SHORT_SHARE = 0.8
CONTRADICTIONS, EMPTY_SEVERITIES = 3, 2
BINARY, SCORE, SEVERITY = 2, 3, 5
"""Columns of the label files."""


def _rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.reader(file))


def _rewrite(path: Path, rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def _empty(folder: Path, key: str, rng: np.random.Generator) -> None:
    path = folder / f"{key}_Transcript.csv"
    rows = _rows(path)
    for _ in range(2):
        at = int(rng.integers(2, len(rows)))
        rows.insert(at, [rows[at - 1][1], rows[at - 1][1], "", "0.0"])
    _rewrite(path, rows)


def _unsorted(folder: Path, key: str, rng: np.random.Generator) -> None:
    path = folder / f"{key}_Transcript.csv"
    head, *rows = _rows(path)
    places = [i for i in range(len(rows) - 1) if float(rows[i][0]) < float(rows[i + 1][0])]
    at = places[int(rng.integers(len(places)))]
    rows[at], rows[at + 1] = rows[at + 1], rows[at]
    _rewrite(path, [head, *rows])


def _face(folder: Path, key: str) -> Path:
    return folder / "features" / f"{key}_{PLACES['openface']}"


def _lost_face(folder: Path, key: str, rng: np.random.Generator) -> None:
    path = _face(folder, key)
    lines = lines_of(path)
    first = int(rng.integers(2, len(lines) - 40))
    stale = lines[first - 1].split(", ")[4:]
    for row in range(first, first + 30):
        lines[row] = ", ".join([*lines[row].split(", ")[:2], "0.03", "0", *stale])
    write_lines(path, lines)


def _no_numbers(folder: Path, key: str, rng: np.random.Generator) -> None:
    path = _face(folder, key)
    lines = lines_of(path)
    for at in rng.integers(1, len(lines), 3):
        cells = lines[int(at)].split(", ")
        lines[int(at)] = ", ".join([*cells[:4], *(["-nan(ind)"] * len(cells[4:]))])
    write_lines(path, lines)


def _short_face(folder: Path, key: str, rng: np.random.Generator) -> None:
    path = _face(folder, key)
    lines = lines_of(path)
    write_lines(path, lines[: int(len(lines) * SHORT_SHARE)])


def _other_separator(folder: Path, key: str, rng: np.random.Generator) -> None:
    for place in ("boaw_egemaps", "boaw_mfcc", "bovw"):
        path = folder / "features" / f"{key}_{PLACES[place]}"
        if path.exists():
            text = path.read_text(encoding="utf-8")
            path.write_text(text.translate(str.maketrans(";,", ",;")), encoding="utf-8")


def _no_matrix(folder: Path, key: str, rng: np.random.Generator) -> None:
    (folder / "features" / f"{key}_{PLACES['vgg']}").unlink()


def _twins(folder: Path, key: str, rng: np.random.Generator) -> None:
    (folder / f"._{key}_Transcript.csv").write_bytes(b"\x00\x05\x16\x07" + rng.bytes(64))


def _cut_off(folder: Path, key: str, rng: np.random.Generator) -> None:
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        path.unlink()
    (folder / "features").rmdir()
    (folder / f"{key}_P.tar.gz").write_bytes(b"\x1f\x8b\x08\x00" + rng.bytes(2000))


SESSION_DEFECTS: tuple[Defect, ...] = (
    Defect(
        "no-speakers",
        "no column says who speaks",
        "no column says whose a row is",
        lost="whose the words are: the interviewer's are among them",
    ),
    Defect("empty-texts", "rows without words", "without a word left out", _empty),
    Defect("unsorted-rows", "rows that aren't in time order", "in time order", _unsorted),
    Defect(
        "lost-face",
        "a run of failed frames with stale values",
        "weren't tracked",
        _lost_face,
        lost="the frames",
        needs="video",
    ),
    Defect(
        "no-numbers",
        "rows of -nan(ind) in OpenFace's table",
        "weren't tracked",
        _no_numbers,
        lost="the cells",
        needs="video",
    ),
    Defect(
        "short-face",
        "the face's table ends before the sound",
        "before the sound: missing after it",
        _short_face,
        lost="the face after the table's end",
        needs="video",
    ),
    Defect(
        "bag-separators",
        "bags of words separated by commas where others have semicolons",
        "separated by",
        _other_separator,
    ),
    Defect("missing-matrix", "one .mat isn't there", "no vgg matrix", _no_matrix),
    Defect("twin-files", "shadow files of macOS beside the real ones", "shadow file of macOS", _twins),
    Defect("doubled-folder", "a folder within a folder of the same name", "", doubled_folder),
    Defect(
        "damaged-archive",
        "an archive that can't be opened",
        "a damaged archive",
        _cut_off,
        lost="the session; the others go on",
    ),
)

TABLE_DEFECTS: tuple[Defect, ...] = (
    Defect("contradicting-labels", "a binary label of 0 with a score of 10 or more", "the label is 1"),
    Defect("empty-severities", "two empty PTSD severities", "no PTSD severity", lost="the severities"),
)

DEFECTS = (*SESSION_DEFECTS, *TABLE_DEFECTS)

ONE_SESSION = ("short-face", "missing-matrix", "twin-files", "doubled-folder", "damaged-archive")
"""Defects that one session has: each another one, from the second; the other defects are those of all."""


def special_sessions(keys: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Which session has which of `ONE_SESSION`; none (``-``) in a corpus too small for it.

    Example:
        >>> special_sessions(["300", "301", "302"])["missing-matrix"]
        ('302',)
    """
    rest = list(keys)[1:]
    return {name: (rest[i],) if i < len(rest) else ("-",) for i, name in enumerate(ONE_SESSION)}


def plant_in_tables(rows: Sequence[list[Cell]], defects: Collection[str]) -> None:
    """Plant contradicting labels and empty severities, in place, in the first rows that can have them."""
    if "contradicting-labels" in defects:
        for row in [row for row in rows if row[BINARY] == 1][:CONTRADICTIONS]:
            row[BINARY] = 0
    if "empty-severities" in defects:
        for row in rows[:EMPTY_SEVERITIES]:
            row[SEVERITY] = ""
