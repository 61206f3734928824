"""Read the settings: which place goes over which, and what only the live profile may know.

From the strongest on: what the program hands in, the environment, the file of a named account, the
nearest ``.env`` upwards; and for secrets that stand in none of them the keyring, then a command.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource

from rokt_helpers import contract
from rokt_helpers.errors import GuardError, SettingsError
from rokt_helpers.profiles import is_rokt_itself, leaves_this_computer
from rokt_helpers.settings.accounts import (
    Account,
    account_variable,
    files_of_settings,
    find_account,
    is_of_account,
    nearest,
    variable_prefix,
)
from rokt_helpers.settings.addresses import keep_lessons_at_home
from rokt_helpers.settings.asking import keepers_of
from rokt_helpers.settings.explaining import explain
from rokt_helpers.settings.fields import SECRETS, Settings
from rokt_helpers.settings.late import LateSecret
from rokt_helpers.settings.provenance import Layer, Provenance

__all__ = ["load_settings"]

_UNFILLED: Final = "…"  # how the examples in .env.example end


def load_settings(
    profile: str | None = None, *, account: str | None = None, **overrides: Any
) -> Settings:
    """Read the environment, an account's file and the nearest ``.env`` upwards; the first wins.

    Parameters
    ----------
    profile
        ``sandbox``, ``staging`` or ``live``; None takes ``ROKT_PROFILE``, and without it the
        sandbox.
    account
        The name of an account, as its file ``accounts/<name>.env`` has it; None takes
        ``ROKT_ACCOUNT``, and without it the account of ``.env``.
    overrides
        Settings by field name, for programs.

    Raises
    ------
    SettingsError
        When a value cannot be used, or there is no such account. The message names the variable,
        never a secret's value.
    GuardError
        When the sandbox profile is aimed at a machine other than this one, or staging at an
        account that a file says is live.
    """
    chosen = {"profile": profile, "account": account}
    overrides |= {name: value for name, value in chosen.items() if value is not None}
    return _load(overrides, Path.cwd())


def _load(overrides: dict[str, Any], folder: Path) -> Settings:
    layers = _layers(overrides, folder)
    values: dict[str, Any] = {}
    provenance = Provenance(file=_file_to_fill(layers))
    for layer in layers:
        for name, value in layer.values.items():
            if name not in values:
                values[name] = value
                provenance.origins[name] = layer.source, layer.where
    try:
        settings = Settings(**values)
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False)
        raise SettingsError(explain(faults, values, provenance.origins)) from None
    provenance.keepers = keepers_of(settings)
    pinned = overrides | {"profile": settings.profile, "account": settings.account}
    provenance.again = partial(_load, pinned, folder)
    settings = settings.model_copy(update=_live_defaults(settings) | _late(settings, provenance))
    settings._provenance = provenance  # noqa: SLF001  what is read belongs to what was read
    keep_lessons_at_home(settings)
    _keep_rehearsals_apart(settings, folder)
    return settings


def _late(settings: Settings, provenance: Provenance) -> dict[str, LateSecret]:
    """Return, for each secret that no file has, one that is asked for when it is needed."""
    return {
        name: LateSecret(partial(provenance.fetch, name))
        for name in SECRETS
        if not getattr(settings, name).get_secret_value()
    }


# --- what stands where ------------------------


def _layers(overrides: dict[str, Any], folder: Path) -> list[Layer]:
    """Return the places that may speak, the strongest first."""
    layers = [
        Layer("program", "", overrides),
        Layer("environment", "", _known(_unquoted(EnvSettingsSource(Settings)()))),
    ]
    if file := nearest(".env", folder=folder):
        layers.append(Layer(".env file", str(file), _read_file(file)))
    name = _first("account", layers)
    return _for_account(layers, find_account(name, folder=folder)) if name else layers


def _for_account(layers: list[Layer], account: Account) -> list[Layer]:
    """Put an account's own layers in, and take out what others say of who we are."""
    prefix = variable_prefix(account.name)
    own = [
        Layer(
            "environment",
            "",
            _known(_unquoted(EnvSettingsSource(Settings, env_prefix=prefix)())),
        ),
        *(
            [Layer("account file", str(account.file), _read_file(account.file))]
            if account.file
            else []
        ),
    ]
    said = _first("profile", own)
    profile = _first("profile", [*layers[:2], *own, *layers[2:]]) or "sandbox"
    named = Layer("program", "", dict(layers[0].values) | {"account": account.name})
    if not leaves_this_computer(profile) and said != profile:
        return [named, *layers[1:]]  # a lesson is never given the keys of an account
    if said and said != profile:
        raise SettingsError(
            f"The account {account.name!r} is for the profile {said}, and {profile} was asked for. "
            f"Work with ROKT_PROFILE={said}, or correct the account's own ROKT_PROFILE."
        )
    environment, others = layers[1], layers[2:]
    if leaves_this_computer(profile):
        _refuse_doubt(environment, account)
    return [named, environment, *own, *(_of_workbench(layer) for layer in others)]


