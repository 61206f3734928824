"""Invent what a shop sold in the last weeks, mostly to people of the referral files.

It follows from the seed and the day alone. More people buy than in real life, so that the files
of ten days show a difference.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from rokt_helpers.sandbox.customers import known_people
from rokt_helpers.sandbox.people import invent_person
from rokt_helpers.sandbox.referral_story import Referral, referrals_of

__all__ = ["Purchase", "purchases"]

_PURCHASES: Final = 250
_OF_REFERRED: Final = 210
_REFERRAL_DAYS: Final = 14  # whom the files of two weeks name
_BACK: Final = timedelta(days=20)  # how far back the others go
_LAG_DAYS: Final = 3.6  # the median, before what lies in the future is left out
_LAG_SPREAD: Final = 1.2  # of the logarithm
_SLOW: Final = 0.15  # of the referred think it over
_SLOW_DAYS: Final = (10, 14)
_VALUE: Final = 36.0  # the median order
_VALUE_SPREAD: Final = 0.55


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order: who, when (UTC) and for how much."""

    moment: datetime
    email: str
    total: str


def purchases(today: date, *, seed: int) -> list[Purchase]:
    """Return the orders up to the end of yesterday, the oldest first.

    Parameters
    ----------
    today
        The day it is, in UTC.
    seed
        That of the referral files.

    Notes
    -----
    Of 250 orders 210 are by people referred in the two weeks before, half of them within about
    two days, some after more than ten; how readily somebody buys is :attr:`Referral.pull`. Of the
    others half are customers whom nobody referred, and half are strangers.
    """
    dice = random.Random(f"purchases-{seed}-{today}")
    end = datetime.combine(today, time(tzinfo=UTC))
    # Each gets a number that is the greater the readier they buy; the greatest ones have bought.
    tickets = {
        dice.random() ** (1 / referral.pull): (referral, moment)
        for referral, moment in _tempted(end, seed, dice)
    }
    buyers = [tickets[number] for number in sorted(tickets, reverse=True)[:_OF_REFERRED]]
    sold = [Purchase(moment, referral.person.email, _total(dice)) for referral, moment in buyers]
    sold += [_of_nobody_referred(end, dice) for _ in range(_PURCHASES - len(sold))]
    return sorted(sold, key=lambda purchase: (purchase.moment, purchase.email))


def _tempted(end: datetime, seed: int, dice: random.Random) -> Iterator[tuple[Referral, datetime]]:
    """Yield who was referred, and when they would buy, as far as that is not yet to come."""
    for days_ago in range(1, _REFERRAL_DAYS + 1):
        for referral in referrals_of((end - timedelta(days=days_ago)).date(), seed=seed):
            moment = referral.moment.replace(tzinfo=UTC) + timedelta(days=_lag_days(dice))
            if moment < end:
                yield referral, moment


def _lag_days(dice: random.Random) -> float:
    if dice.random() < _SLOW:
        return dice.uniform(*_SLOW_DAYS)
    return dice.lognormvariate(math.log(_LAG_DAYS), _LAG_SPREAD)


def _of_nobody_referred(end: datetime, dice: random.Random) -> Purchase:
    customer = dice.random() < 0.5  # noqa: PLR2004 - heads or tails
    person = dice.choice(known_people())[0] if customer else invent_person(dice)
    return Purchase(end - _BACK * dice.random(), person.email, _total(dice))


def _total(dice: random.Random) -> str:
    return f"{dice.lognormvariate(math.log(_VALUE), _VALUE_SPREAD):.2f}"
