"""From settings to open wires: which of them are set up, and one channel for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from rokt_helpers import contract
from rokt_helpers.channels.channel import Channel, Finding
from rokt_helpers.channels.custom_audience import CustomAudienceChannel
from rokt_helpers.channels.events import EventsChannel, limits_for
from rokt_helpers.channels.feed import FeedChannel
from rokt_helpers.channels.http import Renew, basic
from rokt_helpers.channels.legacy_audience import LegacyAudienceChannel, key_alone
from rokt_helpers.channels.legacy_events import LegacyEventsChannel
from rokt_helpers.channels.sftp import SftpChannel
from rokt_helpers.channels.sftp_login import KeyFile, Login, Password
from rokt_helpers.clock import Clock
from rokt_helpers.errors import InputError, SettingsError
from rokt_helpers.events import Spelling
from rokt_helpers.plan import Limits, Via
from rokt_helpers.settings import Settings

__all__ = ["Wires", "spelling_of"]


class Wires:
    """The wires of one account, each opened at its first use."""

    def __init__(self, settings: Settings, *, clock: Clock | None = None) -> None:
        self._settings = settings
        self._clock = clock or Clock()
        self._channels: dict[str, Channel] = {}
        self._open = ExitStack()

    def channel(self, via: str) -> Channel:
        """Return the open channel of a wire.

        Raises
        ------
        InputError, SettingsError
            When there is no such wire; when it is not set up.
        """
        if via not in _WIRES:
            known = " or ".join(repr(name) for name in _WIRES)
            raise InputError(f"via is {known}, not {via!r}.")
        if via not in self._channels:
            wire = _WIRES[via]
            fields = wire.needs(self._settings)
            self._settings.require(*fields, purpose=f"use {wire.spoken}")
            channel = wire.open(self._settings, self._clock)
            self._open.callback(channel.close)
            self._channels[via] = channel
        return self._channels[via]

    def missing(self, via: str) -> list[str]:
        """Return the environment variables that a wire needs and nobody has set."""
        return self._settings.missing(*_WIRES[via].needs(self._settings))

    def limits(self, via: Via) -> Limits:
        """Return what a wire takes at once: Rokt's figures, or what the settings say instead."""
        limits, settings = self.channel(via).limits, self._settings
        if via == "sftp":
            return replace(limits, batch_bytes=settings.sftp_file_bytes)
        if via == "events":
            return limits_for(settings.events_batches_per_second)
        if via not in _CUSTOM_AUDIENCE:
            return limits
        return replace(
            limits,
            batch_rows=settings.api_batch_rows,
            starts_per_second=settings.api_starts_per_second,
            in_flight=settings.api_in_flight,
        )

    def account_for(self, via: Via) -> str:
        """Return the account that a wire leads to."""
        needed = _WIRES[via].needs(self._settings) if via in _WIRES else ()
        fields = dict.fromkeys(("account_id", *needed))
        purpose = f"deliver over {via}"
        return self._settings.require(*fields, purpose=purpose).account_id

    def hosts(self) -> set[str] | None:
        """Return the hosts of a sandbox or a rehearsal: one that is gone took its lists with it.

        None when live: Rokt's lists are the same whatever address leads to them.
        """
        settings = self._settings
        if settings.is_rokt_itself:
            return None
        urls = (settings.api_url, settings.events_url, settings.legacy_events_url)
        hosts = {urlsplit(url).netloc for url in urls}
        servers = (
            (settings.sftp_host, settings.sftp_port),
            (settings.feed_host, settings.feed_port),
        )
        return hosts | {f"{host}:{port}" for host, port in servers}

    def check(self) -> list[Finding]:
        """Prove what is set up, and write nothing."""
        return [finding for look in self.checks().values() for finding in look()]

    def checks(self) -> dict[str, Callable[[], list[Finding]]]:
        """Return by the name of each wire to look at what proves it, to be called one by one."""
        vias = [via for via in _WIRES if via in _ALWAYS_CHECKED or not self.missing(via)]
        return {_WIRES[via].spoken: partial(self._check, via) for via in vias}

    def _check(self, via: str) -> list[Finding]:
        wire = _WIRES[via]
        missing = self.missing(via)
        if missing in (["ROKT_SFTP_HOST_KEY"], ["ROKT_FEED_HOST_KEY"]):
            # With nothing pinned nothing is trusted, but the error shows the server's key.
            return _check_and_close(wire.open(self._settings, self._clock))
        if missing:
            detail = f"not set up: {', '.join(missing)}"
            return [Finding(wire.spoken, well=False, detail=detail)]
        try:
            return self.channel(via).check()
        except SettingsError as error:
            return [Finding(wire.spoken, well=False, detail=str(error))]

    def close(self) -> None:
        """Close every connection."""
        self._open.close()


def _check_and_close(channel: Channel) -> list[Finding]:
    try:
        return channel.check()
    finally:
        channel.close()


def _renewing(settings: Settings, header: Callable[[Settings], str]) -> Renew:
    """Return what reads a header anew: keys are changed at Rokt while a workbench is open."""

    def renew() -> str | None:
        try:
            return header(settings.with_fresh_credentials())
        except SettingsError:
            return None  # what is set now is no key

    return renew


