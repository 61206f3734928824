"""Every setting, by name and type. Each is the environment variable ``ROKT_<NAME>``."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, PrivateAttr, SecretStr, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from rokt_helpers import contract
from rokt_helpers.errors import RoktError, SettingsError
from rokt_helpers.files import private_folder
from rokt_helpers.profiles import Profile, is_rokt_itself, leaves_this_computer
from rokt_helpers.settings.addresses import is_loopback
from rokt_helpers.settings.provenance import Provenance, SecretOrigin

__all__ = ["DEFAULT_HOME", "SECRETS", "Settings"]

DEFAULT_HOME: Final = Path("~/.rokt-workbench")
# What opens the wires, and is read anew when a key was changed at Rokt: secrets, and the halves
# that are none. Where we send, for which account, and which host keys are trusted stays as it is.
CREDENTIALS: Final = (
    "public_key", "secret_key", "api_key", "events_key", "events_secret", "app_id", "app_secret",
    "feed_username", "feed_password", "sftp_username", "sftp_key_file", "sftp_key_passphrase",
    "referrals_sftp_username", "referrals_sftp_password", "referrals_sftp_key_file",
    "referrals_sftp_key_passphrase", "referrals_ftps_username", "referrals_ftps_password",
    "referrals_imap_username", "referrals_imap_password",
)  # fmt: skip


class Settings(BaseSettings):
    """Each field is the environment variable ``ROKT_<NAME>``; ``.env.example`` explains them."""

    model_config = SettingsConfigDict(
        env_prefix="ROKT_", extra="ignore", frozen=True, env_ignore_empty=True
    )

    profile: Profile = "sandbox"
    account: str = ""
    home: Path = DEFAULT_HOME
    account_id: str = ""
    public_key: str = ""
    secret_key: SecretStr = SecretStr("")
    api_url: str = ""
    api_key: SecretStr = SecretStr("")
    events_url: str = ""
    events_key: str = ""
    events_secret: SecretStr = SecretStr("")
    events_environment: Literal["development", "production"] = "production"
    events_attribute: str = "audience_{list}"
    events_membership_event: bool = False
    events_identities: Literal["rokt", "mparticle"] = "rokt"
    events_batches_per_second: float = Field(
        default=contract.MAX_BATCHES_PER_SECOND, gt=0, le=10_000
    )
    feed_host: str = ""
    feed_port: int = Field(default=contract.LIVE_FEED_PORT, ge=1, le=65535)
    feed_username: str = ""
    feed_password: SecretStr = SecretStr("")
    feed_host_key: str = ""
    feed_folder: str = ""
    feed_compression: Literal["none", "gz", "zip"] = "none"
    feed_pgp_key_file: Path | None = None
    legacy_events_url: str = ""
    legacy_events_version: Literal["v1", "v2"] = "v2"
    app_id: str = ""
    app_secret: SecretStr = SecretStr("")
    api_batch_rows: int = Field(default=contract.MAX_IDENTIFIERS_PER_REQUEST, ge=1, le=1_000_000)
    api_starts_per_second: float = Field(default=contract.MAX_STARTS_PER_SECOND, gt=0, le=1000)
    api_in_flight: int = Field(default=contract.MAX_IN_FLIGHT, ge=1, le=100)
    sftp_host: str = ""
    sftp_port: int = Field(default=contract.LIVE_SFTP_PORT, ge=1, le=65535)
    sftp_username: str = ""
    sftp_key_file: Path | None = None
    sftp_key_passphrase: SecretStr = SecretStr("")
    sftp_host_key: str = ""
    sftp_root: str = ""
    sftp_file_bytes: int = Field(default=contract.MAX_UPLOAD_BYTES, ge=1_000)
    sftp_conversions_folder: str = contract.CONVERSIONS_FOLDER
    referrals_retention_days: int = Field(default=contract.REFERRAL_RETENTION_DAYS, ge=1, le=366)
    referrals_fields: Path | None = None
    referrals_sftp_host: str = ""
    referrals_sftp_port: int = Field(default=22, ge=1, le=65535)
    referrals_sftp_username: str = ""
    referrals_sftp_password: SecretStr = SecretStr("")
    referrals_sftp_key_file: Path | None = None
    referrals_sftp_key_passphrase: SecretStr = SecretStr("")
    referrals_sftp_host_key: str = ""
    referrals_sftp_folder: str = ""
    referrals_ftps_host: str = ""
    referrals_ftps_port: int = Field(default=21, ge=1, le=65535)
    referrals_ftps_username: str = ""
    referrals_ftps_password: SecretStr = SecretStr("")
    referrals_ftps_folder: str = ""
    referrals_ftps_ca_file: Path | None = None
    referrals_imap_host: str = ""
    referrals_imap_port: int = Field(default=993, ge=1, le=65535)
    referrals_imap_username: str = ""
    referrals_imap_password: SecretStr = SecretStr("")
    referrals_imap_folder: str = "INBOX"
    referrals_imap_senders: str = ""
    referrals_imap_link_hosts: str = ""
    referrals_imap_ca_file: Path | None = None
    referrals_imap_look_back_days: int = Field(default=30, ge=1, le=3660)
    referrals_folder: Path | None = None
    receiver_token: SecretStr = SecretStr("")
    receiver_user: str = ""
    receiver_password: SecretStr = SecretStr("")
    secret_command: SecretStr = SecretStr("")
    secret_command_names: str = ""
    secret_command_seconds: float = Field(default=20.0, gt=0, le=600)
    pickup_seconds: float = Field(default=30.0, ge=0)
    ledger_url: SecretStr = SecretStr("")
    shared_folder: str = ""
    person: str = Field(default="", max_length=64)
    approval: Literal["", "required"] = ""
    approval_hours: float = Field(default=24.0, gt=0, le=720)
    notify: SecretStr = SecretStr("")
    notify_command: SecretStr = SecretStr("")
    notify_kinds: str = ""
    notify_again_days: int = Field(default=0, ge=0, le=366)

    _provenance: Provenance = PrivateAttr(default_factory=Provenance)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  the library's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003  :func:`load_settings` reads it
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  the same
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what is handed in; :func:`load_settings` reads, and knows what came from where."""
        return (init_settings,)

    @field_validator("api_url", "events_url", "legacy_events_url")
    @classmethod
    def _https_only(cls, url: str) -> str:
        if not url:
            return url
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("is not an address that starts with https://")
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise ValueError("is plain http, which would show the keys on the way; use https")
        if parts.username or parts.password:
            raise ValueError("must not hold a user name or password")
        return url.rstrip("/")

    @field_validator("sftp_host_key", "feed_host_key", "referrals_sftp_host_key")
    @classmethod
    def _a_fingerprint(cls, fingerprint: str) -> str:
        if fingerprint and not fingerprint.startswith("SHA256:"):
            raise ValueError("is not a fingerprint of the form SHA256:…")
        return fingerprint

    @property
    def person_name(self) -> str:
        """Who works here: as the settings say, or the name of the login."""
        try:
            return self.person.strip() or getpass.getuser()[:64]
        except (OSError, KeyError, ImportError):
            raise SettingsError(
                "This computer does not know who you are: set ROKT_PERSON."
            ) from None

    @property
    def leaves_this_computer(self) -> bool:
        """What is sent goes to another machine: a person confirms it, and no guard is lenient."""
        return leaves_this_computer(self.profile)

    @property
    def is_rokt_itself(self) -> bool:
        """It goes to the live account, whatever address leads there."""
        return is_rokt_itself(self.profile)

    @property
    def folder(self) -> Path:
        """Where this profile keeps its state; no two of them share one. Mode 0700."""
        try:
            return private_folder(private_folder(self.home.expanduser()) / self.profile)
        except OSError as error:
            raise SettingsError(
                f"The state folder {self.home} cannot be used: {error.strerror}. Check ROKT_HOME."
            ) from None

    @property
    def account_folder(self) -> Path:
        """Where this account keeps what is not to be mixed with another's, such as referrals."""
        return self.folder_of(self.account)

    def folder_of(self, account: str) -> Path:
        """Return the folder of an account by its name; of the one without a name, ``folder``."""
        if not account:
            return self.folder
        return private_folder(private_folder(self.folder / "accounts") / account)

    def accounts_with_state(self) -> list[str]:
        """Return the accounts that have a folder here, that without a name first."""
        return ["", *sorted(place.name for place in (self.folder / "accounts").glob("*/"))]

    def missing(self, *names: str) -> list[str]:
        """Return the environment variables among the named fields that are not set."""
        return [f"ROKT_{name.upper()}" for name in names if not _is_set(getattr(self, name))]

    def require(self, *names: str, purpose: str) -> Self:
        """Return self, or raise SettingsError that names what is missing and where to put it."""
        missing = self.missing(*names)
        if missing:
            secrets = [f"ROKT_{name.upper()}" for name in SECRETS]
            place = self._provenance.file or "a file named .env in the project folder"
            raise SettingsError(
                f"To {purpose}, set {', '.join(missing)}: in the environment, or in {place}. "
                ".env.example shows each of them."
                + self._provenance.advice([name for name in missing if name in secrets])
            )
        return self

    # --- secrets ------------------------------

    def secret_origins(self) -> list[SecretOrigin]:
        """Say of each secret where it came from. Those kept outside of files are asked for now."""
        return [self._origin(name) for name in SECRETS]

    def _origin(self, name: str) -> SecretOrigin:
        try:
            _is_set(getattr(self, name))
        except SettingsError as error:
            return SecretOrigin(f"ROKT_{name.upper()}", "not set", remark=str(error))
        return self._provenance.origin(name)

    def with_fresh_credentials(self) -> Self:
        """Return these settings with keys and passwords as they are set by now.

        Everything else stays. Where nothing can be read anew, or what is read now is of another
        account, nothing changes.
        """
        try:
            fresh = self._provenance.again() if self._provenance.again else self
        except RoktError:
            return self
        if (fresh.profile, fresh.account_id) != (self.profile, self.account_id):
            return self
        return self.model_copy(update={name: getattr(fresh, name) for name in CREDENTIALS})


def _is_set(value: object) -> bool:
    return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)


# Commands are hidden too, for one may hold a secret, but are none that anybody is asked for.
_COMMANDS: Final = frozenset({"secret_command", "notify_command"})
SECRETS: Final = tuple(
    name
    for name, field in Settings.model_fields.items()
    if field.annotation is SecretStr and name not in _COMMANDS
)
