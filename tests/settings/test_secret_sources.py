from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked
from keyrings.alt.file import PlaintextKeyring

from rokt_helpers.errors import SettingsError
from rokt_helpers.sandbox import Sandbox
from rokt_helpers.settings import load_settings
from rokt_helpers.workbench import open_workbench
from tests.command_line import caller
from tests.deliver.lists import audience
from tests.settings.conftest import Vault

WriteFile = Callable[..., Path]


def source_of(variable: str = "ROKT_SECRET_KEY", profile: str = "live") -> tuple[str, str]:
    """Where a secret came from, and what it is, without the word that all of them begin with."""
    settings = load_settings(profile)
    value = getattr(settings, variable.removeprefix("ROKT_").lower()).get_secret_value()
    found = {origin.name: origin.source for origin in settings.secret_origins()}
    return found[variable], value.removeprefix("rsec-")


def test_the_order_of_the_places(
    monkeypatch: pytest.MonkeyPatch,
    own_keyring: PlaintextKeyring,
    vault: Vault,
    file_of_settings: WriteFile,
) -> None:
    """The environment goes over .env, that over the keyring, and that over the command."""
    found = [source_of()]
    vault.keep({"ROKT_SECRET_KEY": "rsec-vault"})
    monkeypatch.setenv("ROKT_PUBLIC_KEY", "rpub-1")
    monkeypatch.setenv("ROKT_SECRET_COMMAND", vault.command("{name}"))
    found.append(source_of())
    own_keyring.set_password("rokt-workbench", "ROKT_SECRET_KEY", "rsec-keyring")
    found.append(source_of())
    file_of_settings(".env", secret_key="rsec-file")
    found.append(source_of())
    monkeypatch.setenv("ROKT_SECRET_KEY", "rsec-environment")
    found.append(source_of())
    assert found == [
        ("not set", ""),
        ("command", "vault"),
        ("keyring", "keyring"),
        (".env file", "file"),
        ("environment", "environment"),
    ]


def test_what_a_program_hands_in_goes_over_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that a program hands in is said to come from there."""
    monkeypatch.setenv("ROKT_API_KEY", "environment")
    settings = load_settings(api_key="program")
    origins = {origin.name: origin.source for origin in settings.secret_origins()}
    assert (settings.api_key.get_secret_value(), origins["ROKT_API_KEY"]) == ("program", "program")


def test_an_example_that_nobody_filled_in_is_not_set(file_of_settings: WriteFile) -> None:
    """The dots of .env.example are no key: what was copied and left counts as missing."""
    file_of_settings(".env", public_key="rpub-…", secret_key="rsec-…", sftp_host_key="SHA256:…")
    settings = load_settings("live")
    assert settings.missing("public_key", "secret_key", "sftp_host_key") == [
        "ROKT_PUBLIC_KEY",
        "ROKT_SECRET_KEY",
        "ROKT_SFTP_HOST_KEY",
    ]


# --- the keyring --------------------------


@pytest.mark.parametrize(
    ("profile", "service"),
    [
        ("live", "rokt-workbench"),
        ("staging", "rokt-workbench-staging"),
        ("sandbox", "rokt-workbench-sandbox"),
    ],
)
def test_each_profile_has_a_service_of_its_own(
    own_keyring: PlaintextKeyring, profile: str, service: str
) -> None:
    """The key of the live account is not read in another profile, nor the other way round."""
    own_keyring.set_password(service, "ROKT_API_KEY", profile)
    found = {name: source_of("ROKT_API_KEY", name)[1] for name in ("live", "staging", "sandbox")}
    assert found == {"live": "", "staging": "", "sandbox": "", profile: profile}


def test_the_keyring_opens_a_wire(
    sandbox: Sandbox, own_keyring: PlaintextKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A delivery takes the secret out of the keyring where nothing else has it."""
    monkeypatch.delenv("ROKT_SECRET_KEY")
    own_keyring.set_password(
        "rokt-workbench-sandbox", "ROKT_SECRET_KEY", sandbox.environment["ROKT_SECRET_KEY"]
    )
    with open_workbench() as workbench:
        workbench.deliver(workbench.plan(audience(5), list="VIP"))
    assert len(sandbox.members("VIP")) == 5


