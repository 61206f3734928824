"""Bring what one computer remembers to where its team looks: ledger, members, referrals.

The law kept here: nothing is removed here before it is there, whole and proven; after that the team
has it alone, so that nobody goes on with an older history, and forgetting finds all of a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from rokt_helpers.deliver.opening import ENDED, is_under_way
from rokt_helpers.errors import ContractError, GuardError, SettingsError
from rokt_helpers.ledger import (
    Content,
    Ledger,
    ListName,
    bring_content,
    is_moved,
    read_content,
)
from rokt_helpers.ledger.members import Members
from rokt_helpers.referrals.moving import has_referrals, move_vault
from rokt_helpers.settings import Settings
from rokt_helpers.storage import LocalStorage, Storage
from rokt_helpers.team import open_ledger, shared_storage

__all__ = ["Brought", "ListBrought", "bring", "look"]

_POSTGRES: Final = ("postgresql", "postgres")
_MEMBERS: Final = "members"


@dataclass(frozen=True)
class ListBrought:
    """One list: its runs, those among them that came to no end, and how often people were named."""

    account: str
    purpose: str
    list: str
    runs: int
    open_runs: int
    people_named: int


@dataclass(frozen=True)
class Brought:
    """What there is to bring, or was brought; counts, no identifiers.

    Attributes
    ----------
    runs, batches, approvals
        Rows of the ledger. ``was_there`` says that an earlier call had brought them.
    member_files
        Files of whom runs named; ``stays`` says that they lie on this computer afterwards.
    vaults
        By account (empty is the one without a name) what became of its referrals: ``here``,
        ``moved``, or ``occupied`` where the team has collected some already.
    """

    runs: int = 0
    batches: int = 0
    approvals: int = 0
    lists: tuple[ListBrought, ...] = ()
    was_there: bool = False
    member_files: int = 0
    stays: bool = False
    vaults: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.runs or self.approvals or self.member_files or self.vaults)


def look(settings: Settings) -> Brought:
    """Return what :func:`bring` would bring; nothing changes.

    Raises
    ------
    SettingsError
        When no ledger is set that a team can share, or this one cannot be opened.
    """
    _url(settings)
    shared, found = shared_storage(settings), Brought(stays=not settings.shared_folder)
    vaults = {name: "here" for name, _ in _vaults(settings)} if shared else {}
    members = _own_members(settings)
    files = len(_member_files(settings)) if shared else 0
    if _has_ledger(settings):
        content = read_content(_file(settings), folder=settings.folder)
        counts = members.people_named(content.member_files)
        found, files = _told(content, counts), len(counts)
    return Brought(**(vars(found) | {"vaults": vaults, "stays": not shared, "member_files": files}))


def bring(settings: Settings) -> Brought:
    """Bring it, all of the ledger or nothing; called again, it goes on where it was cut off.

    Raises
    ------
    SettingsError
        When no ledger is set that a team can share, or one cannot be opened.
    InputError
        When the other ledger knows the account already.
    GuardError
        When a run is under way here.
    LedgerAway, Unavailable
        When the database or the shared folder goes away in between.
    """
    url, shared = _url(settings), shared_storage(settings)
    with _open(settings, shared) as ledger:
        brought = Brought()
        if _has_ledger(settings):
            brought = _bring_ledger(settings, url, ledger, shared)
        files = brought.member_files
        vaults = {}
        if shared is not None:
            files = max(files, _settle_members(settings, ledger))
            vaults = {
                name: move_vault(folder, shared.below(place), ledger.alone_on_vault)
                for name, (folder, place) in _vaults(settings)
            }
    facts = {"vaults": vaults, "stays": shared is None, "member_files": files}
    return Brought(**(vars(brought) | facts))


def _url(settings: Settings) -> str:
    url = settings.ledger_url.get_secret_value()
    if not url.startswith(_POSTGRES):
        raise SettingsError(
            "There is no ledger of a team to bring this one into: set "
            "ROKT_LEDGER_URL=postgresql://… first; docs/team.md shows how."
        )
    return url


@contextmanager
def _open(settings: Settings, shared: Storage | None) -> Iterator[Ledger]:
    ledger = open_ledger(settings, shared)
    try:
        yield ledger
    finally:
        ledger.close()


# --- the ledger -------------------------------


def _file(settings: Settings) -> Path:
    return settings.folder / "ledger.sqlite"


def _has_ledger(settings: Settings) -> bool:
    return _file(settings).is_file() and not is_moved(_file(settings))


def _bring_ledger(settings: Settings, url: str, ledger: Ledger, shared: Storage | None) -> Brought:
    here = Ledger(_file(settings), folder=settings.folder)
    counts: dict[str, int] = {}

    def carry(content: Content, is_there: bool) -> None:  # noqa: FBT001  one caller
        own, files = here.members, content.member_files
        counts.update(own.people_named(files))
        if shared is not None:
            with here.hold(_MEMBERS), ledger.hold(_MEMBERS):
                ledger.members.take_over(own, files, anew=not is_there)
            there = ledger.members.people_named(files)
            _prove_people(content, counts, there, exact=not is_there)

    try:
        content, was_there = bring_content(
            _file(settings), url, folder=settings.folder,
            prove_quiet=partial(_prove_quiet, here), carry=carry,
        )  # fmt: skip
    except (sa.exc.SQLAlchemyError, UnicodeError):
        # Its own words may show a value.
        raise ContractError(
            "The team's database did not take a row of this ledger, so nothing was brought. That "
            "is a bug in the workbench; please report it."
        ) from None
    finally:
        here.close()
    return _told(content, counts, was_there=was_there)


def _prove_quiet(here: Ledger, content: Content) -> None:
    for name in content.lists:
        if is_under_way(name, ledger=here):
            raise GuardError(
                f"A run is under way on list {name.list!r} at this moment. Wait for its end, then "
                "call again. Nothing was brought.",
                guard="busy",
            )


def _prove_people(
    content: Content, here: dict[str, int], there: dict[str, int], *, exact: bool
) -> None:
    """Prove list by list that as many people are named there as here, or fewer where it went on."""
    for name, ours in _named(content, here).items():
        theirs = _named(content, there).get(name, 0)
        if theirs > ours or (exact and theirs != ours):
            raise ContractError(
                f"On list {name.list!r} the files of people do not add up: {theirs:,} there, "
                f"{ours:,} here. Nothing was brought."
            )


def _named(content: Content, counts: dict[str, int]) -> Counter[ListName]:
    named: Counter[ListName] = Counter()
    for run in content.runs:
        named[_list_of(run)] += counts.get(run["run_id"], 0)
    return named


def _told(content: Content, counts: dict[str, int], *, was_there: bool = False) -> Brought:
    runs, named = Counter(map(_list_of, content.runs)), _named(content, counts)
    not_ended = Counter(_list_of(run) for run in content.runs if run["status"] not in ENDED)
    lists = tuple(
        ListBrought(name.account, name.purpose, name.list, runs[name], not_ended[name], named[name])
        for name in content.lists
    )
    return Brought(
        len(content.runs), len(content.batches), len(content.approvals), lists, was_there,
        len(counts),
    )  # fmt: skip


def _list_of(run: dict[str, Any]) -> ListName:
    return ListName(run["account"], run["purpose"], run["list"])


# --- what lies beside it ----------------------


def _own_members(settings: Settings) -> Members:
    return Members(LocalStorage(settings.folder / _MEMBERS))


def _member_files(settings: Settings) -> list[str]:
    return [path.stem for path in (settings.folder / _MEMBERS).glob("[!.]*.parquet")]


def _settle_members(settings: Settings, ledger: Ledger) -> int:
    """Bring what is missing there, and remove here what the team has: return how many files."""
    own, runs = _own_members(settings), {run.run_id for run in ledger.runs(None)}
    accounts = {run.account for run in ledger.runs(None)} | {settings.account_id}
    waiting = {
        approval.members_id
        for account in accounts
        for approval in ledger.approvals.all(profile=settings.profile, account=account)
    }
    known = [name for name in _member_files(settings) if name in runs | waiting]
    with ledger.hold(_MEMBERS):
        ledger.members.take_over(own, known, anew=False)
    for run_id in known:
        own.forget_run(run_id)
    return len(known)


def _vaults(settings: Settings) -> list[tuple[str, tuple[Path, str]]]:
    """Return by account the vaults of this computer, and their place in the shared folder."""
    found = []
    for name in settings.accounts_with_state():
        folder = settings.folder_of(name) / "referrals"
        if has_referrals(folder):
            found.append((name, (folder, f"accounts/{name}/referrals" if name else "referrals")))
    return found
