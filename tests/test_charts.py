from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from datetime import date
from xml.etree import ElementTree as ET

import pandas as pd
import polars as pl
import pytest

from rokt_helpers import charts
from rokt_helpers.charts import Picture
from rokt_helpers.charts.bars import in_brackets

SUMMARY = {
    "rows_in": 50_000,
    "accepted": 45_210,
    "duplicates": 3_100,
    "rejected": 1_690,
    "rejected_by_reason": {"no_at_sign": 690, "empty": 1_000},
}
DAYS = pl.DataFrame(
    {
        "day": [date(2026, 11, 1), date(2026, 11, 2), None],
        "referrals": [1_200, 1_800, 7],
        "cost": [1.0, 2.0, 3.0],
    }
)
AUDIENCES = pl.DataFrame(
    {
        "audience_id": ["1", "2", "3"],
        "audience": ["Everybody", "<b>M/F: 25+</b>", "Everybody"],
        "referrals": [100, 10, 1],
        "cost": [150.0, 1_250.5, 2.0],
    }
)
STATES = pl.DataFrame(
    {"state": ["CA", "Other", "not given"], "referrals": [30, 60, 10], "cost": [1.0] * 3}
)
ONE_DAY = pl.DataFrame({"day": [date(2026, 11, 1)], "referrals": [1], "cost": [1.0]})
ONE_OF_EACH = {
    "rows_in": 3,
    "accepted": 1,
    "duplicates": 1,
    "rejected": 1,
    "rejected_by_reason": {"empty": 1, "no_at_sign": 0},
}
AGES = pl.DataFrame(
    {
        "first_seen": [date(2026, 10, 1), date(2026, 11, 1)],
        "days": [31, 0],
        "people": [1_000, 200],
        "listed": [800, 200],
        "left": [200, 0],
        "came_back": [5, 0],
    }
)
AGES_TITLE = (
    "1,000 of 1,200 people ever listed are listed on 2026-11-01, 800 of them first seen 2026-10-01"
)
BANDS = pl.DataFrame({"age_band": ["18-24", "25-34"], "referrals": [1, 3], "cost": [1.0] * 2})
PICTURES = {
    "sums": charts.sums_bar(SUMMARY),
    "reasons": charts.reasons_bar(SUMMARY),
    "no reasons": charts.reasons_bar(SUMMARY | {"rejected_by_reason": {}}),
    "days": charts.referrals_by_day(DAYS),
    "no days": charts.referrals_by_day(DAYS.clear()),
    "cost": charts.cost_by_audience(AUDIENCES, currency="AUD"),
    "no cost": charts.cost_by_audience(AUDIENCES.clear()),
    "states": charts.by_state(STATES),
    "no states": charts.by_state(STATES.clear()),
    "bands": charts.by_age_band(BANDS),
    "ages": charts.ageing_bars(AGES),
    "no ages": charts.ageing_bars(AGES.clear()),
    "one of each": charts.sums_bar(ONE_OF_EACH),
    "one reason": charts.reasons_bar(ONE_OF_EACH),
    "one day": charts.referrals_by_day(ONE_DAY),
}


def words(picture: Picture) -> list[str]:
    """The texts a person reads in the drawing."""
    root = ET.fromstring(picture.svg())  # noqa: S314  our own drawing
    return [node.text or "" for node in root.iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
def test_a_picture_stands_alone_on_any_page(picture: Picture) -> None:
    """The drawing is well formed, transparent, loads nothing, and its text follows the page."""
    svg = picture.svg()
    inks = set(re.findall(r'<text[^>]* fill="([^"]+)"', svg))
    assert inks == {"currentColor"}
    assert ET.fromstring(svg).attrib["role"] == "img"  # noqa: S314  our own drawing
    assert not re.search(r"<(image|script|style|link|use)\b|url\((?!#)|href=", svg)
    assert 'fill="white"' not in svg


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (1, " (100%)"),
        (0.997, " (over 99%)"),
        (0.36, " (36%)"),
        (0.001, " (under 1%)"),
        (0, " (0%)"),
    ],
)
def test_nearly_all_is_not_said_to_be_all(share: float, said: str) -> None:
    """A share is rounded for the eye, but never to all or to none of it."""
    assert in_brackets(share) == said


