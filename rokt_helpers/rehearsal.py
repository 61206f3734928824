"""Staging never leads to the account that is live here, as far as this computer can know.

A test account and the real one differ in a number that nobody reads twice. What was delivered live,
from here or by the team that shares the ledger, tells which number that is.
"""

from __future__ import annotations

from pathlib import Path

from rokt_helpers.errors import GuardError
from rokt_helpers.ledger import Ledger, accounts_in
from rokt_helpers.profiles import is_rokt_itself, leaves_this_computer
from rokt_helpers.settings import Settings

__all__ = ["keep_off_live"]


def keep_off_live(settings: Settings, ledger: Ledger) -> None:
    """Raise GuardError when a staging profile has the id of an account that was delivered to live.

    Nothing is known of an account to which nothing was ever delivered.
    """
    rehearses = leaves_this_computer(settings.profile) and not is_rokt_itself(settings.profile)
    if not rehearses or not settings.account_id:
        return
    live = accounts_in(_live_ledger(settings)) | ledger.accounts("live")
    if settings.account_id in live:
        raise GuardError(
            f"The profile is {settings.profile}, but account {settings.account_id} is the one that "
            "was delivered to live. Nothing was sent. Set the test account's ROKT_ACCOUNT_ID and "
            "keys; to work for real set ROKT_PROFILE=live.",
            guard="live_account_in_staging",
        )


def _live_ledger(settings: Settings) -> Path:
    return settings.folder.parent / "live" / "ledger.sqlite"
