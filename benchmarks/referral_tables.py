"""The tables of the referral study, by the workbench and by plain pandas as one writes it first.

Law: both make every table from what their own ingest kept, and the same numbers must stand in them.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pandas as pd
import polars as pl

from rokt_helpers.identifiers import sha256_hex
from rokt_helpers.referrals import analysis
from rokt_helpers.referrals.vault import Vault

__all__ = ["PEOPLE", "tables_by_pandas", "tables_by_workbench", "write_beside"]

PEOPLE: Final = 999_983
CURRENCY: Final = "USD"
EARLIER: Final = (date(2026, 10, 17), date(2026, 10, 23))
LATER: Final = (date(2026, 10, 24), date(2026, 10, 30))
QUANTILES: Final = (0.1, 0.25, 0.5, 0.75, 0.9)
SEGMENTS: Final = ("audience", "campaign", "source", "browser", "state")
COUNTS: Final = ["referrals", "people", "cost"]
AGE_ENDS: Final = (-1, 17, 24, 34, 44, 54, 64, 200)
LEAK_ENDS: Final = (0, 24, 48, 168, float("inf"))
LAG_ENDS: Final = (0, 1 / 24, 1, 2, 7, 30, float("inf"))
WEEK: Final = timedelta(days=7)
WINDOW: Final = timedelta(days=30)

Table = list[list[Any]]


def write_beside(folder: Path) -> None:
    """Write made-up customers, purchases and a suppression list of some of the people."""
    number = pl.col("number")
    people = pl.select(number=pl.int_range(PEOPLE)).with_columns(
        email_sha256=sha256_hex(pl.format("person.{}@example.com", number))
    )
    moment = pl.lit(datetime(2026, 10, 12))  # noqa: DTZ001  UTC without a zone, as the tables want
    tables = {
        "customers": people.filter(number % 5 == 0).select("email_sha256", since=moment),
        "conversions": people.filter(number % 8 == 0).select(
            "email_sha256",
            converted_at=moment + pl.duration(seconds=number * 7 % 1_700_000),
            value=(number % 97).cast(pl.Float64),
            currency=pl.lit(CURRENCY),
        ),
        "suppressions": people.filter(number % 7 == 0).select(
            "email_sha256", list=pl.lit("VIP"), since=moment,
            until=pl.lit(None, dtype=pl.Datetime("us")),
        ),
    }  # fmt: skip
    for name, table in tables.items():
        table.write_parquet(folder / f"{name}.parquet")


# --- the workbench ------------------------------


def tables_by_workbench(folder: Path, beside: Path) -> dict[str, Table]:
    """Make every table of the study from a vault."""
    rows = Vault(folder).read()
    customers, conversions, suppressions = (
        pl.read_parquet(beside / f"{name}.parquet")
        for name in ("customers", "conversions", "suppressions")
    )
    attributed = analysis.attribute(rows, conversions)
    leaks = analysis.find_leaks(rows, suppressions)
    figures = analysis.compare_periods(rows, EARLIER, LATER, attributed=attributed)
    chosen = ("referrals", "people", "cost", "average bid", "converted")
    ripe = pl.col("converted").is_not_null()
    bids = [f"bid_p{quantile * 100:g}" for quantile in QUANTILES]
    changed = [f"{what}_{side}" for what in ("referrals", "cost") for side in ("earlier", "later")]
    made = {name: (analysis.by_segment(rows, name), [name, *COUNTS]) for name in SEGMENTS} | {
        "day": (analysis.volume_and_cost(rows), ["day", *COUNTS]),
        "age_band": (analysis.by_age_band(rows), COUNTS),
        "hours": (analysis.by_hour_and_weekday(rows), ["weekday", "hour", *COUNTS]),
        "bids": (analysis.bid_quantiles(rows, "audience"), ["audience", *bids]),
        "periods": (figures.filter(pl.col("figure").is_in(chosen)), ["earlier", "later"]),
        "change": (analysis.cost_change(rows, EARLIER, LATER), ["audience", *changed]),
        "repeats": (analysis.repeat_counts(rows), [*COUNTS, "cost_of_repeats"]),
        "known": (analysis.new_and_known(rows, customers), COUNTS),
        "known_by": (
            analysis.known_customers_by(rows, customers, "audience"),
            ["audience", *COUNTS, "known", "cost_on_known"],
        ),
        "leaks": (analysis.leaks_by_list(leaks), [*COUNTS, "median_hours"]),
        "leaks_by_lag": (analysis.leaks_by_lag(leaks), [*COUNTS, "median_hours"]),
        "rates": (
            analysis.conversion_rates(rows, attributed, "audience"),
            ["audience", *COUNTS, "converted", "conversions"],
        ),
        "values": (
            analysis.conversion_values(rows, attributed, "audience", currency=CURRENCY),
            ["audience", "people", "conversions", "value"],
        ),
        "lags": (analysis.conversions_by_lag(attributed), ["conversions"]),
        "cohorts": (
            analysis.cohorts(rows, conversions, currency=CURRENCY).filter(ripe),
            ["week", "weeks_after", "people", "converted", "value"],
        ),
        "filled": (analysis.columns_filled(rows).filter(pl.col("filled") > 0), ["filled"]),
    }
    plain = {name: table.select(names).rows() for name, (table, names) in made.items()}
    return {name: _in_order(rows) for name, rows in plain.items()}


# --- plain pandas ------------------------------


def tables_by_pandas(folder: Path, beside: Path) -> dict[str, Table]:
    """Make the same tables with pandas."""
    rows = pd.read_parquet([*(folder / "rows").rglob("*.parquet")])
    customers, conversions, suppressions = (
        pd.read_parquet(beside / f"{name}.parquet")
        for name in ("customers", "conversions", "suppressions")
    )
    moments = rows["referred_at"]
    rows["day"] = moments.dt.date
    rows["weekday"], rows["hour"] = moments.dt.day_name(), moments.dt.strftime("%H")
    rows["age_band"] = pd.cut(rows["age"].astype(float), AGE_ENDS)
    made = {name: _counted(rows, name).reset_index() for name in (*SEGMENTS, "day")}
    made["age_band"] = _counted(rows, "age_band")
    made["hours"] = _counted(rows, "weekday", "hour").reset_index()
    bids = rows.groupby("audience")["bid_price"].quantile(list(QUANTILES))
    made["bids"] = bids.unstack().reset_index()  # noqa: PD010  nothing is to be aggregated
    made["change"] = _change(rows)
    made["repeats"] = _repeats(rows)
    made |= _known(rows, customers) | _leaks(rows, suppressions) | _converted(rows, conversions)
    made["cohorts"] = _cohorts(rows, conversions)
    delivered = rows.drop(columns=["file", "row", "day", "weekday", "hour", "age_band"])
    filled = pd.DataFrame({"filled": delivered.notna().sum(), "distinct": delivered.nunique()})
    made["filled"] = filled[["filled"]]
    return {name: _in_order(table.itertuples(index=False)) for name, table in made.items()}


def _counted(rows: pd.DataFrame, *keys: str) -> pd.DataFrame:
    return rows.groupby(list(keys), dropna=False, observed=False).agg(
        referrals=("bid_price", "size"), people=("email_sha256", "nunique"),
        cost=("bid_price", "sum"),
    )  # fmt: skip


def _within(rows: pd.DataFrame, period: tuple[date, date]) -> pd.DataFrame:
    return rows[(rows["day"] >= period[0]) & (rows["day"] <= period[1])]


def _change(rows: pd.DataFrame) -> pd.DataFrame:
    sides = [_counted(_within(rows, period), "audience") for period in (EARLIER, LATER)]
    both = sides[0].join(sides[1], lsuffix="_earlier", rsuffix="_later").reset_index()
    names = [f"{what}_{side}" for what in ("referrals", "cost") for side in ("earlier", "later")]
    return both[["audience", *names]]


def _repeats(rows: pd.DataFrame) -> pd.DataFrame:
    ordered = rows.sort_values("referred_at")
    each = ordered.groupby("email_sha256")["bid_price"].agg(["size", "sum", "first"])
    each["more"] = each["sum"] - each["first"]
    table = each.groupby(each["size"].clip(upper=5)).agg(
        referrals=("size", "sum"), people=("size", "size"), cost=("sum", "sum"),
        more=("more", "sum"),
    )  # fmt: skip
    return table.reindex(range(1, 6), fill_value=0)


def _known(rows: pd.DataFrame, customers: pd.DataFrame) -> dict[str, pd.DataFrame]:
    both = rows.merge(customers, on="email_sha256", how="left")
    both["known"] = both["since"] <= both["referred_at"]
    table = _counted(both, "audience")
    known = both[both["known"]].groupby("audience")["bid_price"].agg(["size", "sum"])
    kinds = _counted(both, "known").reindex([False, True])
    kinds.loc["untold"] = [0, 0, 0.0]
    return {"known": kinds, "known_by": table.join(known).reset_index()}


def _leaks(rows: pd.DataFrame, suppressions: pd.DataFrame) -> dict[str, pd.DataFrame]:
    both = rows.merge(suppressions, on="email_sha256")
    inside = (both["since"] <= both["referred_at"]) & (
        both["until"].isna() | (both["referred_at"] < both["until"])
    )
    leaks = both[inside].copy()
    leaks["hours"] = (leaks["referred_at"] - leaks["since"]).dt.total_seconds() / 3600
    leaks["lag"] = pd.cut(leaks["hours"], LEAK_ENDS, right=False)
    made = {}
    for name, key in (("leaks", "list"), ("leaks_by_lag", "lag")):
        median = leaks.groupby(key, observed=False)["hours"].median()
        made[name] = _counted(leaks, key).join(median)
    return made


def _converted(rows: pd.DataFrame, conversions: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Give each purchase to the last referral before it, and count."""
    ordered = rows.reset_index(drop=True).rename_axis("referral").reset_index()
    ordered = ordered.sort_values("referred_at")
    found = pd.merge_asof(
        conversions.sort_values("converted_at"), ordered, left_on="converted_at",
        right_on="referred_at", by="email_sha256",
    )  # fmt: skip
    found = found[(found["converted_at"] - found["referred_at"]) <= WINDOW].copy()
    days = (found["converted_at"] - found["referred_at"]).dt.total_seconds() / 86_400
    of_each = found.groupby("audience").agg(
        converted=("referral", "nunique"), conversions=("referral", "size")
    )
    values = found.groupby("audience").agg(
        people=("email_sha256", "nunique"), conversions=("referral", "size"),
        value=("value", "sum"),
    )  # fmt: skip
    figures = []
    for period in (EARLIER, LATER):
        part = _within(rows, period)
        figures.append([
            len(part), part["email_sha256"].nunique(), part["bid_price"].sum(),
            part["bid_price"].mean(), _within(found, period)["referral"].nunique(),
        ])  # fmt: skip
    lags = pd.cut(days, LAG_ENDS, right=False)
    return {
        "periods": pd.DataFrame(figures).T,
        "rates": _counted(rows, "audience").join(of_each).reset_index(),
        "values": values.reset_index(),
        "lags": lags.value_counts().to_frame(),
    }


