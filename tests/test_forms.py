from __future__ import annotations

import dataclasses

import pytest

from rokt_helpers.advice import Advice
from rokt_helpers.forms import (
    DeliverForm,
    DoctorForm,
    ListsForm,
    Message,
    PrepareForm,
    ReferralsForm,
)
from rokt_helpers.forms.prepare import AdviceOffer, Reason
from rokt_helpers.progress import Progress

SUMMARY = {
    "rows_in": 10, "accepted": 7, "duplicates": 1, "rejected": 2, "advice_applied": {},
}  # fmt: skip
ADVICE = (
    Advice("domain_typo", "3 rows have a slip.", 3, 3, ("•••@gmial.com → •••@gmail.com",), 0.3),
    Advice("placeholder", "2 rows have none.", 2, 2, (), 0.2),
    Advice("small_include", "It is small.", 10, 10, (), 1.0),
)


def test_a_fresh_prepare_form_offers_nothing_to_press() -> None:
    """Without a list neither Check nor Prepare can be pressed."""
    form = PrepareForm()
    assert not form.can_check
    assert not form.can_prepare


def test_prepare_follows_check() -> None:
    """A list can be prepared only after it was checked as it is chosen now."""
    form = PrepareForm().choose("inbox/a.csv")
    assert form.can_check
    assert not form.can_prepare
    checked = form.checking().checked(("email",), "email", Message("10 rows"))
    assert checked.can_prepare
    assert not checked.choose("inbox/b.csv").can_prepare
    assert not checked.choose_column("other").can_prepare


def test_another_list_forgets_the_columns_of_the_last() -> None:
    """Columns belong to one list."""
    checked = PrepareForm().choose("a.csv").checked(("email",), "email", Message(""))
    again = checked.choose("b.csv")
    assert again.columns == ()
    assert again.column == ""


def test_nothing_can_be_pressed_while_a_job_is_under_way() -> None:
    """A busy form offers neither Check nor Prepare."""
    for form in (PrepareForm().choose("a.csv").checking(), PrepareForm().choose("a").preparing()):
        assert form.is_busy
        assert not form.can_check
        assert not form.can_prepare


def test_only_preparing_can_be_stopped() -> None:
    """A look is too short to be stopped; what is done or not begun cannot be."""
    form = PrepareForm().choose("a.csv")
    assert form.preparing().can_stop
    ended = form.preparing().done(SUMMARY, "out.csv")
    assert not any(f.can_stop for f in (form, form.checking(), ended, form.failed("stopped")))


def test_the_end_of_preparing_says_sums_that_add_up() -> None:
    """Accepted and accounted-for rows make up the whole."""
    form = PrepareForm().choose("a.csv").preparing().done(SUMMARY, "out.csv")
    assert "7 of 10 rows" in form.message.text
    assert "3 are accounted for" in form.message.text
    assert form.message.word == "Done"


def test_the_examples_of_the_check_stay_beside_the_whole_sums() -> None:
    """The whole list is counted and not looked at; a reason keeps what the check found of it."""
    seen = Reason("no @", 2, ("aaaa.aa",))
    form = PrepareForm().choose("a.csv").checked((), "", Message(""), reasons=[seen]).preparing()
    done = form.done(SUMMARY, "out.csv", [Reason("no @", 5), Reason("too long", 1)])
    assert done.reasons == (Reason("no @", 5, ("aaaa.aa",)), Reason("too long", 1))


def test_a_failure_keeps_the_choice_and_says_a_word_for_its_tone() -> None:
    """What was chosen stays, so that it can be mended; the tone is not colour alone."""
    form = PrepareForm().choose("a.csv").checking().failed("It is empty.", ("x", "y"))
    assert form.source == "a.csv"
    assert form.columns == ("x", "y")
    assert (form.message.tone, form.message.word) == ("bad", "Stopped")
    assert form.can_check


def test_advice_is_offered_and_none_of_it_is_chosen() -> None:
    """What may be applied is offered with its examples, and what cannot be is a sentence."""
    form = PrepareForm().choose("a.csv").checked(("email",), "email", Message(""), ADVICE)
    assert form.offers == (
        AdviceOffer(
            "domain_typo", "Apply: mistyped mail domains", "3 rows have a slip.",
            ADVICE[0].examples, is_chosen=False,
        ),
        AdviceOffer(
            "placeholder", "Apply: addresses that stand for none", "2 rows have none.", (),
            is_chosen=False,
        ),
    )  # fmt: skip
    assert (form.remarks, form.apply, form.can_apply) == (("It is small.",), (), True)


def test_advice_can_be_chosen_and_given_up() -> None:
    """A choice changes nothing else, and another list or column forgets it."""
    form = PrepareForm().choose("a.csv").checked(("email",), "email", Message("10 rows"), ADVICE)
    chosen = form.choose_advice("placeholder", is_chosen=True)
    assert [offer.is_chosen for offer in chosen.offers] == [False, True]
    assert (chosen.can_prepare, chosen.message) == (True, form.message)
    assert chosen.choose_advice("placeholder", is_chosen=False) == form
    for other in (chosen.choose("b.csv"), chosen.choose_column("backup")):
        assert (other.apply, other.offers, other.remarks) == ((), (), ())
    assert not chosen.preparing().can_apply


