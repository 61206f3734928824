"""Read one delivered referral file into tidy rows, with a reason for every row left out.

Law: the sums add up. Each row of the file is either in the table or among the rejected rows, and
a personal value that was not asked for never gets past this module, in a cell, a column name or a
note.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, cast

import polars as pl

from rokt_helpers import contract
from rokt_helpers.errors import ContractError, InputError
from rokt_helpers.redact import mask
from rokt_helpers.referrals import tidy
from rokt_helpers.referrals.fields import FieldRules
from rokt_helpers.referrals.naming import Columns, named, names_a_person
from rokt_helpers.referrals.rows import Part, open_parts
from rokt_helpers.referrals.values import any_value

__all__ = [
    "REJECT_REASONS",
    "Batch",
    "DeliveredRows",
    "Delivery",
    "Personal",
    "check_fields",
    "mask_of",
    "masked",
    "read_referrals",
]

Personal = Literal["hash", "mask", "keep"]

REJECT_REASONS: Final[dict[str, str]] = {
    "unreadable": "the row has more cells than the header, or a quotation mark out of place",
    "cut_off": "the file ends in the midst of the row",
    "bad_date": "the date is neither a spreadsheet number nor ISO text such as 2019-10-27 01:42",
    "bad_number": "the bid price or the age is not a number",
}

_LOOKS_LIKE_ADDRESS: Final = r"^\s*\S+@\S+\s*$"
_ROWS_NAMED: Final = 5  # enough to find the kind of row; the note stays one line
_NO_REJECTS: Final = {"row": pl.UInt32(), "reason": pl.String()}


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


@dataclass(frozen=True)
class Batch:
    """Some rows of a file: the member of the archive they are in, and the tidy ones of them."""

    member: str
    table: pl.DataFrame


class Delivery:
    """One delivered file, read batch by batch.

    Parameters
    ----------
    path
        The file, of any kind that :func:`rokt_helpers.referrals.rows.open_parts` reads.
    personal : {"hash", "mask", "keep"}
        ``hash`` turns the address into ``email_sha256`` and leaves every other personal column
        out. ``mask`` keeps a stand-in of them that shows their kind and none of their text, and
        ``keep`` keeps them; both beside ``email_sha256``. With all but ``keep`` an unknown column
        that may be personal is left out.
    fields
        The client's own names and values, applied before anything else.

    Raises
    ------
    InputError
        The file is not a table whose first row names columns we know.
    """

    def __init__(self, path: Path, *, personal: Personal, fields: FieldRules) -> None:
        self._personal: Personal = personal
        self._fields = fields
        self._parts = [(part, named(part.header, fields)) for part in open_parts(path)]
        self._rejects: list[pl.DataFrame] = []
        self._seen: Counter[str] = Counter()
        self.rows_in = 0
        # Extra columns in which something personal was found; batches before that may have them.
        self.hidden: set[str] = set()

    @property
    def headers(self) -> dict[str, str]:
        """Our name of each delivered column → its header, of all parts."""
        every = [columns.headers for _, columns in self._parts]
        return {name: header for headers in every for name, header in headers.items()}

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the tidy table that were delivered; the digest stands for the address."""
        names = {n: None for _, columns in self._parts for n in columns.names}
        if "email" in names:
            names["email_sha256"] = None
        return tuple(name for name in names if name not in self.hidden)

    @property
    def rejected(self) -> pl.DataFrame:
        """The rows rejected so far: ``row`` and ``reason``."""
        return pl.concat([pl.DataFrame(schema=_NO_REJECTS), *self._rejects])

    @property
    def notes(self) -> tuple[str, ...]:
        """What was noticed so far. No cell is ever quoted."""
        said = [note for part, columns in self._parts for note in (*part.notes, *columns.notes)]
        if self.hidden:
            said.append(f"Left out, as they may be personal: {', '.join(sorted(self.hidden))}.")
        if strays := self._seen["stray"]:
            said.append(f"Addresses in other columns were left out: {strays:,}.")
        said += tidy.notes(self._seen)
        return tuple(dict.fromkeys([*said, *_told(self.rejected)]))

    def batches(self) -> Iterator[Batch]:
        """Read the file; call it once.

        Raises
        ------
        InputError
            The file cannot be cut into rows from some place on.
        """
        for part, columns in self._parts:
            yield from self._batches_of(part, columns)

    def _batches_of(self, part: Part, columns: Columns) -> Iterator[Batch]:
        cells = [f"cell_{place}" for place in range(len(columns.headers))]
        for raw in part.batches():
            faults = raw.filter(pl.col("fault").is_not_null()).select("row", reason="fault")
            text = raw.filter(pl.col("fault").is_null()) if len(faults) else raw
            text = text.select("row", *cells).rename(dict(zip(cells, columns.headers, strict=True)))
            asked = list(set(columns.placed.values()))
            text = text.with_columns(pl.col(asked).cast(pl.String)) if asked else text
            text = self._fields.applied(text, columns.placed)
            if self._personal != "keep":
                text = self._without_strays(text)
            typed = tidy.tidy(text, keep_personal=self._personal != "hash")
            if typed.table.height + typed.rejected.height + faults.height != raw.height:
                raise ContractError("The rows of a referral file do not add up after reading it.")
            self._seen.update(typed.seen)
            if len(faults) or len(typed.rejected):
                self._rejects.append(faults.vstack(typed.rejected).sort("row"))
            self.rows_in += raw.height
            table = masked(typed.table) if self._personal == "mask" else typed.table
            yield Batch(part.name, table)

    def _without_strays(self, text: pl.DataFrame) -> pl.DataFrame:
        """Take out unknown columns that may be personal, and addresses in other columns."""
        # Those that are read as dates or numbers reject such a row themselves.
        spared = ("row", "referred_at", "bid_price", "age", *contract.PERSONAL_COLUMNS)
        names = [name for name in text.columns if name not in spared]
        suspects = [name for name in names if any_value(text[name], _has_an_at_sign)]
        extras = [name for name in names if name.startswith("extra_")]
        self.hidden |= {name for name in extras if name in suspects or names_a_person(name)}
        text = text.drop(self.hidden, strict=False)
        for name in suspects:
            if name not in self.hidden:
                cells = text[name].cast(pl.String)
                stray = cells.str.contains(_LOOKS_LIKE_ADDRESS)
                self._seen["stray"] += int(stray.sum())
                text = text.with_columns(pl.when(~stray).then(cells).alias(name))
        return text


