"""The panel of conversions without a browser: pressed in Python, the work is real."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rokt_helpers.jobs import ConversionsJob
from rokt_helpers.sandbox import Fault, Sandbox
from rokt_helpers.widgets import ConversionsPanel, live
from tests.dropping import drop as dropped
from tests.test_widgets import press

SHOP = b"""Mail,Order number,Order date,Total
ann@example.com,A-1,2026-11-01 10:00,49.99
bob@example.com,A-2,2026-11-02 11:30,12.50
nobody,A-3,2026-11-03 09:00,5.00
"""
RIVALS = b"Buyer,Friend,Kind\na@example.com,b@example.com,purchase\n"


@pytest.fixture
def panel(sandbox: Sandbox) -> Iterator[ConversionsPanel]:
    assert sandbox.url
    shown = ConversionsPanel(ConversionsJob(time_zone="Europe/Berlin"))
    yield shown
    shown.job.close()


def drop(panel: ConversionsPanel, content: bytes, name: str = "shop.csv") -> None:
    dropped(panel, name, content)
    panel.background.join()


def shown_rows(panel: ConversionsPanel) -> dict[str, Any]:
    return {row.column: row for row in panel.rows.children if row.layout.display == "flex"}


def visible(panel: ConversionsPanel) -> set[str]:
    return {how for how, field in panel.fields.items() if field.layout.display == "flex"}


def test_purchases_are_seen_checked_and_sent(panel: ConversionsPanel, sandbox: Sandbox) -> None:
    """A dropped file is looked at by itself; Send is shut until the plan was shown."""
    drop(panel, SHOP)
    rows = shown_rows(panel)
    assert [*rows] == ["Mail", "Order number", "Order date", "Total"]
    assert rows["Total"].choice.value == "amount"
    assert "named like amount" in rows["Total"].why.value
    assert visible(panel) == {"time_zone", "conversiontype", "currency"}
    assert "conversion type" in panel.todo.value
    assert panel.check_button.disabled
    panel.fields["conversiontype"].value = "purchase"
    panel.fields["currency"].value = "EUR"
    assert panel.todo.value == ""
    press(panel, "check_button")
    assert "2 of 3 rows are conversions to report" in panel.said
    assert "Report 2 conversions" in panel.plan_view.value
    assert "•••" in panel.plan_view.value
    assert sandbox.events.conversions() == []
    press(panel, "send_button")
    assert "every request was taken" in panel.said
    assert {each.currency for each in sandbox.events.conversions()} == {"EUR"}
    assert "62.49 EUR" in str(live(panel.job.sales_chart)._repr_mimebundle_())


def test_a_choice_between_two_columns_is_made_on_the_screen(panel: ConversionsPanel) -> None:
    """Neither of two columns of addresses is taken unasked; the chosen one goes."""
    drop(panel, RIVALS)
    rows = shown_rows(panel)
    assert (rows["Buyer"].choice.value, rows["Friend"].choice.value) == ("", "")
    assert "who bought" in panel.todo.value
    rows["Kind"].choice.value = "conversiontype"
    rows["Buyer"].choice.value = "email"
    assert "chosen by hand" in rows["Buyer"].why.value
    rows["Friend"].choice.value = "email"
    assert "are both e-mail address" in panel.todo.value
    assert panel.check_button.disabled
    rows["Friend"].choice.value = ""
    press(panel, "check_button")
    assert "1 of 1 rows are conversions" in panel.said
    assert panel.job.matched is not None
    assert panel.job.matched.columns == {"email": "Buyer", "conversiontype": "Kind"}


def test_the_mapping_is_saved_and_taken_again(panel: ConversionsPanel) -> None:
    """What was chosen by hand is there under its name, and the next panel offers it."""
    drop(panel, RIVALS)
    shown_rows(panel)["Buyer"].choice.value = "email"
    assert panel.save_button.disabled
    panel.name.value = "gifts"
    press(panel, "save_button")
    where = "params/mappings/gifts.yml"
    assert where in panel.said
    assert "Buyer: email\nFriend: null\n" in Path(where).read_text()
    panel.mapping.value = where
    panel.background.join()
    rows = shown_rows(panel)
    assert (rows["Buyer"].choice.value, rows["Friend"].choice.value) == ("email", "")
    assert "gifts.yml" in rows["Buyer"].why.value


def test_fewer_columns_hide_the_rows_of_the_last_file(panel: ConversionsPanel) -> None:
    """No row of another file is left on the screen, and no choice of it."""
    drop(panel, SHOP)
    drop(panel, b"Mail,Kind\na@example.com,purchase\n", "small.csv")
    assert [*shown_rows(panel)] == ["Mail", "Kind"]
    assert panel.form.matched.attributes["Mail"] == "email"


def test_a_bad_file_is_a_message(panel: ConversionsPanel) -> None:
    """A file with nothing in it stops it kindly, with nothing to press."""
    drop(panel, b"\n", "empty.csv")
    assert "Stopped" in panel.said
    assert "is empty" in panel.said
    assert shown_rows(panel) == {}
    assert panel.check_button.disabled


def test_a_file_without_one_good_row_shows_why(panel: ConversionsPanel) -> None:
    """There is nothing to send, and the reasons are drawn all the same."""
    drop(panel, b"Mail,Conversion type\nnobody@,purchase\n")
    press(panel, "check_button")
    assert "No row was accepted" in panel.said
    assert panel.send_button.disabled
    assert "bad email" in str(live(panel.job.reasons_chart)._repr_mimebundle_())


def test_a_check_that_fails_opens_every_field(panel: ConversionsPanel) -> None:
    """A row without a type is named, and the field to mend it with is there."""
    drop(panel, b"Mail,Conversion type\na@example.com,purchase\nb@example.com,\n")
    press(panel, "check_button")
    assert "no conversiontype" in panel.said
    panel.fields["conversiontype"].value = "purchase"
    press(panel, "check_button")
    assert "2 of 2 rows are conversions" in panel.said


def test_a_choice_takes_the_plan_away(panel: ConversionsPanel, sandbox: Sandbox) -> None:
    """After another way was picked, that one must be checked, and goes."""
    drop(panel, b"Mail,Conversion type\na@example.com,purchase\n")
    press(panel, "check_button")
    assert not panel.send_button.disabled
    panel.via.value = "sftp"
    assert panel.send_button.disabled
    assert panel.plan_view.value == ""
    press(panel, "check_button")
    press(panel, "send_button")
    assert (sandbox.events.conversions(), len(sandbox.conversions())) == ([], 1)


def test_checking_can_be_stopped(panel: ConversionsPanel) -> None:
    """Stop ends it with a sentence, and there is no plan."""
    drop(panel, SHOP)
    panel.fields["conversiontype"].value = "purchase"

    def stop_at_the_first_reading(_: object) -> None:
        if panel.form.progress is not None:
            panel.stop_button.click()

    panel.sections[2].message.observe(stop_at_the_first_reading, "value")
    press(panel, "check_button")
    assert "Stopped" in panel.said
    assert panel.job.plan is None
    assert not panel.check_button.disabled


def test_a_refusal_reaches_the_person(panel: ConversionsPanel, sandbox: Sandbox) -> None:
    """The platform's no is shown, and Send is shut until another check."""
    drop(panel, b"Mail,Conversion type\na@example.com,purchase\n")
    press(panel, "check_button")
    sandbox.script(Fault.answer(400, wire="events"))
    press(panel, "send_button")
    assert "Stopped" in panel.said
    assert panel.send_button.disabled
    assert not panel.check_button.disabled


