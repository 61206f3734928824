"""Name the columns of a delivered file by our vocabulary, and tell which may be personal.

Law: the header says what a column is; where it says nothing we know, the column keeps its own name
behind ``extra_``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rokt_helpers import contract
from rokt_helpers.errors import InputError
from rokt_helpers.referrals.fields import FieldRules, key_of, snake_of

__all__ = ["Columns", "named", "names_a_person"]

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
_ROKTS_OWN: Final = {key_of(display): own for display, own in contract.REFERRAL_COLUMNS.items()} | {
    key_of(own): own for own in contract.REFERRAL_COLUMNS.values()
}
_KNOWN: Final = _ROKTS_OWN | _ALIASES
# Who somebody is stands in every list of customers; only what else is there makes it referrals.
_OF_REFERRALS: Final = frozenset(contract.REFERRAL_COLUMNS.values()) - {*contract.PERSONAL_COLUMNS}
_PERSONAL_WORDS: Final = re.compile(
    r"mail|phone|mobile|address|street|birth|surname|(first|last|full|given|family|customer)_?name"
    r"|(^|_)(ip|dob|name|tel|contact)(_|$)"
)


@dataclass(frozen=True)
class Columns:
    """The columns of one part of a file.

    Attributes
    ----------
    headers
        Our name of each column as it was delivered → its header.
    placed
        What the field rules make: our name → the delivered column it is made of.
    notes
        Which columns are not Rokt's, and which of Rokt's are missing.
    """

    headers: Mapping[str, str]
    placed: Mapping[str, str]
    notes: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Our names of the columns once the field rules have been applied."""
        gone = set(self.placed.values()) - set(self.placed)
        kept = [name for name in self.headers if name not in gone]
        return (*kept, *(name for name in self.placed if name not in kept))


def named(header: Sequence[str], rules: FieldRules) -> Columns:
    """Return our name for each column, and what to say about it.

    Raises
    ------
    InputError
        The first row holds data, or no column that says more than who somebody is.
    """
    if any("@" in cell for cell in header):
        raise InputError("The first row holds data. It has to hold the names of the columns.")
    names = [_name(cell) for cell in header]
    names = [f"extra_{n}" if n in names[:i] else n for i, n in enumerate(names)]
    names = [f"{n}_{i + 1}" if n in names[:i] else n for i, n in enumerate(names)]
    headers = dict(zip(names, (cell.strip() for cell in header), strict=True))
    columns = Columns(headers, rules.placed(headers), ())
    # Not by other spellings: every order of a shop has a "Date".
    rokts_own = {_ROKTS_OWN.get(key_of(cell)) for cell in header}
    if header and not _OF_REFERRALS & {*rokts_own, *columns.placed}:
        raise InputError(
            "These are no referrals as far as the columns say: none of them tells when somebody "
            "was referred, to which audience or at what price. The first row has to hold names "
            'such as "Date/time", "Audience name" or "Bid price"; where yours are others, say so '
            "in the field rules (ROKT_REFERRALS_FIELDS)."
        )
    return Columns(headers, columns.placed, tuple(_notes(columns)))


def names_a_person(column: str) -> bool:
    """Tell whether a column holds personal data, by its name: ours, or one with ``extra_``."""
    if column in contract.PERSONAL_COLUMNS:
        return True
    bare = column.removeprefix("extra_")
    return column != bare and _PERSONAL_WORDS.search(bare) is not None


def _notes(columns: Columns) -> list[str]:
    known = list(contract.REFERRAL_COLUMNS.values())
    extra = [name for name in columns.names if name not in known]
    missing = [name for name in known if name not in columns.names]
    notes = [] if columns.headers else ["The file is empty."]
    notes += [f"Columns Rokt's list does not name: {', '.join(extra)}."] if extra else []
    notes += [f"Columns not delivered: {', '.join(missing)}."] if missing else []
    replaced = [t for t, c in columns.placed.items() if t in columns.headers and t != c]
    if replaced:
        notes.append(f"Delivered, and replaced by a field rule: {', '.join(replaced)}.")
    return notes


def _name(cell: str) -> str:
    return _KNOWN.get(key_of(cell)) or f"extra_{snake_of(cell)}"
