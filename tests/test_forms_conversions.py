from __future__ import annotations

import dataclasses

import pytest

from rokt_helpers.errors import InputError
from rokt_helpers.forms import ConversionsForm
from rokt_helpers.forms.conversions import ColumnRow
from rokt_helpers.progress import Progress

COLUMNS = (
    ColumnRow("Mail", "email", "named like email"),
    ColumnRow("Order", "confirmationref", "named like confirmationref"),
    ColumnRow("Kind", "conversiontype", "named like conversiontype"),
    ColumnRow("Note", "", "its name and content say nothing"),
)
DATED = ColumnRow(
    "Date", "timestamp_unixtime_ms", "named like date", frozenset({"time_zone", "date_order"})
)
SUMS = "3 of 4 rows are conversions to report."


def seen(*more: ColumnRow, profile: str = "sandbox") -> ConversionsForm:
    """A form whose columns are on the screen."""
    form = ConversionsForm(profile=profile).choose("a.csv").looking()
    return form.looked((*COLUMNS, *more))


def planned(profile: str = "sandbox") -> ConversionsForm:
    return seen(profile=profile).checking().checked(SUMS, ["Report 3 …"], "{}")


def test_a_fresh_form_offers_nothing_to_press() -> None:
    """Without a file nothing can be checked, saved, sent or stopped, and nothing is asked."""
    form = ConversionsForm()
    assert not any((form.can_check, form.can_save, form.can_send, form.can_stop))
    assert (form.todo, form.fields) == ((), ())


def test_what_is_recognised_can_be_checked_at_once() -> None:
    """A file that leaves nothing open asks for nothing."""
    form = seen()
    assert form.can_check
    assert form.todo == ()
    assert form.fields == ()


def test_what_the_file_leaves_open_is_asked_for() -> None:
    """Check is shut until a question about a column in use is answered; the field stays there."""
    form = seen(DATED)
    assert form.fields == ("time_zone", "date_order")
    assert [("time zone" in said, "02/03" in said) for said in form.todo] == [
        (True, False), (False, True),
    ]  # fmt: skip
    assert not form.can_check
    answered = form.say("time_zone", " UTC ").say("date_order", "dmy")
    assert answered.can_check
    assert answered.how == {"time_zone": "UTC", "date_order": "dmy"}
    assert answered.fields == form.fields


def test_a_column_that_is_left_out_asks_nothing() -> None:
    """Questions are about columns in use, and about what they are used as."""
    form = seen(DATED)
    assert form.choose_attribute("Date", "").can_check
    assert form.choose_attribute("Date", "productname").can_check
    assert "decimal" not in form.choose_attribute("Date", "amount").needed


def test_a_file_without_a_type_asks_for_one() -> None:
    """The platform drops what has no type; a missing currency is offered, and not insisted on."""
    form = seen(ColumnRow("Total", "amount", "")).choose_attribute("Kind", "")
    assert form.fields == ("conversiontype", "currency")
    assert not form.can_check
    assert form.say("conversiontype", "purchase").can_check


def test_all_fields_can_be_opened() -> None:
    """What nothing asks for can be said all the same, and a failed check opens it, too."""
    form = seen()
    assert len(form.show_all(is_wanted=True).fields) == 5
    assert len(form.checking().failed("3 conversions have no conversiontype.").fields) == 5


def test_two_columns_of_one_attribute_are_named() -> None:
    """Nothing is taken away from the other column in silence; a person leaves one out."""
    form = seen().choose_attribute("Note", "email")
    assert form.todo == ("'Mail' and 'Note' are both e-mail address: leave one out.",)
    assert not form.can_check
    with pytest.raises(InputError, match="both mapped to email"):
        _ = form.matched
    mended = form.choose_attribute("Mail", "")
    assert mended.can_check
    assert mended.columns[0].evidence == "left out by hand"
    assert mended.matched.attributes["Note"] == "email"
    assert mended.columns[3].evidence == "chosen by hand as email"


def test_somebody_must_have_bought() -> None:
    """Without a column that says who, Check is shut and says so."""
    form = seen().choose_attribute("Mail", "")
    assert not form.can_check
    assert "who bought" in form.todo[0]


def test_the_file_of_people_asks_for_addresses_only() -> None:
    """One column goes, so nothing is asked about the others."""
    form = seen(DATED).choose_attribute("Kind", "").choose_via("sftp")
    assert (form.fields, form.todo, form.can_check) == ((), (), True)
    assert "addresses" in form.choose_attribute("Mail", "mobile").todo[0]


def test_sending_needs_a_plan_that_was_shown() -> None:
    """Whatever is chosen anew makes a shown plan worthless."""
    form = planned()
    assert form.can_send
    assert SUMS in form.message.text
    for changed in (
        form.choose("b.csv"),
        form.choose_attribute("Note", "city"),
        form.say("currency", "USD"),
        form.choose_via("events-sftp"),
    ):
        assert not changed.can_send
        assert (changed.plan, changed.request) == ((), "")


def test_saving_keeps_the_plan() -> None:
    """A mapping with a name can be saved, which says where, and what was shown still counts."""
    form = planned()
    assert not form.can_save
    saved = form.name_it("shop").saved("params/mappings/shop.yml", ["params/mappings/shop.yml"])
    assert "params/mappings/shop.yml" in saved.message.text
    assert saved.can_send
    assert not form.name_it("shop").choose_attribute("Note", "email").can_save


def test_live_asks_for_a_word() -> None:
    """In the live profile Send stays shut until the word is typed; it does not outlive its plan."""
    form = planned("live")
    assert form.must_type
    assert not form.can_send
    assert not form.type_confirmation("Conversions").can_send
    typed = form.type_confirmation("conversions")
    assert typed.can_send
    assert not typed.say("currency", "USD").checked(SUMS, [], "").can_send


def test_only_the_long_jobs_can_be_stopped() -> None:
    """Reading the whole file and sending can be stopped; meanwhile nothing else can be pressed."""
    for form in (seen().checking(), planned().sending()):
        assert (form.can_stop, form.can_check, form.can_choose, form.can_send) == (
            True, False, False, False,
        )  # fmt: skip
    assert not seen().looking().can_stop
    assert not planned().sending().done("3 of 3").can_stop
    assert not planned().sending().done("3 of 3").can_send


def test_another_file_forgets_the_columns_of_the_last() -> None:
    """Columns belong to one file; a saved mapping can be chosen with it."""
    form = seen().choose("dropped/mine.csv", "params/mappings/a.yml")
    assert form.columns == ()
    assert form.mapping == "params/mappings/a.yml"


def test_a_failure_keeps_what_was_chosen() -> None:
    """It can be mended: the columns stay, and the tone is said in a word."""
    form = seen().checking().failed("It is empty.")
    assert (form.columns, form.message.word) == (seen().columns, "Stopped")
    assert form.can_check


def test_progress_is_said_in_words() -> None:
    """The message carries the reading."""
    reading = Progress("Sending", 100, 400, "rows", 50.0, 6.0)
    text = ConversionsForm().progressed(reading).message.text
    assert text == "Sending: 100 of 400 rows, 50 a second, 6 s left"


def test_the_form_is_a_value() -> None:
    """Nothing can change it behind the screen's back."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        ConversionsForm().source = "x"  # type: ignore[misc]
