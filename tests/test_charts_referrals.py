# ruff: noqa: DTZ001  Rokt's times have no zone, and neither has our table
from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import polars as pl
import pytest

from rokt_helpers import charts
from rokt_helpers.charts import Picture
from rokt_helpers.referrals import analysis
from tests.referrals.analysis_rows import conversions, converted, delivered, table
from tests.referrals.downloads import referrals

PERIODS = (date(2026, 10, 2), date(2026, 10, 20)), (date(2026, 10, 21), date(2026, 11, 20))
STRETCHES: dict[str, pl.DataType] = {
    "email_sha256": pl.String(), "list": pl.String(), "since": pl.Datetime("us"),
    "until": pl.Datetime("us"),
}  # fmt: skip
FILES = pl.DataFrame({"rows": [90], "duplicates": [5], "rejected": [5]})


def every_table(rows: list[dict[str, Any]], told: list[dict[str, Any]]) -> dict[str, pl.DataFrame]:
    """The table of each analysis that has a chart, by the name both go by."""
    frame, sold = table(rows), conversions(told)
    known = frame.select("email_sha256").drop_nulls().unique().sort("email_sha256").head(12)
    on_list = known.with_columns(
        list=pl.lit("Optouts"), since=pl.lit(datetime(2026, 10, 5)), until=pl.lit(None),
    ).cast(pl.Schema(STRETCHES))  # fmt: skip
    leaks = analysis.find_leaks(frame, on_list)
    found = analysis.attribute(frame, sold)
    gaps = pl.DataFrame({"day": [date(2026, 10, 9)]}).clear(0 if not rows else 1).drop_nulls()
    return {
        "by_segment": analysis.by_campaign(frame),
        "by_hour_and_weekday": analysis.by_hour_and_weekday(frame),
        "bid_quantiles": analysis.bid_quantiles(frame),
        "cost_over_time": analysis.cost_over_time(frame),
        "volume_and_cost": analysis.volume_and_cost(frame, gaps),
        "repeat_counts": analysis.repeat_counts(frame),
        "days_between": analysis.days_between(frame),
        "repeats_by": analysis.repeats_by(frame),
        "new_and_known": analysis.new_and_known(frame, known),
        "known_customers_by": analysis.known_customers_by(frame, known),
        "leaks_by_day": analysis.leaks_by_day(leaks),
        "leaks_by_list": analysis.leaks_by_list(leaks),
        "leaks_by_lag": analysis.leaks_by_lag(leaks),
        "conversion_rates": analysis.conversion_rates(frame, found, "audience"),
        "conversion_values": analysis.conversion_values(frame, found, "audience", currency="AUD"),
        "conversion_lags": analysis.conversion_lags(frame, found, "audience"),
        "conversions_by_lag": analysis.conversions_by_lag(found),
        "cohorts": analysis.cohorts(frame, sold, currency="AUD"),
        "compare_periods": analysis.compare_periods(frame, *PERIODS, attributed=found),
        "cost_change": analysis.cost_change(frame, *PERIODS),
        "columns_filled": analysis.columns_filled(frame),
        "rows_delivered": analysis.rows_delivered(FILES if rows else FILES.clear()),
        "sound_ids": analysis.sound_ids(frame),
    }


def draw(name: str, shown: pl.DataFrame) -> Picture:
    more = {"currency": "AUD"} if name == "conversion_values" else {}
    chart: Callable[..., Picture] = getattr(charts, name)
    return chart(shown, **more)


def words(picture: Picture) -> list[str]:
    root = ET.fromstring(picture.svg())  # noqa: S314  our own drawing
    return [node.text or "" for node in root.iter("{http://www.w3.org/2000/svg}text")]


FULL = every_table(delivered(3, 900), converted(3, 200))
EMPTY = every_table([], [])
PICTURES = {name: draw(name, made) for name, made in FULL.items()}
PICTURES |= {f"no {name}": draw(name, made) for name, made in EMPTY.items()}


def test_every_referral_chart_is_tried() -> None:
    """Each chart of referrals that is exported is drawn here, full and empty."""
    modules = {name: getattr(charts, name).__module__.rpartition(".")[2] for name in charts.__all__}
    assert {name for name, module in modules.items() if module.startswith("referrals_")} == {*FULL}


