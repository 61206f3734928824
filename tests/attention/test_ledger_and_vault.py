"""Deliveries and referrals that need a person: nobody is asked over a network to know them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from rokt_helpers.attention import KINDS, Concern, concerns_now, worst_first
from rokt_helpers.attention.delivered import Delivered, last_runs, of_ledger
from rokt_helpers.attention.referred import Lying, of_referrals
from rokt_helpers.deliver import Patience
from rokt_helpers.ledger import BatchRecord, RunRecord
from rokt_helpers.referrals.rhythm import Gap
from rokt_helpers.sandbox import Fault, Sandbox
from rokt_helpers.workbench import Workbench, open_workbench
from tests.deliver.lists import HASTY, audience, failure, send
from tests.events.test_conversions_sent import purchases
from tests.referrals.downloads import delivered

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RUN = RunRecord(
    run_id="0123456789", fingerprint="f" * 64, profile="sandbox", account="1", host="h:22",
    purpose="audience", list="VIP", action="include", via="sftp", mode="full",
    identifier="email", rows=10, status="delivered", started_at=(NOW - 2 * HOUR).isoformat(),
)  # fmt: skip
BATCH = BatchRecord(
    run_id="0123456789", number=1, action="include", rows=10, fingerprint="b", outcome="confirmed",
    name="/upload/x.csv", at=(NOW - 2 * HOUR).isoformat(),
)  # fmt: skip


@pytest.fixture
def workbench(sandbox: Sandbox) -> Iterator[Workbench]:
    del sandbox
    with open_workbench() as opened:
        yield opened


def kinds(workbench: Workbench, *, later: timedelta = timedelta()) -> list[tuple[str, str]]:
    found = concerns_now(workbench, now=workbench.clock.now() + later)
    return [(one.kind, one.subject) for one in found]


def of(run: RunRecord, *batches: BatchRecord, **more: bool) -> list[str]:
    return [one.kind for one in of_ledger([Delivered(run, batches, **more)], NOW)]


# --- deliveries -------------------------------


def test_a_run_in_doubt_is_told_until_it_is_settled(workbench: Workbench, sandbox: Sandbox) -> None:
    """The answer was lost; delivering the same again settles it."""
    plan = workbench.plan(audience(5), list="VIP")
    sandbox.script(Fault.drop_before_answer(times=HASTY.attempts))
    failure(workbench, plan)
    assert kinds(workbench) == [("in_doubt", "VIP")]
    sandbox.script(Fault.drop_before_answer(times=HASTY.attempts))
    failure(workbench, workbench.plan(audience(3), list="Other"))
    assert kinds(workbench) == [("in_doubt", "VIP"), ("in_doubt", "Other")]


def test_what_is_settled_needs_nobody(workbench: Workbench, sandbox: Sandbox) -> None:
    """In doubt after its attempts, then delivered by the next call."""
    plan = workbench.plan(audience(5), list="VIP")
    sandbox.script(Fault.drop_before_answer(times=HASTY.attempts))
    failure(workbench, plan)
    assert kinds(workbench) == [("in_doubt", "VIP")]
    assert send(workbench, plan).delivered
    assert kinds(workbench) == []


def test_a_doubt_stays_until_a_later_run_was_taken(workbench: Workbench, sandbox: Sandbox) -> None:
    """Another list to the same place that Rokt refuses settles nothing; one that it takes does."""
    sandbox.script(Fault.drop_before_answer(times=HASTY.attempts))
    failure(workbench, workbench.plan(audience(5), list="VIP"))
    sandbox.script(Fault.answer(400, times=1))
    failure(workbench, workbench.plan(audience(4), list="VIP"))
    assert workbench.history()[0].status == "refused"
    assert kinds(workbench) == [("in_doubt", "VIP")]
    assert send(workbench, workbench.plan(audience(3), list="VIP")).delivered
    assert kinds(workbench) == []


def test_a_run_that_a_crash_left_is_in_doubt_and_one_under_way_is_not(
    workbench: Workbench,
) -> None:
    """The ledger says `started` for both; whether somebody holds the list tells them apart."""
    send(workbench, workbench.plan(audience(5), list="VIP"))
    [run] = workbench.history()
    workbench._ledger.end_run(run.run_id, "started", now=None)
    assert kinds(workbench) == [("in_doubt", "VIP")]
    release = workbench._ledger.try_lock(f"list audience VIP of {run.account}")
    assert release is not None
    assert kinds(workbench) == []
    release()
    assert kinds(workbench) == [("in_doubt", "VIP")]


def test_a_file_that_still_lies_there_is_told_after_an_hour(
    workbench: Workbench, sandbox: Sandbox
) -> None:
    """Delivered and not taken while somebody watched; a while later a person should look."""
    sandbox.script(Fault.sftp_no_pickup(times=1))
    plan = workbench.plan(audience(5), list="VIP", via="sftp")
    assert send(workbench, plan, patience=Patience(pickup_seconds=0.3)).picked_up_seconds is None
    assert kinds(workbench) == []
    assert kinds(workbench, later=2 * HOUR) == [("pickup_missing", "VIP")]


def test_a_file_that_was_taken_needs_nobody(workbench: Workbench) -> None:
    """Taken while somebody watched."""
    send(workbench, workbench.plan(audience(5), list="VIP", via="sftp"))
    assert kinds(workbench, later=2 * DAY) == []


def test_rows_that_were_left_out_are_told_until_the_next_delivery(
    workbench: Workbench, sandbox: Sandbox
) -> None:
    """The legacy Event API took a part; what was mended goes as another source."""
    sandbox.script(Fault.leave_out(2, wire="legacy-events"))
    failure(workbench, workbench.plan_conversions(purchases(5), via="events-legacy"))
    [one] = concerns_now(workbench)
    assert one.kind == "incomplete"
    assert "left out 2 of 5 rows" in one.sentence
    send(workbench, workbench.plan_conversions(purchases(2), via="events-legacy"))
    assert kinds(workbench) == []


@pytest.mark.parametrize(
    ("status", "outcome", "expected"),
    [
        ("delivered", "confirmed", []),
        ("in_doubt", "in_doubt", ["in_doubt"]),
        ("started", "planned", ["in_doubt"]),
        ("interrupted", "started", ["in_doubt"]),
        ("failed", "in_doubt", ["in_doubt"]),
        ("failed", "failed", []),
        ("refused", "refused", []),
        ("cancelled", "planned", []),
        ("incomplete", "confirmed", ["incomplete"]),
    ],
)
def test_how_a_run_stands(status: str, outcome: str, expected: list[str]) -> None:
    """What certainly changed nothing is told by whoever ran it, and is no concern here."""
    batch = replace(BATCH, outcome=outcome, picked_up_seconds=1.0)  # type: ignore[arg-type]
    assert of(replace(RUN, status=status), batch) == expected
    assert of(replace(RUN, status=status), batch, under_way=True) == []


def test_of_the_newer_sftp_nobody_says_that_files_vanish() -> None:
    """Only the older one empties its folders by what is known."""
    assert of(RUN, BATCH) == ["pickup_missing"]
    assert of(replace(RUN, via="events-sftp"), BATCH) == []


def test_which_runs_still_count() -> None:
    """The newest of a list, each source of conversions, and none of long ago."""
    old = replace(RUN, run_id="old", status="in_doubt")
    gone = replace(RUN, run_id="gone", list="L", started_at=(NOW - 31 * DAY).isoformat())
    one, two = (
        replace(RUN, purpose="conversions", list="c", fingerprint=letter * 64) for letter in "ab"
    )
    found = last_runs([RUN, old, gone, one, two, one], NOW)
    assert found == [(RUN, True), (one, True), (two, False)]
    failed = replace(RUN, run_id="failed", status="failed")
    assert last_runs([failed, old, RUN, gone], NOW) == [(failed, True), (old, True), (RUN, True)]
    assert of(replace(two, status="in_doubt"), newest=False) == ["in_doubt"]
    assert of(replace(two, status="incomplete", via="events-legacy"), newest=False) == []


# --- referrals --------------------------------


def test_a_file_that_is_not_collected_is_told_before_rokt_removes_it(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fetch was stopped once it had looked: what lay there is told of in its last days.

    Once it is collected it needs nobody; nothing is asked over the wire in between.
    """
    name = sandbox.add_referral_file(datetime.now(tz=UTC).date() - DAY)
    stopped = threading.Event()
    stopped.set()
    with open_workbench() as workbench:
        workbench.fetch_referrals(cancel=stopped)
        assert [file.name for file in workbench.desk.waiting()] == [name]
        listing = workbench.settings.folder / "referrals" / "lying.json"
        assert listing.stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("ROKT_SFTP_PORT", "1")
    with open_workbench() as workbench:
        assert kinds(workbench) == []
        assert kinds(workbench, later=12 * DAY) == [("expiring", name)]
        assert kinds(workbench, later=15 * DAY) == [], "it is gone"
    monkeypatch.setenv("ROKT_SFTP_PORT", sandbox.environment["ROKT_SFTP_PORT"])
    with open_workbench() as workbench:
        workbench.fetch_referrals()
        assert kinds(workbench, later=12 * DAY) == []


