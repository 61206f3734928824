"""From a run that fails to a mail that arrives, once; at the command line, with real receivers."""

from __future__ import annotations

import stat
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rokt_helpers.attention import Concern
from rokt_helpers.clock import Clock
from rokt_helpers.notices import ToldState, is_time, tell
from rokt_helpers.progress import Progress
from rokt_helpers.runner import alone
from rokt_helpers.sandbox import Fault, Sandbox
from rokt_helpers.schedule import LastRun, ScheduleState
from rokt_helpers.settings import load_settings
from rokt_helpers.workbench import open_workbench
from tests.command_line import Rokt
from tests.deliver.lists import HASTY, audience, failure, send
from tests.notices.conftest import Mailbox
from tests.notices.unattended import NOW, notices, ran, schedule
from tests.runner.conftest import MakeNotebook, make

__all__ = ["make"]

LONG_AGO = NOW - timedelta(days=40)


# --- once per change --------------------------


def test_a_change_is_told_once_by_the_watchdog(rokt: Rokt, profile: Path, told: Path) -> None:
    """Fails: told. Fails again: silence. Recovers: told. The exit code says if all is well."""
    schedule({"name": "night"})
    ran(profile, "night", 0)
    assert rokt("status", "--tell")[0] == 0
    assert notices(told) == []
    ran(profile, "night", 1)
    code, said, _ = rokt("status", "--tell")
    assert (code, notices(told)) == (1, ["Rokt live: night failed"])
    assert "Told the command: Rokt live: night failed" in said
    ran(profile, "night", 2, "It broke otherwise.")
    assert rokt("status", "--tell")[0] == 1
    assert notices(told) == []
    ran(profile, "night", 0)
    assert rokt("status", "--tell")[0] == 0
    assert notices(told) == ["Rokt live: night recovered"]
    rokt("status", "--tell")
    assert notices(told) == []


def test_an_entry_that_never_ran_is_told_by_whatever_runs(
    rokt: Rokt, profile: Path, told: Path
) -> None:
    """Nobody calls `rokt run --due`; the line of the watchdog notices."""
    schedule({"name": "night"})
    settled = LastRun(LONG_AGO.isoformat())
    ScheduleState(profile / "schedule.json").keep("night", settled)
    assert rokt("status", "--tell")[0] == 1
    assert notices(told) == ["Rokt live: night did not run"]


def test_a_notice_that_was_not_taken_is_never_lost(
    rokt: Rokt, profile: Path, told: Path, tmp_path: Path
) -> None:
    """It waits, is tried again, and is told once; what the file holds says so."""
    schedule({"name": "night"})
    ran(profile, "night", 1)
    (tmp_path / "shut").touch()
    code, said, _ = rokt("status", "--tell")
    assert code == 1
    assert "NOT told: The command ended with exit code 1. It is tried again" in said
    state = ToldState.read(profile / "told.json")
    assert (state.waiting, state.sent, state.told) == (["the command"], [], {})
    ran(profile, "night", 0)
    ran(profile, "day", 1)
    schedule({"name": "night"}, {"name": "day"})
    (tmp_path / "shut").unlink()
    rokt("status", "--tell")
    assert notices(told) == ["Rokt live: day failed"], "what began and ended unheard is no news"
    assert stat.S_IMODE((profile / "told.json").stat().st_mode) == 0o600
    ran(profile, "day", 0)
    (tmp_path / "shut").touch()
    assert rokt("status", "--tell")[0] == 1, "that it recovered was not taken either"
    (tmp_path / "shut").unlink()
    assert rokt("status", "--tell")[0] == 0
    assert notices(told) == ["Rokt live: day recovered"]


