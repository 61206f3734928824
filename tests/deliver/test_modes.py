"""Delta, mirror, sample and undo: what each sends, and what the platform's list is then."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from rokt_helpers import prepare_audience
from rokt_helpers.audience import PreparedAudience
from rokt_helpers.deliver import Receipt
from rokt_helpers.errors import DeliveryError, GuardError, InputError
from rokt_helpers.plan import DeliveryPlan
from rokt_helpers.sandbox import Fault, Sandbox
from rokt_helpers.workbench import Workbench, open_workbench
from tests.deliver.lists import digests, failure, in_pieces, send

ALL = {"removal", "flipped", "deviation", "empty"}


def people(*numbers: int) -> list[str]:
    return [f"person{number}@example.com" for number in numbers]


def some(*numbers: int, output: Any = "sha256") -> PreparedAudience:
    return prepare_audience(pl.Series("email", people(*numbers)), output=output)


def plan(workbench: Workbench, *numbers: int, **how: Any) -> DeliveryPlan:
    output = how.pop("output", "sha256")
    return workbench.plan(some(*numbers, output=output), **{"list": "VIP", "allow": ALL, **how})


def put(workbench: Workbench, *numbers: int, **how: Any) -> Receipt:
    return send(workbench, plan(workbench, *numbers, **how))


def rows(made: DeliveryPlan) -> tuple[int, int]:
    return made.rows_to("include"), made.rows_to("exclude")


def test_a_delta_sends_only_who_is_new(workbench: Workbench, sandbox: Sandbox) -> None:
    """Whom this ledger put on the list is not sent again; the list holds all of them."""
    put(workbench, 1, 2, 3)
    made = plan(workbench, 2, 3, 4, 5, mode="delta")
    assert (rows(made), made.describe()[0].count("2 SHA-256 digests")) == ((2, 0), 1)
    assert send(workbench, made).rows_sent_now == 2
    assert sandbox.members("VIP") == digests(people(1, 2, 3, 4, 5))
    again = put(workbench, 2, 3, 4, 5, mode="delta")
    assert (again.delivered, again.rows_sent_now, len(sandbox.requests())) == (True, 0, 2)
    assert "Nothing was to be done" in again.describe()


def test_a_delta_knows_who_was_taken_off(workbench: Workbench, sandbox: Sandbox) -> None:
    """Who was excluded since counts as new; a delta to exclude leaves out who is off already."""
    put(workbench, 1, 2, 3)
    put(workbench, 3, action="exclude")
    assert rows(plan(workbench, 1, 2, 3, mode="delta")) == (1, 0)
    assert rows(plan(workbench, 2, 3, mode="delta", action="exclude")) == (0, 1)
    put(workbench, 1, 2, 3, mode="delta")
    assert sandbox.members("VIP") == digests(people(1, 2, 3))


def test_a_delta_of_plain_addresses_and_of_digests_is_one(workbench: Workbench) -> None:
    """People are compared by digest: who went as an address is not sent again as a digest."""
    put(workbench, 1, 2, output="plain")
    assert rows(plan(workbench, 1, 2, 3, mode="delta")) == (1, 0)


def test_a_delta_sends_again_what_nobody_confirmed(workbench: Workbench, sandbox: Sandbox) -> None:
    """A batch whose answer was lost does not count as delivered."""
    sandbox.script(Fault.drop_before_answer(at_request=2, times=3))
    half = in_pieces(workbench, some(1, 2, 3, 4), rows=2, in_flight=1, list="VIP")
    assert failure(workbench, half).receipt.status == "in_doubt"
    assert rows(plan(workbench, 1, 2, 3, 4, mode="delta")) == (2, 0)


def test_a_mirror_makes_the_list_what_the_source_is(workbench: Workbench, sandbox: Sandbox) -> None:
    """Who is new is included, who is gone is excluded, and nobody else is sent."""
    put(workbench, 1, 2, 3, 4)
    made = plan(workbench, 3, 4, 5, mode="mirror")
    assert (rows(made), made.rows) == ((1, 2), 3)
    assert [batch.action for batch in made.batches] == ["include", "exclude"]
    receipt = send(workbench, made)
    assert sandbox.members("VIP") == digests(people(3, 4, 5))
    assert receipt.describe().startswith("1 of 1 added to list 'VIP' and 2 of 2 removed from")


@pytest.mark.parametrize("output", ["sha256", "plain"])
def test_a_mirror_goes_over_sftp(workbench: Workbench, sandbox: Sandbox, output: str) -> None:
    """Over SFTP a mirror is a file in each folder, and one kind of identifier in each file."""
    put(workbench, 1, 2, 3, via="sftp", output=output)
    put(workbench, 2, 3, 4, via="sftp", output=output, mode="mirror")
    assert sandbox.members("VIP") == digests(people(2, 3, 4))


@pytest.mark.parametrize("via", ["api", "sftp", "events", "events-sftp"])
def test_a_difference_of_nobody_is_delivered_at_once(workbench: Workbench, via: str) -> None:
    """Nobody is new: nothing is sent, and the receipt can be shown, written down and read."""
    put(workbench, 1, 2, via=via)
    receipt = put(workbench, 1, 2, mode="delta", via=via)
    assert (receipt.delivered, receipt.rows_confirmed) == (True, 0)
    assert receipt.to_dict()["picked_up_seconds"] is None
    assert "Nothing was to be done" in receipt.describe()
    assert receipt._repr_html_()


def test_a_mirror_takes_off_nobody_it_did_not_put_on(
    workbench: Workbench, sandbox: Sandbox, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People whom another ledger put on the list stay on it."""
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("ROKT_HOME", str(tmp_path / "elsewhere"))
        with open_workbench() as other:
            put(other, 90, 91)
    put(workbench, 1, 2)
    put(workbench, 2, mode="mirror")
    assert sandbox.members("VIP") == digests(people(2, 90, 91))


