"""What one e-mail brings: its attached tables, or the addresses where they lie ready.

Pure: bytes in, values out. Messages are read as they come in real life: nested in one another,
names in three encodings, dates that are none. What is damaged is said, never guessed.
"""

from __future__ import annotations

import email
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import (
    CloseBoundaryNotFoundDefect,
    InvalidBase64CharactersDefect,
    InvalidBase64LengthDefect,
    InvalidBase64PaddingDefect,
    MessageError,
    StartBoundaryNotFoundDefect,
)
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime
from html import unescape
from typing import Final
from urllib.parse import unquote, urlsplit

from rokt_helpers.errors import SettingsError
from rokt_helpers.routes.files import harmless, is_table, numbered

__all__ = ["Attached", "LinkPlace", "Linked", "is_from", "read_message"]

_DAMAGE: Final = (
    CloseBoundaryNotFoundDefect,
    StartBoundaryNotFoundDefect,
    InvalidBase64CharactersDefect,
    InvalidBase64LengthDefect,
    InvalidBase64PaddingDefect,
)
_NAMELESS: Final = {
    "text/csv": "referrals.csv",
    "text/tab-separated-values": "referrals.tsv",
    "application/zip": "referrals.zip",
    "application/gzip": "referrals.csv.gz",
}
_HREF: Final = re.compile(r"""href\s*=\s*["']?(https://[^\s"'<>]+)""", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"""https://[^\s"'<>]+""", re.IGNORECASE)


@dataclass(frozen=True)
class Attached:
    """One attached table; ``fault`` says why its content is not to be had."""

    name: str
    modified: datetime
    content: bytes = b""
    fault: str = ""


@dataclass(frozen=True)
class Linked:
    """One address at which a table lies ready. It opens to whoever has it, so it is a secret."""

    name: str
    modified: datetime
    address: str

    def __repr__(self) -> str:
        return f"Linked({self.name!r})"


@dataclass(frozen=True)
class LinkPlace:
    """A host, and the beginning of the path, that addresses in messages may lead to."""

    host: str
    path: str = "/"

    @classmethod
    def of(cls, text: str) -> LinkPlace:
        """Read ``host``, ``host:port`` or ``host/path``.

        Raises
        ------
        SettingsError
            It is none of these.
        """
        bare = text.strip().removeprefix("https://")
        host, _, path = bare.partition("/")
        if not re.fullmatch(r"[A-Za-z0-9.-]+(:\d+)?", host):
            raise SettingsError(
                "ROKT_REFERRALS_IMAP_LINK_HOSTS has an entry that is no host. Write "
                "exports.example.com, or exports.example.com/referrals."
            )
        return cls(host.lower(), f"/{path}")

    def leads_to(self, address: str) -> bool:
        """Tell whether an address is within this place."""
        parts = urlsplit(address)
        # Compared as written: one with a user name, or spelt so as to deceive, differs.
        if parts.scheme.lower() != "https" or parts.netloc.lower() != self.host:
            return False
        path, within = unquote(parts.path) or "/", self.path.rstrip("/")
        steps = re.split(r"[/\\]", path)
        return ".." not in steps and (path == within or path.startswith(f"{within}/"))


def read_message(
    raw: bytes, *, received: datetime, places: Sequence[LinkPlace] = ()
) -> list[Attached | Linked]:
    """Return the tables that a message brings.

    The name of each begins with a digest of the message's id, so that two reports named
    ``referrals.csv`` are two files, and the same message read twice is one. Addresses are looked
    for only where no table is attached, and only within ``places``.

    Parameters
    ----------
    received
        Stands in where the message has no date of its own.
    """
    message = email.message_from_bytes(raw)
    told = _header(message, "Message-ID").strip().encode() or raw
    start = hashlib.sha256(told).hexdigest()[:12]
    moment = _moment(message) or received
    files: list[Attached | Linked] = []
    taken: set[str] = set()
    for part in message.walk():
        name = _table_name(part)
        if name:
            name = numbered(f"{start}-{name}", taken)
            taken.add(name)
            files.append(_attached(part, name, moment, whole=_is_whole(message)))
    if files:
        return files
    for address in _addresses(message, places):
        last = harmless(unquote(urlsplit(address).path))
        name = numbered(f"{start}-{last if is_table(last) else 'referrals.csv'}", taken)
        taken.add(name)
        files.append(Linked(name, moment, address))
    return files


