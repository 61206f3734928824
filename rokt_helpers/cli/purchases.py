"""The words that say how a list of purchases is to be read; some verbs share them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, get_args

import click

from rokt_helpers.cli.source import Source
from rokt_helpers.contract import CONVERSION_REASONS
from rokt_helpers.conversions import (
    DateOrder,
    Decimal,
    Mapping,
    PreparedConversions,
    prepare_conversions,
)
from rokt_helpers.errors import InputError

__all__ = ["Reading", "describe_purchases", "takes_purchases"]


@dataclass(frozen=True)
class Reading:
    """Which column is what, and how its values are written."""

    mapping: Path | None
    time_zone: str | None
    date_order: DateOrder | None
    decimal: Decimal | None
    defaults: tuple[str, ...]

    def prepare(self, source: Source) -> PreparedConversions:
        """Prepare the purchases of a source."""
        return prepare_conversions(
            source.files,
            mapping=Mapping.load(self.mapping) if self.mapping else None,
            output=source.output,
            time_zone=self.time_zone,
            date_order=self.date_order,
            decimal=self.decimal,
            defaults=dict(map(_pair, self.defaults)),
            header=source.header,
            sheet=source.sheet,
            member=source.member,
        )


_OPTIONS: Final = (
    click.option(
        "--mapping",
        type=click.Path(path_type=Path),
        help="The file that says which column is what, as --save-mapping wrote it.",
    ),
    click.option(
        "--time-zone",
        metavar="ZONE",
        help="The zone of times that name none, such as America/New_York.",
    ),
    click.option(
        "--date-order",
        type=click.Choice(get_args(DateOrder)),
        help="What comes first in dates such as 02/03/2026; found when left out.",
    ),
    click.option(
        "--decimal",
        type=click.Choice(get_args(Decimal)),
        help="The decimal mark in amounts; found when left out.",
    ),
    click.option(
        "--default",
        "defaults",
        multiple=True,
        metavar="NAME=VALUE",
        help="The value of a field in rows without one, such as currency=USD.",
    ),
)


def takes_purchases(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to read purchases; the verb gets them as one :class:`Reading`."""

    @functools.wraps(verb)
    def called(**words: Any) -> Any:
        reading = Reading(**{field.name: words.pop(field.name) for field in fields(Reading)})
        return verb(reading=reading, **words)

    for option in reversed(_OPTIONS):
        called = option(called)
    return called


def describe_purchases(prepared: PreparedConversions) -> list[str]:
    """Return which column is what, and the sums, as lines that add up before the eye."""
    s = prepared.summary
    width = len(f"{s['rows_in']:,}")
    columns = (f"  {column!r} is {name}" for name, column in prepared.mapping.columns.items())
    return [
        f"{s['source']['name']}: read as",
        *columns,
        *(f"  {warning}" for warning in prepared.mapping.warnings),
        f"  {s['rows_in']:>{width},} in the source",
        f"  {s['accepted']:>{width},} accepted, each purchase once",
        f"  {s['duplicates']:>{width},} duplicate of an accepted row",
        f"  {s['rejected']:>{width},} rejected",
        *(
            f"    {count:>{width},} {reason}: {CONVERSION_REASONS[reason]}"
            for reason, count in s["rejected_by_reason"].items()
        ),
    ]


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise InputError(f"--default takes NAME=VALUE, such as currency=USD, not {text!r}.")
    return name, value
