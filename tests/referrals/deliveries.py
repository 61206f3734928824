"""A made-up year of deliveries with the traps that real ones have, and the table it must give.

Everything follows from the seed: who was referred, how each day's file was written, and what went
wrong with it.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import random
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from rokt_helpers import contract

FIRST_DAY = date(2025, 11, 22)
LAST_ROWS = 3  # of the day before, that an overlapping delivery holds again
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252")
DELIMITERS = (",", ";", "\t", "|")
COLUMNS = (
    "Date/time", "Campaign name", "Audience ID", "Audience name", "Country", "State", "Suburb",
    "ZIP/postal code", "Gender", "Age", "Bid price", "Ad text", "Browser", "Email", "First name",
    "Birth date",
)  # fmt: skip
MAILED = tuple(name for name in COLUMNS if name not in {"State", "Suburb", "First name"})
BAD_ROWS = (
    ({"Date/time": "27/10/2025"}, "bad_date"),
    ({"Bid price": "2,5o"}, "bad_number"),
    ({"Age": "old"}, "bad_number"),
)
# What the table is compared in: what every route delivers.
COMPARED = ("referred_at", "email_sha256", "campaign", "audience_id", "bid_price", "postal_code",
            "gender", "age", "ad_text")  # fmt: skip


@dataclass(frozen=True)
class Referral:
    """What truly happened."""

    moment: datetime
    email: str
    audience_id: str
    bid: str
    zip_code: str
    gender: str
    age: str
    text: str

    def expected(self) -> tuple[object, ...]:
        """Return the row it must become."""
        known = "@" in self.email
        digest = hashlib.sha256(self.email.encode()).hexdigest() if known else None
        label = contract.GENDER_LABELS.get(self.gender.lower())
        return (
            self.moment, digest, "Season 3", self.audience_id, float(self.bid), self.zip_code,
            label, int(self.age), self.text,
        )  # fmt: skip


@dataclass(frozen=True)
class File:
    """A delivered file: what it is called, when it was written, by which route it comes."""

    name: str
    content: bytes
    modified: datetime
    route: str = "sftp"


@dataclass
class Year:
    """All deliveries, in the order in which they come, and what they amount to.

    ``spoilt`` come first under the names of files that come whole a day later.
    """

    files: list[File] = field(default_factory=list)
    spoilt: list[File] = field(default_factory=list)
    expected: list[tuple[object, ...]] = field(default_factory=list)
    rejected: dict[str, int] = field(default_factory=dict)
    lost: list[date] = field(default_factory=list)


def year(seed: int, days: int = 365) -> Year:
    """Return so many days of deliveries."""
    dice = random.Random(seed)
    made = Year()
    before: list[Referral] = []
    week: list[Referral] = []
    for number in range(days):
        day = FIRST_DAY + timedelta(days=number)
        today = _day(day, dice)
        made.expected += [referral.expected() for referral in today]
        week += today
        if number % 53 == 20:
            made.lost.append(day)  # its file never comes; the week's mail has it
        else:
            again = before[-LAST_ROWS:] if number % 4 == 3 else []
            made.files.append(_daily(day, [*again, *today], number, dice, made))
            _mishap(made, number)
        if number % 7 == 6 or number == days - 1:
            made.files.append(_weekly(day, week, dice))
            week = []
        before = today
    made.expected.sort(key=str)
    return made


def _day(day: date, dice: random.Random) -> list[Referral]:
    rows = []
    for _ in range(dice.randrange(4, 12)):
        second = dice.randrange(86_400)
        one = Referral(
            moment=datetime.combine(day, time()) + timedelta(seconds=second),
            email=f"person.{dice.randrange(400)}@example.com",
            audience_id=str(2581697744617019994 + dice.randrange(3)),
            bid=f"{dice.randrange(100, 600) / 100:.2f}",
            zip_code=dice.choice(("00501", "02139", "94110")),
            gender=dice.choice(("M", "F", "")),
            age=str(dice.randrange(18, 80)),
            text=dice.choice(("Yes, please", 'Say "yes"', "Two\nlines", "Zürich", '5" screen')),
        )
        rows.append(one)
        if dice.random() < 0.1:  # nobody is named, and it happened twice in that second
            nameless = Referral(**{**one.__dict__, "email": "not given"})
            rows += [nameless, nameless]
    return sorted(rows, key=lambda row: row.moment)


def _daily(day: date, rows: list[Referral], turn: int, dice: random.Random, made: Year) -> File:
    columns = list(COLUMNS)
    if turn % 6 == 4:
        dice.shuffle(columns)
    if turn % 9 == 5:
        columns.remove("Browser")
    extra = turn > 200
    cells = [_cells(row, turn, dice) for row in rows]
    for change, reason in BAD_ROWS[: turn % 17 // 14]:
        cells.insert(1, cells[0] | change)
        made.rejected[reason] = made.rejected.get(reason, 0) + 1
    header = [_header(name, turn) for name in columns] + ["Loyalty tier"] * extra
    table = [[*(row[name] for name in columns), *["gold"] * extra] for row in cells]
    if turn % 17 == 16:
        table.insert(2, [*table[0], "one", "too many"])
        made.rejected["unreadable"] = made.rejected.get("unreadable", 0) + 1
    content = _written([header, *table], turn)
    name = f"referrals_{day}.csv"
    if turn % 23 == 7:
        name, content = f"{name}.gz", gzip.compress(content, mtime=0)
    elif turn % 23 == 11:
        name, content = f"{day}.zip", _zipped(name, content)
    return File(name, content, _delivered(day))


def _weekly(day: date, rows: list[Referral], dice: random.Random) -> File:
    """The same referrals by mail: other columns, other spellings, in another order."""
    rows = rows.copy()
    dice.shuffle(rows)
    cells = [_cells(row, day.toordinal() % 12, dice) for row in rows]
    table = [[row[name] for name in MAILED] for row in cells]
    content = _written([list(MAILED), *table], 0)
    return File(f"week_{day}.csv", content, _delivered(day) + timedelta(hours=2), "email")


def _mishap(made: Year, turn: int) -> None:
    """Now and then the file that has just come is damaged at first, or comes twice."""
    whole = made.files[-1]
    early = whole.modified - timedelta(hours=1)
    if turn % 29 == 9 and whole.name.endswith(".csv"):
        encoding = ENCODINGS[turn // 2 % 4]
        text = whole.content.decode(encoding)
        # Cut off inside a quotation, some lines before the end.
        damaged = f'{text}"never closed\nand so on\n'.encode(encoding)
        made.spoilt.append(File(whole.name, damaged, early))
    if turn % 31 == 12:
        later = whole.modified + timedelta(hours=3)
        made.files.append(File(f"copy of {whole.name}", whole.content, later))


def _cells(row: Referral, turn: int, dice: random.Random) -> dict[str, str]:
    digest = hashlib.sha256(row.email.encode()).hexdigest().upper()
    email = digest if turn % 10 == 3 and "@" in row.email else row.email
    return {
        "Date/time": _moment(row.moment, turn),
        "Campaign name": "Season 3",
        "Audience ID": row.audience_id,
        "Audience name": "M/F: 25+",
        "Country": "USA",
        "State": "NY",
        "Suburb": "Holtsville",
        "ZIP/postal code": row.zip_code.lstrip("0") if turn % 2 else row.zip_code,
        "Gender": row.gender if turn % 3 else contract.GENDER_LABELS.get(row.gender.lower(), ""),
        "Age": row.age,
        "Bid price": row.bid if turn % 5 else f"{float(row.bid):g}",
        "Ad text": row.text,
        "Browser": "Chrome Mobile",
        "Email": f"  {email.title()} " if turn % 4 == 2 and "@" in email else email,
        "First name": dice.choice(("Ann", "Bob")),
        "Birth date": "33569",
    }


def _moment(moment: datetime, turn: int) -> str:
    since = moment - datetime.fromisoformat(contract.SERIAL_DATE_EPOCH)
    east = moment + timedelta(hours=10)
    return {
        0: f"{since / timedelta(days=1):.5f}",
        1: moment.isoformat(sep=" "),
        2: f"{moment.isoformat()}Z",
        3: f"{east.isoformat()}+10:00",
    }[turn % 4]


def _header(name: str, turn: int) -> str:
    if turn % 8 == 6:
        return contract.REFERRAL_COLUMNS[name]
    return name.upper() if turn % 8 == 7 else name


def _written(table: list[list[str]], turn: int) -> bytes:
    out = io.StringIO()
    quoting: Literal[0, 1] = csv.QUOTE_ALL if turn % 5 == 1 else csv.QUOTE_MINIMAL
    ends = "\n" if turn % 3 == 1 else "\r\n"
    writer = csv.writer(out, delimiter=DELIMITERS[turn % 4], quoting=quoting, lineterminator=ends)
    writer.writerows(table)
    text = out.getvalue() + (ends if turn % 7 == 2 else "")
    return text.encode(ENCODINGS[turn // 2 % 4])


def _zipped(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def _delivered(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(6), tzinfo=UTC)