def test_what_the_last_look_saw_and_cannot_be_read_is_told(workbench: Workbench) -> None:
    """A broken note is a concern of its own."""
    folder = workbench.settings.folder / "referrals"
    folder.mkdir(exist_ok=True)
    (folder / "lying.json").write_text("[]")
    [one] = concerns_now(workbench)
    assert (one.kind, one.subject) == ("failed", "the referrals")
    assert "lying.json" in one.sentence


def test_a_day_without_a_file_is_told_while_it_can_be_mended(
    sandbox: Sandbox,
) -> None:
    """Ten days were delivered and one of them never came."""
    today = datetime.now(tz=UTC).date()
    for back in (9, 8, 7, 6, 5, 3, 2, 1):
        sandbox.add_referral_file(today - back * DAY)
    with open_workbench() as workbench:
        workbench.fetch_referrals()
        missed = today - 4 * DAY
        assert ("expiring", f"{missed}") in kinds(workbench)
        assert ("expiring", f"{missed}") not in kinds(workbench, later=15 * DAY)
    with Workbench(workbench.settings.model_copy(update={"sftp_host": ""})) as elsewhere:
        assert kinds(elsewhere) == [], "a route that is not set up misses nothing"


def test_when_a_file_is_told_of() -> None:
    """In its last five days, or the last half of a shorter time; then it is gone."""
    file = Lying("r of ada@example.com.csv", NOW)

    def told(after: timedelta, days: int = 14) -> list[Concern]:
        return of_referrals([file], [], NOW + after, retention_days=days)

    assert [bool(told(9 * DAY - HOUR)), bool(told(9 * DAY)), bool(told(14 * DAY))] == [
        False, True, False,
    ]  # fmt: skip
    assert [bool(told(DAY, 4)), bool(told(2 * DAY, 4))] == [False, True]
    assert "ada@" not in repr(told(9 * DAY))
    gap = Gap(date(2026, 11, 16), NOW, NOW + 14 * DAY)
    [one] = of_referrals([], [gap], NOW, retention_days=14)
    assert one.sentence == "No referral file for Monday 2026-11-16 was collected."
    assert "2026-12-06" in one.advice
    assert of_referrals([], [gap], NOW + 14 * DAY, retention_days=14) == []