def read_referrals(
    source: bytes | Path, *, personal: Personal = "hash", fields: FieldRules | None = None
) -> DeliveredRows:
    """Read one delivered file as text and make it tidy, all of it in memory.

    Parameters
    ----------
    source : bytes or Path
        The file; of bytes it is a CSV, or what its first bytes say.
    personal, fields
        As for :class:`Delivery`.

    Raises
    ------
    InputError
        The file is not a table whose first row names columns we know.
    """
    rules = fields or FieldRules()
    check_fields(rules, personal)
    if isinstance(source, Path):
        return _whole(Delivery(source, personal=personal, fields=rules))
    with tempfile.TemporaryDirectory(prefix="rokt-referrals-") as folder:
        path = Path(folder) / "delivered"
        path.touch(mode=0o600)
        path.write_bytes(source)
        return _whole(Delivery(path, personal=personal, fields=rules))


def check_fields(fields: FieldRules, personal: Personal) -> None:
    """Refuse rules that would keep a personal column under a name that does not say so.

    Raises
    ------
    InputError
        There is such a rule, and personal columns are not kept.
    """
    for number, rule in enumerate(fields.rules, 1):
        source = next(iter(named((rule.source, "Date/time"), FieldRules()).headers))
        leads_out = names_a_person(source) and not names_a_person(fields.target(rule))
        if personal != "keep" and leads_out:
            raise InputError(
                f"Field rule {number} would keep personal data: {rule.source!r} gets the name "
                f"{rule.name!r}. Take the rule out, or collect with personal='keep'."
            )


def masked(table: pl.DataFrame) -> pl.DataFrame:
    """Return the table with a stand-in in each personal column, as :func:`mask` gives it."""
    names = [name for name in contract.PERSONAL_COLUMNS if name in table.columns]
    return table.with_columns(mask_of(name) for name in names)


def mask_of(name: str) -> pl.Expr:
    """Return the stand-ins of a personal column, named as it is."""
    cell = pl.col(name)
    shown: Any = pl.when(cell.str.contains("@", literal=True)).then(pl.lit(mask("@")))
    for length in contract.DIGEST_LENGTHS:
        digest = cell.str.contains(rf"^[0-9a-fA-F]{{{length}}}$")
        shown = shown.when(digest).then(pl.lit(mask("0" * length)))
    return cast("pl.Expr", shown.when(cell.is_not_null()).then(pl.lit(mask(""))).alias(name))


def _has_an_at_sign(cells: pl.Series) -> pl.Series:
    return cells.str.contains("@", literal=True)


def _whole(delivery: Delivery) -> DeliveredRows:
    tables = [batch.table for batch in delivery.batches()]
    none = tidy.none(keep_personal=delivery._personal != "hash")  # noqa: SLF001
    table = pl.concat([none, *tables], how="diagonal").drop(delivery.hidden, strict=False)
    return DeliveredRows(table, delivery.rejected.sort("row"), delivery.notes)


def _told(rejected: pl.DataFrame) -> list[str]:
    """Say how many rows were rejected for each reason, and where the first of them are."""
    groups = rejected.group_by("reason", maintain_order=True).agg("row")
    return [
        f"Rejected, {REJECT_REASONS[reason]}: {len(rows):,} "
        f"(row {', '.join(map(str, rows[:_ROWS_NAMED]))}{' …' * (len(rows) > _ROWS_NAMED)})."
        for reason, rows in groups.iter_rows()
    ]
