from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from rokt_helpers.errors import GuardError, SettingsError
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
    "ROKT_NOTIFY": "mailtos://me:notify-very-secret@127.0.0.1",
    "ROKT_NOTIFY_COMMAND": "tell --token command-very-secret",
    "ROKT_LEDGER_URL": "postgresql://me:hunter2@127.0.0.1/ledger",
}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("profile", "live", "live"),
        ("secret_command", "print {name}", SecretStr("print {name}")),
        ("secret_command_names", "SECRET_KEY", "SECRET_KEY"),
        ("secret_command_seconds", "5", 5.0),
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
        ("notify", "json://localhost", SecretStr("json://localhost")),
        ("notify_command", "mail me", SecretStr("mail me")),
        ("notify_kinds", "late failed", "late failed"),
        ("notify_again_days", "7", 7),
        ("ledger_url", "sqlite://", SecretStr("sqlite://")),
        ("shared_folder", "s3://bucket/rokt", "s3://bucket/rokt"),
        ("person", "Ann", "Ann"),
        ("approval", "required", "required"),
        ("approval_hours", "1.5", 1.5),
    ],
)
def test_each_variable_is_read(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, value: object
) -> None:
    """Every field is the variable ROKT_ and its name, in its own type."""
    monkeypatch.setenv(f"ROKT_{name.upper()}", text)
    assert getattr(load_settings(), name) == value


def test_each_field_is_tested_above() -> None:
    """No field is missing above but the account, whose file has to be there."""
    marks = test_each_variable_is_read.pytestmark  # type: ignore[attr-defined]
    assert {case[0] for case in marks[0].args[1]} == {*Settings.model_fields} - {"account"}


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
    ("said", "read"),
    [
        ("'rpub-1'", "rpub-1"),
        ('"rpub-1"', "rpub-1"),
        ('"rpub-1', '"rpub-1'),
        ('"a" and "b"', '"a" and "b"'),
        ('"rpub-…"', ""),
        ("''", ""),
        ('"', '"'),
    ],
)
def test_quotes_around_a_whole_value_are_none_of_it(
    monkeypatch: pytest.MonkeyPatch, said: str, read: str
) -> None:
    """A container's --env-file leaves quotes on; they mean in the environment what .env means."""
    monkeypatch.setenv("ROKT_PUBLIC_KEY", said)
    assert load_settings().public_key == read


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
        ("SFTP_PORT", "0", "should be 1 or more"),
        ("SFTP_PORT", "65536", "should be 65,535 or less"),
        ("SFTP_PORT", "ssh", "should be a whole number"),
        ("SFTP_HOST_KEY", "ab:cd:ef", "not a fingerprint"),
        ("PICKUP_SECONDS", "-1", "should be 0 or more"),
        ("PICKUP_SECONDS", "nan", "should be 0 or more"),
        ("APPROVAL_HOURS", "0", "should be more than 0"),
        ("APPROVAL_HOURS", "1000", "should be 720 or less"),
        ("APPROVAL_HOURS", "a day", "should be a number"),
        ("EVENTS_MEMBERSHIP_EVENT", "perhaps", "should be true or false"),
        ("PERSON", "x" * 65, "should have 64 characters or fewer"),
        ("PROFILE", "production", "should be sandbox, staging or live. Correct it"),
        ("PROFILE", "LIVE ", "should be sandbox, staging or live. Did you mean live"),
        ("FEED_COMPRESSION", "gzip", "should be none, gz or zip. Did you mean zip"),
        ("APPROVAL", "yes", "should be required or empty. Correct it"),
    ],
)
def test_what_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    """A value that cannot be used names its variable and not itself; the call was wrong."""
    monkeypatch.setenv(f"ROKT_{name}", value)
    with pytest.raises(SettingsError, match=said) as caught:
        load_settings()
    complaint = str(caught.value)
    assert complaint.startswith(f"ROKT_{name} ")
    assert complaint.endswith(" Correct it in the environment.")
    assert ("hunter2" in complaint, "Input" in complaint) == (False, False)
    assert caught.value.exit_code == 2


def test_where_to_correct_it_is_where_it_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file, the account's own variable or the call; each setting has a sentence of its own."""
    env = Path.cwd() / ".env"
    env.write_text("ROKT_PROFILE=life\nROKT_SFTP_PORT=ssh\n")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert str(caught.value) == (
        "ROKT_PROFILE should be sandbox, staging or live. Did you mean live? "
        f"Correct it in {env}. ROKT_SFTP_PORT should be a whole number. Correct it in {env}."
    )
    with pytest.raises(SettingsError, match=r"^ROKT_PROFILE .* Correct it in the call that sets"):
        load_settings("canary", sftp_port=22)
    (Path.cwd() / "accounts").mkdir()
    account = Path.cwd() / "accounts" / "brand-b.env"
    account.write_text("ROKT_SFTP_PORT=ssh\n")
    with pytest.raises(SettingsError, match=f"^ROKT_SFTP_PORT .* Correct it in {account}"):
        load_settings("live", account="brand-b")
    monkeypatch.setenv("ROKT_BRAND_B__SFTP_PORT", "canary")
    said = r"^ROKT_BRAND_B__SFTP_PORT .* in the environment"
    with pytest.raises(SettingsError, match=said) as own:
        load_settings("live", account="brand-b")
    assert "canary" not in str(own.value)


@pytest.mark.parametrize("name", sorted({*Settings.model_fields} - {"account"}))
def test_no_complaint_is_in_the_words_of_a_library(name: str) -> None:
    """Whatever a field is given that it cannot be, the sentence is ours, and has no value in it."""
    for wrong in ("canary", "-999999", "x" * 10_000, ["canary"], b"\xff"):
        given: dict[str, Any] = {"profile": "sandbox"} | {name: wrong}
        try:
            load_settings(**given)
        except (SettingsError, GuardError) as error:
            said = str(error)
            assert not {"Input", "valid", "String", "pydantic"} & {*said.split()}
            assert ("canary" in said, "-999999" in said) == (False, False)


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
