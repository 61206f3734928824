"""A workbench that stays open while its keys are changed at Rokt: Monday's kernel on Thursday."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from keyrings.alt.file import PlaintextKeyring

from rokt_helpers.errors import Refused
from rokt_helpers.plan import DeliveryPlan
from rokt_helpers.sandbox import Fault, Sandbox
from rokt_helpers.sandbox.sftp_server import new_key, write_key
from rokt_helpers.settings import load_settings
from rokt_helpers.workbench import Workbench, open_workbench
from tests.deliver.lists import audience
from tests.events.test_conversions_sent import purchases
from tests.settings.conftest import Vault

WriteFile = Callable[..., Path]


class Place:
    """A sandbox whose keys stand in .env, and in no variable."""

    def __init__(self, sandbox: Sandbox, write: WriteFile) -> None:
        self.sandbox = sandbox
        self._write = write
        self.set_up()

    def set_up(self, **others: str) -> None:
        """Write the sandbox's keys of now into .env."""
        given = self.sandbox.environment.items()
        fields = {name.removeprefix("ROKT_").lower(): value for name, value in given}
        self._write(".env", **{**fields, "pickup_seconds": "5", **others})

    def statuses(self) -> list[int]:
        """Return how each request was answered."""
        return [request.status for request in self.sandbox.requests()]


@pytest.fixture
def place(file_of_settings: WriteFile) -> Iterator[Place]:
    """A running sandbox, set up in a file."""
    with Sandbox(pickup_seconds=0.05, referral_days=2) as running:
        yield Place(running, file_of_settings)


def plan_of(workbench: Workbench, via: Any, count: int) -> DeliveryPlan:
    if via in {"api", "api-legacy", "events", "sftp"}:
        return workbench.plan(audience(count), list="VIP", via=via)
    return workbench.plan_conversions(purchases(count), via=via)


def let_go(workbench: Workbench, via: str) -> None:
    """End the connection, as a server does after a while; HTTP says who it is every time."""
    if "sftp" in via:
        workbench._wires.channel(via).close()


@pytest.mark.parametrize(
    ("via", "version"),
    [
        ("api", "v2"),
        ("api-legacy", "v2"),
        ("events", "v2"),
        ("events-legacy", "v1"),
        ("events-legacy", "v2"),
        ("events-sftp", "v2"),
        ("sftp", "v2"),
    ],
)
def test_the_same_workbench_goes_on_with_the_new_key(place: Place, via: str, version: str) -> None:
    """On every wire: a key changed at Rokt stops it, the same change here lets it go on."""
    with open_workbench(legacy_events_version=version) as workbench:
        assert workbench.deliver(plan_of(workbench, via, 5)).delivered
        place.sandbox.rotate_keys()
        if via == "sftp":  # its file is replaced by the rotation: put another one there
            write_key(place.sandbox.folder / "keys" / "practice.pem", new_key())
        let_go(workbench, via)
        again = plan_of(workbench, via, 6)
        with pytest.raises(Refused, match="not accept"):
            workbench.deliver(again)
        if via == "sftp":
            place.sandbox.rotate_keys()
        place.set_up()
        assert workbench.deliver(again).delivered


def test_a_refused_key_is_read_anew_once_and_repeated_only_when_it_changed(place: Place) -> None:
    """With the old key one request is made, with a new one two, and the next has it at once."""
    with open_workbench() as workbench:
        plan = workbench.plan(audience(5), list="VIP")
        place.sandbox.rotate_keys()
        with pytest.raises(Refused, match=r"key pair was not accepted \(401\)"):
            workbench.deliver(plan)
        assert place.statuses() == [401]
        place.set_up()
        workbench.deliver(plan)
        workbench.deliver(workbench.plan(audience(6), list="VIP"))
    assert place.statuses() == [401, 401, 201, 201]
    assert len(place.sandbox.members("VIP")) == 6