def test_a_mirror_does_both_by_itself(workbench: Workbench) -> None:
    """A mirror that is asked to exclude is refused with what to pass instead."""
    with pytest.raises(InputError, match="mode='delta' to exclude"):
        plan(workbench, 1, mode="mirror", action="exclude")


@pytest.mark.parametrize("mode", ["delta", "mirror"])
def test_a_difference_to_another_state_is_refused(
    workbench: Workbench, sandbox: Sandbox, mode: str
) -> None:
    """When something else went to the list since the plan was made, it is not sent."""
    put(workbench, 1, 2)
    made = plan(workbench, 1, 2, 3, mode=mode)
    put(workbench, 3, 4)
    with pytest.raises(GuardError, match="Make a new plan") as caught:
        send(workbench, made)
    assert (caught.value.guard, len(sandbox.requests())) == ("overtaken", 2)


def test_a_sample_goes_first_and_is_not_the_whole(workbench: Workbench, sandbox: Sandbox) -> None:
    """The first rows go ahead; the whole is sent after it, and counts as the first run."""
    made = plan(workbench, 1, 2, 3, 4, 5, sample_rows=2)
    assert ("as a sample" in made.describe()[0], made.to_dict()["sample"]) == (True, True)
    send(workbench, made)
    assert sandbox.members("VIP") == digests(people(1, 2))
    whole = put(workbench, 1, 2, 3, 4, 5)
    assert (whole.rows_sent_now, sandbox.lists()["VIP"]) == (5, 5)
    assert [run.sample for run in workbench.history()] == [False, True]


@pytest.mark.parametrize("wrong", [{"sample_rows": 0}, {"sample_rows": 2, "mode": "mirror"}])
def test_a_sample_is_of_some_rows(workbench: Workbench, wrong: dict[str, Any]) -> None:
    """No rows, or a mirror that would take the others off, is no sample."""
    with pytest.raises(InputError, match="A sample is one row or more"):
        plan(workbench, 1, 2, 3, **wrong)


# --- undo ------------------------------


def test_undo_takes_off_whom_the_run_put_on(workbench: Workbench, sandbox: Sandbox) -> None:
    """The inverse goes as a plan of its own, and the list is as it was before."""
    put(workbench, 1, 2)
    second = put(workbench, 3, 4)
    receipt = workbench.undo(second.run_id)
    assert (receipt.delivered, receipt.run.mode, receipt.run.undoes) == (
        True, "undo", second.run_id,
    )  # fmt: skip
    assert sandbox.members("VIP") == digests(people(1, 2))


def test_undo_leaves_whom_another_run_owns(workbench: Workbench, sandbox: Sandbox) -> None:
    """Who was also put on by another run stays, whether that came before or after."""
    first, second = put(workbench, 1, 2, 3), put(workbench, 3, 4)
    assert rows(workbench.plan_undo(first.run_id)) == (0, 2)
    assert rows(workbench.plan_undo(second.run_id)) == (0, 1)
    workbench.undo(first.run_id)
    assert sandbox.members("VIP") == digests(people(3, 4))


def test_undo_of_an_exclusion_puts_people_back(workbench: Workbench, sandbox: Sandbox) -> None:
    """Who was taken off is put on again, but for whom another run took off, too."""
    put(workbench, 1, 2, 3)
    off = put(workbench, 1, 2, action="exclude")
    put(workbench, 2, 9, action="exclude")
    workbench.undo(off.run_id)
    assert sandbox.members("VIP") == digests(people(1, 3))


def test_undo_of_a_mirror_goes_both_ways(workbench: Workbench, sandbox: Sandbox) -> None:
    """Who came goes, and who went comes back."""
    put(workbench, 1, 2, 3)
    mirrored = put(workbench, 2, 3, 4, 5, mode="mirror")
    assert rows(workbench.plan_undo(mirrored.run_id)) == (1, 2)
    workbench.undo(mirrored.run_id)
    assert sandbox.members("VIP") == digests(people(1, 2, 3))


