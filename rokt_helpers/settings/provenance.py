"""Where each setting came from, so that a person can be told without being shown a value."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from rokt_helpers.settings.keepers import Keeper, Keyring, keyring_is_there

if TYPE_CHECKING:
    from rokt_helpers.settings.fields import Settings

__all__ = ["Layer", "Provenance", "SecretOrigin", "Source"]

Source = Literal[
    "program", "environment", "account file", ".env file", "keyring", "command", "not set"
]


@dataclass(frozen=True)
class Layer:
    """What one place says: field by field, as text, with the place's kind and where it is."""

    source: Source
    where: str
    values: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class SecretOrigin:
    """Where a secret came from, never what it is.

    Attributes
    ----------
    name
        The variable.
    where
        The file, the keyring's service; empty where the source says it all.
    remark
        What a person should know of it; empty is nothing.
    """

    name: str
    source: Source
    where: str = ""
    remark: str = ""

    def __str__(self) -> str:
        where = f" {self.where}" if self.where else ""
        return f"{self.name}: {self.source}{where}" + (f". {self.remark}" if self.remark else "")


@dataclass
class Provenance:
    """How settings were read: which layer gave which field, who else is asked, how to read anew.

    ``file`` is where a person would write what is missing.
    """

    origins: dict[str, tuple[Source, str]] = field(default_factory=dict)
    keepers: tuple[Keeper, ...] = ()
    file: str = ""
    again: Callable[[], Settings] | None = None

    def fetch(self, name: str) -> str:
        """Ask each keeper in turn for the secret of a field, and note who had it."""
        variable = f"ROKT_{name.upper()}"
        for keeper in self.keepers:
            if secret := keeper.fetch(variable):
                self.origins[name] = keeper.source, getattr(keeper, "service", "")
                return secret
        return ""

    def origin(self, name: str) -> SecretOrigin:
        """Say where the secret of a field came from; a late one was read before this is asked."""
        source, where = self.origins.get(name, ("not set", ""))
        remark = ""
        if source in {"account file", ".env file"} and _others_may_read(Path(where)):
            remark = "Others on this computer may read that file: chmod 600 keeps them out."
        return SecretOrigin(f"ROKT_{name.upper()}", source, where, remark)

    def advice(self, variables: list[str]) -> str:
        """Return the sentences on where else these secrets could lie, and who could not be asked.

        Empty where none of them is a secret.
        """
        if not variables:
            return ""
        services = [keeper.service for keeper in self.keepers if isinstance(keeper, Keyring)]
        said = [
            f"The keyring takes secrets too: keyring set {service} {variables[0]}."
            for service in services
            if keyring_is_there()
        ]
        said += [keeper.trouble for keeper in self.keepers if keeper.trouble]
        return "".join(f" {sentence}" for sentence in said)


def _others_may_read(path: Path) -> bool:
    if os.name == "nt":
        return False  # the mode there says nothing of who may read
    try:
        return bool(path.stat().st_mode & 0o077)
    except OSError:
        return False
