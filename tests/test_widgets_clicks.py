"""Clicks that were on their way when the page had changed: the kernel decides, not the page.

A button that is shut is shut in the browser only once the kernel's word has arrived there; what was
pressed and chosen before arrives all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rokt_helpers.jobs import ConversionsJob, DeliverJob, ListsJob, PrepareJob
from rokt_helpers.sandbox import Sandbox
from rokt_helpers.widgets import ConversionsPanel, DeliverPanel, ListsPanel, PreparePanel
from tests.dropping import drop
from tests.test_widgets import press

PEOPLE = "email\nada@example.com\nbob@example.com\n"


@pytest.fixture
def lists() -> tuple[str, str]:
    """Two lists of the inbox."""
    inbox = Path.cwd() / "inbox"
    inbox.mkdir()
    (inbox / "first.csv").write_text(PEOPLE)
    (inbox / "second.csv").write_text("email\ncy@example.com\nnone\n")
    return "inbox/first.csv", "inbox/second.csv"


def while_busy(panel: Any, press_it: Callable[[], None]) -> None:
    """Do something in the moment in which a job has just begun, as a late click does."""
    was_done = False

    def once(_: object) -> None:
        nonlocal was_done
        if panel.form.is_busy and not was_done:
            was_done = True
            press_it()

    for section in panel.sections:
        section.message.observe(once, "value")


def test_a_late_click_on_send_sends_nothing(lists: tuple[str, str], sandbox: Sandbox) -> None:
    """The plan of one list is not sent once another list is chosen, however quick the click."""
    panel = DeliverPanel(DeliverJob(source=lists[0], list="A"))
    press(panel, "plan_button")
    panel.list.value = "B"
    press(panel, "send_button")
    assert sandbox.requests() == []
    assert panel.form.step == "choose"
    press(panel, "plan_button")
    press(panel, "send_button")
    assert (sandbox.lists().get("A", 0), sandbox.lists()["B"]) == (0, 2)
    panel.job.close()


def test_what_is_chosen_while_a_plan_is_made_is_put_back(
    lists: tuple[str, str], sandbox: Sandbox
) -> None:
    """The plan, the fields and what is sent are of the same choice."""
    panel = DeliverPanel(DeliverJob(source=lists[0], list="A"))

    def choose_others() -> None:
        panel.list.value = "B"
        panel.action.value = "exclude"
        panel.picker.picked.value = lists[1]

    while_busy(panel, choose_others)
    press(panel, "plan_button")
    assert (panel.list.value, panel.action.value) == ("A", "include")
    assert panel.picker.picked.value == lists[0]
    press(panel, "send_button")
    assert (sandbox.lists()["A"], sandbox.lists().get("B", 0)) == (2, 0)
    panel.job.close()


def test_a_plan_that_fails_leaves_no_older_one(lists: tuple[str, str], sandbox: Sandbox) -> None:
    """What cannot be planned any more is not sent as it was before."""
    del sandbox
    job = DeliverJob(source=lists[0], list="A")
    panel = DeliverPanel(job)
    press(panel, "plan_button")
    (Path.cwd() / lists[0]).write_text("")
    press(panel, "plan_button")
    assert "is empty" in panel.said
    assert job.plan is None
    assert not job.result().get("plan")
    job.close()


def test_another_list_chosen_during_a_check_is_put_back(lists: tuple[str, str]) -> None:
    """What was checked is what is prepared, and what the page names."""
    panel = PreparePanel(PrepareJob())
    panel.picker.picked.value = lists[0]
    while_busy(panel, lambda: setattr(panel.picker.picked, "value", lists[1]))
    press(panel, "check_button")
    assert (panel.picker.picked.value, panel.form.source) == (lists[0], lists[0])
    press(panel, "prepare_button")
    assert "2 of 2 rows are ready" in panel.said


def test_a_file_that_arrives_during_a_check_is_refused(lists: tuple[str, str]) -> None:
    """It says so beside the zone, and what was checked stays chosen."""
    panel = PreparePanel(PrepareJob())
    panel.picker.picked.value = lists[0]
    while_busy(panel, panel.picker.take_pasted)
    panel.picker.pasted.value = "cy@example.com\n"
    press(panel, "check_button")
    assert panel.form.source == lists[0]
    assert panel.picker.pasted.value == "cy@example.com\n", "the lines can be used afterwards"


def test_pressing_twice_is_pressing_once(lists: tuple[str, str]) -> None:
    """The second press comes while the first is at work, and nothing waits for ever."""
    panel = ListsPanel(ListsJob(left=lists[0], right=lists[1]))
    while_busy(panel, panel.compare_button.click)
    press(panel, "compare_button")
    assert panel.form.step == "done"


def test_another_file_of_purchases_during_a_look_is_put_back(sandbox: Sandbox) -> None:
    """Which column is what is never that of another file."""
    del sandbox
    inbox = Path.cwd() / "inbox"
    inbox.mkdir()
    (inbox / "a.csv").write_text("email,bought\nada@example.com,2026-11-01T10:00:00Z\n")
    (inbox / "b.csv").write_text("mail,paid\nada@example.com,12\n")
    panel = ConversionsPanel(ConversionsJob())
    while_busy(panel, lambda: setattr(panel.picker.picked, "value", "inbox/b.csv"))
    panel.picker.picked.value = "inbox/a.csv"
    panel.background.join()
    assert panel.picker.picked.value == panel.form.source == panel.job.source == "inbox/a.csv"
    assert [row.column for row in panel.form.columns] == ["email", "bought"]
    panel.job.close()


def test_a_second_file_of_the_same_name_has_rejected_rows_of_its_own() -> None:
    """Pasted lines are all called the same: what was rejected of the last is not of these."""
    panel = PreparePanel(PrepareJob())
    drop(panel, "list.csv", b"email\nnone\nada@example.com\n")
    press(panel, "check_button")
    press(panel, "prepare_button")
    drop(panel, "list.csv", b"email\nbob@example.com\nnobody\n")
    press(panel, "check_button")
    assert panel.job.rejected_for_correction()["row"].to_list() == [3]
