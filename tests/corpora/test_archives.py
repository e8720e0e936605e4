"""Archives as they were downloaded: read without unpacking, whatever is wrong with them named and passed over."""

from __future__ import annotations

import io
import pickle
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from smfl.corpora import open_corpus
from smfl.features.extraction.fingerprint import fingerprint
from smfl.features.extraction.unpacked import named, on_disk
from smfl.features.settings import ExtractionSettings
from smfl.formats.archives import Member, members, opened
from smfl.interview import CallError, Entry, Interview, Problems

Writer = Callable[..., Path]


def packed(folder: Path, archive: Path, *, inside: str = "") -> Path:
    """A session's files in a zip, the folder gone."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(folder.iterdir()):
            if not path.name.startswith("._"):
                file.write(path, inside + path.name)
            path.unlink()
    folder.rmdir()
    return archive


@pytest.fixture
def unpacked(daic: Path) -> Interview:
    """Session 300 as it is read from its folder, and the signals with it."""
    return open_corpus(daic).read("300")


@pytest.fixture
def zipped(daic: Path, unpacked: Interview) -> Path:
    """The same corpus with session 300 in its archive."""
    for read in unpacked.signals.values():
        read()
    packed(daic / "300_P", daic / "300_P.zip")
    return daic


@pytest.mark.parametrize("inside", ["", "300_P/", "300_P/300_P/"])
def test_an_archive_reads_as_its_folder(daic: Path, inside: str, tmp_path: Path) -> None:
    before = open_corpus(daic).read("300")
    signals = {name: read() for name, read in before.signals.items()}
    packed(daic / "300_P", daic / "300_P.zip", inside=inside)
    cohort = open_corpus(daic)
    assert cohort.keys == ("300", "302", "370")
    after = pickle.loads(pickle.dumps(cohort)).read("300")
    assert (after.sentences, after.turns, after.label) == (before.sentences, before.turns, before.label)
    for name, read in after.signals.items():
        signal = read()
        np.testing.assert_array_equal(signal.values, signals[name].values)
        assert signal.notes == signals[name].notes
    assert after.recording is None
    assert str(after.packed) == f"{daic}/300_P.zip/{inside}300_AUDIO.wav"


def test_a_packed_recording_is_on_disk_while_it_is_measured(zipped: Path) -> None:
    interview = open_corpus(zipped).read("300")
    with on_disk(interview) as measured:
        assert measured.recording is not None
        assert (measured.recording.name, measured.recording.read_bytes()) == ("300_AUDIO.wav", b"RIFF")
        assert fingerprint(measured, ExtractionSettings(), {}) != fingerprint(interview, ExtractionSettings(), {})
        lines = (Entry("300", "cut", "a sentence", str(measured.recording)),)
        assert named(lines, measured, interview)[0].where == f"{zipped}/300_P.zip/300_AUDIO.wav"
    assert not measured.recording.exists()


def test_another_content_has_another_fingerprint(zipped: Path) -> None:
    before = fingerprint(open_corpus(zipped).read("300"), ExtractionSettings(), {})
    assert before == fingerprint(open_corpus(zipped).read("300"), ExtractionSettings(), {})
    rewritten(zipped / "300_P.zip", {"300_FORMANT.csv": b"1,2,3,4,5\n"})
    assert before != fingerprint(open_corpus(zipped).read("300"), ExtractionSettings(), {})


def rewritten(archive: Path, change: dict[str, bytes]) -> None:
    """The archive with other or further members."""
    with zipfile.ZipFile(archive) as file:
        content = {info.filename: file.read(info) for info in file.infolist()} | change
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in content.items():
            file.writestr(name, data)


def skipped(root: Path) -> list[str]:
    """What session 300's ledger says was skipped; the session itself is whole."""
    interview = open_corpus(root).read("300")
    assert interview.sentences
    assert len(interview.signals) == 3
    return [entry.what for entry in interview.ledger if entry.action == "skipped"]


@pytest.mark.parametrize("path", ["../300_COVAREP.csv", "/etc/300_COVAREP.csv", "C:\\300_COVAREP.csv", "a/../../b.csv"])
def test_paths_that_climb_out_are_passed_over(zipped: Path, path: str) -> None:
    rewritten(zipped / "300_P.zip", {path: b"1"})
    shown = path.replace("\\", "/") if "\\" in path and zipfile.ZipInfo(path).filename != path else path
    assert skipped(zipped) == [f"300_P.zip: {shown!r} leads out of its folder"]


def test_a_member_that_would_grow_too_much_is_passed_over(zipped: Path) -> None:
    rewritten(zipped / "300_P.zip", {"300_CLNF_hog.bin": bytes(30 * 2**20)})
    (line,) = skipped(zipped)
    assert line.startswith("300_P.zip: '300_CLNF_hog.bin' would grow 10")
    assert line.endswith("times; at most 200 times are believed")


