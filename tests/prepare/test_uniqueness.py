from __future__ import annotations

import gc
import hashlib
import stat
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rokt_helpers.audience import uniqueness
from rokt_helpers.audience.stored import Identifiers
from rokt_helpers.audience.uniqueness import EachOnce

CELLS = [f"person{number % 700}@example.com" for number in range(1_000)]


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The place for temporary files, and nothing in it."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def piece(cells: list[str], *, key: int | None = None) -> pl.DataFrame:
    text = pl.Series("identifier", cells, dtype=pl.String)
    keys = text.hash() if key is None else pl.repeat(key, len(cells), dtype=pl.UInt64, eager=True)
    return pl.DataFrame({"identifier": text, "key": keys})


def collect(once: EachOnce, cells: list[str], *, by: int = 100) -> Identifiers:
    for start in range(0, len(cells), by):
        once.add(piece(cells[start : start + by]))
    return once.finish(lambda _: None)


@settings(max_examples=50, derandomize=True, deadline=None)
@given(st.lists(st.sampled_from("abcdefg"), max_size=40), st.integers(1, 9))
def test_each_is_kept_once_in_the_order_of_its_first_row(cells: list[str], by: int) -> None:
    """However the rows are cut into pieces, the first of each stays in its place."""
    found = collect(EachOnce("x"), cells, by=by)
    assert found.to_series().to_list() == list(dict.fromkeys(cells))
    assert len(found) == len(set(cells))


def test_a_hash_that_is_shared_decides_nothing() -> None:
    """Two texts of one hash are two identifiers."""
    once = EachOnce("x")
    once.add(piece(["a", "b", "a", "c"], key=7))
    assert once.finish(lambda _: None).to_series().to_list() == ["a", "b", "c"]


@pytest.mark.usefixtures("temporary")
def test_on_disk_the_same_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the limit the same identifiers are kept, each once, and every row is settled."""
    monkeypatch.setattr(uniqueness, "_FLUSH_ROWS", 150)
    once = EachOnce("email", spill_rows=200)
    readings: list[int] = []
    for start in range(0, 1_000, 100):
        once.add(piece(CELLS[start : start + 100]))
    found = once.finish(readings.append)
    assert sorted(found.to_series()) == sorted(set(CELLS))
    assert (len(found), found.to_series().name) == (700, "email")
    assert readings == sorted(readings)
    assert readings[-1] == once.rows == 1_000


def test_the_folder_is_private_and_goes_with_its_last_user(temporary: Path) -> None:
    """What lies on disk is for its owner only, and is gone with the identifiers."""
    found = collect(EachOnce("x", spill_rows=10), CELLS)
    (folder,) = temporary.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    piece_of_it = found.slice(0, 5)
    del found
    gc.collect()
    assert list(temporary.iterdir()) == []
    assert len(piece_of_it) == 5


def test_what_is_given_up_leaves_nothing(temporary: Path) -> None:
    """A collector that is told to forget removes its folder at once."""
    once = EachOnce("x", spill_rows=10)
    once.add(piece(CELLS))
    assert len(list(temporary.iterdir())) == 1
    once.discard()
    assert list(temporary.iterdir()) == []


@pytest.mark.usefixtures("temporary")
@pytest.mark.parametrize("spill_rows", [10, 10_000], ids=["on disk", "in memory"])
def test_slices_make_up_the_whole(spill_rows: int, tmp_path: Path) -> None:
    """Read in slices, as a whole, or written to a file: it is the same column in one order."""
    found = collect(EachOnce("x", spill_rows=spill_rows), CELLS)
    whole = found.to_series().to_list()
    slices = [found.slice(start, 64).to_list() for start in range(0, 700, 64)]
    assert [cell for cells in slices for cell in cells] == whole
    target = tmp_path / "out.csv"
    found.write(target)
    assert target.read_text(encoding="utf-8") == "".join(f"{cell}\n" for cell in whole)
    assert found.longest_bytes == len("person699@example.com")
    digest = hashlib.sha256("\n".join(sorted(set(CELLS))).encode()).digest()
    assert hashlib.sha256("\n".join(sorted(whole)).encode()).digest() == digest


def test_nothing_is_the_longest_of_nothing() -> None:
    """An empty column has no length, and slices of it are empty."""
    nothing = EachOnce("x").finish(lambda _: None)
    assert (len(nothing), nothing.longest_bytes, len(nothing.slice(0, 3))) == (0, 0, 0)