class LockedKeyring(KeyringBackend):
    """A keyring that nobody is there to unlock."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        """Refuse, as a locked one does."""
        raise KeyringLocked(f"{service} {username}: hunter2")

    def set_password(self, service: str, username: str, password: str) -> None:
        """Refuse this, too."""
        raise KeyringLocked(f"{service} {username} {password}")


@pytest.mark.usefixtures("own_keyring")
def test_a_locked_keyring_stops_nobody_who_needs_it_not(sandbox: Sandbox) -> None:
    """Who has the key elsewhere works on; who misses it is told that the keyring is locked."""
    keyring.set_keyring(LockedKeyring())  # type: ignore[no-untyped-call]
    with open_workbench() as workbench:
        workbench.plan(audience(5), list="VIP")
    with open_workbench(secret_key="") as other, pytest.raises(SettingsError) as caught:
        other.plan(audience(5), list="VIP")
    assert "The keyring could not be opened (KeyringLocked)." in str(caught.value)
    assert ("hunter2" in str(caught.value), sandbox.requests()) == (False, [])


@pytest.mark.usefixtures("own_keyring")
def test_who_misses_a_secret_is_told_how_to_keep_it() -> None:
    """The sentence that names a missing secret has the line that puts it into the keyring."""
    with open_workbench("live") as workbench, pytest.raises(SettingsError) as caught:
        workbench.plan(audience(5))
    assert "keyring set rokt-workbench ROKT_SECRET_KEY" in str(caught.value)


def test_the_ledger_s_address_is_not_looked_for_in_a_keyring(
    own_keyring: PlaintextKeyring,
) -> None:
    """A keyring that is locked today must not make a second ledger, so it has none at all."""
    own_keyring.set_password("rokt-workbench", "ROKT_LEDGER_URL", "sqlite://")
    assert source_of("ROKT_LEDGER_URL") == ("not set", "")


def test_the_keyring_is_loaded_only_for_a_secret() -> None:
    """The library is loaded when a secret is needed that stands in no file, and not before."""
    code = (
        "import sys; from rokt_helpers.settings import load_settings; s = load_settings();"
        "repr(s), str(s), s.model_dump(); before = 'keyring' in sys.modules;"
        "s.missing('api_key'); print(before, 'keyring' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["False", "True"]


# --- the command --------------------------


def test_the_command_opens_a_wire_and_is_asked_for_no_more(
    sandbox: Sandbox, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command is run for the secret that the wire needs, once for an open workbench."""
    monkeypatch.delenv("ROKT_SECRET_KEY")
    monkeypatch.delenv("ROKT_EVENTS_SECRET")
    vault.keep({"ROKT_SECRET_KEY": sandbox.environment["ROKT_SECRET_KEY"]})
    monkeypatch.setenv("ROKT_SECRET_COMMAND", vault.command("{name}", "{profile}", "{.data}"))
    with open_workbench() as workbench:
        for count in (5, 6):
            workbench.deliver(workbench.plan(audience(count), list="VIP"))
    assert vault.asked() == ["ROKT_SECRET_KEY sandbox {.data}"]
    assert len(sandbox.members("VIP")) == 6


def test_no_shell_reads_the_command(
    monkeypatch: pytest.MonkeyPatch, vault: Vault, tmp_path: Path
) -> None:
    """What a shell would do with a word is not done: it is handed on as it stands."""
    vault.keep({"ROKT_API_KEY": "x"})
    monkeypatch.setenv("ROKT_SECRET_COMMAND_NAMES", "api_key")
    words = vault.command("{name}") + f" ; touch {tmp_path}/shell '$HOME' | cat"
    monkeypatch.setenv("ROKT_SECRET_COMMAND", words)
    assert source_of("ROKT_API_KEY") == ("command", "x")
    assert vault.asked() == [f"ROKT_API_KEY ; touch {tmp_path}/shell $HOME | cat"]
    assert not (tmp_path / "shell").exists()


def test_the_command_is_asked_where_the_other_half_is_set(
    monkeypatch: pytest.MonkeyPatch, vault: Vault
) -> None:
    """Without names the command is asked for a secret only where its user name or key is set."""
    monkeypatch.setenv("ROKT_SECRET_COMMAND", vault.command("{name}"))
    monkeypatch.setenv("ROKT_EVENTS_KEY", "us2-1")
    load_settings("live").secret_origins()
    assert vault.asked() == ["ROKT_EVENTS_SECRET"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("sys.exit(3)", "ended with 3"),
        ("pass", "did not print one line"),
        ("print('very-secret\\nvery-secret')", "did not print one line"),
        ("sys.stdout.buffer.write(bytes([255, 254]))", "printed what is no text"),
        ("import time; print('very-secret', flush=True); time.sleep(60)", "did not end within 0.5"),
    ],
)
def test_what_a_command_cannot_give_is_named(
    monkeypatch: pytest.MonkeyPatch, words: str, said: str
) -> None:
    """Who misses a secret is told what the command did, and never what it printed."""
    code = f"import sys; sys.stderr.write('very-secret {{name}}'); {words}"
    monkeypatch.setenv("ROKT_SECRET_COMMAND", f'{sys.executable} -c "{code}"')
    monkeypatch.setenv("ROKT_SECRET_COMMAND_SECONDS", "0.5" if "sleep" in words else "20")
    monkeypatch.setenv("ROKT_PUBLIC_KEY", "rpub-1")
    began = time.monotonic()
    with pytest.raises(SettingsError) as caught:
        load_settings("live").require("secret_key", purpose="try")
    assert f"The command of ROKT_SECRET_COMMAND {said}" in str(caught.value)
    assert ("very-secret" in str(caught.value), time.monotonic() - began < 30) == (False, True)


