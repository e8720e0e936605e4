"""Transcripts: six formats, one meaning; who the participant is; and a plain word where a file is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from smfl.features.speech.transcript import UNNAMED, read_transcript, sentences_of
from smfl.formats.transcripts.subtitles import read_srt
from smfl.interview import PARTICIPANT, Segment, TranscriptError, Turn, Word

WriteFile = Callable[[str, str], Path]

SAID = [
    (0.0, 1.5, "Interviewer", "how have you been"),
    (1.75, 3.0, "Participant", "not so well"),
    (3.25, 5.0, "Participant", "I sleep badly, you know"),
    (5.5, 6.0, "Interviewer", "since when"),
    (6.25, 9.0, "Participant", '"since" spring & before'),
]
EXPECTED = [
    Turn(Segment(start, stop), PARTICIPANT if who == "Participant" else who, text) for start, stop, who, text in SAID
]


@pytest.fixture
def write_file(tmp_path: Path) -> WriteFile:
    def write(name: str, content: str) -> Path:
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return path

    return write


def clock(seconds: float, mark: str) -> str:
    milliseconds = round(seconds * 1000)
    return f"00:00:{milliseconds // 1000:02d}{mark}{milliseconds % 1000:03d}"


def as_csv() -> str:
    rows = [f'{a},{b},{who},"{text.replace(chr(34), chr(34) * 2)}"' for a, b, who, text in SAID]
    return "\n".join(["start,stop,speaker,text", *rows]) + "\n\n"


def as_daic() -> str:
    rows = [f"{a:.3f}\t{b:.3f}\t{who}\t{text}" for a, b, who, text in SAID]
    return "\n".join(["start_time\tstop_time\tspeaker\tvalue", *rows, "", ""])


def as_srt() -> str:
    cues = [f"{i}\n{clock(a, ',')} --> {clock(b, ',')}\n{who}: {text}\n" for i, (a, b, who, text) in enumerate(SAID, 1)]
    return "\n".join(cues)


def as_vtt() -> str:
    escaped = [(a, b, who, text.replace("&", "&amp;")) for a, b, who, text in SAID]
    cues = [
        f"cue-{a}\n{clock(a, '.')} --> {clock(b, '.')} align:start\n<v {who}>{text}</v>\n"
        for a, b, who, text in escaped
    ]
    return "\n".join(["WEBVTT\n", "NOTE a note\nof two lines\n", *cues])


def as_whisperx() -> str:
    segments = [{"start": a, "end": b, "speaker": who, "text": f" {text}", "words": []} for a, b, who, text in SAID]
    return json.dumps({"segments": segments, "language": "en"})


def as_textgrid() -> str:
    tiers = []
    for who in ("Interviewer", "Participant"):
        said = [(a, b, text.replace('"', '""')) for a, b, name, text in SAID if name == who]
        bounds, intervals = 0.0, []
        for a, b, text in said:
            if a > bounds:
                intervals.append((bounds, a, ""))
            intervals.append((a, b, text))
            bounds = b
        if bounds < 9.0:
            intervals.append((bounds, 9.0, ""))
        rows = [f'intervals [{i}]:\nxmin = {a}\nxmax = {b}\ntext = "{t}"' for i, (a, b, t) in enumerate(intervals, 1)]
        head = f'item [{len(tiers) + 1}]:\nclass = "IntervalTier"\nname = "{who}"\nxmin = 0\nxmax = 9.0'
        tiers.append("\n".join([head, f"intervals: size = {len(rows)}", *rows]))
    head = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0", "xmax = 9.0", "tiers? <exists>"]
    return "\n".join([*head, "size = 2", "item []:", *tiers]) + "\n"


def as_eaf(path: Path) -> Path:
    from pympi import Eaf

    document = Eaf()
    document.remove_tier("default")
    for tier, who in (("A", "Interviewer"), ("B", "Participant")):
        document.add_tier(tier, part=who)
        for a, b, name, text in SAID:
            if name == who:
                document.add_annotation(tier, round(a * 1000), round(b * 1000), text)
    document.add_linguistic_type("gloss", "Symbolic_Association")
    document.add_tier("B-gloss", ling="gloss", parent="B")
    document.add_ref_annotation("B-gloss", "B", 2000, "a translation, no speech")
    document.to_file(str(path))
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", as_csv()),
        ("t_semicolon.csv", as_csv().replace(",", ";").replace("badly;", "badly,")),
        ("300_TRANSCRIPT.csv", as_daic()),
        ("t.tsv", as_daic()),
        ("t.srt", as_srt()),
        ("windows.srt", "\ufeff" + as_srt().replace("\n", "\r\n")),
        ("t.vtt", as_vtt()),
        ("t.json", as_whisperx()),
        ("t.TextGrid", as_textgrid()),
    ],
)
def test_every_format_means_the_same(write_file: WriteFile, name: str, content: str) -> None:
    transcript = read_transcript(write_file(name, content), duration_s=9.0)
    assert list(transcript) == EXPECTED
    assert transcript.notes == ()


def test_elan_means_the_same(tmp_path: Path) -> None:
    assert list(read_transcript(as_eaf(tmp_path / "t.eaf"))) == EXPECTED


def test_praats_utf16_is_read(tmp_path: Path) -> None:
    path = tmp_path / "t.TextGrid"
    path.write_text(as_textgrid().replace("not so well", "不太好"), encoding="utf-16")
    assert read_transcript(path)[1].text == "不太好"


def test_two_formats_of_a_real_reading_agree(shared_data: Path) -> None:
    srt = read_transcript(shared_data / "speech" / "sonnet001.srt", duration_s=53.27)
    grid = read_transcript(shared_data / "speech" / "sonnet001.textgrid", duration_s=53.27)
    assert len(srt) == 15
    assert srt.turns == grid.turns
    assert srt[-1].text == "To eat the world's due, by the grave and thee."
    assert len(sentences_of(srt)) == 15
    assert "names no speaker" in srt.notes[0]
    assert "'Token'" in grid.notes[0]


def test_the_participant_is_who_the_caller_says(write_file: WriteFile) -> None:
    path = write_file("t.json", as_whisperx().replace("Participant", "SPEAKER_01").replace("Interviewer", "SPEAKER_00"))
    with pytest.raises(
        TranscriptError, match=r"t\.json: who of its speakers is the participant\? They are 'SPEAKER_00', 'SPEAKER_01'"
    ):
        read_transcript(path)
    turns = read_transcript(path, participant="speaker_01")
    assert [turn.by_participant for turn in turns] == [False, True, True, False, True]
    assert turns[0].speaker == "SPEAKER_00"
    with pytest.raises(TranscriptError, match=r"no speaker 'Ann'; its speakers are 'SPEAKER_00', 'SPEAKER_01'"):
        read_transcript(path, participant="Ann")


@pytest.mark.parametrize("name", ["patient", "PARTICIPANT", "Subject", "client", "患者"])
def test_the_participant_is_known_by_role(write_file: WriteFile, name: str) -> None:
    turns = read_transcript(write_file("t.csv", as_csv().replace("Participant", name)))
    assert [turn.by_participant for turn in turns] == [False, True, True, False, True]


def test_an_interviewer_alone_is_never_the_participant(write_file: WriteFile) -> None:
    only = "start,stop,speaker,text\n0,1,Ellie,hi\n"
    with pytest.raises(TranscriptError, match="They are 'Ellie'"):
        read_transcript(write_file("t.csv", only))


def test_lines_without_a_speaker_are_someone_elses_where_others_have_one(write_file: WriteFile) -> None:
    transcript = read_transcript(write_file("t.csv", "start,stop,speaker,text\n0,1,,hi\n1,2,patient,hello\n"))
    assert [turn.speaker for turn in transcript] == [UNNAMED, PARTICIPANT]
    assert transcript.notes == ("1 lines name no speaker: taken as someone else's",)


def srt(*texts: str) -> str:
    """Cues of a second each."""
    cues = [f"{i + 1}\n{clock(i, ',')} --> {clock(i + 1, ',')}\n{text}\n" for i, text in enumerate(texts)]
    return "\n".join(cues)


def test_a_colon_is_no_speaker_unless_speakers_are_written_so(write_file: WriteFile) -> None:
    texts = ["One thing: sleep", "I lie awake", "every night"]
    assert [turn.text for turn in read_transcript(write_file("t.srt", srt(*texts)))] == texts


def test_a_cue_without_a_name_goes_on_with_the_speaker(write_file: WriteFile) -> None:
    path = write_file("t.srt", srt("[Interviewer]: tell me", "[Patient]: I lie awake", "every night"))
    assert [(turn.by_participant, turn.text) for turn in read_transcript(path)] == [
        (False, "tell me"),
        (True, "I lie awake"),
        (True, "every night"),
    ]


def test_a_number_is_a_word_too(write_file: WriteFile) -> None:
    path = write_file("t.srt", srt("how many", "<i>ten</i>\n7", "", "8"))
    assert [line.text for line in read_srt(path)] == ["how many", "ten 7", "", "8"]


def test_two_voices_in_one_cue(write_file: WriteFile) -> None:
    path = write_file("t.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\n<v.loud Ann Lee>Yes</v>\n<v patient>no</v>\n")
    assert [(turn.speaker, turn.text) for turn in read_transcript(path)] == [("Ann Lee", "Yes"), (PARTICIPANT, "no")]


def test_times_as_a_clock_and_rows_out_of_order(write_file: WriteFile) -> None:
    path = write_file(
        "t.txt", "start_time\tstop_time\tspeaker\tvalue\n01:10\t01:15.5\t患者\t好\n0:00:05\t0:00:06\t医生\t你好\n"
    )
    transcript = read_transcript(path)
    assert [turn.segment for turn in transcript] == [Segment(5, 6), Segment(70, 75.5)]
    assert transcript.notes == ("lines were not in order of time: sorted by their starts",)


def test_a_transcript_past_the_end_of_the_recording(write_file: WriteFile) -> None:
    path = write_file("t.csv", as_csv())
    assert len(read_transcript(path, duration_s=8.6)) == 5
    with pytest.raises(TranscriptError) as caught:
        read_transcript(path, duration_s=6.1)
    assert str(caught.value) == (
        f"{path}, line 6: speech from 6.25 s to 9 s, but the recording ends at 6.1 s; "
        "is it another recording's transcript, or in milliseconds?"
    )


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("t.csv", "", r"t\.csv: is empty"),
        ("t.csv", "start,stop,speaker,text\n", r"t\.csv: has no line of speech"),
        ("t.csv", "file,transcript\na,b\n", r"line 1: no column 'start', 'stop' among 'file', 'transcript'; "),
        ("t.csv", "start,stop,text\n0,1,hi\nsoon,3,there\n", r"line 3: the start is 'soon'; a time is in seconds"),
        ("t.csv", "start,stop,text\n0,1,hi\n5,3,there\n", r"t\.csv, line 3: runs backwards, from 5 s to 3 s"),
        ("t.csv", "start,stop,text\n0,1\n", r"t\.csv, line 2: 2 cells, but the header has more"),
        ("t.csv", 'start,stop,text\n0,1,"open\n', r"t\.csv, line \d: .*quotation mark"),
        ("t.csv", "start,stop,text\n-1,3,there\n", r"line 2: the start is '-1'"),
        ("t.srt", "hello\n", r"t\.srt: no line like '00:00:01,000 --> 00:00:02,500'"),
        ("t.srt", "1\n00:01 --> 2 s\nhi\n", r"t\.srt, line 2: '00:01 --> 2 s'; times are written"),
        ("t.vtt", "WEBVTT\n\n00:05.000 --> 00:03.000\nhi\n", r"t\.vtt, line 3: runs backwards"),
        ("t.json", "{", r"t\.json, line 1: not JSON"),
        ("t.json", '{"text": "hi"}', r"t\.json: no list 'segments'"),
        ("t.json", '{"segments": [{"start": 1, "text": "hi"}]}', r"segment 1: needs 'start' and 'end'.*got 1, None"),
        ("t.TextGrid", "no grid", r"t\.TextGrid: not a TextGrid that Praat wrote"),
        ("t.eaf", "<xml", r"t\.eaf: not a file that ELAN wrote"),
        ("t.docx", "words", r"told by its ending; '\.docx' is none of \.csv, \.tsv"),
    ],
)
def test_what_is_wrong_is_told(write_file: WriteFile, name: str, content: str, says: str) -> None:
    with pytest.raises(TranscriptError, match=says):
        read_transcript(write_file(name, content))


@pytest.mark.parametrize("name", ["t.csv", "t.srt", "t.vtt", "t.json", "t.eaf", "t.TextGrid"])
def test_what_is_not_utf8_is_told_with_its_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes("start,stop,text\n0,1,hi\n1,2,café\n".encode("latin-1"))
    with pytest.raises(
        TranscriptError, match=rf"{name}, line 3: isn't UTF-8 \(byte 0xE9\); save the transcript as UTF-8"
    ):
        read_transcript(path)


def test_a_transcript_that_is_not_there(tmp_path: Path) -> None:
    for name in ("t.csv", "t.TextGrid", "t.eaf"):
        with pytest.raises(TranscriptError, match=rf"{name}: can't be read \(No such file"):
            read_transcript(tmp_path / name)


def test_sentences_are_answers() -> None:
    assert [(s.segment, s.text) for s in sentences_of(EXPECTED)] == [
        (Segment(1.75, 5.0), "not so well I sleep badly, you know"),
        (Segment(6.25, 9.0), '"since" spring & before'),
    ]
    assert len(sentences_of(EXPECTED, merge=False)) == 3
    assert len(sentences_of(EXPECTED, longest_pause_s=0.2)) == 3
    assert len(sentences_of(EXPECTED, longest_pause_s=0.25)) == 2


def test_without_an_interviewer_nothing_is_merged_unless_by_pause() -> None:
    alone = [turn for turn in EXPECTED if turn.by_participant]
    assert len(sentences_of(alone)) == 3
    assert len(sentences_of(alone, longest_pause_s=0.5)) == 2


def test_nobody_elses_words_are_in_a_sentence() -> None:
    overlapping = [
        Turn(Segment(0, 4), PARTICIPANT, "well I"),
        Turn(Segment(1, 2), "interviewer", "go on"),
        Turn(Segment(3, 5), PARTICIPANT, "think so"),
    ]
    assert [s.text for s in sentences_of(overlapping)] == ["well I", "think so"]


def test_whisperx_gives_words_their_own_times(write_file: WriteFile) -> None:
    words = [{"word": "since", "start": 0.5, "end": 0.9, "score": 0.8}, {"word": "1999"}, {"word": "bad", "start": 1.0}]
    segment = {"start": 0.5, "end": 2.0, "text": "since 1999 bad", "words": words}
    transcript = read_transcript(write_file("t.json", json.dumps({"segments": [segment]})))
    assert transcript[0].words == (Word(Segment(0.5, 0.9), "since", 0.8),)
    assert sentences_of(transcript)[0].words == transcript[0].words
