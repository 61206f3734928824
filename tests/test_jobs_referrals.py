"""The jobs of referrals without a notebook: collect, look again, report, close the loop."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from rokt_helpers.charts import Picture
from rokt_helpers.deliver import Receipt
from rokt_helpers.errors import Cancelled, InputError
from rokt_helpers.jobs import Beside, LoopJob, Notice, ReferralsJob, View
from rokt_helpers.jobs.notice import Sentences
from rokt_helpers.jobs.referral_routes import routes_in_words
from rokt_helpers.plan import DeliveryPlan
from rokt_helpers.progress import Progress
from rokt_helpers.sandbox import Sandbox
from rokt_helpers.settings import load_settings

HEADER = "Date/time,Audience ID,Audience name,Bid price,Email\n"
LIST = "ReferredOrBought"


@pytest.fixture
def delivering(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox with three days of referrals."""
    with Sandbox(pickup_seconds=0.05, referral_days=3, referral_gaps=False) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture
def job(delivering: Sandbox) -> Iterator[ReferralsJob]:
    """A job that has collected them."""
    assert delivering.url
    opened = ReferralsJob()
    opened.run()
    yield opened
    opened.close()


def came(people: str, *, days_ago: int = 0, name: str = "came.csv") -> Path:
    """Write a file of one referral a person, an hour and so many days ago."""
    now = datetime.now(UTC).replace(microsecond=0, tzinfo=None)
    moment = now - timedelta(days=days_ago, hours=1)
    rows = [f"{moment},258169774461701999,Everybody,2.50,{who}@example.com" for who in people]
    Path(name).write_text(HEADER + "\n".join(rows) + "\n")
    return Path(name)


def bought(people: str, *, days_ago: int = 0) -> str:
    """Write a file of one purchase a person, at noon UTC of so many days ago."""
    day = datetime.now(UTC).date() - timedelta(days=days_ago)
    rows = [f"{who}@example.com,O-{who},{day}T12:00:00Z,10.00,USD,purchase" for who in people]
    head = "Email,Order number,Order time,Total,Currency,Conversion type"
    Path("bought.csv").write_text("\n".join([head, *rows]) + "\n")
    return "bought.csv"


# --- collecting and looking -----------------


def test_referrals_are_collected_and_every_view_can_be_drawn() -> None:
    """A job without a sandbox beside it works on one of its own."""
    job = ReferralsJob(view=View(currency="USD"))
    assert isinstance(job.day_by_day(), Notice)
    collected = job.run()
    views = [
        job.day_by_day(), job.cost_by_audience(), job.by_state(), job.by_age_band(), job.bids(),
        job.by_hour_and_weekday(), job.by("campaign"), job.repeats(), job.rows_delivered(),
        job.columns_filled(),
    ]  # fmt: skip
    assert all(isinstance(view, Picture) for view in views)
    assert isinstance(job.findings(), Sentences)
    assert "USD" in repr(job.findings())
    result = json.loads(json.dumps(job.result()))
    assert result["totals"]["referrals"] == collected.rows_kept == len(job.referrals())
    job.close()


def test_what_nobody_named_is_asked_for(job: ReferralsJob) -> None:
    """Without customers, purchases and lists their views say what to choose."""
    for view, word in (
        (job.new_and_known(), "customers"),
        (job.known_by_audience(), "customers"),
        (job.conversion_by("audience"), "purchases"),
        (job.conversions_by_lag(), "purchases"),
        (job.cohorts(), "purchases"),
        (job.conversion_value("audience"), "currency"),
        (job.leaks_by_list(), "delivered to a list"),
        (job.leaks_by_lag(), "delivered to a list"),
        (job.last_week(), "two weeks"),
        (job.why_the_cost_changed(), "two weeks"),
    ):
        assert isinstance(view, Notice)
        assert word in view.text


def test_looking_again_answers_more_and_tells_who_waits(job: ReferralsJob) -> None:
    """Customers and purchases that are named later are held against what was collected."""
    job.workbench.desk.take([came("abcdefghijkl", days_ago=-1)])
    known = "".join(f"{who}@example.com\n" for who in "abcdef")
    Path("customers.csv").write_text(f"email\n{known}")
    heard: list[str] = []
    job.when_done(lambda: heard.append("done"))
    beside = Beside(customers="customers.csv", purchases=bought("abcdefg"))
    job.look_again(beside=beside, view=View(currency="USD", days=1))
    assert heard == ["done"]
    assert len(job.study().referrals) == 12
    shown = job.new_and_known()
    assert isinstance(shown, Picture)
    assert "6 of 12 referrals were of known customers (50%): 15.00 USD" in shown.title
    assert isinstance(job.conversions_by_lag(), Picture)


def test_a_list_that_cannot_be_used_leaves_what_was_shown(job: ReferralsJob) -> None:
    """The error says what is wrong, and the views still show what they showed."""
    before = job.study()
    for beside in (
        Beside(customers="nowhere.csv"),
        Beside(purchases="nowhere.csv"),
        Beside(suppression_lists="Never delivered"),
    ):
        with pytest.raises(InputError):
            job.look_again(beside=beside)
        assert job.study() is before
        assert isinstance(job.day_by_day(), Picture)