def _cohorts(rows: pd.DataFrame, conversions: pd.DataFrame) -> pd.DataFrame:
    first = rows.groupby("email_sha256")["referred_at"].min().rename("first").reset_index()
    first["week"] = (first["first"].dt.normalize() -
                     pd.to_timedelta(first["first"].dt.weekday, unit="D"))  # fmt: skip
    people = first.groupby("week").size().rename("people")
    both = conversions.merge(first, on="email_sha256")
    both = both[both["converted_at"] >= both["first"]].copy()
    both["weeks_after"] = (both["converted_at"] - both["first"]) // WEEK
    once = both.groupby(["week", "email_sha256"])["weeks_after"].min().reset_index()
    converted = once.groupby(["week", "weeks_after"]).size().rename("converted")
    value = both.groupby(["week", "weeks_after"])["value"].sum()
    every = pd.MultiIndex.from_product([people.index, range(9)], names=["week", "weeks_after"])
    table = pd.DataFrame(index=every).join(converted).join(value).fillna(0)
    table = table.groupby(level="week").cumsum().reset_index().merge(people.reset_index())
    last = conversions["converted_at"].max()
    ripe = table["week"] + (table["weeks_after"] + 2) * WEEK <= last
    table["week"] = table["week"].dt.date
    return table[ripe][["week", "weeks_after", "people", "converted", "value"]]


def _in_order(rows: Any) -> Table:
    """Return plain cells, rows in an order that both have."""
    plain = [[_plain(cell) for cell in row] for row in rows]
    return sorted(plain, key=lambda row: [str(cell) for cell in row])


def _plain(cell: Any) -> Any:
    if isinstance(cell, str | date):
        return str(cell)
    return None if cell is None or cell != cell else round(float(cell), 2)  # noqa: PLR0124  NaN
