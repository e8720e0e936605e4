"""From sentence features to what the network reads: measured on the training people, applied to everyone.

1. Frames are averaged within their sentence in groups, so that about ``frame_hz`` a second remain (or left as they
are). 2. Columns are standardised with the training people's mean and standard deviation. A value that is missing in a
frame becomes
   the training mean, and one more column tells what share of the frame's values is there.
3. Families of numbered columns, which are coordinates of one high-dimensional thing (landmarks, an embedding), are
reduced to
   their leading principal components on the training people; columns with a name of their own stay.
4. Beside the frames, statistics of each sentence: mean and standard deviation over the values that are there, its
   length, and the same less the person's own mean over all sentences, within `USUAL`: how this sentence differs from
   how this person usually is.
5. What each sentence is about: its `Topics` in the words' vectors.

The paper's recipe uses 2 only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from smfl.features import SentenceFeatures, measures
from smfl.interview import FeatureError
from smfl.training.inputs.cues import Cues
from smfl.training.inputs.statistics import of_sentences
from smfl.training.inputs.topics import Topics

Floats = npt.NDArray[np.float32]
_NUMBERED = re.compile(r"(?P<family>.*?)_?\d+(_[xyz])?$")
_SMALLEST_SD = 1e-6
USUAL = 2.0
"""A sentence differs from the person's others by at most so many sd: a tracker's slip is no sign."""


@dataclass(frozen=True)
class InputSettings:
    """What is done to features before the network.

    Args:
        frame_hz: frames a second that are left by averaging; None leaves each modality at its own rate (the paper).
        components: principal components kept of each family of numbered columns; None leaves all columns (the paper).
        smallest_family: a family with fewer columns stays as it is: with some 100 columns or less, what separates the
            classes need not lie in the directions of most variance.
        statistics: whether statistics of each sentence go beside its frames.
        centred: whether they come a second time, less the person's own mean.
        topics: topics of a sentence in each codebook; 0 for none.
    """

    frame_hz: float | None = None
    components: int | None = None
    smallest_family: int = 128
    statistics: bool = False
    centred: bool = False
    topics: int = 0


@dataclass(frozen=True, eq=False)
class ModalityInputs:
    """One modality of one interview, ready for the network.

    Args:
        frames: float32 [rows, K].
        offsets: int64 [S + 1], as in `SentenceFeatures`.
        statistics: float32 [S, P]; rows of absent sentences are zero and never read.
        topics: int64 [S, codebooks], [S, 0] but in the modality that has topics; absent sentences' are never read.
    """

    frames: Floats
    offsets: npt.NDArray[np.int64]
    statistics: Floats
    topics: npt.NDArray[np.int64]


@dataclass
class Measured:
    """What the training people showed of one modality: what a checkpoint keeps.

    Args:
        columns: names, or ``<modality>_<i>`` where the corpus gives none.
        frame_level: whether a sentence has many rows.
        gaps: whether values were ever missing inside a frame.
        mean, sd: float32 [D].
        bases: by family of columns, float32 [columns of the family, components].
        statistics_mean, statistics_sd: float32 [P].
        topics: of its sentences, where they have any.
    """

    columns: tuple[str, ...]
    frame_level: bool
    gaps: bool
    mean: Floats
    sd: Floats
    bases: dict[str, Floats] = field(default_factory=dict)
    statistics_mean: Floats = field(default_factory=lambda: np.zeros(0, np.float32))
    statistics_sd: Floats = field(default_factory=lambda: np.zeros(0, np.float32))
    topics: Topics | None = None

    @property
    def frame_columns(self) -> int:
        """Columns per frame that the network reads, K."""
        return len(self.columns) - sum(len(b) - len(b.T) for b in self.bases.values()) + int(self.gaps)


class Inputs:
    """Fitted on training people, applied to everyone.

    Args:
        settings: what is done.
        modalities: which are read, in this order; one that no training interview has is left out.
        words: the modality whose sentences have topics.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> people = [SentenceFeatures(str(i), str(i), {"audio": rng.normal(5, 2, (40, 3)).astype("f4")},
        ...                            {"audio": np.array([0, 25, 40])}, np.zeros((2, 2)), ("a", "b"),
        ...                            rates={"audio": 100.0}) for i in range(9)]
        >>> inputs = Inputs(InputSettings(frame_hz=20.0), ("audio",)).fit(people)
        >>> one = inputs.apply(people[0])["audio"]
        >>> one.frames.shape, one.offsets.tolist(), bool(abs(one.frames.mean()) < 0.5)
        ((8, 3), [0, 5, 8], True)
    """

    def __init__(self, settings: InputSettings, modalities: Sequence[str], words: str = "text") -> None:
        self.settings = settings
        self.words = words
        self.requested = tuple(modalities)
        self.measured: dict[str, Measured] = {}

    @property
    def modalities(self) -> tuple[str, ...]:
        """Those that the training people have."""
        return tuple(self.measured)

    @property
    def frame_widths(self) -> dict[str, int]:
        """Columns per frame of each modality, K."""
        return {name: m.frame_columns for name, m in self.measured.items()}

    @property
    def statistics_widths(self) -> dict[str, int]:
        """Columns per sentence beside the frames, P; 0 without statistics."""
        times = 2 if self.settings.centred else 1
        return {name: times * len(m.statistics_mean) for name, m in self.measured.items()}

    @property
    def topics(self) -> tuple[int, int]:
        """Codebooks, and topics in each; (0, 0) where sentences have none."""
        there = self.measured.get(self.words)
        return there.topics.shape if there is not None and there.topics is not None else (0, 0)

    def measures(self, name: str) -> list[int]:
        """Which of a modality's statistics are what a clinician would name; see `smfl.features.measures`."""
        measured = self.measured[name]
        single, _ = _parts(measured)
        place = {column: i for i, column in enumerate(single)}
        found = [place[column] for column in measures.levels(measured.columns) if column in place]
        if found and measured.frame_level:
            spread = [place[column] for column in measures.variations(measured.columns) if column in place]
            voiced = [measured.frame_columns - 1] if measured.gaps and spread else []  # a lost face is no sign
            found += voiced + [measured.frame_columns + i for i in spread]
        return found

    def cues(self) -> Cues | None:
        """Cues of where to look, from the words; None where the encoder has no such columns."""
        measured = self.measured.get(self.words)
        if measured is None or not len(measured.statistics_mean):
            return None
        place = {column: i for i, column in enumerate(_parts(measured)[0])}
        negative, symptoms = (
            [place[c] for c in own if c in place] for own in measures.negative_and_symptom_columns(measured.columns)
        )
        return Cues(negative, symptoms, measured.statistics_mean, measured.statistics_sd) or None

    def fit(self, people: Sequence[SentenceFeatures]) -> Inputs:
        """Measure the training people.

        Raises:
            FeatureError: where not one of them has one of the modalities.
        """
        for name in self.requested:
            with_it = [one for one in people if name in one.modalities]
            if with_it:
                self.measured[name] = self._measure(name, with_it)
        if not self.measured:
            there = sorted({name for one in people for name in one.modalities})
            raise FeatureError(
                f"no training interview has any of {', '.join(self.requested)}; there are: {', '.join(there) or 'none'}"
            )
        return self

    def apply(self, one: SentenceFeatures) -> dict[str, ModalityInputs]:
        """One interview, by modality; a modality that it lacks has no rows.

        Raises:
            FeatureError: where a modality has another width than the training people's.
        """
        return {name: self._apply(name, measured, one) for name, measured in self.measured.items()}

    def _measure(self, name: str, people: Sequence[SentenceFeatures]) -> Measured:
        width = people[0].values[name].shape[1]
        columns = people[0].columns.get(name) or tuple(f"{name}_{i}" for i in range(width))
        binned = [self._binned(name, one) for one in people]
        count, total, squares = np.zeros(width), np.zeros(width), np.zeros(width)
        rows = 0
        for frames, _ in binned:
            there = ~np.isnan(frames)
            values = frames.astype(np.float64)
            values = np.where(there, values, 0.0)
            count, total, squares = count + there.sum(0), total + values.sum(0), squares + (values**2).sum(0)
            rows += len(values)
        mean = total / np.maximum(count, 1)
        sd = np.sqrt(np.maximum(squares / np.maximum(count, 1) - mean**2, 0.0))
        measured = Measured(
            columns, _has_many_rows(name, people), bool((count < rows).any()), mean.astype(np.float32), _not_zero(sd)
        )
        measured.bases = self._bases(measured, [frames for frames, _ in binned])
        if self.settings.statistics:
            per_sentence = np.concatenate([self._statistics(measured, frames, offsets) for frames, offsets in binned])
            measured.statistics_mean, measured.statistics_sd = _mean_sd(per_sentence)
        if self.settings.topics and name == self.words:
            meanings = np.concatenate([_meanings(measured, frames, offsets) for frames, offsets in binned])
            measured.topics = Topics.found_in(meanings[~np.isnan(meanings).any(axis=1)], self.settings.topics)
        return measured

    def _bases(self, measured: Measured, binned: Sequence[Floats]) -> dict[str, Floats]:
        """Leading principal components, all divided by the sd of the first: later ones keep their smaller size."""
        kept = self.settings.components
        if kept is None:
            return {}
        bases = {}
        for family, index in _families(measured.columns).items():
            if len(index) < max(self.settings.smallest_family, kept):
                continue
            product, rows = np.zeros((len(index), len(index))), 0
            for frames in binned:
                z = _standardised(measured, frames)[:, index].astype(np.float64)
                product, rows = product + z.T @ z, rows + len(z)
            variance, vectors = np.linalg.eigh(product / max(rows, 1))
            leading = vectors[:, np.argsort(variance)[::-1][:kept]]
            leading = leading * np.sign(leading[np.abs(leading).argmax(axis=0), np.arange(kept)])  # sign is arbitrary
            bases[family] = (leading / np.sqrt(max(float(variance.max()), _SMALLEST_SD))).astype(np.float32)
        return bases

    def _binned(self, name: str, one: SentenceFeatures) -> tuple[Floats, npt.NDArray[np.int64]]:
        """Frames averaged in groups within their sentence; a value missing in all of a group stays missing."""
        values, offsets = np.asarray(one.values[name], np.float32), one.offsets[name]
        rate, target = one.rates.get(name), self.settings.frame_hz
        group = 1 if rate is None or target is None else max(1, round(rate / target))
        if group == 1 or not len(values):
            return values, offsets
        bins = -(-np.diff(offsets) // group)  # the last group of a sentence may be a short one
        starts = np.concatenate([start + group * np.arange(n) for start, n in zip(offsets[:-1], bins, strict=True)])
        there = ~np.isnan(values)
        sums = np.add.reduceat(np.where(there, values, 0.0), starts, axis=0)
        counts = np.add.reduceat(there.astype(np.float32), starts, axis=0)
        mean = np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)
        return mean.astype(np.float32), np.concatenate([[0], np.cumsum(bins)]).astype(np.int64)

    @staticmethod
    def _reduced(measured: Measured, values: Floats) -> Floats:
        """Standardised frames, families reduced, with the share of values that are there where some ever aren't."""
        z = _standardised(measured, values)
        single, families = _parts(measured)
        parts = [z[:, single], *(z[:, index] @ measured.bases[family] for family, index in families.items())]
        if measured.gaps:
            parts.append((~np.isnan(values)).mean(axis=1, keepdims=True))
        return np.concatenate(parts, axis=1, dtype=np.float32)

    @staticmethod
    def _present(measured: Measured, values: Floats) -> npt.NDArray[np.bool_]:
        """Which values of `_reduced` were measured; a family's components need all of its columns."""
        there = ~np.isnan(values)
        single, families = _parts(measured)
        parts = [there[:, single]]
        for family, index in families.items():
            width = measured.bases[family].shape[1]
            parts.append(np.repeat(there[:, index].all(axis=1, keepdims=True), width, axis=1))
        if measured.gaps:
            parts.append(np.ones((len(values), 1), np.bool_))
        return np.concatenate(parts, axis=1)

    def _statistics(self, measured: Measured, values: Floats, offsets: npt.NDArray[np.int64]) -> Floats:
        frames = self._reduced(measured, values)
        return of_sentences(frames, self._present(measured, values), offsets, spread=measured.frame_level)

    def _apply(self, name: str, measured: Measured, one: SentenceFeatures) -> ModalityInputs:
        codebooks = 0 if measured.topics is None else measured.topics.shape[0]
        topics = np.zeros((len(one), codebooks), np.int64)
        if name not in one.values:
            values = np.zeros((0, len(measured.columns)), np.float32)
            offsets = np.zeros(len(one) + 1, np.int64)
        else:
            values, offsets = self._binned(name, one)
            if values.shape[1] != len(measured.columns):
                raise FeatureError(
                    f"interview {one.interview}: {name} has {values.shape[1]} columns; "
                    f"the training people's have {len(measured.columns)}"
                )
            if measured.topics is not None:
                topics = measured.topics.of(np.nan_to_num(_meanings(measured, values, offsets)))
        frames = self._reduced(measured, values)
        if not self.settings.statistics:
            return ModalityInputs(frames, offsets, np.zeros((len(one), 0), np.float32), topics)
        z = (self._statistics(measured, values, offsets) - measured.statistics_mean) / measured.statistics_sd
        if self.settings.centred:
            z = np.concatenate([z, np.clip(z - _mean_sd(z)[0], -USUAL, USUAL)], axis=1)
        return ModalityInputs(frames, offsets, np.nan_to_num(z).astype(np.float32), topics)