def test_a_program_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command whose program is missing is no crash."""
    monkeypatch.setenv("ROKT_SECRET_COMMAND", "no-such-vault {name}")
    monkeypatch.setenv("ROKT_PUBLIC_KEY", "rpub-1")
    with pytest.raises(SettingsError, match="could not be started: its program is not there"):
        load_settings("live").require("secret_key", purpose="try")


def test_a_ledger_that_the_vault_withholds_is_not_replaced(
    monkeypatch: pytest.MonkeyPatch, vault: Vault, home: Path
) -> None:
    """Where the ledger's address is to come from the command, nothing goes on without it."""
    monkeypatch.setenv("ROKT_SECRET_COMMAND", vault.command("{name}"))
    monkeypatch.setenv("ROKT_SECRET_COMMAND_NAMES", "ROKT_LEDGER_URL, secret_key")
    with pytest.raises(SettingsError, match=r"ended with 2 when asked for ROKT_LEDGER_URL"):
        open_workbench("live")
    assert not list(home.rglob("ledger.sqlite"))


@pytest.mark.parametrize(
    ("command", "names", "said"),
    [
        ("print 'one", "", "a quotation mark too few"),
        ("print one", "secret_key,api_key", "prints the same for every secret"),
        ("print {name}", "secret_kee", "ROKT_SECRET_KEE, which is no secret"),
        ("print {name}", "public_key", "ROKT_PUBLIC_KEY, which is no secret"),
    ],
)
def test_a_command_that_cannot_be_meant_is_refused(
    monkeypatch: pytest.MonkeyPatch, command: str, names: str, said: str
) -> None:
    """A command that would give one secret for another is refused before it is run."""
    monkeypatch.setenv("ROKT_SECRET_COMMAND", command)
    monkeypatch.setenv("ROKT_SECRET_COMMAND_NAMES", names)
    with pytest.raises(SettingsError, match=said):
        load_settings("live")


# --- what a person is told ----------------


def test_check_says_where_each_secret_came_from(
    sandbox: Sandbox,
    own_keyring: PlaintextKeyring,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    file_of_settings: WriteFile,
) -> None:
    """`rokt check` names the source of each secret, for a file its path, and shows no secret."""
    monkeypatch.delenv("ROKT_API_KEY")
    monkeypatch.delenv("ROKT_EVENTS_SECRET")
    own_keyring.set_password("rokt-workbench-sandbox", "ROKT_API_KEY", "very-secret")
    file = file_of_settings(".env", events_secret="very-secret")
    code, out, _ = caller(capsys)("check", "--json")
    told = {one["name"]: one for one in json.loads(out)["secrets"]}
    found = {name: (one["source"], one["where"]) for name, one in told.items()}
    assert found["ROKT_SECRET_KEY"] == ("environment", "")
    assert found["ROKT_EVENTS_SECRET"] == (".env file", str(file))
    assert found["ROKT_API_KEY"] == ("keyring", "rokt-workbench-sandbox")
    assert found["ROKT_RECEIVER_TOKEN"] == ("not set", "")
    code, words, _ = caller(capsys)("check")
    assert f"ROKT_EVENTS_SECRET: .env file {file}\n" in words
    assert "secret  not set: " in words
    assert (code, "very-secret" in out + words) == (0, False)
    assert sandbox.environment["ROKT_SECRET_KEY"] not in out + words


def test_a_file_that_others_may_read_is_told(file_of_settings: WriteFile) -> None:
    """Of a secret in a file that others may read the check says how to keep them out."""
    file = file_of_settings(".env", api_key="x")
    remarks = []
    for mode in (0o600, 0o640):
        file.chmod(mode)
        origins = {one.name: one for one in load_settings().secret_origins()}
        remarks.append("chmod 600" in str(origins["ROKT_API_KEY"]))
    assert remarks == [False, True]