def test_each_receiver_hears_everything_once(
    rokt: Rokt,
    profile: Path,
    told: Path,
    mailbox: Mailbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One does not take it: the other is not told twice. Who is new hears what is open."""
    addresses = f"{mailbox.address('one@example.com')}\n{mailbox.address('two@example.com')}"
    monkeypatch.setenv("ROKT_NOTIFY", addresses)
    schedule({"name": "night"})
    ran(profile, "night", 3, "Pass allow=['removal'].")
    (tmp_path / "shut").touch()
    rokt("status", "--tell")
    assert mailbox.recipients == ["one@example.com", "two@example.com"]
    assert {mail["Subject"] for mail in mailbox.mails} == {"Rokt live: night stopped by a guard"}
    (tmp_path / "shut").unlink()
    rokt("status", "--tell")
    assert (notices(told), len(mailbox.mails)) == (["Rokt live: night stopped by a guard"], 2)
    more = f"{addresses} {mailbox.address('three@example.com')}"
    monkeypatch.setenv("ROKT_NOTIFY", more)
    rokt("status", "--tell")
    assert mailbox.recipients[2:] == ["three@example.com"]
    kept = (profile / "told.json").read_text()
    assert [text for text in ("hunter2", "example.com", "robot") if text in kept] == []


def test_only_the_kinds_that_are_wanted(
    rokt: Rokt, profile: Path, told: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest is shown and not told; a kind that does not exist is refused with those that do."""
    monkeypatch.setenv("ROKT_NOTIFY_KINDS", "late, in_doubt")
    schedule({"name": "night"})
    ran(profile, "night", 1)
    code, said, _ = rokt("status", "--tell")
    assert (code, notices(told), "night failed" in said) == (1, [], True)
    monkeypatch.setenv("ROKT_NOTIFY_KINDS", "failed")
    rokt("status", "--tell")
    assert notices(told) == ["Rokt live: night failed"]
    monkeypatch.setenv("ROKT_NOTIFY_KINDS", "fail")
    code, _, complaint = rokt("status", "--tell")
    assert (code, "names 'fail'. Known are: expiring" in complaint) == (2, True)


def test_a_reminder_after_so_many_days(
    profile: Path, told: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The setting is kept by the clock that is handed in."""
    monkeypatch.setenv("ROKT_NOTIFY_AGAIN_DAYS", "7")
    path = schedule({"name": "night"})
    ran(profile, "night", 1)
    tell(load_settings(), path)
    assert notices(told) == ["Rokt live: night failed"]
    tell(load_settings(), path, clock=later(days=6))
    assert notices(told) == ["Rokt live: night did not run"]
    tell(load_settings(), path, clock=later(days=8))
    assert notices(told) == ["Rokt live: night still failed"]


def later(**by: int) -> Clock:
    class Later(Clock):
        def now(self) -> datetime:
            return super().now() + timedelta(**by)

    return Later()


def test_two_looks_at_once_tell_once(profile: Path, told: Path) -> None:
    """Whoever comes second leaves the telling to the first."""
    path = schedule({"name": "night"})
    ran(profile, "night", 1)
    with alone("Telling", key="tell", locks=profile / "locks", clock=Clock()):
        assert len(tell(load_settings(), path).concerns) == 1
    assert notices(told) == []
    tell(load_settings(), path)
    assert notices(told) == ["Rokt live: night failed"]


# --- after a run ------------------------------


def test_what_is_due_tells_at_its_end(
    rokt: Rokt, profile: Path, make: MakeNotebook, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fails: one mail without personal data, and the exit code of the run; then silence."""
    monkeypatch.setenv("ROKT_NOTIFY", mailbox.address())
    monkeypatch.setenv("ROKT_ACCOUNT_ID", "1234")
    bad = make("raise ValueError('of canary@example.com, list ' + 'cd' * 32)", name="bad")
    schedule({"name": "night", "notebook": str(bad)})
    code, said, complaint = rokt("run", "--due")
    assert (code, complaint, said.startswith("night: NOT DONE (exit code 1)")) == (1, "", True)
    [mail] = mailbox.mails
    assert mail["Subject"] == "Rokt live: night failed"
    body = mail.get_body(("plain",))
    text = body.get_content() if body else mail.get_content()
    assert "A cell failed with ValueError" in text
    assert f"`rokt run {bad}`" in text.replace("\n", "")
    assert "account 1234" in text
    kept = (profile / "told.json").read_text()
    everything = mail.as_string() + text + kept
    assert [canary for canary in ("canary", "cdcdcd") if canary in everything] == []
    assert rokt("run", "--due") == (0, "", "")
    assert len(mailbox.mails) == 1


def test_a_receiver_that_is_away_changes_nothing_about_a_run(
    rokt: Rokt, profile: Path, make: MakeNotebook, told: Path, tmp_path: Path
) -> None:
    """Its exit code stays; a line says so; the next look, due or not, tells it."""
    bad = make("1 / 0", name="bad")
    schedule({"name": "night", "notebook": str(bad)})
    (tmp_path / "shut").touch()
    code, _, complaint = rokt("run", "--due")
    assert (code, "The command ended with exit code 1. It is told at" in complaint) == (1, True)
    code, said, complaint = rokt("run", "--due")
    assert (code, said, complaint.count("\n")) == (0, "", 1)
    (tmp_path / "shut").unlink()
    assert rokt("run", "--due") == (0, "", "")
    assert notices(told) == ["Rokt live: night failed"]
    (profile / "told.json").write_text("{")
    code, said, complaint = rokt("run", "--due")
    assert (code, said) == (0, "")
    assert "Nobody could be told" in complaint
    assert "told.json cannot be read" in complaint


def test_a_notebook_of_another_scheduler_tells_when_asked_to(
    rokt: Rokt, profile: Path, make: MakeNotebook, told: Path
) -> None:
    """With --tell a line of cron has what the schedule has; without it nothing is kept."""
    notebook = make("open('good')")
    assert rokt("run", str(notebook), "-p", "rows", "many")[0] == 2
    assert notices(told) == []
    assert rokt("run", str(notebook), "-p", "rows", "many", "--tell")[0] == 2
    assert notices(told) == ["Rokt live: lesson failed"]
    code, said, _ = rokt("status")
    assert (code, "lesson failed" in said) == (1, True)
    Path("good").touch()
    assert rokt("run", str(notebook), "--tell")[0] == 0
    assert notices(told) == ["Rokt live: lesson recovered"]
    key = str(notebook.resolve())
    with alone("lesson", key=key, locks=profile / "locks", clock=Clock()):
        assert rokt("run", str(notebook), "--tell")[0] == 3
    assert notices(told) == [], "that it is running already needs nobody"
    assert rokt("run", "--due", "--tell")[0] == 2


def test_when_it_is_time_to_look(profile: Path, told: Path) -> None:
    """After a run, each hour, while a notice waits; never where nobody is to be told."""
    del profile
    settings, path = load_settings(), schedule()
    assert is_time(settings, NOW, ran=False)
    tell(settings, path)
    now = datetime.now(tz=UTC)
    assert not is_time(settings, now, ran=False)
    assert is_time(settings, now, ran=True)
    assert is_time(settings, now + timedelta(hours=1), ran=False)
    nobody = load_settings(notify_command="")
    assert not is_time(nobody, now, ran=True)
    assert notices(told) == []


def test_a_look_between_two_hours_loads_nothing_heavy(profile: Path, told: Path) -> None:
    """Every five minutes, all day: it takes a moment only, with people to tell as well."""
    del profile
    tell(load_settings(), schedule({"name": "off", "enabled": False}))
    code = (
        "import sys; from rokt_helpers.cli.app import app\n"
        "app.main(['run', '--due'], standalone_mode=False)\n"
        "print(sorted({'papermill', 'polars', 'pandas', 'sqlalchemy', 'apprise'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")
    assert notices(told) == []


# --- what is not over -------------------------


def test_a_kind_that_is_not_wanted_is_not_told_as_mended(
    rokt: Rokt, profile: Path, told: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure that became a guard's stop is over only once that is over, too."""
    monkeypatch.setenv("ROKT_NOTIFY_KINDS", "failed")
    schedule({"name": "night"})
    ran(profile, "night", 1)
    rokt("status", "--tell")
    assert notices(told) == ["Rokt live: night failed"]
    ran(profile, "night", 3)
    rokt("status", "--tell")
    assert notices(told) == []
    ran(profile, "night", 0)
    rokt("status", "--tell")
    assert notices(told) == ["Rokt live: night recovered"]


@pytest.mark.parametrize("file", ["schedule", "watched"])
def test_what_runs_at_this_moment_is_neither_failed_nor_mended(
    profile: Path, told: Path, file: str
) -> None:
    """A look while it runs says nothing of it; what it ends with is told afterwards."""
    path = schedule({"name": "night", "notebook": "notebooks/night.ipynb"})
    state = ScheduleState(profile / f"{file}.json")
    failed = LastRun(NOW.isoformat(), NOW.isoformat(), NOW.isoformat(), 1.0, 1)
    state.keep("night", failed)
    tell(load_settings(), path)
    assert notices(told) == ["Rokt live: night failed"]
    key = "due" if file == "schedule" else "watched night"
    with alone("night", key=key, locks=profile / "locks", clock=Clock()):
        state.keep("night", replace(failed, exit_code=None))
        assert tell(load_settings(), path).concerns == ()
        assert notices(told) == []
    state.keep("night", replace(failed, exit_code=0))
    tell(load_settings(), path)
    assert notices(told) == ["Rokt live: night recovered"]


def test_a_doubt_is_not_told_as_mended_while_its_redelivery_runs(
    sandbox: Sandbox, home: Path, told: Path
) -> None:
    """Only its good end tells it; a redelivery that is lost again tells nothing new."""
    del home
    path, settings = schedule(), load_settings()
    with open_workbench() as workbench:
        plan = workbench.plan(audience(5), list="VIP")
        sandbox.script(Fault.drop_before_answer(times=HASTY.attempts))
        failure(workbench, plan)
        tell(settings, path)
        assert notices(told) == ["Rokt sandbox: VIP outcome not known"]
        looks: list[tuple[Concern, ...]] = []

        def look(_: Progress) -> None:
            looks.append(tell(settings, path).concerns)

        [run] = workbench.history()
        release = workbench._ledger.try_lock(f"list audience VIP of {run.account}")
        assert release is not None
        workbench._ledger.end_run(run.run_id, "started", now=None)
        assert tell(settings, path).concerns == ()
        release()
        assert [one.subject for one in tell(settings, path).concerns] == ["VIP"]
        assert notices(told) == [], "it was lost again, and that is known already"
        assert send(workbench, plan, progress=look).delivered
        assert () in looks, "at least one look was while it ran"
        assert notices(told) == [], "nothing is told before it has ended"
        tell(settings, path)
    assert notices(told) == ["Rokt sandbox: VIP recovered"]


def test_a_ledger_that_is_away_is_told(
    profile: Path, told: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is what makes every run fail: people hear of both, and of its return."""
    path = schedule({"name": "night"})
    ran(profile, "night", 2, "The ledger cannot be opened.")
    monkeypatch.setenv("ROKT_LEDGER_URL", "postgresql://127.0.0.1:1/nobody")
    found = tell(load_settings(), path)
    subjects = {one.subject for one in found.concerns}
    assert subjects == {"night", "the ledger", "the referrals"}
    assert len(notices(told)) == 1
    monkeypatch.delenv("ROKT_LEDGER_URL")
    assert [one.subject for one in tell(load_settings(), path).concerns] == ["night"]
    assert notices(told) == ["Rokt live: the ledger recovered, and 1 more"]


def test_an_account_does_not_wait_for_another(profile: Path, told: Path) -> None:
    """Who was told what is kept by account, and so is whoever tells it."""
    (Path.cwd() / "accounts").mkdir()
    (Path.cwd() / "accounts" / "other.env").write_text("ROKT_ACCOUNT_ID=7\n")
    path = schedule({"name": "night"})
    ran(load_settings(account="other").account_folder, "night", 1)
    with alone("Telling", key="tell", locks=profile / "locks", clock=Clock()):
        tell(load_settings(account="other"), path)
    assert notices(told) == ["Rokt live: night failed"]
