"""Rokt's SFTP: deliver files that are whole or not there, and list and fetch what lies ready.

The laws kept here: the host key is the pinned one or nothing is said; a file is written under a
dot-name, verified, and only then renamed, because Rokt leaves dot-files alone and takes the others;
a file that has vanished after that was picked up, it has not failed.

Sources: SFTP pages of docs.rokt.com; folders and figures in :mod:`rokt_helpers.contract`.
"""

from __future__ import annotations

import hashlib
import posixpath
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import paramiko
import polars as pl
from pydantic import SecretStr

from rokt_helpers import contract
from rokt_helpers.channels.channel import Confirmation, Finding
from rokt_helpers.channels.host_keys import PinnedHostKey
from rokt_helpers.channels.private_keys import read_private_key
from rokt_helpers.errors import (
    DeliveryError,
    InDoubt,
    NotTrusted,
    Refused,
    SettingsError,
    Unavailable,
)
from rokt_helpers.plan import Batch, Limits, Target

__all__ = ["RemoteFile", "SftpChannel"]

_TIMEOUT_SECONDS: Final = 30.0
_KEEPALIVE_SECONDS: Final = 15
_BLOCK_BYTES: Final = 1 << 20
_MAX_ROWS: Final = 10_000_000


@dataclass(frozen=True)
class RemoteFile:
    """A file that lies ready: its name, size in bytes, and when it was last changed (UTC)."""

    name: str
    size_bytes: int
    modified: datetime


class SftpChannel:
    """One account on Rokt's SFTP server. Connects at the first use, not before.

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
    """

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
    ) -> None:
        self._address = (host, port)
        self._username = username
        self._key_file = key_file.expanduser()
        self._passphrase = passphrase
        self._pinned = PinnedHostKey(host_key)
        self._root = root.rstrip("/")
        self._client: paramiko.SSHClient | None = None
        self._sftp: paramiko.SFTPClient | None = None

    @property
    def host(self) -> str:
        """Host and port of the server."""
        return f"{self._address[0]}:{self._address[1]}"

    # --- delivering ---------------------------

    def send(
        self, target: Target, batch: Batch, identifiers: pl.Series, *, name: str
    ) -> Confirmation:
        """Write one file under a dot-name, verify it, and give it its name."""
        folder = self._folder_for(target)
        final = posixpath.join(folder, f"{name}-{batch.number:04}.csv")
        staging = posixpath.join(folder, contract.STAGING_PREFIX + posixpath.basename(final))
        content = (identifiers.str.join("\n").item() + "\n").encode()
        with self._talking("put a file on") as sftp:
            _make_folder(sftp, folder)
            self._write(sftp, staging, content)
            _verify(sftp, staging, content)
        with self._talking("rename a file on", sent=True) as sftp:
            _rename(sftp, staging, final)
        return Confirmation(name=final)

    def picked_up(self, name: str) -> bool:
        """Tell whether a delivered file has vanished, which is how Rokt says it was processed."""
        with self._talking("look for a file on") as sftp:
            return not _exists(sftp, name)

    def _folder_for(self, target: Target) -> str:
        if target.purpose == "conversions":
            return self._root + contract.CONVERSIONS_FOLDER
        return f"{self._root}{contract.AUDIENCE_FOLDER}/{target.action}/{target.list}"

    def _write(self, sftp: paramiko.SFTPClient, path: str, content: bytes) -> None:
        # `put` would ask for the size afterwards; that question is ours, and comes before the
        # rename, because a server that takes the file at once makes it fail falsely.
        with sftp.open(path, "wb") as remote:
            remote.set_pipelined(pipelined=True)
            for start in range(0, len(content), _BLOCK_BYTES):
                remote.write(content[start : start + _BLOCK_BYTES])

    # --- fetching -----------------------------

    def listing(self) -> list[RemoteFile]:
        """Return the referral files that lie ready, oldest first; dot-files are left out."""
        with self._talking("list the downloads of") as sftp:
            entries = sftp.listdir_attr(self._root + contract.DOWNLOADS_FOLDER)
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

    def download(self, name: str, to: Path) -> None:
        """Fetch one referral file into ``to``, readable by its owner only."""
        to.touch(mode=0o600)
        with self._talking("fetch a file from") as sftp:
            sftp.get(f"{self._root}{contract.DOWNLOADS_FOLDER}/{name}", str(to))

    # --- the connection -----------------------

    def check(self) -> list[Finding]:
        """Log in and look at the folders; nothing is written."""
        folders = (contract.AUDIENCE_FOLDER, contract.CONVERSIONS_FOLDER, contract.DOWNLOADS_FOLDER)
        try:
            with self._talking("look at") as sftp:
                there = {folder: _exists(sftp, self._root + folder) for folder in folders}
        except (DeliveryError, SettingsError) as error:
            return [Finding("SFTP", well=False, detail=str(error))]
        detail = f"{self.host} shows the pinned host key and accepts the key file"
        return [
            Finding("SFTP", well=True, detail=detail),
            *(
                Finding(f"SFTP folder {folder}", well=well, detail="there" if well else "missing")
                for folder, well in there.items()
            ),
        ]

    def close(self) -> None:
        """Close the connection; the next use opens a new one."""
        for part in (self._sftp, self._client):
            if part is not None:
                with suppress(Exception):
                    part.close()
        self._sftp = self._client = None

    @contextmanager
    def _talking(self, doing: str, *, sent: bool = False) -> Iterator[paramiko.SFTPClient]:
        """Hand out the connection, and turn whatever breaks on the way into one of our errors."""
        try:
            yield self._connected()
        except PermissionError:
            raise Refused(
                f"The user may not {doing} {self.host}. Ask Rokt for the right."
            ) from None
        except FileNotFoundError:
            raise Refused(f"A folder is missing: could not {doing} {self.host}.") from None
        except (paramiko.SSHException, OSError, EOFError) as error:
            self.close()
            kind = InDoubt if sent else Unavailable
            raise kind(
                f"The connection broke: could not {doing} {self.host} ({type(error).__name__})."
            ) from None

    def _connected(self) -> paramiko.SFTPClient:
        if self._sftp is None:
            self._sftp = self._connect()
        return self._sftp

    def _connect(self) -> paramiko.SFTPClient:
        key = read_private_key(self._key_file, self._passphrase)
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(self._pinned)
        self._client = client
        try:
            client.connect(
                *self._address,
                username=self._username,
                pkey=key,
                allow_agent=False,
                look_for_keys=False,
                timeout=_TIMEOUT_SECONDS,
                banner_timeout=_TIMEOUT_SECONDS,
                auth_timeout=_TIMEOUT_SECONDS,
                channel_timeout=_TIMEOUT_SECONDS,
            )
        except NotTrusted:
            self.close()
            raise
        except paramiko.AuthenticationException:
            self.close()
            raise Refused(
                f"{self.host} did not accept the key file for user {self._username!r}. Check "
                "ROKT_SFTP_USERNAME and ROKT_SFTP_KEY_FILE with your Rokt account manager."
            ) from None
        except OSError as error:
            raise Unavailable(
                f"{self.host} could not be reached ({error.strerror or type(error).__name__})."
            ) from None
        transport = client.get_transport()
        if transport is not None:
            transport.set_keepalive(_KEEPALIVE_SECONDS)
        sftp = client.open_sftp()
        channel = sftp.get_channel()
        if channel is not None:
            channel.settimeout(_TIMEOUT_SECONDS)
        return sftp