def test_after_the_end_another_choice_can_be_prepared() -> None:
    """The list need not be checked again to be prepared with other advice."""
    form = PrepareForm().choose("a.csv").checked(("email",), "email", Message(""), ADVICE)
    done = form.preparing().done(SUMMARY, "out.csv")
    assert not done.can_prepare
    again = done.choose_advice("domain_typo", is_chosen=True)
    assert again.can_prepare
    assert "Press Prepare" in again.message.text


def test_what_was_chosen_before_is_shown_even_where_nothing_was_found() -> None:
    """Nothing is applied that does not stand on the screen."""
    form = dataclasses.replace(PrepareForm().choose("a.csv"), apply=("disposable",))
    assert form.offers == ()
    (offer,) = form.checked(("email",), "email", Message("")).offers
    assert (offer.code, offer.is_chosen) == ("disposable", True)
    assert "Nothing of this kind" in offer.sentence


def test_the_end_says_what_the_advice_changed() -> None:
    """Rows changed by choice are counted in the last sentence."""
    summary = SUMMARY | {"advice_applied": {"domain_typo": 3, "placeholder": 2}}
    form = PrepareForm().choose("a.csv").preparing().done(summary, "out.csv")
    assert "The advice you chose changed 5 rows." in form.message.text


def test_sending_needs_a_plan_that_was_shown() -> None:
    """A changed choice makes a shown plan worthless."""
    form = DeliverForm(source="a.csv")
    assert not form.can_send
    planned = form.planning().planned(["Add 7 …"], "{}")
    assert planned.can_send
    changed = planned.choose(action="exclude")
    assert not changed.can_send
    assert changed.plan == ()


def test_live_asks_for_the_name_of_the_list() -> None:
    """In the live profile Send stays shut until the list's exact name is typed."""
    planned = DeliverForm(profile="live", source="a.csv", list="US_Customers").planned(
        ["Add 7"], "{}"
    )
    assert planned.must_type
    assert not planned.can_send
    assert not planned.type_confirmation("us_customers").can_send
    assert planned.type_confirmation("US_Customers").can_send


def test_a_typed_name_does_not_outlive_its_plan() -> None:
    """A new choice asks for a new confirmation."""
    form = (
        DeliverForm(profile="live", source="a.csv", list="A")
        .planned([], "{}")
        .type_confirmation("A")
    )
    assert not form.choose(via="sftp").planned([], "{}").can_send


def test_a_delivery_can_be_stopped_while_it_is_under_way_only() -> None:
    """Stop is offered between Send and the receipt."""
    planned = DeliverForm(source="a.csv").planned(["Add 7"], "{}")
    assert not planned.can_stop
    assert planned.sending().can_stop
    assert not planned.sending().done("7 of 7").can_stop


def test_a_failed_delivery_must_be_planned_anew() -> None:
    """After an error the plan is looked at again before another try."""
    form = DeliverForm(source="a.csv").planned(["Add 7"], "{}").sending().failed("No answer.")
    assert not form.can_send
    assert form.can_plan


def test_progress_is_said_in_words() -> None:
    """The message carries the reading, with rate and time left."""
    reading = Progress("Sending", 100_000, 400_000, "rows", 50_000.0, 6.0)
    for form in (DeliverForm(), ListsForm(), PrepareForm(), ReferralsForm()):
        text = form.progressed(reading).message.text
        assert text == "Sending: 100,000 of 400,000 rows, 50,000 a second, 6 s left"


def test_another_list_takes_the_diagnosis_away() -> None:
    """A verdict is about one list, and its tone says whether there is something to mend."""
    form = DoctorForm()
    assert not form.can_examine
    done = form.choose("a.csv").examining().done(["Hashed twice.", "3 rows."], healthy=False)
    assert (done.message.text, done.message.tone, done.lines) == (
        "Hashed twice.",
        "warning",
        ("3 rows.",),
    )
    assert done.choose("b.csv").lines == ()
    assert not done.choose("b.csv").examining().can_examine


def test_two_different_lists_are_needed_to_compare() -> None:
    """Compare stays shut for one list, and for the same list twice, which the message says."""
    form = ListsForm().choose(left="a.csv")
    assert not form.can_compare
    assert "same list" in form.choose(right="a.csv").message.text
    assert not form.choose(right="a.csv").can_compare
    assert form.choose(right="b.csv").can_compare


def test_the_sides_are_called_by_the_question() -> None:
    """Which list is which is said where it matters."""
    form = ListsForm(left="a.csv", right="b.csv")
    assert form.choose(mode="conflicts").sides == ("To target", "To suppress")
    assert form.choose(mode="churn").sides == ("Earlier", "Later")


def test_conflicts_can_be_kept_until_something_else_is_chosen() -> None:
    """A file of conflicts is offered where there are any, of what is chosen now."""
    form = ListsForm().choose(left="a.csv", right="b.csv", mode="conflicts").comparing()
    assert (form.is_busy, form.can_stop, form.can_compare) == (True, True, False)
    found = form.done("2 people are on both lists.", conflicts=2)
    assert (found.can_keep, found.message.tone) == (True, "warning")
    assert found.kept("Their digests were written.").can_keep
    assert not found.choose(right="c.csv").can_keep
    assert not form.done("Nobody is on both.").can_keep
    assert not form.failed("It is empty.").can_keep


@pytest.mark.parametrize(
    "form", [PrepareForm(), DeliverForm(), DoctorForm(), ListsForm(), ReferralsForm(), Message("")]
)
def test_forms_are_values(form: object) -> None:
    """Nothing can change a form behind the screen's back."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        form.message = "x"  # type: ignore[attr-defined]
