"""What proves to an SFTP server who we are: a private key, or a password.

Each also knows the settings it comes from, so that whoever is turned away is told where to look.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from pydantic import SecretStr

from rokt_helpers.channels.private_keys import read_private_key

__all__ = ["KeyFile", "Login", "Password"]


@dataclass(frozen=True)
class KeyFile:
    """The private key that Rokt sent for its older server, and its passphrase if it has one."""

    key_file: Path
    passphrase: SecretStr

    what: ClassVar[str] = "the key file"
    whom: ClassVar[str] = "your Rokt account manager"
    settings: ClassVar[str] = "ROKT_SFTP_USERNAME and ROKT_SFTP_KEY_FILE"
    host_key_setting: ClassVar[str] = "ROKT_SFTP_HOST_KEY"

    def proof(self) -> dict[str, Any]:
        """Return what paramiko's client takes; SettingsError where the file cannot be used."""
        return {"pkey": read_private_key(self.key_file, self.passphrase)}


@dataclass(frozen=True)
class Password:
    """The password for the newer server. It is said only once the host key was found to be ours."""

    password: SecretStr

    what: ClassVar[str] = "the password"
    whom: ClassVar[str] = "your Rokt account manager"
    settings: ClassVar[str] = "ROKT_FEED_USERNAME and ROKT_FEED_PASSWORD"
    host_key_setting: ClassVar[str] = "ROKT_FEED_HOST_KEY"

    def proof(self) -> dict[str, Any]:
        """Return what paramiko's client takes."""
        return {"password": self.password.get_secret_value()}


Login = KeyFile | Password
