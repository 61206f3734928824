"""Referrals of one account: every route that is set up, into one vault, and tables out of it.

The law kept here: a route that fails does not keep the others from being collected, and is told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import polars as pl

from rokt_helpers.audience import PreparedAudience, prepare_audience
from rokt_helpers.channels.channel import Finding
from rokt_helpers.channels.sftp import SftpChannel
from rokt_helpers.clock import Clock
from rokt_helpers.errors import DeliveryError, InputError, SettingsError
from rokt_helpers.files import private_folder
from rokt_helpers.ledger import Ledger, ListName, times_on
from rokt_helpers.progress import OnProgress, StopSign
from rokt_helpers.receiver.draining import Drained, Take, drain
from rokt_helpers.receiver.journal import segments_aside, segments_in
from rokt_helpers.referrals.collected import Collected
from rokt_helpers.referrals.fields import FieldRules
from rokt_helpers.referrals.inbox import (
    RemoteFile,
    RemoteFolder,
    collect,
    delivered_files,
    import_file,
)
from rokt_helpers.referrals.listing import SeenFile, note_listing, read_listing
from rokt_helpers.referrals.reading import Personal
from rokt_helpers.referrals.rhythm import Gap, find_gaps
from rokt_helpers.referrals.vault import Vault
from rokt_helpers.routes import Route, Routes
from rokt_helpers.settings import Settings
from rokt_helpers.storage import Storage
from rokt_helpers.wires import Wires

__all__ = ["ReferralDesk", "into_vault"]

_NOT_TAKEN_WHOLE: Final = "Referrals in it that were pushed could not be kept."
_ROKT: Final = "sftp"  # the one route on which files go away by themselves
_SUPPRESSIONS: Final = {
    "email_sha256": pl.String(),
    "list": pl.String(),
    "since": pl.Datetime("us"),
    "until": pl.Datetime("us"),
}


class ReferralDesk:
    """Collects referrals and hands them out, for the account that the settings name."""

    def __init__(
        self,
        settings: Settings,
        wires: Wires,
        ledger: Ledger,
        clock: Clock,
        *,
        shared: Storage | None = None,
    ) -> None:
        self._shared = shared
        self._settings = settings
        self._wires = wires
        self._ledger = ledger
        self._clock = clock

    # --- collecting ---------------------------

    def vault(self, personal: Personal = "hash") -> Vault:
        """Return what is kept, and how personal columns are to be kept from now on."""
        return self._vault_of(self._settings.account, personal)

    def forget_person(self, digest: str) -> int:
        """Remove a person from the vault of every account that has one here; return the rows."""
        return sum(self._vault_of(name).erase_person(digest) for name in self._accounts())

    def files_not_searched(self) -> int:
        """Return how many files lie here as they were delivered, which forgetting does not open."""
        aside = sum(self._vault_of(name).quarantined().height for name in self._accounts())
        folders = (self._settings.folder_of(name) / "pushed" for name in self._accounts())
        return aside + sum(len(segments_in(f)) + len(segments_aside(f)) for f in folders)

    def _accounts(self) -> list[str]:
        """Return every account that keeps referrals here, or in the folder of the team."""
        accounts = {self._settings.account, *self._settings.accounts_with_state()}
        if self._shared is not None:  # others of the team may have accounts that nobody has here
            kept = self._shared.names("accounts", "manifest.jsonl")
            accounts |= {name.split("/")[1] for name in kept}
        return sorted(accounts)

    def _vault_of(self, account: str, personal: Personal = "hash") -> Vault:
        rules = self._settings.referrals_fields
        place = f"accounts/{account}/referrals" if account else "referrals"
        return Vault(
            self._settings.folder_of(account) / "referrals",
            personal=personal,
            fields=FieldRules.load(rules) if rules else None,
            shared=(self._shared.below(place), self._ledger.alone_on_vault)
            if self._shared
            else None,
        )

    def fetch(
        self,
        *,
        personal: Personal = "hash",
        progress: OnProgress | None = None,
        cancel: StopSign | None = None,
    ) -> Collected:
        """Collect what is new on every route that is set up, each file once.

        Raises
        ------
        SettingsError
            When no route is set up, or one only by half.
        DeliveryError
            When a route failed; the others were collected before.
        """
        vault, found, failures = self.vault(personal), [], []
        for name, folder in self._folders():
            try:
                found.append(
                    collect(
                        folder,
                        vault,
                        now=self._clock.now,
                        progress=progress,
                        cancel=cancel,
                        retention_days=self._settings.referrals_retention_days,
                        route=name,
                        on_listed=partial(self._note_listing, name),
                    )
                )
            except DeliveryError as error:
                failures.append(error)
        if failures:
            raise _with_the_others(failures, found)
        return _together(found)

    def check(self) -> list[Finding]:
        """List what lies ready on each route beside Rokt's SFTP, and change nothing."""
        try:
            with self._routes() as routes:
                return [_finding(route) for route in routes.all]
        except SettingsError as error:
            return [Finding("referrals", well=False, detail=str(error))]

    def waiting(self) -> list[SeenFile]:
        """Return what the last look saw ready at Rokt and nobody has collected since; no look now.

        Raises
        ------
        InputError
            When what was written down then cannot be read.
        """
        seen, vault = read_listing(self._listing), self.vault()
        return [f for f in seen if not vault.known(f.name, f.size_bytes, f.modified)]

    def aside(self) -> pl.DataFrame:
        """Return the files that lie aside because they could not be read, those of pushes too.

        Returns
        -------
        ``name`` (as it was delivered: it may hold what somebody wrote into it), ``sha256`` (empty
        of what was pushed), ``reason`` and ``set_aside_at`` (UTC), the first one first.
        """
        delivered = self.vault().quarantined().select("name", "sha256", "reason", "set_aside_at")
        pushed = [
            (path.name, "", _NOT_TAKEN_WHOLE, datetime.fromtimestamp(path.stat().st_mtime, tz=UTC))
            for path in segments_aside(self._settings.account_folder / "pushed")
        ]
        rows = pl.DataFrame(pushed, schema=delivered.schema, orient="row")
        return pl.concat([delivered, rows]).sort("set_aside_at", "name")

    def gaps(self) -> list[Gap]:
        """Return the days for which a file was due and none came, of the routes that are set up.

        Told from what was collected, without a look at any of them.
        """
        vault, now = self.vault(), self._clock.now()
        keeps = self._settings.referrals_retention_days
        return [
            gap
            for name in self._names()
            for gap in find_gaps(delivered_files(vault, name), now=now, retention_days=keeps)
        ]

    def take_over_pushed(self, *, personal: Personal = "hash") -> Drained:
        """Bring what the receiver wrote down into the vault."""
        journal = self._settings.account_folder / "pushed"
        if not journal.is_dir():
            return Drained()
        return drain(journal, into_vault(self.vault(personal), self._clock), clock=self._clock)

    def take(self, files: Sequence[Path], *, personal: Personal = "hash") -> Collected:
        """Bring files that came by hand, such as an export from One Platform, into the vault.

        Raises
        ------
        InputError
            When one cannot be opened or read; those before it are kept.
        """
        vault = self.vault(personal)
        return _together([import_file(file, vault, now=self._clock.now) for file in files])

    def _names(self) -> list[str]:
        """Return the routes that are set up, as the vault names them."""
        rokt = [] if self._wires.missing(_ROKT) else [_ROKT]
        try:
            with self._routes() as routes:
                return [*rokt, *(route.name for route in routes.all)]
        except SettingsError:
            return rokt  # one that is set up by half brings nothing; `check` says so

    @property
    def _listing(self) -> Path:
        return private_folder(self._settings.account_folder / "referrals") / "lying.json"

    def _note_listing(self, route: str, files: Sequence[RemoteFile]) -> None:
        if route == _ROKT:
            note_listing(self._listing, files, now=self._clock.now())

    def _folders(self) -> Iterator[tuple[str, RemoteFolder]]:
        """Give each route that is set up; its connection is closed after its turn."""
        set_up = not self._wires.missing("sftp")
        if set_up:
            channel = self._wires.channel("sftp")
            if not isinstance(channel, SftpChannel):
                raise TypeError("referrals lie on the SFTP")
            yield _ROKT, channel
        with self._routes() as routes:
            if not set_up and not routes.all:
                raise SettingsError(
                    "No route of referrals is set up. Set the SFTP's settings, or one of "
                    "ROKT_REFERRALS_SFTP_HOST, ROKT_REFERRALS_FTPS_HOST, ROKT_REFERRALS_IMAP_HOST "
                    "and ROKT_REFERRALS_FOLDER; .env.example shows each of them."
                )
            yield from ((route.name, route.folder) for route in routes.all)

    def _routes(self) -> Routes:
        state = private_folder(self._settings.account_folder / "referrals")
        # A password that was changed since the workbench was opened is read anew, here as on wires.
        settings = self._settings.with_fresh_credentials()
        return Routes(settings, now=self._clock.now, state=state)

    # --- tables -------------------------------

    def suppressions(self, lists: Collection[str] = ()) -> pl.DataFrame:
        """Return who was on which list from when until when, as far as this ledger put them there.

        Parameters
        ----------
        lists
            Which lists keep people from being shown an offer; none named means all of them.

        Returns
        -------
        ``email_sha256``, ``list``, ``since`` and ``until`` (UTC without a zone; null is until now).

        Raises
        ------
        InputError
            When nothing was ever delivered to a list that was named.
        """
        names = [
            name
            for name in self._ledger.list_names(self._settings.account_id)
            if name.purpose == "audience" and (not lists or name.list in lists)
        ]
        unknown = set(lists) - {name.list for name in names}
        if unknown:
            raise InputError(
                f"Nothing was ever delivered to a list {min(unknown)!r} from here. "
                "`rokt history` shows the lists."
            )
        frames = [self._suppressed(name) for name in names]
        return pl.concat([pl.DataFrame(schema=_SUPPRESSIONS), *frames])

    def _suppressed(self, name: ListName) -> pl.DataFrame:
        return (
            times_on(self._ledger, name)
            .select(
                pl.col("person").bin.encode("hex").alias("email_sha256"),
                pl.lit(name.list).alias("list"),
                pl.col("since", "until").cast(pl.Datetime("us")),
            )
            .collect(engine="streaming")
        )

    def people(
        self, *, days: int | None = None, audiences: Collection[str] = ()
    ) -> PreparedAudience:
        """Return who was referred, ready for a list: each once, as digests.

        Parameters
        ----------
        days
            Only of so many days before now; None is all.
        audiences
            Only of these audiences, by name; none named means all of them.

        Raises
        ------
        InputError
            When there is nobody.
        """
        rows = self.vault().scan().filter(pl.col("email_sha256").is_not_null())
        if days is not None:
            since = self._clock.now().replace(tzinfo=None) - timedelta(days=days)
            rows = rows.filter(pl.col("referred_at") >= since)
        if audiences:
            rows = rows.filter(pl.col("audience").is_in(list(audiences)))
        people = rows.select(sha256="email_sha256").collect(engine="streaming")
        if people.is_empty():
            raise InputError(
                "No referral of a known person fits. Collect referrals first, look further back, "
                "or choose other audiences."
            )
        return prepare_audience(people, column="sha256")


