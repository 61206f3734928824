"""The panels without a browser: widgets are pressed in Python, the work is real."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from rokt_helpers.jobs import DeliverJob, DoctorJob, PrepareJob, ReferralsJob
from rokt_helpers.progress import Progress
from rokt_helpers.sandbox import Fault, Sandbox
from rokt_helpers.widgets import DeliverPanel, DoctorPanel, PreparePanel, ReferralsPanel, live
from rokt_helpers.widgets.background import BackgroundJob, throttled

CUSTOMERS = "name,email\nAda,ADA@example.com\nBob,bob@example.com\nCy,none\n"


@pytest.fixture
def customers() -> str:
    inbox = Path.cwd() / "inbox"
    inbox.mkdir()
    (inbox / "customers.csv").write_text(CUSTOMERS)
    return "inbox/customers.csv"


def dropped(name: str, content: bytes) -> tuple[dict[str, Any], ...]:
    return (
        {
            "name": name,
            "type": "text/csv",
            "size": len(content),
            "content": memoryview(content),
            "last_modified": datetime(2026, 1, 1, tzinfo=UTC),
        },
    )


def press(panel: Any, button: str) -> None:
    getattr(panel, button).click()
    panel.background.join()


def test_a_list_is_chosen_checked_and_prepared(customers: str) -> None:
    """The three steps end with sums on the screen and a file on the disk."""
    job = PrepareJob()
    panel = PreparePanel(job)
    assert panel.prepare_button.disabled
    panel.source.value = customers
    press(panel, "check_button")
    assert "column &#x27;email&#x27; holds addresses" in panel.message.value
    assert panel.column.value == "email"
    press(panel, "prepare_button")
    assert "2 of 3 rows are ready" in panel.message.value
    assert "Rows in the source" in panel.sums.value
    assert job.written is not None
    assert len(job.written.read_text().splitlines()) == 2


def test_preparing_can_be_stopped(customers: str, home: Path) -> None:
    """Stop ends it with a sentence before anything is written, and the list stays chosen."""
    job = PrepareJob()
    panel = PreparePanel(job)
    panel.source.value = customers
    press(panel, "check_button")
    assert panel.stop_button.disabled

    def stop_at_the_first_reading(_: object) -> None:
        if panel.form.progress is not None:
            panel.stop_button.click()

    panel.message.observe(stop_at_the_first_reading, "value")
    press(panel, "prepare_button")
    assert "Nothing was written" in panel.message.value
    assert (panel.stop_button.disabled, panel.source.value) == (True, customers)
    assert job.written is None
    assert not (home / "sandbox" / "prepared").exists()


def test_a_dropped_file_is_taken_and_the_widget_keeps_no_copy() -> None:
    """The browser's copy of a list is not left in the widget, where a saved page would keep it."""
    panel = PreparePanel(PrepareJob())
    panel.upload.value = dropped("mine.csv", CUSTOMERS.encode())
    assert panel.upload.value == ()
    assert Path(panel.source.value).name == "mine.csv"
    press(panel, "check_button")
    press(panel, "prepare_button")
    assert panel.form.step == "done"


def test_two_candidate_columns_end_in_a_question_that_can_be_answered() -> None:
    """The message asks, the columns can be picked, and then the check goes through."""
    both = b"email,backup\na@example.com,b@example.com\n"
    panel = PreparePanel(PrepareJob())
    panel.upload.value = dropped("two.csv", both)
    press(panel, "check_button")
    assert "2 columns could hold the identifiers" in panel.message.value
    assert panel.prepare_button.disabled
    panel.column.value = "backup"
    press(panel, "check_button")
    assert not panel.prepare_button.disabled


def test_a_bad_file_is_a_message_and_nothing_is_written(home: Path) -> None:
    """An empty file stops the panel kindly."""
    panel = PreparePanel(PrepareJob())
    panel.upload.value = dropped("empty.csv", b"")
    press(panel, "check_button")
    assert "Stopped" in panel.message.value
    assert "is empty" in panel.message.value
    assert not (home / "sandbox" / "prepared").exists()


def test_a_plan_is_shown_and_then_sent(customers: str, sandbox: Sandbox) -> None:
    """Send is shut until the plan was shown, and then sends exactly that."""
    panel = DeliverPanel(DeliverJob(source=customers, list="A"))
    assert panel.send_button.disabled
    press(panel, "plan_button")
    assert "Add 2 SHA-256 digests" in panel.plan_view.value
    assert sandbox.lists().get("A", 0) == 0
    press(panel, "send_button")
    assert "2 of 2 added" in panel.message.value
    assert sandbox.lists()["A"] == 2
    panel.job.close()


