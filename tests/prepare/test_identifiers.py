from __future__ import annotations

from itertools import product

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rokt_helpers import contract, hash_email, normalise_email
from rokt_helpers.errors import InputError
from rokt_helpers.identifiers import POISON_DIGESTS, canonical_text, looks_like
from tests.prepare import reference

# What breaks programs: white space of every kind, marks nobody sees, letters that change length or
# shape with their case, half-composed letters, quotes, NUL, and the signs an address is made of.
PIECES = (
    *(contract.WHITE_SPACE + contract.INVISIBLE),
    *"aZ9.@@@..--_+'\"\\;,:()\0\x01\x7f\x80\x9f",
    *"\u0130\u0131ßẞΣςK\u212bǅﬀé\u0301\uff21\uff20臺한\U0001f600",
    *("ΑΣ", "ΣΑ", "e\u0301", "S\u0323\u0307", "example.com", ".com", "ann", "ab" * 16, "x" * 63),
)
NASTY = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
ANY = st.text(st.characters(codec="utf-8").filter(reference.is_known), max_size=12)
NEARLY = st.builds("{}@{}.{}".format, ANY, ANY, ANY)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.lists(NASTY | ANY | NEARLY, min_size=1, max_size=30))
def test_the_kernel_is_the_rule(cells: list[str]) -> None:
    """Canonical form and digest are those of the plain twin, whatever a cell holds."""
    column = pd.Series(cells, dtype="str")
    wanted = [reference.digest(cell) for cell in cells]
    assert [None if pd.isna(value) else value for value in hash_email(column)] == wanted
    canonical = pl.DataFrame({"cell": cells}).select(canonical_text(pl.col("cell"))).to_series()
    assert canonical.to_list() == [reference.canonical(cell) for cell in cells]


def test_every_character_is_treated_by_the_rule() -> None:
    """Each of Unicode's characters, between two letters, is kept, lowered or removed as said.

    The kernel's Unicode tables may be newer than Python's, so what Python does not know is left
    out: case and composition of characters that were assigned since.
    """
    known = [char for code in range(0x110000) if reference.is_known(char := chr(code))]
    cells = pl.DataFrame({"cell": [f"a{char}b" for char in known]})
    got = cells.select(canonical_text(pl.col("cell"))).to_series().to_list()
    wanted = [reference.canonical(f"a{char}b") for char in known]
    assert [
        ord(c) for c, ours, theirs in zip(known, got, wanted, strict=True) if ours != theirs
    ] == []


def test_the_canonical_form_is_final() -> None:
    """Taking the canonical form of a canonical form changes nothing."""
    cells = pl.DataFrame({"cell": ["".join(pair) for pair in product(PIECES, PIECES)]})
    once = cells.select(canonical_text(pl.col("cell")))
    assert once.select(canonical_text(pl.col("cell"))).equals(once)


@pytest.mark.parametrize("text", [None, "", " ", "ann", "nan", "a\ud800@example.com", "\ud800"])
def test_what_is_no_address_gives_none(text: str | None) -> None:
    """Neither the canonical form nor the digest is made up for what cannot be an address."""
    assert (normalise_email(text), hash_email(text)) == (None, None)


def test_a_digest_is_not_hashed_again() -> None:
    """The digest of a digest would match nobody, so there is none."""
    assert hash_email(hash_email("ann@example.com")) is None


ADDRESSES = ["ann@example.com", " Bob@Example.COM", "ann@example.com", None, "not one"]
DTYPES = ["str", "object", "string", "string[python]", "category", "string[pyarrow]"]
INDEXES = {
    "repeated": pd.Index([7, 7, 7, 9, 9]),
    "words": pd.Index(list("abcde"), name="key"),
    "floats": pd.Index([0.5, 0.25, 3, 1, 2]),
    "levels": pd.MultiIndex.from_product([[1], [1, 1, 2, 2, 3]]),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES)
def test_a_series_keeps_its_shape(dtype: str, index: pd.Index) -> None:
    """A pandas column of any text type keeps length, index and name, and its digests are equal."""
    column = pd.Series(ADDRESSES, index=index, name="who", dtype=dtype)
    digests = hash_email(column)
    pd.testing.assert_index_equal(digests.index, index)
    assert digests.name == "who"
    assert digests.isna().tolist() == [False, False, False, True, True]
    assert digests.dropna().tolist() == [hash_email(a) for a in ADDRESSES[:2] + ADDRESSES[:1]]
    assert normalise_email(column).dropna().tolist()[1] == "bob@example.com"


@pytest.mark.parametrize("values", [[], [None, None], [float("nan")], [1, 2], [b"\xff"]])
def test_a_series_without_addresses(values: list[object]) -> None:
    """Empty, missing, numbers or bytes that are no text give as many missing values."""
    assert hash_email(pd.Series(values, dtype=object)).isna().tolist() == [True] * len(values)


def test_the_column_of_the_caller_is_unchanged() -> None:
    """Hashing makes a new column and leaves the old one alone."""
    column = pd.Series(ADDRESSES, dtype=object)
    before = column.copy(deep=True)
    hash_email(column)
    pd.testing.assert_series_equal(column, before)


@pytest.mark.parametrize("dtype", ["object", "string[python]"])
def test_half_a_character_does_not_stop_a_column(dtype: str) -> None:
    """Text without a UTF-8 form is missing in the answer; its neighbours have their digests."""
    column = pd.Series(["a\ud800@example.com", "ann@example.com"], dtype=dtype)
    assert hash_email(column).isna().tolist() == [True, False]


@pytest.mark.parametrize("wrong", [["ann@example.com"], b"ann@example.com", 3])
def test_other_shapes_are_refused(wrong: object) -> None:
    """A list, bytes or a number is refused with a sentence that shows none of it."""
    with pytest.raises(InputError, match=type(wrong).__name__) as caught:
        hash_email(wrong)  # type: ignore[call-overload]
    assert "ann" not in str(caught.value)


@pytest.mark.parametrize(
    ("cell", "looks"),
    [
        ("ann@example", "email"),
        (" \u200b", None),
        (None, None),
        ("ann", "other"),
        ("A" * 32, "MD5"),
        ("a" * 40, "SHA-1"),
        ("a" * 56, "SHA-224"),
        (" " + "a" * 64 + "\r", "SHA-256"),
        ("a" * 96, "SHA-384"),
        ("a" * 128, "SHA-512"),
        ("g" * 64, "other"),
    ],
)
def test_what_a_cell_looks_like(cell: str | None, looks: str | None) -> None:
    """A look tells addresses, digests by their length, other words and blanks apart."""
    frame = pl.DataFrame({"cell": [cell]}, schema={"cell": pl.String})
    assert frame.select(looks_like(pl.col("cell"))).item() == looks


def test_there_is_a_poison_digest_for_each_placeholder() -> None:
    """Every word that exports write for a missing value is known by its digest."""
    assert len(POISON_DIGESTS) == len(set(contract.PLACEHOLDERS))
