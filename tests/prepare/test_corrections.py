"""Corrections: what a person typed stands in the place of what was rejected, and is recorded."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rokt_helpers import hash_email, prepare_audience
from rokt_helpers.audience import PreparedAudience, masked_examples, rejected_values, uniqueness
from rokt_helpers.errors import InputError
from rokt_helpers.redact import shape
from rokt_helpers.tables import Pasted, Query, open_table

CELLS = ["ada@example.com", "bob@example", "", "cy @ example.com", "dee(at)example.com", "e@@x.co"]
BAD = {"bob@example": "bad_domain", "": "empty", "dee(at)example.com": "no_at_sign"}
FRAME = pl.DataFrame({"name": ["n"] * len(CELLS), "email": CELLS})


def as_file(path: Path, *, suffix: str = "csv") -> Path:
    """Write the list with a header, so that its first row is the second."""
    target = path / f"list.{suffix}"
    if suffix == "xlsx":
        FRAME.write_excel(target)
    elif suffix == "parquet":
        FRAME.write_parquet(target)
    else:
        FRAME.write_csv(target)
    return target


def outcomes(prepared: PreparedAudience) -> list[tuple[Any, ...]]:
    return list(prepared.corrections.itertuples(index=False, name=None))


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet", "pandas", "polars", "pasted"])
def test_what_was_typed_stands_in_its_row_in_every_kind_of_source(
    kind: str, tmp_path: Path
) -> None:
    """The row numbers are those of the rejection report, and nothing else of the list changes."""
    memory: dict[str, object] = {
        "pandas": FRAME.to_pandas(), "polars": FRAME, "pasted": Pasted(FRAME.write_csv()),
    }  # fmt: skip
    source = memory[kind] if kind in memory else as_file(tmp_path, suffix=kind)
    rejected = prepare_audience(source, column="email").rejected
    row = int(rejected.set_index("reason")["row"]["bad_domain"])
    prepared = prepare_audience(
        source, column="email", output="plain", corrections={row: " Bob@example.com"}
    )
    wanted = ["ada@example.com", "bob@example.com", "cy@example.com"]
    assert prepared.identifiers.to_list() == wanted
    assert prepared.summary["corrected"] == 1
    assert outcomes(prepared) == [(row, "bad_domain", "accepted")]
    assert prepared.rejected.to_dict("list") == rejected[rejected["row"] != row].to_dict("list")


def test_each_corrected_row_has_its_outcome() -> None:
    """A corrected row is accepted, a duplicate, or rejected for its new reason; the sums hold."""
    typed = {2: "ada@example.com", 3: "cy@example.com", 5: "still wrong", 6: "e@x.co"}
    prepared = prepare_audience(FRAME, column="email", corrections=typed)
    assert outcomes(prepared) == [
        (2, "bad_domain", "duplicate"), (3, "empty", "accepted"), (5, "no_at_sign", "no_at_sign"),
        (6, "several_at_signs", "accepted"),
    ]  # fmt: skip
    s = prepared.summary
    assert (s["rows_in"], s["accepted"], s["duplicates"], s["rejected"]) == (6, 3, 2, 1)
    assert (s["corrected"], s["rejected_by_reason"]) == (4, {"no_at_sign": 1})
    assert "Of these corrected by hand" in prepared._repr_html_()


def test_without_corrections_nothing_is_recorded(tmp_path: Path) -> None:
    """No correction and an empty set of them are the same: 0, and a record of no rows."""
    nothing: list[dict[int, str] | None] = [None, {}]
    prepared = [prepare_audience(FRAME, column="email", corrections=given) for given in nothing]
    assert [one.summary["corrected"] for one in prepared] == [0, 0]
    assert [len(one.corrections) for one in prepared] == [0, 0]
    path = prepared[0].write_corrections(tmp_path / "record.csv")
    assert path.read_text() == "row,reason_before,outcome\n"
    assert "corrected" not in prepared[0]._repr_html_()


def test_the_record_holds_no_values(tmp_path: Path) -> None:
    """The file has row, reason and outcome, is its owner's alone, and no form of it shows more."""
    typed = {2: "zebra@example.com", 5: "zebra wrong"}
    prepared = prepare_audience(FRAME, column="email", corrections=typed)
    path = prepared.write_corrections(tmp_path / "record.csv")
    assert path.read_text().splitlines() == [
        "row,reason_before,outcome", "2,bad_domain,accepted", "5,no_at_sign,no_at_sign",
    ]  # fmt: skip
    assert path.stat().st_mode & 0o777 == 0o600
    shown = repr(prepared) + prepared._repr_html_() + str(prepared.summary)
    assert "zebra" not in shown
    assert str(hash_email("zebra@example.com"))[:12] not in shown


