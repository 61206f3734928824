"""Conversions as the batches of the Event and Audience API: one purchase, one batch, one line.

Source: the Rokt conversion connectors of Segment and RudderStack (``CAPI`` in
:mod:`rokt_helpers.contract`), which agree on the shape. The ids are made of the content, so the
same purchase has the same ids whoever sends it, and the platform drops what it has seen.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from rokt_helpers import contract
from rokt_helpers.audience import Identifiers
from rokt_helpers.conversions import PreparedConversions
from rokt_helpers.errors import InputError
from rokt_helpers.events.ids import event_id, uuid_of
from rokt_helpers.events.json_text import as_list, as_object, number, text
from rokt_helpers.events.spelling import Spelling
from rokt_helpers.identifiers import sha256_hex

__all__ = ["content_digest", "conversion_batches"]

_DAY_MS: Final = 24 * 60 * 60 * 1000
# Ours → where it goes. What is not named here is an attribute of the person or of the event.
_IDENTITIES: Final = {
    "email": "email",
    "emailsha256": "other",
    "customerid": "customerid",
    contract.CLICK_ID_ATTRIBUTE: contract.CLICK_ID_IDENTITY,
}
_DEVICE: Final = {
    "useragent": "http_header_user_agent",
    "ios_advertising_id": "ios_advertising_id",
    "android_advertising_id": "android_advertising_id",
}
_PERSON_NAMES: Final = {"zipcode": "zip"}  # CAPI writes it so
_ELSEWHERE: Final = {"ipaddress", "timestamp_unixtime_ms", "clienteventid"}
_NUMBERS: Final = {"amount", "margin", "quantity"}
_FIRST_OF_EVENT: Final = contract.CONVERSION_ATTRIBUTES.index("timestamp_unixtime_ms")
_OF_PERSON: Final = contract.CONVERSION_ATTRIBUTES[:_FIRST_OF_EVENT]
_OF_EVENT: Final = contract.CONVERSION_ATTRIBUTES[_FIRST_OF_EVENT:]


def conversion_batches(
    prepared: PreparedConversions, *, spelling: Spelling, now_unixtime_ms: int
) -> tuple[Identifiers, Identifiers]:
    """Return the batches as JSON, one a line: the recent ones, and those that are historical.

    Parameters
    ----------
    spelling
        The environment, and how identities are written.
    now_unixtime_ms
        The moment that ages are counted to. A conversion without a moment is recent.

    Raises
    ------
    InputError
        When a conversion has no ``conversiontype``.

    Returns
    -------
    Columns named ``batch`` and ``historical_batch``.
    """
    table = prepared.table
    _require_type(table)
    old = pl.lit(value=False)
    if "timestamp_unixtime_ms" in table.columns:
        oldest = now_unixtime_ms - contract.MAX_EVENT_AGE_DAYS * _DAY_MS
        old = (pl.col("timestamp_unixtime_ms") < oldest).fill_null(value=False)
    recent, historical = table.filter(~old), table.filter(old)
    return (
        Identifiers.in_memory(_lines(recent, spelling).alias("batch")),
        Identifiers.in_memory(_lines(historical, spelling).alias("historical_batch")),
    )


def _require_type(table: pl.DataFrame) -> None:
    there = "conversiontype" in table.columns
    without = table["conversiontype"].null_count() if there else len(table)
    if without:
        raise InputError(
            f"{without:,} conversions have no conversiontype, and the platform would drop them "
            "without a word. Name their column, or pass one for all: "
            "defaults={'conversiontype': 'purchase'} (--default conversiontype=purchase)."
        )


def _lines(table: pl.DataFrame, spelling: Spelling) -> pl.Series:
    """Write the content first, and then the ids that are made of it."""
    digest = content_digest(table.columns, environment=spelling.environment)
    told = table.with_columns(digest=digest)
    whole = as_object(
        [
            text("source_request_id", uuid_of(pl.col("digest"))),
            *_members(table.columns, spelling),
            *_event(table.columns, event_id(table.columns)),
        ]
    )
    return told.select(whole.alias("line")).to_series()


def content_digest(columns: list[str], *, environment: str) -> pl.Expr:
    """Return the SHA-256 over all that a batch says, its ids left out.

    How identities are spelled is not in it: the same purchase keeps its ids.
    """
    members = _members(columns, Spelling(environment=environment))
    return sha256_hex(as_object([*members, *_event(columns, None)]))


def _members(columns: list[str], spelling: Spelling) -> list[pl.Expr]:
    click = contract.CLICK_ID_ATTRIBUTE
    there = [name for name in columns if name in contract.CONVERSION_ATTRIBUTES]
    identities = {name: spelling.identity(said) for name, said in _IDENTITIES.items()}
    members = [
        text("environment", pl.lit(spelling.environment)),
        *([text("ip", pl.col("ipaddress"))] if "ipaddress" in there else []),
        as_object(_renamed(identities, there), key="user_identities"),
        as_object(_renamed(_DEVICE, there), key="device_info"),
        as_object(_person(there), key="user_attributes"),
    ]
    if click in there:
        module = as_object([text(click, pl.col(click))], key=contract.CLICK_ID_MODULE)
        members.append(as_object([module], key="integration_attributes"))
    return members


def _renamed(names: dict[str, str], there: list[str]) -> list[pl.Expr]:
    return [text(new, pl.col(name)) for name, new in names.items() if name in there] or [_NOTHING]


def _person(there: list[str]) -> list[pl.Expr]:
    elsewhere = {*_IDENTITIES, *_DEVICE, *_ELSEWHERE}
    names = [name for name in _OF_PERSON if name in there and name not in elsewhere]
    return [text(_PERSON_NAMES.get(name, name), pl.col(name)) for name in names] or [_NOTHING]


def _event(columns: list[str], message_id: pl.Expr | None) -> list[pl.Expr]:
    names = [name for name in _OF_EVENT if name in columns and name not in _ELSEWHERE]
    data = [
        text("event_name", pl.lit(contract.CONVERSION_EVENT)),
        text("custom_event_type", pl.lit(contract.CONVERSION_EVENT_TYPE)),
        *([text("source_message_id", message_id)] if message_id is not None else []),
        *(
            [number("timestamp_unixtime_ms", pl.col("timestamp_unixtime_ms"))]
            if "timestamp_unixtime_ms" in columns
            else []
        ),
        as_object([_of_event(name) for name in names] or [_NOTHING], key="custom_attributes"),
    ]
    event = as_object(
        [text("event_type", pl.lit(contract.EVENT_TYPE)), as_object(data, key="data")]
    )
    return [as_list(event, key="events")]


def _of_event(name: str) -> pl.Expr:
    if name in _NUMBERS:
        return number(name, pl.col(name))
    value = pl.col(name)
    # CAPI: an event's attributes are plain values, so a list is written as one text.
    return text(name, value.list.join(",") if name == "sku" else value)


_NOTHING: Final = pl.lit(None, dtype=pl.String)