@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
def test_a_picture_stands_alone_on_any_page(picture: Picture) -> None:
    """The drawing is well formed, transparent, loads nothing, and its text follows the page."""
    svg = picture.svg()
    assert set(re.findall(r'<text[^>]* fill="([^"]+)"', svg)) == {"currentColor"}
    assert ET.fromstring(svg).attrib["role"] == "img"  # noqa: S314  our own drawing
    assert not re.search(r"<(image|script|style|link|use)\b|url\((?!#)|href=", svg)
    assert 'fill="white"' not in svg
    assert picture.title
    assert picture.alt_text.endswith(".")
    assert len(re.findall(r"aria-label=", svg)) == 1


@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
def test_a_spec_is_plain_vega_lite(picture: Picture) -> None:
    """A spec survives JSON unchanged and draws the same again."""
    again = json.loads(json.dumps(picture.spec, allow_nan=False))
    assert again == picture.spec
    assert words(Picture(picture.title, again, picture.table, picture.alt_text)) == words(picture)


@pytest.mark.parametrize("name", FULL)
def test_full_tables_are_drawn_and_empty_ones_say_so(name: str) -> None:
    """Where there is something it is drawn; where there is nothing one sentence says so."""
    assert "Nothing to draw." not in words(PICTURES[name])
    assert words(PICTURES[f"no {name}"]) == ["Nothing to draw."]


@pytest.mark.parametrize("name", FULL)
def test_no_digest_is_in_a_picture(name: str) -> None:
    """Neither drawing nor table holds what names a person."""
    page = PICTURES[name]._repr_html_() + json.dumps(PICTURES[name].spec)
    assert re.search(r"[0-9a-f]{64}", page) is None


# --- what a person sees of few people -----------


def tiny() -> pl.DataFrame:
    """Forty people from Everywhere, six from Nearby, and one, three times, from Lonely."""
    counts = {"Everywhere": 40, "Nearby": 6, "Lonely": 3}
    names: list[object] = [name for name, many in counts.items() for _ in range(many)]
    people: list[object] = [f"{min(number, 46):064x}" for number in range(49)]
    start = datetime(2026, 11, 2)
    moments: list[object] = [start + timedelta(hours=number % 30) for number in range(49)]
    prices: list[object] = [7.0 if name == "Lonely" else 1.0 for name in names]
    return referrals(
        referred_at=moments, email_sha256=people, campaign=names, state=names, audience=names,
        audience_id=names, bid_price=prices,
    )  # fmt: skip


def on_both(frame: pl.DataFrame) -> dict[str, Picture]:
    """Charts over a table in which one group is one person."""
    everybody = frame.select("email_sha256").unique()
    sold = frame.select(
        "email_sha256", converted_at=pl.col("referred_at"), value=pl.lit(2.0),
        currency=pl.lit("AUD"),
    )  # fmt: skip
    found = analysis.attribute(frame, sold)
    days = ((date(2026, 11, 2), date(2026, 11, 2)), (date(2026, 11, 3), date(2026, 11, 3)))
    listed = frame.select(
        "email_sha256", list="campaign", since="referred_at",
        until=pl.lit(None, pl.Datetime("us")),
    )  # fmt: skip
    leaks = analysis.find_leaks(frame, listed)
    values = analysis.conversion_values(frame, found, "campaign", currency="AUD")
    return {
        "campaigns": charts.by_segment(analysis.by_campaign(frame)),
        "states": charts.by_state(analysis.by_state(frame)),
        "audiences": charts.cost_by_audience(analysis.by_audience(frame)),
        "bids": charts.bid_quantiles(analysis.bid_quantiles(frame)),
        "repeats": charts.repeats_by(analysis.repeats_by(frame)),
        "customers": charts.known_customers_by(analysis.known_customers_by(frame, everybody)),
        "lists": charts.leaks_by_list(analysis.leaks_by_list(leaks)),
        "list days": charts.leaks_by_day(analysis.leaks_by_day(leaks)),
        "rates": charts.conversion_rates(analysis.conversion_rates(frame, found, "campaign")),
        "values": charts.conversion_values(values, currency="AUD"),
        "lags": charts.conversion_lags(analysis.conversion_lags(frame, found, "campaign")),
        "costs": charts.cost_change(analysis.cost_change(frame, *days, "campaign")),
    }


LONELY = on_both(tiny())


@pytest.mark.parametrize("picture", LONELY.values(), ids=LONELY)
def test_a_group_of_one_person_is_nowhere(picture: Picture) -> None:
    """Not in the title, the drawing, the text for those who cannot see, or the table behind."""
    page = picture._repr_html_() + json.dumps(picture.spec) + picture.alt_text + repr(picture)
    assert "Lonely" not in page
    assert "Everywhere" in page


