"""The composition root: settings to channels, ledger, vault; sandbox or live is chosen here.

Everything below works on whatever it is handed and does not know which of the two it is.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Collection
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Literal, Self

from rokt_helpers import contract
from rokt_helpers.audience import PreparedAudience
from rokt_helpers.channels.channel import Channel, Finding
from rokt_helpers.channels.custom_audience import CustomAudienceChannel
from rokt_helpers.channels.sftp import SftpChannel
from rokt_helpers.clock import Clock
from rokt_helpers.deliver import Patience, Receipt, deliver, read_receipt
from rokt_helpers.errors import GuardError, InputError, SettingsError
from rokt_helpers.ledger import Ledger, RunRecord
from rokt_helpers.plan import DeliveryPlan, Mode, Target, Via, make_plan
from rokt_helpers.progress import OnProgress
from rokt_helpers.referrals.inbox import Collected, collect
from rokt_helpers.referrals.vault import Vault
from rokt_helpers.sandbox import Sandbox
from rokt_helpers.settings import Settings, load_settings

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

__all__ = ["Personal", "Workbench", "open_workbench"]

Personal = Literal["hash", "keep"]

_API_FIELDS: Final = ("account_id", "public_key", "secret_key", "api_url")
_SFTP_FIELDS: Final = ("sftp_host", "sftp_username", "sftp_key_file", "sftp_host_key")


class Workbench:
    """One open account: plan, deliver, look back, collect. Close it, or use it in ``with``."""

    def __init__(self, settings: Settings, *, clock: Clock | None = None) -> None:
        self.settings = settings
        self._clock = clock or Clock()
        self._open = ExitStack()
        where = settings.ledger_url.get_secret_value() or settings.folder / "ledger.sqlite"
        self._ledger = Ledger(where)
        self._open.callback(self._ledger.close)
        self._channels: dict[str, Channel] = {}

    @property
    def profile(self) -> str:
        """``sandbox`` or ``live``."""
        return self.settings.profile

    # --- delivering ---------------------------

    def plan(
        self,
        prepared: PreparedAudience,
        *,
        list: str = contract.DEFAULT_LIST,
        action: contract.Action = "include",
        via: Via = "api",
        mode: Mode = "full",
        allow: Collection[str] = (),
    ) -> DeliveryPlan:
        """Seal what would be sent, and send nothing.

        Parameters
        ----------
        list
            The custom audience list; names are kept as they are, capitals too.
        action
            ``include`` puts people on the list, ``exclude`` takes them off it.
        via
            ``api`` (custom audience import) or ``sftp`` (one file in the list's folder).
        mode
            ``full`` sends the whole prepared audience.
        allow
            Guards to pass, by name; :data:`rokt_helpers.plan.GUARDS` lists them.

        Raises
        ------
        SettingsError
            When the account or the wire is not set up.
        InputError, GuardError
            When a choice is unknown; when nothing was accepted.
        """
        target = self._target(via, list=list, action=action)
        return self._sealed(prepared, target, mode, allow)

    def plan_conversions(
        self, prepared: PreparedAudience, *, allow: Collection[str] = ()
    ) -> DeliveryPlan:
        """Seal a one-column file of people who bought, for the SFTP's conversions folder."""
        target = self._target("sftp", list="conversions", action="include", purpose="conversions")
        return self._sealed(prepared, target, "full", allow)

    def deliver(
        self,
        plan: DeliveryPlan,
        *,
        progress: OnProgress | None = None,
        cancel: threading.Event | None = None,
    ) -> Receipt:
        """Send exactly the sealed plan; called again, send only what is not confirmed yet.

        Raises
        ------
        GuardError
            When this workbench does not lead to where the plan was sealed for.
        DeliveryError
            When a batch was not confirmed. Its ``receipt`` says what was.
        """
        self._keep_to_account(plan)
        return deliver(
            plan,
            channel=self._channel(plan.target.via),
            ledger=self._ledger,
            clock=self._clock,
            patience=Patience(pickup_seconds=self.settings.pickup_seconds),
            progress=progress,
            cancel=cancel,
        )

    def _keep_to_account(self, plan: DeliveryPlan) -> None:
        """Refuse a plan of another account: over SFTP its host alone would not give it away."""
        here = (self.profile, self.settings.account_id)
        if (plan.target.profile, plan.target.account) != here:
            raise GuardError(
                f"The plan was sealed for account {plan.target.account} in the profile "
                f"{plan.target.profile}, and this workbench is open on another. Make a new plan. "
                "Nothing was sent.",
                guard="other_target",
            )

    def history(self, limit: int = 100) -> list[RunRecord]:
        """Return the last runs, newest first."""
        return self._ledger.runs(limit)

    def receipt(self, run_id: str) -> Receipt:
        """Return the receipt of an earlier run.

        Raises
        ------
        InputError
            When the ledger has no such run.
        """
        try:
            return read_receipt(self._ledger, run_id)
        except LookupError:
            raise InputError(f"There is no run {run_id!r}. `rokt history` lists them.") from None

    # --- looking ------------------------------

    def check(self) -> list[Finding]:
        """Prove credentials, host key and folders, and write nothing."""
        findings: list[Finding] = []
        for via, fields in (("api", _API_FIELDS), ("sftp", _SFTP_FIELDS)):
            missing = self.settings.missing(*fields)
            if missing == ["ROKT_SFTP_HOST_KEY"]:
                # With nothing pinned nothing is trusted, but the error shows the server's key.
                findings.extend(self._check_unpinned())
            elif missing:
                detail = f"not set up: {', '.join(missing)}"
                findings.append(Finding(_WIRES[via], well=False, detail=detail))
            else:
                findings.extend(self._check_wire(via))
        return findings

    def _check_unpinned(self) -> list[Finding]:
        channel = self._sftp_channel(self.settings)
        try:
            return channel.check()
        finally:
            channel.close()

    def _check_wire(self, via: str) -> list[Finding]:
        try:
            return self._channel(via).check()
        except SettingsError as error:
            return [Finding(_WIRES[via], well=False, detail=str(error))]

    # --- referrals ----------------------------

    def fetch_referrals(
        self, *, personal: Personal = "hash", progress: OnProgress | None = None
    ) -> Collected:
        """Collect the referral files that are new, each once, into the vault.

        Parameters
        ----------
        personal
            ``hash`` keeps the digest of the e-mail address and drops every other column that
            names a person; ``keep`` keeps them all.
        """
        channel = self._channel("sftp")
        if not isinstance(channel, SftpChannel):
            raise TypeError("referrals lie on the SFTP")
        return collect(channel, self._vault(personal), now=self._clock.now, progress=progress)

    def referrals(self) -> pd.DataFrame:
        """Return every collected referral, one a row, in the columns of the tidy table."""
        return self.referral_table().to_pandas()

    def referral_table(self) -> pl.DataFrame:
        """Return the same table for :mod:`rokt_helpers.referrals.analysis`, which wants Polars."""
        return self._vault("hash").read()

    # --- inside -------------------------------

    def _vault(self, personal: Personal) -> Vault:
        return Vault(self.settings.folder / "referrals", personal=personal)

    def _sealed(
        self, prepared: PreparedAudience, target: Target, mode: Mode, allow: Collection[str]
    ) -> DeliveryPlan:
        return make_plan(
            prepared,
            target=target,
            limits=self._channel(target.via).limits,
            plan_id=str(uuid.uuid4()),
            mode=mode,
            allow=allow,
        )

    def _target(
        self,
        via: Via,
        *,
        list: str,
        action: contract.Action,
        purpose: Literal["audience", "conversions"] = "audience",
    ) -> Target:
        fields = {"api": _API_FIELDS, "sftp": ("account_id", *_SFTP_FIELDS)}.get(via, ())
        settings = self.settings.require(*fields, purpose=f"deliver over {via}")
        return Target(
            profile=settings.profile,
            via=via,
            account=settings.account_id,
            host=self._channel(via).host,
            list=list,
            action=action,
            purpose=purpose,
        )

    def _channel(self, via: str) -> Channel:
        if via not in self._channels:
            if via not in _WIRES:
                known = " or ".join(repr(name) for name in _WIRES)
                raise InputError(f"via is {known}, not {via!r}.")
            channel = self._open_api() if via == "api" else self._open_sftp()
            self._open.callback(channel.close)
            self._channels[via] = channel
        return self._channels[via]

    def _open_api(self) -> Channel:
        settings = self.settings.require(*_API_FIELDS, purpose="use the custom audience API")
        for name, prefix in (
            ("public_key", contract.PUBLIC_KEY_PREFIX),
            ("secret_key", contract.SECRET_KEY_PREFIX),
        ):
            value = getattr(settings, name)
            text = value if isinstance(value, str) else value.get_secret_value()
            if not text.startswith(prefix):
                raise SettingsError(
                    f"ROKT_{name.upper()} does not start with {prefix}: it may be another key."
                )
        return CustomAudienceChannel(
            settings.api_url,
            account_id=settings.account_id,
            public_key=settings.public_key,
            secret_key=settings.secret_key,
        )

    def _open_sftp(self) -> Channel:
        return self._sftp_channel(self.settings.require(*_SFTP_FIELDS, purpose="use Rokt's SFTP"))

    @staticmethod
    def _sftp_channel(settings: Settings) -> SftpChannel:
        if settings.sftp_key_file is None:
            raise TypeError("required by every caller")
        return SftpChannel(
            settings.sftp_host,
            port=settings.sftp_port,
            username=settings.sftp_username,
            key_file=settings.sftp_key_file,
            passphrase=settings.sftp_key_passphrase,
            host_key=settings.sftp_host_key,
            root=settings.sftp_root,
        )

    def close(self) -> None:
        """Close the ledger and every connection."""
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Workbench {self.profile}, account {self.settings.account_id or 'not set'}>"


_WIRES: Final = {"api": "custom audience API", "sftp": "SFTP"}


def open_workbench(profile: str | None = None, **overrides: Any) -> Workbench:
    """Open the workbench on an account.

    Parameters
    ----------
    profile
        ``sandbox`` or ``live``; None takes ``ROKT_PROFILE``, and without it the sandbox. A sandbox
        that is not running yet is started and lives as long as the workbench is open.
    overrides
        Settings by field name, for programs; people set the environment.

    Raises
    ------
    SettingsError, GuardError
        When the settings cannot be used; when a sandbox is aimed at another machine.
    """
    settings = load_settings(profile, **overrides)
    if settings.profile == "sandbox" and not settings.api_url and not settings.sftp_host:
        return _embedded(settings, overrides)
    return Workbench(settings)


def _embedded(settings: Settings, overrides: dict[str, Any]) -> Workbench:
    """Start a sandbox of its own for a workbench that was opened without one."""
    with ExitStack() as running:
        sandbox = running.enter_context(Sandbox())
        fields = {
            name.removeprefix("ROKT_").lower(): value for name, value in sandbox.environment.items()
        }
        workbench = Workbench(load_settings(**{**overrides, "home": settings.home, **fields}))
        workbench._open.push(running.pop_all())  # noqa: SLF001  the one place that composes
    return workbench
