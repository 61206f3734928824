"""What a column holds, and what becomes of each of its rows.

The law kept here: each row is accepted, or rejected with the first reason that applies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Final, Literal

import polars as pl

from rokt_helpers import contract
from rokt_helpers.advice import Code, change_of
from rokt_helpers.errors import InputError
from rokt_helpers.identifiers import (
    ATTRIBUTES,
    canonical_text,
    digest_fault,
    looks_like,
    sha256_hex,
    with_attribute_verdict,
    with_email_verdict,
)

__all__ = [
    "Identifier",
    "Kind",
    "Mixed",
    "Output",
    "count_looks",
    "judge",
    "kind_of",
    "likely_kind",
    "looks_of_judged",
    "with_advice",
]

Identifier = Literal["email", "sha256", "mobile", "zip", "zip4", "first_name", "last_name"]
Output = Literal["sha256", "plain"]
Mixed = Literal["refuse", "hash"]
# What a column holds: "mixed" is addresses and digests.
Kind = Literal["email", "sha256", "mixed", "mobile", "zip", "zip4", "first_name", "last_name"]

_REASON: Final = pl.Enum(list(contract.REASONS))


# --- which kind ------------------------------


def count_looks(cells: pl.Series) -> dict[str, int]:
    """Return how many cells look like what; those of white space only are left out."""
    looks = cells.to_frame("cell").select(looks=looks_like(pl.col("cell"))).drop_nulls()
    return dict(looks.group_by("looks").len().rows())


def likely_kind(sample: pl.Series, identifier: Identifier) -> Kind:
    """Return what a column probably holds, going by its first rows; addresses when in doubt."""
    if identifier in ATTRIBUTES:
        return identifier
    counts = count_looks(sample)
    return _kind(counts.get("email", 0), counts.get("SHA-256", 0))


def looks_of_judged(judged: pl.DataFrame, kind: Kind) -> Counter[str]:
    """Return how many rows of a judged batch look like what; ``other`` is left out.

    Among them ``domain_typo``, where that advice was applied: the accepted rows it rewrote.
    """
    accepted = judged["reason"].null_count()
    if kind in ATTRIBUTES:
        return Counter({str(kind): accepted} if accepted else {})
    rejected = judged["canonical"].filter(judged["reason"].is_not_null())
    addresses = 0 if kind == "sha256" else accepted
    if kind == "mixed":
        addresses = _with_at(judged["canonical"]) - _with_at(rejected)
    # Digests are told by their length first: that is quicker than a look at every cell.
    digests = rejected.filter(rejected.str.len_bytes().is_in(list(contract.DIGEST_LENGTHS)))
    looks = Counter(count_looks(digests) if len(digests) else {})
    looks["email"] = addresses + _with_at(rejected)
    looks["SHA-256"] += accepted - addresses
    if "rewritten" in judged.columns:
        looks["domain_typo"] = int((judged["rewritten"] & judged["reason"].is_null()).sum())
    return +looks  # what was not seen is no entry


def _with_at(cells: pl.Series) -> int:
    return int(cells.str.contains("@", literal=True).sum())


def _kind(addresses: int, digests: int) -> Kind:
    return "mixed" if addresses and digests else "sha256" if digests else "email"


def kind_of(
    counts: dict[str, int],
    *,
    identifier: Identifier,
    output: Output,
    mixed: Mixed,
    column: str,
    rows: int,
) -> Kind:
    """Return what the column holds, or raise with the reason why it cannot be used.

    Parameters
    ----------
    counts
        How many of its rows look like what: ``email``, ``SHA-256``, another digest, ``other``.

    Raises
    ------
    InputError
        When there are no identifiers, they are of a kind Rokt does not match, or were mixed.
    """
    if identifier in ATTRIBUTES:
        if not counts.get(identifier):
            raise InputError(
                f"None of the {rows:,} rows of column {column!r} holds a "
                f"{ATTRIBUTES[identifier].spoken}. Check that it is the right column."
            )
        return identifier
    addresses, digests = counts.get("email", 0), counts.get("SHA-256", 0)
    if not addresses and not digests:
        _refuse_without_identifiers(counts, column, rows)
    if addresses and digests and (mixed == "refuse" or output == "plain"):
        raise InputError(
            f"Column {column!r} mixes {addresses:,} addresses and {digests:,} SHA-256 digests, and "
            "Rokt rejects a mixed list. Split the list, or pass mixed='hash' (--mixed hash) to "
            "hash the addresses and keep the digests; output is sha256 then."
        )
    if identifier == "sha256" and addresses:
        raise InputError(
            f"Column {column!r} holds {addresses:,} addresses, and identifier='sha256' takes "
            "digests only. Pass identifier='email' (--identifier email)."
        )
    if output == "plain" and digests:
        raise InputError(
            f"Column {column!r} holds SHA-256 digests, which cannot be turned back into addresses. "
            "Pass output='sha256' (--output sha256)."
        )
    return _kind(addresses, digests)


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


def judge(rows: pl.LazyFrame, kind: Kind, output: Output) -> pl.LazyFrame:
    """Judge rows as ``tables`` or :func:`with_advice` gives them, one by one: nothing is read yet.

    Returns
    -------
    ``row`` (and ``file``, where there are several; ``rewritten``, where advice was applied;
    ``value``, where the rows have it),
    ``canonical``, ``identifier``, ``key`` (its 64-bit hash), ``reason``: null where the row is
    accepted, else a key of ``contract.REASONS``.
    """
    columns = rows.collect_schema().names()
    reason = pl.col("fault").cast(_REASON)
    for flag in ("repeated_header", "unreadable"):
        if flag in columns:
            reason = pl.when(pl.col(flag)).then(pl.lit(flag, _REASON)).otherwise(reason)
    judged = _judge_texts(rows.with_columns(pl.col("text").cast(pl.String)), kind, output)
    return judged.select(
        *(name for name in ("file", "row", "rewritten", "value") if name in columns),
        "canonical",
        "identifier",
        pl.col("identifier").hash().alias("key"),
        reason.alias("reason"),
    )


def with_advice(rows: pl.LazyFrame, codes: Collection[Code]) -> pl.LazyFrame:
    """Return rows with the advice an analyst chose applied to those that hold an address.

    Parameters
    ----------
    rows
        As ``tables`` gives them, for a column of addresses, digests, or both.
    codes
        As :func:`advice.chosen_codes` gives them.

    Returns
    -------
    The same rows; with codes, besides ``canonical`` (the domain as it was meant), ``fault`` (a
    dropped row has the code for one) and ``rewritten``. What cannot be an address stays as it is.
    """
    if not codes:
        return rows
    canonical, fault = pl.col("canonical"), pl.col("fault")
    code, after = pl.col("change").struct.field("code"), pl.col("change").struct.field("after")
    return (
        with_email_verdict(rows.with_columns(pl.col("text").cast(pl.String)))
        .with_columns(change=change_of(pl.when(fault.is_null()).then(canonical), codes))
        .with_columns(
            canonical=pl.coalesce(after, canonical),
            fault=pl.when(code.is_not_null() & after.is_null()).then(code).otherwise(fault),
            rewritten=after.is_not_null(),
        )
        .drop("change")
    )


def _judge_texts(rows: pl.LazyFrame, kind: Kind, output: Output) -> pl.LazyFrame:
    """Return rows with ``canonical``, ``fault`` and ``identifier``."""
    if kind == "sha256":
        return _judge_digests(rows)
    if kind == "mixed":
        return _judge_mixed(rows)
    if kind in ATTRIBUTES:
        rows = with_attribute_verdict(rows, kind)
    elif "rewritten" not in rows.collect_schema():  # else the verdict came before the advice
        rows = with_email_verdict(rows)
    return rows.with_columns(identifier=_IDENTIFIERS[output])


_IDENTIFIERS: Final[dict[Output, pl.Expr]] = {
    "sha256": sha256_hex(pl.col("canonical")),
    "plain": pl.col("canonical"),
}


def _judge_digests(rows: pl.LazyFrame) -> pl.LazyFrame:
    # A digest, too, is stripped and lower-cased.
    judged = rows.with_columns(canonical=canonical_text(pl.col("text")))
    canonical = pl.col("canonical")
    return judged.with_columns(identifier=canonical, fault=digest_fault(canonical))


def _judge_mixed(rows: pl.LazyFrame) -> pl.LazyFrame:
    judged = _judge_texts(rows, "email", "sha256")
    canonical = pl.col("canonical")
    is_address = canonical.str.contains("@", literal=True).fill_null(value=False)
    # Among addresses, what is neither is more likely meant for one: n/a, a number, a name.
    neither = digest_fault(canonical).replace("not_a_digest", "no_at_sign")
    return judged.with_columns(
        identifier=pl.when(is_address).then(pl.col("identifier")).otherwise(canonical),
        fault=pl.when(is_address).then(pl.col("fault")).otherwise(neither),
    )
