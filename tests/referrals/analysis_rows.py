"""Seeded referrals with nulls, duplicates and ties, and what goes with them."""

# ruff: noqa: DTZ001  Rokt's times have no zone, and neither has our table
from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from rokt_helpers.referrals.tidy import SCHEMA

Row = dict[str, Any]
START = datetime(2026, 10, 1)
SEEDS = range(5)
PEOPLE = [f"{number:064x}" for number in range(30)]


def delivered(seed: int, many: int = 160) -> list[Row]:
    """Return referrals: few people, few moments, cells left out, and some rows twice."""
    dice = random.Random(seed)

    def one_of(values: Sequence[Any], gaps: float = 0.1) -> Any:
        return None if dice.random() < gaps else dice.choice(values)

    rows = [
        {
            "referred_at": one_of([START + timedelta(hours=h) for h in range(0, 1_400, 7)]),
            "campaign": one_of(["Spring", "Summer"]),
            "audience_id": one_of(["1", "2581697744617019994", "2.58E+18", "x"]),
            "audience": one_of(["Everybody", "M/F: 25+", "Loyal"]),
            "country": one_of(["Australia", "United States"]),
            "state": one_of([f"S{number}" for number in range(14)]),
            "gender": one_of(["Male", "Female"]),
            "age": one_of(range(100)),
            "bid_price": one_of([0.0, 0.5, 1.25, 2.5, 2.5, 10.0]),
            "ad_response": one_of(["Yes, please", "No, thanks"]),
            "ad_text": one_of(["Half off", "Free gift"]),
            "browser": one_of(["Chrome Mobile", "Chrome", "iPad", "Lynx"]),
            "source": one_of(["a.example", "b.example"]),
            "email_sha256": one_of(PEOPLE),
        }
        for _ in range(many)
    ]
    rows += [dict(dice.choice(rows)) for _ in range(many // 10)]
    return rows


def converted(seed: int, many: int = 60) -> list[Row]:
    """Return conversions of the same people, some told twice, some at a referral's very moment."""
    dice = random.Random(seed + 1_000)
    rows = [
        {
            "email_sha256": None if dice.random() < 0.05 else dice.choice(PEOPLE),
            "converted_at": None
            if dice.random() < 0.05
            else START + timedelta(hours=dice.choice(range(0, 2_000, 7))),
            "value": None if dice.random() < 0.1 else dice.choice([10.0, 20.5, 99.0]),
            "currency": dice.choice(["AUD", "AUD", "USD", None]),
            "conversiontype": "purchase",
            "confirmationref": None if dice.random() < 0.5 else str(dice.randrange(20)),
        }
        for _ in range(many)
    ]
    return rows + [dict(dice.choice(rows)) for _ in range(5)]


def table(rows: list[Row]) -> pl.DataFrame:
    """Return the tidy table of referrals."""
    data = {name: [row.get(name) for row in rows] for name in SCHEMA}
    return pl.DataFrame(data, schema=SCHEMA)


def conversions(rows: list[Row]) -> pl.DataFrame:
    """Return the table of conversions."""
    schema: dict[str, pl.DataType] = {
        "email_sha256": pl.String(), "converted_at": pl.Datetime("us"), "value": pl.Float64(),
        "currency": pl.String(), "conversiontype": pl.String(), "confirmationref": pl.String(),
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema)


def grouped(rows: Iterable[Row], key: Callable[[Row], Hashable]) -> dict[Any, list[Row]]:
    """Return the rows of each group."""
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def heads(rows: list[Row]) -> int:
    """Count people: a row without a digest is a person of its own."""
    known = {row["email_sha256"] for row in rows} - {None}
    return len(known) + sum(row["email_sha256"] is None for row in rows)


def cost(rows: Iterable[Row]) -> float:
    """Add up what the rows cost."""
    return sum(row["bid_price"] or 0.0 for row in rows)


def bids(rows: Iterable[Row]) -> list[float]:
    """Return the bid prices that were given, sorted."""
    return sorted(row["bid_price"] for row in rows if row["bid_price"] is not None)


def quantile(values: list[float], part: float) -> float | None:
    """Return a quantile of sorted values, in a straight line between two."""
    if not values:
        return None
    place = part * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def mean(values: Sequence[float]) -> float | None:
    """Return the mean, None of nothing."""
    return sum(values) / len(values) if values else None
