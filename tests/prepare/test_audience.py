from __future__ import annotations

import dataclasses
import stat
import tempfile
from pathlib import Path
from typing import Any, get_args

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rokt_helpers import PreparedAudience, hash_email, prepare_audience
from rokt_helpers.audience import Mixed, Output, uniqueness
from rokt_helpers.errors import ContractError, InputError
from rokt_helpers.plan import Limits, Target, make_plan
from rokt_helpers.redact import mask
from tests.prepare import reference

LIST = ["Ann@Example.com ", "bob@example.com", "ann@example.com", "nobody", None]
PLAIN = ["ann@example.com", "bob@example.com"]


@pytest.fixture
def prepared() -> PreparedAudience:
    return prepare_audience(pd.Series(LIST, name="email"))


def test_the_summary_adds_up(prepared: PreparedAudience) -> None:
    """Rows in are accepted, duplicates and rejected, and the source says what was found."""
    assert prepared.summary == {
        "rows_in": 5,
        "accepted": 2,
        "duplicates": 1,
        "rejected": 2,
        "rejected_by_reason": {"empty": 1, "no_at_sign": 1},
        "advice_applied": {},
        "corrected": 0,
        "source": {
            "name": "Series", "encoding": None, "delimiter": None, "header": None, "sheet": None,
            "column": "email", "kind": "email",
            "evidence": "its first 4 filled cells: 75 % addresses, 25 % neither",
        },
    }  # fmt: skip
    assert prepared.rejected.to_dict("list") == {"row": [4, 5], "reason": ["no_at_sign", "empty"]}


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.lists(st.sampled_from([*LIST, "", "a@@b.co", "c@d.eu", "C@D.eu"]), max_size=40))
def test_the_sums_of_any_list_add_up(cells: list[str | None]) -> None:
    """However often people stand in a list, each row is counted once, each person kept once."""
    prepared = prepare_audience(pl.Series("email", ["zoe@example.com", *cells]))
    s = prepared.summary
    assert s["rows_in"] == len(cells) + 1 == s["accepted"] + s["duplicates"] + s["rejected"]
    digests = [reference.digest(cell or "") for cell in ("zoe@example.com", *cells)]
    assert prepared.identifiers.to_list() == list(dict.fromkeys(d for d in digests if d))
    assert s["duplicates"] == len([d for d in digests if d]) - s["accepted"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"rows_in": 6},
        {"duplicates": 0},
        {"accepted": 3, "duplicates": 0},
        {"rejected_by_reason": {}},
        {"corrected": 1},
    ],
)
def test_sums_that_do_not_add_up_stop_everything(
    prepared: PreparedAudience, wrong: dict[str, Any]
) -> None:
    """An audience whose sums are wrong cannot come into being."""
    with pytest.raises(ContractError, match="bug in the workbench"):
        dataclasses.replace(prepared, summary=prepared.summary | wrong)


def test_a_list_too_long_for_memory_is_prepared_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sums, the people, the file and a plan's batches are those of a list in memory."""
    cells = [f"Person{number % 900}@example.com" for number in range(1_500)] + LIST
    short = prepare_audience(pl.Series("email", cells))
    monkeypatch.setattr(uniqueness, "SPILL_ROWS", 500)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    long = prepare_audience(pl.Series("email", cells))
    assert list((tmp_path / "temporary").iterdir()) != []
    assert (long.summary, repr(long)) == (short.summary, repr(short))
    assert sorted(long.identifiers) == sorted(short.identifiers)
    assert long.write(tmp_path / "out.csv").read_text().split() == long.identifiers.to_list()
    target = Target("sandbox", "api", "1", "127.0.0.1:1", "VIP", "include")
    plan = make_plan(long, target=target, limits=Limits(400), plan_id="1")
    plan.prove_seal()
    batches = [plan.identifiers(batch).to_list() for batch in plan.batches]
    assert [len(batch) for batch in batches] == [400, 400, 102]
    assert [cell for batch in batches for cell in batch] == long.identifiers.to_list()


