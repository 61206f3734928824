"""The screens of referrals: what may be pressed, and what is said."""

from __future__ import annotations

import dataclasses

import pytest

from rokt_helpers.forms import LoopForm, ReferralsForm
from rokt_helpers.progress import Progress

FILLED = ReferralsForm(is_filled=True, lists=("Customers", "Optouts", "Returns"))


def test_collecting_can_be_repeated_and_stopped_but_not_doubled() -> None:
    """Collect is shut while it works and open again afterwards; Stop is open while it works."""
    form = ReferralsForm()
    assert (form.can_collect, form.can_stop) == (True, False)
    busy = form.collecting()
    assert (busy.can_collect, busy.can_stop) == (False, True)
    assert "after this file" in busy.stopping().message.text
    assert busy.done(["2 new files."]).can_collect
    failed = busy.progressed(Progress("Collecting", 1, 2, "files")).failed("No answer.")
    assert (failed.can_collect, failed.progress, failed.message.tone) == (True, None, "bad")


def test_there_must_be_something_to_look_at() -> None:
    """Looking again and writing open once there are referrals."""
    empty = ReferralsForm()
    assert (empty.can_look, empty.can_write) == (False, False)
    none = empty.collecting().done(["0 new files."], is_filled=False)
    assert (none.can_look, none.can_write) == (False, False)
    some = empty.collecting().done(["2 new files."])
    assert (some.can_look, some.can_write, some.message.tone) == (True, True, "good")


def test_a_stopped_collection_is_no_success() -> None:
    """The message says so in its tone."""
    form = ReferralsForm().collecting().done(["Stopped when asked to."], stopped=True)
    assert (form.message.tone, form.message.word) == ("warning", "Look here")


def test_many_sentences_are_told_briefly() -> None:
    """The sums come first, what to do comes last, and the rest is counted."""
    lines = ["9 new files.", *(f"{n}.csv was left." for n in range(140)), "Collect again."]
    text = ReferralsForm().collecting().done(lines, stopped=True).message.text
    assert text.startswith("9 new files. 0.csv was left. ")
    assert text.endswith("3.csv was left. (136 more like these.) Collect again.")


def test_a_report_shows_what_is_chosen() -> None:
    """After a choice the charts are behind, so there is nothing to write until they follow."""
    chosen = FILLED.choose(customers="inbox/customers.csv")
    assert (chosen.can_write, chosen.can_look) == (False, True)
    assert "Look again" in chosen.message.text
    looked = chosen.looking().looked()
    assert looked.can_write
    wrote = looked.writing().wrote("reports/a.html")
    assert "reports/a.html" in wrote.message.text
    assert wrote.choose(days=7).written == ""


@pytest.mark.parametrize("step", ["collecting", "looking", "writing"])
def test_one_thing_at_a_time(step: str) -> None:
    """While a job is under way no other can begin, and only a collection can be stopped."""
    form = getattr(FILLED, step)()
    assert form.is_busy
    assert (form.can_collect, form.can_look, form.can_write) == (False, False, False)
    assert form.can_stop == (step == "collecting")


@pytest.mark.parametrize(
    ("typed", "kept", "well"),
    [("usd", "USD", True), (" eur ", "EUR", True), ("", "", True), ("us", "US", False),
     ("U$D", "U$D", False), ("€€€", "€€€", False)],
)  # fmt: skip
def test_a_currency_is_three_letters(typed: str, kept: str, well: bool) -> None:
    """Small letters are put right; what is none keeps Look again shut and says why."""
    form = FILLED.choose(currency=typed)
    assert (form.currency, form.can_look, form.todo == "") == (kept, well, well)
    assert ("three letters" in form.message.text) != well


def test_lists_that_count_are_ticked_in_the_order_they_are_shown() -> None:
    """Ticking adds a list, unticking takes it out; none of them is all of them."""
    form = FILLED.suppress_by("Returns", counts=True).suppress_by("Customers", counts=True)
    assert form.suppress == ("Customers", "Returns")
    assert form.suppress_by("Customers", counts=False).suppress == ("Returns",)
    assert form.is_changed


def test_where_files_come_from_is_a_sentence() -> None:
    """One route, several, or none and what to do about it."""
    assert ReferralsForm(routes=("the mailbox",)).where_from == "From the mailbox."
    assert ReferralsForm(routes=("a", "b", "c")).where_from == "From a, b and c."
    assert ".env.example" in ReferralsForm().where_from


def test_purchases_ask_how_they_are_written_once_there_are_some() -> None:
    """Columns and time zone are asked for a chosen file only."""
    for form in (FILLED, LoopForm()):
        assert not form.asks_about_purchases
        assert form.choose(purchases="inbox/sold.csv").asks_about_purchases


# --- closing the loop -----------------------


def test_a_loop_needs_a_list_that_is_named() -> None:
    """The plan stays shut until the list is named and a day counts, and the message says so."""
    form = LoopForm()
    assert not form.can_plan
    named = form.choose(list=" Seen ")
    assert (named.list, named.can_plan) == ("Seen", True)
    assert not named.choose(days=0).can_plan
    assert "Name the suppression list" in named.choose(list=" ").message.text


def test_a_loop_can_be_stopped_where_something_is_read_or_sent() -> None:
    """Collecting and sending stop between two pieces; a plan alone is made at once."""
    form = LoopForm(list="Seen")
    assert form.planning().can_stop
    assert not form.choose(collect=False).planning().can_stop
    assert form.planning().planned(["Add 2."], "{}").sending().can_stop
    assert "Stopping" in form.planning().stopping().message.text


def test_a_plan_of_nobody_leaves_nothing_to_send() -> None:
    """It says that nobody is new, and Send stays shut."""
    form = LoopForm(list="Seen").planning().planned(["Nothing is to be done."], "")
    assert (form.can_send, form.message.tone, form.can_plan) == (False, "good", True)
    assert LoopForm(list="Seen").planning().planned(["Add 2."], "{}").can_send


def test_what_is_chosen_after_the_plan_shuts_send() -> None:
    """A plan counts for what it was made of; on a live account the list's name is typed, too."""
    planned = LoopForm(list="Seen", profile="live").planning().planned(["Add 2."], "{}")
    assert not planned.can_send
    typed = planned.type_confirmation("Seen")
    assert typed.can_send
    for choice in ({"days": 7}, {"purchases": "a.csv"}, {"list": "Other"}, {"collect": False}):
        changed = typed.choose(**choice)
        assert (changed.can_send, changed.plan) == (False, ())


@pytest.mark.parametrize("form", [ReferralsForm(), LoopForm()])
def test_forms_are_values(form: object) -> None:
    """Nothing can change a form behind the screen's back."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        form.message = "x"  # type: ignore[attr-defined]
