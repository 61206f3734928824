"""Who is told: addresses for e-mail, Slack, Teams and others, and a command of one's own.

The law kept here: an address is a secret, and no message of ours shows more of it than its kind.
"""

from __future__ import annotations

import hashlib
import importlib
import logging
import shlex
import subprocess
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol
from urllib.parse import parse_qs, urlsplit

from rokt_helpers.errors import SettingsError, Unavailable
from rokt_helpers.extras import how_to_install
from rokt_helpers.notices.text import Notice
from rokt_helpers.settings import Settings, is_loopback

__all__ = ["Receiver", "count_receivers", "receivers"]

_COMMAND_SECONDS: Final = 60
_LIBRARY: Final = "apprise"


class Receiver(Protocol):
    """Somebody who can be told."""

    @property
    def key(self) -> str:
        """What the receiver is known by in the file of what was told; shows nothing of it."""

    @property
    def spoken(self) -> str:
        """What a person calls this kind of receiver."""

    def take(self, notice: Notice) -> None:
        """Hand it over.

        Raises
        ------
        Unavailable
            When it was not taken.
        """


def receivers(settings: Settings) -> list[Receiver]:
    """Return everybody who is to be told, in the order of the settings.

    On the sandbox only receivers on this computer: nothing leaves it.

    Raises
    ------
    SettingsError
        When an address or the command cannot be used, or the library that knows addresses is not
        installed.
    """
    urls = enumerate(settings.notify.get_secret_value().split(), start=1)
    found: list[Receiver] = _told_apart(
        {number: _addressed(number, url) for number, url in urls if _is_used(settings, url)}
    )
    if command := settings.notify_command.get_secret_value():
        found.append(_command(command))
    return found


def count_receivers(settings: Settings) -> dict[str, int]:
    """Return how many receivers are set up, and how many of them are used in this profile."""
    command = bool(settings.notify_command.get_secret_value())
    urls = settings.notify.get_secret_value().split()
    used = [url for url in urls if _is_used(settings, url)]
    return {"set_up": len(urls) + command, "used": len(used) + command}


def _is_used(settings: Settings, url: str) -> bool:
    return settings.leaves_this_computer or _stays_here(url)


def _stays_here(url: str) -> bool:
    """Tell whether an address leads to this computer; of mail it is the server that counts."""
    parts = urlsplit(url)
    hosts = [parts.hostname or "", *parse_qs(parts.query).get("smtp", ())]
    return all(is_loopback(host) for host in hosts)


# --- addresses --------------------------------


@dataclass(frozen=True)
class _Addressed:
    """One address that the library knows how to reach."""

    key: str
    spoken: str
    service: Any

    def take(self, notice: Notice) -> None:
        with _quiet():
            taken = self.service.notify(
                title=notice.subject, body=notice.body, body_format="text", overflow="split"
            )
        if not taken:
            raise Unavailable(f"{self.spoken} did not take the notice.")


def _told_apart(found: Mapping[int, _Addressed]) -> list[Receiver]:
    """Say of two of one kind which address each of them is."""
    kinds = [one.spoken for one in found.values()]
    return [
        replace(one, spoken=f"{one.spoken} (address {number} of ROKT_NOTIFY)")
        if kinds.count(one.spoken) > 1
        else one
        for number, one in found.items()
    ]


def _addressed(number: int, url: str) -> _Addressed:
    library = _library()
    # No picture of theirs is linked to, and nothing is kept on the disk.
    asset = library.AppriseAsset(
        app_id="Rokt Workbench",
        app_desc="Rokt Workbench",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        async_mode=False,
    )
    with _quiet():
        service = library.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if service is None:
        raise SettingsError(
            f"Address {number} of ROKT_NOTIFY cannot be used. It should look like "
            "mailtos://USER:PASSWORD@HOST?to=NAME@HOST, https://hooks.slack.com/services/… or the "
            "address of a Teams workflow; docs/notices.md shows more."
        )
    if not _stays_here(url) and not _is_private(service):
        raise SettingsError(
            f"Address {number} of ROKT_NOTIFY would show its password on the way. Write its first "
            "word with an s at the end, such as mailtos or jsons, and leave certificates checked."
        )
    return _Addressed(_digest(url), str(service.service_name), service)


def _is_private(service: Any) -> bool:
    """Tell whether the line is sealed and proved; a service without a plain form always is."""
    sealed = bool(service.secure) or not service.protocol
    return sealed and bool(service.verify_certificate)


def _library() -> Any:
    try:
        return importlib.import_module(_LIBRARY)
    except ImportError:
        raise SettingsError(
            'To tell people by ROKT_NOTIFY, install the extra "notify": '
            f"{how_to_install('notify')}. ROKT_NOTIFY_COMMAND needs nothing."
        ) from None


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the library's own log out of everything: it may quote an address or an answer.

    What it warns of while it loads its hundred services is not ours to mend either.
    """
    logger = logging.getLogger(_LIBRARY)
    before = logger.disabled
    logger.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.disabled = before


# --- a command --------------------------------


@dataclass(frozen=True)
class _Command:
    """A program that reads the notice: its subject, an empty line, its body."""

    key: str
    words: tuple[str, ...]
    spoken: str = "the command"

    def take(self, notice: Notice) -> None:
        try:
            done = subprocess.run(
                self.words,
                input=f"{notice.subject}\n\n{notice.body}\n".encode(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_COMMAND_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Unavailable(f"The command did not run: {type(error).__name__}.") from None
        if done.returncode:
            raise Unavailable(f"The command ended with exit code {done.returncode}.")


def _command(text: str) -> _Command:
    try:
        words = tuple(shlex.split(text))
    except ValueError:
        words = ()
    if not words:
        raise SettingsError(
            "ROKT_NOTIFY_COMMAND cannot be read: a quote is open. Write a program and its words as "
            "in a terminal; no shell reads them."
        )
    return _Command(_digest(text), words)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:16]
