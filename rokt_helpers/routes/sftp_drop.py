"""The client's own SFTP server, where Rokt puts referral files.

Laws: the host key is the pinned one or nothing is said; files are listed and fetched, and nothing
on the server is changed.
"""

from __future__ import annotations

import stat
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, Final

from paramiko import SFTPAttributes
from pydantic import SecretStr

from rokt_helpers.channels.sftp_connection import SftpConnection
from rokt_helpers.channels.sftp_login import KeyFile, Login, Password
from rokt_helpers.channels.sftp_transfer import Differs, fetch
from rokt_helpers.channels.sftp_wire import Wire
from rokt_helpers.errors import Refused, SettingsError, Unavailable
from rokt_helpers.routes.files import DeliveredFile, is_harmless

__all__ = ["DropKeyFile", "DropPassword", "SftpDrop", "SftpPlace"]

_TIMEOUT_SECONDS: Final = 30.0
_NONE: Final = SecretStr("")


@dataclass(frozen=True)
class SftpPlace:
    """Where the drop is, and how to get in: with a key file, or else with a password.

    Attributes
    ----------
    host_key
        The pinned fingerprint, ``SHA256:…``. Without it no connection is made.
    folder
        Where Rokt puts the files; empty for the folder in which the user arrives.
    timeout_seconds
        How long to wait for any one answer.
    """

    host: str
    username: str
    host_key: str
    port: int = 22
    password: SecretStr = _NONE
    key_file: Path | None = None
    passphrase: SecretStr = _NONE
    folder: str = ""
    timeout_seconds: float = _TIMEOUT_SECONDS

    def login(self) -> Login:
        """Return what proves who we are; SettingsError where nothing does."""
        if self.key_file is not None:
            return DropKeyFile(self.key_file.expanduser(), self.passphrase)
        if self.password.get_secret_value():
            return DropPassword(self.password)
        raise SettingsError(
            "To collect from the SFTP drop, set ROKT_REFERRALS_SFTP_KEY_FILE or "
            "ROKT_REFERRALS_SFTP_PASSWORD."
        )


class DropKeyFile(KeyFile):
    """A private key for the drop."""

    settings: ClassVar[str] = "ROKT_REFERRALS_SFTP_USERNAME and ROKT_REFERRALS_SFTP_KEY_FILE"
    host_key_setting: ClassVar[str] = "ROKT_REFERRALS_SFTP_HOST_KEY"
    whom: ClassVar[str] = "whoever runs the server"


class DropPassword(Password):
    """A password for the drop. It is said only once the host key was found to be ours."""

    settings: ClassVar[str] = "ROKT_REFERRALS_SFTP_USERNAME and ROKT_REFERRALS_SFTP_PASSWORD"
    host_key_setting: ClassVar[str] = "ROKT_REFERRALS_SFTP_HOST_KEY"
    whom: ClassVar[str] = "whoever runs the server"


class SftpDrop:
    """The files in the drop. Connects at the first use; may be used from several threads in turn.

    Its faults are the kinds of :class:`~rokt_helpers.errors.DeliveryError`.
    """

    def __init__(self, place: SftpPlace) -> None:
        self._folder = place.folder.rstrip("/") or ("/" if place.folder else ".")
        self._turn = threading.Lock()
        self._connection = SftpConnection(
            (place.host, place.port),
            username=place.username,
            login=place.login(),
            host_key=place.host_key,
            timeout_seconds=place.timeout_seconds,
        )

    def listing(self) -> list[DeliveredFile]:
        """Return the files that lie ready, oldest first; dot-files and folders are left out."""
        try:
            with self._turn, self._connection.talking("list the drop on") as wire:
                entries = self._entries(wire)
        except UnicodeDecodeError:
            raise Refused(
                f"A name in the drop on {self._connection.host} is not in UTF-8. Give the file "
                "another name, or collect it by hand."
            ) from None
        files = [
            DeliveredFile(entry.filename, entry.st_size or 0, _moment(entry))
            for entry in entries
            if stat.S_ISREG(entry.st_mode or 0) and is_harmless(entry.filename)
        ]
        return sorted(files, key=lambda file: (file.modified, file.name))

    def download(self, name: str, to: Path) -> None:
        """Fetch one file into ``to``, readable by its owner only."""
        if not is_harmless(name):
            raise Refused("A name that leads out of the drop is not fetched.")
        to.touch(mode=0o600)
        talking = self._connection.talking("fetch a file from")
        with to.open("wb") as file, self._turn, talking as wire:
            try:
                fetch(wire, f"{self._folder}/{name}", file)
            except PermissionError:
                raise Refused(
                    "The user may not read a file in the SFTP drop. Give it the right."
                ) from None
            except FileNotFoundError:
                raise Refused("A file has gone from the SFTP drop in between.") from None
            except Differs:
                raise Unavailable(
                    "A file in the SFTP drop changed while it was fetched. Try again in a while."
                ) from None

    def _entries(self, wire: Wire) -> list[SFTPAttributes]:
        try:
            return wire.listdir_attr(self._folder)
        except (FileNotFoundError, PermissionError):
            raise Refused(
                f"{self._connection.host} has no such folder, or the user may not list it. Check "
                "ROKT_REFERRALS_SFTP_FOLDER."
            ) from None

    def close(self) -> None:
        """Close the connection; the next use opens a new one."""
        with self._turn:
            self._connection.close()


def _moment(entry: SFTPAttributes) -> datetime:
    return datetime.fromtimestamp(entry.st_mtime or 0, tz=UTC)
