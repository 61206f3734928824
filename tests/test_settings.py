from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from rokt_helpers import contract
from rokt_helpers.errors import GuardError, InputError, SettingsError
from rokt_helpers.ledger import Ledger
from rokt_helpers.sandbox import Sandbox
from rokt_helpers.settings import Settings, is_loopback, load_settings
from rokt_helpers.workbench import open_workbench
from tests.deliver.lists import audience

SECRETS = {
    "ROKT_SECRET_KEY": "rsec-very-secret",
    "ROKT_EVENTS_SECRET": "events-very-secret",
    "ROKT_APP_SECRET": "app-very-secret",
    "ROKT_SFTP_KEY_PASSPHRASE": "open sesame",
    "ROKT_FEED_PASSWORD": "feed-very-secret",
    "ROKT_RECEIVER_TOKEN": "receiver-very-secret",
    "ROKT_RECEIVER_PASSWORD": "pushed-very-secret",
    "ROKT_REFERRALS_SFTP_PASSWORD": "drop-very-secret",
    "ROKT_REFERRALS_SFTP_KEY_PASSPHRASE": "key-very-secret",
    "ROKT_REFERRALS_FTPS_PASSWORD": "ftps-very-secret",
    "ROKT_REFERRALS_IMAP_PASSWORD": "mail-very-secret",
    "ROKT_LEDGER_URL": "postgresql://me:hunter2@127.0.0.1/ledger",
}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("profile", "live", "live"),
        ("home", "/some/where", Path("/some/where")),
        ("account_id", "007", "007"),
        ("public_key", "rpub-1", "rpub-1"),
        ("secret_key", "rsec-1", SecretStr("rsec-1")),
        ("api_url", "https://127.0.0.1:1/", "https://127.0.0.1:1"),
        ("api_key", "x", SecretStr("x")),
        ("api_batch_rows", "1000000", 1_000_000),
        ("api_starts_per_second", "2.5", 2.5),
        ("api_in_flight", "2", 2),
        ("sftp_file_bytes", "1000000", 1_000_000),
        ("events_url", "https://127.0.0.1:1/", "https://127.0.0.1:1"),
        ("events_key", "us2-1", "us2-1"),
        ("events_secret", "x", SecretStr("x")),
        ("events_environment", "development", "development"),
        ("events_attribute", "segment_{list}", "segment_{list}"),
        ("events_membership_event", "true", True),
        ("events_identities", "mparticle", "mparticle"),
        ("events_batches_per_second", "540", 540),
        ("feed_host", "localhost", "localhost"),
        ("feed_port", "2222", 2222),
        ("feed_username", "me", "me"),
        ("feed_password", "x", SecretStr("x")),
        ("feed_host_key", "SHA256:abc", "SHA256:abc"),
        ("feed_folder", "drop/us2-1", "drop/us2-1"),
        ("feed_compression", "gz", "gz"),
        ("feed_pgp_key_file", "~/key.asc", Path("~/key.asc")),
        ("legacy_events_version", "v1", "v1"),
        ("legacy_events_url", "https://127.0.0.1:1/", "https://127.0.0.1:1"),
        ("app_id", "app", "app"),
        ("app_secret", "x", SecretStr("x")),
        ("sftp_host", "localhost", "localhost"),
        ("sftp_port", "2222", 2222),
        ("sftp_username", "me", "me"),
        ("sftp_key_file", "~/key.pem", Path("~/key.pem")),
        ("sftp_key_passphrase", "x", SecretStr("x")),
        ("sftp_host_key", "SHA256:abc", "SHA256:abc"),
        ("sftp_root", "/root", "/root"),
        ("sftp_conversions_folder", "/upload/conversion", "/upload/conversion"),
        ("referrals_retention_days", "7", 7),
        ("referrals_fields", "params/f.yml", Path("params/f.yml")),
        ("referrals_sftp_host", "localhost", "localhost"),
        ("referrals_sftp_username", "x", "x"),
        ("referrals_sftp_folder", "x", "x"),
        ("referrals_ftps_host", "localhost", "localhost"),
        ("referrals_ftps_username", "x", "x"),
        ("referrals_ftps_folder", "x", "x"),
        ("referrals_imap_host", "localhost", "localhost"),
        ("referrals_imap_username", "x", "x"),
        ("referrals_imap_folder", "x", "x"),
        ("referrals_imap_senders", "x", "x"),
        ("referrals_imap_link_hosts", "localhost:1", "localhost:1"),
        ("referrals_sftp_port", "2222", 2222),
        ("referrals_ftps_port", "2222", 2222),
        ("referrals_imap_port", "2222", 2222),
        ("referrals_imap_look_back_days", "2222", 2222),
        ("referrals_sftp_password", "x", SecretStr("x")),
        ("referrals_sftp_key_passphrase", "x", SecretStr("x")),
        ("referrals_ftps_password", "x", SecretStr("x")),
        ("referrals_imap_password", "x", SecretStr("x")),
        ("referrals_sftp_key_file", "~/f", Path("~/f")),
        ("referrals_ftps_ca_file", "~/f", Path("~/f")),
        ("referrals_imap_ca_file", "~/f", Path("~/f")),
        ("referrals_folder", "~/f", Path("~/f")),
        ("referrals_sftp_host_key", "SHA256:abc", "SHA256:abc"),
        ("receiver_token", "x", SecretStr("x")),
        ("receiver_user", "me", "me"),
        ("receiver_password", "x", SecretStr("x")),
        ("pickup_seconds", "1.5", 1.5),
        ("ledger_url", "sqlite://", SecretStr("sqlite://")),
    ],
)
def test_each_variable_is_read(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, value: object
) -> None:
    """Every field is the variable ROKT_ and its name, in its own type."""
    monkeypatch.setenv(f"ROKT_{name.upper()}", text)
    assert getattr(load_settings(), name) == value


