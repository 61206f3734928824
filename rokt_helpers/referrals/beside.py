"""Tables that stand beside the referrals: who was a customer already, and who bought."""

from __future__ import annotations

import polars as pl

from rokt_helpers.audience import PreparedAudience
from rokt_helpers.conversions import PreparedConversions
from rokt_helpers.errors import InputError

__all__ = ["conversions_of", "customers_of"]


def customers_of(prepared: PreparedAudience) -> pl.DataFrame:
    """Return ``email_sha256`` of everybody on a prepared list.

    Raises
    ------
    InputError
        When the list was prepared as something else than digests of addresses.
    """
    if prepared.identifier != "sha256":
        raise InputError(
            "Customers are matched by digest: prepare their list with output='sha256'."
        )
    return prepared.identifiers.alias("email_sha256").to_frame()


def conversions_of(prepared: PreparedConversions) -> pl.DataFrame:
    """Return prepared purchases as :func:`analysis.attribute` takes them.

    Returns
    -------
    ``email_sha256``, ``converted_at`` (UTC without a zone), ``value`` (Float64), ``currency``,
    ``conversiontype``, ``confirmationref``; null where a purchase does not have it.

    Raises
    ------
    InputError
        When they were prepared with plain addresses.
    """
    table = prepared.table
    if "email" in table.columns:
        raise InputError("Purchases are matched by digest: prepare them with output='sha256'.")
    there = {name: pl.col(name) for name in table.columns}
    nothing = pl.lit(None, dtype=pl.String)
    moment = there.get("timestamp_unixtime_ms", pl.lit(None, dtype=pl.Int64))
    return table.select(
        email_sha256=there.get("emailsha256", nothing),
        converted_at=pl.from_epoch(moment, time_unit="ms").cast(pl.Datetime("us")),
        value=there.get("amount", nothing).cast(pl.Float64),
        currency=there.get("currency", nothing),
        conversiontype=there.get("conversiontype", nothing),
        confirmationref=there.get("confirmationref", nothing),
    )
