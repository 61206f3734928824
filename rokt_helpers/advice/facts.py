"""Know of each address of a list what is odd about it: a slip, a role, a placeholder, a throw-away.

Law: facts only. Whether anything is said or done about them is decided by :mod:`advice`.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from rokt_helpers.advice import domains

__all__ = ["address_facts", "gmail_mailbox"]

_ONE_AT_SIGN: Final = "^[^@]+@[^@]+$"
_ENDINGS: Final = "|".join(slip.replace(".", r"\.") for slip in domains.SUFFIX_SLIPS)
_WRONG_ENDING: Final = rf"^(.+)\.({_ENDINGS})$"


def address_facts(canonical: pl.Series) -> pl.DataFrame:
    """Return each different address once, with what is known of it.

    Parameters
    ----------
    canonical
        Addresses as :func:`identifiers.canonical_text` gives them; nulls allowed. What has not
        exactly one @ is left out.

    Returns
    -------
    ``address``, ``rows`` (how often it occurs), ``local`` and ``domain`` (its two parts),
    ``suggestion`` (the domain that was probably meant, or null), ``known`` (whether the domain is
    a known provider's), ``reserved`` (nobody can have mail there, but for the
    practice lists), and the flags ``domain_typo``,
    ``role_account``, ``placeholder``, ``disposable``. The order is undefined.
    """
    local = pl.col("local")
    on_both_sides = (local == pl.col("name")) & (
        local.is_in(domains.TEST_MAILBOXES) | pl.col("one_letter")
    )
    addresses = _in_parts(canonical)
    return addresses.join(_domain_facts(addresses["domain"].unique()), on="domain").select(
        "address", "rows", "local", "domain", "suggestion", "known", "reserved", "disposable",
        domain_typo=pl.col("suggestion").is_not_null(),
        role_account=local.str.replace(r"\+.*$", "").is_in(domains.ROLES),
        placeholder=pl.col("reserved") | local.is_in(domains.NO_MAILBOXES) | on_both_sides,
    )  # fmt: skip


def gmail_mailbox(local: pl.Expr) -> pl.Expr:
    """Return the mailbox behind the name of a Gmail address: no dots and no plus tag.

    A name of which nothing would be left (``+news``) stays itself. For counting only: Rokt does
    not fold, so nothing that is sent goes through here.
    """
    folded = local.str.replace(r"\+.*$", "").str.replace_all(".", "", literal=True)
    return pl.when(folded == "").then(local).otherwise(folded)


def _in_parts(canonical: pl.Series) -> pl.DataFrame:
    cells = canonical.cast(pl.String).to_frame("address").drop_nulls()
    parts = pl.col("address").str.split_exact("@", 1).struct.rename_fields(["local", "domain"])
    return (
        cells.filter(pl.col("address").str.contains(_ONE_AT_SIGN))
        .group_by("address")
        .agg(pl.len().cast(pl.Int64).alias("rows"))
        .with_columns(parts.alias("parts"))
        .unnest("parts")
    )


def _domain_facts(found: pl.Series) -> pl.DataFrame:
    """Look at each domain once; a list has far fewer domains than rows."""
    domain, name, suggestion = pl.col("domain"), pl.col("name"), pl.col("suggestion")
    repaired = _with_ending_repaired(domain)
    nearest = repaired.replace_strict(domains.slips(), default=None, return_dtype=pl.String)
    meant = pl.coalesce(nearest, pl.when(repaired != domain).then(repaired))
    known = domain.is_in(domains.KNOWN)
    return (
        found.to_frame("domain")
        .with_columns(
            known=known,
            suggestion=pl.when(~known).then(meant),
            name=domain.str.extract(r"^([^.]*)", 1),
            reserved=domain.str.contains(domains.RESERVED) & ~domain.is_in(domains.PRACTICE),
        )
        .with_columns(
            # The same letter all over, as in a.com and xxx.com.
            one_letter=name.str.strip_chars(name.str.head(1)) == "",
            disposable=domain.is_in(domains.DISPOSABLE) & suggestion.is_null(),
        )
    )


def _with_ending_repaired(domain: pl.Expr) -> pl.Expr:
    """Return the domain with an ending that does not exist (``.con``) as the one that was meant."""
    ending = domain.str.extract(_WRONG_ENDING, 2).replace_strict(
        domains.SUFFIX_SLIPS, default=None, return_dtype=pl.String
    )
    whole = pl.concat_str(domain.str.extract(_WRONG_ENDING, 1), ending, separator=".")
    return pl.coalesce(whole, domain)
