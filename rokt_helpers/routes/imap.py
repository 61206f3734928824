"""One folder of a mailbox over IMAP with TLS, opened read-only.

Spoken with the standard library's ``imaplib``: this needs six commands of the protocol (RFC 3501),
and the libraries for mail are built on it too. What it leaves to its caller is done here: quoting,
names of folders in IMAP's own form of UTF-7, passwords beyond ASCII.
"""

from __future__ import annotations

import base64
import imaplib
import re
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

from rokt_helpers.errors import DeliveryError, NotTrusted, Refused, SettingsError, Unavailable
from rokt_helpers.routes.trust import trusting

__all__ = ["ImapMailbox"]

_MONTHS: Final = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)


class ImapMailbox:
    """Who we are on which server, and one folder there. Connects at the first use.

    A message is named by ``UIDVALIDITY:UID``, which never means another message.
    """

    def __init__(
        self,
        host: str,
        *,
        port: int,
        username: str,
        password: SecretStr,
        folder: str,
        ca_file: Path | None,
        timeout_seconds: float,
    ) -> None:
        self._address = (host, port)
        self._username = username
        self._password = password
        self._folder = folder
        self._ca_file = ca_file
        self._timeout_seconds = timeout_seconds
        self._session: imaplib.IMAP4_SSL | None = None

    @property
    def host(self) -> str:
        """Host and port of the server."""
        return f"{self._address[0]}:{self._address[1]}"

    def messages(self, *, since: datetime, senders: Sequence[str]) -> list[str]:
        """Return the messages that came since then from somebody of these, oldest first."""
        day = f"{since.day:02}-{_MONTHS[since.month - 1]}-{since.year}"
        numbers: set[int] = set()
        with self._talking() as session:
            self._open_folder(session)
            validity = _number(session.response("UIDVALIDITY")[1])
            for sender in senders:
                words = ("SINCE", day, "FROM", _quoted(sender, "ROKT_REFERRALS_IMAP_SENDERS"))
                answer = _well(session.uid("SEARCH", *words))
                numbers |= {int(number) for line in answer if line for number in line.split()}
        return [f"{validity}:{number}" for number in sorted(numbers)]

    def size_and_moment(self, key: str) -> tuple[int, datetime]:
        """Return how many bytes a message has, and when it came in."""
        with self._talking() as session:
            answer = self._fetched(session, key, "(RFC822.SIZE INTERNALDATE)")
            line = b" ".join(part for part in _flat(answer))
            size = re.search(rb"RFC822\.SIZE (\d+)", line)
            came = imaplib.Internaldate2tuple(line)
            if size is None or came is None:
                raise _GoneError
            return int(size[1]), datetime.fromtimestamp(time.mktime(came), tz=UTC)

    def content(self, key: str) -> bytes:
        """Return a whole message; it stays unread."""
        with self._talking() as session:
            answer = self._fetched(session, key, "(BODY.PEEK[])")
            for part in answer:
                if isinstance(part, tuple):
                    return bytes(part[1])
            raise _GoneError

    def close(self) -> None:
        """Log out; the next use opens a new connection."""
        if self._session is not None:
            with suppress(imaplib.IMAP4.error, OSError):
                self._session.logout()
        self._session = None

    def _fetched(self, session: imaplib.IMAP4_SSL, key: str, what: str) -> list[Any]:
        validity, _, number = key.partition(":")
        if _number(session.response("UIDVALIDITY")[1]) not in {None, validity}:
            raise _GoneError
        return _well(session.uid("FETCH", number, what))

    # --- the connection -----------------------

    @contextmanager
    def _talking(self) -> Iterator[imaplib.IMAP4_SSL]:
        """Hand out the connection, and turn whatever breaks on the way into one of our errors."""
        try:
            yield self._connected()
        except (DeliveryError, SettingsError):
            raise
        except _GoneError:
            raise Refused(f"A message has gone from {self.host} in between.") from None
        except ssl.SSLCertVerificationError:
            self._drop()
            raise NotTrusted(
                f"The certificate of {self.host} is not trusted. Check ROKT_REFERRALS_IMAP_HOST; "
                "for a certificate of your company's own authority set "
                "ROKT_REFERRALS_IMAP_CA_FILE. No password was sent."
            ) from None
        except (imaplib.IMAP4.error, OSError, EOFError) as error:
            # The text of an answer may name people, so it is left out.
            self._drop()
            kind = "" if isinstance(error, imaplib.IMAP4.error) else f" ({type(error).__name__})"
            raise Unavailable(
                f"The connection to {self.host} failed{kind}. Check ROKT_REFERRALS_IMAP_HOST and "
                "ROKT_REFERRALS_IMAP_PORT, which is the one for TLS (993), if it lasts."
            ) from None
        except BaseException:
            # Somebody stopped us with an answer on the way: nobody may read it as their own.
            self._drop()
            raise

    def _drop(self) -> None:
        """Let the connection go without a word."""
        if self._session is not None:
            with suppress(OSError, imaplib.IMAP4.error):
                self._session.shutdown()
        self._session = None

    def _connected(self) -> imaplib.IMAP4_SSL:
        """Return a session that answers: servers hang up on those who are silent for long."""
        if self._session is not None:
            try:
                self._session.noop()
            except (imaplib.IMAP4.error, OSError):
                self._drop()
        if self._session is None:
            context = trusting(self._ca_file, "ROKT_REFERRALS_IMAP_CA_FILE")
            self._session = imaplib.IMAP4_SSL(
                *self._address, ssl_context=context, timeout=self._timeout_seconds
            )
            try:
                self._log_in(self._session)
                self._open_folder(self._session)
            except BaseException:
                self._drop()
                raise
        return self._session

    def _log_in(self, session: imaplib.IMAP4_SSL) -> None:
        password = self._password.get_secret_value()
        try:
            if "AUTH=PLAIN" in session.capabilities:
                secret = f"\0{self._username}\0{password}".encode()
                session.authenticate("PLAIN", lambda _: secret)
            else:
                session.login(_quoted(self._username, "ROKT_REFERRALS_IMAP_USERNAME"), password)
        except imaplib.IMAP4.abort:
            raise
        except (imaplib.IMAP4.error, UnicodeEncodeError):
            raise Refused(
                f"{self.host} did not accept the user name and password. Check "
                "ROKT_REFERRALS_IMAP_USERNAME and ROKT_REFERRALS_IMAP_PASSWORD; many providers "
                "want a password made for one program."
            ) from None

    def _open_folder(self, session: imaplib.IMAP4_SSL) -> None:
        name = _quoted(_folder_name(self._folder), "ROKT_REFERRALS_IMAP_FOLDER")
        kind, _ = session.select(name, readonly=True)
        if kind != "OK":
            raise Refused(
                f"{self.host} has no such folder, or does not open it. Check "
                "ROKT_REFERRALS_IMAP_FOLDER."
            )


