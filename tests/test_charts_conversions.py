from __future__ import annotations

import json
import re
from datetime import date
from typing import Any
from xml.etree import ElementTree as ET

import polars as pl
import pytest

from rokt_helpers import charts, contract
from rokt_helpers.charts import Picture

DAYS = {"day": pl.Date, "currency": pl.String, "conversions": pl.Int64, "amount": pl.Float64}
ONE, TWO = date(2026, 11, 1), date(2026, 11, 3)


def sales(*rows: tuple[date | None, str | None, int, float]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=DAYS, orient="row")


def summary(accepted: int, **attributes: int) -> dict[str, Any]:
    return {"accepted": accepted, "attributes": attributes}


MANY = [(ONE, name, 5 - place, 1.0) for place, name in enumerate(("USD", "EUR", "GBP", "SEK"))]
TWO_CURRENCIES = (
    "20.00 EUR, 30.00 USD and 8.00 without a currency in 9 conversions; best day 2026-11-03: 3 "
    "conversions (4 without a date)"
)
FOUR_CURRENCIES = (
    "1.00 USD, 1.00 EUR, 1.00 GBP and 1 more currency in 14 conversions; best day 2026-11-01: 14 "
    "conversions"
)
PICTURES = {
    "one currency": charts.sales_by_day(sales((ONE, "USD", 2, 30.0), (TWO, "USD", 1, 1_000.5))),
    "two currencies": charts.sales_by_day(
        sales((ONE, "USD", 2, 30.0), (TWO, "EUR", 3, 20.0), (None, None, 4, 8.0))
    ),
    "four currencies": charts.sales_by_day(sales(*MANY)),
    "no money": charts.sales_by_day(sales((ONE, None, 1, 0.0))),
    "no days": charts.sales_by_day(sales((None, "USD", 1, 1.0))),
    "clicks": charts.attributes_bar(
        summary(4, emailsha256=4, passbackconversiontrackingid=1, confirmationref=3)
    ),
    "no clicks": charts.attributes_bar(summary(4, emailsha256=4)),
    "nothing": charts.attributes_bar(summary(0, emailsha256=0)),
    "reasons": charts.conversion_reasons_bar({"rejected_by_reason": {"bad_zip": 1, "bad_time": 4}}),
    "one reason": charts.conversion_reasons_bar({"rejected_by_reason": {"bad_zip": 1}}),
    "no reason": charts.conversion_reasons_bar({"rejected_by_reason": {}}),
}


def words(picture: Picture) -> list[str]:
    """The texts a person reads in the drawing."""
    root = ET.fromstring(picture.svg())  # noqa: S314  our own drawing
    return [node.text or "" for node in root.iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
def test_a_picture_stands_alone_on_any_page(picture: Picture) -> None:
    """The drawing is plain data, is transparent, loads nothing, and its text follows the page."""
    assert json.loads(json.dumps(picture.spec, allow_nan=False)) == picture.spec
    svg = picture.svg()
    assert set(re.findall(r'<text[^>]* fill="([^"]+)"', svg)) == {"currentColor"}
    assert ET.fromstring(svg).attrib["role"] == "img"  # noqa: S314  our own drawing
    assert not re.search(r"<(image|script|style|link|use)\b|url\((?!#)|href=", svg)
    assert 'fill="white"' not in svg
    assert svg.count("aria-label=") == 1


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("one currency", "1,030.50 USD in 3 conversions; best day 2026-11-03: 1,000.50 USD"),
        ("two currencies", TWO_CURRENCIES),
        (
            "four currencies",
            FOUR_CURRENCIES,
        ),
        ("no money", "1 conversion without an amount; best day 2026-11-01: 1 conversion"),
        ("no days", "No conversion has a date"),
        ("clicks", "1 of 4 conversions carry a Rokt click id (25%)"),
        (
            "no clicks",
            "No conversion carries a Rokt click id: Rokt can match by the person only",
        ),
        ("nothing", "There is no conversion"),
        ("reasons", "Most frequent reason: bad time, 4 of 5 rejected rows"),
        ("one reason", "The only reason: bad zip, 1 rejected row"),
        ("no reason", "No row was rejected"),
    ],
)
def test_the_title_states_the_finding(name: str, title: str) -> None:
    """What the picture shows is said in words and numbers, each currency by itself."""
    assert PICTURES[name].title == title


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("one currency", ["USD a day", "conversions a day", "average 515", "average 2"]),
        ("two currencies", ["USD a day", "EUR a day", "conversions a day"]),
        ("clicks", ["Rokt click id", "1 (25%)", "order id", "3 (75%)"]),
        ("reasons", ["bad time", "4", "bad zip", "1"]),
    ],
)
def test_figures_stand_beside_their_bars(name: str, labels: list[str]) -> None:
    """Every bar is named in plain words and numbered where it is."""
    assert set(labels) <= set(words(PICTURES[name]))


def test_each_currency_has_its_own_bars() -> None:
    """Three currencies are drawn, the most frequent; all of them stand in the table."""
    said = words(PICTURES["four currencies"])
    assert {"USD a day", "EUR a day", "GBP a day"} <= set(said)
    assert "SEK a day" not in said
    assert "SEK" in pl.DataFrame(PICTURES["four currencies"].table)["currency"]


def test_the_panels_share_their_days() -> None:
    """A day without money of one currency stands as a 0 in its panel, below the same date."""
    panels = PICTURES["two currencies"].spec["vconcat"]
    found = [
        [point["referrals"] for point in panel["layer"][0]["data"]["values"]] for panel in panels
    ]
    assert found == [[0.0, 20.0], [30.0, 0.0], [2, 3]]
    assert PICTURES["two currencies"].spec["resolve"] == {"scale": {"x": "shared"}}


def test_reasons_are_explained_in_the_table() -> None:
    """The table behind the bars says what each reason means."""
    table = pl.DataFrame(PICTURES["reasons"].table)
    assert table["meaning"][0] == contract.CONVERSION_REASONS["bad_time"]
