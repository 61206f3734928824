"""Look what needs a person, and tell each receiver what is new to them.

The laws kept here: a notice that was not taken is tried again at the next look, and is never lost;
whatever happens to a notice changes nothing about the run that it is of.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rokt_helpers.attention import (
    KINDS,
    UNREADABLE,
    Concern,
    concerns_without_ledger,
    looked_at,
    unattended,
    under_way,
)
from rokt_helpers.clock import Clock
from rokt_helpers.errors import GuardError, InputError, LedgerAway, SettingsError, Unavailable
from rokt_helpers.notices.changes import ToldOf, changes, key_of, now_told
from rokt_helpers.notices.receivers import Receiver, receivers
from rokt_helpers.notices.text import notice
from rokt_helpers.notices.told import Sent, ToldState, told_file
from rokt_helpers.runner import alone
from rokt_helpers.settings import Settings
from rokt_helpers.workbench import Workbench

__all__ = ["Telling", "tell"]


@dataclass(frozen=True)
class Telling:
    """What one look found and told.

    Attributes
    ----------
    concerns
        Everything that needs a person, the worst first, told or not.
    sent
        The notices that were taken.
    failures
        In a sentence each what was not taken; it is tried again at the next look.
    """

    concerns: tuple[Concern, ...] = ()
    sent: tuple[Sent, ...] = ()
    failures: tuple[str, ...] = ()


def tell(settings: Settings, schedule: Path | None, *, clock: Clock | None = None) -> Telling:
    """Look, and tell each receiver what is new to them; look again for files that still lie there.

    Parameters
    ----------
    schedule
        The file of the schedule; None where there is none to read.

    Raises
    ------
    SettingsError, InputError
        When a receiver is set up wrongly; when it cannot be known who was told what.
    """
    clock = clock or Clock()
    known = receivers(settings)
    kinds = _kinds(settings)
    found, running = _found(settings, schedule, clock)
    look = _Look(settings, [one for one in found if one.kind in kinds], clock)
    look.open_subjects = {one.subject for one in found} | running | _under_way(settings)
    look.unattended = _unattended(settings, schedule)
    # Seen from another folder, where no schedule is, nothing is over.
    seen = schedule is not None or not (settings.account_folder / "schedule.json").exists()
    look.whole = seen and not any(one.subject in UNREADABLE for one in found)
    try:
        key = f"tell {settings.account}".strip()
        with alone("Telling", key=key, locks=settings.folder / "locks", clock=clock):
            return replace(look.tell(known), concerns=tuple(found))
    except GuardError:
        return Telling(tuple(found))  # another look is telling the same at this moment


def _found(
    settings: Settings, schedule: Path | None, clock: Clock
) -> tuple[list[Concern], frozenset[str]]:
    """Return what needs a person, also while there is no ledger, and what is being delivered."""
    try:
        workbench = Workbench(settings, clock=clock)
    except (SettingsError, LedgerAway, Unavailable) as error:
        return concerns_without_ledger(settings, schedule, clock.now(), error), frozenset()
    with workbench:
        with suppress(SettingsError, LedgerAway):  # whoever cannot look knows no more than before
            workbench.look_for_pickups()
        return looked_at(workbench, schedule, clock.now())


def _under_way(settings: Settings) -> frozenset[str]:
    try:
        return under_way(settings.account_folder)
    except InputError:
        return frozenset()  # it is among the concerns that this cannot be read


def _unattended(settings: Settings, schedule: Path | None) -> frozenset[str] | None:
    try:
        return unattended(settings.account_folder, schedule)
    except InputError:
        return None  # the same


class _Look:
    """One look: what was found, and who knows what."""

    whole = True
    open_subjects: Collection[str] = ()
    unattended: Collection[str] | None = None

    def __init__(self, settings: Settings, found: list[Concern], clock: Clock) -> None:
        self._settings = settings
        self._found = found
        self._clock = clock
        self._path = told_file(settings)

    def tell(self, known: list[Receiver]) -> Telling:
        self._state = state = ToldState.read(self._path)
        keys = {one.key for one in known}
        state.told = {key: told for key, told in state.told.items() if key in keys}
        state.looked_at = self._clock.now()
        sent, failures, waiting = [], [], []
        for one in known:
            try:
                sent += self._tell(one)
            except Unavailable as error:
                failures.append(str(error))
                waiting.append(one.spoken)
            # After each: what was taken stays told, whatever becomes of the rest.
            state.waiting = waiting
            state.write(self._path)
        if not known:
            state.waiting = []
            state.write(self._path)
        return Telling(sent=tuple(sent), failures=tuple(failures))

    def _tell(self, receiver: Receiver) -> list[Sent]:
        state, now = self._state, self._clock.now()
        told = state.told.get(receiver.key, {})
        again = self._settings.notify_again_days
        seen: dict[str, Any] = {"whole": self.whole, "open_subjects": self.open_subjects}
        found = [_as_told(one, told) for one in self._found]
        changed = changes(told, found, now, again_days=again, unattended=self.unattended, **seen)
        sent = []
        if changed:
            message = notice(
                changed, profile=self._settings.profile, account=self._settings.account_id
            )
            receiver.take(message)
            one = Sent(now.isoformat(timespec="seconds"), message.subject, receiver.spoken)
            state.sent.insert(0, one)
            sent.append(one)
        state.told[receiver.key] = now_told(told, found, changed, now, **seen)
        return sent


def _as_told(one: Concern, told: Mapping[str, ToldOf]) -> Concern:
    """Keep since when something cannot be read: what cannot be read does not say."""
    before = told.get(key_of(one))
    return replace(one, since=before.since) if before and one.subject in UNREADABLE else one


def _kinds(settings: Settings) -> frozenset[str]:
    """Return the kinds that are told: those named, or all."""
    named = frozenset(settings.notify_kinds.replace(",", " ").split())
    if unknown := sorted(named - {*KINDS}):
        raise SettingsError(
            f"ROKT_NOTIFY_KINDS names {unknown[0]!r}. Known are: {', '.join(KINDS)}."
        )
    return named or frozenset(KINDS)
