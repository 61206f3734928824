"""Read one delivered referral file into a tidy table, with a reason for every row left out.

Law: the sums add up. Each row of the file is either in the table or among the rejected rows, and
a personal value that was not asked for never gets past this module, in a cell, a column name or a
note.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import polars as pl

from rokt_helpers import contract
from rokt_helpers.errors import ContractError, InputError
from rokt_helpers.referrals import tidy

__all__ = ["REJECT_REASONS", "DeliveredRows", "Personal", "read_referrals"]

Personal = Literal["hash", "keep"]

REJECT_REASONS: Final[dict[str, str]] = {
    "unreadable": "the row has more cells than the header",
    "bad_date": "the date is neither a spreadsheet number nor ISO text such as 2019-10-27 01:42",
    "bad_number": "the bid price or the age is not a number",
}

# Spellings of known columns other than Rokt's display names and ours (our decision: the header of
# a delivered file is agreed between Rokt and each client). Letters and digits only.
_ALIASES: Final[dict[str, str]] = {
    "datetime": "referred_at", "date": "referred_at", "timestamp": "referred_at",
    "postcode": "postal_code", "zip": "postal_code", "zipcode": "postal_code",
    "city": "suburb", "emailaddress": "email", "emailsha256": "email", "hashedemail": "email",
    "sha256": "email", "givenname": "first_name", "surname": "last_name",
    "familyname": "last_name", "phone": "mobile", "phonenumber": "mobile",
    "mobilenumber": "mobile", "mobilephone": "mobile", "telephone": "mobile",
    "address": "address_1", "addressline1": "address_1", "addressline2": "address_2",
    "ipaddress": "ip", "dob": "birth_date", "dateofbirth": "birth_date", "birthday": "birth_date",
}  # fmt: skip
_PERSONAL_WORDS: Final = re.compile(
    r"mail|phone|mobile|address|street|birth|surname|(first|last|full|given|family|customer)_?name"
    r"|(^|_)(ip|dob|name|tel|contact)(_|$)"
)
_LOOKS_LIKE_ADDRESS: Final = r"^\s*\S+@\S+\s*$"
_ROWS_NAMED: Final = 5  # enough to find the kind of row; the note stays one line
_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class DeliveredRows:
    """What one delivered file held.

    Attributes
    ----------
    table : polars.DataFrame
        ``row`` (as a spreadsheet counts, header = 1), then the tidy columns.
    rejected : polars.DataFrame
        ``row`` and ``reason``, one of :data:`REJECT_REASONS`.
    notes : tuple of str
        What was noticed about the file. No cell is ever quoted.
    """

    table: pl.DataFrame
    rejected: pl.DataFrame
    notes: tuple[str, ...] = ()

    @property
    def rows_in(self) -> int:
        """Return how many rows the file had, without header and blank lines."""
        return self.table.height + self.rejected.height


def read_referrals(source: bytes | Path, *, personal: Personal = "hash") -> DeliveredRows:
    """Read one delivered CSV as text and make it tidy.

    Parameters
    ----------
    source : bytes or Path
        The file. Comma, semicolon, tab or bar; UTF-8, UTF-16 with a mark, else Windows-1252.
    personal : {"hash", "keep"}
        ``hash`` turns the address into ``email_sha256`` and leaves every other personal column
        out. ``keep`` keeps them all, and adds ``email_sha256``.

    Raises
    ------
    InputError
        The file is not a table whose first row names columns we know.
    """
    text, notes = _decode(source if isinstance(source, bytes) else source.read_bytes())
    header, rows = _split(text)
    names, named = _name_columns(header)
    raw, ragged = _text_table(names, rows)
    if personal == "hash":
        raw, hidden = _hide_personal(raw)
        named += hidden
    typed = tidy.tidy(raw, keep_personal=personal == "keep")
    rejected = pl.concat([ragged, typed.rejected]).sort("row")
    if typed.table.height + rejected.height != len(rows):
        raise ContractError("The rows of a referral file do not add up after reading it.")
    return DeliveredRows(typed.table, rejected, (*notes, *named, *typed.notes, *_told(rejected)))


def _told(rejected: pl.DataFrame) -> list[str]:
    """Say how many rows were rejected for each reason, and where the first of them are."""
    groups = rejected.group_by("reason", maintain_order=True).agg("row")
    return [
        f"Rejected, {REJECT_REASONS[reason]}: {len(rows):,} "
        f"(row {', '.join(map(str, rows[:_ROWS_NAMED]))}{' …' * (len(rows) > _ROWS_NAMED)})."
        for reason, rows in groups.iter_rows()
    ]


def _decode(content: bytes) -> tuple[str, list[str]]:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return _strict(content, encoding), []
    if b"\0" in content:
        raise InputError("The file is not text. Deliver it as CSV, not zipped and not as Excel.")
    try:
        return content.decode("utf-8"), []
    except UnicodeDecodeError:
        note = "The text is not UTF-8 and was read as Windows-1252."
        return content.decode("cp1252", errors="replace"), [note]


def _strict(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        # "from None": the original error carries the bytes of the file.
        raise InputError(f"The file says it is {encoding} but cannot be read as such.") from None


def _split(text: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Return the header, and each row with its number; blank lines count but are no rows."""
    first_line = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",;\t|", key=first_line.count)
    # Strict, because otherwise one quotation mark left open swallows the rows after it.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        numbered = [(number, cells) for number, cells in enumerate(reader, 1) if any(cells)]
    except csv.Error:
        raise InputError(
            f"Line {reader.line_num} cannot be read: a quotation mark is out of place or never "
            "closed. The file may have been cut off; export it again."
        ) from None
    return (numbered[0][1], numbered[1:]) if numbered else ([], [])


