from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rokt_helpers.errors import SettingsError
from rokt_helpers.sandbox import Sandbox
from rokt_helpers.settings import load_settings
from rokt_helpers.workbench import open_workbench
from tests.command_line import caller
from tests.deliver.lists import addresses, audience, digests

WriteFile = Callable[..., Path]


@pytest.fixture
def two_brands(file_of_settings: WriteFile) -> WriteFile:
    """An account in .env, and another in a file of its own that says less."""
    file_of_settings(
        ".env", account_id="1", public_key="rpub-a", secret_key="rsec-a", sftp_username="brand-a",
        pickup_seconds="7", api_batch_rows="10",
    )  # fmt: skip
    file_of_settings(
        "accounts/brand_b.env", account_id="2", public_key="rpub-b", secret_key="rsec-b"
    )
    return file_of_settings


@pytest.mark.usefixtures("two_brands")
@pytest.mark.parametrize("name", ["brand_b", " Brand_B"])
def test_an_account_has_its_own_keys_and_none_of_another(name: str) -> None:
    """Who we are comes from the account's file alone; what is the workbench's from .env, too."""
    settings = load_settings("live", account=name)
    assert (settings.account, settings.account_id) == ("brand_b", "2")
    assert (settings.public_key, settings.secret_key.get_secret_value()) == ("rpub-b", "rsec-b")
    assert (settings.sftp_username, settings.api_batch_rows) == ("", 100_000)
    assert settings.pickup_seconds == 7
    assert load_settings("live").account_id == "1"


@pytest.mark.usefixtures("two_brands")
def test_the_variable_names_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """ROKT_ACCOUNT does what the argument does, and the argument goes over it."""
    monkeypatch.setenv("ROKT_ACCOUNT", "brand_b")
    assert load_settings("live").account_id == "2"
    monkeypatch.setenv("ROKT_ACCOUNT", "brand_x")
    assert load_settings("live", account="brand_b").account_id == "2"


@pytest.mark.usefixtures("two_brands")
@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("brand_c", "Did you mean 'brand_b'?"),
        ("shop", "There is 'brand_b'."),
        ("../brand_b", "Did you mean 'brand_b'?"),
    ],
)
def test_an_unknown_account_is_answered_with_the_known(name: str, hint: str) -> None:
    """A name that is none is refused, with the one that was meant or all there are."""
    with pytest.raises(SettingsError) as caught:
        load_settings("live", account=name)
    assert str(caught.value).startswith(f"There is no account {name!r}")
    assert hint in str(caught.value)


def test_no_account_at_all_is_told() -> None:
    """Where nobody has begun a file of an account, the message says where to read about it."""
    with pytest.raises(SettingsError, match=r"no files of accounts yet: docs/settings\.md"):
        load_settings(account="brand_b")


@pytest.mark.usefixtures("two_brands")
def test_a_key_that_may_be_another_account_s_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain variable that says who we are is refused beside an account; its own is taken."""
    monkeypatch.setenv("ROKT_SFTP_USERNAME", "whose")
    with pytest.raises(SettingsError, match="ROKT_BRAND_B__SFTP_USERNAME") as caught:
        load_settings("live", account="brand_b")
    assert "ROKT_SFTP_USERNAME, which may be another account's than 'brand_b'" in str(caught.value)
    monkeypatch.delenv("ROKT_SFTP_USERNAME")
    monkeypatch.setenv("ROKT_BRAND_B__SFTP_USERNAME", "brand-b")
    monkeypatch.setenv("ROKT_BRAND_B__PUBLIC_KEY", "rpub-over")
    settings = load_settings("live", account="brand_b")
    assert (settings.sftp_username, settings.public_key) == ("brand-b", "rpub-over")


def test_capitals_in_the_name_of_a_file_do_not_matter(file_of_settings: WriteFile) -> None:
    """A file that was written with capitals is the account in small letters."""
    file_of_settings("accounts/Shop-EU.env", account_id="5")
    settings = load_settings("live", account="shop-eu")
    assert (settings.account, settings.account_id) == ("shop-eu", "5")


def test_an_account_may_stand_in_the_environment_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a machine has no files, an account is what its variables say."""
    monkeypatch.setenv("ROKT_SHOP__ACCOUNT_ID", "3")
    assert load_settings("live", account="shop").account_id == "3"


def test_an_account_s_file_may_say_its_profile(two_brands: WriteFile) -> None:
    """A file says what it is for: that profile is taken, another is refused, a lesson is not."""
    two_brands("accounts/test.env", profile="staging", account_id="9", secret_key="rsec-test")
    assert load_settings(account="test").profile == "staging"
    with pytest.raises(SettingsError, match="is for the profile staging, and live was asked for"):
        load_settings("live", account="test")
    lesson = load_settings("sandbox", account="test")
    assert (lesson.profile, lesson.account) == ("sandbox", "test")
    assert lesson.secret_key.get_secret_value() != "rsec-test"


