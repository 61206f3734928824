"""Rokt's SFTP: deliver files that are whole or not there, and list and fetch what lies ready.

The laws kept here: the host key is the pinned one or nothing is said; a file is written under a
dot-name, verified, and only then renamed, because Rokt leaves dot-files alone and takes the others;
a file that has vanished after that was picked up, it has not failed.

Sources: SFTP pages of docs.rokt.com; folders and figures in :mod:`rokt_helpers.contract`.
"""

from __future__ import annotations

import posixpath
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import polars as pl
from pydantic import SecretStr

from rokt_helpers import contract
from rokt_helpers.channels.channel import Confirmation, Finding, Turn
from rokt_helpers.channels.sftp_connection import SftpConnection
from rokt_helpers.channels.sftp_login import KeyFile, Login
from rokt_helpers.channels.sftp_pool import SftpPool
from rokt_helpers.channels.sftp_transfer import Differs, Lines, fetch, size_of
from rokt_helpers.channels.sftp_upload import Uploads
from rokt_helpers.errors import DeliveryError, SettingsError, Unavailable
from rokt_helpers.plan import Batch, Limits, Target

__all__ = ["RemoteFile", "SftpChannel"]

_TIMEOUT_SECONDS: Final = 30.0
_MAX_ROWS: Final = 10_000_000
_DOWNLOADS_AT_ONCE: Final = 4
# Both names that Rokt's pages have had for it, the newer first.
_CONVERSIONS_FOLDERS: Final = (contract.CONVERSIONS_FOLDER, "/upload/conversion")


@dataclass(frozen=True)
class RemoteFile:
    """A file that lies ready: its name, size in bytes, and when it was last changed (UTC)."""

    name: str
    size_bytes: int
    modified: datetime


