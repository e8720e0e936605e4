"""The nouns: who spoke when, which signals there are, the label. No input or output, no torch."""

from smfl.interview.bands import BANDED, BANDS, CUTS, bands_of
from smfl.interview.cohort import GENDERS, SPLITS, Cohort, Interview, Source
from smfl.interview.errors import (
    CallError,
    CorpusError,
    FeatureError,
    LabelError,
    MissingExtraError,
    Problems,
    RecordingError,
    SmflError,
    TranscriptError,
    choice,
)
from smfl.interview.files import Packed
from smfl.interview.label import HIGHEST_SCORE, SCALES, Label
from smfl.interview.ledger import ACTIONS, Entry
from smfl.interview.piece import Piece
from smfl.interview.signal import FloatArray, Signal, SignalReader
from smfl.interview.speech import INTERVIEWER, PARTICIPANT, Sentence, Turn, Word
from smfl.interview.time import Segment

__all__ = [
    "ACTIONS",
    "BANDED",
    "BANDS",
    "CUTS",
    "GENDERS",
    "HIGHEST_SCORE",
    "INTERVIEWER",
    "PARTICIPANT",
    "SCALES",
    "SPLITS",
    "CallError",
    "Cohort",
    "CorpusError",
    "Entry",
    "FeatureError",
    "FloatArray",
    "Interview",
    "Label",
    "LabelError",
    "MissingExtraError",
    "Packed",
    "Piece",
    "Problems",
    "RecordingError",
    "Segment",
    "Sentence",
    "Signal",
    "SignalReader",
    "SmflError",
    "Source",
    "TranscriptError",
    "Turn",
    "Word",
    "bands_of",
    "choice",
]