@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
def test_a_chart_is_one_picture_to_a_screen_reader(picture: Picture) -> None:
    """Its one sentence is read out, and not each bar and tick without a name."""
    assert re.findall(r'role="([^"]+)"', picture.svg()) == ["img"]


@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
def test_a_spec_is_plain_vega_lite(picture: Picture) -> None:
    """A spec survives JSON unchanged, says which language it speaks, and draws the same again."""
    again = json.loads(json.dumps(picture.spec, allow_nan=False))
    assert again == picture.spec
    assert re.fullmatch(r"https://vega\.github\.io/schema/vega-lite/v\d+\.json", again["$schema"])
    copy = Picture(picture.title, again, picture.table, picture.alt_text)
    assert words(copy) == words(picture)


def test_a_spec_holds_only_what_is_drawn() -> None:
    """A column that no drawing needs, such as an audience's id, stays in the table."""
    told = json.dumps(PICTURES["cost"].spec)
    assert "Everybody" in told
    assert "audience_id" not in told


def test_charts_cost_no_more_than_polars() -> None:
    """Neither pandas nor a library of charts is loaded with the module, not even for a drawing."""
    draw = "charts.by_state(pl.DataFrame({'state': ['CA'], 'referrals': [1]}))._repr_html_()"
    look = f"import sys, polars as pl; from rokt_helpers import charts; {draw}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", look], check=True, capture_output=True, text=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "polars" in loaded
    assert not loaded & {"altair", "pandas", "jsonschema", "narwhals", "matplotlib"}


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("sums", "45,210 of 50,000 rows are accepted (90%)"),
        ("reasons", "Most frequent reason: empty, 1,000 of 1,690 rejected rows"),
        ("no reasons", "No row was rejected"),
        ("days", "1,500 referrals a day; most on 2026-11-02: 1,800 (7 without a date)"),
        ("cost", "<b>M/F: 25+</b> costs most: 1,250.50 AUD (89% of all)"),
        ("states", "CA brings most referrals: 30 (30% of all)"),
        ("bands", "25-34 is the largest age band: 3 (75% of all)"),
        ("ages", AGES_TITLE),
        ("one of each", "1 of 3 rows is accepted (33%)"),
        ("one reason", "The only reason: empty, 1 rejected row"),
        ("one day", "1 referral a day; most on 2026-11-01: 1"),
    ],
)
def test_the_title_states_the_finding(name: str, title: str) -> None:
    """What the picture shows is said in words and numbers; no group such as Other wins."""
    assert PICTURES[name].title == title


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("sums", ["45,210 accepted", "3,100 duplicates", "1,690 rejected"]),
        ("reasons", ["empty", "1,000", "no at sign", "690"]),
        ("days", ["1 Nov", "2 Nov", "average 1,500"]),
        ("cost", ["Everybody", "1,250.50 AUD, 125.05 each"]),
        ("states", ["CA", "30 (30%)", "Other", "60 (60%)", "not given", "10 (10%)"]),
        ("ages", ["2026-10-01", "800 of 1,000 people still listed", "2026-11-01"]),
        ("one of each", ["1 accepted", "1 duplicate", "1 rejected"]),
    ],
)
def test_figures_stand_beside_their_bars(name: str, labels: list[str]) -> None:
    """Every bar is named and numbered where it is, so that nobody needs a legend."""
    assert set(labels) <= set(words(PICTURES[name]))


