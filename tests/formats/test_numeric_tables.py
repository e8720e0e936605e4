"""Tables of numbers: Arrow gives what Python gives, to the bit, or leaves the table to the reader by cell."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smfl.formats import numeric_tables
from smfl.formats.archives import File, members
from smfl.formats.numeric_tables import INFINITE, MISSING, Table, read_columns, stacked
from smfl.interview import FeatureError, Problems

NAN = float("nan")


def meaning(cell: str) -> float:
    """What Python makes of a cell."""
    text = cell.strip()
    return NAN if text in (*MISSING, *INFINITE) else float(text)


def refuse(*_: object) -> None:
    raise AssertionError("the table was read cell by cell")


def read(path: Path, content: str, width: int, *, exact: bool) -> Table:
    """A table without a header, its infinite values missing."""
    path.write_bytes(content.encode())
    names = [f"c{k}" for k in range(width)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numeric_tables, "SMALL_BYTES", -1)
        return read_columns(path, names, header=False, exact=names if exact else (), infinite_is_missing=True)


def same(found: np.ndarray[Any, Any], expected: np.ndarray[Any, Any]) -> bool:
    """Equal to the bit, but for the kinds of nan."""
    bits = np.uint32 if found.dtype == np.float32 else np.uint64
    both = np.isnan(found) & np.isnan(expected)
    return found.dtype == expected.dtype and bool((both | (found.view(bits) == expected.view(bits))).all())


signs = st.sampled_from(["", "-", "+"])
digits = st.text("0123456789", max_size=25)
plain = st.builds(
    lambda sign, whole, point, part, power: sign + (whole or "0") + point + (part if point else "") + power,
    signs,
    digits,
    st.sampled_from(["", "."]),
    digits,
    st.one_of(st.just(""), st.builds("{}{}{}".format, st.sampled_from("eE"), signs, st.integers(0, 400))),
)
written = st.floats(allow_nan=False).flatmap(
    lambda value: st.sampled_from(
        [repr(value), f"{value:.5g}", f"{value:.6e}", f"{value:.18e}", f"{value:.9g}", f"{value:.8e}"]
    )
)
short = st.builds(
    lambda value, places: f"{value / 10**places:.{places}f}", st.integers(-(10**9), 10**9), st.integers(0, 8)
)
cells = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "", " ", "  "]),
    st.one_of(plain, written, short, st.sampled_from([*MISSING, *INFINITE, "inf", "-Inf", "1_000", ".5", "5."])),
    st.sampled_from(["", "", "", " "]),
)


@settings(max_examples=400, deadline=None)
@given(
    rows=st.integers(1, 6).flatmap(lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1)),
    exact=st.booleans(),
)
@np.errstate(over="ignore")
def test_numbers_are_pythons_to_the_bit(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], exact: bool
) -> None:
    rows = [row for row in rows if row != [""]]  # an empty line is no row
    width = len(rows[0]) if rows else 1
    content = "".join(",".join(row) + "\n" for row in rows)
    table = read(tmp_path_factory.getbasetemp() / "bits.csv", content, width, exact=exact)
    expected = np.array([[meaning(cell) for cell in row] for row in rows]).reshape(-1, width)
    expected = expected if exact else expected.astype(np.float32)
    assert same(table.instants if exact else table.block, np.where(np.isinf(expected), np.nan, expected))


@pytest.mark.parametrize(
    "cell",
    [
        *("0", "-0", "7", "-12.5", "0.1", "1234567", "123456.7", "12345678.9", "1e5", "2.5E-3", ".5", "5.", "0e999"),
        *("1.234567890123456", "-0.12345678901234567", "9.8765432109876543e-05", "1.000000000000000000e+00"),
        *(*MISSING, *INFINITE),
    ],
)
def test_what_tables_usually_hold_is_not_read_cell_by_cell(
    tmp_path: Path, cell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numeric_tables, "_read_by_cell", refuse)
    for written in (cell, f" {cell}", f"{cell} ", f'"{cell}"'):
        table = read(tmp_path / "c.csv", f"1,{written},3\n{written},2,{written}\n", 3, exact=True)
        value = meaning(cell)
        np.testing.assert_array_equal(table.instants, [[1, value, 3], [value, 2, value]])


def near_middles(rng: np.random.Generator) -> list[str]:
    """Decimals at the middle between two float32, or a double beside it, where the last digit decides."""
    odd = 2 * rng.integers(2**23, 2**24, 20_000) + 1
    values = np.ldexp(odd + rng.integers(-1, 2, len(odd)) * 2.0**-28, rng.integers(-40, 30, len(odd)))
    return [
        f"{value:.{digits}e}" for value, digits in zip(values.tolist(), rng.integers(14, 19, len(odd)), strict=True)
    ]


def at_the_edges_of_exactness(rng: np.random.Generator) -> list[str]:
    """Integers of about 53 bits times powers of ten about 10^22: just what one operation gets right, and just not."""
    integers = rng.integers(2**51, 2**55, 20_000).tolist()
    powers = rng.choice([-24, -23, -22, -21, -1, 0, 1, 21, 22, 23, 24], len(integers)).tolist()
    return [f"{integer}e{power}" for integer, power in zip(integers, powers, strict=True)]


@np.errstate(over="ignore")
@pytest.mark.parametrize("made", [near_middles, at_the_edges_of_exactness])
def test_where_the_last_bit_is_decided(tmp_path: Path, made: Callable[[np.random.Generator], list[str]]) -> None:
    cells = made(np.random.default_rng(0))
    content, expected = "".join(f"{cell}\n" for cell in cells), np.array([[float(cell)] for cell in cells])
    assert same(read(tmp_path / "c.csv", content, 1, exact=True).instants, expected)
    single = expected.astype(np.float32)
    single[np.isinf(single)] = np.nan
    assert same(read(tmp_path / "c.csv", content, 1, exact=False).block, single)


def test_pieces_may_end_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of every size, so that one ends at each byte of the file, also within a line."""
    content = "".join(f"{k},{k / 7:.{k % 9}f}, {-k * 1e3!r},-1.#IND\r\n" + "\n" * (k % 5 == 0) for k in range(20))
    expected = [[k, float(f"{k / 7:.{k % 9}f}"), -k * 1e3, NAN] for k in range(20)]
    for size in range(1, len(content) + 2):
        monkeypatch.setattr(numeric_tables, "PIECE_BYTES", size)
        for written in (content, content.rstrip()):
            np.testing.assert_array_equal(read(tmp_path / "c.csv", written, 4, exact=True).instants, expected)