def _refuse_doubt(environment: Layer, account: Account) -> None:
    """Stop where the environment says who we are without saying of which account."""
    doubtful = sorted(filter(is_of_account, environment.values))
    if doubtful:
        field = doubtful[0]
        raise SettingsError(
            f"The environment sets {account_variable(field, '')}, which may be another account's "
            f"than {account.name!r}. Unset it, or call it {account_variable(field, account.name)}."
        )


def _of_workbench(layer: Layer) -> Layer:
    values = {name: value for name, value in layer.values.items() if not is_of_account(name)}
    return Layer(layer.source, layer.where, values)


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return _known(DotEnvSettingsSource(Settings, env_file=path, env_file_encoding="utf-8")())
    except (OSError, UnicodeDecodeError):
        raise SettingsError(
            f"{path} cannot be read. Check the rights on it, and that it is text in UTF-8."
        ) from None


def _unquoted(said: dict[str, Any]) -> dict[str, Any]:
    """Take off quotes around a whole value, as in ``.env``.

    What reads an env file for a container leaves them on, and a quoted key fits no lock.
    """
    bare = {name: _bare(value) if isinstance(value, str) else value for name, value in said.items()}
    return {name: value for name, value in bare.items() if value != ""}


def _bare(value: str) -> str:
    first, inside, last = value[:1], value[1:-1], value[1:][-1:]
    return inside if first == last and first in {"'", '"'} and first not in inside else value


def _known(said: dict[str, Any]) -> dict[str, Any]:
    """Return what is a setting and was filled in."""
    return {
        name: value
        for name, value in said.items()
        if name in Settings.model_fields and not str(value).endswith(_UNFILLED)
    }


def _first(name: str, layers: Iterable[Layer]) -> str:
    return next((str(layer.values[name]) for layer in layers if layer.values.get(name)), "")


def _file_to_fill(layers: list[Layer]) -> str:
    files = (layer.where for layer in layers if layer.source in {"account file", ".env file"})
    return next(files, "")


# --- what follows from it ---------------------


def _keep_rehearsals_apart(settings: Settings, folder: Path) -> None:
    """Stop staging with the id of an account that a file here says is the live one."""
    if settings.is_rokt_itself or not settings.leaves_this_computer or not settings.account_id:
        return
    for file in files_of_settings(folder):
        said = _read_file(file)
        named = is_rokt_itself(str(said.get("profile", "")))
        if named and said.get("account_id") == settings.account_id:
            raise GuardError(
                f"The profile is {settings.profile}, but {file} says that account "
                f"{settings.account_id} is the live one. Set the test account's ROKT_ACCOUNT_ID "
                "and keys, best in a file accounts/<name>.env of its own.",
                guard="live_account_in_staging",
            )


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