def _make_folder(sftp: paramiko.SFTPClient, folder: str) -> None:
    """Make the list's own folder where it is missing; its parents are Rokt's and must be there."""
    if not _exists(sftp, folder):
        sftp.mkdir(folder)


def _exists(sftp: paramiko.SFTPClient, path: str) -> bool:
    try:
        sftp.stat(path)
    except FileNotFoundError:
        return False
    return True


def _verify(sftp: paramiko.SFTPClient, path: str, content: bytes) -> None:
    """Compare size and digest of what lies on the server with what was sent."""
    size = sftp.stat(path).st_size
    if size != len(content):
        raise Unavailable(f"Only {size:,} of {len(content):,} bytes arrived; nothing was renamed.")
    digest = hashlib.sha256()
    with sftp.open(path, "rb") as remote:
        remote.prefetch(size)
        while block := remote.read(_BLOCK_BYTES):
            digest.update(block)
    if digest.digest() != hashlib.sha256(content).digest():
        raise Unavailable("The file on the server differs from what was sent; nothing was renamed.")


def _rename(sftp: paramiko.SFTPClient, staging: str, final: str) -> None:
    try:
        sftp.posix_rename(staging, final)
    except PermissionError:
        raise
    except OSError as error:
        if isinstance(error, FileNotFoundError) or not _exists(sftp, staging):
            raise
        # Servers without OpenSSH's extension know only the plain rename.
        try:
            sftp.rename(staging, final)
        except OSError:
            raise Refused(
                f"The server would not rename {staging}. The file waits there and is not processed."
            ) from None
