from __future__ import annotations

import csv
import hashlib
import io
import os
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from rokt_helpers.referrals import analysis
from rokt_helpers.referrals.inbox import delivered_files, import_file
from rokt_helpers.referrals.rhythm import find_gaps
from rokt_helpers.referrals.vault import Vault
from rokt_helpers.sandbox import write_practice_lists
from rokt_helpers.sandbox.referral_files import (
    delivered_days,
    referral_bytes,
    write_referral_file,
)
from tests.sandbox.referral_reading import (
    Rows,
    customers,
    digest,
    header_of,
    moment_of,
    of_its_day,
    person_of,
    read,
)
from tests.sandbox.wires import TODAY

MONTH = [TODAY - timedelta(days=number) for number in range(28, 0, -1)]
TWO_WEEKS = delivered_days(TODAY, 14)
# Days on which somebody may begin: each place in the turn of eight days is there.
BEGINNINGS = [TODAY + timedelta(days=number) for number in range(0, 60, 7)]
READ_MORE, DISCOUNT = (
    "Be the first to see what is new, every Thursday",
    "Join today, and your first order is 10% off",
)


@pytest.fixture(scope="module")
def month() -> Rows:
    return [row for day in MONTH for row in of_its_day(day)]


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    return customers(tmp_path_factory.mktemp("customers"))


