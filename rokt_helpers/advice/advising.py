"""Say what looks odd in a list of addresses, and do about it only what an analyst chose.

Law: advice never acts by itself. :func:`advise` changes nothing; :func:`apply` does what it is told
and counts each row it changed, once, so that the run can record it.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Final, NamedTuple, get_args

import polars as pl

from rokt_helpers.advice.facts import address_facts
from rokt_helpers.advice.oddities import APPLICABLE, LOOKS, NOT_APPLICABLE, Advice, Code
from rokt_helpers.errors import InputError

__all__ = ["Applied", "advise", "apply", "change_of", "chosen_codes"]

# What drops a row comes before what rewrites it, so that each row is changed and counted once.
_DROPS: Final[tuple[Code, ...]] = ("placeholder", "disposable", "role_account")
_CHANGE: Final = pl.Struct({"code": pl.String, "after": pl.String})


class Applied(NamedTuple):
    """A list after advice was applied, and ``changed``: code → rows changed, for the run's record.

    ``changed`` has each code that was chosen, with 0 where nothing was done.
    """

    canonical: pl.Series
    changed: dict[str, int]


def advise(canonical: pl.Series) -> tuple[Advice, ...]:
    """Look over a list of addresses and say what is odd in it; changes nothing.

    Parameters
    ----------
    canonical
        Addresses as :func:`identifiers.canonical_text` gives them (Polars, text). Nulls and
        repeated addresses may be among them; what is no address is left out of every count.

    Returns
    -------
    One :class:`Advice` for each finding, in the order of :data:`Code`; of ``concentration`` there
    may be two.
    """
    people = address_facts(canonical)
    rows = int(people["rows"].sum())
    return tuple(advice for look in LOOKS for advice in look(people, rows))


def apply(canonical: pl.Series, codes: Collection[str]) -> Applied:
    """Do what an analyst chose, and nothing else.

    Parameters
    ----------
    canonical
        The list that :func:`advise` looked at.
    codes
        ``domain_typo`` rewrites the domain; ``placeholder``, ``disposable`` and ``role_account``
        make the row null. The others have nothing to apply; :data:`NOT_APPLICABLE` says why.

    Returns
    -------
    The list, as long as before and in the same order, and the rows changed by each code. A row
    that two codes would change counts for the first of them: placeholder, disposable,
    role_account, domain_typo.

    Raises
    ------
    InputError
        As :func:`chosen_codes`.
    """
    chosen = chosen_codes(codes)
    address, code = pl.col("address"), pl.col("code")
    rows = canonical.cast(pl.String).to_frame("address").with_columns(
        change_of(address, chosen).struct.unnest()
    )  # fmt: skip
    kept = pl.when(code.is_null()).then(address).otherwise(pl.col("after"))
    counts = dict(rows["code"].drop_nulls().value_counts().rows())
    return Applied(
        rows.select(kept.alias(canonical.name)).to_series(),
        {code: counts.get(code, 0) for code in chosen},
    )


def change_of(canonical: pl.Expr, codes: Collection[Code]) -> pl.Expr:
    """Return what the chosen codes do to each address, for a list that is read batch by batch.

    Parameters
    ----------
    canonical
        Expression of type String, nulls allowed; as :func:`advise` takes it.
    codes
        As :func:`chosen_codes` gives them.

    Returns
    -------
    Expression of type Struct: ``code``, the one that changes the row, or null; and ``after``, the
    rewritten address, null where the row is dropped or stays. Each row is looked at by itself.
    """
    look = partial(_look, codes=codes)
    return canonical.map_batches(look, return_dtype=_CHANGE, is_elementwise=True)


def chosen_codes(codes: Collection[str]) -> tuple[Code, ...]:
    """Return codes as a person chose them, each once and in the order of :data:`Code`.

    Raises
    ------
    InputError
        When there is no such code, or nothing that could be applied.
    """
    if isinstance(codes, str) or not set(codes) <= set(get_args(Code)):
        raise InputError(
            f"Advice is applied by a list of codes, each one of: {', '.join(APPLICABLE)}."
        )
    for code, reason in NOT_APPLICABLE.items():
        if code in codes:
            raise InputError(f"{code!r} cannot be applied. {reason} Leave it out.")
    return tuple(code for code in APPLICABLE if code in codes)


def _look(cells: pl.Series, *, codes: Collection[Code]) -> pl.Series:
    changes = _changes(address_facts(cells), codes)
    rows = cells.to_frame("address").join(
        changes, on="address", how="left", maintain_order="left"
    )  # fmt: skip
    return rows.select("code", "after").to_struct(cells.name)


def _changes(people: pl.DataFrame, codes: Collection[Code]) -> pl.DataFrame:
    """Return ``address``, the ``code`` that changes it, and what it is ``after`` that, or null."""
    acting = [code for code in (*_DROPS, "domain_typo") if code in codes]
    acts = [pl.when(pl.col(code)).then(pl.lit(code)) for code in acting]
    code = pl.coalesce(*acts, pl.lit(None, dtype=pl.String))
    mended = pl.concat_str(pl.col("local"), pl.col("suggestion"), separator="@")
    changes = people.select("address", code=code, after=pl.when(code == "domain_typo").then(mended))
    return changes.filter(pl.col("code").is_not_null())
