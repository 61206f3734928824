"""Hold lists against one another: overlap, conflicts, churn and age, in people.

Law: the sums of every table add up, and are proved before it is given out. People are compared by
digest, so that a plain list and a hashed one can be compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import permutations
from typing import Literal

import polars as pl

from rokt_helpers.audience import PreparedAudience, prepare_audience
from rokt_helpers.errors import InputError
from rokt_helpers.identifiers import sha256_hex
from rokt_helpers.list_lab.comparisons import Churn, Comparison, Conflicts, prove

__all__ = ["ageing", "churn", "compare", "conflicts", "overlaps"]


def compare(left: object, right: object) -> Comparison:
    """Return how two lists overlap.

    Parameters
    ----------
    left, right
        A :class:`PreparedAudience`, or whatever :func:`prepare_audience` takes. A list of
        addresses, one of digests and one that mixes them can all be compared.

    Raises
    ------
    InputError
        When a source cannot be prepared.
    """
    return _compared(_digests(left), _digests(right))


def overlaps(lists: Mapping[str, object]) -> pl.DataFrame:
    """Return how every list overlaps with every other one.

    Parameters
    ----------
    lists
        Name → list, each as :func:`compare` takes it.

    Returns
    -------
    One row for each pair, both ways round: ``left`` and ``right`` (names), ``left_people``,
    ``right_people``, ``both``, ``only_left`` (people), ``share_of_left`` and ``jaccard`` (0 to 1).
    In each row ``only_left + both == left_people``.
    """
    digests = {name: _digests(source) for name, source in lists.items()}
    columns = {
        "left": pl.String, "right": pl.String, "left_people": pl.Int64, "right_people": pl.Int64,
        "both": pl.Int64, "only_left": pl.Int64, "share_of_left": pl.Float64, "jaccard": pl.Float64,
    }  # fmt: skip
    rows = []
    for a, b in permutations(digests, 2):
        pair = _compared(digests[a], digests[b])
        people = (pair.left, pair.right, pair.both, pair.only_left)
        rows.append((a, b, *people, pair.share_of_left, pair.jaccard))
    return pl.DataFrame(rows, schema=columns, orient="row")


def conflicts(target: object, suppress: object) -> Conflicts:
    """Return who is on a list to target and on a list to suppress; both as :func:`compare`."""
    wanted, unwanted = _digests(target), _digests(suppress)
    return Conflicts(_compared(wanted, unwanted), _joined(wanted, unwanted, how="semi"))


def churn(earlier: object, later: object) -> Churn:
    """Return who came, went and stayed between two states of a list; both as :func:`compare`."""
    change = compare(earlier, later)
    return Churn(
        earlier=change.left,
        later=change.right,
        came=change.only_right,
        went=change.only_left,
        stayed=change.both,
    )


def ageing(appearances: Mapping[date, object]) -> pl.DataFrame:
    """Return how long people have been on a list, and how many left it and came back.

    Parameters
    ----------
    appearances
        Day → the list as it was on that day, each as :func:`compare` takes it.

    Returns
    -------
    One row for each day, the first one first: ``first_seen`` (the day), ``days`` from then to the
    latest day, ``people`` first seen on it, of these ``listed`` on the latest day and ``left``
    since, and ``came_back``: those of ``people`` who were missing on some day in between. The sum
    of ``people`` is everybody who ever was on the list.

    Raises
    ------
    InputError
        When there is no list, or one of them cannot be prepared.
    """
    if not appearances:
        raise InputError("There is no list to look at: give at least one, with its day.")
    days = sorted(appearances)
    lists = [_digests(appearances[day]) for day in days]
    spans = _spans(lists)
    table = (
        pl.DataFrame({"first": range(len(days)), "first_seen": days})
        .join(_by_first_day(spans, latest=len(days) - 1), on="first", how="left")
        .with_columns(pl.col("people", "listed", "left", "came_back").fill_null(0))
        .select(
            "first_seen",
            (pl.lit(days[-1]) - pl.col("first_seen")).dt.total_days().alias("days"),
            pl.col("people", "listed", "left", "came_back").cast(pl.Int64),
        )
        .sort("first_seen")
    )
    prove(int(table["people"].sum()), len(spans))
    prove(int(table["listed"].sum()), len(lists[-1]))
    prove(int((table["listed"] + table["left"]).sum()), len(spans))
    return table


def _spans(lists: list[pl.Series]) -> pl.DataFrame:
    """Return for each person the ``first`` and ``last`` list they are on, and on how ``many``."""
    frames = [
        digests.to_frame("digest").with_columns(pl.lit(order).alias("order"))
        for order, digests in enumerate(lists)
    ]
    order = pl.col("order")
    return (
        pl.concat(frames)
        .group_by("digest")
        .agg(order.min().alias("first"), order.max().alias("last"), pl.len().alias("many"))
        .with_columns(pl.col("first").cast(pl.Int64))
    )


def _by_first_day(spans: pl.DataFrame, *, latest: int) -> pl.DataFrame:
    listed = pl.col("last") == latest
    missed = pl.col("many") < pl.col("last") - pl.col("first") + 1
    return spans.group_by("first").agg(
        pl.len().alias("people"),
        listed.sum().alias("listed"),
        (~listed).sum().alias("left"),
        missed.sum().alias("came_back"),
    )


def _digests(source: object) -> pl.Series:
    """Return the SHA-256 of each person on a list once; a plain list goes through the kernel."""
    audience = (
        source if isinstance(source, PreparedAudience) else prepare_audience(source, mixed="hash")
    )
    identifiers = audience.identifiers
    if audience.identifier == "email":
        identifiers = identifiers.to_frame("email").select(sha256_hex(pl.col("email"))).to_series()
    return identifiers.alias("sha256")


def _compared(left: pl.Series, right: pl.Series) -> Comparison:
    # Each part is counted by itself, so that the sums prove something.
    return Comparison(
        left=len(left),
        right=len(right),
        only_left=len(_joined(left, right, how="anti")),
        both=len(_joined(left, right, how="semi")),
        only_right=len(_joined(right, left, how="anti")),
    )


def _joined(these: pl.Series, those: pl.Series, *, how: Literal["semi", "anti"]) -> pl.Series:
    """Return those of ``these`` that the other list holds too (semi), or that it lacks (anti)."""
    return these.to_frame().join(those.to_frame(), on=these.name, how=how).to_series()
