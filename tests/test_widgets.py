"""The panels without a browser: widgets are pressed in Python, the work is real."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from rokt_helpers.jobs import DeliverJob, DoctorJob, ListsJob, PrepareJob
from rokt_helpers.progress import Progress
from rokt_helpers.sandbox import Fault, Sandbox
from rokt_helpers.widgets import (
    DeliverPanel,
    DoctorPanel,
    ListsPanel,
    PreparePanel,
    live,
)
from rokt_helpers.widgets.background import BackgroundJob, throttled
from tests.dropping import drop
from tests.house.project import run_tool

CUSTOMERS = "name,email\nAda,ADA@example.com\nBob,bob@example.com\nCy,none\n"


@pytest.fixture
def customers() -> str:
    inbox = Path.cwd() / "inbox"
    inbox.mkdir()
    (inbox / "customers.csv").write_text(CUSTOMERS)
    return "inbox/customers.csv"


def press(panel: Any, button: str) -> None:
    getattr(panel, button).click()
    panel.background.join()


def test_a_list_is_chosen_checked_and_prepared(customers: str) -> None:
    """The three steps end with sums on the screen and a file on the disk."""
    job = PrepareJob()
    panel = PreparePanel(job)
    assert panel.prepare_button.disabled
    panel.picker.picked.value = customers
    press(panel, "check_button")
    assert "column &#x27;email&#x27; holds addresses" in panel.said
    assert panel.column.value == "email"
    press(panel, "prepare_button")
    assert "2 of 3 rows are ready" in panel.said
    assert "2 accepted (66.7%)" in panel.found.value
    assert job.written is not None
    assert len(job.written.read_text().splitlines()) == 2


def test_advice_is_seen_chosen_and_applied(home: Path) -> None:
    """Nothing is ticked for a person; what they tick is done to the whole list, and counted."""
    odd = b"email\nada@gmial.com\ntest@test.com\nbob@firm.com\n"
    job = PrepareJob(output="plain")
    panel = PreparePanel(job)
    drop(panel, "odd.csv", odd)
    place = live(job.advice_table)
    assert "Press Check" in str(place._repr_mimebundle_())
    press(panel, "check_button")
    typo, placeholder = panel.advice["domain_typo"], panel.advice["placeholder"]
    assert [row.layout.display for row in panel.advice.values()] == ["flex", "none", "flex", "none"]
    assert (typo.box.value, placeholder.box.value, typo.box.disabled) == (False, False, False)
    assert "•••@gmial.com → •••@gmail.com" in typo.text.value
    assert "1,000 or more" in panel.remarks.value
    assert "mistyped mail domains" in str(live(job.advice_table)._repr_mimebundle_())
    typo.box.value = True
    press(panel, "prepare_button")
    assert "The advice you chose changed 1 row." in panel.said
    assert job.result()["summary"]["advice_applied"] == {"domain_typo": 1}
    written = (home / "sandbox" / "prepared" / "odd-plain.csv").read_text().split()
    assert written == ["ada@gmail.com", "test@test.com", "bob@firm.com"]
    panel.picker.picked.value = ""
    assert [row.layout.display for row in panel.advice.values()] == ["none"] * 4


def test_advice_that_a_setting_names_is_ticked(customers: str) -> None:
    """What the settings of a notebook apply stands on the screen, and can be given up there."""
    panel = PreparePanel(PrepareJob(source=customers, apply="disposable, domain_typo"))
    press(panel, "check_button")
    assert panel.advice["disposable"].box.value
    panel.advice["disposable"].box.value = False
    press(panel, "prepare_button")
    assert panel.job.apply == ("domain_typo",)


def test_the_check_says_what_speaks_for_the_column(customers: str) -> None:
    """The evidence for the column stands in the message."""
    panel = PreparePanel(PrepareJob(source=customers))
    press(panel, "check_button")
    assert "its first 3 filled cells: 67 % addresses, 33 % neither" in panel.said


def test_preparing_can_be_stopped(customers: str, home: Path) -> None:
    """Stop ends it with a sentence before anything is written, and the list stays chosen."""
    job = PrepareJob()
    panel = PreparePanel(job)
    panel.picker.picked.value = customers
    press(panel, "check_button")
    assert panel.stop_button.disabled

    heard: list[str] = []

    def stop_at_the_first_reading(change: dict[str, str]) -> None:
        heard.append(change["new"])
        if panel.form.progress is not None and not panel.background.cancel.is_set():
            panel.stop_button.click()
            panel.listener()(panel.form.progress)

    panel.sections[2].message.observe(stop_at_the_first_reading, "value")
    press(panel, "prepare_button")
    assert "Stopping …" in heard[-2], "a reading that comes later hides that the stop was heard"
    assert "Nothing was written" in panel.said
    assert (panel.stop_button.disabled, panel.picker.picked.value) == (True, customers)
    assert job.written is None
    assert not (home / "sandbox" / "prepared").exists()


def test_a_dropped_file_is_taken_and_the_widget_keeps_no_copy() -> None:
    """The browser's copy of a list is not left in the widget, where a saved page would keep it."""
    panel = PreparePanel(PrepareJob())
    drop(panel, "mine.csv", CUSTOMERS.encode())
    assert Path(panel.picker.picked.value).name == "mine.csv"
    press(panel, "check_button")
    press(panel, "prepare_button")
    assert panel.form.step == "done"