def into_vault(vault: Vault, clock: Clock) -> Take:
    """Return what takes a file of pushed referrals into the vault, and counts what it refused."""

    def take(name: str, content: bytes, modified: datetime) -> int:
        kept = vault.add(name, content, modified=modified, now=clock.now(), route="push")
        if kept.same_as is None:
            return kept.rejected
        # Handed over before, and cut off after: what was refused then still has to be told.
        first = vault.files().filter(pl.col("sha256") == kept.sha256)["rejected"]
        return int(first[0])

    return take


def _finding(route: Route) -> Finding:
    what = f"referrals from {route.spoken}"
    try:
        files = len(route.folder.listing())
    except (DeliveryError, SettingsError) as error:
        return Finding(what, well=False, detail=str(error))
    return Finding(what, well=True, detail=f"reached; files that lie ready: {files:,}")


def _together(parts: Sequence[Collected]) -> Collected:
    """Return several collections as one; each sum and each list of files is that of all."""
    merged: dict[str, Any] = {}
    for field in fields(Collected):
        values = [getattr(part, field.name) for part in parts]
        if not values:
            continue
        first = values[0]
        if isinstance(first, bool):
            merged[field.name] = any(values)
        elif isinstance(first, int):
            merged[field.name] = sum(values)
        else:
            merged[field.name] = tuple(item for value in values for item in value)
    return Collected(**merged)


def _with_the_others(failures: list[DeliveryError], found: list[Collected]) -> DeliveryError:
    """Return the first failure, with how many others there were and what was collected."""
    error = failures[0]
    files = sum(len(part.files_new) for part in found)
    more = f" {len(failures) - 1:,} more routes failed." if len(failures) > 1 else ""
    rest = f" From the other routes {files:,} new files were collected." if found else ""
    error.args = (f"{error}{more}{rest}",)
    return error