def test_a_stop_ends_it_between_two_files(delivering: Sandbox) -> None:
    """What came until then is kept and shown, and the next collection goes on with the rest."""
    assert delivering.url
    stop = threading.Event()
    job = ReferralsJob()
    readings: list[Progress] = []

    def stop_after_the_first(reading: Progress) -> None:
        readings.append(reading)
        stop.set()

    first = job.run(stop_after_the_first, stop)
    assert first.cancelled
    assert (len(first.files_new), len(first.files_left)) == (1, 2)
    assert len(job.study().referrals) == first.rows_kept
    rest = job.run()
    assert (rest.cancelled, len(rest.files_new)) == (False, 2)
    job.close()


def test_leaks_are_of_the_lists_that_count(job: ReferralsJob) -> None:
    """A list that was delivered to is offered, and one that does not count leaks nothing."""
    assert job.lists() == ()
    loop = LoopJob(list=LIST, collect=False)
    loop.run(send=True)
    loop.close()
    assert job.lists() == (LIST,)
    job.workbench.desk.take([came("abcdefgh")])
    again = LoopJob(list=LIST, collect=False)
    again.run(send=True)
    again.close()
    job.workbench.desk.take([came("abcdefgh", days_ago=-1, name="tomorrow.csv")])
    job.look_again(beside=Beside(suppression_lists=LIST))
    leaks = job.leaks_by_list()
    assert isinstance(leaks, Picture)
    assert f"{LIST} leaks most: 8 referrals, 20.00" in leaks.title


