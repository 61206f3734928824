from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from time import process_time

import polars as pl
import pytest

from rokt_helpers.charts.runs import calendar_of_days, figures_and_band
from rokt_helpers.referrals.manifest import KeptFile, files_table
from rokt_helpers.watching import LeftToExpire, history_page
from rokt_helpers.watching.days import STATES, calendar
from tests.test_report import Reader
from tests.watching.made_up import NOW, TODAY, daily, day, notebook, record, watched

SECTIONS = [
    "At a glance", "What stands out", "Day by day", "Deliveries", "Rows rejected",
    "Notebooks without a person", "Referral files collected", "Guards that somebody passed",
    "How this page judges",
]  # fmt: skip
ONE = " (1 of 82 runs outside their band)"
SETTLES = "The same delivery again settles it."


def headings(page: str) -> list[str]:
    return re.findall(r"<h2>(.*?)</h2>", page)


def titles(page: str) -> list[str]:
    return re.findall(r"<figcaption[^>]*>(.*?)</figcaption>", page)


def said(page: str, heading: str) -> str:
    """Return the text of a section, without tags and drawings."""
    section = page.split(f"<h2>{heading}</h2>")[1].partition("</section>")[0]
    return " ".join(re.sub(r"<svg.*?</svg>|<[^>]+>", " ", section, flags=re.DOTALL).split())


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of a quarter in which one of everything happened."""
    runs = tmp_path_factory.mktemp("runs")
    records = [
        *daily(91, 41), record(40, rows=16_000, allowed="removal,volume"), *daily(39, 21),
        *daily(19, 11), record(10, seconds=300), *daily(9, 6), record(5, rejected=3_000),
        *daily(4, 3), record(2, status="refused"), record(1), record(0, status="in_doubt"),
    ]  # fmt: skip
    for back in range(91, -1, -1):
        notebook(runs, back, name="40_referrals", exit_code=3 if back == 7 else 0)
    notebook(runs, 0, name="45_close_the_loop", at=time(7))
    left = [LeftToExpire("late.csv", NOW + timedelta(hours=19))]
    at = datetime(2026, 11, 20, 5, tzinfo=UTC)
    files = files_table([KeptFile("a.csv", 1, at, "d", 500, 0, 0, at)])
    return history_page(watched(records, runs, files, left), now=NOW, days=92).html()


def test_the_page_answers_each_question(quarter: str) -> None:
    """Every section is there in its order, and the figures are those of the quarter."""
    assert headings(quarter) == SECTIONS
    glance = said(quarter, "At a glance")
    assert "Deliveries 91 89 of them done" in glance
    assert "Rows delivered 720,000" in glance
    assert "Deliveries in doubt 1" in glance
    assert "Days that went wrong 3 of 92" in glance


def test_what_stands_out_is_said_newest_first(quarter: str) -> None:
    """Doubt and what expires lead; then each unusual run with its figure, its band and moment."""
    section = quarter.split("What stands out")[1].partition("</ul>")[0]
    found = re.findall(r"<li>(.*?)</li>", section)
    assert found == [
        f"VIP: nobody knows how run 00000000 of {TODAY} 06:00 ended. {SETTLES}",
        "late.csv was not collected; Rokt removes it about 2026-11-23 07:00.",
        "VIP, include: 27.3% of rows rejected, where up to 1.5% was usual, on 2026-11-17 06:00.",
        "VIP, include: 300 s, where up to 30 was usual, on 2026-11-12 06:00.",
        "VIP, include: 16,000 rows, where 7,200 to 8,800 was usual, on 2026-10-13 06:00.",
    ]


def test_titles_state_the_finding(quarter: str) -> None:
    """Each chart is headed by what it shows."""
    assert titles(quarter) == [
        "3 of 92 days went wrong: 1 in doubt, 1 failed, 1 missed",
        "89 of 91 deliveries done; 1 failed, 1 in doubt",
        f"VIP, include: 16,000 rows, where 7,200 to 8,800 was usual, on 2026-10-13 06:00{ONE}",
        f"VIP, include: 300 s, where up to 30 was usual, on 2026-11-12 06:00{ONE}",
        "6,600 of 742,600 rows rejected (0.89%); most on 2026-11-17: 27.27%",
        f"VIP, include: 27.3% of rows rejected, where up to 1.5% was usual, on {day(5)} 06:00{ONE}",
        "92 of 93 runs done; 1 stopped",
        "As usual in all 84 runs that can be judged: seconds from begin to end",
        "1 file with 500 referrals collected, the last on 2026-11-20",
    ]


def test_every_chart_has_its_table_and_its_words(quarter: str) -> None:
    """Behind each chart stands a table, and who cannot see it is told."""
    charts = quarter.count("<svg")
    assert charts == len(titles(quarter)) == quarter.count("The table behind it")
    assert len(re.findall(r'role="img" aria-label="[^"]{20,}"', quarter)) == charts


def test_what_went_wrong_is_named_by_day(quarter: str) -> None:
    """Days in words, with whose run it was; a guard's stop is no failure."""
    text = said(quarter, "Day by day")
    assert "2026-11-22: in doubt: VIP, include." in text
    assert "2026-11-20: failed: VIP, include." in text
    assert "2026-11-02: missed: VIP, include." in text
    assert "2026-11-15: stopped" not in text
    assert "at least three of the four same weekdays" in text


