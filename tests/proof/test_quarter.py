"""Ninety-one nights with everything that goes wrong in them: exact lists, notices and sums."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from rokt_helpers import contract
from rokt_helpers.sandbox import Fault, Sandbox
from rokt_helpers.sandbox.referral_story import referrals_of
from rokt_helpers.settings import load_settings
from rokt_helpers.workbench import Workbench
from tests.deliver.lists import digests
from tests.proof.quarter import DAY, FIRST, LAST, SCHEDULE, Killed, Quarter, at, buyers

DAYS = [FIRST + number * DAY for number in range((LAST - FIRST).days + 1)]

BERLIN, NEW_YORK = date(2026, 10, 25), date(2026, 11, 1)  # here the clocks are set back
BUSY = date(2026, 9, 21)  # Rokt answers 503 twice, and then takes it
DOWN = date(2026, 9, 28)  # 503 until patience ends
LOST = date(2026, 10, 5)  # the request is applied, the answer never comes
OFF = [date(2026, 10, 13) + number * DAY for number in range(3)]  # the computer is off
KILLED = date(2026, 10, 20)  # it goes off before the run's end is written down
ROTATED = date(2026, 11, 5)  # Rokt changed the keys, and the new ones come two nights later
SHRUNK = date(2026, 11, 16)  # the export is nearly empty
NO_FILE = date(2026, 11, 25)  # this day's referrals come four days late
OVERLAP = date(2026, 12, 3)  # two schedulers at the same moment

# What ended badly, and what people were told. A notice is told at the first look after it.
BADLY = [
    (DOWN, "mirror", 1),
    (ROTATED, "mirror", 1),
    (ROTATED + DAY, "mirror", 1),
    (SHRUNK, "mirror", 3),
]
TOLD = [
    (DOWN, "Rokt sandbox: mirror failed"),
    (DOWN + DAY, "Rokt sandbox: mirror recovered"),
    (KILLED, "Rokt sandbox: mirror failed"),
    (KILLED + DAY, "Rokt sandbox: mirror recovered"),
    (ROTATED, "Rokt sandbox: mirror failed"),
    (ROTATED + 2 * DAY, "Rokt sandbox: mirror recovered"),
    (SHRUNK, "Rokt sandbox: mirror stopped by a guard"),
    (SHRUNK + DAY, "Rokt sandbox: mirror recovered"),
    (NO_FILE + 2 * DAY, f"Rokt sandbox: {NO_FILE} referrals will be lost"),
    (NO_FILE + 4 * DAY, f"Rokt sandbox: {NO_FILE} is over: collected, or past its time"),
]


def people(day: date) -> range:
    """Each day somebody comes and somebody goes; one export is broken."""
    first = (day - FIRST).days
    return range(first, first + (3 if day == SHRUNK else 40))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A file to which a command writes the first line of each notice."""
    path, code = tmp_path / "told.txt", tmp_path / "take.py"
    code.write_text(f"import sys; open({str(path)!r}, 'a').write(sys.stdin.readline())")
    monkeypatch.setenv("ROKT_NOTIFY_COMMAND", f"'{sys.executable}' -IS '{code}'")
    return path


@pytest.fixture
def quarter(told: Path, monkeypatch: pytest.MonkeyPatch) -> Quarter:
    """The sandbox of the first day, the schedule, and nothing done yet."""
    sandbox = Sandbox(pickup_seconds=0.01, referral_days=0)
    monkeypatch.setenv("ROKT_PICKUP_SECONDS", "5")
    schedule = Path("params/schedule.yml")
    schedule.parent.mkdir()
    schedule.write_text(SCHEDULE)
    del told
    return Quarter(sandbox, schedule, people)