def outcome(path: File, small: int, wanted: Sequence[str], *, header: bool, width: int) -> Any:
    """What reading a file comes to: a table, or the sentence that refuses it."""
    names = [f"c{k}" for k in range(width)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numeric_tables, "SMALL_BYTES", small)
        try:
            return read_columns(path, names, header=header, wanted=wanted, exact=("c0",))
        except (Problems, FeatureError) as fault:
            return str(fault)


def assert_both_ways_agree(path: File, wanted: Sequence[str], *, header: bool, width: int) -> Any:
    slow, fast = (outcome(path, small, wanted, header=header, width=width) for small in (1 << 40, -1))
    if isinstance(slow, str) or isinstance(fast, str):
        assert slow == fast
    else:
        assert list(slow) == list(fast) == list(wanted)
        for name in wanted:
            assert same(np.ascontiguousarray(fast[name]), np.ascontiguousarray(slow[name])), name
    return fast


ODD = {
    "CRLF": ("c0,c1,c2\r\n1,2,3\r\n4,5,6\r\n", 2),
    "no final newline": ("c0,c1,c2\n1,2,3\n4,5,6", 2),
    "BOM": ("\ufeffc0,c1,c2\n1,2,3\n", 1),
    "empty lines": ("c0,c1,c2\n\n1,2,3\n\r\n\n4,5,6\n\n\n", 2),
    "a line of spaces": ("c0,c1,c2\n1,2,3\n   \n4,5,6\n", 2),
    "rows of empty cells stay": ("c0,c1,c2\n,,\n1,2,3\n , ,\n", 3),
    "quoted": ('"c0","c1","c2"\n"1","a,b",3\n"4","5,""6",7\n', 2),
    "a newline in quotes": ('c0,c1,c2\n1,"a\nb",3\n', 1),
    "a newline in the header's quotes": ('c0,"c\n1",c2\n1,2,3\n', 1),
    "returns only": ("c0,c1,c2\r1,2,3\r4,5,6\r", 2),
    "a return in a word": ("c0,c1,c2\n1,a\rb,3\n", "c.csv, row 2: 2 cells; expected 3, one a column"),
    "tabs around numbers": ("c0,c1,c2\n1\t,2,\t3\n", 1),
    "header only": ("c0,c1,c2\n", 0),
    "nothing": ("", 0),
    "a word": ("c0,c1,c2\n1,2,x\n", "c.csv, row 2, column 'c2': 'x'; expected a number, or nan where missing"),
    "two signs": ("c0,c1,c2\n1,2,+-3\n", "c.csv, row 2, column 'c2': '+-3'; expected a number, or nan where missing"),
    "no exponent": ("c0,c1,c2\n1,2,3e\n", "c.csv, row 2, column 'c2': '3e'; expected a number, or nan where missing"),
    "one quote": ('c0,c1,c2\n1,2,3"\n', "c.csv, row 2, column 'c2': '3\"'; expected a number, or nan where missing"),
    "cut off": ("c0,c1,c2\n1,2,3\n4,5", "c.csv, row 3: 2 cells; expected 3, one a column"),
    "a cell too many": ("c0,c1,c2\n1,2,3,4\n", "c.csv, row 2: 4 cells; expected 3, one a column"),
    "infinite": ("c0,c1,c2\n1,2,3\n\n4,2,-inf\n", "c.csv, row 3, column 'c2': -inf; expected a finite number"),
    "infinite in float32": ("c0,c1,c2\n1,2,1e39\n", "c.csv, row 2, column 'c2': inf; expected a finite number"),
    "infinite by Microsoft": ("c0,c1,c2\n1,2,1.#INF\n", 1),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_tables_are_the_same_read_either_way(tmp_path: Path, name: str) -> None:
    content, expected = ODD[name]
    path = tmp_path / "c.csv"
    path.write_bytes(content.encode())
    found = assert_both_ways_agree(path, ("c2", "c0"), header=True, width=3)
    if isinstance(expected, str):
        assert expected in found
    else:
        assert len(found["c0"]) == expected


@settings(max_examples=1500, deadline=None)
@given(
    content=st.text(st.sampled_from('0123456789.,,,,-+eE" \t\r\n\n\nnaif#_x'), max_size=60),
    header=st.booleans(),
    width=st.integers(1, 3),
)
def test_whatever_a_file_holds_both_ways_agree(
    tmp_path_factory: pytest.TempPathFactory, content: str, header: bool, width: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "c.csv"
    path.write_bytes(content.encode())
    for wanted in ([f"c{k}" for k in range(width)], ["c0"]):
        assert_both_ways_agree(path, wanted, header=header, width=width)


def test_members_of_archives_are_read_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numeric_tables, "PIECE_BYTES", 1 << 12)
    monkeypatch.setattr(numeric_tables, "SMALL_BYTES", 0)
    values = np.random.default_rng(0).normal(size=(3000, 3))
    path = tmp_path / "c.csv"
    path.write_text("".join(f"{a!r}, {b:.4f}, {c:.2e}\n" for a, b, c in values.tolist()), encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "c.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, "c.csv")
    (member,) = members(tmp_path / "c.zip")[0]
    plain, packed = (read_columns(file, ("a", "b", "c"), header=False, exact=("a",)) for file in (path, member))
    np.testing.assert_array_equal(plain["a"], values[:, 0])
    for name in plain:
        np.testing.assert_array_equal(plain[name], packed[name])


def test_columns_side_by_side_are_no_copy() -> None:
    table = Table(("t", "x", "y"), ("x", "y"), np.arange(6, dtype="f4").reshape(3, 2), ("t",), np.zeros((3, 1)))
    assert np.shares_memory(stacked(table, ("x", "y")), table.block)
    np.testing.assert_array_equal(stacked(table, ("y", "x")), table.block[:, ::-1])
    np.testing.assert_array_equal(stacked(table, ("t", "y")), [[0, 1], [0, 3], [0, 5]])
    assert len(table) == 3
    with pytest.raises(KeyError):
        table["z"]