@pytest.mark.parametrize(
    ("typed", "match"),
    [
        ({1: "zebra@x.co"}, "not: row 1. The list, its column or the choices may have changed"),
        ({2: "b@x.co", 4: "zebra@x.co", 99: "z@x.co"}, "not: row 4, 99"),
        (dict.fromkeys(range(100, 110), "zebra@x.co"), "row 100, 101, 102 and 7 more"),
        ({0: "zebra@x.co"}, "A correction is a row number"),
        ({True: "zebra@x.co"}, "A correction is a row number"),
        ({2**32: "zebra@x.co"}, "A correction is a row number"),
        ({2: b"zebra@x.co"}, "A correction is a row number"),
        ({2: "zebra\ud800@x.co"}, "A correction is a row number"),
    ],
)
def test_only_a_rejected_row_can_be_corrected(typed: dict[int, Any], match: str) -> None:
    """A row that is good, or not there, is left alone, and the refusal repeats no value."""
    with pytest.raises(InputError, match=match) as refused:
        prepare_audience(FRAME, column="email", corrections=typed)
    assert "zebra" not in str(refused.value) + repr(refused.value.__context__)


def test_rows_without_a_number_of_their_own_are_not_corrected(tmp_path: Path) -> None:
    """A query and several lists read as one are refused, with what to do instead."""
    (tmp_path / "a.csv").write_text("email\nada@example.com\nnope\n")
    (tmp_path / "b.csv").write_text("email\nbob@example.com\nnope\n")
    duckdb.connect(tmp_path / "d.duckdb").sql("create table t as select 'nope' as email").close()
    query = Query(f"duckdb:///{tmp_path}/d.duckdb", "select email from t")
    for source, match in ((str(tmp_path / "*.csv"), "holds 2 lists"), (query, "another order")):
        with pytest.raises(InputError, match=match):
            prepare_audience(source, column="email", corrections={2: "cy@example.com"})
        with pytest.raises(InputError, match=match):
            rejected_values(source, column="email")


def test_an_unreadable_row_and_a_repeated_header_can_be_corrected(tmp_path: Path) -> None:
    """What was wrong with the row as it was read is not wrong with what was typed."""
    path = tmp_path / "list.csv"
    path.write_text("email,n\nada@x.co,1\nbob@x.co,1,2\nemail,n\ncy@x.co,1\n")
    assert rejected_values(path)["reason"].to_list() == ["unreadable", "repeated_header"]
    prepared = prepare_audience(path, output="plain", corrections={3: "b@x.co", 4: "d@x.co"})
    assert prepared.identifiers.to_list() == ["ada@x.co", "b@x.co", "d@x.co", "cy@x.co"]


def test_advice_applies_to_what_was_typed_too() -> None:
    """A row that advice left out can be corrected, and a typed domain is rewritten as any other."""
    cells = ["ada@firm.com", "info@firm.com", "nope"]
    prepared = prepare_audience(
        pl.Series("email", cells),
        output="plain",
        apply_advice=["role_account", "domain_typo"],
        corrections={2: "bob@gmial.com", 3: "sales@firm.com"},
    )
    assert prepared.identifiers.to_list() == ["ada@firm.com", "bob@gmail.com"]
    assert prepared.summary["advice_applied"] == {"domain_typo": 1, "role_account": 1}
    assert outcomes(prepared) == [
        (2, "role_account", "accepted"), (3, "no_at_sign", "role_account"),
    ]  # fmt: skip


