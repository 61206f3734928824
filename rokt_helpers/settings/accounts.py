"""Several accounts: each has a file of its own, ``accounts/<name>.env`` beside ``.env``.

The law kept here: nobody delivers for one account with the keys of another. With an account named,
whatever says who we are and where we send comes from that account alone; ``.env`` and the
environment give only what is the workbench's own, such as where it keeps its state.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rokt_helpers.errors import SettingsError

__all__ = [
    "Account",
    "account_variable",
    "files_of_settings",
    "find_account",
    "is_of_account",
    "nearest",
    "variable_prefix",
]

FOLDER: Final = "accounts"
# How the fields begin that say who we are and where we send.
_OF_ACCOUNT: Final = (
    "account_id", "api_", "app_", "events_", "feed_", "legacy_events_", "public_key", "receiver_",
    "referrals_", "secret_key", "sftp_",
)  # fmt: skip
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


@dataclass(frozen=True)
class Account:
    """An account by its name, and its file; None where the environment alone knows it."""

    name: str
    file: Path | None


def is_of_account(field: str) -> bool:
    """Tell whether a setting belongs to an account, and not to the workbench as a whole."""
    return field.startswith(_OF_ACCOUNT)


def variable_prefix(name: str) -> str:
    """Return how an account's variables begin in the environment: ``ROKT_BRAND_B__``."""
    return f"ROKT_{name.upper().replace('-', '_')}__"


def account_variable(field: str, account: str) -> str:
    """Return the variable of a setting of an account; an empty name is the one without a name."""
    return f"{variable_prefix(account) if account else 'ROKT_'}{field.upper()}"


def nearest(name: str, *, folder: Path) -> Path | None:
    """Return the file of that name in the folder, or in the nearest one above that has it."""
    return next((path for path in _upwards(name, folder) if path.is_file()), None)


def find_account(wanted: str, *, folder: Path) -> Account:
    """Return the account of a name; capitals do not matter.

    Raises
    ------
    SettingsError
        When there is none: the message names the one that was meant, or all there are.
    """
    name = wanted.strip().lower()
    listed = (path for place in _upwards(FOLDER, folder) for path in _listed(place))
    file = next((path for path in listed if path.stem.lower() == name), None)
    prefix = variable_prefix(name)
    told = any(variable.upper().startswith(prefix) for variable in os.environ)
    # The name becomes a folder of the state, too.
    if _NAME.fullmatch(name) and (file or told):
        return Account(name, file)
    raise SettingsError(_unknown(name, sorted(_known(folder))))


def files_of_settings(folder: Path) -> list[Path]:
    """Return the ``.env`` that is read, and the file of every account."""
    env = nearest(".env", folder=folder)
    places = _upwards(FOLDER, folder)
    return [*([env] if env else []), *(path for place in places for path in _listed(place))]


def _upwards(name: str, folder: Path) -> Iterator[Path]:
    return (place / name for place in (folder, *folder.parents))


def _known(folder: Path) -> set[str]:
    files = (path for place in _upwards(FOLDER, folder) for path in _listed(place))
    named = (re.fullmatch(r"ROKT_([A-Z0-9_]+?)__\w+", variable.upper()) for variable in os.environ)
    return {path.stem.lower() for path in files} | {m[1].lower() for m in named if m}


def _listed(place: Path) -> Iterable[Path]:
    try:
        return [path for path in place.glob("*.env") if path.stem]
    except OSError:
        return []


def _unknown(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        hint = f"Did you mean {close[0]!r}?"
    elif known:
        hint = f"There is {', '.join(map(repr, known))}."
    else:
        hint = "There are no files of accounts yet: docs/settings.md shows how to begin one."
    return f"There is no account {name!r} (ROKT_ACCOUNT): no file {FOLDER}/{name}.env. {hint}"
