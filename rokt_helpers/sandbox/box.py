"""Put Rokt in a box: its servers, the pick-up and the invented files behind one switch.

It listens on loopback only, invents its own account, keys and people, and knows nothing of the
client that it judges.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import paramiko

from rokt_helpers import contract
from rokt_helpers.sandbox.credentials import FEED_USERNAME, USERNAME, Credentials
from rokt_helpers.sandbox.desk import LEGACY_PREFIX, Desk
from rokt_helpers.sandbox.event_desks import EventsDesk, LegacyDesk
from rokt_helpers.sandbox.event_store import EventStore
from rokt_helpers.sandbox.faults import Fault, FaultScript
from rokt_helpers.sandbox.feed_desk import FeedDesk
from rokt_helpers.sandbox.feed_key import FeedKey
from rokt_helpers.sandbox.feed_tree import DropTree
from rokt_helpers.sandbox.http_server import LOOPBACK, ApiServer
from rokt_helpers.sandbox.inspection import Inspection
from rokt_helpers.sandbox.list_files import ListFiles
from rokt_helpers.sandbox.pickup import Pickup
from rokt_helpers.sandbox.referral_files import delivered_days, write_referral_file
from rokt_helpers.sandbox.sftp_server import (
    KeyGate,
    PasswordGate,
    SftpListener,
    new_key,
    write_key,
)
from rokt_helpers.sandbox.sftp_tree import Places, Tree
from rokt_helpers.sandbox.state import ReceivedFile, ReceivedRequest, State
from rokt_helpers.sandbox.throttle import Throttle

__all__ = ["Sandbox"]


class Sandbox:
    """Rokt's side of the wires, on this computer.

    Parameters
    ----------
    folder
        Where its files lie. Left out: a private folder that is removed at the end.
    port, sftp_port, feed_port
        Where to listen; 0 takes any free port.
    seed
        From which the referral files and request ids follow.
    pickup_seconds
        How long an uploaded file lies unchanged before it is picked up.
    referral_days
        How many referral files wait in /downloads, one a day up to yesterday; 14 at most.
    referral_gaps
        Whether each eighth day's file never came, as happens; they lie that much further back.
    today
        The day it is, in UTC, also for the age of events. Left out: by the clock, at the start.

    Notes
    -----
    A context manager. ``environment``, ``url`` and ``folder`` are there once it is started. It
    can be started once.
    """

    folder: Path
    url: str
    environment: dict[str, str]

    def __init__(
        self,
        *,
        folder: Path | None = None,
        port: int = 0,
        sftp_port: int = 0,
        feed_port: int = 0,
        seed: int = 7,
        pickup_seconds: float = 0.2,
        referral_days: int = 10,
        referral_gaps: bool = True,
        today: date | None = None,
    ) -> None:
        if not 0 <= referral_days <= contract.REFERRAL_RETENTION_DAYS:
            most = contract.REFERRAL_RETENTION_DAYS
            raise ValueError(f"referral_days is 0 to {most}: Rokt deletes older files")
        self._given = folder
        self._ports = (port, sftp_port, feed_port)
        self._seed = seed
        self._pickup_seconds = pickup_seconds
        self._referral_days = referral_days
        self._referral_gaps = referral_gaps
        self._today = today or datetime.now(UTC).date()
        # The clock of the box: a day that was given begins at the time of day it is now.
        self._shift = self._today - datetime.now(UTC).date()
        self._state = State()
        self._events = EventStore()
        self._faults = FaultScript()
        self._throttle = Throttle()
        self._credentials = Credentials()
        self._feed_key = FeedKey()
        self._running = ExitStack()
        self._started = False

    def start(self) -> Self:
        """Make the files and begin to listen; whatever fails, nothing is left running."""
        if self._started:
            raise RuntimeError("a sandbox is started once; make a new one")
        self._started = True
        with ExitStack() as running:
            self._open(running)
            self._running = running.pop_all()
        return self

    def stop(self) -> None:
        """Close every connection and free the ports; remove the folder unless it was given."""
        self._running.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def members(self, list_name: str) -> frozenset[str]:
        """Return the lower-case SHA-256 digests now on a list."""
        return self._state.members(list_name)

    def lists(self) -> dict[str, int]:
        """Return each list's name and number of members."""
        return self._state.lists()

    def conversions(self) -> frozenset[str]:
        """Return the digests received by /upload/conversions."""
        return self._state.conversions()

    def requests(self) -> list[ReceivedRequest]:
        """Return every request to the API, oldest first."""
        return self._state.requests()

    @property
    def feed_key_file(self) -> Path | None:
        """The public key to encrypt files of the newer SFTP to; None without the extra ``pgp``."""
        return None if self._feed_key.public is None else self._public_feed_key

    @property
    def events(self) -> EventStore:
        """What became of events: conversions, segments, audiences, and what came to nothing."""
        return self._events

    def files(self) -> list[ReceivedFile]:
        """Return every uploaded file that was taken, oldest first."""
        return self._state.files()

    def most_in_flight(self) -> int:
        """Return how many import requests were under way at one time at most."""
        return self._throttle.most_in_flight()

    def script(self, *faults: Fault) -> None:
        """Script faults, behind those that already wait."""
        self._faults.add(*faults)

    def forget_script(self) -> None:
        """Take back the faults that still wait: from here on all is well."""
        self._faults.clear()

    def add_referral_file(self, day: date) -> str:
        """Deliver the file of one more day; return its name."""
        return write_referral_file(self._downloads, day, seed=self._seed)

    def rotate_keys(self) -> None:
        """Change every key, secret and password, as Rokt does when asked; old ones open nothing.

        ``environment`` has the new ones then. Connections that are open stay open.
        """
        self._credentials.rotate()
        client_key = new_key()
        write_key(self._key_file, client_key)
        self._key_gate.take(client_key)
        self._feed_gate.take(self._credentials.feed_password)
        self.environment |= self._credentials.environment()

    def _open(self, running: ExitStack) -> None:
        self.folder = self._make_folder(running)
        tree = Tree(self.folder / "sftp")
        tree.make()
        self._downloads = tree.local(contract.DOWNLOADS_FOLDER)
        for day in delivered_days(self._today, self._referral_days, gaps=self._referral_gaps):
            self.add_referral_file(day)
        listener = self._open_sftp(tree, running)
        feed = self._open_feed(running)
        api = self._open_api(running)
        self.url = f"http://{LOOPBACK}:{api.server_port}"
        self.environment = self._environment(listener, feed)

    def _make_folder(self, running: ExitStack) -> Path:
        if self._given is not None:
            self._given.mkdir(mode=0o700, parents=True, exist_ok=True)
            return self._given
        folder = Path(tempfile.mkdtemp(prefix="rokt-sandbox-"))
        running.callback(shutil.rmtree, folder, ignore_errors=True)
        return folder

    def _open_sftp(self, tree: Tree, running: ExitStack) -> SftpListener:
        client_key = new_key()
        write_key(self._key_file, client_key)
        self._key_gate = KeyGate(USERNAME, client_key)
        return self._listen(
            self._ports[1], self._key_gate, tree, ListFiles(tree, self._state).judge, running
        )

    def _open_feed(self, running: ExitStack) -> SftpListener:
        tree = DropTree(self.folder / "feed", self._credentials.feed_folder)
        tree.make()
        if self._feed_key.public is not None:
            write_key(self._public_feed_key, self._feed_key.public)
        desk = FeedDesk(tree, self._state, self._events, self._feed_key, now=self._now)
        self._feed_gate = PasswordGate(FEED_USERNAME, self._credentials.feed_password)
        return self._listen(self._ports[2], self._feed_gate, tree, desk.judge, running)

    def _listen(
        self,
        port: int,
        gate: paramiko.ServerInterface,
        tree: Places,
        judge: Callable[[str], None],
        running: ExitStack,
    ) -> SftpListener:
        pickup = Pickup(tree, judge, faults=self._faults, ripe_seconds=self._pickup_seconds)
        listener = SftpListener(port, gate=gate, tree=tree, faults=self._faults, pickup=pickup)
        running.callback(pickup.stop)
        running.callback(listener.stop)
        pickup.start()
        listener.start()
        return listener

    def _open_api(self, running: ExitStack) -> ApiServer:
        inspection = Inspection(
            self._credentials.account.account_id,
            self._state,
            self._events,
            self._faults,
            self._downloads,
            today=lambda: self._today,
        )
        desk = Desk(
            account=self._credentials.account,
            state=self._state,
            faults=self._faults,
            throttle=self._throttle,
            inspection=inspection,
            events=EventsDesk(self._credentials.events, self._events, now=self._now),
            legacy_events=LegacyDesk(
                self._credentials.account, self._credentials.app, self._events, now=self._now
            ),
            seed=self._seed,
        )
        api = ApiServer(self._ports[0], desk=desk)
        running.callback(api.stop)
        api.start()
        return api

    def _environment(self, listener: SftpListener, feed: SftpListener) -> dict[str, str]:
        return self._credentials.environment() | {
            "ROKT_API_URL": self.url,
            "ROKT_EVENTS_URL": self.url,
            "ROKT_LEGACY_EVENTS_URL": self.url + LEGACY_PREFIX,
            "ROKT_SFTP_HOST": LOOPBACK,
            "ROKT_SFTP_PORT": str(listener.port),
            "ROKT_SFTP_KEY_FILE": str(self._key_file),
            "ROKT_SFTP_HOST_KEY": listener.fingerprint,
            "ROKT_FEED_HOST": LOOPBACK,
            "ROKT_FEED_PORT": str(feed.port),
            "ROKT_FEED_HOST_KEY": feed.fingerprint,
        }

    def _now(self) -> datetime:
        return datetime.now(UTC) + self._shift

    @property
    def _key_file(self) -> Path:
        return self.folder / "keys" / "practice.pem"

    @property
    def _public_feed_key(self) -> Path:
        return self.folder / "keys" / "feed.asc"