def is_from(raw: bytes, senders: Sequence[str]) -> bool:
    """Tell whether a message says it is from one of these: an address, or ``@domain``.

    Anybody can write anybody's address into a message. The mail server's own rules have to keep
    strangers out of the folder; this keeps other post out of the table.
    """
    sender = parseaddr(_header(email.message_from_bytes(raw), "From"))[1].strip().lower()
    wanted = [text.strip().lower() for text in senders]
    return sender in wanted or any(w.startswith("@") and sender.endswith(w) for w in wanted)


# --- parts ------------------------------


def _table_name(part: Message) -> str:
    """Return the harmless name of an attached table; empty for everything else."""
    if part.is_multipart():
        return ""
    try:
        told = _decoded(part.get_filename() or "")
    except (LookupError, TypeError, ValueError):
        told = ""
    name = harmless(told) if told else _NAMELESS.get(part.get_content_type(), "")
    # Mail servers attach footers as ATT00001.txt.
    return name if is_table(name) and not name.lower().endswith(".txt") else ""


def _attached(part: Message, name: str, moment: datetime, *, whole: bool) -> Attached:
    content = part.get_payload(decode=True)
    broken = any(isinstance(defect, _DAMAGE) for defect in part.defects)
    if not isinstance(content, bytes) or broken or not whole:
        return Attached(name, moment, fault="The message is cut off or damaged.")
    return Attached(name, moment, _readable(part, content))


def _is_whole(message: Message) -> bool:
    """Tell whether every part that was opened is closed."""
    return not any(isinstance(d, _DAMAGE) for part in message.walk() for d in part.defects)


def _readable(part: Message, content: bytes) -> bytes:
    """Return text in UTF-8 where the message says that it is in something else, and it is."""
    charset = (part.get_content_charset() or "").lower()
    if part.get_content_maintype() != "text" or charset in {"", "us-ascii", "utf-8", "utf8"}:
        return content
    try:
        content.decode()
        if b"\0" not in content:
            return content  # mail programs name a charset without looking
    except UnicodeDecodeError:
        pass
    try:
        return content.decode(charset).encode()
    except (LookupError, ValueError):
        return content


# --- headers and words ------------------------------


def _header(message: Message, name: str) -> str:
    return str(message.get(name) or "")


def _decoded(text: str) -> str:
    """Return a name that was written as an encoded word (RFC 2047)."""
    if "=?" not in text:
        return text
    try:
        return str(make_header(decode_header(text)))
    except (LookupError, ValueError, MessageError):
        return text


def _moment(message: Message) -> datetime | None:
    try:
        moment = parsedate_to_datetime(_header(message, "Date"))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _addresses(message: Message, places: Sequence[LinkPlace]) -> Iterator[str]:
    """Give each address within the places once, in the order of the message."""
    seen: set[str] = set()
    for part in message.walk() if places else ():
        for address in _addresses_in(part):
            if address not in seen and any(_leads(place, address) for place in places):
                seen.add(address)
                yield address


def _addresses_in(part: Message) -> list[str]:
    kind = part.get_content_type()
    if part.is_multipart() or kind not in {"text/plain", "text/html"} or part.get_filename():
        return []
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return []
    try:
        text = content.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        text = content.decode("latin-1")
    if kind == "text/html":
        return [unescape(address) for address in _HREF.findall(text)]
    return [address.rstrip(".,;:!?)]}") for address in _ADDRESS.findall(text)]


def _leads(place: LinkPlace, address: str) -> bool:
    try:
        return place.leads_to(address)
    except ValueError:  # brackets that close nothing
        return False
