"""From a source to the identifiers Rokt will match, with every row accounted for.

The laws kept here: the sums add up, ``rows_in == accepted + duplicates + rejected``; and nothing
raw leaves :class:`PreparedAudience` unless ``output="plain"`` was asked for.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import polars as pl

from rokt_helpers import contract
from rokt_helpers.errors import ContractError, InputError
from rokt_helpers.files import write_private
from rokt_helpers.identifiers import (
    canonical_email,
    digest_fault,
    email_fault,
    looks_like,
    sha256_hex,
)
from rokt_helpers.tables import Table, open_table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Mixed", "Output", "PreparedAudience", "prepare_audience", "upload_target"]

Output = Literal["sha256", "plain"]
Mixed = Literal["refuse", "hash"]

# A column is a candidate when at least this share of its filled cells looks like identifiers.
_CANDIDATE_SHARE: Final = 0.5


@dataclass(frozen=True, repr=False, eq=False)
class PreparedAudience:
    """The outcome of preparing one source: what is accepted, what is not, and the sums.

    Attributes
    ----------
    summary
        ``rows_in``, ``accepted``, ``duplicates``, ``rejected`` (rows), ``rejected_by_reason``
        (reason → rows) and ``source`` (what was found: name, encoding, delimiter, header, column,
        kind).
    identifier
        ``sha256`` or ``email``: what the accepted identifiers are.
    identifiers
        The accepted identifiers in the order of their first row, each once (Polars, text).
    """

    summary: dict[str, Any]
    identifier: contract.IdentifierKind
    identifiers: pl.Series = field(repr=False)
    _rejected: pl.DataFrame = field(repr=False)

    def __post_init__(self) -> None:
        """Prove the sums before anybody can rely on them."""
        s = self.summary
        parts = s["accepted"] + s["duplicates"] + s["rejected"]
        by_reason = sum(s["rejected_by_reason"].values())
        if s["rows_in"] != parts or s["rejected"] != by_reason or len(self) != s["accepted"]:
            raise ContractError(
                f"{s['rows_in']} rows came in and {parts} are accounted for. This is a bug in the "
                "workbench: please report it. Nothing was sent."
            )

    def __len__(self) -> int:
        """Return the number of accepted identifiers."""
        return len(self.identifiers)

    def to_pandas(self) -> pd.DataFrame:
        """Return the accepted identifiers: one column, ``sha256`` or ``email``, text."""
        return self.identifiers.to_frame().to_pandas()

    @property
    def rejected(self) -> pd.DataFrame:
        """Return the rejection report: ``row`` (from 1, as a spreadsheet shows it), ``reason``."""
        return self._rejected.to_pandas()

    def write(self, path: str | Path) -> Path:
        """Write the identifiers as Rokt takes them: one column, no header, UTF-8, line feeds.

        Parameters
        ----------
        path
            Ends in ``.csv`` or ``.txt``. An older file is replaced, all at once.

        Raises
        ------
        InputError
            When the name ends in anything else, or there is nothing to write.
        """
        target = upload_target(path)
        if not len(self):
            raise InputError("No row was accepted, so there is nothing to write.")
        frame = self.identifiers.to_frame()
        write_private(
            target, lambda part: frame.write_csv(part, include_header=False, quote_style="never")
        )
        return target

    def write_rejected(self, path: str | Path) -> Path:
        """Write the rejection report as CSV with the header ``row,reason``; it holds no values."""
        target = Path(path).expanduser()
        write_private(target, self._rejected.write_csv)
        return target

    def __repr__(self) -> str:
        """Show sums, never values."""
        s = self.summary
        return (
            f"<PreparedAudience {s['accepted']:,} {self.identifier} identifiers from "
            f"{s['rows_in']:,} rows: {s['duplicates']:,} duplicates, {s['rejected']:,} rejected>"
        )

    def _repr_html_(self) -> str:
        s = self.summary
        rows = [
            ("Rows in the source", s["rows_in"]),
            ("Accepted, each person once", s["accepted"]),
            ("Duplicates of an accepted row", s["duplicates"]),
            *(
                (f"Rejected: {contract.REASONS[reason]}", count)
                for reason, count in s["rejected_by_reason"].items()
            ),
        ]
        cells = "".join(
            f"<tr><td style='text-align:left'>{html.escape(label)}</td>"
            f"<td style='text-align:right'>{count:,}</td></tr>"
            for label, count in rows
        )
        return f"<table><caption>Prepared audience, in rows</caption>{cells}</table>"


def upload_target(path: str | Path) -> Path:
    """Return the path of a file that Rokt would take; InputError when its name ends otherwise."""
    target = Path(path).expanduser()
    if target.suffix.lower() not in contract.UPLOAD_SUFFIXES:
        raise InputError(f"Rokt takes .csv and .txt files; {target.name} is neither.")
    return target


def prepare_audience(
    source: object,
    *,
    column: str | None = None,
    identifier: contract.IdentifierKind = "email",
    output: Output = "sha256",
    mixed: Mixed = "refuse",
    header: bool | None = None,
) -> PreparedAudience:
    """Turn a list of customers into exactly the identifiers that Rokt matches.

    Parameters
    ----------
    source
        Path of a CSV, TSV or TXT file; pandas DataFrame or Series; any object with the Arrow C
        stream interface.
    column
        The column that holds the identifiers; None finds it by its content.
    identifier
        ``email`` takes addresses, or their SHA-256 when the whole column is digests; ``sha256``
        takes digests only.
    output
        ``sha256`` (default) hashes addresses; ``plain`` keeps the canonical addresses.
    mixed
        What to do when one column holds addresses and digests: ``refuse`` (default), or ``hash``
        the addresses and keep the digests.
    header
        True or False where it is known that the file has a header or not; None looks.

    Raises
    ------
    InputError
        When the source cannot be read, holds no identifiers, more than one column could be meant,
        the kinds are mixed, or the digests are not SHA-256. The message says what to do.
    """
    _check_choices(identifier=identifier, output=output, mixed=mixed)
    table = open_table(source, header=header)
    chosen = _choose_column(table, column)
    rows = table.rows(chosen).with_columns(text=pl.col("text").cast(pl.String)).collect()
    kind = _kind_of(rows, identifier, output, mixed, chosen)
    judged = _judge(rows, kind, output)
    facts = table.facts
    found = {
        "name": facts.name,
        "encoding": facts.encoding,
        "delimiter": facts.delimiter,
        "header": facts.header,
        "column": chosen,
        "kind": kind,
    }
    return _account(judged, found, "sha256" if output == "sha256" else "email")


def _check_choices(**chosen: str) -> None:
    allowed = {
        "identifier": get_args(contract.IdentifierKind),
        "output": get_args(Output),
        "mixed": get_args(Mixed),
    }
    for name, value in chosen.items():
        if value not in allowed[name]:
            choices = " or ".join(repr(choice) for choice in allowed[name])
            raise InputError(f"{name} is {choices}, not {value!r}.")


# --- which column ------------------------------


def _choose_column(table: Table, column: str | None) -> str:
    names = table.facts.columns
    if column is not None:
        if column not in names:
            raise InputError(f"There is no column {column!r}. The source has: {_listed(names)}.")
        return column
    shares = {name: _share_of_identifiers(table.sample[name]) for name in names}
    likely = [name for name, share in shares.items() if share >= _CANDIDATE_SHARE]
    possible = likely or [name for name, share in shares.items() if share > 0]
    if not possible:
        raise InputError(
            f"No address and no digest was found in {table.facts.name} (columns: "
            f"{_listed(names)}). Check that it is the right list, or name the column with column=."
        )
    if len(possible) > 1:
        raise InputError(
            f"{len(possible)} columns could hold the identifiers: {_listed(possible)}. "
            "Name one with column=."
        )
    return possible[0]


def _share_of_identifiers(cells: pl.Series) -> float:
    looks = cells.to_frame("cell").select(looks_like(pl.col("cell"))).to_series().drop_nulls()
    return len(looks.filter(looks != "other")) / len(looks) if len(looks) else 0.0


def _listed(names: object) -> str:
    return ", ".join(repr(name) for name in names)  # type: ignore[attr-defined]


# --- which kind ------------------------------

Kind = Literal["email", "sha256", "mixed"]


def _kind_of(
    rows: pl.DataFrame,
    identifier: contract.IdentifierKind,
    output: Output,
    mixed: Mixed,
    column: str,
) -> Kind:
    """Return what the column holds, or raise with the reason why it cannot be used."""
    counts = _count_looks(rows["text"])
    addresses, digests = counts.get("email", 0), counts.get("SHA-256", 0)
    if not addresses and not digests:
        _refuse_without_identifiers(counts, column, len(rows))
    if addresses and digests and (mixed == "refuse" or output == "plain"):
        raise InputError(
            f"Column {column!r} mixes {addresses:,} addresses and {digests:,} SHA-256 digests, and "
            "Rokt rejects a mixed list. Split the list, or pass mixed='hash' to hash the addresses "
            "and keep the digests (with output='sha256')."
        )
    if identifier == "sha256" and addresses:
        raise InputError(
            f"Column {column!r} holds {addresses:,} addresses, and identifier='sha256' takes "
            "digests only. Pass identifier='email'."
        )
    if output == "plain" and digests:
        raise InputError(
            f"Column {column!r} holds SHA-256 digests, which cannot be turned back into addresses. "
            "Pass output='sha256'."
        )
    return "mixed" if addresses and digests else "email" if addresses else "sha256"


def _count_looks(cells: pl.Series) -> dict[str, int]:
    """Return how many cells look like what; the many with an @ need no closer look."""
    with_at = cells.str.contains("@", literal=True).fill_null(value=False)
    rest = cells.filter(~with_at).to_frame("cell").select(looks=looks_like(pl.col("cell")))
    counts = dict(rest.drop_nulls().group_by("looks").len().rows())
    return counts | {"email": int(with_at.sum())}


def _refuse_without_identifiers(counts: dict[str, int], column: str, rows: int) -> None:
    others = {name: n for name, n in counts.items() if name in contract.DIGEST_LENGTHS.values()}
    if others:
        name, count = max(others.items(), key=lambda item: item[1])
        raise InputError(
            f"Column {column!r} holds {count:,} {name} digests. Rokt matches SHA-256 only, and one "
            "digest cannot be turned into another: export the addresses, or their SHA-256."
        )
    raise InputError(
        f"No address and no digest was found in the {rows:,} rows of column {column!r}. Check that "
        "it is the right list and the right column."
    )


# --- each row ------------------------------


def _judge(rows: pl.DataFrame, kind: Kind, output: Output) -> pl.DataFrame:
    """Return ``row``, ``identifier``, ``reason``; where there is a reason, there is no person."""
    by_kind: dict[Kind, Callable[[pl.Expr], tuple[pl.Expr, pl.Expr]]] = {
        "email": lambda text: _judge_addresses(text, output),
        "sha256": _judge_digests,
        "mixed": _judge_mixed,
    }
    identifier, fault = by_kind[kind](pl.col("text"))
    reason = pl.when(pl.col("unreadable")).then(pl.lit("unreadable")).otherwise(fault)
    return (
        rows.lazy()
        .select("row", identifier.alias("identifier"), reason.alias("reason"))
        .collect(engine="streaming")
    )


def _judge_addresses(text: pl.Expr, output: Output) -> tuple[pl.Expr, pl.Expr]:
    canonical = canonical_email(text)
    return (sha256_hex(canonical) if output == "sha256" else canonical), email_fault(canonical)


def _judge_digests(text: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    canonical = canonical_email(text)  # a digest, too, is stripped and lower-cased
    return canonical, digest_fault(canonical)


def _judge_mixed(text: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    is_address = text.str.contains("@", literal=True).fill_null(value=False)
    hashed, email_reason = _judge_addresses(text, "sha256")
    digest, digest_reason = _judge_digests(text)
    return (
        pl.when(is_address).then(hashed).otherwise(digest),
        pl.when(is_address).then(email_reason).otherwise(digest_reason),
    )


def _account(
    judged: pl.DataFrame, found: dict[str, Any], identifier: contract.IdentifierKind
) -> PreparedAudience:
    good = judged["identifier"].filter(judged["reason"].is_null())
    accepted = _each_once(good).rename(identifier)
    rejected = judged.filter(pl.col("reason").is_not_null()).select("row", "reason")
    by_reason = dict(rejected.group_by("reason").len().rows())
    summary = {
        "rows_in": len(judged),
        "accepted": len(accepted),
        "duplicates": len(good) - len(accepted),
        "rejected": len(rejected),
        "rejected_by_reason": {r: by_reason[r] for r in contract.REASONS if r in by_reason},
        "source": found,
    }
    return PreparedAudience(summary, identifier, accepted, rejected)


def _each_once(cells: pl.Series) -> pl.Series:
    """Return each text once, in the order of its first row.

    A text whose 64-bit hash nobody shares stands alone, so only the few others are compared whole.
    """
    hashes = cells.hash()
    ordered = hashes.sort()  # sorting numbers is several times faster than a table of them
    shared = hashes.is_in(ordered.filter(ordered == ordered.shift()).implode())
    first = (~shared).scatter(shared.arg_true(), cells.filter(shared).is_first_distinct())
    return cells.filter(first)