def test_guards_that_were_passed_are_listed(quarter: str) -> None:
    """Which delivery, and which guards."""
    text = said(quarter, "Guards that somebody passed")
    assert text.startswith("1 of 91 deliveries went past a guard.")
    assert "removal, volume" in text


def test_the_rule_is_on_the_page(quarter: str) -> None:
    """Whoever reads the page can reckon a band by hand."""
    text = said(quarter, "How this page judges")
    words = ["up to 20 runs", "median", "3.5", "1.4826", "MAD", "fewer than 7", "10 rows or 10%",
             "5 seconds or 50%", "1 percentage point or 10%"]  # fmt: skip
    for word in words:
        assert word in text


def test_the_page_stands_alone(quarter: str) -> None:
    """It loads nothing, and runs no script."""
    reader = Reader()
    reader.feed(quarter)
    assert reader.loads == []
    assert not {"script", "link", "img", "iframe"} & set(reader.tags)


def test_nothing_ran(runs: Path) -> None:
    """An empty quarter says so, and what to do."""
    page = history_page(watched([], runs), now=NOW, days=92).html()
    assert headings(page) == ["Nothing ran"]
    assert "rokt deliver" in page


def test_an_old_ledger_and_a_short_look_back(runs: Path) -> None:
    """Runs before the days that were asked for are not on the page, and still say what is usual."""
    records = [*daily(200, 100), record(1, rows=20_000)]
    assert headings(history_page(watched(records[:-1], runs), now=NOW, days=30).html()) == [
        "Nothing ran"
    ]
    page = history_page(watched(records, runs), now=NOW, days=30).html()
    assert "20,000 rows, where 7,200 to 8,800 was usual" in said(page, "What stands out")


def test_few_runs_are_not_judged(runs: Path) -> None:
    """A new ledger's page is short, begins near the first run and claims nothing."""
    page = history_page(watched(daily(3), runs), now=NOW, days=92).html()
    assert "Nothing yet: 7 runs of a kind" in said(page, "What stands out")
    assert "<h1>Runs of the last 28 days</h1>" in page
    assert "Too few runs to say what is usual" in page
    assert f"{day(27)} to {TODAY}" in page
    assert headings(page) == [name for name in SECTIONS if name not in SECTIONS[5:7]]


def test_only_notebooks(runs: Path) -> None:
    """Who only collects referrals has a page without deliveries."""
    notebook(runs, 1, name="40_referrals")
    page = history_page(watched([], runs), now=NOW, days=92).html()
    assert "Deliveries" not in headings(page)
    assert "Notebooks without a person" in headings(page)


def test_a_quarter_as_usual(runs: Path) -> None:
    """Where nothing happened the page says that nothing did."""
    page = history_page(watched(daily(91), runs), now=NOW, days=92).html()
    assert said(page, "What stands out").startswith("Nothing: every run")
    assert titles(page)[0] == "No day was missed or failed in 92 days"
    assert "As usual in all 85 runs that can be judged: rows delivered" in titles(page)


