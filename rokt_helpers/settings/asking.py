"""Whom to ask for secrets that stand in no file, by what the settings say."""

from __future__ import annotations

from typing import Final

from rokt_helpers.errors import SettingsError
from rokt_helpers.settings.fields import SECRETS, Settings
from rokt_helpers.settings.keepers import SERVICE, Command, Keeper, Keyring

__all__ = ["keepers_of"]

# A secret that is of no use without its other half: where that half is set, it is asked for.
_HALVES: Final = {
    "secret_key": "public_key",
    "events_secret": "events_key",
    "app_secret": "app_id",
    "feed_password": "feed_username",
    "referrals_ftps_password": "referrals_ftps_username",
    "referrals_imap_password": "referrals_imap_username",
}


def keepers_of(settings: Settings) -> tuple[Keeper, ...]:
    """Return the keyring, and the command where there is one, in the order they are asked.

    Raises
    ------
    SettingsError
        When the command cannot be used, or is to give what is no secret.
    """
    keyring = Keyring(_service(settings))
    template = settings.secret_command.get_secret_value()
    if not template:
        return (keyring,)
    given = _given(settings)
    command = Command(
        template,
        given=given,
        surely=given - {f"ROKT_{name.upper()}" for name in _HALVES},
        account=settings.account,
        profile=settings.profile,
        seconds=settings.secret_command_seconds,
    )
    return (keyring, command)


def _service(settings: Settings) -> str:
    """Return under which name secrets lie in the keyring: one for each profile and account."""
    profile = "" if settings.is_rokt_itself else f"-{settings.profile}"
    account = f"/{settings.account}" if settings.account else ""
    return f"{SERVICE}{profile}{account}"


def _given(settings: Settings) -> frozenset[str]:
    """Return the variables that the command is to be asked for."""
    listed = [word.strip().upper() for word in settings.secret_command_names.split(",")]
    names = {word if word.startswith("ROKT_") else f"ROKT_{word}" for word in listed if word}
    unknown = sorted(names - {f"ROKT_{name.upper()}" for name in SECRETS})
    if unknown:
        raise SettingsError(
            f"ROKT_SECRET_COMMAND_NAMES names {unknown[0]}, which is no secret. docs/settings.md "
            "lists them."
        )
    halves = {secret for secret, half in _HALVES.items() if getattr(settings, half)}
    return frozenset(names or {f"ROKT_{name.upper()}" for name in halves})
