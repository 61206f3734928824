from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from rokt_helpers import charts
from rokt_helpers.errors import ContractError, InputError
from rokt_helpers.referrals import analysis
from rokt_helpers.referrals.vault import Vault
from rokt_helpers.report import KeyFigure, Report, Sums
from tests.referrals.downloads import NOW, delivered

CREATED = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
SUMMARY = {
    "rows_in": 1_010,
    "accepted": 1_000,
    "duplicates": 4,
    "rejected": 6,
    "rejected_by_reason": {"no_at_sign": 6},
}


def report() -> Report:
    return Report("Autumn", "What it brought", created_at=CREATED)


class Reader(HTMLParser):
    """Every address a page would load, and its tags."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what is there."""
        self.tags.append(tag)
        self.loads += [value or "" for name, value in attrs if name in {"src", "href", "srcset"}]


def test_the_page_holds_every_kind_of_block() -> None:
    """Paragraphs, lists, figures, tables, sums and pictures are all on the page, in order."""
    page = (
        report()
        .section("Words", "A paragraph.", ["one finding", "another"])
        .section("Figures", KeyFigure("Cost", 1_234.5, "AUD"), KeyFigure("People", 1_234))
        .section("Tables", pl.DataFrame({"n": [12_345]}), pd.DataFrame({"n": [54_321]}))
        .section("Sums", Sums.of(SUMMARY), charts.sums_bar(SUMMARY))
        .html()
    )
    seen = ["Autumn", "What it brought", "2026-11-22 06:00 UTC", "<p>A paragraph.</p>",
            "<li>another</li>", "1,234.50 <small>AUD</small>", "1,234<", "12,345", "54,321",
            "Rows in the source", "1,010", "Rejected: no at sign", "<svg"]  # fmt: skip
    places = [page.index(text) for text in seen]
    assert places == sorted(places)


def test_figures_that_follow_one_another_share_a_strip() -> None:
    """Cards stand side by side until something else comes between them."""
    card = KeyFigure("Days", 3)
    page = report().section("S", card, card, "between", card).html()
    assert page.count('<dl class="figures">') == 2


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1_234, "1,234"), (0.5, "0.50"), (None, "not given"), ("2026-11-01", "2026-11-01")],
)
def test_a_key_figure_is_written_for_people(value: float | str | None, shown: str) -> None:
    """Whole numbers have no decimals, amounts two, and a gap is named."""
    assert KeyFigure("x", value).shown == shown


def test_the_page_loads_nothing() -> None:
    """No element of the page asks a network for anything, and the page forbids it, too."""
    page = report().section("S", charts.sums_bar(SUMMARY)).html()
    reader = Reader()
    reader.feed(page)
    assert reader.loads == []
    assert not {"script", "link", "img", "iframe"} & set(reader.tags)
    assert "default-src 'none'" in page
    assert "url(" not in page


def test_every_text_is_escaped() -> None:
    """Markup in any block, name or cell is shown as text."""
    bad = "<script>alert(1)</script>"
    table = pl.DataFrame({bad: [bad]})
    bars = pl.DataFrame({"state": [bad], "referrals": [1], "cost": [1.0]})
    blocks = (bad, [bad], KeyFigure(bad, bad, bad), table, Sums((bad, 1), [(bad, 1)]))
    page = Report(bad, bad, created_at=CREATED)
    page.section(bad, *blocks, charts.by_state(bars))
    assert "<script" not in page.html()
    assert page.html().count("&lt;script&gt;") >= 12


def test_sums_that_do_not_add_up_are_not_shown() -> None:
    """A report with wrong sums cannot be made."""
    with pytest.raises(ContractError, match="yet the parts come to 999"):
        Sums(("Rows", 1_000), [("Accepted", 999)])


def test_a_long_table_is_cut_and_says_so() -> None:
    """A page shows two hundred rows of a table and how many there are."""
    page = report().section("S", pl.DataFrame({"n": range(1_001)})).html()
    assert page.count("<td") == 200
    assert "The first 200 of 1,001 rows." in page


def test_the_page_is_written_whole_and_for_its_owner(tmp_path: Path) -> None:
    """The file replaces an older one, has mode 0600, and nothing is left beside it."""
    path = tmp_path / "report.html"
    path.write_text("old", encoding="utf-8")
    page = report().section("S", "é")
    assert page.write(str(path)) == path
    assert path.read_text(encoding="utf-8") == page.html()
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    """The person hears that the page could not be written."""
    with pytest.raises(InputError, match="cannot be written"):
        report().write(tmp_path / "nowhere" / "report.html")


def test_the_page_reads_well_in_the_dark_and_on_paper() -> None:
    """Both themes and print set every colour the page uses."""
    page = report().html()
    names = set(re.findall(r"var\((--\w+)\)", page))
    for start in (":root {", "(prefers-color-scheme: dark) {", "@media print {"):
        rules = page[page.index(start) :].split("}")[0]
        assert names <= set(re.findall(r"--\w+", rules))


def test_a_report_of_referrals_names_nobody(tmp_path: Path) -> None:
    """An address delivered by Rokt is nowhere on the page made of its referrals."""
    canary = "canary.bird@example.org"
    header = ("Date/time", "State", "Audience name", "Bid price", "Email", "First name")
    rows = [(f"2026-11-{day:02}", "CA", "A", "2.5", canary, canary) for day in range(1, 21)]
    vault = Vault(tmp_path)
    vault.add("a.csv", delivered(*rows, header=header), modified=NOW, now=NOW)
    table = vault.read()
    page = report().section(
        "All",
        analysis.findings(table),
        *(make(table) for make in (analysis.by_day, analysis.by_audience, analysis.by_state)),
        charts.referrals_by_day(analysis.by_day(table)),
        charts.cost_by_audience(analysis.by_audience(table)),
        vault.files(),
    )
    assert "20 referrals" in page.html()
    assert "canary" not in page.html() + repr(page)
