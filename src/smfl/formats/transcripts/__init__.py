"""Transcript files, each format as it is: lines of speech with times and whatever names the file gives.

Which of the speakers is the participant is decided in `smfl.features.speech.transcript`.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from smfl.formats.transcripts.annotations import read_eaf, read_textgrid
from smfl.formats.transcripts.lines import INTERVIEWER_NAMES, PARTICIPANT_NAMES, Line
from smfl.formats.transcripts.subtitles import read_srt, read_vtt
from smfl.formats.transcripts.tables import read_table
from smfl.formats.transcripts.whisperx import read_json

READERS: Mapping[str, Callable[[Path], list[Line]]] = {
    ".csv": read_table,
    ".tsv": read_table,
    ".txt": read_table,
    ".srt": read_srt,
    ".vtt": read_vtt,
    ".textgrid": read_textgrid,
    ".eaf": read_eaf,
    ".json": read_json,
}
"""The reader of each file ending."""

__all__ = ["INTERVIEWER_NAMES", "PARTICIPANT_NAMES", "READERS", "Line"]
