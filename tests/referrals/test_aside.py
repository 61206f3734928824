"""`rokt referrals aside`: files that could not be read are listed, read anew, or removed; told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from rokt_helpers.referrals.vault import Vault
from rokt_helpers.settings import load_settings
from tests.command_line import Rokt, caller, one_object
from tests.notices.unattended import notices
from tests.referrals.downloads import delivered

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
ROW = ("2026-11-01 10:00:00", "1", "Everybody", "USA", "2.50", "ann@example.com")
PERSONAL = "export for ada@example.com.csv"


@pytest.fixture
def rokt(capsys: pytest.CaptureFixture[str]) -> Rokt:
    return caller(capsys)


@pytest.fixture
def vault() -> Vault:
    """A vault with a file that can be read by now, and two that cannot; one is called for Ada."""
    made = Vault(load_settings().folder / "referrals")
    for name, content in (
        ("good.csv", delivered(ROW)), ("bad.csv", b'"open\n'), (PERSONAL, b'"other\n')
    ):  # fmt: skip
        made.set_aside(name, content, modified=NOW, now=NOW, reason="it was not readable then.")
    return made


def test_it_lists_and_masks(rokt: Rokt, vault: Vault) -> None:
    """Since when, an id, why; of an address in a name nothing is shown."""
    code, said, _ = rokt("referrals", "aside")
    assert (code, "2026-11-22 06:00" in said, "it was not readable then." in said) == (
        0,
        True,
        True,
    )
    assert "ada@" not in said
    rows = one_object(rokt("referrals", "aside", "--json")[1])["aside"]
    assert [row["name"] for row in rows] == ["bad.csv", "export for •••@•••", "good.csv"]
    assert [len(row["id"]) for row in rows] == [8, 8, 8]
    assert vault.quarantined().height == 3


def test_what_can_be_read_by_now_is_read(rokt: Rokt, vault: Vault) -> None:
    """The good one comes into the table, the others stay, and the exit code says so."""
    code, said, _ = rokt("referrals", "aside", "--read")
    assert (code, "good.csv was read: 1 of 1 rows are new." in said) == (1, True)
    assert "bad.csv still cannot be read:" in said
    assert "ada@" not in said
    assert (vault.read().height, vault.quarantined().height) == (1, 2)


def test_one_is_named_by_its_id_or_its_name(rokt: Rokt, vault: Vault) -> None:
    """Removed are those that were named, and once nothing is left that is said."""
    rows = one_object(rokt("referrals", "aside", "--json")[1])["aside"]
    [masked] = [row["id"] for row in rows if "•••" in row["name"]]
    assert rokt("referrals", "aside", masked, "bad.csv", "--remove")[0] == 0
    assert vault.quarantined()["name"].to_list() == ["good.csv"]
    assert vault.known("bad.csv", 6, NOW), "it is not collected again"
    code, said, _ = rokt("referrals", "aside", "good.csv", "--read")
    assert (code, "No referral file lies aside." in said) == (0, True)


@pytest.mark.parametrize(
    "words",
    [
        ("bad.csv",), ("--remove",), ("bad.csv", "--read", "--remove"),
        ("bad.csv", "unknown.csv", "--remove"), ("push-1.segment", "--read"),
    ],
)  # fmt: skip
def test_a_wrong_call_changes_nothing(rokt: Rokt, vault: Vault, words: tuple[str, ...]) -> None:
    """Files without a deed, a deed without files, names that nothing has, and what was pushed."""
    pushed = load_settings().folder / "pushed" / "aside"
    pushed.mkdir(parents=True)
    (pushed / "push-1.segment").touch()
    assert rokt("referrals", "aside", *words)[0] == 2
    assert vault.quarantined().height == 3


def test_each_change_is_told_once(
    rokt: Rokt, vault: Vault, told_to: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Set aside: told. Nothing new: silent. Removed: told as over, and nobody's name is in it."""
    monkeypatch.setenv("ROKT_PROFILE", "sandbox")
    assert rokt("status", "--tell")[0] == 1
    text = told_to.read_text()
    assert "ada@" not in text
    assert notices(told_to) == ["Rokt sandbox: bad.csv could not be read, and 2 more"]
    rokt("status", "--tell")
    assert notices(told_to) == []
    vault.discard("good.csv", now=NOW)
    rokt("status", "--tell")
    assert notices(told_to) == ["Rokt sandbox: good.csv is over: read, or removed"]


@pytest.fixture
def told_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file to which a command writes whatever it is told."""
    path = tmp_path / "told.txt"
    monkeypatch.setenv("ROKT_NOTIFY_COMMAND", f"sh -c 'cat >> {path}; printf \"\\f\" >> {path}'")
    return path