def test_the_same_again_is_not_sent_unasked(panel: ConversionsPanel, sandbox: Sandbox) -> None:
    """What was just sent is said to be there; a setting of the notebook lets it go once more."""
    drop(panel, b"Mail,Conversion type,Order id\na@example.com,purchase,A-1\n")
    for _ in range(2):
        press(panel, "check_button")
        press(panel, "send_button")
    assert "nothing was sent now" in panel.said
    again = ConversionsPanel(ConversionsJob(source=panel.form.source, allow="repeat"))
    again.background.join()
    press(again, "check_button")
    press(again, "send_button")
    assert "nothing was sent now" not in again.said
    assert "every request was taken" in again.said
    assert len(sandbox.events.conversions()) == 1
    again.job.close()


def test_a_file_that_is_gone_is_a_message(sandbox: Sandbox) -> None:
    """A setting that names no file says so in the panel, which can take another one."""
    assert sandbox.url
    panel = ConversionsPanel(ConversionsJob(source="inbox/gone.csv"))
    panel.background.join()
    assert "There is no file" in panel.said
    drop(panel, b"Mail,Conversion type\na@example.com,purchase\n")
    assert not panel.check_button.disabled
    panel.job.close()


def test_every_field_has_a_label_and_every_message_a_role(panel: ConversionsPanel) -> None:
    """A screen reader can name each field, each choice of a column, and hears each message."""
    drop(panel, SHOP)
    for field in (
        panel.picker.picked,
        panel.mapping,
        panel.name,
        panel.via,
        *panel.fields.values(),
    ):
        assert field.description
    for column, row in shown_rows(panel).items():
        assert column in row.choice.tooltip
    assert 'role="status"' in panel.said


def test_no_value_of_the_file_is_on_the_screen(panel: ConversionsPanel) -> None:
    """Looking, checking and sending leave no address in any widget."""
    drop(panel, SHOP)
    panel.fields["conversiontype"].value = "purchase"
    press(panel, "check_button")
    press(panel, "send_button")
    states = str([row.get_state() for row in panel.rows.children]) + panel.plan_view.value
    assert "example.com" not in states + panel.said + panel.todo.value
