"""One text, or a pandas column of them, in; the same shape out."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final, cast, overload

import polars as pl

from rokt_helpers.errors import InputError
from rokt_helpers.identifiers.attributes import ATTRIBUTES, with_attribute_verdict
from rokt_helpers.identifiers.digests import sha256_hex
from rokt_helpers.identifiers.emails import with_email_verdict

if TYPE_CHECKING:
    import pandas as pd
    from polars._typing import EngineType

__all__ = ["hash_attribute", "hash_email", "normalise_email", "text_column"]

_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_Verdict = Callable[[pl.LazyFrame], pl.LazyFrame]


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
    return _apply(text, with_email_verdict, pl.col("canonical"))


@overload
def hash_email(text: str | None) -> str | None: ...
@overload
def hash_email(text: pd.Series) -> pd.Series: ...
def hash_email(text: str | pd.Series | None) -> str | pd.Series | None:
    """Return the SHA-256 of the canonical form, 64 lower-case hexadecimal characters.

    Takes and returns the shapes of :func:`normalise_email`. A value that already is a digest is
    not an address and gives None: hashing it again would match nobody.
    """
    return _apply(text, with_email_verdict, sha256_hex(pl.col("canonical")))


@overload
def hash_attribute(kind: str, text: str | None) -> str | None: ...
@overload
def hash_attribute(kind: str, text: pd.Series) -> pd.Series: ...
def hash_attribute(kind: str, text: str | pd.Series | None) -> str | pd.Series | None:
    """Return the SHA-256 of another attribute's canonical form, as :func:`hash_email` does.

    Parameters
    ----------
    kind
        A key of :data:`~rokt_helpers.identifiers.ATTRIBUTES`: ``mobile``, ``zip``, ``zip4``,
        ``first_name`` or ``last_name``.
    text
        One value, or a pandas Series of them.

    Raises
    ------
    InputError
        When there is no such kind, or ``text`` is neither a string nor a pandas Series.
    """
    if kind not in ATTRIBUTES:
        raise InputError(f"kind is {' or '.join(map(repr, ATTRIBUTES))}, not {kind!r}.")
    verdict = lambda rows: with_attribute_verdict(rows, kind)  # noqa: E731
    return _apply(text, verdict, sha256_hex(pl.col("canonical")))


def _apply(
    text: str | pd.Series | None, verdict: _Verdict, rule: pl.Expr
) -> str | pd.Series | None:
    """Return ``rule`` of the column ``canonical``, where the verdict names no fault."""
    if text is None or isinstance(text, str):
        cells = _as_cells([text])
        return cast("str | None", _applied(cells, verdict, rule, engine="in-memory").item())
    if not (type(text).__module__.split(".")[0] == "pandas" and type(text).__name__ == "Series"):
        raise InputError(
            f"A text or a pandas Series is needed here, not {type(text).__name__}. "
            "For one column of a table pass the column, for example frame['email']."
        )
    cells = _applied(text_column(text), verdict, rule, engine="streaming")
    answer: pd.Series = cells.to_pandas().set_axis(text.index)
    answer.name = text.name
    return answer


def _applied(
    cells: pl.Series, verdict: _Verdict, rule: pl.Expr, *, engine: EngineType
) -> pl.Series:
    judged = verdict(cells.to_frame("text").lazy())
    accepted = pl.when(pl.col("fault").is_null()).then(rule).alias("text")
    return judged.select(accepted).collect(engine=engine).to_series()


def text_column(column: pd.Series) -> pl.Series:
    """Return a pandas column as Polars text; numbers become their text, bytes are read as UTF-8.

    What is missing is null, and so is what has no UTF-8 form (half a surrogate pair).
    """
    if str(column.dtype) in {"str", "string"}:
        with suppress(UnicodeEncodeError):
            return pl.from_pandas(column).cast(pl.String).rename("cell")
    missing = column.isna().to_numpy()
    values = [
        None if gone else _as_text(value) for value, gone in zip(column.array, missing, strict=True)
    ]
    return _as_cells(values)


def _as_text(value: object) -> str:
    # Bytes that are no UTF-8 become halves of surrogate pairs, as Python marks them.
    return value.decode(errors="surrogateescape") if isinstance(value, bytes) else str(value)


def _as_cells(values: list[str | None]) -> pl.Series:
    try:
        return pl.Series("cell", values, dtype=pl.String)
    except UnicodeEncodeError:
        kept = [None if value is None or _SURROGATE.search(value) else value for value in values]
        return pl.Series("cell", kept, dtype=pl.String)
