"""The folder ``features/`` of the open format as a whole: which interview has which file, and whether they agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from smfl.corpora.manifest.feature_files import (
    FORMATS,
    FeatureFile,
    FeatureFolder,
    agreed_columns,
    inspect,
    load,
    misfit,
)
from smfl.interview import CorpusError, Entry, SignalReader

FOLDER = "features"


@dataclass(frozen=True)
class Modality:
    """One folder under ``features/``.

    Args:
        folder: its level, rate and names.
        columns: what all its files have.
        files: by interview.
        faults: why an interview's file can't be used, by interview.
    """

    folder: FeatureFolder
    columns: tuple[str, ...] = ()
    files: Mapping[str, FeatureFile] = field(default_factory=dict)
    faults: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def reader(self, interview: str, sentences: int | None) -> tuple[SignalReader | None, list[str]]:
        """How to read an interview's features, None where it has none; and what is wrong with them.

        Args:
            interview: its key.
            sentences: how many the participant has; None where a transcript is still to tell.
        """
        faults = list(self.faults.get(interview, ()))
        file = self.files.get(interview)
        if file is None:
            return None, faults
        expected = sentences if self.folder.level == "sentence" else None
        wrong = misfit(file, self.columns, expected)
        if wrong:
            return None, [*faults, wrong]
        return partial(load, file, self.folder, self.columns, expected), faults


def survey(
    root: Path, folders: Mapping[str, FeatureFolder], keys: Sequence[str]
) -> tuple[list[Modality], list[str], list[Entry]]:
    """Look through ``features/``, reading headers only.

    Args:
        root: the corpus folder.
        folders: what `corpus.toml` says of each.
        keys: the interviews.

    Returns:
        the modalities, problems of the corpus as a whole, and ledger lines for what isn't read.
    """
    problems: list[str] = []
    ledger: list[Entry] = []
    there = _visible(root / FOLDER)
    for path in there:
        if not path.is_dir():
            ledger.append(
                Entry("", "noted", "a file that isn't in a modality's folder isn't read", f"{FOLDER}/{path.name}")
            )
        elif path.name not in folders:
            problems.append(
                f"corpus.toml: nothing about {FOLDER}/{path.name}; "
                f'expected a table [{FOLDER}.{path.name}] with level = "frame" or "sentence"'
            )
    modalities = []
    for name, folder in folders.items():
        if root / FOLDER / name not in there:
            what = f"no folder {FOLDER}/{name}, though corpus.toml describes it"
            ledger.append(Entry("", "missing", what, "corpus.toml"))
            continue
        modalities.append(_survey_one(root / FOLDER / name, folder, frozenset(keys), ledger))
    return modalities, problems, ledger


def _survey_one(path: Path, folder: FeatureFolder, keys: frozenset[str], ledger: list[Entry]) -> Modality:
    by_interview: dict[str, list[Path]] = {}
    for file in _visible(path):
        place = f"{FOLDER}/{folder.name}/{file.name}"
        if file.suffix not in FORMATS or not file.is_file():
            ledger.append(Entry("", "noted", f"isn't read: features are {', '.join(FORMATS)} files", place))
        elif file.stem not in keys:
            what = f"features of an interview {file.stem!r} that interviews.csv doesn't list"
            ledger.append(Entry("", "skipped", what, place))
        else:
            by_interview.setdefault(file.stem, []).append(file)
    files: dict[str, FeatureFile] = {}
    faults: dict[str, tuple[str, ...]] = {}
    for interview, paths in by_interview.items():
        if len(paths) > 1:
            names = ", ".join(one.name for one in paths)
            faults[interview] = (f"{FOLDER}/{folder.name}: {names}; expected one file an interview",)
            continue
        try:
            files[interview] = inspect(paths[0], folder)
        except CorpusError as fault:
            faults[interview] = (str(fault),)
    columns = agreed_columns(folder, files.values()) if files else ()
    return Modality(folder, columns, files, faults)


def _visible(path: Path) -> list[Path]:
    """What lies in a folder, in order, but for hidden files; nothing where the folder isn't there."""
    return sorted(item for item in path.iterdir() if not item.name.startswith(".")) if path.is_dir() else []
