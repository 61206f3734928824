"""Referrals by scheduled e-mail, read from a mailbox over IMAP.

Laws: TLS from the first byte and a good certificate; the folder is opened read-only (EXAMINE), so
that no message is marked, moved or deleted.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from rokt_helpers.errors import SettingsError
from rokt_helpers.routes.files import DeliveredFile
from rokt_helpers.routes.imap import ImapMailbox
from rokt_helpers.routes.links import fetch_link
from rokt_helpers.routes.messages import Attached, Linked, LinkPlace, is_from, read_message
from rokt_helpers.routes.postbag import Postbag

__all__ = ["MOST_LINK_BYTES", "MOST_MESSAGE_BYTES", "MailFolder", "MailPlace"]

MOST_MESSAGE_BYTES: Final = 100_000_000  # more than any mail server passes on
MOST_LINK_BYTES: Final = 2_000_000_000
_LOOK_BACK_DAYS: Final = 30


@dataclass(frozen=True)
class MailPlace:
    """Which mailbox, and which messages in it.

    Attributes
    ----------
    senders
        Whose messages are read: addresses, or ``@domain`` for everybody there. At least one.
        A sender's name can be forged: let a rule of the mail server fill the folder.
    folder
        As the mail program shows it; folders within folders as the server parts them.
    link_hosts
        Where links in a message may lead: hosts, or the beginnings of paths
        (``exports.example.com/referrals``). Without one, no link is followed.
    look_back_days
        How old a message may be. Older ones are not looked at.
    ca_file
        The certificates (PEM) to trust in place of the system's, mailbox and links alike.
    timeout_seconds
        How long to wait for any one answer.
    """

    host: str
    username: str
    password: SecretStr
    senders: tuple[str, ...]
    port: int = 993
    folder: str = "INBOX"
    link_hosts: tuple[str, ...] = ()
    look_back_days: int = _LOOK_BACK_DAYS
    ca_file: Path | None = None
    most_message_bytes: int = MOST_MESSAGE_BYTES
    most_link_bytes: int = MOST_LINK_BYTES
    timeout_seconds: float = field(default=60.0)


class MailFolder:
    """The tables that messages in one folder of a mailbox bring, as files.

    A file's name is a digest of the message's id and the name of the attachment. Its content is
    fetched at the first listing, because only then its size is known.

    Parameters
    ----------
    place
        Which mailbox and messages.
    now
        The present moment, aware.
    memory
        A file to remember opened messages in, so that none is fetched twice.

    Raises
    ------
    SettingsError
        No sender is named, or a host for links that is none.
    """

    def __init__(
        self, place: MailPlace, *, now: Callable[[], datetime], memory: Path | None = None
    ) -> None:
        if not any(sender.strip() for sender in place.senders):
            raise SettingsError(
                "To collect referrals from e-mail, name whose messages to read in "
                "ROKT_REFERRALS_IMAP_SENDERS."
            )
        self._place = place
        self._now = now
        self._links = tuple(LinkPlace.of(text) for text in place.link_hosts if text.strip())
        self._turn = threading.RLock()
        self._mailbox = ImapMailbox(
            place.host,
            port=place.port,
            username=place.username,
            password=place.password,
            folder=place.folder,
            ca_file=place.ca_file,
            timeout_seconds=place.timeout_seconds,
        )
        fetch = partial(
            fetch_link,
            most_bytes=place.most_link_bytes,
            ca_file=place.ca_file,
            timeout_seconds=place.timeout_seconds,
        )
        which = (place.host, place.username, place.folder, place.senders, place.link_hosts)
        self._bag = Postbag(self, fetch, memory=memory, place=repr(which))

    def listing(self) -> list[DeliveredFile]:
        """Return the tables that lie in messages, oldest first."""
        with self._turn:
            return self._bag.listing()

    def download(self, name: str, to: Path) -> None:
        """Write one table into ``to``, readable by its owner only."""
        with self._turn:
            self._bag.download(name, to)

    def close(self) -> None:
        """Log out, and remove what was unpacked."""
        with self._turn:
            self._mailbox.close()
            self._bag.close()

    # --- messages, for the postbag ------------

    def keys(self) -> list[str]:
        """Return what names each message, oldest first."""
        since = self._now().astimezone(UTC) - timedelta(days=self._place.look_back_days)
        return self._mailbox.messages(since=since, senders=self._place.senders)

    def open(self, key: str) -> list[Attached | Linked]:
        """Return what one message brings; nothing where it only looks as if it came from them."""
        size_bytes, received = self._mailbox.size_and_moment(key)
        if size_bytes > self._place.most_message_bytes:
            said = f"A message has {size_bytes:,} bytes, which is too large. Save it by hand."
            return [Attached(f"message-{key.replace(':', '-')}", received, fault=said)]
        raw = self._mailbox.content(key)
        if not is_from(raw, self._place.senders):
            return []
        return read_message(raw, received=received, places=self._links)
