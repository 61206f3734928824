from __future__ import annotations

import json
from pathlib import Path

import pytest

from rokt_helpers.charts import Picture
from rokt_helpers.deliver import Receipt
from rokt_helpers.errors import InputError
from rokt_helpers.jobs import DeliverJob, Notice, PrepareJob, found_again
from rokt_helpers.plan import DeliveryPlan
from rokt_helpers.progress import Progress
from rokt_helpers.sandbox import Sandbox

CUSTOMERS = "name;email\nAda;ADA@example.com\nBob; bob@example.com\nAda;ada@example.com\nCy;none\n"


@pytest.fixture
def customers() -> Path:
    path = Path.cwd() / "customers.csv"
    path.write_text(CUSTOMERS)
    return path


def test_a_view_asked_too_early_says_what_to_do_first() -> None:
    """Before anything has run each view is a sentence, not an error."""
    prepare, deliver = PrepareJob(), DeliverJob()
    for view in (
        prepare.sums_chart,
        prepare.reasons_chart,
        prepare.rejected_rows,
        deliver.show_plan,
        deliver.show_receipt,
    ):
        assert isinstance(view(), Notice)


def test_a_look_says_what_is_in_the_list_and_writes_nothing(customers: Path, home: Path) -> None:
    """A look finds format, column and sums of the first rows."""
    look = PrepareJob(source=str(customers)).look()
    assert (look.rows, look.columns, look.column) == (4, ("name", "email"), "email")
    assert "semicolon" in look.sentence
    assert "2 would be accepted, 1 are duplicates, 1 would be rejected" in look.sentence
    assert not home.exists()


def test_preparing_writes_the_file_and_tells_how_far_it_is(customers: Path, home: Path) -> None:
    """The file lies in the state folder, and the last reading is the whole."""
    readings: list[Progress] = []
    job = PrepareJob(source=str(customers))
    prepared = job.run(readings.append)
    assert job.written == home / "sandbox" / "prepared" / "customers-sha256.csv"
    assert len(job.written.read_text().splitlines()) == len(prepared) == 2
    assert readings[-1].done == readings[-1].total
    assert isinstance(job.sums_chart(), Picture)
    assert job.result()["summary"]["rejected_by_reason"] == {"no_at_sign": 1}


def test_a_list_in_the_inbox_is_found_from_the_notebooks_folder(
    customers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kernel that starts in notebooks/ means the same inbox/ as a run from the top."""
    project = customers.parent
    (project / "inbox").mkdir()
    customers.rename(project / "inbox" / "list.csv")
    (project / "notebooks").mkdir()
    monkeypatch.chdir(project / "notebooks")
    assert PrepareJob(source="inbox/list.csv").look().rows == 4


def test_a_missing_list_is_an_input_error_with_the_way_out() -> None:
    """The message names the file and where it was looked for."""
    with pytest.raises(InputError, match=r"There is no file nowhere\.csv"):
        PrepareJob(source="nowhere.csv").look()


def test_without_send_a_run_makes_the_plan_and_sends_nothing(
    customers: Path, sandbox: Sandbox
) -> None:
    """A dry run is what happens unless somebody said send."""
    job = DeliverJob(source=str(customers), list="A")
    plan = job.run(send=False)
    job.close()
    assert isinstance(plan, DeliveryPlan)
    assert job.result()["sent"] is False
    assert "Only the plan" in str(job.show_receipt())
    assert sandbox.lists().get("A", 0) == 0


def test_with_send_the_receipt_is_the_result(customers: Path, sandbox: Sandbox) -> None:
    """What is handed over is the receipt, ready for JSON, and it agrees with the other side."""
    job = DeliverJob(source=str(customers), list="A")
    job.run(send=True)
    assert isinstance(job.show_receipt(), Receipt)
    history = job.history()
    assert not isinstance(history, Notice)
    assert history[["planned", "confirmed"]].to_numpy().tolist() == [[2, 2]]
    job.close()
    result = json.loads(json.dumps(job.result()))
    assert result["receipt"]["rows_confirmed"] == sandbox.lists()["A"] == 2


@pytest.mark.usefixtures("sandbox")
def test_while_it_is_sent_the_receipt_is_said_to_come(customers: Path) -> None:
    """Nobody reads that nothing was sent while something is."""
    job = DeliverJob(source=str(customers), list="Under_Way")
    job.make_plan()
    said: list[str] = []
    job.when_done(lambda: said.append(str(job.show_receipt())))
    job.send()
    job.close()
    assert "under way" in said[0]
    assert len(said) == 2, "told at the start and at the end"
    assert "every batch was confirmed" in said[1]


def test_somebody_who_waits_is_told_when_a_result_has_changed(customers: Path) -> None:
    """A listener is called once for a finished preparation."""
    heard: list[str] = []
    job = PrepareJob(source=str(customers))
    job.when_done(lambda: heard.append("done"))
    job.run()
    assert heard == ["done"]


# --- found again --------------------------


def env_file(**values: str) -> None:
    lines = [f"ROKT_{name.upper()}={value}\n" for name, value in values.items()]
    Path(".env").write_text("".join(lines))


def test_a_job_of_the_sandbox_is_not_found_where_the_cell_works_live_by_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Profile, account and its id, from the environment or .env, tell one job from another."""
    places: list[dict[str, str]] = [
        {},
        {"profile": "live", "account_id": "123"},
        {"profile": "live", "account_id": "456"},
        {"profile": "staging", "account_id": "456", "api_url": "https://rehearsal.example"},
    ]
    made = {}
    for number, place in enumerate(places):
        env_file(**place)
        made[number] = found_again(DeliverJob(source="places.csv"))
        assert found_again(DeliverJob(source="places.csv")) is made[number]
    assert len({id(job) for job in made.values()}) == len(places)
    Path("accounts").mkdir()
    Path("accounts/brand.env").write_text("ROKT_ACCOUNT_ID=789\nROKT_PROFILE=live\n")
    env_file(profile="live", account_id="123")
    monkeypatch.setenv("ROKT_ACCOUNT", "brand")
    assert found_again(DeliverJob(source="places.csv")) not in made.values()
    monkeypatch.delenv("ROKT_ACCOUNT")
    env_file()
    assert found_again(DeliverJob(source="places.csv")) is made[0]
    monkeypatch.setenv("ROKT_PROFILE", "live")
    assert found_again(DeliverJob(source="places.csv")) not in made.values()
    assert found_again(PrepareJob(source="places.csv")) is found_again(
        PrepareJob(source="places.csv")
    )


def test_a_key_that_was_changed_makes_no_other_job() -> None:
    """A delivery that is under way is found again after Rokt gave a new key."""
    keys = [{"public_key": "one", "secret_key": "first"}, {"public_key": "two", "secret_key": "x"}]
    found = []
    for each in keys:
        env_file(profile="live", account_id="321", **each)
        found.append(found_again(DeliverJob(source="keys.csv")))
    assert found[0] is found[1]


def test_settings_that_cannot_be_used_find_no_job_of_a_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The cell draws a form of its own, which says what is wrong, and nobody's plan comes back."""
    made = found_again(DeliverJob(source="unusable.csv"))
    monkeypatch.setenv("ROKT_PROFILE", "production")
    assert found_again(DeliverJob(source="unusable.csv")) is not made
