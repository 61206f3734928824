"""The entries of ``params/schedule.yml``, read strictly."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rokt_helpers.errors import InputError
from rokt_helpers.runner.parameters import check_parameters, read_parameters

__all__ = ["DAYS", "Entry", "read_schedule"]

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_KEYS: Final = (
    "name", "notebook", "params", "at", "days", "every", "time_zone", "catch_up",
    "time_limit_minutes", "enabled",
)  # fmt: skip
_AT: Final = re.compile(r"([01]\d|2[0-3])?:([0-5]\d)")
_NAME: Final = re.compile(r"[A-Za-z0-9][\w-]*")
_QUOTE: Final = 'in quotes, such as "06:00"'


@dataclass(frozen=True)
class Entry:
    """One notebook and when it runs.

    Parameters
    ----------
    name
        Names the entry in what is shown and kept: letters, digits, ``-`` and ``_``.
    notebook, params
        The notebook and its file of parameters, None for the notebook's own defaults.
    at
        The time of the day in ``time_zone``; of an hourly entry only the minute counts.
    days
        Weekdays, 0 is Monday.
    hourly
        Whether it runs each hour.
    catch_up
        Whether a run that was missed is made up for, once, when the computer is back.
    time_limit_minutes
        After which a run is ended; None for none.
    """

    name: str
    notebook: Path
    params: Path | None = None
    at: time = time(6)
    days: frozenset[int] = frozenset(range(7))
    hourly: bool = False
    time_zone: str = "UTC"
    catch_up: bool = True
    time_limit_minutes: float | None = None
    enabled: bool = True

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone whose clock ``at`` is read from."""
        return ZoneInfo(self.time_zone)

    @property
    def when(self) -> str:
        """Say in words when it runs."""
        if self.hourly:
            return f"each hour at :{self.at:%M}"
        named = ", ".join(DAYS[day] for day in sorted(self.days))
        days = "each day" if len(self.days) == len(DAYS) else named
        return f"{days} {self.at:%H:%M} {self.time_zone}"

    def read_parameters(self) -> dict[str, Any]:
        """Return what its notebook is given, checked.

        Raises
        ------
        InputError
            When its notebook or its file of parameters is missing or cannot be used.
        """
        return check_parameters(self.notebook, read_parameters(self.params) if self.params else {})

    @property
    def fault(self) -> str:
        """Why it cannot run as it stands, in a sentence; empty where it can."""
        try:
            self.read_parameters()
        except InputError as error:
            return str(error)
        return ""


def read_schedule(path: Path) -> list[Entry]:
    """Return the entries of a schedule, in their order.

    Raises
    ------
    InputError
        When the file cannot be used; names the entry, what is wrong and what would be right.
    """
    content = read_parameters(path)
    if {*content} != {"entries"} or not isinstance(content["entries"], list | None):
        raise InputError(f"{path} should hold `entries:` and below it one `- name: …` per entry.")
    given = content["entries"] or []
    entries = [_entry(number, one) for number, one in enumerate(given, start=1)]
    names = [entry.name for entry in entries]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"Two entries of {path} are called {twice[0]!r}. Give each its own name.")
    return entries


def _entry(number: int, given: Any) -> Entry:
    if not isinstance(given, Mapping) or not all(isinstance(key, str) for key in given):
        raise InputError(f"Entry {number} of the schedule should hold lines `name: value`.")
    name = given.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InputError(
            f"Entry {number} of the schedule needs a `name` of letters, digits, - and _."
        )
    for key in given:
        if key not in _KEYS:
            close = difflib.get_close_matches(key, _KEYS, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise InputError(f"{name}: {key!r} is unknown.{hint} Known are: {', '.join(_KEYS)}.")
    every = _one_of(name, given, "every", ("day", "hour"), default="day")
    if "days" in given and "every" in given:
        raise InputError(f"{name}: give `days` or `every`, not both.")
    params = _text(name, given, "params", "")
    return Entry(
        name=name,
        notebook=Path(_text(name, given, "notebook", None)),
        params=Path(params) if params else None,
        at=_at(name, given, hourly=every == "hour"),
        days=_days(name, given.get("days", list(DAYS))),
        hourly=every == "hour",
        time_zone=_zone(name, _text(name, given, "time_zone", "UTC")),
        catch_up=_flag(name, given, "catch_up", default=True),
        time_limit_minutes=_minutes(name, given.get("time_limit_minutes")),
        enabled=_flag(name, given, "enabled", default=True),
    )


def _text(name: str, given: Mapping[str, Any], key: str, default: str | None) -> str:
    value = given.get(key, default)
    if not isinstance(value, str) or (default is None and not value):
        raise InputError(f"{name}: {key} should be text.")
    return value


def _one_of(
    name: str, given: Mapping[str, Any], key: str, choices: tuple[str, ...], *, default: str
) -> str:
    value = given.get(key, default)
    if value not in choices:
        raise InputError(f"{name}: {key} should be {' or '.join(choices)}.")
    return str(value)


def _flag(name: str, given: Mapping[str, Any], key: str, *, default: bool) -> bool:
    value = given.get(key, default)
    if not isinstance(value, bool):
        raise InputError(f"{name}: {key} should be true or false.")
    return value


def _at(name: str, given: Mapping[str, Any], *, hourly: bool) -> time:
    value = given.get("at", ":00" if hourly else None)
    found = _AT.fullmatch(value) if isinstance(value, str) else None
    # YAML reads an unquoted 10:30 as the number 630.
    if found is None or (found[1] is None) != hourly:
        form = 'the minute in quotes, such as ":15"' if hourly else f"a time {_QUOTE}"
        raise InputError(f"{name}: at should be {form}.")
    return time(int(found[1] or 0), int(found[2]))


def _days(name: str, value: Any) -> frozenset[int]:
    if not isinstance(value, list) or not value or not all(day in DAYS for day in value):
        raise InputError(f"{name}: days should be a list of {', '.join(DAYS)}.")
    return frozenset(DAYS.index(day) for day in value)


def _zone(name: str, value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(
            f"{name}: time_zone should be the name of one, such as Europe/Berlin."
        ) from None
    return value


def _minutes(name: str, value: Any) -> float | None:
    if value is None:
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or value <= 0:
        raise InputError(f"{name}: time_limit_minutes should be a number of minutes.")
    return float(value)
