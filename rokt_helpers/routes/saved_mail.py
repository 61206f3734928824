"""Messages that a person saved as ``.eml`` files, read like those in a mailbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from rokt_helpers.errors import Refused
from rokt_helpers.routes.files import DeliveredFile
from rokt_helpers.routes.folder import entries_of
from rokt_helpers.routes.links import fetch_link
from rokt_helpers.routes.mail import MOST_LINK_BYTES, MOST_MESSAGE_BYTES
from rokt_helpers.routes.messages import Attached, Linked, LinkPlace, read_message
from rokt_helpers.routes.postbag import Postbag

__all__ = ["SavedMail"]


class SavedMail:
    """The tables that saved messages bring, as files; named as in a mailbox.

    Whose messages they are is not asked: a person chose them.

    Parameters
    ----------
    folder
        Where the ``.eml`` files lie. It is only read.
    link_hosts
        Where links may lead, as in :class:`~rokt_helpers.routes.mail.MailPlace`.
    ca_file
        The certificates (PEM) to trust in place of the system's.
    memory
        A file to remember opened messages in.
    """

    def __init__(
        self,
        folder: Path,
        *,
        link_hosts: Sequence[str] = (),
        ca_file: Path | None = None,
        memory: Path | None = None,
    ) -> None:
        self._folder = folder.expanduser()
        self._links = tuple(LinkPlace.of(text) for text in link_hosts if text.strip())
        self._names: dict[str, str] = {}
        fetch = partial(fetch_link, most_bytes=MOST_LINK_BYTES, ca_file=ca_file)
        which = (str(self._folder.absolute()), tuple(link_hosts))
        self._bag = Postbag(self, fetch, memory=memory, place=repr(which))

    def listing(self) -> list[DeliveredFile]:
        """Return the tables that lie in messages, oldest first."""
        return self._bag.listing()

    def download(self, name: str, to: Path) -> None:
        """Write one table into ``to``, readable by its owner only."""
        self._bag.download(name, to)

    def close(self) -> None:
        """Remove what was unpacked."""
        self._bag.close()

    # --- messages, for the postbag ------------

    def keys(self) -> list[str]:
        """Return what names each message: a file that was written anew is another one."""
        saved = [
            (entry.stat().st_mtime_ns, entry.name, entry.stat().st_size)
            for entry in entries_of(self._folder)
            if entry.name.lower().endswith(".eml")
        ]
        self._names = {f"{name}:{size}:{moment}": name for moment, name, size in sorted(saved)}
        return list(self._names)

    def open(self, key: str) -> list[Attached | Linked]:
        """Return what one message brings."""
        path = self._folder / self._names[key]
        try:
            status = path.stat()
        except OSError:
            raise Refused("A saved message has gone in between.") from None
        received = datetime.fromtimestamp(status.st_mtime, tz=UTC)
        if status.st_size > MOST_MESSAGE_BYTES:
            said = f"A saved message has {status.st_size:,} bytes, which is too large."
            return [Attached(path.name, received, fault=said)]
        try:
            raw = path.read_bytes()
        except OSError as error:
            said = f"A saved message cannot be read: {error.strerror}. Check who may read it."
            return [Attached(path.name, received, fault=said)]
        return read_message(raw, received=received, places=self._links)