def test_digests_mobiles_and_mixed_lists_are_corrected_like_addresses() -> None:
    """What was typed is judged by the rule of its column."""
    good = str(hash_email("ada@x.co"))
    digests = prepare_audience(pl.Series([good, "g" * 64]), corrections={2: good.upper()})
    assert outcomes(digests) == [(2, "not_a_digest", "duplicate")]
    mobiles = prepare_audience(
        pl.Series(["2125550100", "12"]), identifier="mobile", corrections={2: "(212) 555-0101"}
    )
    assert outcomes(mobiles) == [(2, "not_ten_digits", "accepted")]
    cells = pl.Series(["ada@x.co", good, "nope"])
    mixed = prepare_audience(cells, mixed="hash", corrections={3: "bob@x.co"})
    assert outcomes(mixed) == [(3, "no_at_sign", "accepted")]
    with pytest.raises(InputError, match="mixes 2 addresses and 1 SHA-256 digests"):
        prepare_audience(pl.Series(["ada@x.co", "b@x.co", "nope"]), corrections={3: good})


def test_a_list_that_is_not_like_its_first_rows_is_corrected_all_the_same() -> None:
    """Where the list is read a second time the outcomes are of that reading."""
    cells = ["nope", *(f"p{n}@x.co" for n in range(20_000)), str(hash_email("z@x.co"))]
    prepared = prepare_audience(pl.Series(cells), mixed="hash", corrections={1: "p7@x.co"})
    assert outcomes(prepared) == [(1, "no_at_sign", "accepted")]
    assert (prepared.summary["accepted"], prepared.summary["duplicates"]) == (20_001, 1)