def test_sums_stay_where_groups_are_hidden() -> None:
    """The lonely one hides together with the next, so that nothing can be told from the sums."""
    frame = tiny()
    picture = charts.by_segment(analysis.by_campaign(frame))
    assert isinstance(picture.table, pl.DataFrame)
    assert picture.table.select("campaign", "referrals", "people").rows() == [
        ("Everywhere", 40, 40), ("fewer than 5 and others", 9, 7),
    ]  # fmt: skip
    fills = re.findall(r'<path d="M\d[^>]* fill="(#\w{6})"', picture.svg())
    assert fills == ["#3a86d4", "#808995"]
    everybody = charts.by_segment(analysis.by_campaign(frame), fewest=1)
    assert {"Lonely", "Nearby"} <= set(words(everybody))


# --- what the titles say -------------------------


def golden() -> dict[str, Picture]:
    """Pictures over tables small enough to work out by hand."""
    volume = pl.DataFrame(
        {
            "day": [date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 3)],
            "referrals": [10, 0, 20], "people": [10, 0, 20], "cost": [5.0, 0.0, 10.0],
            "gap": [False, True, False],
        }
    )  # fmt: skip
    rates = pl.DataFrame(
        {
            "campaign": ["Spring", "Summer"], "referrals": [1_000, 1_000], "people": [900, 900],
            "cost": [1.0, 1.0], "converted": [100, 20], "conversions": [110, 20],
            "rate": [0.1, 0.02], "rate_low": [0.08, 0.01], "rate_high": [0.12, 0.03],
            "rate_of_rest": [0.02, 0.1], "compared": ["clearly higher", "clearly lower"],
        }
    )  # fmt: skip
    lag = pl.DataFrame(
        {
            "lag": analysis.LEAK_LAGS, "referrals": [5, 30, 5, 10], "people": [5, 30, 5, 10],
            "cost": [1.0, 2.0, 3.0, 4.0],
        }
    )  # fmt: skip
    weeks = pl.DataFrame(
        {
            "week": [date(2026, 11, 2)] * 3 + [date(2026, 11, 9)] * 3, "weeks_after": [0, 1, 2] * 2,
            "people": [50] * 3 + [3] * 3, "converted": [5, 10, None, 3, 3, None],
            "share_converted": [0.1, 0.2, None, 1.0, 1.0, None],
        }
    )  # fmt: skip
    return {
        "volume": charts.volume_and_cost(volume, currency="AUD"),
        "rates": charts.conversion_rates(rates),
        "lag": charts.leaks_by_lag(lag),
        "weeks": charts.cohorts(weeks),
        "files": charts.rows_delivered(analysis.rows_delivered(FILES)),
    }


GOLDEN = golden()


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("volume", "30 referrals cost 15.00 AUD in 3 days; no file came for 1 day (grey)"),
        ("rates", "Spring converts clearly higher than the rest: 10.00% against 2.00%"),
        ("lag", "30 of 50 leaked referrals came after: 1-2 days"),
        ("weeks", "20.0% of people had converted 1 week after the week of their first referral"),
        ("files", "90 of 100 delivered rows were kept (90%)"),
    ],
)
def test_the_title_states_the_finding(name: str, title: str) -> None:
    """What the picture shows is said in words and numbers."""
    assert GOLDEN[name].title == title


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("volume", ["Referrals", "Cost, AUD"]),
        ("rates", ["Spring", "10.00% (8.00% to 12.00%), clearly higher", "Summer"]),
        ("lag", ["0-24 hours", "5 (10%)", "30 (60%)", "more than 7 days"]),
        ("weeks", ["2026-11-02", "10.0%", "20.0%"]),
        ("files", ["kept", "90 (90%)", "duplicate", "rejected", "5 (5%)"]),
    ],
)
def test_figures_stand_in_the_drawing(name: str, labels: list[str]) -> None:
    """Every bar, point and cell is named and numbered where it is."""
    assert set(labels) <= set(words(GOLDEN[name]))


def test_a_gap_is_a_band_and_a_word() -> None:
    """The day without a file is grey in both panels and named for those who cannot see."""
    assert GOLDEN["volume"].svg().count("#808995") == 2
    assert "2026-11-02" in GOLDEN["volume"].alt_text


def test_a_week_of_few_people_is_left_out() -> None:
    """Three people of a week are in neither the drawing nor the table."""
    assert "2026-11-09" not in GOLDEN["weeks"]._repr_html_()
