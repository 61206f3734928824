"""Two accounts on one computer: what ran, what runs and who is told are of each by itself."""

from __future__ import annotations

import json
import os
import signal
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rokt_helpers.attention import concerns_now
from rokt_helpers.clock import Clock
from rokt_helpers.errors import GuardError
from rokt_helpers.runner import alone, run_notebook
from rokt_helpers.settings import load_settings
from rokt_helpers.workbench import Workbench
from tests.command_line import Rokt, caller
from tests.notices.unattended import by_hand, ran
from tests.runner.conftest import MakeNotebook, make
from tests.schedule.test_running import schedule

__all__ = ["make"]

ACCOUNT = 'account: str = ""\n'
NOTE = "open('ran', 'a').write((account or load_settings().account) + ' ')"
SETTINGS = "from rokt_helpers.settings import load_settings"


@pytest.fixture
def rokt(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Rokt:
    """The command line, whose --account sets the variable, on a computer with two accounts."""
    monkeypatch.setenv("ROKT_ACCOUNT", "")
    Path("accounts").mkdir()
    for name in ("brand_a", "brand_b"):
        Path(f"accounts/{name}.env").touch()
    return caller(capsys)


def seen(account: str) -> list[tuple[str, str]]:
    with Workbench(load_settings(account=account)) as workbench:
        return [(one.kind, one.subject) for one in concerns_now(workbench)]


def test_two_accounts_may_share_a_schedule(make: MakeNotebook, rokt: Rokt, home: Path) -> None:
    """Each runs what is due once, and forgets nothing of what the other ran."""
    schedule({"name": "night", "notebook": str(make(SETTINGS, NOTE, signature=ACCOUNT))})
    for name in ("brand_a", "brand_b", "brand_a", "brand_b"):
        assert rokt("run", "--due", "--account", name)[0] == 0
    assert Path("ran").read_text() == "brand_a brand_b "
    for name in ("brand_a", "brand_b"):
        kept = json.loads((home / "sandbox" / "accounts" / name / "schedule.json").read_text())
        assert kept["runs"]["night"]["exit_code"] == 0
    assert not (home / "sandbox" / "schedule.json").exists()


def test_an_entry_names_its_account(make: MakeNotebook, rokt: Rokt, home: Path) -> None:
    """Two entries of one page, each with a file of parameters that says for whom."""
    page = str(make(SETTINGS, NOTE, signature=ACCOUNT))
    for name in ("brand_a", "brand_b"):
        Path(f"{name}.yml").write_text(f"account: {name}\n")
    schedule(*({"name": f"for-{n}", "notebook": page, "params": f"brand_{n}.yml"} for n in "ab"))
    assert rokt("run", "--due")[0] == 0
    assert Path("ran").read_text() == "brand_a brand_b "
    logs = sorted((home / "sandbox" / "runs").glob("*/run.log"))
    said = {json.loads(log.read_text().splitlines()[0])["account"] for log in logs}
    assert said == {"brand_a", "brand_b"}


def test_runs_of_two_accounts_are_not_in_one_another_s_way(
    make: MakeNotebook, tmp_path: Path
) -> None:
    """The same page at the same moment: for another account it runs, for the same one it waits."""
    page, locks = make("rows", signature=ACCOUNT + "rows: int = 1\n"), tmp_path / "locks"
    how: Any = {"runs": tmp_path / "runs", "locks": locks}
    with alone("lesson", key=f"{page.resolve()} brand_a", locks=locks, clock=Clock()):
        for said in ("", "brand_a"):
            with pytest.raises(GuardError, match="running already"):
                run_notebook(page, account="brand_a", parameters={"account": said}, **how)
        run_notebook(page, account="brand_a", parameters={"account": "brand_b"}, **how)


def test_one_look_does_not_wait_for_another_account_s(rokt: Rokt, home: Path) -> None:
    """What is due for one is looked at while the other's runs are under way."""
    schedule({"name": "night", "notebook": "lost.ipynb"})
    locks = home / "sandbox" / "accounts" / "brand_a" / "locks"
    locks.parent.mkdir(parents=True)
    with alone("rokt run --due", key="due", locks=locks, clock=Clock()):
        assert rokt("run", "--due", "--account", "brand_a") == (0, "", "")
        assert "night: NOT DONE" in rokt("run", "--due", "--account", "brand_b")[1]


def test_what_failed_for_one_is_told_of_that_one(rokt: Rokt, home: Path) -> None:
    """Neither the other account nor a good run for it has anything to do with it."""
    del rokt
    schedule({"name": "night", "notebook": "notebooks/n.ipynb"})
    ran(load_settings(account="brand_a").account_folder, "night", 1)
    assert (seen("brand_a"), seen("brand_b")) == ([("failed", "night")], [])
    by_hand(home / "sandbox", "n", account="brand_b", clock=Later())
    assert seen("brand_a") == [("failed", "night")]
    by_hand(home / "sandbox", "n", account="brand_a", clock=Later())
    assert seen("brand_a") == []


class Later(Clock):
    """A year ahead."""

    def now(self) -> datetime:
        return super().now() + timedelta(days=365)


def test_the_lab_opens_for_an_account(rokt: Rokt) -> None:
    """Its kernels inherit the account; one that there is not is said before anything starts."""
    Path("notebooks").mkdir()
    Path("notebooks/00_start_here.ipynb").touch()
    code, _, complaint = rokt("lab", "--account", "nobody", "--version")
    assert (code, "There is no account 'nobody'" in complaint) == (2, True)
    before = signal.getsignal(signal.SIGTERM)
    assert rokt("lab", "--account", "brand_b", "--version")[0] == 0
    signal.signal(signal.SIGTERM, before)
    assert os.environ["ROKT_ACCOUNT"] == "brand_b"
