"""Conversions as events of the legacy Event API: one purchase, one event, one line of JSON.

Source: block "older Event API" of :mod:`rokt_helpers.contract` (``LEG``). An event carries what the
purchase says under Rokt's own names, each value as text. The id of an event is the one that the
Event and Audience API gets, so a purchase that is sent over both has one id.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import polars as pl

from rokt_helpers import contract
from rokt_helpers.audience import Identifiers
from rokt_helpers.conversions import PreparedConversions
from rokt_helpers.errors import InputError
from rokt_helpers.events.conversions import content_digest
from rokt_helpers.events.ids import event_id, uuid_of
from rokt_helpers.events.json_text import as_list, as_object, text
from rokt_helpers.identifiers import sha256_hex

__all__ = ["legacy_event_lines", "legacy_names_left_out"]

_MOMENT: Final = "timestamp_unixtime_ms"
# These have a place of their own in an event.
_ELSEWHERE: Final = {_MOMENT, "clienteventid"}
_RFC_3339: Final = "%Y-%m-%dT%H:%M:%S%.3fZ"


def legacy_event_lines(prepared: PreparedConversions) -> Identifiers:
    """Return each conversion as the JSON of one event.

    What this interface has no name for is not sent: :func:`legacy_names_left_out` says what it is.

    Raises
    ------
    InputError
        When a conversion has no moment, or nothing of ``contract.LEGACY_CONVERSION_IDENTIFIERS``.

    Returns
    -------
    Column named ``event``.
    """
    table = prepared.table
    _require_moment(table)
    _require_identifier(table)
    # Production, because this interface knows nothing else.
    digest = content_digest(table.columns, environment="production")
    lines = table.with_columns(digest=digest).select(_event(table.columns).alias("event"))
    return Identifiers.in_memory(lines.to_series())


def legacy_names_left_out(columns: Iterable[str]) -> tuple[str, ...]:
    """Return which of the columns hold what the legacy interface has no name for.

    Parameters
    ----------
    columns
        Of ``PreparedConversions.table``; what is no attribute, such as ``row``, is not counted.
    """
    there = [name for name in columns if name in contract.CONVERSION_ATTRIBUTES]
    known = {*contract.LEGACY_OBJECT_NAMES, *_ELSEWHERE}
    return tuple(name for name in there if name not in known)


def _require_moment(table: pl.DataFrame) -> None:
    without = table[_MOMENT].null_count() if _MOMENT in table.columns else len(table)
    if without:
        raise InputError(
            f"{without:,} conversions have no moment, and the legacy Event API takes none without. "
            f"Name its column, with mapping={{'your column': '{_MOMENT}'}}, or take these rows out "
            "of the source."
        )


def _require_identifier(table: pl.DataFrame) -> None:
    names = [name for name in contract.LEGACY_CONVERSION_IDENTIFIERS if name in table.columns]
    nobody = pl.all_horizontal(pl.col(name).is_null() for name in names) if names else pl.lit(True)  # noqa: FBT003
    without = len(table.filter(nobody))
    if without:
        raise InputError(
            f"{without:,} conversions have none of "
            f"{', '.join(contract.LEGACY_CONVERSION_IDENTIFIERS)}, and the legacy Event API knows "
            "nobody by anything else. Name the column of one of them with mapping=, take these "
            "rows out of the source, or send them over the Event and Audience API (via='events')."
        )


def _event(columns: list[str]) -> pl.Expr:
    moment = pl.from_epoch(pl.col(_MOMENT), time_unit="ms").dt.strftime(_RFC_3339)
    names = [name for name in contract.LEGACY_OBJECT_NAMES if name in columns]
    return as_object(
        [
            text("clientEventId", _short(event_id(columns))),
            text("eventType", pl.lit(contract.CONVERSION_EVENT)),
            text("eventTime", moment),
            as_list(*(_named(name) for name in names), key="objectData"),
        ]
    )


def _short(name: pl.Expr) -> pl.Expr:
    """Return an id that is short enough.

    One that is cut could be that of another purchase, so a long one is told by its digest.
    """
    long = name.str.len_chars() > contract.MAX_LEGACY_EVENT_ID_CHARACTERS
    return pl.when(long).then(uuid_of(sha256_hex(name))).otherwise(name)


def _named(name: str) -> pl.Expr:
    """Return one name with its value; null where the purchase has none."""
    value = pl.col(name).list.join(",") if name == "sku" else pl.col(name)
    return pl.concat_str(pl.lit(f'{{"name":"{name}",'), text("value", value), pl.lit("}"))
