"""Turn sentence features of CMU-MOSI, 93 people's video reviews, into the open format.

Not depression: a review is labelled 1 where most of its sentences are positive. But these are real people, real speech
and a known difficulty, so it is a test of the whole way from a corpus to a comparison.

    python examples/cmu_mosi.py SOURCE mosi --features given
    smfl prepare mosi --out prepared && smfl evaluate prepared --protocol official --out results

`SOURCE` holds `videos.csv` (video, n, pos, split, video_label), `sentences.csv` (video, ord, split, label, text) and
`features.npz` (text, audio, video: row i belongs to row i of `sentences.csv`).

The text and video features come from networks that were fitted on the training videos: with `--features given`, train
on the official training part only, never cross-validate. `audio` keeps the words and the audio features, `text-only`
just the words: both can be cross-validated.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

FEATURES: Mapping[str, Sequence[str]] = {"given": ("video", "audio", "text"), "audio": ("audio",), "text-only": ()}
"""Which of the given features go along, by what `--features` says."""

CITATION = "Zadeh, Zellers, Pincus & Morency 2016, IEEE Intelligent Systems 31(6):82-88"
LICENCE = "academic use; ask its authors"

Row = dict[str, str]


def convert(source: Path, out: Path, features: str = "given") -> int:
    """Write the corpus in the open format.

    Args:
        source: folder with `videos.csv`, `sentences.csv` and `features.npz`.
        out: folder to write; what it holds of these files is replaced.
        features: one of `FEATURES`.

    Returns:
        Number of interviews.

    Raises:
        ValueError: where the tables don't fit each other.
    """
    videos, sentences = _read(source / "videos.csv"), _read(source / "sentences.csv")
    rows = rows_of_videos(sentences)
    if set(rows) != {row["video"] for row in videos}:
        raise ValueError(f"{source}: videos.csv and sentences.csv don't tell of the same videos")
    out.mkdir(parents=True, exist_ok=True)
    with np.load(source / "features.npz") as given:
        widths = {name: given[name].shape[1] for name in FEATURES[features]}
        for name in FEATURES[features]:
            values = given[name]
            if len(values) != len(sentences):
                raise ValueError(f"features.npz: {name} has {len(values)} rows for {len(sentences)} sentences")
            folder = out / "features" / name
            folder.mkdir(parents=True, exist_ok=True)
            for video, index in rows.items():
                np.save(folder / f"{video}.npy", values[index])
    (out / "corpus.toml").write_text(_settings(widths), encoding="utf-8")
    _write(
        out / "interviews.csv",
        ("interview", "participant", "label", "split"),
        [(row["video"], row["video"], row["video_label"], row["split"]) for row in videos],
    )
    _write(
        out / "sentences.csv",
        ("interview", "start", "stop", "speaker", "text"),
        [(video, "", "", "participant", sentences[i]["text"]) for video, index in rows.items() for i in index],
    )
    return len(videos)


def rows_of_videos(sentences: Sequence[Row]) -> dict[str, list[int]]:
    """Which rows each video's sentences are, in the order in which they were said.

    Example:
        >>> rows_of_videos([{"video": "a", "ord": "2"}, {"video": "a", "ord": "1"}, {"video": "b", "ord": "1"}])
        {'a': [1, 0], 'b': [2]}
    """
    rows: dict[str, list[int]] = {}
    for i, sentence in enumerate(sentences):
        rows.setdefault(sentence["video"], []).append(i)
    return {video: sorted(index, key=lambda i: int(sentences[i]["ord"])) for video, index in rows.items()}


def _settings(widths: Mapping[str, int]) -> str:
    tables = "".join(
        f'\n[features.{name}]\nlevel = "sentence"\ncolumns = {json.dumps([f"{name}_{i}" for i in range(width)])}\n'
        for name, width in widths.items()
    )
    return (
        f'format = 1\nname = "cmu-mosi"\nlanguage = "en"\ncitation = "{CITATION}"\nlicence = "{LICENCE}"\n\n'
        f'[label]\nscale = "other"\n{tables}'
    )


def _read(table: Path) -> list[Row]:
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write(table: Path, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def main() -> None:
    """Read the arguments, convert, and say what was written."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("source", type=Path, help="folder with videos.csv, sentences.csv, features.npz")
    parser.add_argument("out", type=Path, help="folder to write")
    parser.add_argument("--features", choices=list(FEATURES), default="given")
    call = parser.parse_args()
    try:
        count = convert(call.source, call.out, call.features)
    except (OSError, KeyError, ValueError) as fault:
        parser.error(f"{call.source}: not what is expected: {fault}")
    print(
        f"{call.out}: {count} interviews with {' + '.join(FEATURES[call.features]) or 'no'} features, and their words"
    )


if __name__ == "__main__":
    main()