def orders(folder: Path, today: date, *, seed: int = 7) -> Rows:
    write_practice_lists(folder, today=today, seed=seed)
    text = (folder / "sample_purchases.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def share(rows: Iterable[dict[str, str]], people: set[str]) -> float:
    found = [person_of(row) in people for row in rows if row["Email"]]
    return sum(found) / len(found)


def parted(rows: Rows, by: str) -> dict[str, Rows]:
    groups: dict[str, Rows] = defaultdict(list)
    for row in rows:
        groups[row[by]].append(row)
    return groups


def test_one_in_eleven_was_a_customer_before(month: Rows, known: set[str]) -> None:
    """Seven to eleven in a hundred referrals are of people of the practice list."""
    assert 0.07 <= share(month, known) <= 0.11


def test_one_audience_is_mostly_paid_for_in_vain(month: Rows, known: set[str]) -> None:
    """The dearest audience has at least twice the share of known customers of any other."""
    by = {name: share(rows, known) for name, rows in parted(month, "Audience name").items()}
    most = max(by, key=lambda name: by[name])
    assert most == "M/F: 55+ returning"
    assert all(by[most] > 2 * by[name] for name in by if name != most)


def test_some_are_referred_again(month: Rows) -> None:
    """Three to five in a hundred referrals are of a person referred a few days before."""
    last = [moment_of(row) for row in month if moment_of(row).date() >= MONTH[8]]
    before: dict[str, datetime] = {}
    waits = []
    for row in month:
        person, moment = person_of(row), moment_of(row)
        if person and person in before and moment.date() >= MONTH[8]:
            waits.append((moment.date() - before[person].date()).days)
        before[person] = moment
    assert 0.03 <= len(waits) / len(last) <= 0.05
    assert 2 <= statistics.median(waits) <= 4


def test_who_comes_again_is_the_same(month: Rows) -> None:
    """A person who is referred again lives where they lived, and is in the same audience."""
    seen: dict[str, Rows] = defaultdict(list)
    for row in month:
        seen[person_of(row)].append(row)
    again = [rows for person, rows in seen.items() if person and len(rows) > 1]
    same = [len({(row["Audience ID"], row["Country"]) for row in rows}) == 1 for rows in again]
    assert len(again) > 40
    assert sum(same) >= 0.9 * len(same)  # a customer may be picked twice, by chance


def test_two_campaigns_and_two_ad_texts(month: Rows) -> None:
    """The season's campaign is the larger one, and both ad texts are shown as often."""
    campaigns = Counter(row["Campaign name"].partition(",")[0] for row in month)
    assert set(campaigns) == {"Newsletter sign-up", "Members' club"}
    assert 0.3 < campaigns["Members' club"] / len(month) < 0.4
    texts = Counter(row["Ad text"] for row in month)
    assert set(texts) == {READ_MORE, DISCOUNT}
    assert 0.45 < texts[DISCOUNT] / len(month) < 0.55


def test_the_young_are_on_the_phone(month: Rows) -> None:
    """Browsers of phones are the rule among the young, and the exception above 55."""
    phones = ("Chrome Mobile", "Mobile Safari", "Samsung Internet")
    by_age: dict[bool, list[bool]] = defaultdict(list)
    for row in month:
        if row["Age"] and row["Browser"] and not 25 <= int(row["Age"]) < 55:
            by_age[int(row["Age"]) < 25].append(row["Browser"] in phones)
    assert statistics.mean(by_age[True]) > 0.75
    assert statistics.mean(by_age[False]) < 0.5


@pytest.mark.parametrize("today", BEGINNINGS)
def test_every_trap_within_two_weeks(today: date) -> None:
    """Any two weeks of files hold each way of writing them, and its ordinary counterpart."""
    days = delivered_days(today, 14)
    headers = [header_of(day) for day in days]
    files = [read(day) for day in days]
    assert {";" in header for header in headers} == {True, False}
    assert {"Postcode" in header for header in headers} == {True, False}
    assert {"Placement" in header for header in headers} == {True, False}
    assert {"-" in rows[0]["Date/time"] for rows in files} == {True, False}
    assert {bool({"F", "M"} & {row["Gender"] for row in rows}) for rows in files} == {True, False}
    zips = {row["ZIP/postal code"] for rows in files for row in rows}
    assert {"02139", "2139"} <= zips
    assert {any("@" in row["Email"] for row in rows) for rows in files} == {True, False}
    assert {len(row["Audience ID"]) for rows in files for row in rows} == {19}
    empty = {name for rows in files for row in rows for name in ("Age", "Email") if not row[name]}
    assert empty == {"Age", "Email"}
    assert any(read(day) != of_its_day(day) for day in days)


def test_a_late_delivery_repeats_the_last_rows_of_the_day_before() -> None:
    """The file that overlaps begins with what ended the file before, which was delivered."""
    days = [day for day in TWO_WEEKS if read(day) != of_its_day(day)]
    assert days
    for day in days:
        late = [row for row in read(day) if moment_of(row).date() != day]
        ended = read(day - timedelta(days=1))[-len(late) :]
        assert day - timedelta(days=1) in TWO_WEEKS
        assert len(late) == 9
        assert [(moment_of(row), person_of(row), row["Bid price"]) for row in late] == [
            (moment_of(row), person_of(row), row["Bid price"]) for row in ended
        ]


@pytest.mark.parametrize("today", BEGINNINGS)
def test_a_missing_day_shows(today: date, tmp_path: Path) -> None:
    """Ten files that wait leave out one day or two, and the rhythm tells which."""
    days = delivered_days(today, 10)
    assert len(days) == 10
    vault = Vault(tmp_path / "vault")
    now = datetime(today.year, today.month, today.day, 7, tzinfo=UTC)
    for day in reversed(days):
        name = write_referral_file(tmp_path, day, seed=7)
        import_file(tmp_path / name, vault, now=lambda: now, route="sftp")
    missing = [gap.day for gap in find_gaps(delivered_files(vault), now=now)]
    between = [min(days) + timedelta(days=n) for n in range((max(days) - min(days)).days)]
    assert missing == [day for day in between if day not in days]
    assert len(missing) in {1, 2}


def test_gaps_can_be_left_out() -> None:
    """Without gaps each day up to yesterday has its file, as many as Rokt keeps at most."""
    days = delivered_days(TODAY, 20, gaps=False)
    assert days == [TODAY - timedelta(days=number) for number in range(1, 15)]
    assert len(delivered_days(TODAY, 20)) in {12, 13}


def test_a_day_does_not_depend_on_what_was_asked_before() -> None:
    """Asked in any order, a day has the same bytes; another seed has others."""
    forwards = [referral_bytes(day, seed=11) for day in MONTH[:9]]
    backwards = [referral_bytes(day, seed=11) for day in reversed(MONTH[:9])]
    assert forwards == backwards[::-1]
    assert referral_bytes(MONTH[0], seed=12) != forwards[0]


def test_a_day_is_pinned() -> None:
    """What a day's file is does not change from one release to the next unnoticed."""
    file = referral_bytes(date(2026, 11, 17), seed=7)
    assert hashlib.sha256(file).hexdigest().startswith("22eeb87d75f7")


def test_orders_follow_from_the_day(tmp_path: Path) -> None:
    """The same day gives the same orders, another day others; one order is there twice."""
    found = [
        orders(tmp_path / name, day)
        for name, day in (("a", TODAY), ("b", TODAY), ("c", TODAY + timedelta(days=1)))
    ]
    assert found[0] == found[1] != found[2]
    assert [len(rows) for rows in found] == [251] * 3
    assert found[0][-1] == found[0][0]
    assert len({row["Order number"] for row in found[0]}) == 250


def test_orders_are_of_the_last_three_weeks(tmp_path: Path) -> None:
    """No order lies in the future or before three weeks ago, and amounts differ."""
    rows = orders(tmp_path / "inbox", TODAY)
    moments = [datetime.fromisoformat(row["Order time"]) for row in rows[:-1]]
    midnight = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC)
    assert moments == sorted(moments)
    assert midnight - timedelta(days=21) <= moments[0]
    assert moments[-1] < midnight
    assert {row["Currency"] for row in rows} == {"USD"}
    totals = [float(row["Total"]) for row in rows]
    assert len(set(totals)) > 200
    assert 25 < statistics.median(totals) < 50


