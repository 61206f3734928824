"""An opened workbench: its state folder, its ledger, its check and its history."""

from __future__ import annotations

import errno
import json
import ssl
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from rokt_helpers import contract
from rokt_helpers.conversions import prepare_conversions
from rokt_helpers.errors import InputError, SettingsError, spoken
from rokt_helpers.ledger import Ledger
from rokt_helpers.sandbox import Sandbox
from rokt_helpers.settings import is_loopback
from rokt_helpers.workbench import open_workbench
from tests.deliver.lists import audience


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_state_is_its_owner_s_alone(sandbox: Sandbox, home: Path) -> None:
    """The state folders have mode 0700, the ledger and its neighbours 0600."""
    assert sandbox.url
    with open_workbench() as workbench:
        workbench.deliver(workbench.plan(audience(5)))
        ledger = sorted((home / "sandbox").glob("ledger.sqlite*"))
        assert {path.name: mode(path) for path in ledger} == {
            "ledger.sqlite": 0o600,
            "ledger.sqlite-shm": 0o600,
            "ledger.sqlite-wal": 0o600,
        }
    assert (mode(home), mode(home / "sandbox")) == (0o700, 0o700)


def test_sandbox_and_live_share_no_state(home: Path) -> None:
    """Each profile has a ledger of its own."""
    for profile in ("sandbox", "live"):
        with open_workbench(profile) as workbench:
            assert workbench.history() == []
    found = sorted(path.relative_to(home).as_posix() for path in home.rglob("ledger.sqlite"))
    assert found == ["live/ledger.sqlite", "sandbox/ledger.sqlite"]


def test_the_ledger_may_lie_elsewhere(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    """A database URL takes the place of the ledger in the state folder."""
    assert sandbox.url
    monkeypatch.setenv("ROKT_LEDGER_URL", f"sqlite:///{tmp_path}/team.sqlite")
    with open_workbench() as workbench:
        workbench.deliver(workbench.plan(audience(5)))
    with open_workbench() as later:
        assert [run.rows for run in later.history()] == [5]
    assert not list(home.rglob("ledger.sqlite"))


def test_a_plan_is_made_of_what_was_prepared(sandbox: Sandbox) -> None:
    """Another kind of value is refused with the call to make."""
    assert sandbox.url
    table: Any = pl.DataFrame({"email": ["ann@example.com"], "amount": ["1"]})
    bought: Any = prepare_conversions(table)
    with open_workbench() as workbench:
        with pytest.raises(InputError, match="returned, not a DataFrame"):
            workbench.plan(table, list="VIP")
        with pytest.raises(InputError, match=r"conversions, .* use plan_conversions\(\)"):
            workbench.plan(bought, list="VIP")
        with pytest.raises(InputError, match="takes what prepare_conversions"):
            workbench.plan_conversions(table)


def test_a_closed_workbench_says_that_it_is_closed() -> None:
    """Its sandbox is gone with it, and that is no matter of the network."""
    with open_workbench() as workbench:
        plan = workbench.plan(audience(5), list="VIP")
    for call in (
        lambda: workbench.deliver(plan),
        lambda: workbench.plan(audience(5), list="VIP"),
        lambda: workbench.plan_conversions(audience(5)),
    ):
        with pytest.raises(InputError, match=r"is closed; open it again: open_workbench\(\)\."):
            call()


def test_one_guard_is_allowed_by_its_name(sandbox: Sandbox) -> None:
    """A name alone is a guard, and not its letters."""
    assert sandbox.url
    with open_workbench() as workbench:
        workbench.deliver(workbench.plan(audience(5), list="VIP"))
        again = workbench.plan(audience(5), list="VIP", allow="repeat")
        assert workbench.deliver(again).rows_sent_now == 5
        with pytest.raises(InputError, match="no guard 'repeated'"):
            workbench.plan(audience(5), list="VIP", allow="repeated")


@pytest.mark.parametrize(
    "url",
    [
        "hunter2",
        "hunter2://host/db",
        "sqlite:////no/such/folder/hunter2.sqlite",
        "postgresql+nothing://me:hunter2@127.0.0.1/db",
    ],
)
def test_a_ledger_that_cannot_be_opened_is_named(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """A database URL that cannot be used names its variable, and never its password."""
    monkeypatch.setenv("ROKT_LEDGER_URL", url)
    with pytest.raises(SettingsError, match="ROKT_LEDGER_URL") as caught:
        open_workbench("live")
    assert "hunter2" not in str(caught.value)


def test_a_file_that_is_no_ledger_is_left_alone(tmp_path: Path) -> None:
    """A file that holds something else is named as no ledger and stays as it was."""
    (tmp_path / "ledger").write_text("something else" * 99)
    with pytest.raises(SettingsError, match="cannot be opened"):
        Ledger(tmp_path / "ledger")
    assert (tmp_path / "ledger").read_text() == "something else" * 99


def test_a_disk_that_takes_nothing_is_named(home: Path) -> None:
    """A limit on the size of files, as a full disk does, keeps the ledger from its first table."""
    home.mkdir()
    program = str(Path(sys.executable).with_name("rokt"))
    shell = 'ulimit -f 8; exec "$0" history --profile live'
    done = subprocess.run(
        ["/bin/sh", "-c", shell, program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "nothing is sent without it: the disk did not take it (it is full," in done.stderr
    assert str(home) not in done.stderr


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "canary", "canary.csv"), "OSError (No space left on device)"),
        (PermissionError(errno.EACCES, "canary"), "PermissionError (Permission denied)"),
        (OSError("canary"), "OSError"),
        (ssl.SSLError(1, "canary"), "SSLError"),
        (ValueError("canary"), "ValueError"),
    ],
)
def test_of_a_foreign_error_only_the_system_s_words_are_said(error: Exception, said: str) -> None:
    """Neither its own words, which may hold a value, nor the name of a file."""
    assert spoken(error) == said


