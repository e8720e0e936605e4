"""Tables of numbers: read plainly or cell by cell, a table gives what Python gives, to the bit."""

from __future__ import annotations

import tempfile
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


def read(content: str, columns: int, kind: str = "single", *, plainly: bool = True) -> Table:
    """A table without a header, read by Arrow alone where ``plainly`` is set."""
    names = [f"c{k}" for k in range(columns)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "c.csv"
        path.write_bytes(content.encode())
        exact = names if kind == "double" else ()
        if not plainly:
            return read_columns(path, names, header=False, exact=exact, infinite_is_missing=True)
        found = numeric_tables._read_by_arrow(path, names, False, names, exact, ",")
        assert found is not None, f"{content!r} was left to Python"
        return found


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
    rows=st.integers(1, 6).flatmap(lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1))
)
@pytest.mark.parametrize("kind", ["single", "double"])
@np.errstate(over="ignore")
def test_numbers_are_pythons_to_the_bit(kind: str, rows: list[list[str]]) -> None:
    rows = [row for row in rows if row != [""]]  # an empty line is no row
    content = "".join(",".join(row) + "\n" for row in rows)
    table = read(content, len(rows[0]) if rows else 1, kind, plainly=False)
    expected = np.array([[meaning(cell) for cell in row] for row in rows])
    expected[np.isinf(expected)] = np.nan
    if kind == "single":
        single = expected.astype(np.float32).reshape(table.block.shape)
        assert same(table.block, np.where(np.isinf(single), np.float32(np.nan), single))
    else:
        assert same(table.instants, expected.reshape(table.instants.shape))


@pytest.mark.parametrize(
    "cell",
    [
        "0",
        "-0",
        "7",
        "-12.5",
        "0.1",
        "1234567",
        "123456.7",
        "12345678.9",
        "1e5",
        "2.5E-3",
        "1.234567890123456",
        "-0.12345678901234567",
        "9.8765432109876543e-05",
        "1.000000000000000000e+00",
        ".5",
        "5.",
        "0e999",
    ],
)
def test_what_tables_usually_hold_is_not_left_to_python(cell: str) -> None:
    assert read(f"{cell}, {cell}\n", 2).block.tolist() == [[float(np.float32(float(cell)))] * 2]


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
def test_where_the_last_bit_is_decided(made: Callable[[np.random.Generator], list[str]]) -> None:
    cells = made(np.random.default_rng(0))
    content, expected = "".join(f"{cell}\n" for cell in cells), np.array([[float(cell)] for cell in cells])
    assert same(read(content, 1, "double").instants, expected)
    assert same(read(content, 1, "single").block, expected.astype(np.float32))


@pytest.mark.parametrize("spelling", [*MISSING, *INFINITE])
def test_spellings_of_no_number(spelling: str) -> None:
    for written in (spelling, f" {spelling}", f"{spelling} "):
        table = read(f"1,{written},3\n{written},2,{written}\n", 3, plainly=not written.endswith(" "))
        np.testing.assert_array_equal(table.block, [[1, NAN, 3], [NAN, 2, NAN]])


def outcome(path: File, plainly: bool, wanted: Sequence[str], *, header: bool, width: int) -> Any:
    """What reading a file comes to: a table, or the sentence that refuses it."""
    names = [f"c{k}" for k in range(width)]
    with pytest.MonkeyPatch.context() as patch:
        if not plainly:
            patch.setattr(numeric_tables, "_read_by_arrow", lambda *arguments: None)
        try:
            return read_columns(path, names, header=header, wanted=wanted, exact=("c0",))
        except (Problems, FeatureError) as fault:
            return str(fault)


def assert_both_ways_agree(path: File, wanted: Sequence[str], *, header: bool, width: int) -> Any:
    slow, fast = (outcome(path, plainly, wanted, header=header, width=width) for plainly in (False, True))
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
    "a row in the header's quotes": ('"c\n1,2,3",c1,c2\n4,5,6\n', 1),
    "an empty line first": ("\nc0,c1,c2\n1,2,3\n", "c.csv, row 2, column 'c2': 'c2'; expected a number"),
    "header only": ("c0,c1,c2\n", 0),
    "nothing": ("", 0),
    "a word": ("c0,c1,c2\n1,2,x\n", "c.csv, row 2, column 'c2': 'x'; expected a number, or nan where missing"),
    "a nan of Arrow's": ("c0,c1,c2\n1,2,nan(x)\n", "c.csv, row 2, column 'c2': 'nan(x)'; expected a number"),
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
    content, told = ODD[name]
    path = tmp_path / "c.csv"
    path.write_bytes(content.encode())
    found = assert_both_ways_agree(path, ("c2", "c0"), header=True, width=3)
    if isinstance(told, str):
        assert told in found
    else:
        assert len(found["c0"]) == told


def test_a_quote_left_open_within_a_row_is_left_to_python(tmp_path: Path) -> None:
    """Longer than a block of Arrow's, which would pass over what follows the quote within the block."""
    path, names = tmp_path / "c.csv", ["c0", "c1", "c2"]
    path.write_text('1,"2,3\n' + "1,2,3\n" * 200_000, encoding="utf-8")
    assert numeric_tables._read_by_arrow(path, names, False, ["c0"], (), ",") is None


@settings(max_examples=600, deadline=None)
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


def test_members_of_archives_are_read_alike(tmp_path: Path) -> None:
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