def test_a_key_changed_in_the_middle_of_a_delivery(place: Place) -> None:
    """Of many batches none is lost and none goes twice when the key changes on the way."""
    place.set_up(api_batch_rows="10", api_starts_per_second="1000", api_in_flight="4")
    with open_workbench() as workbench:
        plan = workbench.plan(audience(120), list="VIP")

        def change(progress: Any) -> None:
            if progress.done == 40:
                place.sandbox.rotate_keys()
                place.set_up(api_batch_rows="10")

        receipt = workbench.deliver(plan, progress=change)
    assert (receipt.delivered, receipt.rows_sent_now) == (True, 120)
    assert len(place.sandbox.members("VIP")) == 120
    statuses = place.statuses()
    assert (statuses.count(201), 1 <= statuses.count(401) <= 4) == (12, True)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_without_a_new_key_is_not_repeated(place: Place, status: int) -> None:
    """The same key is not tried twice, whatever the refusal is called."""
    place.sandbox.script(Fault.answer(status))
    with open_workbench() as workbench, pytest.raises(Refused, match=f"accepted \\({status}\\)"):
        workbench.deliver(workbench.plan(audience(5), list="VIP"))
    assert place.statuses() == [status]


@pytest.mark.parametrize("what", ["account_id", "secret_key", "sftp_port"])
def test_what_is_set_now_and_cannot_be_meant_changes_nothing(place: Place, what: str) -> None:
    """Another account, a key that is none, a file that cannot be read: the old key stays."""
    with open_workbench() as workbench:
        plan = workbench.plan(audience(5), list="VIP")
        place.sandbox.rotate_keys()
        place.set_up(**{what: "none"})
        with pytest.raises(Refused, match="not accepted"):
            workbench.deliver(plan)
    assert place.statuses() == [401]


def test_the_check_takes_the_new_key(place: Place) -> None:
    """A check of a workbench that has been open for days proves the keys of today."""
    with open_workbench() as workbench:
        assert all(finding.well for finding in workbench.check())
        place.sandbox.rotate_keys()
        place.set_up()
        for via in ("sftp", "events-sftp"):
            let_go(workbench, via)
        assert [f.detail for f in workbench.check() if not f.well] == []


def test_referrals_are_fetched_with_the_new_key_file(place: Place, tmp_path: Path) -> None:
    """A key file under another name is taken, for the path is read anew as well."""
    with open_workbench() as workbench:
        assert len(workbench.fetch_referrals().files_new) == 2
        place.sandbox.rotate_keys()
        key = shutil.move(place.sandbox.environment["ROKT_SFTP_KEY_FILE"], tmp_path / "new.pem")
        place.set_up(sftp_key_file=str(key))
        let_go(workbench, "sftp")
        assert workbench.fetch_referrals().files_new == ()


def test_a_key_out_of_the_keyring_and_one_out_of_a_vault_are_read_anew(
    place: Place, own_keyring: PlaintextKeyring, vault: Vault
) -> None:
    """What was changed in the keyring, or in the vault, is found there at the first refusal."""
    service, command = "rokt-workbench-sandbox", vault.command("{name}")

    def keep() -> None:
        given = place.sandbox.environment
        own_keyring.set_password(service, "ROKT_API_KEY", given["ROKT_API_KEY"])
        vault.keep({"ROKT_SECRET_KEY": given["ROKT_SECRET_KEY"]})
        place.set_up(api_key="", secret_key="", secret_command=command)

    keep()
    with open_workbench() as workbench:
        for via, first in (("api", 5), ("api-legacy", 7)):
            workbench.deliver(plan_of(workbench, via, first))
        place.sandbox.rotate_keys()
        keep()
        for via, then in (("api", 6), ("api-legacy", 8)):
            assert workbench.deliver(plan_of(workbench, via, then)).delivered
    assert place.statuses() == [201, 201, 401, 201, 401, 201]


def test_only_keys_are_read_anew(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where we send, and which host key is trusted, is not changed behind an open workbench."""
    settings = load_settings()
    place.set_up(api_url="http://127.0.0.1:9", sftp_host_key="SHA256:other", secret_key="rsec-new")
    monkeypatch.chdir(os.sep)  # wherever the kernel has gone meanwhile
    fresh = settings.with_fresh_credentials()
    assert fresh.secret_key.get_secret_value() == "rsec-new"
    assert (fresh.api_url, fresh.sftp_host_key) == (settings.api_url, settings.sftp_host_key)
