"""Invent the referral file of a day, with the traps that real ones have and a story to find.

A file follows from the seed and the day alone: the same day gives the same bytes. What the
header says is from ``contract.REFERRAL_COLUMNS``; every person is invented.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from rokt_helpers import contract
from rokt_helpers.sandbox.people import invent_person

__all__ = ["referral_bytes", "referral_name", "write_referral_file"]

COLUMNS: Final = (
    "Date/time", "Campaign name", "Audience ID", "Audience name", "Country", "State",
    "ZIP/postal code", "Gender", "Age", "Bid price", "Ad response", "Browser", "Source", "Email",
    "First name", "Last name",
)  # fmt: skip
DELIVERY_TIME: Final = time(6, tzinfo=UTC)  # of the day after
_DOMAINS: Final = ("example.com", "example.com", "example.org", "example.net")


@dataclass(frozen=True, slots=True)
class _Audience:
    """Who an offer is shown to, what a referral costs, and how large a share they are."""

    audience_id: str
    name: str
    bid: float
    share: float
    youngest: int
    oldest: int
    gender: str = ""


# The first two ids are one and the same number to a program that reads them as floating point.
_AUDIENCES: Final = (
    _Audience("2581697744617019994", "M/F: 25+", 2.50, 0.44, 25, 64),
    _Audience("2581697744617020013", "F: 25-34", 3.40, 0.28, 25, 34, "F"),
    _Audience("2583112096540118872", "M: 18-24", 1.80, 0.19, 18, 24, "M"),
    _Audience("2590048817323771905", "M/F: 55+ returning", 5.25, 0.09, 55, 79),
)
# Places with their share; the first postal codes begin with a zero.
_PLACES: Final = (
    ("United States", "MA", "02139", 8), ("United States", "NJ", "07030", 9),
    ("United States", "CT", "06510", 4), ("United States", "CA", "94110", 21),
    ("United States", "NY", "10010", 17), ("United States", "TX", "73301", 12),
    ("United States", "FL", "33101", 10), ("United States", "WA", "98101", 6),
    ("Australia", "NSW", "2000", 8), ("Australia", "VIC", "3000", 5),
)  # fmt: skip
_BROWSERS: Final = ("Chrome Mobile", "Chrome Mobile", "Mobile Safari", "Mobile Safari", "Chrome",
                    "Safari", "Edge", "Firefox")  # fmt: skip
_SOURCES: Final = ("Confirmation page", "Confirmation page", "Confirmation page", "E-mail receipt")
_RESPONSES: Final = ("Yes, please", "Yes, please", "Sign me up")
_GENDERS: Final = ("F", "F", "F", "M", "M", "")
# How busy each hour is: quiet nights, lunch, and the evening.
_HOURS: Final = (2, 1, 1, 1, 1, 2, 4, 6, 7, 8, 9, 11, 13, 11, 9, 9, 10, 12, 15, 18, 19, 16, 10, 5)

# A season is one campaign: it begins on a Monday, lasts four weeks and grows from day to day.
_FIRST_SEASON: Final = date(2026, 1, 5)
_SEASON_DAYS: Final = 28
_FIRST_DAY_ROWS: Final = 56
_MORE_ROWS_EACH_DAY: Final = 1.45
_WEEKDAYS: Final = (1.0, 1.02, 1.04, 1.06, 1.12, 0.9, 0.84)  # Monday first


@dataclass(frozen=True, slots=True)
class _Format:
    """How the file of a day is written; turns with the day, so that a week has every trap."""

    serial_dates: bool
    gender_codes: bool
    lost_zeros: bool
    hashed_email: bool


def referral_name(day: date) -> str:
    """Return the name of a day's file."""
    return f"referrals_{day.isoformat()}.csv"


def write_referral_file(folder: Path, day: date, *, seed: int) -> str:
    """Write a day's file as it would lie there: delivered at 06:00 UTC of the day after."""
    path = folder / referral_name(day)
    path.write_bytes(referral_bytes(day, seed=seed))
    delivered = datetime.combine(day + timedelta(days=1), DELIVERY_TIME).timestamp()
    os.utime(path, (delivered, delivered))
    return path.name


def referral_bytes(day: date, *, seed: int) -> bytes:
    """Return a day's file: UTF-8, comma, a header, 40 to 120 rows in the order of time."""
    dice = random.Random(f"{seed}-{day}")
    form = _format(day)
    moments = sorted(_moment(day, dice) for _ in range(_rows(day, dice)))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(moment, form, dice) for moment in moments)
    return text.getvalue().encode()


def _format(day: date) -> _Format:
    turn = day.toordinal()
    return _Format(
        serial_dates=turn % 3 == 0,
        gender_codes=turn % 4 == 1,
        lost_zeros=turn % 2 == 0,
        hashed_email=turn % 10 == 3,  # noqa: PLR2004 - one file in ten days
    )


def _rows(day: date, dice: random.Random) -> int:
    level = _FIRST_DAY_ROWS + _MORE_ROWS_EACH_DAY * _season(day)[1]
    return round(level * _WEEKDAYS[day.weekday()] + dice.uniform(-3, 3))


def _season(day: date) -> tuple[int, int]:
    """Return which season a day is in, from 1, and how many days into it, from 0."""
    number, days_in = divmod((day - _FIRST_SEASON).days, _SEASON_DAYS)
    return number + 1, days_in


def _moment(day: date, dice: random.Random) -> datetime:
    hour = dice.choices(range(24), weights=_HOURS)[0]
    start = datetime.combine(day, time(hour))  # Rokt does not state the time zone
    return start + timedelta(seconds=dice.randrange(3600))


def _row(moment: datetime, form: _Format, dice: random.Random) -> list[str]:
    audience = dice.choices(_AUDIENCES, weights=[each.share for each in _AUDIENCES])[0]
    place = dice.choices(_PLACES, weights=[each[3] for each in _PLACES])[0]
    person = invent_person(dice, domains=_DOMAINS)
    return [
        _date_text(moment, serial=form.serial_dates),
        f"Newsletter sign-up, season {_season(moment.date())[0]}",
        audience.audience_id,
        audience.name,
        place[0],
        place[1],
        place[2].lstrip("0") if form.lost_zeros else place[2],
        _gender_text(audience.gender or dice.choice(_GENDERS), as_code=form.gender_codes),
        str(dice.randint(audience.youngest, audience.oldest)),
        f"{audience.bid + dice.choice((-0.1, 0, 0, 0, 0.1)):.2f}",
        dice.choice(_RESPONSES),
        dice.choice(_BROWSERS),
        dice.choice(_SOURCES),
        _email_text(person.email, hashed=form.hashed_email),
        person.first_name,
        person.last_name,
    ]


def _date_text(moment: datetime, *, serial: bool) -> str:
    if not serial:
        return moment.isoformat(sep=" ", timespec="seconds")
    since = moment - datetime.fromisoformat(contract.SERIAL_DATE_EPOCH)
    return f"{since / timedelta(days=1):.5f}"


def _gender_text(code: str, *, as_code: bool) -> str:
    return code if as_code else contract.GENDER_LABELS.get(code.lower(), "")


def _email_text(email: str, *, hashed: bool) -> str:
    return hashlib.sha256(email.encode()).hexdigest() if hashed else email