def test_a_quarter_ends_as_it_should(
    quarter: Quarter, told: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each moment once, each list exact after each night, each change told once, all sums right."""
    heard: list[tuple[date, str]] = []
    with quarter.sandbox as sandbox:
        _environment(sandbox, monkeypatch)
        quarter.look(at(FIRST - DAY, 12, 0))  # from here on the entries are known
        for day in DAYS:
            _before(sandbox, day, monkeypatch)
            if day not in OFF:
                _night(quarter, day)
                list_now = digests(f"person{n}@example.com" for n in _on_list(day))
                assert sandbox.members("Customers") == list_now, day
            else:
                _deliver_referrals(sandbox, day)
            if told.exists():
                heard += [(day, line) for line in told.read_text().splitlines()]
                told.unlink()
        assert quarter.ran == _expected_runs()
        # The killed one has no outcome: it began, it did what it should, and nobody wrote so.
        assert [one for one in quarter.ended if one[2]] == BADLY
        assert len(quarter.ended) == len(quarter.ran) - 1
        assert heard == TOLD
        moments = [moment for name, moment in quarter.ran if name == "conversions"]
        bought = [number for moment in moments for number in buyers(moment.date())]
        assert sandbox.conversions() == digests(f"person{number}@example.com" for number in bought)
        _check_what_is_kept(quarter)


def _check_what_is_kept(quarter: Quarter) -> None:
    """Look through the history and the vault: every row is accounted for, and none is there twice.

    Forty people came in the first night; each later night one came and one went, and a night after
    others that failed brought theirs, too.
    """
    with Workbench(load_settings(), clock=quarter.clock) as workbench:
        runs = workbench.history(None)
        kinds = Counter((run.purpose, run.via, run.status) for run in runs)
        assert kinds == {
            ("audience", "api", "delivered"): len(DAYS) - len(OFF) - 4,
            ("audience", "api", "failed"): 1,
            ("audience", "api", "refused"): 2,
            ("conversions", "sftp", "delivered"): len(DAYS) - len(OFF) + 1,
        }
        sent = [run.rows for run in runs if run.list == "Customers" and run.status == "delivered"]
        assert sum(sent) == 40 + 2 * (len(DAYS) - 1)
        for run in runs:
            confirmed = workbench.receipt(run.run_id).rows_confirmed
            assert confirmed == (run.rows if run.status == "delivered" else 0)
        table = workbench.referral_table()
        assert not workbench.desk.gaps()
    delivered = sum(len(referrals_of(day - DAY, seed=7)) for day in DAYS)
    kept, duplicate, rejected = (sum(each) for each in zip(*quarter.referrals_out, strict=True))
    assert (table.height, kept, rejected) == (delivered, delivered, 0)
    assert quarter.referrals_in == kept + duplicate
    assert duplicate > 0


def _night(quarter: Quarter, day: date) -> None:
    """Look three times, as a crontab does; one of them meets another, one is killed."""
    for hour, minute in ((1, 35), (6, 35), (7, 20)):
        moment = at(day, hour, minute)
        if hour == 7:
            _deliver_referrals(quarter.sandbox, day)
        if (day, hour) == (OVERLAP, 1):
            assert quarter.overlap(moment) == "busy"
        if (day, hour) == (KILLED, 1):
            quarter.kill = "mirror"
            with pytest.raises(Killed):
                quarter.look(moment)
        else:
            quarter.look(moment)


def _on_list(day: date) -> range:
    """Return whom the last mirror that was to come through has put there."""
    while day in {DOWN, ROTATED, ROTATED + DAY, SHRUNK, *OFF}:
        day -= DAY
    return people(day)


def _expected_runs() -> list[tuple[str, datetime]]:
    """Return each run with its moment in UTC: the clocks go back by an hour on two nights."""
    runs = []
    for day in [day for day in DAYS if day not in OFF]:
        runs.append(("mirror", at(day, 0 if day <= BERLIN else 1, 30)))
        if day - DAY == OFF[-1]:  # of three that were missed the last is made up for
            runs += [("conversions", at(OFF[-1], 5, 30)), ("referrals", at(OFF[-1], 7, 15))]
        runs.append(("conversions", at(day, 5 if day <= NEW_YORK else 6, 30)))
        runs.append(("referrals", at(day, 7, 15)))
    return runs


def _before(sandbox: Sandbox, day: date, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let go wrong what goes wrong on this day."""
    if day == BUSY:
        sandbox.script(Fault.answer(503, times=2))
    elif day == DOWN:
        sandbox.script(Fault.answer(503, times=12))
    elif day == DOWN + DAY:  # how many of them a night met depends on how busy the computer was
        sandbox.forget_script()
    elif day == LOST:
        sandbox.script(Fault.drop_before_answer(at_request=1))
    elif day == ROTATED:
        sandbox.rotate_keys()
    elif day == ROTATED + 2 * DAY:
        _environment(sandbox, monkeypatch)


def _deliver_referrals(sandbox: Sandbox, day: date) -> None:
    """Put yesterday's file there, as Rokt does at six, and remove what is too old."""
    folder = sandbox.folder / "sftp" / "downloads"
    yesterday = day - DAY
    if yesterday != NO_FILE:
        sandbox.add_referral_file(yesterday)
    if day == NO_FILE + 4 * DAY:
        sandbox.add_referral_file(NO_FILE)
    old = day - timedelta(days=contract.REFERRAL_RETENTION_DAYS)
    (folder / f"referrals_{old}.csv").unlink(missing_ok=True)


def _environment(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