class _GoneError(Exception):
    """The message is not there any more."""


def _well(answer: tuple[str, list[Any]]) -> list[Any]:
    kind, parts = answer
    if kind != "OK":
        raise imaplib.IMAP4.error(kind)
    return parts


def _flat(parts: Sequence[Any]) -> Iterator[bytes]:
    for part in parts:
        if isinstance(part, bytes):
            yield part
        elif isinstance(part, tuple):
            yield from (piece for piece in part if isinstance(piece, bytes))


def _number(told: Sequence[Any] | None) -> str | None:
    last = told[-1] if told else None
    return last.decode("ascii", "replace") if isinstance(last, bytes) else None


def _quoted(text: str, setting: str) -> str:
    """Return text as a quoted string of IMAP."""
    if not text.isascii() or not text.isprintable():
        raise SettingsError(f"{setting} has a character in it that IMAP does not take. Correct it.")
    escaped = text.strip().replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _folder_name(name: str) -> str:
    """Return the name of a folder in IMAP's form of UTF-7 (RFC 3501, 5.1.3)."""
    pieces = re.findall(r"[\x20-\x7e]+|[^\x20-\x7e]+", name)
    return "".join(
        piece.replace("&", "&-") if piece.isascii() and piece.isprintable() else _shifted(piece)
        for piece in pieces
    )


def _shifted(piece: str) -> str:
    coded = base64.b64encode(piece.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
    return f"&{coded}-"