def test_undo_twice_sends_nothing_more(workbench: Workbench, sandbox: Sandbox) -> None:
    """What is taken back cannot be taken back again; but the taking back can."""
    run = put(workbench, 1, 2)
    back = workbench.undo(run.run_id)
    assert workbench.undo(run.run_id).rows_sent_now == 0
    assert len(sandbox.requests()) == 2
    workbench.undo(back.run_id)
    assert sandbox.members("VIP") == digests(people(1, 2))


def test_two_runs_that_named_the_same_people_are_both_taken_back(
    workbench: Workbench, sandbox: Sandbox
) -> None:
    """The first undo leaves them to the other run, and says so; then nobody holds them any more."""
    first, second = put(workbench, 1, 2), put(workbench, 1, 2, 3)
    made = workbench.plan_undo(second.run_id)
    assert made.describe()[-1].startswith("2 whom the run named stay as they are: another run")
    send(workbench, made)
    assert sandbox.members("VIP") == digests(people(1, 2))
    workbench.undo(first.run_id)
    assert sandbox.members("VIP") == frozenset()
    assert workbench.plan_undo(first.run_id).describe()[-1] == (
        "2 whom the run named were turned by a later run already."
    )


def test_the_same_list_sent_three_times_is_taken_back(
    workbench: Workbench, sandbox: Sandbox
) -> None:
    """Undos that send nothing count as well: after the last one nobody is left."""
    runs = [put(workbench, 1, 2, allow=ALL | {"repeat"}).run_id for _ in range(3)]
    for run_id in runs:
        assert sandbox.members("VIP") == digests(people(1, 2))
        workbench.undo(run_id)
    assert sandbox.members("VIP") == frozenset()


def test_runs_taken_back_the_last_one_first_leave_what_was_there(
    workbench: Workbench, sandbox: Sandbox
) -> None:
    """Who was put back by an undo belongs to the run that had put them there."""
    first = put(workbench, 1, 2, 3, 4)
    off = put(workbench, 1, 2, action="exclude")
    workbench.undo(off.run_id)
    assert sandbox.members("VIP") == digests(people(1, 2, 3, 4))
    workbench.undo(first.run_id)
    assert sandbox.members("VIP") == frozenset()


def test_whom_an_undo_put_back_stays_when_a_later_run_goes(
    workbench: Workbench, sandbox: Sandbox
) -> None:
    """Whom a run took off, and nobody here had put on, was on the list before."""
    off = put(workbench, 1, action="exclude")
    workbench.undo(off.run_id)
    later = put(workbench, 1, 2)
    workbench.undo(later.run_id)
    assert sandbox.members("VIP") == digests(people(1))


def test_undo_of_a_half_done_run_takes_back_what_may_have_arrived(
    workbench: Workbench, sandbox: Sandbox
) -> None:
    """Confirmed batches and those whose answer was lost are taken back; unsent ones are not."""
    sandbox.script(Fault.drop_before_answer(at_request=2, times=3))
    half = in_pieces(workbench, some(1, 2, 3, 4, 5, 6), rows=2, in_flight=1, list="VIP")
    run = failure(workbench, half).receipt.run_id
    assert sandbox.members("VIP") == digests(people(1, 2, 3, 4))
    assert rows(workbench.plan_undo(run)) == (0, 4)
    workbench.undo(run)
    assert sandbox.members("VIP") == frozenset()


def test_undo_of_what_never_was_is_refused(workbench: Workbench) -> None:
    """An unknown run is named as such, and conversions have no inverse."""
    with pytest.raises(InputError, match="There is no run 'x'"):
        workbench.undo("x")
    bought = send(workbench, workbench.plan_conversions(some(1)))
    with pytest.raises(InputError, match="Rokt knows no inverse"):
        workbench.undo(bought.run_id)


def test_undo_of_a_run_that_went_elsewhere_is_refused(workbench: Workbench) -> None:
    """A run is taken back only where it went."""
    run = put(workbench, 1)
    with Sandbox(referral_days=0) as other:
        elsewhere: dict[str, Any] = {"api_url": other.url, "home": workbench.settings.home}
        with (
            open_workbench(**elsewhere) as moved,
            pytest.raises(GuardError, match="to another sandbox"),
        ):
            moved.undo(run.run_id)
        assert other.requests() == []