def test_the_most_urgent_files_are_named_and_the_others_counted(
    delivering: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Many files that were left take a few lines; those in a folder of ours nobody removes."""
    came("ab", days_ago=1, name=str(tmp_path / "export.csv"))
    for number in range(20):
        delivering.add_referral_file(date(2026, 10, 1) + timedelta(days=number))
    monkeypatch.setenv("ROKT_REFERRALS_FOLDER", str(tmp_path))
    stop = threading.Event()
    stop.set()
    job = ReferralsJob()
    assert len(job.run(cancel=stop).files_left) == 24
    attention = job.attention()
    job.close()
    assert isinstance(attention, Sentences)
    assert sum("was not collected" in line for line in attention.lines) == 5
    assert "18 more files were not collected, and will be removed later." in attention.lines


# --- the report -----------------------------


def test_the_report_lies_beside_the_inbox(
    job: ReferralsJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name is the day, only its owner may read it, and notebooks/ means the same place."""
    project = Path.cwd()
    (project / "inbox").mkdir()
    (project / "notebooks").mkdir()
    monkeypatch.chdir(project / "notebooks")
    written = job.write_report()
    today = datetime.now(UTC).date().isoformat()
    assert written == project / "reports" / f"referrals-{today}.html"
    assert written.stat().st_mode & 0o777 == 0o600
    assert job.write_report() == written
    assert "At a glance" in written.read_text(encoding="utf-8")
    assert job.result()["report"] == str(written)


def test_a_report_of_nothing_is_refused(sandbox: Sandbox) -> None:
    """Without referrals there is no page, and the message says what to do."""
    assert sandbox.url
    job = ReferralsJob()
    with pytest.raises(InputError, match="No referrals are collected yet"):
        job.write_report()
    assert not Path("reports").exists()
    job.close()


# --- where they come from -------------------


def test_routes_are_named_in_words(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each way that is set up is named with where it leads; none is, where none is set up."""
    assert sandbox.url
    assert routes_in_words(load_settings()) == ("Rokt's SFTP at 127.0.0.1",)
    monkeypatch.setenv("ROKT_REFERRALS_FOLDER", str(tmp_path / "drop"))
    monkeypatch.setenv("ROKT_REFERRALS_IMAP_HOST", "127.0.0.1")
    assert routes_in_words(load_settings())[1:] == (
        "the mailbox at 127.0.0.1",
        "the folder drop/, and e-mail saved there",
    )
    for name in sandbox.environment:
        monkeypatch.delenv(name)
    monkeypatch.delenv("ROKT_REFERRALS_FOLDER")
    monkeypatch.delenv("ROKT_REFERRALS_IMAP_HOST")
    assert routes_in_words(load_settings()) == ()


# --- closing the loop -----------------------


@pytest.fixture
def loop(sandbox: Sandbox) -> Iterator[LoopJob]:
    """A loop over a list, with eight people who were referred two days ago."""
    assert sandbox.url
    opened = LoopJob(list=LIST, days=30, currency="USD")
    opened.workbench.desk.take([came("abcdefgh", days_ago=2)])
    yield opened
    opened.close()


def test_a_view_of_the_loop_asked_too_early_says_what_to_do_first(loop: LoopJob) -> None:
    """Before there is a plan each view is a sentence."""
    for view in (
        loop.going_in, loop.show_plan, loop.show_receipt, loop.saving, loop.before_and_after,
    ):  # fmt: skip
        assert isinstance(view(), Notice)


def test_who_was_referred_or_bought_goes_on_the_list_once(loop: LoopJob, sandbox: Sandbox) -> None:
    """Both kinds of people are added up, nothing goes unasked, and the next day only who is new."""
    loop.purchases = bought("fghij")
    plan = loop.run(send=False)
    assert (plan.rows, sandbox.lists().get(LIST, 0)) == (10, 0)
    assert loop.result()["going_in"] == [
        {"part": "referred only", "people": 5, "new": 5},
        {"part": "referred and bought", "people": 3, "new": 3},
        {"part": "bought only", "people": 2, "new": 2},
    ]
    assert isinstance(loop.show_plan(), DeliveryPlan)
    assert "nothing was sent" in loop.result()["sentence"]
    loop.send()
    assert isinstance(loop.show_receipt(), Receipt)
    assert sandbox.lists()[LIST] == 10
    loop.workbench.desk.take([came("ghkl", days_ago=1, name="next.csv")])
    assert loop.run(send=True).rows == 2
    assert sandbox.lists()[LIST] == 12
    assert loop.result()["receipt"]["rows_confirmed"] == 2
    assert loop.run(send=True).rows == 0
    assert "Nobody is new on the list" in json.loads(json.dumps(loop.result()))["sentence"]


def test_old_referrals_do_not_count(loop: LoopJob) -> None:
    """Who was referred before the days that count is left out."""
    loop.workbench.desk.take([came("uvw", days_ago=50, name="old.csv")])
    assert loop.run(send=False).rows == 8
    loop.days = 60
    assert loop.run(send=False).rows == 11


def test_the_saving_is_what_such_people_cost(loop: LoopJob) -> None:
    """Referrals of people who were referred or had bought a day before are added up."""
    loop.workbench.desk.take([came("abcdeklmnouvwxy", name="today.csv")])
    loop.purchases = bought("klmno", days_ago=4)
    loop.run(send=False)
    saved = {row["kind"]: (row["referrals"], row["cost"]) for row in loop.result()["saving"]}
    assert saved == {
        "first time": (13, 32.5), "referred before": (5, 12.5), "bought before": (5, 12.5),
        "referred and bought before": (0, 0.0),
    }  # fmt: skip
    shown = loop.saving()
    assert isinstance(shown, Picture)
    assert shown.title == (
        "10 of 23 referrals of the last 30 days could have been spared: 25.00 USD (43% of the cost)"
    )


def test_before_and_since_the_first_delivery_are_compared(loop: LoopJob) -> None:
    """Before, nothing can be compared; afterwards the share that could be spared and the leaks."""
    loop.workbench.desk.take([came("abcde", name="again.csv")])
    loop.run(send=False)
    assert "never delivered to before" in str(loop.before_and_after())
    loop.run(send=True)
    assert "too few referrals" in str(loop.before_and_after())
    days = [came("abcdestuvw", days_ago=-2, name="later.csv")]
    loop.workbench.desk.take(days)
    loop.run(send=False)
    compared = loop.before_and_after()
    assert isinstance(compared, Picture)
    # 5 of 13 before; 5 of 10 since, all of people who were on the list at that moment.
    assert compared.title == (
        "Of 1,000 referrals 385 could be spared before the list, 500 since; "
        "5 referrals of people on it: 12.50 USD"
    )
    assert loop.result()["before_and_after"][1]["leaked"] == 5


def test_files_are_collected_first_and_a_stop_plans_nothing(delivering: Sandbox) -> None:
    """New files come in by themselves; stopped between two, nothing is planned or sent."""
    stop = threading.Event()
    stop.set()
    loop = LoopJob(list=LIST)
    with pytest.raises(Cancelled, match="Nothing was planned or sent"):
        loop.make_plan(cancel=stop)
    assert isinstance(loop.show_plan(), Notice)
    plan = loop.run(send=False)
    assert loop.collected is not None
    assert len(loop.collected.files_new) == 3
    assert 0 < plan.rows <= loop.collected.rows_kept
    assert delivering.lists().get(LIST, 0) == 0
    loop.close()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"list": " "}, "Name the suppression list"),
        ({"days": 0}, "1 day at least"),
        ({"list": "A", "collect": False}, "Nobody was referred in that time"),
        ({"list": "A", "purchases": "nowhere.csv"}, "no file nowhere"),
    ],
)
def test_what_cannot_be_is_said(sandbox: Sandbox, wrong: dict[str, object], says: str) -> None:
    """A list without a name, no day, nobody, and no file each have a sentence."""
    assert sandbox.url
    loop = LoopJob(**{"list": LIST, **wrong})  # type: ignore[arg-type]
    with pytest.raises(InputError, match=says):
        loop.run(send=False)
    loop.close()


@pytest.mark.parametrize("wrong", [{"via": "pigeon"}, {"mode": "undo"}])
def test_a_choice_there_is_not_is_refused_at_once(wrong: dict[str, str]) -> None:
    """The message names the choices there are."""
    with pytest.raises(InputError, match=r"'api' or|'delta' or"):
        LoopJob(list=LIST, **wrong)  # type: ignore[arg-type]
