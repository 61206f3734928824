"""E-mail addresses: which texts are one, and what is wrong with those that are not.

The law kept here: what is accepted is decided on the canonical form, by the same expressions on
every path. Where the quick test suffices, it and the whole one must agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from rokt_helpers import contract
from rokt_helpers.identifiers.canonical import short_form, whole_form
from rokt_helpers.identifiers.digests import is_digest

__all__ = ["email_fault", "with_email_verdict"]

# RFC 5322 keeps these out of an unquoted mailbox name; quoted names are not used by people. Dots
# may stand anywhere: Japanese carriers gave out addresses such as "name.@" for years.
_LOCAL: Final = r'[^@"(),:;<>\[\]\\\x00-\x20\x7f-\x{9f}]+'
_LETTER: Final = r"[\p{L}\p{M}\p{N}]"
_LABEL: Final = rf"{_LETTER}(?:[\p{{L}}\p{{M}}\p{{N}}-]*{_LETTER})?"
_TOP_LABEL: Final = rf"\p{{L}}(?:[\p{{L}}\p{{M}}\p{{N}}-]*{_LETTER})?"
_DOMAIN: Final = rf"(?:{_LABEL}\.)+{_TOP_LABEL}"
_ADDRESS: Final = rf"^{_LOCAL}@{_DOMAIN}$"
# Plain ASCII first: nearly every address is, and this pattern is several times faster.
_ASCII_ADDRESS: Final = (
    r"^[a-z0-9!#$%&'*+/=?^_`{|}~.-]+@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+"
    r"[a-z](?:[a-z0-9-]*[a-z0-9])?$"
)
_LONG_LABEL: Final = rf"[^.@]{{{contract.MAX_DOMAIN_LABEL_CHARACTERS + 1}}}"
_VERDICT: Final = pl.Struct({"canonical": pl.String, "fault": pl.String})


def email_fault(canonical: pl.Expr) -> pl.Expr:
    """Return why a canonical cell cannot be an address; null where it can.

    Returns
    -------
    Expression of type String holding a key of :data:`contract.REASONS`, or null.
    """
    return canonical.map_batches(_faults, return_dtype=pl.String, is_elementwise=True)


def with_email_verdict(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return rows with the canonical form of their ``text`` and why it cannot be an address.

    Parameters
    ----------
    rows
        With ``text`` (String; nulls allowed), beside any other columns.

    Returns
    -------
    The same rows and columns; besides, ``canonical`` (String, as
    :func:`~rokt_helpers.identifiers.canonical_text` gives it) and ``fault`` (String, as
    :func:`email_fault` gives it).

    Notes
    -----
    Nearly every cell is settled by the short form; only the doubtful rest leaves the engine.
    """
    text, canonical, closely = pl.col("text"), pl.col("canonical"), pl.col("closely")
    look = pl.map_batches(
        [text, canonical, _is_plain(canonical)],
        _look_closely,
        return_dtype=_VERDICT,
        is_elementwise=True,
    )
    return (
        rows.with_columns(canonical=short_form(text))
        .with_columns(closely=look)
        .with_columns(
            canonical=pl.coalesce(closely.struct.field("canonical"), canonical),
            fault=closely.struct.field("fault"),
        )
        .drop("closely")
    )


def _is_plain(cell: pl.Expr, pattern: str = _ASCII_ADDRESS) -> pl.Expr:
    """Tell whether a cell is an address so short that no part of it can be too long."""
    short = cell.str.len_bytes() <= contract.MAX_LOCAL_CHARACTERS
    return (short & cell.str.contains(pattern)).fill_null(value=False)


def _look_closely(cells: Sequence[pl.Series]) -> pl.Series:
    """Return form and fault of the cells that are not plain; of the others both are null here."""
    text, short, plain = cells
    canonical = pl.Series("canonical", [None], dtype=pl.String).new_from_index(0, len(text))
    fault = canonical.rename("fault")
    places = (~plain).arg_true()
    if len(places):
        whole = whole_form(text.gather(places), short.gather(places))
        canonical, fault = canonical.scatter(places, whole), fault.scatter(places, _faults(whole))
    return pl.DataFrame([canonical, fault]).to_struct(text.name)


def _faults(cells: pl.Series) -> pl.Series:
    """Name the fault of the few cells that do not pass the quick test."""
    faults = pl.Series(cells.name, [None], dtype=pl.String).new_from_index(0, len(cells))
    table = cells.to_frame("cell")
    places = table.select(~_is_plain(pl.col("cell"), _ADDRESS)).to_series().arg_true()
    if not len(places):
        return faults
    return faults.scatter(places, table[places].select(_fault_of(pl.col("cell"))).to_series())


def _fault_of(cell: pl.Expr) -> pl.Expr:
    at_signs = cell.str.count_matches("@", literal=True)
    local = cell.str.extract(r"^([^@]*)@", 1)
    domain = cell.str.extract(r"@([^@]*)$", 1)
    return (
        pl.when(cell.is_null() | (cell == "")).then(pl.lit("empty"))
        .when(is_digest(cell)).then(pl.lit("other_digest"))
        .when(at_signs == 0).then(pl.lit("no_at_sign"))
        .when(at_signs > 1).then(pl.lit("several_at_signs"))
        .when(
            (cell.str.len_chars() > contract.MAX_EMAIL_CHARACTERS)
            | (local.str.len_chars() > contract.MAX_LOCAL_CHARACTERS)
            | domain.str.contains(_LONG_LABEL)
        ).then(pl.lit("too_long"))
        .when(~local.str.contains(rf"^{_LOCAL}$")).then(pl.lit("bad_local_part"))
        .when(~domain.str.contains(rf"^{_DOMAIN}$")).then(pl.lit("bad_domain"))
        .otherwise(pl.lit(None, dtype=pl.String))
    )  # fmt: skip