def test_a_sandbox_that_is_gone_holds_nobody(
    workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What went to another sandbox does not keep people on the list of this one."""
    put(workbench, 1)
    with Sandbox(referral_days=0) as other:
        for name, value in other.environment.items():
            monkeypatch.setenv(name, value)
        with open_workbench(home=workbench.settings.home) as moved:
            run = put(moved, 1, 2)
            moved.undo(run.run_id)
        assert other.members("VIP") == frozenset()


# --- looking back ------------------------------


def test_a_list_as_it_was(workbench: Workbench) -> None:
    """Who was on a list at a moment, and who came and went since, is known without asking Rokt."""
    put(workbench, 1, 2, 3)
    between = datetime.now(tz=UTC)
    put(workbench, 3, 4, 5, mode="mirror")
    then, now = workbench.people_on("VIP", on=between), workbench.people_on("VIP")
    assert set(then.digests) == digests(people(1, 2, 3))
    assert set(now.digests) == digests(people(3, 4, 5))
    assert (then.changes_to(now), len(then), then.digests.name) == ((2, 2), 3, "sha256")
    assert len(workbench.people_on("VIP", on=between - timedelta(days=1))) == 0


def test_the_lists_of_a_person(workbench: Workbench) -> None:
    """A person is found on every list they are on, and on none they were taken off."""
    put(workbench, 1, 2)
    put(workbench, 2, 3, list="Lapsed")
    put(workbench, 2, 3, list="Former")
    put(workbench, 2, list="Former", action="exclude")
    assert workbench.lists_of(" PERSON2@example.com") == ["Lapsed", "VIP"]
    assert workbench.lists_of("nobody@example.com") == []
    with pytest.raises(InputError, match="not an e-mail address"):
        workbench.lists_of("person2")


def test_a_person_is_forgotten(workbench: Workbench, sandbox: Sandbox) -> None:
    """After that the ledger's files do not hold them, and a mirror leaves them where they are."""
    put(workbench, 1, 2)
    put(workbench, 2, 3)
    assert workbench.forget_person("person2@example.com").runs == 2
    assert workbench.lists_of("person2@example.com") == []
    [gone] = digests(people(2))
    kept = [file.read_bytes() for file in workbench.settings.folder.rglob("*") if file.is_file()]
    assert not [content for content in kept if bytes.fromhex(gone) in content]
    put(workbench, 1, mode="mirror")
    assert sandbox.members("VIP") == digests(people(1, 2))


def test_old_runs_are_forgotten(workbench: Workbench) -> None:
    """Runs older than so many days go with whom they named; younger ones stay."""
    put(workbench, 1, 2)
    assert workbench.forget_runs(older_than_days=1) == 0
    assert len(workbench.people_on("VIP")) == 2
    assert workbench.forget_runs(older_than_days=-1) == 1
    assert (workbench.history(), len(workbench.people_on("VIP"))) == ([], 0)
    assert list((workbench.settings.folder / "members").iterdir()) == []


def test_what_is_recorded_of_a_run(workbench: Workbench) -> None:
    """A run keeps the guards that were passed and the sums of preparing."""
    run = put(workbench, 1, 2, allow={"removal", "empty"}).run
    assert (run.allowed, run.seq, '"rows_in": 2' in run.summary) == ("empty,removal", 1, True)
    assert set(asdict(run)) >= {"mode", "sample", "undoes"}


def test_files_of_members_are_private(workbench: Workbench) -> None:
    """Folders of the ledger have mode 0700 and files 0600."""
    put(workbench, 1)
    found = [*workbench.settings.folder.rglob("*")]
    modes = {(path.is_dir(), path.stat().st_mode & 0o777) for path in found}
    assert modes <= {(True, 0o700), (False, 0o600)}
    assert {path.parent.name for path in found} >= {"members", "locks"}


def test_a_failed_delivery_of_a_mirror_is_completed(workbench: Workbench, sandbox: Sandbox) -> None:
    """A mirror that stopped between including and excluding is completed by the next one."""
    sandbox.script(Fault.answer(400, at_request=3))
    put(workbench, 1, 2, 3)
    with pytest.raises(DeliveryError):
        put(workbench, 2, 3, 4, mode="mirror")
    put(workbench, 2, 3, 4, mode="mirror")
    assert sandbox.members("VIP") == digests(people(2, 3, 4))


def test_a_sandbox_that_is_gone_is_not_counted(sandbox: Sandbox) -> None:
    """What went to an earlier sandbox is in the history, and no part of a difference now."""
    with open_workbench() as workbench:
        put(workbench, 1, 2, 3)
    with Sandbox(referral_days=0) as later:
        fields = {k.removeprefix("ROKT_").lower(): v for k, v in later.environment.items()}
        workbench = open_workbench(**fields)
        made = plan(workbench, 2, 3, mode="delta", allow=())
        assert rows(made) == (2, 0)
        send(workbench, made)
        assert later.members("VIP") == digests(people(2, 3))
        assert len(workbench.history(list="VIP")) == 2
        workbench.close()
    assert sandbox.members("VIP") == digests(people(1, 2, 3))