def test_the_worst_comes_first() -> None:
    """By kind, then the oldest."""
    made = [
        Concern(kind, f"{kind}{back}", "s", "a", NOW - back * DAY)
        for back in (1, 2)
        for kind in reversed(KINDS)
    ]
    ordered = worst_first(made)
    assert [one.kind for one in ordered[::2]] == list(KINDS)
    assert [one.subject[-1] for one in ordered[:2]] == ["2", "1"]


def test_nobody_is_asked(sandbox: Sandbox) -> None:
    """To look leaves no trace at Rokt."""
    with open_workbench() as workbench:
        send(workbench, workbench.plan(audience(5), list="VIP"))
        before = len(sandbox.requests())
        assert concerns_now(workbench) == []
    assert len(sandbox.requests()) == before == 1


# --- referral files that could not be read ----

DELIVERED_ROW = ("2026-11-01 10:00:00", "1", "Everybody", "USA", "2.50", "ann@example.com")
UNREADABLE = b'"never closed\nand on\n'
PERSONAL = "export for ada@example.com.csv"


def set_aside(workbench: Workbench, name: str, content: bytes = UNREADABLE) -> None:
    now = workbench.clock.now()
    vault = workbench.desk.vault()
    vault.set_aside(name, content, modified=now, now=now, reason="Nobody can read ann@example.com.")