def test_each_field_is_tested_above() -> None:
    """No field of the settings is missing from the test of the variables."""
    marks = test_each_variable_is_read.pytestmark  # type: ignore[attr-defined]
    assert {case[0] for case in marks[0].args[1]} == set(Settings.model_fields)


def test_nothing_set_is_the_sandbox() -> None:
    """Without any variable the profile is sandbox and no address is known."""
    settings = load_settings()
    assert (settings.profile, settings.api_url, settings.sftp_host) == ("sandbox", "", "")
    assert (settings.pickup_seconds, settings.sftp_port) == (30.0, 22)


def test_live_knows_rokt_s_addresses() -> None:
    """The live profile alone knows where Rokt is."""
    settings = load_settings("live")
    assert (settings.api_url, settings.sftp_host) == ("https://data.rokt.com", "ftp.rokt.com")


def test_live_may_be_aimed_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that is set wins over Rokt's own."""
    monkeypatch.setenv("ROKT_API_URL", "https://data.example.com")
    assert load_settings("live").api_url == "https://data.example.com"


def test_a_file_above_is_found_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    """The nearest .env upwards is read; a variable that is set goes over it, an empty one not."""
    (Path.cwd() / ".env").write_text(
        'ROKT_ACCOUNT_ID=file\nROKT_PUBLIC_KEY="rpub-file"\nROKT_SFTP_USERNAME=file\nOTHER=1\n'
    )
    below = Path.cwd() / "some" / "where"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    monkeypatch.setenv("ROKT_ACCOUNT_ID", "environment")
    monkeypatch.setenv("ROKT_SFTP_USERNAME", "")
    settings = load_settings()
    read = (settings.account_id, settings.public_key, settings.sftp_username)
    assert read == ("environment", "rpub-file", "file")


@pytest.mark.parametrize(
    "url", ["http://data.rokt.com", "http://10.0.0.1:80", "http://127.evil.com"]
)
def test_plain_http_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Plain HTTP to another machine is refused in every profile."""
    monkeypatch.setenv("ROKT_API_URL", url)
    for profile in ("live", "sandbox"):
        with pytest.raises(SettingsError, match="ROKT_API_URL is plain http"):
            load_settings(profile)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:1"])
def test_plain_http_may_go_to_this_machine(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Plain HTTP to a loopback address is what the sandbox speaks."""
    monkeypatch.setenv("ROKT_API_URL", url)
    assert load_settings().api_url == url


