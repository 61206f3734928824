from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rokt_helpers.errors import GuardError, SettingsError
from rokt_helpers.forms import DeliverForm
from rokt_helpers.profiles import (
    PROFILES,
    is_rokt_itself,
    leaves_this_computer,
    place_in_words,
)
from rokt_helpers.sandbox import Sandbox
from rokt_helpers.settings import load_settings
from rokt_helpers.widgets.parts import place_html
from rokt_helpers.workbench import open_workbench
from tests.deliver.lists import audience


def test_what_each_profile_may() -> None:
    """Staging leaves this computer as live does, and is not Rokt's own account as live is."""
    asked = {name: (leaves_this_computer(name), is_rokt_itself(name)) for name in PROFILES}
    assert asked == {"sandbox": (False, False), "staging": (True, False), "live": (True, True)}


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        ("sandbox", "Sandbox: nothing leaves this computer"),
        ("staging", "Staging: test account <1>, it leaves this computer"),
        ("live", "Live: account <1>, what you send reaches real people"),
    ],
)
def test_the_banner_says_where(profile: str, words: str) -> None:
    """The banner names the profile in a word, and escapes the account."""
    assert place_in_words(profile, "<1>") == words
    drawn = place_html(profile, "<1>")
    assert ("<1>" in drawn, f"<strong>{words.partition(':')[0]}</strong>" in drawn) == (False, True)


def test_staging_knows_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Staging has none of Rokt's own addresses: each is named by somebody, or is missing."""
    settings = load_settings("staging")
    assert (settings.api_url, settings.events_url, settings.legacy_events_url) == ("", "", "")
    assert settings.sftp_host == ""
    with open_workbench("staging") as workbench, pytest.raises(SettingsError, match="ROKT_API_URL"):
        workbench.plan(audience(5))
    monkeypatch.setenv("ROKT_API_URL", "https://rehearsal.example.com")
    assert load_settings("staging").api_url == "https://rehearsal.example.com"


def test_staging_has_a_folder_and_a_ledger_of_its_own(sandbox: Sandbox) -> None:
    """What was delivered in staging is known in staging, and in no other profile."""
    with open_workbench("staging") as workbench:
        plan = workbench.plan(audience(5), list="VIP", allow=["small_include"])
        workbench.deliver(plan)
        assert workbench.settings.folder.name == "staging"
        assert [run.profile for run in workbench.history()] == ["staging"]
    with open_workbench("sandbox") as other:
        assert other.history() == []
    assert len(sandbox.members("VIP")) == 5


@pytest.mark.usefixtures("sandbox")
def test_the_guards_of_staging_are_those_of_live() -> None:
    """What only warns on the sandbox stops in staging."""
    with open_workbench("staging") as workbench, pytest.raises(GuardError, match="1,000 people"):
        workbench.plan(audience(5), list="VIP")


def test_what_goes_to_staging_is_confirmed_by_typing() -> None:
    """A delivery in staging is confirmed as a live one is, for it leaves the computer."""
    form = DeliverForm(profile="staging", source="a.csv", list="VIP").planned(["a plan"], "{}")
    assert (form.must_type, form.can_send) == (True, False)
    assert form.type_confirmation("VIP").can_send
    assert "type the name of the list: VIP" in form.message.text


# --- staging and the live account ---------


def test_staging_does_not_lead_to_what_was_delivered_live(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The id of an account that was delivered to live, from this home, opens no staging."""
    with open_workbench("staging") as workbench:
        assert workbench.settings.account_id == sandbox.environment["ROKT_ACCOUNT_ID"]
    with open_workbench("live") as live:  # its wires are this sandbox's
        live.deliver(live.plan(audience(5), list="VIP", allow=["small_include"]))
    with pytest.raises(GuardError, match="was delivered to live") as caught:
        open_workbench("staging")
    assert (caught.value.guard, caught.value.exit_code) == ("live_account_in_staging", 3)
    monkeypatch.setenv("ROKT_ACCOUNT_ID", "42")
    open_workbench("staging").close()


def test_staging_does_not_lead_to_what_a_team_delivered_live(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A ledger that several share knows the live account from another person's deliveries."""
    assert sandbox.url
    monkeypatch.setenv("ROKT_LEDGER_URL", f"sqlite:///{tmp_path}/shared.sqlite")
    with open_workbench("live") as live:
        live.deliver(live.plan(audience(5), list="VIP", allow=["small_include"]))
    monkeypatch.setenv("ROKT_HOME", str(tmp_path / "another"))
    with pytest.raises(GuardError, match="was delivered to live"):
        open_workbench("staging")


def test_staging_does_not_lead_to_what_a_file_calls_live(
    file_of_settings: Callable[..., Path],
) -> None:
    """A file that says live names an account that staging refuses before anything is opened."""
    file = file_of_settings(".env", profile="live", account_id="7")
    with pytest.raises(GuardError) as caught:
        load_settings("staging")
    assert f"{file} says that account 7 is the live one" in str(caught.value)
    file_of_settings("accounts/real.env", profile="live", account_id="8")
    file_of_settings("accounts/test.env", profile="staging", account_id="8")
    with pytest.raises(GuardError, match=r"accounts/real\.env says that account 8"):
        load_settings(account="test")
    file_of_settings("accounts/test.env", profile="staging", account_id="9")
    assert load_settings(account="test").account_id == "9"
