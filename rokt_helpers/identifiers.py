"""Identifiers: canonical form, acceptance and digest side by side, one set of expressions for all.

The law kept here: every path (one string, a pandas column, a file, later Spark) goes through these
expressions, so the same address has the same digest everywhere. The rule itself, with its source,
stands in :mod:`rokt_helpers.contract`.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, cast, overload

import polars as pl
import polars_hash  # noqa: F401  registers the `chash` namespace on expressions

from rokt_helpers import contract
from rokt_helpers.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    from polars._typing import EngineType

__all__ = [
    "POISON_DIGESTS",
    "canonical_email",
    "digest_fault",
    "email_fault",
    "email_verdict",
    "hash_email",
    "looks_like",
    "normalise_email",
    "sha256_hex",
]

POISON_DIGESTS: Final = frozenset(
    hashlib.sha256(word.encode()).hexdigest() for word in contract.PLACEHOLDERS
)

_TO_REMOVE: Final = contract.WHITE_SPACE + contract.INVISIBLE
_REMOVED_CLASS: Final = "[" + "".join(rf"\x{{{ord(char):x}}}" for char in _TO_REMOVE) + "]+"
_AWKWARD: Final = r"[^\x21-\x7e]"  # anything but visible ASCII

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
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_HEX: Final = r"^[0-9a-fA-F]+$"
_VERDICT: Final = pl.Struct({"canonical": pl.String, "fault": pl.String})
_LONG_LABEL: Final = rf"[^.@]{{{contract.MAX_DOMAIN_LABEL_CHARACTERS + 1}}}"


def canonical_email(text: pl.Expr) -> pl.Expr:
    """Return the form of an address that is hashed: no white space, lower case, NFC.

    Parameters
    ----------
    text
        Expression of type String; nulls allowed.

    Returns
    -------
    Expression of type String, same length. Says nothing of whether it *is* an address.

    Notes
    -----
    Source: custom audience import page, "remove any whitespace and lowercase". Not done, because
    Rokt does not ask for it: removing dots or plus tags, folding providers, rewriting domains.
    """
    return text.map_batches(_canonical, return_dtype=pl.String, is_elementwise=True)


def _canonical(cells: pl.Series) -> pl.Series:
    """Apply the short rule where it is enough, and the whole rule to the awkward rest."""
    short = _short_form(cells)
    awkward = short.str.contains(_AWKWARD).fill_null(value=False)
    if not awkward.any():
        return short
    whole = (
        cells.filter(awkward)
        .str.replace_all(_REMOVED_CLASS, "")
        .str.to_lowercase()
        .str.normalize(contract.UNICODE_FORM)
    )
    return short.scatter(awkward.arg_true(), whole)


def _short_form(cells: pl.Series) -> pl.Series:
    return cells.str.strip_chars(_TO_REMOVE).str.to_lowercase()


def email_fault(canonical: pl.Expr) -> pl.Expr:
    """Return why a canonical cell cannot be an address; null where it can.

    Returns
    -------
    Expression of type String holding a key of :data:`contract.REASONS`, or null.
    """
    return canonical.map_batches(_email_fault, return_dtype=pl.String, is_elementwise=True)


def _email_fault(cells: pl.Series) -> pl.Series:
    """Name the fault of the few cells that do not pass the quick test."""
    doubtful = ~_is_plain_address(cells, _ADDRESS)
    faults = _no_faults(cells).rename(cells.name)
    if not doubtful.any():
        return faults
    named = cells.filter(doubtful).to_frame("cell").select(_fault_of(pl.col("cell"))).to_series()
    return faults.scatter(doubtful.arg_true(), named)


def _is_plain_address(cells: pl.Series, pattern: str = _ASCII_ADDRESS) -> pl.Series:
    """Tell which cells are addresses so short that no part of them can be too long."""
    short = cells.str.len_bytes() <= contract.MAX_LOCAL_CHARACTERS
    return (short & cells.str.contains(pattern)).fill_null(value=False)


def email_verdict(text: pl.Expr) -> pl.Expr:
    """Return :func:`canonical_email` and :func:`email_fault` of a cell at once, and faster.

    Returns
    -------
    Expression of type Struct with the fields ``canonical`` and ``fault``, both String.
    """
    return text.map_batches(_email_verdict, return_dtype=_VERDICT, is_elementwise=True)


def _email_verdict(cells: pl.Series) -> pl.Series:
    """Leave what already is a plain address, shorten the rest, and look closely at what remains."""
    canonical, fault = cells.rename("canonical"), _no_faults(cells)
    doubtful = (~_is_plain_address(cells)).arg_true()
    if len(doubtful):
        short = _short_form(cells.gather(doubtful))
        canonical = canonical.scatter(doubtful, short)
        doubtful = doubtful.filter(~_is_plain_address(short))
    if len(doubtful):
        whole = _canonical(cells.gather(doubtful))
        canonical = canonical.scatter(doubtful, whole)
        fault = fault.scatter(doubtful, _email_fault(whole))
    return pl.DataFrame([canonical, fault]).to_struct(cells.name)


def _no_faults(cells: pl.Series) -> pl.Series:
    return pl.Series("fault", [None], dtype=pl.String).new_from_index(0, len(cells))


def _fault_of(cell: pl.Expr) -> pl.Expr:
    at_signs = cell.str.count_matches("@", literal=True)
    local = cell.str.extract(r"^([^@]*)@", 1)
    domain = cell.str.extract(r"@([^@]*)$", 1)
    return (
        pl.when(cell.is_null() | (cell == "")).then(pl.lit("empty"))
        .when(_is_digest(cell)).then(pl.lit("other_digest"))
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


def digest_fault(canonical: pl.Expr) -> pl.Expr:
    """Return why a cell, white space removed and lower case, is not a usable SHA-256; else null."""
    return (
        pl.when(canonical.is_null() | (canonical == "")).then(pl.lit("empty"))
        .when(canonical.is_in(sorted(POISON_DIGESTS))).then(pl.lit("poison_digest"))
        .when(_is_digest(canonical, "SHA-256")).then(pl.lit(None, dtype=pl.String))
        .when(_is_digest(canonical)).then(pl.lit("other_digest"))
        .otherwise(pl.lit("not_a_digest"))
    )  # fmt: skip


def sha256_hex(text: pl.Expr) -> pl.Expr:
    """Return the SHA-256 of the UTF-8 bytes, 64 lower-case hexadecimal characters; null of null."""
    return cast("pl.Expr", text.chash.sha2_256())  # type: ignore[attr-defined]


def looks_like(text: pl.Expr) -> pl.Expr:
    """Return what a raw cell looks like: ``email``, a digest's name, ``other``, or null if blank.

    A look, not a verdict: anything with an @ counts as an address here, well formed or not.
    """
    return text.map_batches(_looks_like, return_dtype=pl.String, is_elementwise=True)


def _looks_like(cells: pl.Series) -> pl.Series:
    """Settle the many cells with an @ at once, and look closer at the rest."""
    rest = ~cells.str.contains("@", literal=True).fill_null(value=False)
    looks = pl.Series(cells.name, ["email"]).new_from_index(0, len(cells))
    if not rest.any():
        return looks
    bare = pl.col("cell").str.strip_chars(_TO_REMOVE)
    closer: Any = pl.when(bare.is_null() | (bare == "")).then(pl.lit(None, dtype=pl.String))
    for name in contract.DIGEST_LENGTHS.values():
        closer = closer.when(_is_digest(bare, name)).then(pl.lit(name))
    named = cells.filter(rest).to_frame("cell").select(closer.otherwise(pl.lit("other")))
    return looks.scatter(rest.arg_true(), named.to_series())


def _is_digest(cell: pl.Expr, name: str | None = None) -> pl.Expr:
    lengths = [n for n, kind in contract.DIGEST_LENGTHS.items() if name in {None, kind}]
    return cell.str.len_bytes().is_in(lengths) & cell.str.contains(_HEX)


@overload
def normalise_email(text: str | None) -> str | None: ...
@overload
def normalise_email(text: pd.Series) -> pd.Series: ...
def normalise_email(text: str | pd.Series | None) -> str | pd.Series | None:
    """Return Rokt's canonical form: white space removed, lower case.

    Parameters
    ----------
    text
        One address, or a pandas Series of them (values that are not text are read as text).

    Returns
    -------
    The same shape; a Series keeps its index and name. What cannot be an address gives None in
    place of a string and a missing value in a Series.

    Raises
    ------
    InputError
        When it is neither a string nor a pandas Series.
    """
    return _apply(text, pl.col("canonical"))


@overload
def hash_email(text: str | None) -> str | None: ...
@overload
def hash_email(text: pd.Series) -> pd.Series: ...
def hash_email(text: str | pd.Series | None) -> str | pd.Series | None:
    """Return the SHA-256 of the canonical form, 64 lower-case hexadecimal characters.

    Takes and returns the shapes of :func:`normalise_email`. A value that already is a digest is
    not an address and gives None: hashing it again would match nobody.
    """
    return _apply(text, sha256_hex(pl.col("canonical")))


def _apply(text: str | pd.Series | None, rule: pl.Expr) -> str | pd.Series | None:
    """Return ``rule`` of the column ``canonical``, where that is an address."""
    if text is None or isinstance(text, str):
        return cast("str | None", _applied(_as_cells([text]), rule, engine="in-memory").item())
    if not (type(text).__module__.split(".")[0] == "pandas" and type(text).__name__ == "Series"):
        raise InputError(
            f"An address or a pandas Series is needed here, not {type(text).__name__}. "
            "For one column of a table pass the column, for example frame['email']."
        )
    cells = _applied(text_column(text), rule, engine="streaming")
    answer: pd.Series = cells.to_pandas().set_axis(text.index)
    answer.name = text.name
    return answer


def _applied(cells: pl.Series, rule: pl.Expr, *, engine: EngineType) -> pl.Series:
    verdicts = cells.to_frame("cell").lazy().select(email_verdict(pl.col("cell"))).unnest("cell")
    accepted = pl.when(pl.col("fault").is_null()).then(rule).alias("cell")
    return verdicts.select(accepted).collect(engine=engine).to_series()


def text_column(column: pd.Series) -> pl.Series:
    """Return a pandas column as Polars text; numbers become their text.

    What is missing is null, and so is what has no UTF-8 form (half a surrogate pair).
    """
    if str(column.dtype) in {"str", "string"}:
        with suppress(UnicodeEncodeError):
            return pl.from_pandas(column).cast(pl.String).rename("cell")
    missing = column.isna().to_numpy()
    values = [
        None if gone else str(value) for value, gone in zip(column.array, missing, strict=True)
    ]
    return _as_cells(values)


def _as_cells(values: list[str | None]) -> pl.Series:
    try:
        return pl.Series("cell", values, dtype=pl.String)
    except UnicodeEncodeError:
        kept = [None if value is None or _SURROGATE.search(value) else value for value in values]
        return pl.Series("cell", kept, dtype=pl.String)
