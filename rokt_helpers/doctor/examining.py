"""Say what is wrong with a list of digests, and what the export must do to mend it.

A list that was hashed wrongly uploads perfectly and matches nobody, and nothing in it shows why.
The doctor takes a few customers who must be on the list and hashes each of them in every wrong way
that exports are known for, until one of them is found. Law: neither an address nor a digest enters
the diagnosis, only counts and names of mistakes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, cast

import polars as pl

from rokt_helpers import contract
from rokt_helpers.doctor.mishashes import DIGESTS, Mistake, mistakes_of
from rokt_helpers.errors import InputError
from rokt_helpers.tables import Table, open_table

__all__ = ["Diagnosis", "Finding", "examine", "read_known"]

_BASE64_SHA256: Final = r"^[A-Za-z0-9+/_-]{43}=$"
_MOST_FINDINGS: Final = 3
_MOST_CUSTOMERS: Final = 50  # each is hashed in some seven thousand ways
_HEX: Final = r"^[0-9A-Fa-f]+$"
_LENGTHS: Final = {name: length for length, name in contract.DIGEST_LENGTHS.items()}


@dataclass(frozen=True)
class Finding:
    """One mistake that was found: what the export did, how to mend it, and how often.

    ``customers`` counts the known customers who are on the list in this form.
    """

    mistake: Mistake
    customers: int


@dataclass(frozen=True)
class Diagnosis:
    """What an examination found.

    Attributes
    ----------
    rows, digests, distinct
        Filled cells of the column, those with the digest that most have, and different ones among
        these.
    digest
        That digest, such as ``SHA-256`` or ``MD5``.
    others
        Other kinds of digest → rows that hold one.
    upper_case
        Digests written with capital letters; Rokt reads them, and they are sent in small ones.
    poison
        Placeholder → rows that hold its digest: cells that were hashed though they were empty.
    known, healthy
        Known customers, and those who are on the list in Rokt's own form.
    findings
        The likeliest mistakes: they explain most known customers in the fewest steps.
    """

    rows: int
    digests: int
    distinct: int
    digest: str
    others: dict[str, int]
    upper_case: int
    poison: dict[str, int]
    known: int
    healthy: int
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> str:
        """The diagnosis in one sentence, with the mend."""
        if self.findings:
            best = self.findings[0]
            return (
                f"{best.customers:,} of {self.known:,} known customers are on the list as "
                f"{best.mistake.name}: {best.mistake.mend}"
            )
        if self.digest != "SHA-256":
            return (
                f"These are {self.digest} digests, and Rokt matches SHA-256 only: export the "
                "addresses, or their SHA-256 in hexadecimal."
            )
        if self.others:
            kinds = ", ".join(f"{count:,} {kind}" for kind, count in self.others.items())
            return (
                f"Not all digests are {self.digest}: {kinds} are among them, and Rokt matches "
                "SHA-256 only. Export all rows hashed alike."
            )
        if self.digests < self.rows:
            return (
                f"{self.rows - self.digests:,} of {self.rows:,} filled rows are no digests, and "
                "Rokt rejects a mixed list: export all rows hashed, or none."
            )
        return self._about_customers() if self.known else self._about_poison()

    def _about_customers(self) -> str:
        if self.healthy == self.known:
            return f"All {self.known:,} known customers are on the list in Rokt's own form."
        if self.healthy:
            return (
                f"{self.healthy:,} of {self.known:,} known customers are on the list in Rokt's own "
                "form; the others are not on it in any form that was tried."
            )
        return (
            f"None of {self.known:,} known customers is on the list in any form that was tried: it "
            "may be salted, of other people, or of another column."
        )

    def _about_poison(self) -> str:
        if not self.poison:
            return "Nothing wrong can be seen. With a few known customers more could be tried."
        return (
            f"{sum(self.poison.values()):,} rows hold the digest of an empty cell or a "
            "placeholder: leave those rows out of the export."
        )

    @property
    def is_healthy(self) -> bool:
        """True when nothing was found that would keep people from being matched."""
        found = not self.known or bool(self.healthy)
        all_digests = self.digests == self.rows and self.digest == "SHA-256"
        return all_digests and found and not self.findings and not self.poison

    def describe(self) -> list[str]:
        """Return the whole diagnosis, in sentences."""
        lines = [self.verdict]
        lines.append(
            f"{self.digests:,} of {self.rows:,} filled rows are {self.digest} digests, "
            f"{self.distinct:,} of them different."
        )
        if self.upper_case:
            lines.append(f"{self.upper_case:,} are written in capitals, which does no harm.")
        lines.extend(
            f"{count:,} rows hold the digest of {label}, which is no person."
            for label, count in self.poison.items()
        )
        lines.extend(
            f"{finding.customers:,} of {self.known:,} known customers: {finding.mistake.name}."
            for finding in self.findings
        )
        return lines


def examine(source: object, *, column: str | None = None, known: Iterable[str] = ()) -> Diagnosis:
    """Examine a list of digests.

    Parameters
    ----------
    source
        Whatever :func:`prepare_audience` takes.
    column
        The column with the digests; None takes the one that holds most of them.
    known
        Addresses of a few people who must be on the list, written as the source system keeps them.

    Raises
    ------
    InputError
        When there is no digest in the source.
    """
    table = open_table(source)
    cells = _cells(table, column)
    customers = [text for text in known if text.strip()]
    kinds = cells.to_frame("cell").select(kind=_kind(pl.col("cell"))).to_series()
    if not kinds.count():
        raise InputError(
            f"There is no digest in {table.facts.name}. The doctor looks at lists that are hashed "
            "already; a list of addresses goes to prepare."
        )
    counts = (
        kinds.drop_nulls().value_counts(sort=True).sort("count", "kind", descending=[True, False])
    )
    digest, *_ = counts["kind"]
    others = {kind: count for kind, count in counts.iter_rows() if kind != digest}
    digests = cells.filter(kinds == digest)
    found = set(_comparable(digests))
    findings, healthy = _try_everything(customers, found)
    return Diagnosis(
        rows=len(cells),
        digests=len(digests),
        distinct=len(found),
        digest=digest,
        others=others,
        upper_case=int(digests.str.contains("[A-F]").sum()) if digest in _LENGTHS else 0,
        poison=_poison(digests),
        known=len(customers),
        healthy=healthy,
        findings=findings,
    )


def read_known(source: object) -> list[str]:
    """Return the addresses of known customers from a small list, exactly as they stand there.

    Raises
    ------
    InputError
        When the source cannot be read, or holds no address.
    """
    table = open_table(source)
    customers = [
        text
        for name in table.facts.columns
        for text in table.rows(name).select("text").collect().to_series().drop_nulls()
        if "@" in text
    ]
    if not customers:
        raise InputError(f"There is no address in {table.facts.name}.")
    return customers[:_MOST_CUSTOMERS]


def _cells(table: Table, column: str | None) -> pl.Series:
    """Return the filled cells of the column, stripped."""
    names = table.facts.columns
    if column is not None and column not in names:
        listed = ", ".join(repr(name) for name in names)
        raise InputError(f"There is no column {column!r}. The source has: {listed}.")
    if column is None:
        column = max(names, key=lambda name: _share(table.sample[name]))
    text = table.rows(column).select("text").collect().to_series()
    stripped = text.str.strip_chars()
    return stripped.filter(stripped.is_not_null() & (stripped != ""))


def _share(cells: pl.Series) -> float:
    kinds = cells.to_frame("cell").select(_kind(pl.col("cell").str.strip_chars())).to_series()
    return kinds.count() / max(1, len(cells))


def _kind(cell: pl.Expr) -> pl.Expr:
    """Return the name of a digest by its length and alphabet; null for anything else."""
    kind: Any = pl.when(cell.str.contains(_BASE64_SHA256)).then(pl.lit("SHA-256 in base64"))
    for name, length in _LENGTHS.items():
        kind = kind.when(
            (cell.str.len_bytes() == length) & cell.str.contains(_HEX)
        ).then(pl.lit(name))  # fmt: skip
    return cast("pl.Expr", kind.otherwise(pl.lit(None, dtype=pl.String)))


def _comparable(digests: pl.Series) -> pl.Series:
    """Return hexadecimal in small letters; base64 counts its capitals."""
    cell = pl.col("cell")
    lowered = pl.when(cell.str.contains(_HEX)).then(cell.str.to_lowercase()).otherwise(cell)
    return digests.to_frame("cell").select(lowered).to_series()


def _poison(digests: pl.Series) -> dict[str, int]:
    """Return placeholder → rows, over every digest there is."""
    counts = dict(_comparable(digests).value_counts().rows())
    poison: dict[str, int] = {}
    for word in contract.PLACEHOLDERS:
        rows = sum(counts.get(digest(word.encode()), 0) for digest in DIGESTS.values())
        if rows:
            poison[_label(word)] = rows
    return poison


def _label(word: str) -> str:
    return f"the word {word!r}" if word.strip() else "an empty cell"


def _try_everything(customers: list[str], found: set[str]) -> tuple[tuple[Finding, ...], int]:
    """Return the mistakes that explain more customers than Rokt's own form, and what that does.

    The way that explains most is the likeliest, and among equals the one with the fewest steps.
    """
    explained = Counter(
        mistake
        for customer in customers
        for mistake, digest in mistakes_of(customer)
        if digest in found
    )
    healthy = explained.pop(Mistake.none(), 0)
    better = [Finding(m, count) for m, count in explained.items() if count > healthy]
    if not better:
        return (), healthy
    best = min(better, key=_likelihood)
    # More steps that explain no more customers are the same mistake told at greater length.
    equals = [finding for finding in better if _likelihood(finding) == _likelihood(best)]
    return tuple(equals[:_MOST_FINDINGS]), healthy


def _likelihood(finding: Finding) -> tuple[int, int]:
    return -finding.customers, finding.mistake.steps
