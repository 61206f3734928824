"""What a team shares: one ledger, and one folder beside it.

The law kept here: a folder is only shared by those who share a ledger, for its locks are what keeps
them from writing over one another.
"""

from __future__ import annotations

from typing import Final

from rokt_helpers.errors import SettingsError
from rokt_helpers.ledger import Ledger
from rokt_helpers.rehearsal import keep_off_live
from rokt_helpers.settings import Settings
from rokt_helpers.storage import Storage, open_storage

__all__ = ["open_ledger", "shared_storage"]

_POSTGRES: Final = ("postgresql", "postgres")


def shared_storage(settings: Settings) -> Storage | None:
    """Return where this profile's part of the shared folder lies; None where nothing is shared.

    Raises
    ------
    SettingsError
        When the ledger is not one that several machines can share.
    """
    if not settings.shared_folder:
        return None
    if not settings.ledger_url.get_secret_value().startswith(_POSTGRES):
        raise SettingsError(
            "ROKT_SHARED_FOLDER needs a ledger that all who use it share, whose locks keep them "
            "from writing over one another: set ROKT_LEDGER_URL=postgresql://…, or unset it."
        )
    return open_storage(settings.shared_folder).below(settings.profile)


def open_ledger(settings: Settings, shared: Storage | None) -> Ledger:
    """Open the ledger that the settings name.

    Raises
    ------
    SettingsError
        When it cannot be opened.
    GuardError
        When a staging profile has the id of an account that was delivered to live.
    """
    where = settings.ledger_url.get_secret_value() or settings.folder / "ledger.sqlite"
    ledger = Ledger(where, folder=settings.folder, shared=shared)
    try:
        keep_off_live(settings, ledger)
    except BaseException:
        ledger.close()
        raise
    return ledger
