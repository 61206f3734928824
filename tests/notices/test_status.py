"""What is kept of notices, and `rokt status`: what needs a person, what is next, who was told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rokt_helpers.deliver import Patience
from rokt_helpers.errors import InputError, SettingsError
from rokt_helpers.notices import ToldState, tell
from rokt_helpers.sandbox import Fault, Sandbox
from rokt_helpers.settings import load_settings
from rokt_helpers.workbench import open_workbench
from tests.command_line import Rokt, one_object
from tests.deliver.lists import audience, send
from tests.notices.unattended import NOW, notices, ran, schedule

HOUR = timedelta(hours=1)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"told": {}}'])
def test_a_file_that_cannot_be_read_is_not_taken_for_empty(tmp_path: Path, content: str) -> None:
    """Otherwise everybody would be told everything again without knowing why."""
    path = tmp_path / "told.json"
    path.write_text(content)
    with pytest.raises(InputError, match="nobody knows who was told what"):
        ToldState.read(path)


def test_status_shows_what_is_next_and_who_was_told(rokt: Rokt, profile: Path, told: Path) -> None:
    """For a person in sentences, for a program as one object; nobody is told by looking."""
    code, said, _ = rokt("status")
    assert (code, "Profile live. Nothing needs a person." in said) == (0, True)
    schedule({"name": "night"}, {"name": "off", "enabled": False})
    ran(profile, "night", 1)
    code, said, _ = rokt("status")
    assert code == 1
    assert "1 thing needs a person." in said
    assert "night failed. It broke." in said
    assert "Next: night " in said
    assert "off" not in said
    assert notices(told) == []
    rokt("status", "--tell")
    code, said, _ = rokt("status", "--json")
    shown = one_object(said)
    assert (code, shown["exit_code"], shown["profile"]) == (1, 1, "live")
    assert [(one["kind"], one["subject"]) for one in shown["concerns"]] == [("failed", "night")]
    assert [one["name"] for one in shown["next"]] == ["night"]
    [last] = shown["notices"]["last"]
    assert (last["subject"], last["to"]) == ("Rokt live: night failed", "the command")
    assert "Last notice: " in rokt("status")[1]


def test_status_and_schedule_agree_on_what_is_due(rokt: Rokt) -> None:
    """What waits for the next look of `rokt run --due` runs now, and not tomorrow."""
    path = schedule({"name": "night"}, {"name": "later", "at": f"{NOW + HOUR:%H:%M}"})
    said = rokt("status")[1]
    assert f"Next: night now; later {NOW + HOUR:%Y-%m-%d %H:%M} (UTC)." in said
    shown = one_object(rokt("status", "--json")[1])["next"]
    assert [(one["name"], one["due"]) for one in shown] == [("night", True), ("later", False)]
    rows = one_object(rokt("schedule", str(path), "--json")[1])["entries"]
    assert [one["due"] for one in rows] == [True, False]


def test_status_says_how_many_more_are_to_come(rokt: Rokt) -> None:
    """A person reads the first five and how many there are; a program gets all of them."""
    given = [{"name": f"n{number}"} for number in range(6)]
    schedule(*given)
    assert "; n4 now (UTC), and 1 more." in rokt("status")[1]
    assert len(one_object(rokt("status", "--json")[1])["next"]) == 6
    schedule(*given[:5])
    assert "; n4 now (UTC)." in rokt("status")[1]


def test_status_says_where_nobody_is_told(rokt: Rokt, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is set up; or they are elsewhere, and this is the sandbox."""
    assert "Nobody is told: ROKT_NOTIFY and ROKT_NOTIFY_COMMAND are not set." in rokt("status")[1]
    monkeypatch.setenv("ROKT_NOTIFY", "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ")
    said = rokt("status", "--tell")[1]
    assert "1 of 1 receivers are on other machines, and the sandbox tells nobody there." in said


def test_status_starts_no_sandbox_and_asks_nobody(rokt: Rokt, home: Path) -> None:
    """It is a look at what is kept: no server begins for it."""
    code, said, _ = rokt("status", "--look", "--json", "--schedule", str(schedule()))
    assert (code, one_object(said)["account"]) == (0, "")
    assert {path.name for path in (home / "sandbox").iterdir()} >= {"ledger.sqlite"}


def test_a_file_that_was_taken_later_is_settled_by_a_look(
    rokt: Rokt, sandbox: Sandbox, told: Path
) -> None:
    """It lay there at the end of its run; a look sees that it is gone, and the receipt says so."""
    sandbox.script(Fault.sftp_no_pickup())
    with open_workbench() as workbench:
        plan = workbench.plan(audience(5), list="VIP", via="sftp")
        receipt = send(workbench, plan, patience=Patience(pickup_seconds=0.3))
        assert receipt.picked_up_seconds is None
        [batch] = receipt.batches
        long_ago = datetime.now(tz=UTC) - timedelta(hours=3)
        workbench._ledger.batch_ended(receipt.run_id, 1, "confirmed", now=long_ago)
    assert rokt("status", "--look")[0] == 1
    rokt("status", "--tell")
    assert notices(told) == ["Rokt sandbox: VIP file was not taken"]
    [lying] = [path for path in sandbox.folder.rglob("*.csv") if path.name in str(batch.name)]
    lying.unlink()
    assert rokt("status")[0] == 1, "without a look nobody knows"
    rokt("status", "--tell")
    assert notices(told) == ["Rokt sandbox: VIP recovered"]
    with open_workbench() as workbench:
        seconds = workbench.receipt(receipt.run_id).picked_up_seconds
    assert seconds is not None
    assert 3 * 3600 <= seconds < 4 * 3600


def test_settings_that_cannot_be_used(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong address is said by the watchdog's line, before anything else is done."""
    del profile
    monkeypatch.setenv("ROKT_NOTIFY", "nonsense://canary")
    with pytest.raises(SettingsError, match="Address 1 of ROKT_NOTIFY"):
        tell(load_settings(), schedule())


def test_what_is_kept_is_json_for_others_as_well(profile: Path, told: Path) -> None:
    """A version, what is waiting, what was sent."""
    path = schedule({"name": "night"})
    ran(profile, "night", 1)
    tell(load_settings(), path)
    assert len(notices(told)) == 1
    content = json.loads((profile / "told.json").read_text())
    assert (content["version"], content["waiting"], len(content["sent"])) == (1, [], 1)
    state = ToldState.read(profile / "told.json")
    [concerns] = state.told.values()
    [one] = concerns.values()
    assert (one.kind, one.subject) == ("failed", "night")
    again = replace(state, sent=state.sent * 50)
    again.write(profile / "told.json")
    assert len(ToldState.read(profile / "told.json").sent) == 20