def test_orders_follow_referrals(tmp_path: Path, known: set[str]) -> None:
    """Most orders are by people referred before, half within days and some after more than ten."""
    referred: dict[str, list[datetime]] = defaultdict(list)
    for day in MONTH:
        for row in of_its_day(day):
            referred[person_of(row)].append(moment_of(row).replace(tzinfo=UTC))
    days, nobodies = [], []
    for order in orders(tmp_path / "inbox", TODAY)[:-1]:
        person, moment = (
            digest(order["E-mail address"]),
            datetime.fromisoformat(order["Order time"]),
        )
        before = [each for each in referred[person] if each <= moment]
        if before:
            days.append((moment - max(before)) / timedelta(days=1))
        else:
            nobodies.append(person)
    assert 0.75 < len(days) / 250 < 0.9
    assert 1.2 < statistics.median(days) < 3
    assert sum(each > 10 for each in days) >= 3
    assert {person in known for person in nobodies} == {True, False}


@pytest.mark.parametrize("seed", [7, 8])
@pytest.mark.parametrize("today", BEGINNINGS[::4])
def test_the_analysis_finds_what_differs(
    today: date, seed: int, tmp_path: Path, known: set[str]
) -> None:
    """On ten files the better ad text and the better audience stand clear of chance."""
    vault = Vault(tmp_path / "vault")
    now = datetime(today.year, today.month, today.day, 7, tzinfo=UTC)
    for day in reversed(delivered_days(today, 10)):
        name = write_referral_file(tmp_path, day, seed=seed)
        assert import_file(tmp_path / name, vault, now=lambda: now).rows_rejected == 0
    referrals = vault.read()
    bought = analysis.attribute(
        referrals, conversions(orders(tmp_path / "inbox", today, seed=seed))
    )
    assert bought["referral"].count() > 100
    assert compared(referrals, bought, "ad_text") == {
        READ_MORE: analysis.LOWER,
        DISCOUNT: analysis.HIGHER,
    }
    audiences = compared(referrals, bought, "audience")
    assert audiences["F: 25-34"] == analysis.HIGHER
    assert audiences["M: 18-24"] == analysis.LOWER
    by = analysis.known_customers_by(
        referrals, pl.DataFrame({"email_sha256": sorted(known)}), "audience"
    )
    shares = dict(by.select("audience", "share_known").iter_rows())
    most = shares.pop("M/F: 55+ returning")
    assert all(most > 2 * other for other in shares.values())


def conversions(rows: Rows) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "email_sha256": [digest(row["E-mail address"]) for row in rows],
            "converted_at": [
                datetime.fromisoformat(row["Order time"]).replace(tzinfo=None) for row in rows
            ],
            "value": [float(row["Total"]) for row in rows],
            "currency": [row["Currency"] for row in rows],
            "conversiontype": [row["Conversion type"] for row in rows],
            "confirmationref": [row["Order number"] for row in rows],
        },
        schema_overrides={"converted_at": pl.Datetime("us")},
    )


def compared(referrals: pl.DataFrame, bought: pl.DataFrame, by: str) -> dict[str, str]:
    rates = analysis.conversion_rates(referrals, bought, by)
    return dict(rates.select(by, "compared").iter_rows())


def test_orders_of_an_earlier_day_are_renewed_unless_somebody_changed_them(tmp_path: Path) -> None:
    """A file that was made three weeks ago gets today's orders; an edited one stays."""
    orders, day = tmp_path / "sample_purchases.csv", date(2026, 11, 1)
    write_practice_lists(tmp_path, today=day)
    then = datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()
    os.utime(orders, (then, then))
    first = orders.read_text()
    write_practice_lists(tmp_path, today=date(2026, 11, 22))
    assert orders.read_text() != first
    orders.write_text("mine\n")
    write_practice_lists(tmp_path, today=date(2026, 11, 23))
    assert orders.read_text() == "mine\n"
