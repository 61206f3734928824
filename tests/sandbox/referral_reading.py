"""Read a referral file of the sandbox with the standard library alone."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import date, datetime, timedelta
from pathlib import Path

from rokt_helpers import contract
from rokt_helpers.sandbox import write_customers
from rokt_helpers.sandbox.referral_files import referral_bytes

Rows = list[dict[str, str]]
EPOCH = datetime.fromisoformat(contract.SERIAL_DATE_EPOCH)
OTHER_NAMES = {"Postcode": "ZIP/postal code", "E-mail address": "Email"}


def header_of(day: date, *, seed: int = 7) -> str:
    return referral_bytes(day, seed=seed).decode().partition("\r\n")[0]


def read(day: date, *, seed: int = 7) -> Rows:
    """Return the rows of a day's file as delivered, under Rokt's display names."""
    text = referral_bytes(day, seed=seed).decode()
    header = text.partition("\r\n")[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in header else ",")
    return [{OTHER_NAMES.get(name, name): cell for name, cell in row.items()} for row in reader]


def moment_of(row: dict[str, str]) -> datetime:
    text = row["Date/time"]
    if "-" in text:
        return datetime.fromisoformat(text)
    return EPOCH + timedelta(seconds=round(float(text) * 86_400))


def person_of(row: dict[str, str]) -> str:
    """Return the digest of the address; empty where none was delivered."""
    return digest(row["Email"]) if "@" in row["Email"] else row["Email"]


def of_its_day(day: date, *, seed: int = 7) -> Rows:
    """Return the rows of a file without those that the file before has brought."""
    return [row for row in read(day, seed=seed) if moment_of(row).date() == day]


def digest(address: str) -> str:
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()


def customers(folder: Path) -> set[str]:
    """Return the digests of whatever looks like an address in the practice file."""
    write_customers(folder / "customers.csv")
    lines = (folder / "customers.csv").read_text(encoding="utf-8-sig").splitlines()
    return {digest(line.split(";")[1]) for line in lines[1:] if "@" in line}