def test_a_list_too_long_for_memory_is_corrected_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sums and the record are those of a list in memory, and a refusal leaves nothing."""
    cells = [f"person{n % 900}@x.co" if n % 100 else "nope" for n in range(2_000)]
    typed = {1: "person1@x.co", 101: "new@x.co", 1_901: "new@x.co"}
    short = prepare_audience(pl.Series(cells), corrections=typed)
    monkeypatch.setattr(uniqueness, "SPILL_ROWS", 500)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    long = prepare_audience(pl.Series(cells), corrections=typed)
    assert (long.summary, outcomes(long)) == (short.summary, outcomes(short))
    assert [one[2] for one in outcomes(long)] == ["accepted", "accepted", "duplicate"]
    del long
    with pytest.raises(InputError, match="row 2"):
        prepare_audience(pl.Series(cells), corrections={2: "z@x.co"})
    assert list((tmp_path / "temporary").iterdir()) == []


WRONG = st.sampled_from(["", "nope", "a@@b.co", "x@", "@y.co", "a@b", "f" * 32])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(WRONG, st.integers(0, 30)), min_size=1, max_size=60), st.data())
def test_good_corrections_are_as_many_people_more(
    drawn: list[str | int], data: st.DataObject
) -> None:
    """Correcting k rejected rows with good addresses of k others gives k accepted more."""
    cells = [one if isinstance(one, str) else f"p{one}@x.co" for one in drawn] + ["last@x.co"]
    before = prepare_audience(pl.Series(cells))
    rows = before.rejected["row"].tolist()
    chosen = data.draw(st.sets(st.sampled_from(rows))) if rows else set()
    typed = {row: f"typed{row}@x.co" for row in chosen}
    after = prepare_audience(pl.Series(cells), corrections=typed)
    was, now = before.summary, after.summary
    assert now["accepted"] == was["accepted"] + len(chosen) == len(after)
    assert (now["rejected"], now["duplicates"]) == (
        was["rejected"] - len(chosen),
        was["duplicates"],
    )
    assert (now["corrected"], now["rows_in"]) == (len(chosen), was["rows_in"])
    assert {*after.corrections["outcome"]} <= {"accepted"}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(WRONG, st.integers(0, 3)), min_size=1, max_size=30), st.data())
def test_the_outcomes_are_those_of_a_list_that_was_right_from_the_start(
    drawn: list[str | int], data: st.DataObject
) -> None:
    """Whatever is typed, people and sums are those of a list in which it had stood all along."""
    cells = [one if isinstance(one, str) else f"p{one}@x.co" for one in drawn] + ["last@x.co"]
    rows = prepare_audience(pl.Series(cells)).rejected["row"].tolist()
    texts = st.sampled_from(["p0@x.co", "P1@x.co ", "new@x.co", "bad", ""])
    typed = data.draw(st.dictionaries(st.sampled_from(rows), texts)) if rows else {}
    corrected = prepare_audience(pl.Series(cells), corrections=typed)
    mended = pl.Series([typed.get(row, cell) for row, cell in enumerate(cells, start=1)])
    right = prepare_audience(mended)
    assert corrected.identifiers.to_list() == right.identifiers.to_list()
    left_out = ("source", "corrected")
    sums = [{k: v for k, v in p.summary.items() if k not in left_out} for p in (corrected, right)]
    assert sums[0] == sums[1]
    pd.testing.assert_frame_equal(corrected.rejected, right.rejected)
    accepted = {row for row, _, outcome in outcomes(corrected) if outcome == "accepted"}
    seen: set[Any] = set()
    for row, cell in enumerate(mended, start=1):
        person = hash_email(cell)
        if row in typed:
            assert (row in accepted) == (person is not None and person not in seen)
        seen.add(person)


# --- what stands in rejected rows ----------


def test_the_grid_gets_the_values_of_rejected_rows(tmp_path: Path) -> None:
    """Row, reason and value as they stand in the file; asked for some rows, of those only."""
    path = as_file(tmp_path)
    found = rejected_values(path, column="email")
    assert found.rows() == [
        (3, "bad_domain", "bob@example"), (4, "empty", ""), (6, "no_at_sign", CELLS[4]),
        (7, "several_at_signs", "e@@x.co"),
    ]  # fmt: skip
    assert rejected_values(path, [2, 7, 3], column="email").rows() == [found.row(0), found.row(3)]
    assert rejected_values(open_table(path), column="email", first=1).rows() == [found.row(0)]
    assert rejected_values(path, [], column="email").is_empty()
    cells = pl.Series(["ada@firm.com", "info@firm.com"])
    assert rejected_values(cells, apply_advice=["role_account"])["value"].to_list() == [cells[1]]


def test_examples_show_a_shape_and_no_letter() -> None:
    """Each reason has up to three different shapes, in the order of the reasons."""
    cells = [*CELLS, *(f"{'x' * n}#" for n in range(1, 9)), "f0" * 16, "ada@example.com"]
    examples = masked_examples(pl.DataFrame({"email": cells}))
    assert examples == {
        "empty": ("(nothing)",),
        "other_digest": ("9x9x9x9x…",),
        "no_at_sign": ("xxx(xx)xxxxxxx.xxx", "x#", "xx#"),
        "several_at_signs": ("x@@x.xx",),
        "bad_domain": ("xxx@xxxxxxx",),
    }
    assert masked_examples(pl.Series(["ada@x.co"])) == {}


@given(st.text())
def test_no_letter_or_digit_of_a_value_stays_in_its_shape(value: str) -> None:
    """Only x, X and 9 stand for letters and digits, and the shape is never long."""
    looks = shape(value)
    assert {sign for sign in looks if sign.isalnum()} <= {*"xX9"}
    assert looks.isprintable()
    assert len(looks) <= 40


@pytest.mark.parametrize(
    ("value", "looks"),
    [
        ("Ann.Ödegård7@Example.COM", "Xxx.Xxxxxxx9@Xxxxxxx.XXX"),
        ("a\u200bb\tc\xa0d", "x·x·x x"),
        ("ann.of.a.very.long.name@a.very.long.example", "xxx.xx.x.xxxx.xxxx … .xxxx.xxxx.xxxxxxx"),
        ("'_" + "ab" * 32, "'_9x9x9x9x…"),
        ("李小龍٣@例.jp", "xxx9@x.xx"),
    ],
)  # fmt: skip
def test_a_shape_shows_what_is_wrong(value: str, looks: str) -> None:
    """Signs, spaces and what cannot be seen stay visible; a digest shows nothing of itself."""
    assert shape(value) == looks
