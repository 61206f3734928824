# ruff: noqa: DTZ001  Rokt's times have no zone, and neither has our table
from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from rokt_helpers.referrals import analysis
from tests.referrals.analysis_rows import conversions
from tests.referrals.downloads import referrals
from tests.referrals.test_analysis_leaks import SCHEMA as STRETCHES

DAY = datetime(2026, 11, 2)


def hundred() -> pl.DataFrame:
    """A hundred people on one day at 2.00, and the first ten of them again the next day."""
    people: list[object] = [f"{number:064x}" for number in [*range(100), *range(10)]]
    moments: list[object] = [*[DAY] * 100, *[DAY + timedelta(days=1)] * 10]
    names: list[object] = [*["Loyal"] * 60, *["New"] * 50]
    return referrals(
        referred_at=moments, email_sha256=people, audience=names, audience_id=names,
        bid_price=[2.0] * 110,
    )  # fmt: skip


def first_people(many: int) -> list[str]:
    return [f"{number:064x}" for number in range(many)]


def on_list(many: int) -> pl.DataFrame:
    rows = [[who, "Optouts", DAY + timedelta(hours=12), None] for who in first_people(many)]
    return pl.DataFrame(rows, schema=STRETCHES, orient="row")


def bought(many: int) -> pl.DataFrame:
    rows: list[dict[str, Any]] = [
        {"email_sha256": who, "converted_at": DAY + timedelta(days=2), "value": 50.0,
         "currency": "AUD", "conversiontype": None, "confirmationref": None}
        for who in first_people(many)
    ]  # fmt: skip
    return conversions(rows)


def test_each_sentence_can_be_counted() -> None:
    """Repeats, customers, leaks, conversions, gaps and rejected rows have their numbers."""
    files = pl.DataFrame({"rows": [110], "duplicates": [3], "rejected": [7]})
    said = analysis.findings(
        hundred(), currency="AUD", customers=pl.DataFrame({"email_sha256": first_people(20)}),
        suppressions=on_list(10), conversions=bought(30), files=files,
        gaps=pl.DataFrame({"day": [date(2026, 11, 4), date(2026, 11, 5)]}),
    )  # fmt: skip
    assert said == [
        "110 referrals in 2 days, 2026-11-02 to 2026-11-03, cost 220.00 AUD.",
        "The busiest audience is Loyal: 60 referrals, 55% of all.",
        "The last day brought 10 referrals, 90% fewer than the first (100).",
        "No file came for 2 days: 2026-11-04, 2026-11-05.",
        "10 people were referred more than once; their repeats cost 20.00 AUD, 9% of all cost.",
        "30 of 110 referrals (27%) were of known customers, 20 people, and cost 60.00 AUD.",
        (
            "10 referrals of 10 people on a suppression list cost 20.00 AUD, 9.1% of all cost; 10 "
            "came within 24 hours of the upload."
        ),
        (
            "30 of 110 referrals led to a conversion within 30 days: 27.27% (between 19.82% and "
            "36.26%), 7.33 AUD each."
        ),
        "These conversions were worth 1,500.00 AUD, 6.82 for each 1.00 paid.",
        "7 of 120 delivered rows could not be read.",
    ]


def test_a_span_with_a_day_for_which_no_file_came_is_told() -> None:
    """Fewer referrals may be a file that is missing; a gap outside both spans says nothing."""
    table = hundred()
    later = table.with_columns(pl.col("referred_at") + timedelta(days=3))
    both = pl.concat([table, later])  # 2 and 3, 5 and 6 November

    def trend(*days: int) -> str:
        gaps = pl.DataFrame({"day": [date(2026, 11, day) for day in days]})
        return next(s for s in analysis.findings(both, gaps=gaps) if s.startswith("The last"))

    plain = "The last 2 days brought 110 referrals, as many as the first 2 (110)"
    assert trend(4, 9) == f"{plain}."
    assert trend(2) == f"{plain}, though no file came for 1 of the first 2 days."
    assert trend(3, 3, 5, 6).endswith(
        ", though no file came for 1 of the first 2 days and 2 of the last 2 days."
    )
    gaps = pl.DataFrame({"day": [date(2026, 11, 3)]})
    assert any("(100), though no file came for the last day." in s
               for s in analysis.findings(table, gaps=gaps))  # fmt: skip


def test_a_clear_difference_is_named() -> None:
    """Where one audience converts and the other hardly does, the sentence says which."""
    said = analysis.findings(hundred(), conversions=bought(60), fewest=5)
    assert (
        "Of audience Loyal, 83.33% of referrals convert: clearly more than of the rest (20.00%)."
        in said
    )


def test_nothing_found_is_said_as_nothing() -> None:
    """Nobody known, nobody on a list, nobody converted: each is a sentence, none a number."""
    stranger = ["f" * 64]
    said = analysis.findings(
        hundred(), customers=pl.DataFrame({"email_sha256": stranger}),
        suppressions=on_list(1).with_columns(email_sha256=pl.lit(stranger[0])),
        conversions=bought(1).with_columns(email_sha256=pl.lit(stranger[0])),
    )  # fmt: skip
    assert "None of 110 referrals was of a known customer." in said
    assert "None of 110 referrals was of a person on a suppression list." in said
    assert "None of 110 referrals led to a conversion within 30 days." in said


def test_few_people_are_not_counted_out() -> None:
    """Of three people on a list it is said that they are few, and no small audience is named."""
    said = analysis.findings(hundred(), suppressions=on_list(3))
    assert any("3 referrals of fewer than 5 people on a suppression list" in line for line in said)
    small = hundred().with_columns(
        audience=pl.when(pl.int_range(pl.len()) < 3).then(pl.lit("Tiny")), audience_id=pl.lit("1")
    )
    assert not any("Tiny" in line for line in analysis.findings(small))
