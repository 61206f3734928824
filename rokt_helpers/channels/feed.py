"""Rokt's newer SFTP integration: batches of the Event and Audience API as CSV files.

A plan holds the same JSON lines as for the API, and they become rows here. As on the older server
a file is written under a dot-name, proved, and only then renamed. That the newer server leaves
dot-files alone is inferred: its page does not say so. Should it take one, that name fits none of
its rules, for a dot in the name is forbidden.

The platform queues a file almost at once and tells nobody what became of it.
Source: :mod:`rokt_helpers.contract.feed`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import polars as pl
from pydantic import SecretStr

from rokt_helpers import contract
from rokt_helpers.channels.channel import Confirmation, Finding, Turn
from rokt_helpers.channels.feed_packing import Compression, Packing
from rokt_helpers.channels.sftp_connection import SftpConnection
from rokt_helpers.channels.sftp_login import Login, Password
from rokt_helpers.channels.sftp_transfer import Whole, size_of
from rokt_helpers.channels.sftp_upload import Uploads
from rokt_helpers.errors import DeliveryError, InputError, Refused, SettingsError
from rokt_helpers.events.feed_table import FeedFile, feed_csv
from rokt_helpers.events.memberships import membership_batches
from rokt_helpers.events.spelling import Spelling
from rokt_helpers.plan import Batch, Limits, Target

__all__ = ["FeedChannel"]

_WHAT: Final = "newer SFTP"
_TIMEOUT_SECONDS: Final = 30.0
# Our decision: a file of so many rows is far inside the best size, and fits into memory.
_MAX_ROWS: Final = 500_000
_SUFFIXES: Final = {
    False: contract.FEED_AUDIENCE_SUFFIX,
    True: contract.FEED_CONVERSIONS_SUFFIX,
}


class FeedChannel:
    """One feed on Rokt's newer SFTP server. Connects at the first use, not before.

    Parameters
    ----------
    host, port, username, password
        From the Rokt account manager; ``contract.LIVE_FEED_HOST`` is mParticle's.
    host_key
        The pinned fingerprint, ``SHA256:…``. Without it no connection is made.
    folder
        The feed's drop folder, such as ``drop/us2-123456789123456789``. Rokt's: never made here.
    compression
        ``none``, ``gz`` or ``zip``.
    pgp_key_file
        The public key to encrypt to; None for a feed that takes plain files.
    spelling
        How membership is written, as for the Event and Audience API. With a membership event the
        file is one of events: a feed has no other place for it.
    timeout_seconds
        How long to wait for any one answer.
    renew
        Reads the user name and what proves it anew, for a server that no longer takes them.
    """

    limits = Limits(
        batch_rows=_MAX_ROWS,
        batch_bytes=contract.BEST_FEED_FILE_BYTES[1],
        # A batch as JSON is never shorter than its row, which has no names in it.
        row_bytes=contract.MAX_FEED_ROW_BYTES,
    )

    def __init__(
        self,
        host: str,
        *,
        port: int,
        username: str,
        password: SecretStr,
        host_key: str,
        folder: str,
        compression: Compression = "none",
        pgp_key_file: Path | None = None,
        spelling: Spelling | None = None,
        timeout_seconds: float = _TIMEOUT_SECONDS,
        renew: Callable[[], tuple[str, Login]] | None = None,
    ) -> None:
        self._connection = SftpConnection(
            (host, port),
            username=username,
            login=Password(password),
            host_key=host_key,
            timeout_seconds=timeout_seconds,
            renew=renew,
        )
        self._uploads = Uploads(self._connection, staging_prefix=contract.FEED_STAGING_PREFIX)
        self._folder = folder.rstrip("/")
        self._packing = Packing(compression, pgp_key_file)
        self._spelling = spelling or Spelling()

    @property
    def host(self) -> str:
        """Host and port of the server."""
        return self._connection.host

    def send(
        self,
        target: Target,
        batch: Batch,
        identifiers: pl.Series,
        *,
        name: str,
        turn: Turn,  # noqa: ARG002  the server names no rate
    ) -> Confirmation:
        """Write one file under a dot-name, prove it, and give it its name."""
        lines = identifiers
        if target.purpose == "audience":
            lines = membership_batches(
                identifiers,
                spelling=self._spelling,
                list_name=target.list,
                action=batch.action,
                run=name,
            )
        file = _as_file(lines)
        suffix = _SUFFIXES[file.has_events]
        packed = self._packing.pack(_stem(name, batch) + suffix, file.content)
        final = posixpath.join(self._folder, packed.name)
        self._uploads.deliver(final, Whole(packed.content), always_same=packed.always_same)
        return Confirmation(name=final)

    def picked_up(self, name: str) -> bool:
        """Tell whether a delivered file has vanished, which is all that is told of it."""
        return self._uploads.picked_up(name)

    def check(self) -> list[Finding]:
        """Log in and look at the drop folder and the key; nothing is written."""
        try:
            self._packing.prove_key()
            with self._connection.talking("look at") as wire:
                there = size_of(wire, self._folder) is not None
        except (DeliveryError, SettingsError) as error:
            return [Finding(_WHAT, well=False, detail=str(error))]
        detail = f"{self.host} shows the pinned host key and accepts the password"
        said = "there" if there else "missing; ask Rokt for its name and set ROKT_FEED_FOLDER to it"
        return [
            Finding(_WHAT, well=True, detail=detail),
            Finding(f"{_WHAT}, folder {self._folder}", well=there, detail=said),
        ]

    def close(self) -> None:
        """Close the connection; the next use opens a new one."""
        self._connection.close()


def _as_file(lines: pl.Series) -> FeedFile:
    try:
        return feed_csv(lines)
    except InputError as error:
        raise Refused(f"{error} Nothing of this batch was sent.") from None


def _stem(name: str, batch: Batch) -> str:
    """Return what stands before the suffix: the same for the same batch of the same plan."""
    stem = f"{name.replace('-', '_')}_{batch.number:04}"
    if not re.fullmatch(contract.FEED_NAME_PATTERN, stem):
        raise Refused("The name of the file would not fit the feed's rule. Nothing was sent.")
    return stem
