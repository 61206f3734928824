"""Read the settings: the environment and the nearest ``.env`` upwards."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from rokt_helpers import contract
from rokt_helpers.errors import SettingsError
from rokt_helpers.settings.addresses import keep_lessons_at_home
from rokt_helpers.settings.fields import Settings, env_file

__all__ = ["load_settings"]


def load_settings(profile: str | None = None, **overrides: Any) -> Settings:
    """Read the environment and the nearest ``.env`` upwards; the environment wins.

    Parameters
    ----------
    profile
        ``sandbox``, ``staging`` or ``live``; None takes ``ROKT_PROFILE``, and without it the
        sandbox.

    Raises
    ------
    SettingsError
        When a value cannot be used. The message names the variable, never a secret's value.
    GuardError
        When the sandbox profile is aimed at a machine other than this one.
    """
    if profile is not None:
        overrides["profile"] = profile
    try:
        settings = Settings(_env_file=env_file() or None, **overrides)
    except ValidationError as error:
        raise SettingsError(_explain(error)) from None
    settings = settings.model_copy(update=_live_defaults(settings))
    keep_lessons_at_home(settings)
    return settings


def _live_defaults(settings: Settings) -> dict[str, str]:
    """Fill in Rokt's own addresses, which only the live profile may know."""
    if not settings.is_rokt_itself:
        return {}
    return {
        "api_url": settings.api_url or contract.LIVE_API_URL,
        "events_url": settings.events_url or contract.LIVE_EVENTS_URL,
        "legacy_events_url": settings.legacy_events_url or contract.LIVE_LEGACY_EVENTS_URL,
        "sftp_host": settings.sftp_host or contract.LIVE_SFTP_HOST,
    }


def _explain(error: ValidationError) -> str:
    problems = []
    for item in error.errors(include_input=False, include_url=False):
        name = "ROKT_" + "_".join(str(part) for part in item["loc"]).upper()
        problems.append(f"{name} {item['msg'].removeprefix('Value error, ')}")
    return "; ".join(problems) + ". Correct it in the environment or in .env."