def test_a_changed_choice_takes_the_plan_away(customers: str, sandbox: Sandbox) -> None:
    """What was shown no longer counts once the list's name is another."""
    panel = DeliverPanel(DeliverJob(source=customers, list="A"))
    press(panel, "plan_button")
    panel.list.value = "B"
    assert panel.send_button.disabled
    assert panel.plan_view.value == ""
    press(panel, "plan_button")
    press(panel, "send_button")
    assert sandbox.lists().get("A", 0) == 0
    assert sandbox.lists()["B"] == 2
    panel.job.close()


def test_a_refusal_reaches_the_person(customers: str, sandbox: Sandbox) -> None:
    """The platform's no is shown with what to do, and Send is shut."""
    sandbox.script(Fault.answer(400))
    panel = DeliverPanel(DeliverJob(source=customers, list="A"))
    press(panel, "plan_button")
    press(panel, "send_button")
    assert "Stopped" in panel.message.value
    assert "0 of 2 identifiers are confirmed" in panel.message.value
    assert panel.send_button.disabled
    panel.job.close()


def test_the_doctor_finds_a_carriage_return_and_forgets_the_customers() -> None:
    """The verdict stands on the screen, and what was typed of customers is gone."""
    inbox = Path.cwd() / "inbox"
    inbox.mkdir()
    hashed = sha256(b"ada@example.com\r").hexdigest()
    (inbox / "hashed.csv").write_text(f"{hashed}\n")
    panel = DoctorPanel(DoctorJob())
    assert panel.examine_button.disabled
    panel.source.value = "inbox/hashed.csv"
    panel.customers.value = "ada@example.com"
    press(panel, "examine_button")
    assert "a carriage return at its end" in panel.message.value
    assert "Look here" in panel.message.value
    assert panel.customers.value == ""
    assert "hashed as" in live(panel.job.mistakes)._repr_mimebundle_()["text/html"]


def test_the_doctor_sends_a_list_of_addresses_elsewhere(customers: str) -> None:
    """There is nothing to examine, and the message says where to go."""
    panel = DoctorPanel(DoctorJob(source=customers))
    press(panel, "examine_button")
    assert "goes to prepare" in panel.message.value


def test_referrals_are_collected_by_one_button() -> None:
    """The message says how many files and rows came, and that they add up."""
    panel = ReferralsPanel(ReferralsJob())
    press(panel, "collect_button")
    assert "10 new files" in panel.message.value
    panel.job.close()


def test_a_live_view_fills_itself(customers: str) -> None:
    """A place that says what to do first shows the chart once the job is done."""
    job = PrepareJob(source=customers)
    place = live(job.sums_chart)
    early = place._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in early
    job.run()
    assert "<svg" in live(job.sums_chart)._repr_mimebundle_()["text/html"]


def test_live_takes_views_of_jobs_only() -> None:
    """Anything else is a mistake that says how to call it."""
    with pytest.raises(TypeError, match=r"live\(job\.sums_chart\)"):
        live(lambda: None)


def test_an_unforeseen_error_becomes_a_message_without_its_text() -> None:
    """What a foreign error says may hold a value, so only its type is shown."""
    heard: list[str] = []
    background = BackgroundJob()

    def work() -> None:
        raise ValueError("ada@example.com")

    background.start(work, heard.append)
    background.join()
    assert "ValueError" in heard[0]
    assert "ada" not in heard[0]


def test_readings_are_thinned_but_the_last_one_always_comes() -> None:
    """A thousand readings at once become the first and the last."""
    heard: list[Progress] = []
    listen = throttled(heard.append)
    for done in range(1001):
        listen(Progress("Sending", done, 1000, "rows"))
    assert heard[0].done == 0
    assert heard[-1].done == 1000
    assert len(heard) < 20


def test_every_field_has_a_label_and_every_message_a_role() -> None:
    """A screen reader can name each field and hears each message."""
    panel = PreparePanel(PrepareJob())
    for field in (panel.source, panel.column, panel.upload, panel.check_button):
        assert field.description
    assert 'role="status"' in panel.message.value
