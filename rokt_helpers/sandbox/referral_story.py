"""Invent who is referred on a day, and why a meeting should hear of it.

A day follows from the seed and the day alone, however often it is asked for. The people are those
of ``sample_customers.csv`` where somebody is paid for who was a customer already, and new ones.

What there is to find: the dearest audience, "returning", holds most of the known customers; one
of the two ad texts brings far more buyers than the other; young women buy more often, and young
men less; some people are referred again within days. The campaign makes no difference.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, TypeVar

from rokt_helpers.sandbox.customers import known_people
from rokt_helpers.sandbox.people import Person, invent_person

__all__ = ["Audience", "Referral", "referrals_of"]

_Kind = TypeVar("_Kind")


@dataclass(frozen=True, slots=True)
class Audience:
    """Who an offer is shown to, what a referral costs, and how they behave.

    ``share`` is of all referrals, ``known`` of theirs that are customers already, and ``pull`` is
    how readily they buy, 1 being ordinary.
    """

    audience_id: str
    name: str
    bid: float
    share: float
    known: float
    pull: float
    youngest: int
    oldest: int
    gender: str = ""


@dataclass(frozen=True, slots=True)
class Referral:
    """One person who said yes to one offer; ``empty`` names the cell that was left empty."""

    moment: datetime
    campaign: str
    audience: Audience
    place: tuple[str, str, str]
    person: Person
    gender: str
    age: int
    bid: str
    response: str
    ad_text: str
    browser: str
    source: str
    empty: str

    @property
    def pull(self) -> float:
        """How readily this person buys: the audience's by the ad text's."""
        return self.audience.pull * _AD_TEXTS[self.ad_text]


# The first two ids are one and the same number to a program that reads them as floating point.
_AUDIENCES: Final = (
    Audience("2581697744617019994", "M/F: 25+", 2.50, 0.44, 0.06, 1.0, 25, 64),
    Audience("2581697744617020013", "F: 25-34", 3.40, 0.28, 0.06, 3.0, 25, 34, "F"),
    Audience("2583112096540118872", "M: 18-24", 1.80, 0.19, 0.06, 0.3, 18, 24, "M"),
    Audience("2590048817323771905", "M/F: 55+ returning", 5.25, 0.09, 0.40, 1.0, 55, 79),
)
# Places with their share; the first postal codes begin with a zero.
_PLACES: Final = {
    ("United States", "MA", "02139"): 8, ("United States", "NJ", "07030"): 9,
    ("United States", "CT", "06510"): 4, ("United States", "CA", "94110"): 21,
    ("United States", "NY", "10010"): 17, ("United States", "TX", "73301"): 12,
    ("United States", "FL", "33101"): 10, ("United States", "WA", "98101"): 6,
    ("Australia", "NSW", "2000"): 8, ("Australia", "VIC", "3000"): 5,
}  # fmt: skip
_AD_TEXTS: Final = {  # with how readily whoever read it buys; both are shown equally often
    "Be the first to see what is new, every Thursday": 1.0,
    "Join today, and your first order is 10% off": 3.0,
}
_CLUB: Final = "Members' club"
_CLUB_SHARE: Final = 0.35
_RESPONSES: Final = {"Yes, please": 2, "Sign me up": 1}
_SOURCES: Final = {"Ticket shop": 9, "Food delivery": 6, "Travel booking": 3, "Shoe shop": 2}
_MOBILE: Final = {"Chrome Mobile": 9, "Mobile Safari": 9, "Samsung Internet": 2}
_DESKTOP: Final = {"Chrome": 5, "Safari": 2, "Edge": 2, "Firefox": 1}
_MOBILE_SHARES: Final = ((30, 0.86), (55, 0.66), (200, 0.38))  # by age: below it
_GENDERS: Final = ("F", "F", "F", "M", "M", "")
_EMPTY: Final = {"": 940, "Age": 25, "State": 12, "Browser": 13, "Email": 10}
_DOMAINS: Final = (
    "harbourmail.example", "harbourmail.example", "lindenpost.example", "northpost.example",
)  # fmt: skip
# How busy each hour is: quiet nights, lunch, and the evening.
_HOURS: Final = (2, 1, 1, 1, 1, 2, 4, 6, 7, 8, 9, 11, 13, 11, 9, 9, 10, 12, 15, 18, 19, 16, 10, 5)

_REPEATS: Final = 0.04
_REPEAT_DAYS: Final = (1, 2, 2, 3, 3, 4, 5, 7)  # how many days later somebody is referred again
_CUSTOMER_DAYS: Final = 30  # somebody known has been a customer for this long at least

# A season is one campaign: it begins on a Monday, lasts four weeks and grows from day to day.
_FIRST_SEASON: Final = date(2026, 1, 5)
_SEASON_DAYS: Final = 28
_FIRST_DAY_ROWS: Final = 56
_MORE_ROWS_EACH_DAY: Final = 1.45
_WEEKDAYS: Final = (1.0, 1.02, 1.04, 1.06, 1.12, 0.9, 0.84)  # Monday first


@lru_cache(maxsize=64)
def referrals_of(day: date, *, seed: int) -> tuple[Referral, ...]:
    """Return the referrals of a day in the order of time, some of people of the week before."""
    dice = random.Random(f"{seed}-again-{day}")
    return tuple(_perhaps_again(each, day, seed, dice) for each in _first_time(day, seed))


@lru_cache(maxsize=64)
def _first_time(day: date, seed: int) -> tuple[Referral, ...]:
    """Return the day as if nobody had been referred before."""
    dice = random.Random(f"{seed}-{day}")
    long_ago = day - timedelta(days=_CUSTOMER_DAYS)
    customers = [person for person, since in known_people() if since < long_ago]
    moments = sorted(_moment(day, dice) for _ in range(_rows(day, dice)))
    return tuple(_referral(moment, customers, dice) for moment in moments)


def _perhaps_again(referral: Referral, day: date, seed: int, dice: random.Random) -> Referral:
    """Return the referral, or in its place one of somebody who was referred some days ago."""
    if dice.random() >= _REPEATS:
        return referral
    earlier = dice.choice(_first_time(day - timedelta(days=dice.choice(_REPEAT_DAYS)), seed))
    return replace(earlier, moment=referral.moment, campaign=referral.campaign,
                   ad_text=referral.ad_text, source=referral.source, empty="")  # fmt: skip


def _rows(day: date, dice: random.Random) -> int:
    level = _FIRST_DAY_ROWS + _MORE_ROWS_EACH_DAY * _season(day)[1]
    return round(level * _WEEKDAYS[day.weekday()] + dice.uniform(-3, 3))


def _season(day: date) -> tuple[int, int]:
    """Return which season a day is in, from 1, and how many days into it, from 0."""
    number, days_in = divmod((day - _FIRST_SEASON).days, _SEASON_DAYS)
    return number + 1, days_in


def _moment(day: date, dice: random.Random) -> datetime:
    hour = dice.choices(range(24), weights=_HOURS)[0]
    start = datetime.combine(day, time(hour))  # Rokt does not state the time zone
    return start + timedelta(seconds=dice.randrange(3600))


def _referral(moment: datetime, customers: list[Person], dice: random.Random) -> Referral:
    audience = dice.choices(_AUDIENCES, weights=[each.share for each in _AUDIENCES])[0]
    known = dice.random() < audience.known and bool(customers)
    age = dice.randint(audience.youngest, audience.oldest)
    season = f"Newsletter sign-up, season {_season(moment.date())[0]}"
    return Referral(
        moment=moment,
        campaign=_CLUB if dice.random() < _CLUB_SHARE else season,
        audience=audience,
        place=_one_of(_PLACES, dice),
        person=dice.choice(customers) if known else invent_person(dice, domains=_DOMAINS),
        gender=audience.gender or dice.choice(_GENDERS),
        age=age,
        bid=f"{audience.bid + dice.choice((-0.1, 0, 0, 0, 0.1)):.2f}",
        response=_one_of(_RESPONSES, dice),
        ad_text=dice.choice(tuple(_AD_TEXTS)),
        browser=_browser(age, dice),
        source=_one_of(_SOURCES, dice),
        empty=_one_of(_EMPTY, dice),
    )


def _browser(age: int, dice: random.Random) -> str:
    mobile = next(share for below, share in _MOBILE_SHARES if age < below)
    return _one_of(_MOBILE if dice.random() < mobile else _DESKTOP, dice)


def _one_of(shares: dict[_Kind, int], dice: random.Random) -> _Kind:
    return dice.choices(tuple(shares), weights=tuple(shares.values()))[0]
