from __future__ import annotations

import hashlib
import itertools
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import paramiko
import pytest

from rokt_helpers import contract
from rokt_helpers.sandbox import Sandbox
from rokt_helpers.sandbox.people import DOMAINS
from rokt_helpers.sandbox.referral_files import delivered_days, referral_bytes
from tests.sandbox.referral_reading import Rows, moment_of, of_its_day, read
from tests.sandbox.wires import TODAY, connect

DAYS = [TODAY - timedelta(days=number) for number in range(1, 11)]
RESERVED = {*DOMAINS}


@pytest.fixture(scope="module")
def season() -> dict[date, Rows]:
    """Give every day of one season."""
    first = date(2026, 11, 9)
    return {day: read(day) for day in (first + timedelta(days=n) for n in range(28))}


def test_what_waits(box: Sandbox, sftp: paramiko.SFTPClient) -> None:
    """Ten files wait, one day is missing, each was delivered at six in the morning after."""
    listed = sorted(sftp.listdir_attr("/downloads"), key=lambda entry: entry.filename)
    assert [entry.filename for entry in listed] == [
        f"referrals_{day.isoformat()}.csv" for day in reversed(delivered_days(TODAY, 10))
    ]
    assert "referrals_2026-11-16.csv" not in {entry.filename for entry in listed}
    newest = listed[-1]
    assert newest.st_mtime == datetime(2026, 11, 22, 6, tzinfo=UTC).timestamp()
    with sftp.open(f"/downloads/{newest.filename}") as remote:
        assert remote.read() == referral_bytes(DAYS[0], seed=7)
    assert newest.st_size == (box.folder / "sftp" / "downloads" / newest.filename).stat().st_size


def test_one_more(box: Sandbox, sftp: paramiko.SFTPClient) -> None:
    """A further day's file can be delivered while the sandbox runs."""
    name = box.add_referral_file(TODAY)
    assert name == "referrals_2026-11-22.csv"
    assert name in sftp.listdir("/downloads")


def test_the_same_day_gives_the_same_bytes() -> None:
    """A file follows from the seed and the day, whatever day it is today."""
    boxes = [Sandbox(today=TODAY, referral_days=3), Sandbox(today=DAYS[0], referral_days=3)]
    contents = []
    for box in boxes:
        with box, connect(box) as client:
            contents.append(
                {
                    name: client.open(f"/downloads/{name}").read()
                    for name in client.listdir("/downloads")
                }
            )
    shared = contents[0].keys() & contents[1].keys()
    assert len(shared) == 2
    assert all(contents[0][name] == contents[1][name] for name in shared)
    assert referral_bytes(TODAY, seed=8) != referral_bytes(TODAY, seed=7)


def test_header_and_size(season: dict[date, Rows]) -> None:
    """A day has 40 to 120 rows, in the order of time, under Rokt's display names."""
    for day, rows in season.items():
        assert 40 <= len(of_its_day(day)) <= 120
        assert set(rows[0]) <= {*contract.REFERRAL_COLUMNS, "Placement"}
        moments = [row["Date/time"] for row in rows]
        assert moments == sorted(moments)
    assert {"Email", "Bid price", "Ad text", "Source", "State"} <= set(rows[0])


def test_traps_within_ten_days() -> None:
    """Ten days hold both spellings of dates, genders, postal codes and e-mails."""
    files = [read(day) for day in DAYS]
    serial = [bool(re.fullmatch(r"\d{5}\.\d{5}", rows[0]["Date/time"])) for rows in files]
    codes = [{row["Gender"] for row in rows} for rows in files]
    zips = [{row["ZIP/postal code"] for row in rows} for rows in files]
    hashed = [all(re.fullmatch("([0-9a-f]{64})?", row["Email"]) for row in rows) for rows in files]
    assert set(serial) == {True, False}
    assert {"Female", "Male", ""} in codes
    assert {"F", "M", ""} in codes
    assert any("02139" in each for each in zips)
    assert any("2139" in each for each in zips)
    assert sum(hashed) in {1, 2}


def test_dates_are_of_their_day(season: dict[date, Rows]) -> None:
    """Serial and ISO dates fall on the day in the file's name, late rows on the day before."""
    for day, rows in season.items():
        days = {moment_of(row).date() for row in rows}
        assert day in days
        assert days <= {day, day - timedelta(days=1)}


def test_audience_ids_need_text(season: dict[date, Rows]) -> None:
    """Audience ids have 19 digits, and two of them are the same floating-point number."""
    ids = {row["Audience ID"] for rows in season.values() for row in rows}
    assert all(re.fullmatch(r"\d{19}", each) for each in ids)
    assert len(ids) == 4
    assert len({float(each) for each in ids}) == 3


def test_invented_people_only(season: dict[date, Rows]) -> None:
    """Every address is at a domain reserved for examples, or a digest."""
    addresses = {row["Email"] for rows in season.values() for row in rows}
    plain = {each for each in addresses if "@" in each}
    assert {each.partition("@")[2] for each in plain} == RESERVED
    assert all(len(each) == 64 for each in addresses - plain - {""})


def test_there_is_a_story(season: dict[date, Rows]) -> None:
    """A season grows, week-ends are quieter, and the dearest audience is the smallest."""
    weeks = [sum(len(rows) for rows in list(season.values())[n : n + 7]) for n in (0, 7, 14, 21)]
    assert all(earlier < later for earlier, later in itertools.pairwise(weeks))
    weekdays = Counter[bool]()
    for day, rows in season.items():
        weekdays[day.weekday() >= 5] += len(rows)
    assert weekdays[True] / 2 < weekdays[False] / 5
    rows = [row for each in season.values() for row in each]
    volume = Counter(row["Audience name"] for row in rows)
    bids: dict[str, float] = {}
    for row in rows:
        bids[row["Audience name"]] = max(float(row["Bid price"]), bids.get(row["Audience name"], 0))
    assert volume.most_common()[-1][0] == max(bids, key=lambda name: bids[name])


def test_hashed_file_hides_the_address() -> None:
    """In the hashed file the e-mail is a SHA-256 and the names stay."""
    day = next(day for day in DAYS if not any("@" in row["Email"] for row in read(day)))
    row = read(day)[0]
    assert row["First name"]
    assert row["Email"] != hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize("days", [-1, 15])
def test_retention(days: int) -> None:
    """More files than Rokt keeps, or less than none, are refused."""
    with pytest.raises(ValueError, match="0 to 14"):
        Sandbox(referral_days=days)


def test_without_gaps() -> None:
    """A sandbox can be asked for a file of each day."""
    with Sandbox(today=TODAY, referral_gaps=False) as box, connect(box) as client:
        names = {f"referrals_{day.isoformat()}.csv" for day in DAYS}
        assert set(client.listdir("/downloads")) == names