class SftpChannel:
    """One account on Rokt's SFTP server. Connects at the first use, not before.

    Files may be listed and fetched by several threads, all else is for one thread at a time.

    Parameters
    ----------
    host, port, username
        ``contract.LIVE_SFTP_HOST`` and the name Rokt gave you.
    key_file, passphrase
        The private key Rokt sent (``.pem``) and its passphrase, if it has one.
    host_key
        The pinned fingerprint, ``SHA256:…``. Without it no connection is made.
    root
        The folder below which Rokt's folders lie; empty for the server's own root.
    conversions_folder
        Where people who bought are delivered; older accounts may have another one.
    timeout_seconds
        How long to wait for any one answer.
    renew
        Reads the user name and what proves it anew, for a server that no longer takes them.

    Attributes
    ----------
    downloads_at_once
        How many downloads run at a time, each over a connection of its own; further ones wait.
    """

    downloads_at_once = _DOWNLOADS_AT_ONCE
    limits = Limits(batch_rows=_MAX_ROWS, batch_bytes=contract.MAX_UPLOAD_BYTES)

    def __init__(
        self,
        host: str,
        *,
        port: int,
        username: str,
        key_file: Path,
        passphrase: SecretStr,
        host_key: str,
        root: str = "",
        conversions_folder: str = contract.CONVERSIONS_FOLDER,
        timeout_seconds: float = _TIMEOUT_SECONDS,
        renew: Callable[[], tuple[str, Login]] | None = None,
    ) -> None:
        connect = partial(
            SftpConnection,
            (host, port),
            username=username,
            login=KeyFile(key_file.expanduser(), passphrase),
            host_key=host_key,
            timeout_seconds=timeout_seconds,
            renew=renew,
        )
        self._connection = connect()
        self._pool = SftpPool(self._connection, connect, most=self.downloads_at_once)
        self._uploads = Uploads(self._connection, staging_prefix=contract.STAGING_PREFIX)
        self._root = root.rstrip("/")
        self._conversions_folder = "/" + conversions_folder.strip("/")

    @property
    def host(self) -> str:
        """Host and port of the server."""
        return self._connection.host

    # --- delivering ---------------------------

    def send(
        self,
        target: Target,
        batch: Batch,
        identifiers: pl.Series,
        *,
        name: str,
        turn: Turn,  # noqa: ARG002  the server names no rate
    ) -> Confirmation:
        """Write one file under a dot-name, prove it, and give it its name.

        What an earlier call left under the dot-name is gone on with. What an earlier call delivered
        without hearing so is not sent again.
        """
        folder = self._folder_for(target, batch)
        final = posixpath.join(folder, f"{name}-{batch.number:04}.csv")
        self._uploads.deliver(final, Lines(identifiers), make_folder=True)
        return Confirmation(name=final)

    def picked_up(self, name: str) -> bool:
        """Tell whether a delivered file has vanished, which is how Rokt says it was processed."""
        return self._uploads.picked_up(name)

    def _folder_for(self, target: Target, batch: Batch) -> str:
        if target.purpose == "conversions":
            return self._root + self._conversions_folder
        return f"{self._root}{contract.AUDIENCE_FOLDER}/{batch.action}/{target.list}"

    # --- fetching -----------------------------

    def listing(self) -> list[RemoteFile]:
        """Return the referral files that lie ready, oldest first; dot-files are left out."""
        with self._pool.one() as lent, lent.talking("list the downloads of") as wire:
            entries = wire.listdir_attr(self._root + contract.DOWNLOADS_FOLDER)
        files = [
            RemoteFile(
                entry.filename,
                entry.st_size or 0,
                datetime.fromtimestamp(entry.st_mtime or 0, tz=UTC),
            )
            for entry in entries
            if stat.S_ISREG(entry.st_mode or 0)
            and not entry.filename.startswith(contract.STAGING_PREFIX)
        ]
        return sorted(files, key=lambda file: (file.modified, file.name))

    def download(self, name: str, to: Path, *, offset: int = 0) -> None:
        """Fetch one referral file into ``to``, readable by its owner only.

        Whatever stops it, ``to`` is the beginning of the file, and can be gone on with.

        Parameters
        ----------
        offset
            How many bytes of this very file ``to`` holds already; the rest is appended.

        Raises
        ------
        Unavailable
            The line broke, or the file changed. Try again.
        Refused
            There is no such file, or it may not be read.
        """
        to.touch(mode=0o600)
        path = f"{self._root}{contract.DOWNLOADS_FOLDER}/{name}"
        file = to.open("ab" if offset else "wb")
        with file, self._pool.one() as lent, lent.talking("fetch a file from") as wire:
            try:
                fetch(wire, path, file, offset=offset)
            except Differs:
                raise Unavailable(
                    f"The file {name} changed while it was fetched. Try again in a while."
                ) from None

    # --- the connection -----------------------

    def check(self) -> list[Finding]:
        """Log in and look at the folders; nothing is written."""
        folders = (contract.AUDIENCE_FOLDER, self._conversions_folder, contract.DOWNLOADS_FOLDER)
        try:
            with self._connection.talking("look at") as wire:
                there = {
                    folder: size_of(wire, self._root + folder) is not None
                    for folder in (*folders, *_CONVERSIONS_FOLDERS)
                }
        except (DeliveryError, SettingsError) as error:
            return [Finding("SFTP", well=False, detail=str(error))]
        detail = f"{self.host} shows the pinned host key and accepts the key file"
        return [
            Finding("SFTP", well=True, detail=detail),
            *(
                Finding(
                    f"SFTP folder {folder}", well=there[folder], detail=self._said(folder, there)
                )
                for folder in folders
            ),
        ]

    def close(self) -> None:
        """Close every connection; the next use opens new ones."""
        self._pool.close()

    def _said(self, folder: str, there: dict[str, bool]) -> str:
        """Return what to say of a folder; Rokt's pages of different years name one differently."""
        if there[folder]:
            return "there"
        other = next((name for name in _CONVERSIONS_FOLDERS if there[name]), None)
        if folder == self._conversions_folder and other is not None:
            return f"missing; {other} is there: set ROKT_SFTP_CONVERSIONS_FOLDER to it"
        return "missing"