@pytest.mark.usefixtures("two_brands")
def test_what_is_missing_belongs_into_the_account_s_file() -> None:
    """The sentence about what is missing names the file of the account."""
    with open_workbench("live", account="brand_b") as workbench:
        with pytest.raises(SettingsError, match=r"ROKT_SFTP_USERNAME.*accounts/brand_b\.env"):
            workbench.plan(audience(5), via="sftp")
        assert repr(workbench) == "<Workbench live, account brand_b 2>"


# --- two accounts, one home ---------------


@pytest.fixture
def two_sandboxes(file_of_settings: WriteFile) -> Iterator[dict[str, Sandbox]]:
    """Two accounts to rehearse on, each with a sandbox of its own."""
    with (
        Sandbox(pickup_seconds=0.05, referral_days=1) as one,
        Sandbox(pickup_seconds=0.05, referral_days=3) as other,
    ):
        both = {"brand_a": one, "brand_b": other}
        for name, sandbox in both.items():
            given = {k.removeprefix("ROKT_").lower(): v for k, v in sandbox.environment.items()}
            file_of_settings(f"accounts/{name}.env", **{**given, "profile": "staging"})
        yield both


def test_each_account_is_delivered_and_collected_apart(two_sandboxes: dict[str, Sandbox]) -> None:
    """People and referrals of one account are in nothing of the other."""
    counts = {"brand_a": 4, "brand_b": 6}
    for name, count in counts.items():
        with open_workbench(account=name) as workbench:
            plan = workbench.plan(audience(count), list="VIP", allow=["small_include"])
            workbench.deliver(plan)
            workbench.fetch_referrals()
    found = {name: len(box.members("VIP")) for name, box in two_sandboxes.items()}
    assert found == counts
    days = {}
    for name in counts:
        with open_workbench(account=name) as workbench:
            days[name] = workbench.referrals()["referred_at"].dt.date.nunique()
            # The same account id stands for both sandboxes, so the ledger is one.
            assert len(workbench.history()) == 2
    assert days["brand_a"] < days["brand_b"]


def test_a_person_is_forgotten_in_every_account(two_brands: WriteFile, tmp_path: Path) -> None:
    """Forgetting in one account takes the person out of the referrals of the others, too."""
    two_brands("accounts/brand_a.env", account_id="1")
    file = tmp_path / "export.csv"
    lines = [f"2026-11-20 10:00:00,2.5,{person}" for person in addresses(3)]
    file.write_text("\n".join(["Date/time,Bid price,Email", *lines]) + "\n", encoding="utf-8")
    for name in ("brand_a", "brand_b"):
        with open_workbench("live", account=name) as workbench:
            workbench.desk.take([file])
    with open_workbench("live", account="brand_a") as workbench:
        assert workbench.forget_person(addresses(1)[0]).referrals == 2
    for name in ("brand_a", "brand_b"):
        with open_workbench("live", account=name) as workbench:
            left = set(workbench.referrals()["email_sha256"])
        assert left == digests(addresses(2, first=1))
    assert load_settings("live").accounts_with_state() == ["", "brand_a", "brand_b"]


# --- the command line ---------------------


def test_check_says_which_account(
    two_sandboxes: dict[str, Sandbox], capsys: pytest.CaptureFixture[str]
) -> None:
    """`rokt check --account` proves that account's connection and names it."""
    code, out, _ = caller(capsys)("check", "--account", "brand_b", "--json")
    told = json.loads(out)
    assert (code, told["profile"], told["account"]) == (0, "staging", "brand_b")
    assert told["account_id"] == two_sandboxes["brand_b"].environment["ROKT_ACCOUNT_ID"]
    sources = {one["source"] for one in told["secrets"]}
    assert sources == {"account file", "not set"}
    assert not two_sandboxes["brand_a"].requests()
    _, words, _ = caller(capsys)("check", "--account", "brand_a")
    assert words.startswith("profile staging, account brand_a, account id ")


@pytest.mark.usefixtures("two_brands")
def test_a_wrong_account_is_a_wrong_call(capsys: pytest.CaptureFixture[str]) -> None:
    """A verb with an account that is none ends with code 2 and the name that was meant."""
    code, _, said = caller(capsys)("history", "--account", "brand_d")
    assert (code, "Did you mean 'brand_b'?" in said) == (2, True)


def test_git_leaves_the_files_of_accounts_alone() -> None:
    """The folder of accounts is never committed."""
    ignored = (Path(__file__).parents[2] / ".gitignore").read_text(encoding="utf-8").split()
    assert "/accounts/" in ignored
