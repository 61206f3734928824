from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from rokt_helpers import prepare_audience
from rokt_helpers.errors import InputError
from tests.prepare.zoo import CANARY, SHA256, UNUSABLE

ADDRESS = f"{CANARY}@{CANARY}.example"


def refusal(source: object, **options: Any) -> tuple[str, str]:
    """The message of the InputError a source gives, and all that a person could see of it."""
    with pytest.raises(InputError) as caught:
        prepare_audience(source, **options)
    seen = "".join(traceback.format_exception(caught.value, chain=True))
    return str(caught.value), seen + repr(caught.value)


def holds_no_value(seen: str) -> bool:
    return CANARY not in seen.lower() and SHA256[:7] not in seen


@pytest.mark.parametrize("name", UNUSABLE)
def test_an_unusable_file_is_refused_with_what_to_do(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """The message says what is wrong and what to do; no part of a cell is seen anywhere."""
    caplog.set_level(logging.DEBUG)
    bad = UNUSABLE[name]
    path = tmp_path / bad.name
    path.write_bytes(bad.content)
    message, seen = refusal(path, **dict(bad.options))
    assert [words for words in bad.says if words not in message] == []
    assert holds_no_value(seen + caplog.text + "".join(capfd.readouterr()))
    assert list(tmp_path.iterdir()) == [path]


def test_a_canary_would_be_seen() -> None:
    """The search finds a cell in a message and a digest in a traceback."""
    assert not holds_no_value(f"row 1: {ADDRESS.upper()}")
    assert not holds_no_value(f"digest {SHA256}")


def test_a_missing_file_says_where_it_was_looked_for(tmp_path: Path) -> None:
    """The whole path and the folder it was looked for from are named."""
    message, _ = refusal(tmp_path / "gone.csv")
    assert str(tmp_path / "gone.csv") in message
    assert str(Path.cwd()) in message


def test_a_folder_is_refused(tmp_path: Path) -> None:
    """A folder is no list; the message asks for one file in it."""
    assert "Name one file" in refusal(tmp_path)[0]


FRAMES: dict[str, tuple[Callable[[], object], str]] = {
    "a name that is an address": (lambda: pd.DataFrame({ADDRESS: [ADDRESS]}), "header=None"),
    "a name that is a digest": (lambda: pl.DataFrame({SHA256: ["x"]}), "header=None"),
    "no column": (pd.DataFrame, "no column"),
    "no row": (lambda: pd.DataFrame({"email": []}), "No address"),
    "no address": (lambda: pd.Series([CANARY, None], name="who"), "'who'"),
    "two columns": (
        lambda: pl.DataFrame({"a": [ADDRESS], "b": [ADDRESS]}),
        "'a' (100 %), 'b' (100 %)",
    ),
    "columns of one name": (
        lambda: pa.table([pa.array([ADDRESS]), pa.array([ADDRESS])], names=["a", "a"]),
        "a name of its own",
    ),
    "bytes": (lambda: pa.table({"e": pa.array([b"\xfe", b"\xff"])}), "No address"),
    "lists": (lambda: pl.DataFrame({"e": [[ADDRESS]]}), "No address"),
    "mixed": (lambda: pd.Series([ADDRESS, SHA256]), "mixed='hash'"),
    "a list": (lambda: [ADDRESS], "address or a digest"),
    "a dictionary": (lambda: {"email": [ADDRESS]}, "type dict"),
    "an index": (lambda: pd.Index([ADDRESS]), "type Index"),
    "nothing": (lambda: None, "type NoneType"),
}


@pytest.mark.parametrize("name", FRAMES)
def test_an_unusable_frame_is_refused_with_what_to_do(name: str) -> None:
    """What is in memory is refused in the same way, without a value of it."""
    make, words = FRAMES[name]
    message, seen = refusal(make())
    assert words in message
    assert holds_no_value(seen)


def test_columns_that_are_no_text_do_not_stop_a_frame() -> None:
    """Lists, records, bytes, objects and empty columns beside the addresses do no harm."""
    others = {"a": [[1]], "b": [{"c": 1}], "d": [b"\xff"], "e": [None], "f": [1.5]}
    anything = pl.Series("g", [object()], dtype=pl.Object)
    assert len(prepare_audience(pl.DataFrame({"email": [ADDRESS], **others}))) == 1
    assert len(prepare_audience(pl.DataFrame({"email": [ADDRESS]}).with_columns(anything))) == 1


@pytest.mark.parametrize("make", [pd.Series, pl.Series, lambda cells: pa.table({"e": cells})])
def test_bytes_are_read_as_utf_8(make: Callable[[list[Any]], object]) -> None:
    """As a warehouse hands text over that nobody marked as such; other bytes are unreadable."""
    prepared = prepare_audience(make([ADDRESS.encode(), b"\xff", None]))
    assert len(prepared) == 1
    assert prepared.rejected["reason"].to_list() == ["unreadable", "empty"]


def test_half_a_character_in_a_frame_is_unreadable() -> None:
    """Text that has no UTF-8 form is rejected as unreadable; a missing value as empty."""
    column = pd.Series(["ann@example.com", "a\ud800@example.com", None], dtype=object)
    rejected = prepare_audience(column).rejected
    assert rejected.to_dict("list") == {"row": [2, 3], "reason": ["unreadable", "empty"]}