def test_a_new_level_is_told_once(runs: Path) -> None:
    """Seven alarms become one sentence."""
    page = history_page(watched([*daily(60, 20), *daily(19, rows=12_000)], runs), now=NOW, days=92)
    found = said(page.html(), "What stands out")
    assert (
        found == "VIP, include: a new level since 2026-11-03, about 12,000 rows instead of 8,000."
    )


def test_names_are_escaped_and_addresses_masked(runs: Path) -> None:
    """Markup in a list's name is text, an address is not there, and two long names stay two."""
    long = "a list whose name is as long as a sentence and longer, "
    names = ["<script>x</script>", "for canary@example.com", long + "one", long + "two"]
    records = [run for name in names for run in daily(8, list=name)]
    page = history_page(watched(records, runs), now=NOW, days=92).html()
    assert "<script" not in page
    assert "canary" not in page
    assert page.count("a list whose name is as long as a sentence") >= 4


def test_ten_thousand_runs_are_drawn_in_seconds(runs: Path) -> None:
    """A hundred lists a day for a quarter take less than ten seconds of one core."""
    records = [run for name in range(110) for run in daily(91, list=f"L{name}")]
    assert len(records) > 10_000
    begun = process_time()
    page = history_page(watched(records, runs), now=NOW, days=92).html()
    assert process_time() - begun < 10
    assert len(page) < 5_000_000


def test_of_many_lists_those_that_stand_out_are_drawn(runs: Path) -> None:
    """A list with an unusual run comes before lists with more runs; the rest is counted."""
    records = [run for name in range(30) for run in daily(40, list=f"L{name:02}")]
    odd = [*daily(30, 5, list="Z"), record(3, list="Z", rows=90_000)]
    page = history_page(watched([*records, *odd], runs), now=NOW, days=92).html()
    assert page.index(">Z, include: rows<") < page.index(">L00, include: rows<")
    assert "L05, include: rows" not in page
    assert "6 lists that changed less" in said(page, "Deliveries")


def test_a_large_figure_fits_its_card(runs: Path) -> None:
    """Ten million rows and more are written in millions."""
    page = history_page(watched([record(1, rows=80_240_000)], runs), now=NOW, days=92).html()
    assert "Rows delivered 80.2 million" in said(page, "At a glance")


def test_every_state_of_a_day_has_its_look() -> None:
    """A calendar of all states draws each, with its letter and its name in the key."""
    table = pl.DataFrame(
        {"day": [day(back) for back in range(len(STATES))], "state": STATES,
         "what": [""] * len(STATES)}
    ).sort("day")  # fmt: skip
    picture = calendar_of_days(table)
    drawing = picture.svg()
    assert all(f">{state}<" in drawing for state in STATES)
    assert all(f">{letter}<" in drawing for letter in "PSMF?")
    assert picture.title == "3 of 7 days went wrong: 1 in doubt, 1 failed, 1 missed"


def test_years_fit_into_the_calendar() -> None:
    """Of three years the last 53 weeks are drawn, and the table holds every day."""
    table = calendar(watched(daily(3), Path("nowhere")).runs, first=day(1_000), today=TODAY)
    picture = calendar_of_days(table)
    fields = picture.spec["vconcat"][0]["layer"][0]["data"]["values"]
    assert max(field["week"] for field in fields) == 52
    assert len(picture.table) == 1_001


def test_six_panels_at_most() -> None:
    """The series with most runs come first, and the table behind holds what is drawn."""
    table = pl.DataFrame(
        {"series": [f"s{n}" for n in range(9)], "day": [TODAY] * 9, "runs": [1] * 9,
         "amount": [1.0] * 9, "low": [None] * 9, "high": [None] * 9, "odd": [0] * 9}
    )  # fmt: skip
    picture = figures_and_band(
        table,
        title="T",
        unit="rows",
        first=day(9),
        last=TODAY,
        names=[f"s{8 - n}" for n in range(9)],
    )
    assert len(picture.spec["vconcat"]) == len(picture.table) == 6
    assert "s8: rows" in str(picture.spec)