@pytest.mark.parametrize("name", ["sums", "states", "cost", "days"])
def test_the_alternative_text_is_said_once(name: str) -> None:
    """A reading program hears one text for the drawing, and no mark speaks for itself."""
    spoken = re.findall(r'aria-label="([^"]*)"', PICTURES[name].svg())
    assert [html.unescape(text) for text in spoken] == [PICTURES[name].alt_text]


def test_groups_that_are_no_single_thing_stand_back() -> None:
    """Other and those not given are grey; a named group has the colour."""
    fills = re.findall(r'<path d="M\d[^>]* fill="(#\w{6})"', PICTURES["states"].svg())
    assert fills == ["#3a86d4", "#808995", "#808995"]


@pytest.mark.parametrize("most", [0, 1, 2, 3, 5, 9])
def test_few_referrals_are_counted_in_whole_numbers(most: int) -> None:
    """However few referrals there are, no two lines of the scale bear the same figure."""
    table = ONE_DAY.with_columns(referrals=pl.lit(most))
    said = [word for word in words(charts.referrals_by_day(table)) if word.isdigit()]
    assert "0" in said
    assert len(said) == len(set(said))


def test_bars_of_one_name_stay_apart() -> None:
    """Two audiences that bear the same name have a bar each."""
    svg = PICTURES["cost"].svg()
    heights = re.findall(r'translate\([\d.]+,([\d.]+)\)"[^>]*>Everybody<', svg)
    assert len(heights) == len(set(heights)) == 2


def test_many_audiences_end_in_other() -> None:
    """Beyond ten bars the rest is one bar, with the cost that is left."""
    names = [f"A{number:02}" for number in range(13)]
    table = pl.DataFrame({"audience": names, "referrals": [2] * 13, "cost": [2.0] * 13})
    said = words(charts.cost_by_audience(table))
    assert {"Other", "6.00, 1.00 each"} <= set(said)
    assert "A10" not in said


def test_labels_stay_inside_the_drawing() -> None:
    """A long name is shortened, and starts right of the edge even in a wide typeface."""
    table = pl.DataFrame({"state": ["W" * 60, "CA"], "referrals": [9_999, 1], "cost": [1.0, 1.0]})
    svg = charts.by_state(table).svg()
    name = next(text for text in words(charts.by_state(table)) if text.startswith("W"))
    assert len(name) == 28
    assert name.endswith("…")
    place = re.search(rf'text-anchor="end" transform="translate\(([\d.]+),[^>]*>{name}<', svg)
    assert place is not None
    # Eight pixels a character is DejaVu Sans, the widest of the usual typefaces.
    assert float(place[1]) >= 28 * 8


def test_pandas_tables_are_drawn_the_same() -> None:
    """An analyst's pandas table gives the same drawing, also with moments for days."""
    frame = DAYS.drop_nulls().to_pandas()
    frame["day"] = pd.to_datetime(frame["day"])
    assert charts.referrals_by_day(frame).svg() == charts.referrals_by_day(DAYS.drop_nulls()).svg()


def test_the_page_shows_no_foreign_markup() -> None:
    """A name that looks like markup is text in the title, the drawing and the table."""
    page = PICTURES["cost"]._repr_html_()
    assert "<b>" not in page
    assert page.count("&lt;b&gt;M/F: 25+") >= 3
    assert "<details" in page


def test_tables_are_written_for_people() -> None:
    """Thousands are separated, shares are per cent, gaps are named, text stays as it is."""
    table = pl.DataFrame(
        {
            "audience_id": ["2581697744617019994"],
            "referrals": [12_345],
            "cost": [9_876.5],
            "share_of_cost": [0.123],
            "day": [None],
        }
    )
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", charts.table_html(table))
    assert cells == ["2581697744617019994", "12,345", "9,876.50", "12.3%", "not given"]


def test_the_repr_holds_no_cell() -> None:
    """Printing a picture shows its title only."""
    assert repr(PICTURES["bands"]) == "<Picture '25-34 is the largest age band: 3 (75% of all)'>"
