"""The panels of referrals without a browser: pressed in Python, the work is real."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ipywidgets.embed import dependency_state

from rokt_helpers.jobs import LoopJob, ReferralsJob
from rokt_helpers.runner import run_notebook
from rokt_helpers.sandbox import Sandbox, write_practice_lists
from rokt_helpers.widgets import LoopPanel, ReferralsPanel, live
from tests.test_jobs_referrals import LIST, bought, came
from tests.test_widgets import press

ROOT = Path(__file__).resolve().parents[1]
CUSTOMERS, PURCHASES = "inbox/sample_customers.csv", "inbox/sample_purchases.csv"


@pytest.fixture
def delivering(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox with eight days of referrals, so that every trap is there, and its lists."""
    with Sandbox(pickup_seconds=0.05, referral_days=8, referral_gaps=False) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        write_practice_lists(Path("inbox"))
        yield running


@pytest.fixture
def panel(delivering: Sandbox) -> Iterator[ReferralsPanel]:
    assert delivering.url
    shown = ReferralsPanel(ReferralsJob())
    yield shown
    shown.job.close()


@pytest.fixture
def loop(sandbox: Sandbox) -> Iterator[LoopPanel]:
    """A panel of the loop, with eight people who were referred two days ago."""
    assert sandbox.url
    bought("fghij")
    job = LoopJob(purchases="bought.csv")
    job.workbench.desk.take([came("abcdefgh", days_ago=2)])
    yield LoopPanel(job)
    job.close()


def drawn(view: Callable[..., object], *of: str) -> Callable[[], str]:
    """Show a view as a cell does, in a widget that fills itself; return what reads it."""
    bundle = live(view, *of)._repr_mimebundle_()
    name = bundle["application/vnd.jupyter.widget-view+json"]["model_id"]
    return lambda: str(dependency_state(None, drop_defaults=False)[name]["state"]["value"])


def test_three_steps_end_with_a_report(panel: ReferralsPanel) -> None:
    """Collect, choose, look again, write; the charts follow each step."""
    assert panel.form.routes == ("Rokt's SFTP at 127.0.0.1",)
    assert panel.look_button.disabled
    assert panel.write_button.disabled
    place = drawn(panel.job.new_and_known)
    press(panel, "collect_button")
    assert "8 new files" in panel.said
    assert "Choose a list of your customers" in place()
    panel.fields["customers"].value = CUSTOMERS
    panel.fields["purchases"].value = PURCHASES
    panel.fields["currency"].value = "usd"
    panel.fields["days"].value = 3
    assert panel.write_button.disabled
    press(panel, "look_button")
    assert "show what is chosen" in panel.said
    assert "of known customers" in place()
    assert "USD" in repr(panel.job.conversion_value("audience"))
    assert panel.job.study().referrals["referred_at"].dt.date().n_unique() == 3
    press(panel, "write_button")
    today = datetime.now(UTC).date().isoformat()
    assert f"referrals-{today}.html" in panel.said
    page = Path(f"reports/referrals-{today}.html").read_text(encoding="utf-8")
    assert "From referral to purchase" in page


def test_what_was_chosen_first_is_shown_when_files_came(panel: ReferralsPanel) -> None:
    """Choices made before the first collection hold; nobody has to press Look again."""
    panel.fields["customers"].value = CUSTOMERS
    press(panel, "collect_button")
    assert "8 new files" in panel.said
    assert "of known customers" in repr(panel.job.new_and_known())
    assert not panel.write_button.disabled


def test_a_live_view_is_asked_about_something(panel: ReferralsPanel) -> None:
    """A place may show one of a view's segments, and fills itself as others do."""
    press(panel, "collect_button")
    by_campaign, by_device = drawn(panel.job.by, "campaign"), drawn(panel.job.by, "device")
    assert "brings most referrals by campaign" in by_campaign()
    assert "brings most referrals by device" in by_device()


def test_what_is_there_already_follows_the_form(panel: ReferralsPanel) -> None:
    """Opened again on another day the charts are there at once, and change with Look again."""
    press(panel, "collect_button")
    again = ReferralsPanel(ReferralsJob())
    place = drawn(again.job.cost_by_audience)
    assert "<svg" in place()
    assert "EUR" not in place()
    again.fields["currency"].value = "EUR"
    press(again, "look_button")
    assert "EUR" in place()
    again.job.close()


def test_a_collection_stops_between_two_files(panel: ReferralsPanel) -> None:
    """Stop ends it with what came; Collect goes on with the rest."""

    def stop_at_the_first_reading(_: object) -> None:
        if panel.form.progress is not None:
            panel.stop_button.click()

    panel.sections[0].message.observe(stop_at_the_first_reading, "value")
    press(panel, "collect_button")
    assert "Stopped when asked to" in panel.said
    assert "Look here" in panel.said
    panel.sections[0].message.unobserve_all()
    press(panel, "collect_button")
    assert len(panel.job.workbench.desk.vault().files()) == 8


def test_a_list_that_cannot_be_used_is_a_message(panel: ReferralsPanel) -> None:
    """It says why, what was shown stays, and another list can be chosen."""
    Path("inbox/empty.csv").write_text("")
    again = ReferralsPanel(panel.job)
    press(again, "collect_button")
    again.fields["customers"].value = "inbox/empty.csv"
    press(again, "look_button")
    assert "is empty" in again.said
    assert again.write_button.disabled
    assert "<svg" in drawn(panel.job.day_by_day)()
    again.fields["customers"].value = ""
    press(again, "look_button")
    assert not again.write_button.disabled