def _key_pair(settings: Settings) -> str:
    """Return the header of the key pair; SettingsError where one of them is another key."""
    for name, value, prefix in (
        ("PUBLIC", settings.public_key, contract.PUBLIC_KEY_PREFIX),
        ("SECRET", settings.secret_key.get_secret_value(), contract.SECRET_KEY_PREFIX),
    ):
        if not value.startswith(prefix):
            raise SettingsError(
                f"ROKT_{name}_KEY does not start with {prefix}: it may be another key."
            )
    return basic(settings.public_key, settings.secret_key)


def _open_api(settings: Settings, _clock: Clock) -> Channel:
    _key_pair(settings)
    return CustomAudienceChannel(
        settings.api_url,
        account_id=settings.account_id,
        public_key=settings.public_key,
        secret_key=settings.secret_key,
        renew=_renewing(settings, _key_pair),
    )


def _open_legacy_api(settings: Settings, _clock: Clock) -> Channel:
    renew = _renewing(settings, lambda fresh: key_alone(fresh.api_key))
    return LegacyAudienceChannel(settings.api_url, api_key=settings.api_key, renew=renew)


def _open_events(settings: Settings, _clock: Clock) -> Channel:
    return EventsChannel(
        settings.events_url,
        key=settings.events_key,
        secret=settings.events_secret,
        spelling=spelling_of(settings),
        renew=_renewing(settings, lambda fresh: basic(fresh.events_key, fresh.events_secret)),
    )


def _open_legacy_events(settings: Settings, clock: Clock) -> Channel:
    def header(fresh: Settings) -> str:
        if settings.legacy_events_version == "v1":
            return basic(fresh.app_id, fresh.app_secret)
        return basic(fresh.public_key, fresh.secret_key)

    return LegacyEventsChannel(
        settings.legacy_events_url,
        account_id=settings.account_id,
        version=settings.legacy_events_version,
        public_key=settings.public_key,
        secret_key=settings.secret_key,
        app_id=settings.app_id,
        app_secret=settings.app_secret,
        clock=clock,
        renew=_renewing(settings, header),
    )


def _open_feed(settings: Settings, _clock: Clock) -> Channel:
    def renew() -> tuple[str, Login]:
        fresh = settings.with_fresh_credentials()
        return fresh.feed_username, Password(fresh.feed_password)

    return FeedChannel(
        settings.feed_host,
        port=settings.feed_port,
        username=settings.feed_username,
        password=settings.feed_password,
        host_key=settings.feed_host_key,
        folder=settings.feed_folder,
        compression=settings.feed_compression,
        pgp_key_file=settings.feed_pgp_key_file,
        spelling=spelling_of(settings),
        renew=renew,
    )


def _open_sftp(settings: Settings, _clock: Clock) -> Channel:
    def login(now: Settings) -> KeyFile:
        if now.sftp_key_file is None:
            raise SettingsError("ROKT_SFTP_KEY_FILE is no longer set.")
        return KeyFile(now.sftp_key_file.expanduser(), now.sftp_key_passphrase)

    def renew() -> tuple[str, Login]:
        fresh = settings.with_fresh_credentials()
        return fresh.sftp_username, login(fresh)

    first = login(settings)
    return SftpChannel(
        settings.sftp_host,
        port=settings.sftp_port,
        username=settings.sftp_username,
        key_file=first.key_file,
        passphrase=first.passphrase,
        host_key=settings.sftp_host_key,
        root=settings.sftp_root,
        conversions_folder=settings.sftp_conversions_folder,
        renew=renew,
    )


def spelling_of(settings: Settings) -> Spelling:
    """Return how people and audiences are written for the Event and Audience API."""
    return Spelling(
        environment=settings.events_environment,
        attribute=settings.events_attribute,
        event=settings.events_membership_event,
        identities=settings.events_identities,
    )


@dataclass(frozen=True)
class _Wire:
    """How a wire is called, which settings it needs, and how it is opened.

    ``more`` are those it needs by the version of its interface that the settings name.
    """

    spoken: str
    fields: tuple[str, ...]
    open: Callable[[Settings, Clock], Channel]
    more: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def needs(self, settings: Settings) -> tuple[str, ...]:
        """Return the settings that have to be there."""
        return (*self.fields, *self.more.get(settings.legacy_events_version, ()))


_WIRES: Final[dict[str, _Wire]] = {
    "api": _Wire(
        "custom audience API", ("account_id", "public_key", "secret_key", "api_url"), _open_api
    ),
    "api-legacy": _Wire("legacy custom audience API", ("api_key", "api_url"), _open_legacy_api),
    "events": _Wire(
        "Event and Audience API", ("events_key", "events_secret", "events_url"), _open_events
    ),
    "events-legacy": _Wire(
        "legacy Event API",
        ("account_id", "legacy_events_url"),
        _open_legacy_events,
        more={"v1": ("app_id", "app_secret"), "v2": ("public_key", "secret_key")},
    ),
    "events-sftp": _Wire(
        "newer SFTP",
        ("feed_host", "feed_username", "feed_password", "feed_host_key", "feed_folder"),
        _open_feed,
    ),
    "sftp": _Wire(
        "SFTP", ("sftp_host", "sftp_username", "sftp_key_file", "sftp_host_key"), _open_sftp
    ),
}
_CUSTOM_AUDIENCE: Final = frozenset({"api", "api-legacy"})
# The others are looked at only where somebody set them up: few accounts have them all.
_ALWAYS_CHECKED: Final = frozenset({"api", "sftp"})