def test_a_file_that_could_not_be_read_is_told_until_it_is_gone(
    sandbox: Sandbox, workbench: Workbench
) -> None:
    """Fetched, set aside and told; removed it needs nobody, and is not fetched anew."""
    name = sandbox.add_referral_file(datetime.now(tz=UTC).date() - DAY)
    [there] = sandbox.folder.rglob(name)
    there.write_bytes(UNREADABLE)
    assert [f.name for f in workbench.fetch_referrals().files_set_aside] == [name]
    assert kinds(workbench) == [("set_aside", name)]
    assert kinds(workbench, later=12 * DAY) == [("set_aside", name)], "and not as expiring"
    workbench.desk.vault().discard(name, now=workbench.clock.now())
    assert kinds(workbench, later=12 * DAY) == []
    assert workbench.fetch_referrals().files_set_aside == ()
    folder = workbench.settings.folder / "referrals" / "quarantine"
    assert not [path for path in folder.iterdir() if UNREADABLE in path.read_bytes()]


def test_a_file_that_can_be_read_by_now_needs_nobody(workbench: Workbench) -> None:
    """What was set aside and is read anew is settled; its rows are in the table."""
    set_aside(workbench, "a.csv", delivered(DELIVERED_ROW))
    assert kinds(workbench) == [("set_aside", "a.csv")]
    kept = workbench.desk.vault().retry("a.csv", now=workbench.clock.now())
    assert (kept.rows, kinds(workbench)) == (1, [])


def test_nobody_stands_in_what_is_told_of_files(workbench: Workbench) -> None:
    """Addresses in a file's name or in the reason are masked; files that look the same are one."""
    set_aside(workbench, PERSONAL)
    set_aside(workbench, PERSONAL.replace("ada", "eve"), b"other")
    [one] = concerns_now(workbench)
    assert one.subject == "export for •••@•••"
    assert "example.com" not in repr(one)
    assert "rokt referrals aside" in one.advice


def test_what_was_pushed_and_could_not_be_kept_is_told(workbench: Workbench) -> None:
    """A file of the receiver's that lies aside, until somebody removes it."""
    folder = workbench.settings.folder / "pushed" / "aside"
    folder.mkdir(parents=True)
    file = folder / "push-20261122T060000Z.segment"
    file.write_bytes(b"")
    [one] = concerns_now(workbench)
    assert (one.kind, one.subject) == ("set_aside", file.name)
    assert "pushed/aside/" in one.advice
    file.unlink()
    assert kinds(workbench) == []


def test_a_reason_that_cannot_be_read_is_told(workbench: Workbench) -> None:
    """What is written of a file that lies aside is broken: that is said, and which one."""
    set_aside(workbench, "a.csv")
    [reason] = (workbench.settings.folder / "referrals" / "quarantine").glob("*.json")
    reason.write_text("{")
    [one] = concerns_now(workbench)
    assert (one.kind, one.subject) == ("failed", "the referrals")
    assert reason.name in one.sentence