@pytest.mark.parametrize("mixed", get_args(Mixed))
def test_what_stands_far_below_counts_too(mixed: Mixed) -> None:
    """Digests below the rows that were looked at first make a list a mixed one all the same."""
    cells = [f"person{number}@example.com" for number in range(20_000)]
    digests = [str(hash_email(cells[0])), "f" * 64]
    if mixed == "refuse":
        with pytest.raises(InputError, match="mixes 20,000 addresses and 2 SHA-256 digests"):
            prepare_audience(pl.Series(cells + digests))
        return
    prepared = prepare_audience(pl.Series(cells + digests), mixed=mixed)
    assert prepared.summary["source"]["kind"] == "mixed"
    assert (len(prepared), prepared.summary["duplicates"]) == (20_001, 1)


def test_to_pandas_gives_one_text_column(prepared: PreparedAudience) -> None:
    """The column is named for what it holds, and each accepted person is one row."""
    digests = [hash_email(address) for address in PLAIN]
    assert prepared.to_pandas().to_dict("list") == {"sha256": digests}
    plain = prepare_audience(pd.Series(LIST), output="plain")
    assert plain.to_pandas().to_dict("list") == {"email": PLAIN}
    assert (prepared.identifier, plain.identifier, len(plain)) == ("sha256", "email", 2)


@pytest.mark.parametrize("output", get_args(Output))
@pytest.mark.parametrize("mixed", get_args(Mixed))
def test_nothing_personal_is_shown(output: Output, mixed: Mixed) -> None:
    """Neither the short form nor the HTML form nor the summary holds a value."""
    frame = pd.DataFrame({"email": LIST})
    prepared = prepare_audience(frame, output=output, mixed=mixed)
    shown = repr(prepared) + str(prepared) + prepared._repr_html_() + str(prepared.summary)
    digests = [str(hash_email(address)) for address in PLAIN]
    assert [value for value in PLAIN + digests + ["nobody"] if value in shown.lower()] == []
    assert "2 sha256 identifiers from 5 rows" in repr(prepare_audience(frame))


@pytest.mark.parametrize("name", ["out.csv", "out.TXT", "an out.txt"])
def test_a_file_is_written_as_rokt_takes_it(
    name: str, prepared: PreparedAudience, tmp_path: Path
) -> None:
    """One digest a line, no header, line feeds, readable by its owner only, nothing beside it."""
    path = prepared.write(str(tmp_path / name))
    digests = [str(hash_email(address)) for address in PLAIN]
    assert path.read_bytes() == "".join(f"{digest}\n" for digest in digests).encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_plain_addresses_are_written_without_quotes(tmp_path: Path) -> None:
    """Letters outside English are UTF-8; no cell is quoted and none holds a delimiter."""
    cells = ["jose\u0301@example.com", "o'b;r\"ien@example.com", "o'brien@example.com"]
    path = prepare_audience(pl.Series(cells), output="plain").write(tmp_path / "out.csv")
    assert path.read_text(encoding="utf-8") == "jos\xe9@example.com\no'brien@example.com\n"


def test_a_written_file_is_recognised(prepared: PreparedAudience, tmp_path: Path) -> None:
    """What was written is a list of digests without a header, and comes back unchanged."""
    again = prepare_audience(prepared.write(tmp_path / "out.csv"))
    assert again.identifiers.equals(prepared.identifiers)
    found = again.summary["source"]
    assert (found["kind"], found["header"], again.summary["rejected"]) == ("sha256", False, 0)