def _name_columns(header: list[str]) -> tuple[list[str], list[str]]:
    """Return our name for each column, and what to say about it."""
    if any("@" in cell for cell in header):
        raise InputError("The first row holds data. It has to hold the names of the columns.")
    names = [_name(cell) for cell in header]
    names = [f"extra_{n}" if n in names[:i] else n for i, n in enumerate(names)]
    names = [f"{n}_{i + 1}" if n in names[:i] else n for i, n in enumerate(names)]
    known = set(contract.REFERRAL_COLUMNS.values())
    if header and not known & set(names):
        raise InputError(
            "None of the columns is known. The first row has to hold names such as "
            '"Date/time", "Audience name" or "Bid price".'
        )
    extra = [name for name in names if name not in known]
    missing = [name for name in contract.REFERRAL_COLUMNS.values() if name not in names]
    notes = [] if header else ["The file is empty."]
    notes += [f"Columns Rokt's list does not name: {', '.join(extra)}."] if extra else []
    notes += [f"Columns not delivered: {', '.join(missing)}."] if missing else []
    return names, notes


def _name(cell: str) -> str:
    key = _key(cell)
    known = {_key(display): own for display, own in contract.REFERRAL_COLUMNS.items()}
    known |= {_key(own): own for own in contract.REFERRAL_COLUMNS.values()} | _ALIASES
    snake = re.sub(r"[^a-z0-9]+", "_", cell.lower()).strip("_")
    return known.get(key) or f"extra_{snake or 'unnamed'}"


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _text_table(
    names: list[str], rows: list[tuple[int, list[str]]]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows as text, empty cells as null; and those that have too many cells."""
    width = len(names)
    fits = [(number, cells) for number, cells in rows if not any(cells[width:])]
    ragged = [number for number, cells in rows if any(cells[width:])]
    data: dict[str, list[int] | list[str | None]] = {"row": [number for number, _ in fits]}
    for index, name in enumerate(names):
        data[name] = [_cell(cells, index) for _, cells in fits]
    schema = {"row": pl.UInt32} | dict.fromkeys(names, pl.String)
    return pl.DataFrame(data, schema=schema), tidy.rejections(ragged, "unreadable")


def _cell(cells: list[str], index: int) -> str | None:
    return (cells[index].strip() or None) if index < len(cells) else None


def _hide_personal(raw: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Take out unknown columns that may be personal, and addresses in columns of other things."""
    extras = [name for name in raw.columns if name.startswith("extra_")]
    hidden = [name for name in extras if _may_be_personal(raw[name])]
    raw = raw.drop(hidden)
    # Those that are read as dates or numbers reject such a row themselves.
    spared = ("row", "referred_at", "bid_price", "age", *contract.PERSONAL_COLUMNS)
    others = [name for name in raw.columns if name not in spared]
    is_address = [pl.col(name).str.contains(_LOOKS_LIKE_ADDRESS) for name in others]
    strays = raw.select(sum((test.sum() for test in is_address), pl.lit(0))).item()
    raw = raw.with_columns(
        pl.when(test).then(None).otherwise(pl.col(name)).alias(name)
        for name, test in zip(others, is_address, strict=True)
    )
    notes = [f"Left out, as they may be personal: {', '.join(hidden)}."] if hidden else []
    notes += [f"Addresses in other columns were left out: {strays:,}."] if strays else []
    return raw, notes


def _may_be_personal(column: pl.Series) -> bool:
    named_so = _PERSONAL_WORDS.search(column.name.removeprefix("extra_")) is not None
    return named_so or bool(column.str.contains("@", literal=True).any())
