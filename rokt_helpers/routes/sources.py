"""From settings to the routes that are set up.

Each route is on once its host (or folder) is named; then the rest of it has to be there, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self

from pydantic import SecretStr

from rokt_helpers.errors import SettingsError
from rokt_helpers.referrals.inbox import RemoteFolder
from rokt_helpers.routes.folder import LocalFolder
from rokt_helpers.routes.ftps_drop import FtpsDrop, FtpsPlace
from rokt_helpers.routes.mail import MailFolder, MailPlace
from rokt_helpers.routes.saved_mail import SavedMail
from rokt_helpers.routes.sftp_drop import SftpDrop, SftpPlace
from rokt_helpers.settings import Settings

__all__ = ["Route", "Routes"]


class ClosableFolder(RemoteFolder, Protocol):
    """A folder with a connection behind it."""

    def close(self) -> None:
        """Close it; the next use opens it anew."""


@dataclass(frozen=True)
class Route:
    """One way on which referrals arrive: its name in the vault, and what a person calls it."""

    name: str
    spoken: str
    folder: ClosableFolder


class Routes:
    """The routes that are set up, beside Rokt's own SFTP. Nothing is connected before its use.

    Parameters
    ----------
    settings
        Where and who.
    now
        The present moment, aware.
    state
        The folder in which opened messages are remembered; None remembers nothing.

    Raises
    ------
    SettingsError
        A route is begun and not complete; the message names what is missing.
    """

    def __init__(
        self, settings: Settings, *, now: Callable[[], datetime], state: Path | None = None
    ) -> None:
        self._now = now
        self._state = state
        self._open = ExitStack()
        self.all: tuple[Route, ...] = tuple(self._set_up(settings))
        for route in self.all:
            self._open.callback(route.folder.close)

    def __enter__(self) -> Self:
        """Give the routes."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close every connection."""
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._open.close()

    def _set_up(self, settings: Settings) -> Iterator[Route]:
        if settings.referrals_sftp_host:
            yield Route("sftp-drop", "the SFTP drop", SftpDrop(_sftp(settings)))
        if settings.referrals_ftps_host:
            yield Route("ftps-drop", "the FTPS drop", FtpsDrop(_ftps(settings)))
        if settings.referrals_imap_host:
            memory = self._memory("mail")
            yield Route("mail", "e-mail", MailFolder(_mail(settings), now=self._now, memory=memory))
        if settings.referrals_folder is not None:
            saved = SavedMail(
                settings.referrals_folder,
                link_hosts=_parted(settings.referrals_imap_link_hosts),
                ca_file=settings.referrals_imap_ca_file,
                memory=self._memory("saved-mail"),
            )
            yield Route("folder", "the folder", LocalFolder(settings.referrals_folder))
            yield Route("saved-mail", "saved e-mail", saved)

    def _memory(self, name: str) -> Path | None:
        return self._state / f"{name}.json" if self._state else None


# A drop whose host key nobody pinned is set up, for the refusal shows the key to pin.
_NEEDED: Final = {
    "SFTP drop": ("referrals_sftp_username",),
    "FTPS drop": ("referrals_ftps_username", "referrals_ftps_password"),
    "mailbox": ("referrals_imap_username", "referrals_imap_password", "referrals_imap_senders"),
}


def _require(settings: Settings, spoken: str) -> None:
    missing = [f"ROKT_{n.upper()}" for n in _NEEDED[spoken] if not _is_set(getattr(settings, n))]
    if missing:
        raise SettingsError(
            f"To collect referrals from the {spoken}, set {', '.join(missing)} too, or take "
            "its host out of the settings."
        )


def _is_set(value: object) -> bool:
    return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)


def _sftp(settings: Settings) -> SftpPlace:
    _require(settings, "SFTP drop")
    return SftpPlace(
        host=settings.referrals_sftp_host,
        port=settings.referrals_sftp_port,
        username=settings.referrals_sftp_username,
        password=settings.referrals_sftp_password,
        key_file=settings.referrals_sftp_key_file,
        passphrase=settings.referrals_sftp_key_passphrase,
        host_key=settings.referrals_sftp_host_key,
        folder=settings.referrals_sftp_folder,
    )


def _ftps(settings: Settings) -> FtpsPlace:
    _require(settings, "FTPS drop")
    return FtpsPlace(
        host=settings.referrals_ftps_host,
        port=settings.referrals_ftps_port,
        username=settings.referrals_ftps_username,
        password=settings.referrals_ftps_password,
        folder=settings.referrals_ftps_folder,
        ca_file=settings.referrals_ftps_ca_file,
    )


def _mail(settings: Settings) -> MailPlace:
    _require(settings, "mailbox")
    return MailPlace(
        host=settings.referrals_imap_host,
        port=settings.referrals_imap_port,
        username=settings.referrals_imap_username,
        password=settings.referrals_imap_password,
        senders=_parted(settings.referrals_imap_senders),
        folder=settings.referrals_imap_folder,
        link_hosts=_parted(settings.referrals_imap_link_hosts),
        look_back_days=settings.referrals_imap_look_back_days,
        ca_file=settings.referrals_imap_ca_file,
    )


def _parted(text: str) -> tuple[str, ...]:
    """Return the parts of a list written with commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())