def _has_many_rows(name: str, people: Sequence[SentenceFeatures]) -> bool:
    """Whether a sentence has frames or tokens, rather than one row."""
    return name in people[0].rates or any((np.diff(one.offsets[name]) > 1).any() for one in people)


def _families(columns: Sequence[str]) -> dict[str, list[int]]:
    """Numbered columns by what they number: ``landmark_0_x … landmark_67_z``, ``text_000 …``.

    Example:
        >>> _families(["landmark_0_x", "landmark_0_y", "pose_Rx", "AU01_r"])
        {'landmark': [0, 1]}
    """
    families: dict[str, list[int]] = {}
    for i, column in enumerate(columns):
        if match := _NUMBERED.match(column):
            families.setdefault(match["family"], []).append(i)
    return families


def _parts(measured: Measured) -> tuple[list[int], dict[str, list[int]]]:
    """Columns that stay as they are, and those of each family that is reduced."""
    families = {family: _families(measured.columns)[family] for family in measured.bases}
    numbered = {i for index in families.values() for i in index}
    return [i for i in range(len(measured.columns)) if i not in numbered], families


def _meanings(measured: Measured, values: Floats, offsets: npt.NDArray[np.int64]) -> Floats:
    """What topics are found in, [S, D]: the embedding as it is, or where none was reduced all columns standardised."""
    _, families = _parts(measured)
    embedding = [i for index in families.values() for i in index]
    vectors = values[:, embedding] if embedding else _standardised(measured, values)
    return of_sentences(vectors, ~np.isnan(vectors), offsets, spread=False)


def _standardised(measured: Measured, values: Floats) -> Floats:
    """In training sd from the training mean, and the mean itself for what is missing."""
    z: Floats = np.where(np.isnan(values), 0.0, (values - measured.mean) / measured.sd).astype(np.float32)
    return z


def _mean_sd(rows: Floats) -> tuple[Floats, Floats]:
    """Of each column's values that are there; 0 and 1 where there are none."""
    there = ~np.isnan(rows)
    count = np.maximum(there.sum(axis=0), 1)
    mean = np.where(there, rows, 0.0).sum(axis=0, dtype=np.float64) / count
    square = np.where(there, (rows - mean) ** 2, 0.0).sum(axis=0, dtype=np.float64) / count
    return mean.astype(np.float32), _not_zero(np.sqrt(square))


def _not_zero(sd: npt.NDArray[np.floating]) -> Floats:
    """A column that never varies is left in its own unit."""
    return np.where(sd > _SMALLEST_SD, sd, 1.0).astype(np.float32)
