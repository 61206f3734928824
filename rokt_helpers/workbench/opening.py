"""Open the workbench on an account; where the settings name no sandbox, one is brought along."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from rokt_helpers.sandbox import Sandbox
from rokt_helpers.settings import Settings, load_settings
from rokt_helpers.workbench.workbench import Workbench

__all__ = ["open_workbench"]


def open_workbench(
    profile: str | None = None, *, account: str | None = None, **overrides: Any
) -> Workbench:
    """Open the workbench on an account.

    Parameters
    ----------
    profile
        ``sandbox``, ``staging`` or ``live``; None takes ``ROKT_PROFILE``, and without it the
        sandbox. One that is not running yet is started and lives as long as the workbench is open.
    account
        One of several accounts, by the name of its file; None takes ``ROKT_ACCOUNT``, and without
        it the account of ``.env``.
    overrides
        Settings by field name, for programs; people set the environment.

    Raises
    ------
    SettingsError, GuardError
        When the settings cannot be used; when a sandbox is aimed at another machine.
    """
    settings = load_settings(profile, account=account, **overrides)
    if not settings.leaves_this_computer and not settings.api_url and not settings.sftp_host:
        return _embedded(settings, overrides)
    return Workbench(settings)


def _embedded(settings: Settings, overrides: dict[str, Any]) -> Workbench:
    """Start a sandbox of its own for a workbench that was opened without one."""
    with ExitStack() as running:
        sandbox = running.enter_context(Sandbox())
        fields = {
            name.removeprefix("ROKT_").lower(): value for name, value in sandbox.environment.items()
        }
        workbench = Workbench(
            load_settings(
                account=settings.account or None, **{**overrides, "home": settings.home, **fields}
            )
        )
        workbench._open.push(running.pop_all())  # noqa: SLF001  the one place that composes
        workbench.brought_sandbox = True
    return workbench