def test_an_older_file_is_replaced_and_becomes_private(
    prepared: PreparedAudience, tmp_path: Path
) -> None:
    """Writing over a file that others could read leaves one that only its owner can."""
    path = tmp_path / "out.csv"
    path.write_text("old\n", encoding="utf-8")
    path.chmod(0o644)
    prepared.write(path)
    assert "old" not in path.read_text(encoding="utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_older_file_survives_a_failure(tmp_path: Path) -> None:
    """When nothing was accepted the older file stays as it is."""
    path = tmp_path / "out.csv"
    path.write_text("old\n", encoding="utf-8")
    empty = prepare_audience(pl.Series(["a@@b.co"]))
    with pytest.raises(InputError, match="nothing to write"):
        empty.write(path)
    assert path.read_text(encoding="utf-8") == "old\n"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["out", "out.xlsx", "out.csv.gz", ".csv"])
def test_a_name_rokt_does_not_take_is_refused(
    name: str, prepared: PreparedAudience, tmp_path: Path
) -> None:
    """Only .csv and .txt are written."""
    with pytest.raises(InputError, match=r"\.csv and \.txt"):
        prepared.write(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["gone/out.csv", "folder.csv", "list.txt/out.csv"])
def test_a_place_that_cannot_be_written_to_is_named(
    name: str, prepared: PreparedAudience, tmp_path: Path
) -> None:
    """A missing folder, or a folder in the file's place, is an InputError that leaves nothing."""
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "list.txt").touch()
    with pytest.raises(InputError, match="cannot be written"):
        prepared.write(tmp_path / name)
    assert len(list(tmp_path.rglob("*"))) == 2


def test_the_rejection_report_is_a_table_of_numbers_and_reasons(
    prepared: PreparedAudience, tmp_path: Path
) -> None:
    """The report has a header, a row for each rejected one, and no value."""
    path = prepared.write_rejected(tmp_path / "rejects.csv")
    assert path.read_text(encoding="utf-8") == "row,reason\n4,no_at_sign\n5,empty\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_frame_of_the_caller_is_unchanged() -> None:
    """Preparing reads a frame and changes nothing in it, nor does changing it change the result."""
    frame = pd.DataFrame({"n": range(5), "email": LIST})
    before = frame.copy(deep=True)
    prepared = prepare_audience(frame)
    pd.testing.assert_frame_equal(frame, before)
    frame["email"] = "zoe@example.com"
    answer = prepared.to_pandas()
    answer["sha256"] = "changed"
    assert prepared.to_pandas()["sha256"].tolist() == [hash_email(a) for a in PLAIN]


def test_an_audience_cannot_be_changed(prepared: PreparedAudience) -> None:
    """Its parts cannot be replaced; two audiences are compared by what they are, not by value."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        prepared.summary = {}  # type: ignore[misc]
    assert prepared == prepared  # noqa: PLR0124
    assert prepared != prepare_audience(pd.Series(LIST))


@pytest.mark.parametrize("value", ["ann@example.com", "a" * 64, "0400 000 000"])
def test_a_mask_shows_nothing_of_a_value(value: str) -> None:
    """No three characters of a value are left under its mask."""
    assert not any(value[i : i + 3] in mask(value) for i in range(len(value) - 2))


def test_a_column_is_named_by_its_label_in_pandas() -> None:
    """A number or a tuple as well as text; one that several have is refused, with what to do."""
    frame = pd.DataFrame([["x", "ann@example.com"], ["y", "bob@example.com"]])
    assert len(prepare_audience(frame, column=1)) == 2
    assert len(prepare_audience(frame, column="1")) == 2
    with pytest.raises(InputError, match=r"There is no column 2\. The source has: 0, 1\."):
        prepare_audience(frame, column=2)
    frame.columns = pd.MultiIndex.from_tuples([("a", "note"), ("a", "email")])
    assert len(prepare_audience(frame, column=("a", "email"))) == 2
    frame.columns = pd.Index(["email", "email"])
    with pytest.raises(InputError, match=r"2 columns are named 'email'\. .*frame\.iloc\[:, 0\]"):
        prepare_audience(frame, column="email")
    assert len(prepare_audience(frame.iloc[:, 1], column="email")) == 2
    assert prepare_audience(frame).summary["source"]["column"] == "email (2)"