def test_a_member_that_is_too_large_is_passed_over(zipped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smfl.formats.archives.MOST_BYTES", 2**19)
    rewritten(zipped / "300_P.zip", {"300_CLNF_hog.bin": np.random.default_rng(0).bytes(2**20)})
    assert skipped(zipped) == [
        "300_P.zip: '300_CLNF_hog.bin' would unpack to 0.0 GiB; at most 0.000488281 GiB are read"
    ]


def test_links_are_passed_over(zipped: Path) -> None:
    link = zipfile.ZipInfo("300_CLNF_features.txt")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(zipped / "300_P.zip", "a") as file:
        file.writestr(link, "/etc/passwd")
    assert skipped(zipped) == ["300_P.zip: '300_CLNF_features.txt' is a link"]


def test_members_of_other_sessions_are_named(zipped: Path) -> None:
    rewritten(zipped / "300_P.zip", {"301_COVAREP.csv": b"1", "readme.txt": b"hi", "__MACOSX/._300_AUDIO.wav": b"0"})
    assert skipped(zipped) == [
        "300_P.zip: '__MACOSX/._300_AUDIO.wav' is a shadow file of macOS, which holds no data",
        "2 files that aren't this session's: 301_COVAREP.csv, readme.txt",
    ]


def test_a_damaged_archive_is_one_sessions_fault(zipped: Path) -> None:
    (zipped / "440_P.zip").write_bytes((zipped / "300_P.zip").read_bytes()[:5000])
    cohort = open_corpus(zipped)
    assert cohort.keys == ("300", "302", "370", "440")
    with pytest.raises(Problems) as caught:
        cohort.read("440")
    assert caught.value.problems == (
        "440_P.zip: a damaged archive (File is not a zip file); download it again",
        "the archive was reported to be damaged at its source (two users' reports)",
    )
    assert cohort.read("300").sentences


def test_damage_inside_is_found_by_its_checksum(zipped: Path) -> None:
    archive = zipped / "300_P.zip"
    with zipfile.ZipFile(archive) as file:
        info = file.getinfo("300_COVAREP.csv")
        begin = info.header_offset + 30 + len(info.filename) + info.compress_size // 2
    data = bytearray(archive.read_bytes())
    data[begin : begin + 40] = bytes(40)
    archive.write_bytes(bytes(data))
    interview = open_corpus(zipped).read("300")
    assert len(interview.signals["formant"]()) == 600
    with pytest.raises(Problems, match=r"300_P\.zip: damaged at 300_COVAREP\.csv .*; download the archive again"):
        interview.signals["covarep"]()


def test_unpacked_files_go_before_their_archive(daic: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(daic / "300_P.zip", "w") as file:
        file.write(daic / "300_P" / "300_TRANSCRIPT.csv", "300_TRANSCRIPT.csv")
    interview = open_corpus(daic).read("300")
    assert interview.packed is None
    assert "8 of its files are there unpacked, which are read" in [entry.what for entry in interview.ledger]


def test_an_archive_without_its_session(daic: Path) -> None:
    with zipfile.ZipFile(daic / "301_P.zip", "w") as file:
        file.writestr("notes.txt", "hi")
    with pytest.raises(Problems, match=r"301_P\.zip: holds no file of session 301"):
        open_corpus(daic).read("301")


def test_tars_are_read_in_one_pass(tmp_path: Path) -> None:
    archive = tmp_path / "300_P.tar.gz"
    with tarfile.open(archive, "w:gz") as file:
        for name, data in (("300_P/300_AUDIO.wav", b"RIFF"), ("300_P/features/a.mat", b"0"), ("../b.csv", b"1")):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            file.addfile(info, io.BytesIO(data))
        link = tarfile.TarInfo("300_P/c.csv")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        file.addfile(link)
    found, faults = members(archive)
    assert found == [Member(archive, "300_P/300_AUDIO.wav", 4), Member(archive, "300_P/features/a.mat", 1)]
    with pytest.raises(Problems, match=r"damaged at a\.mat \(files named like a\.mat aren't read\)"), opened(found[1]):
        pass
    assert faults == ["300_P.tar.gz: '../b.csv' leads out of its folder", "300_P.tar.gz: '300_P/c.csv' is a link"]
    with opened(found[0]) as stream:
        assert stream.read() == b"RIFF"
    assert found[0].digest() == found[0].digest()
    archive.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
    with pytest.raises(Problems, match=r"300_P\.tar\.gz: a damaged archive \(.*\); download it again"):
        members(archive)


def test_a_tar_that_grows_too_much_is_left(tmp_path: Path) -> None:
    archive = tmp_path / "300_P.tar.gz"
    with tarfile.open(archive, "w:gz") as file:
        for name in ("small.csv", "large.mat"):
            info = tarfile.TarInfo(name)
            info.size = 4 if name == "small.csv" else 30 * 2**20
            file.addfile(info, io.BytesIO(bytes(info.size)))
    found, faults = members(archive)
    assert [member.name for member in found] == ["small.csv"]
    with pytest.raises(Problems, match=r"gone\.csv: not there"), opened(tmp_path / "gone.csv"):
        pass
    assert len(faults) == 1
    assert "'large.mat' would grow" in faults[0]
    assert faults[0].endswith("times are believed; nothing after it is read")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
def test_a_full_disk_is_no_damaged_archive(zipped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interview = open_corpus(zipped).read("300")
    monkeypatch.setattr("smfl.features.extraction.unpacked.Path", lambda *_: Path("/dev/full"))
    full = r"can't hold 300_AUDIO\.wav of 0 MB while it is measured \(No space left"
    with pytest.raises(CallError, match=full), on_disk(interview):
        raise AssertionError("there is no room for it")