def test_a_state_folder_that_is_a_file_is_named(home: Path) -> None:
    """Where a file lies in the place of the state folder the variable to look at is named."""
    home.touch()
    with pytest.raises(SettingsError, match="Check ROKT_HOME"):
        open_workbench()


def test_the_ledger_holds_no_identifier(sandbox: Sandbox, home: Path) -> None:
    """After deliveries over both wires no digest of a person is among the ledger's bytes."""
    assert sandbox.url
    prepared = audience(5)
    with open_workbench() as workbench:
        for via in ("api", "sftp"):
            workbench.deliver(workbench.plan(prepared, via=via))
    stored = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert [value for value in prepared.identifiers if value.encode() in stored] == []
    assert b"AdvertiserDatabase" in stored


# --- the workbench ------------------------------


def test_a_workbench_without_settings_brings_its_own_sandbox(home: Path) -> None:
    """Opened with nothing set it runs against a sandbox of its own, and is well."""
    with open_workbench(pickup_seconds=3) as workbench:
        assert (workbench.profile, workbench.settings.pickup_seconds) == ("sandbox", 3)
        assert is_loopback(workbench.settings.sftp_host)
        findings = workbench.check()
        receipts = [
            workbench.deliver(workbench.plan(audience(5), via=via)) for via in ("api", "sftp")
        ]
    assert [finding.what for finding in findings if not finding.well] == []
    assert len(findings) == 10
    assert [receipt.delivered for receipt in receipts] == [True, True]
    assert (home / "sandbox" / "ledger.sqlite").exists()


def test_a_check_changes_nothing(sandbox: Sandbox) -> None:
    """A check asks for no import, leaves no file and makes no list."""
    with open_workbench() as workbench:
        findings = workbench.check()
        assert workbench.history() == []
    assert [finding.well for finding in findings] == [True] * 10
    assert {request.path for request in sandbox.requests()} == {contract.AUTH_CHECK_PATH}
    assert (sandbox.files(), sandbox.lists()) == ([], {contract.DEFAULT_LIST: 0})


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SECRET_KEY", "rsec-wrong", "key pair was not accepted"),
        ("ACCOUNT_ID", "1", "accountId is not an account of this key pair"),
        ("SFTP_USERNAME", "nobody", "did not accept the key file for user 'nobody'"),
        ("SFTP_HOST_KEY", "SHA256:wrong", "SHA256:wrong is pinned"),
        ("SFTP_HOST_KEY", "", "No host key is pinned"),
        ("SFTP_KEY_FILE", "/no/key.pem", "There is no key file /no/key.pem"),
        ("SFTP_PORT", "1", "could not be reached"),
        ("SFTP_ROOT", "/nowhere", "missing"),
    ],
)
def test_a_check_finds_what_is_wrong(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    """What is wrong with one wire is found and said, and the other wire is still looked at."""
    assert sandbox.url
    monkeypatch.setenv(f"ROKT_{name}", value)
    with open_workbench() as workbench:
        findings = workbench.check()
    bad = [finding for finding in findings if not finding.well]
    assert bad
    assert all(said in finding.detail for finding in bad)
    assert any(finding.well for finding in findings)


def test_history_and_receipts(sandbox: Sandbox) -> None:
    """History lists runs, the newest first, and each one's receipt can be had again."""
    assert sandbox.url
    with open_workbench() as workbench:
        made = [workbench.deliver(workbench.plan(audience(5 + n))) for n in range(3)]
        runs = workbench.history()
        assert [run.rows for run in runs] == [7, 6, 5]
        assert [run.run_id for run in workbench.history(1)] == [made[-1].run_id]
        again = workbench.receipt(made[0].run_id)
        assert (again.batches, again.rows_sent_now) == (made[0].batches, 0)
        assert json.loads(json.dumps(again.to_dict()))["rows_confirmed"] == 5
        assert list(again.to_pandas()["outcome"]) == ["confirmed"]
        with pytest.raises(InputError, match="There is no run 'none'"):
            workbench.receipt("none")
