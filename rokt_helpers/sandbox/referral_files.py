"""Write the referral file of a day, with the traps that real ones have.

A file follows from the seed and the day alone: the same day gives the same bytes. What the
header says is from ``contract.REFERRAL_COLUMNS``; every person is invented.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Final

from rokt_helpers import contract
from rokt_helpers.sandbox.referral_story import Referral, referrals_of

__all__ = ["delivered_days", "referral_bytes", "referral_name", "write_referral_file"]

COLUMNS: Final = (
    "Date/time", "Campaign name", "Audience ID", "Audience name", "Country", "State",
    "ZIP/postal code", "Gender", "Age", "Bid price", "Ad response", "Ad text", "Browser", "Source",
    "Email", "First name", "Last name",
)  # fmt: skip
DELIVERY_TIME: Final = time(6, tzinfo=UTC)  # of the day after
EXTRA_COLUMN: Final = "Placement"
_PLACEMENTS: Final = ("top", "middle", "bottom")
_OTHER_NAMES: Final = {"ZIP/postal code": "Postcode", "Email": "E-mail address"}
_LATE_ROWS: Final = 9  # how many rows of yesterday come again

# Which of eight days has which trap: any eight days in a row have all of them. Two files may be
# alike in dates, genders and postal codes, which turn at a pace of their own.
_TURN_DAYS: Final = 8
_NO_FILE, _RENAMED, _OVERLAPPING, _HASHED, _SEMICOLONS = 0, 2, 3, 5, 6
_EXTRA: Final = (1, 2)


@dataclass(frozen=True, slots=True)
class _Format:
    """How the file of a day is written."""

    serial_dates: bool
    gender_codes: bool
    lost_zeros: bool
    hashed_email: bool
    other_names: bool
    extra_column: bool
    overlapping: bool
    delimiter: str


def referral_name(day: date) -> str:
    """Return the name of a day's file."""
    return f"referrals_{day.isoformat()}.csv"


def delivered_days(today: date, files: int, *, gaps: bool = True) -> list[date]:
    """Return the days whose files lie ready, the last one first.

    Parameters
    ----------
    today
        The day it is; the last file is yesterday's.
    files
        How many there are, as far as Rokt keeps them.
    gaps
        Each eighth day's file never came. False: every day's did.
    """
    kept = (today - timedelta(days=n + 1) for n in range(contract.REFERRAL_RETENTION_DAYS))
    return list(islice((day for day in kept if not (gaps and _turn(day) == _NO_FILE)), files))


def write_referral_file(folder: Path, day: date, *, seed: int) -> str:
    """Write a day's file as it would lie there: delivered at 06:00 UTC of the day after."""
    path = folder / referral_name(day)
    path.write_bytes(referral_bytes(day, seed=seed))
    delivered = datetime.combine(day + timedelta(days=1), DELIVERY_TIME).timestamp()
    os.utime(path, (delivered, delivered))
    return path.name


def referral_bytes(day: date, *, seed: int) -> bytes:
    """Return a day's file: UTF-8, a header, 40 to 120 rows of the day in the order of time.

    One file in eight begins with rows that the file before has brought.
    """
    form = _format(day)
    late = referrals_of(day - timedelta(days=1), seed=seed)[-_LATE_ROWS:]
    referrals = [*(late if form.overlapping else ()), *referrals_of(day, seed=seed)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n", delimiter=form.delimiter)
    header = [_OTHER_NAMES.get(name, name) if form.other_names else name for name in COLUMNS]
    writer.writerow([*header, *([EXTRA_COLUMN] if form.extra_column else [])])
    writer.writerows(_cells(referral, form) for referral in referrals)
    return text.getvalue().encode()


def _turn(day: date) -> int:
    return day.toordinal() % _TURN_DAYS


def _format(day: date) -> _Format:
    number, turn = day.toordinal(), _turn(day)
    return _Format(
        serial_dates=number % 3 == 0,
        gender_codes=number % 4 == 1,
        lost_zeros=number % 2 == 0,
        hashed_email=turn == _HASHED,
        other_names=turn == _RENAMED,
        extra_column=turn in _EXTRA,
        overlapping=turn == _OVERLAPPING,
        delimiter=";" if turn == _SEMICOLONS else ",",
    )


def _cells(referral: Referral, form: _Format) -> list[str]:
    country, state, postal_code = referral.place
    cells = {
        "Date/time": _date_text(referral.moment, serial=form.serial_dates),
        "Campaign name": referral.campaign,
        "Audience ID": referral.audience.audience_id,
        "Audience name": referral.audience.name,
        "Country": country,
        "State": state,
        "ZIP/postal code": postal_code.lstrip("0") if form.lost_zeros else postal_code,
        "Gender": _gender_text(referral.gender, as_code=form.gender_codes),
        "Age": str(referral.age),
        "Bid price": referral.bid,
        "Ad response": referral.response,
        "Ad text": referral.ad_text,
        "Browser": referral.browser,
        "Source": referral.source,
        "Email": _email_text(referral.person.email, hashed=form.hashed_email),
        "First name": referral.person.first_name,
        "Last name": referral.person.last_name,
    } | ({referral.empty: ""} if referral.empty else {})
    row = [cells[name] for name in COLUMNS]
    placement = _PLACEMENTS[referral.moment.second % len(_PLACEMENTS)]
    return [*row, placement] if form.extra_column else row


def _date_text(moment: datetime, *, serial: bool) -> str:
    if not serial:
        return moment.isoformat(sep=" ", timespec="seconds")
    since = moment - datetime.fromisoformat(contract.SERIAL_DATE_EPOCH)
    return f"{since / timedelta(days=1):.5f}"


def _gender_text(code: str, *, as_code: bool) -> str:
    return code if as_code else contract.GENDER_LABELS.get(code.lower(), "")


def _email_text(email: str, *, hashed: bool) -> str:
    return hashlib.sha256(email.encode()).hexdigest() if hashed else email