@pytest.mark.parametrize("host", ["127.0.0.2", "localhost", "::1"])
def test_a_loopback_address_is_this_machine(host: str) -> None:
    """All of 127/8, ::1 and localhost mean this machine."""
    assert is_loopback(host)
    assert not is_loopback(f"{host}.example.com")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("API_URL", "data.rokt.com", "does not|is not an address"),
        ("API_URL", "ftp://127.0.0.1", "is not an address"),
        ("API_URL", "https://me:hunter2@data.rokt.com", "must not hold a user name"),
        ("EVENTS_URL", "http://s2s.mparticle.com", "is plain http"),
        ("LEGACY_EVENTS_URL", "http://api.rokt.com", "is plain http"),
        ("SFTP_PORT", "0", "greater than or equal to 1"),
        ("SFTP_PORT", "65536", "less than or equal to 65535"),
        ("SFTP_PORT", "ssh", "valid integer"),
        ("SFTP_HOST_KEY", "ab:cd:ef", "not a fingerprint"),
        ("PICKUP_SECONDS", "-1", "greater than or equal to 0"),
        ("PROFILE", "production", "'sandbox' or 'live'"),
    ],
)
def test_what_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    """A value that cannot be used names its variable and not itself; the call was wrong."""
    monkeypatch.setenv(f"ROKT_{name}", value)
    with pytest.raises(SettingsError, match=said) as caught:
        load_settings()
    assert str(caught.value).startswith(f"ROKT_{name} ")
    assert ("hunter2" in str(caught.value), caught.value.exit_code) == (False, 2)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ROKT_API_URL", "https://data.rokt.com"),
        ("ROKT_EVENTS_URL", "https://s2s.us2.mparticle.com"),
        ("ROKT_LEGACY_EVENTS_URL", "https://api.rokt.com"),
        ("ROKT_SFTP_HOST", "ftp.rokt.com"),
        ("ROKT_FEED_HOST", "sftp.us2.mparticle.com"),
        ("ROKT_REFERRALS_SFTP_HOST", "sftp.example.com"),
        ("ROKT_REFERRALS_FTPS_HOST", "ftp.example.com"),
        ("ROKT_REFERRALS_IMAP_HOST", "imap.example.com"),
        ("ROKT_REFERRALS_IMAP_LINK_HOSTS", "localhost, links.example.com:8443"),
    ],
)
def test_a_lesson_cannot_reach_production(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """The sandbox profile aimed at another machine stops at a guard that says what to set."""
    monkeypatch.setenv(name, value)
    with pytest.raises(GuardError, match=f"{name} point.* ROKT_PROFILE=live") as caught:
        open_workbench()
    assert (caught.value.exit_code, caught.value.guard) == (3, "production_from_sandbox")


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets are in no form in which settings are shown, written or complained about."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    shown = [repr(settings), str(settings), settings.model_dump_json(), f"{settings.model_dump()}"]
    monkeypatch.setenv("ROKT_SFTP_PORT", "none")
    with pytest.raises(SettingsError) as complaint:
        load_settings()
    shown += [repr(complaint.value), str(complaint.value)]
    parts = ["very-secret", "sesame", "hunter2"]
    assert [part for part in parts if part in "".join(shown)] == []
    assert settings.secret_key.get_secret_value() == "rsec-very-secret"


@pytest.mark.parametrize(
    ("via", "names"),
    [
        ("api", ["ACCOUNT_ID", "PUBLIC_KEY", "SECRET_KEY"]),
        ("sftp", ["ACCOUNT_ID", "SFTP_USERNAME", "SFTP_KEY_FILE", "SFTP_HOST_KEY"]),
    ],
)
def test_what_is_missing_is_named_together(via: Any, names: list[str]) -> None:
    """All that must be set for a wire is named at once, with where to put it."""
    with open_workbench("live") as workbench, pytest.raises(SettingsError) as caught:
        workbench.plan(audience(5), via=via)
    listed = ", ".join(f"ROKT_{name}" for name in names)
    assert f"deliver over {via}, set {listed}: in the environment, or in" in str(caught.value)


@pytest.mark.parametrize("name", ["public", "secret"])
def test_a_key_in_the_wrong_place_is_named(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A key that does not begin as it should is not used, and not repeated."""
    monkeypatch.setenv(f"ROKT_{name.upper()}_KEY", "mixed-up")
    with open_workbench() as workbench:
        with pytest.raises(SettingsError, match=f"ROKT_{name.upper()}_KEY does not") as caught:
            workbench.plan(audience(5))
        findings = [finding.well for finding in workbench.check()]
    assert "mixed-up" not in str(caught.value)
    assert (findings[0], all(findings[1:]), sandbox.requests()) == (False, True, [])


# --- the state folder and the ledger ------------------------------


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