def test_two_candidate_columns_end_in_a_question_that_can_be_answered() -> None:
    """The message asks, the columns can be picked, and then the check goes through."""
    both = b"email,backup\na@example.com,b@example.com\n"
    panel = PreparePanel(PrepareJob())
    drop(panel, "two.csv", both)
    press(panel, "check_button")
    assert "2 columns could hold the identifiers" in panel.said
    assert panel.prepare_button.disabled
    panel.column.value = "backup"
    press(panel, "check_button")
    assert not panel.prepare_button.disabled


def test_a_bad_file_is_a_message_and_nothing_is_written(home: Path) -> None:
    """A file with nothing in it stops the panel kindly."""
    panel = PreparePanel(PrepareJob())
    drop(panel, "empty.csv", b"\n")
    press(panel, "check_button")
    assert "Stopped" in panel.said
    assert "is empty" in panel.said
    assert not (home / "sandbox" / "prepared").exists()


def test_a_plan_is_shown_and_then_sent(customers: str, sandbox: Sandbox) -> None:
    """Send is shut until the plan was shown, and then sends exactly that."""
    panel = DeliverPanel(DeliverJob(source=customers, list="A"))
    assert panel.send_button.disabled
    press(panel, "plan_button")
    assert "Add 2 SHA-256 digests" in panel.plan_view.value
    assert sandbox.lists().get("A", 0) == 0
    press(panel, "send_button")
    assert "2 of 2 added" in panel.said
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
    assert "Stopped" in panel.said
    assert "0 of 2 identifiers are confirmed" in panel.said
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
    panel.picker.picked.value = "inbox/hashed.csv"
    panel.customers.value = "ada@example.com"
    press(panel, "examine_button")
    assert "a carriage return at its end" in panel.said
    assert "Look here" in panel.said
    assert panel.customers.value == ""
    assert "hashed as" in live(panel.job.mistakes)._repr_mimebundle_()["text/html"]


def test_the_doctor_sends_a_list_of_addresses_elsewhere(customers: str) -> None:
    """There is nothing to examine, and the message says where to go."""
    panel = DoctorPanel(DoctorJob(source=customers))
    press(panel, "examine_button")
    assert "goes to prepare" in panel.said


def test_two_lists_are_compared_and_who_conflicts_is_kept(customers: str, home: Path) -> None:
    """The question names the sides; the finding stands on the screen, and its people in a file."""
    stop = sha256(b"bob@example.com").hexdigest()
    (Path.cwd() / "inbox" / "stop.csv").write_text(f"{stop}\n")
    panel = ListsPanel(ListsJob())
    assert panel.compare_button.disabled
    panel.mode.value = "conflicts"
    assert (panel.left.description, panel.right.description) == ("To target", "To suppress")
    panel.left.value, panel.right.value = customers, "inbox/stop.csv"
    press(panel, "compare_button")
    assert "1 person is on both lists: 50.0% of those to target" in panel.said
    assert "Look here" in panel.said
    assert "<svg" in live(panel.job.chart)._repr_mimebundle_()["text/html"]
    press(panel, "keep_button")
    assert "Deliver that file to take them off the list." in panel.said
    written = home / "sandbox" / "prepared" / "customers-conflicts.csv"
    assert written.read_text() == f"{stop}\n"


def test_another_question_takes_the_finding_away(customers: str) -> None:
    """What was found is not about the next question, and no file is offered for it."""
    (Path.cwd() / "inbox" / "later.csv").write_text("ada@example.com\nnew@example.com\n")
    job = ListsJob(left=customers, right="inbox/later.csv", mode="conflicts")
    panel = ListsPanel(job)
    press(panel, "compare_button")
    assert panel.keep_button.layout.display is None
    panel.mode.value = "churn"
    assert panel.keep_button.layout.display == "none"
    assert "Press Compare" in panel.said
    press(panel, "compare_button")
    assert "From 2 people to 2: 1 came and 1 went" in panel.said


def test_a_list_that_cannot_be_compared_is_a_message(customers: str) -> None:
    """An empty file stops it kindly, and the choice stays."""
    (Path.cwd() / "inbox" / "empty.csv").write_text("")
    panel = ListsPanel(ListsJob(left=customers, right="inbox/empty.csv"))
    press(panel, "compare_button")
    assert "is empty" in panel.said
    assert panel.right.value == "inbox/empty.csv"
    assert not panel.compare_button.disabled


def test_comparing_can_be_stopped(customers: str) -> None:
    """Stop ends it with a sentence, and nothing was found."""
    (Path.cwd() / "inbox" / "later.csv").write_text("ada@example.com\n")
    panel = ListsPanel(ListsJob(left=customers, right="inbox/later.csv"))

    def stop_at_the_first_reading(_: object) -> None:
        if panel.form.progress is not None:
            panel.stop_button.click()

    panel.sections[2].message.observe(stop_at_the_first_reading, "value")
    press(panel, "compare_button")
    assert "Stopped" in panel.said
    assert panel.job.answer is None


def test_a_live_view_fills_itself(customers: str) -> None:
    """A place that says what to do first shows the chart once the job is done."""
    job = PrepareJob(source=customers)
    place = live(job.sums_chart)
    early = place._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in early
    assert "Notice(" not in early["text/html"], "a page without widgets would show code"
    assert "</em>" in early["text/html"]
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
    for field in (panel.picker.picked, panel.picker.pasted, panel.column, panel.check_button):
        assert field.description
    assert 'role="status"' in panel.said


def test_a_form_is_drawn_before_pandas_is_loaded() -> None:
    """A person who opens a page waits a second less; who looks at a table loads it then."""
    drawn = "from rokt_helpers import jobs, widgets; import sys; print('pandas' in sys.modules)"
    assert run_tool("-c", drawn) == (0, "False\n")