def test_lists_that_were_delivered_to_are_ticked(loop: LoopPanel) -> None:
    """Each list that this ledger filled has a box, and the ticked ones count."""
    for name in (LIST, "Optouts"):
        loop.fields["list"].value = name
        press(loop, "plan_button")
        press(loop, "send_button")
    panel = ReferralsPanel(ReferralsJob())
    assert [*panel.ticks] == ["Optouts", LIST]
    panel.ticks["Optouts"].value = True
    assert panel.form.suppress == ("Optouts",)
    press(panel, "look_button")
    assert panel.job.beside.suppression_lists == "Optouts"
    panel.job.close()


def test_a_loop_is_planned_and_sent(loop: LoopPanel, sandbox: Sandbox) -> None:
    """Send is shut until the plan was shown, and afterwards nobody is new."""
    assert loop.plan_button.disabled
    loop.fields["list"].value = LIST
    assert loop.send_button.disabled
    place = drawn(loop.job.going_in)
    assert "no plan yet" in place()
    press(loop, "plan_button")
    assert "Add 10 SHA-256 digests" in loop.plan_view.value
    assert sandbox.lists().get(LIST, 0) == 0
    press(loop, "send_button")
    assert "10 of 10 added" in loop.said
    assert sandbox.lists()[LIST] == 10
    press(loop, "plan_button")
    assert "Nobody is new on the list" in loop.said
    assert loop.send_button.disabled
    assert "10 people belong on the list; 0 of them are new" in place()


def test_a_guard_stops_the_loop_and_a_person_may_pass_it(loop: LoopPanel, sandbox: Sandbox) -> None:
    """A name almost like a known one is asked about before anything is sent."""
    loop.fields["list"].value = LIST
    press(loop, "plan_button")
    press(loop, "send_button")
    loop.fields["list"].value = LIST.lower()
    press(loop, "plan_button")
    assert "differ only by capitals" in loop.said
    assert loop.guards["look_alike"].layout.display != "none"
    loop.guards["look_alike"].value = True
    press(loop, "plan_button")
    assert not loop.send_button.disabled
    assert sandbox.lists().get(LIST.lower(), 0) == 0


def test_the_loop_says_what_is_wrong_with_the_purchases(loop: LoopPanel) -> None:
    """Times without a zone are asked for, and the answer is taken."""
    text = Path("bought.csv").read_text()
    Path("bought.csv").write_text(text.replace("Z,", ","))
    loop.fields["list"].value = LIST
    press(loop, "plan_button")
    assert "time zone" in loop.said
    loop.fields["purchases_time_zone"].value = "Europe/Berlin"
    press(loop, "plan_button")
    assert "Add 10 SHA-256 digests" in loop.plan_view.value


def test_every_field_has_a_label(panel: ReferralsPanel, loop: LoopPanel) -> None:
    """A screen reader can name each field and hears each message."""
    for shown in (panel, loop):
        assert all(field.description for field in shown.fields.values())
        assert 'role="status"' in shown.said


# --- nobody is left behind ------------------


def planted(sandbox: Sandbox) -> set[str]:
    """Return every address and digest of the files that lie ready, in small letters."""
    files = Path(sandbox.folder).glob("**/downloads/referrals_*.csv")
    text = "".join(path.read_text(encoding="utf-8") for path in files).lower()
    addresses = set(re.findall(r"[^\s,;\"]+@[^\s,;\"]+", text))
    digests = {hashlib.sha256(address.encode()).hexdigest() for address in addresses}
    found = addresses | digests | set(re.findall(r"[0-9a-f]{64}", text))
    assert len(addresses) > 300
    return found


def left_in(text: str, people: set[str]) -> list[str]:
    """Return who of the people stands in a text."""
    text = text.lower()
    return [each for each in people if each in text]


def test_no_widget_holds_anybody(panel: ReferralsPanel, delivering: Sandbox) -> None:
    """After everything was pressed the state of no widget of the page names anybody."""
    job = panel.job
    views = [
        job.attention, job.findings, job.day_by_day, job.repeats, job.new_and_known,
        job.leaks_by_list, job.conversions_by_lag, job.cohorts, job.rows_delivered,
    ]  # fmt: skip
    for view in views:
        drawn(view)
    panel.fields["customers"].value = CUSTOMERS
    panel.fields["purchases"].value = PURCHASES
    for name in ("collect_button", "look_button", "write_button"):
        press(panel, name)
    closing = LoopPanel(LoopJob(list=LIST, purchases=PURCHASES))
    for name in ("plan_button", "send_button"):
        press(closing, name)
    closing.job.close()
    state = json.dumps(dependency_state(None, drop_defaults=False))
    assert "<svg" in state
    assert "added to list" in state
    assert left_in(state, planted(delivering)) == []


def test_no_page_holds_anybody(delivering: Sandbox, home: Path) -> None:
    """Neither the executed notebooks nor their results nor the report name anybody."""
    report = Path.cwd() / "report.html"
    more: dict[str, dict[str, Any]] = {
        "40_referrals": {
            "customers": CUSTOMERS, "purchases": PURCHASES, "currency": "USD",
            "report": str(report), "personal": "hash",
        },
        "45_close_the_loop": {"list": LIST, "purchases": PURCHASES, "send": True},
    }  # fmt: skip
    pages = []
    for stem, parameters in more.items():
        done = run_notebook(
            ROOT / "notebooks" / f"{stem}.ipynb",
            parameters=parameters | {"run": True},
            runs=home / "runs",
        )
        assert done.result["sentence"]
        pages += [done.executed.read_text(encoding="utf-8"), json.dumps(done.result)]
    pages.append(report.read_text(encoding="utf-8"))
    assert all(len(page) > 500 for page in pages)
    people = planted(delivering)
    assert [left_in(page, people) for page in pages] == [[]] * len(pages)
