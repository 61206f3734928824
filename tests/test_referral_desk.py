"""Every route into one vault, and the tables that stand beside the referrals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from rokt_helpers import contract, open_workbench, prepare_audience, prepare_conversions
from rokt_helpers.errors import DeliveryError, InputError, SettingsError
from rokt_helpers.identifiers import hash_email
from rokt_helpers.receiver.journal import Journal
from rokt_helpers.referrals.beside import conversions_of, customers_of
from rokt_helpers.sandbox import Sandbox
from rokt_helpers.workbench import Workbench
from tests.command_line import Rokt, caller, one_object
from tests.deliver.lists import addresses, audience, digests


@pytest.fixture
def workbench(sandbox: Sandbox) -> Iterator[Workbench]:
    del sandbox
    with open_workbench() as opened:
        yield opened


@pytest.fixture
def rokt(capsys: pytest.CaptureFixture[str]) -> Rokt:
    return caller(capsys)


HEADER = "Date/time,Campaign name,Audience name,Bid price,Email\n"


def export(folder: Path, name: str, *people: str, day: str = "2026-11-20") -> Path:
    """Write a file of referrals as somebody would export it by hand."""
    rows = "".join(f"{day} 10:0{at}:00,C,A,2.50,{email}\n" for at, email in enumerate(people))
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(HEADER + rows)
    return folder / name


def test_all_routes_come_into_one_table(sandbox: Sandbox, tmp_path: Path) -> None:
    """Rokt's SFTP and a folder: the sums are those of both, and each row says its file."""
    export(tmp_path / "drop", "by_hand.csv", *addresses(3))
    names = {sandbox.add_referral_file(date(2026, 11, day)) for day in (18, 19, 20)}
    with open_workbench(referrals_folder=tmp_path / "drop") as workbench:
        collected = workbench.fetch_referrals()
        table = workbench.referral_table()
        again = workbench.fetch_referrals()
    assert set(collected.files_new) == {*names, "by_hand.csv"}
    assert collected.rows_kept == table.height
    assert table.filter(pl.col("file") == "by_hand.csv").height == 3
    assert (again.files_new, again.rows_in) == ((), 0)


def test_a_route_that_fails_does_not_keep_the_others(sandbox: Sandbox, tmp_path: Path) -> None:
    """The folder is not there: the SFTP's files are collected, and the error says both."""
    sandbox.add_referral_file(date(2026, 11, 20))
    with open_workbench(referrals_folder=tmp_path / "not there") as workbench:
        with pytest.raises(DeliveryError, match=r"From the other routes \d+ new files"):
            workbench.fetch_referrals()
        assert workbench.referral_table().height > 20


def test_without_a_route_it_says_what_to_set(home: Path) -> None:
    """Nothing is set up, and the sentence names the settings there are."""
    with (
        open_workbench("live", home=home, account_id="1") as workbench,
        pytest.raises(SettingsError, match="ROKT_REFERRALS_IMAP_HOST"),
    ):
        workbench.fetch_referrals()


def test_files_by_hand_are_taken_once(workbench: Workbench, tmp_path: Path) -> None:
    """An export that overlaps an earlier one adds what is new; plain addresses are not kept."""
    first = export(tmp_path, "first.csv", *addresses(3))
    second = export(tmp_path, "second.csv", *addresses(5))
    collected = workbench.desk.take([first, second])
    assert (collected.rows_in, collected.rows_kept, collected.rows_duplicate) == (8, 5, 3)
    assert set(workbench.referrals()["email_sha256"]) == digests(addresses(5))


def test_referred_people_are_ready_for_a_list(workbench: Workbench, tmp_path: Path) -> None:
    """Each once, as digests; of the last days only, or of one audience, where that is asked."""
    today = f"{datetime.now(tz=UTC):%Y-%m-%d}"
    old = export(tmp_path, "old.csv", *addresses(3), day="2026-01-05")
    new = export(tmp_path, "new.csv", *addresses(2, first=2), day=today)
    workbench.desk.take([old, new])
    desk = workbench.desk
    assert set(desk.people().identifiers) == digests(addresses(4))
    assert set(desk.people(days=2).identifiers) == digests(addresses(2, first=2))
    assert len(desk.people(audiences=["A"])) == 4
    with pytest.raises(InputError, match="No referral of a known person fits"):
        desk.people(audiences=["B"])
    plan = workbench.plan(desk.people(), list="Referred", action="include")
    assert workbench.deliver(plan).delivered


def test_the_ledger_says_who_was_suppressed_when(workbench: Workbench) -> None:
    """On the list from the confirmation on, off it from the removal on; other lists on request."""
    steps: list[tuple[int, contract.Action]] = [(5, "include"), (2, "exclude")]
    for count, action in steps:
        plan = workbench.plan(
            audience(count),
            list="Customers",
            action=action,
            allow={"removal", "flipped"},
        )
        workbench.deliver(plan)
    table = workbench.desk.suppressions(["Customers"])
    gone = table.filter(pl.col("until").is_not_null())
    assert set(table["email_sha256"]) == digests(addresses(5))
    assert set(gone["email_sha256"]) == digests(addresses(2))
    assert (gone["since"] < gone["until"]).all()
    assert workbench.desk.suppressions().height == 5
    with pytest.raises(InputError, match="a list 'Nobody' from here"):
        workbench.desk.suppressions(["Nobody"])


def test_a_forgotten_person_leaves_ledger_and_vault(workbench: Workbench, tmp_path: Path) -> None:
    """Neither the runs nor the referrals name the person afterwards."""
    workbench.desk.take([export(tmp_path, "some.csv", *addresses(3))])
    workbench.deliver(workbench.plan(audience(3), list="VIP"))
    forgotten = workbench.forget_person(addresses(1)[0])
    assert (forgotten.runs, forgotten.referrals, forgotten.files_not_searched) == (1, 1, 0)
    assert set(workbench.referrals()["email_sha256"]) == digests(addresses(2, first=1))
    assert workbench.lists_of(addresses(1)[0]) == []


def test_forgetting_says_what_it_did_not_search(workbench: Workbench) -> None:
    """Files that could not be read, and what was pushed and not taken over, are counted."""
    now, vault = workbench.clock.now(), workbench.desk.vault()
    vault.set_aside("a.csv", b"no;thing", modified=now, now=now, reason="it is not readable")
    pushed = workbench.settings.folder / "pushed"
    pushed.mkdir(mode=0o700)
    with Journal(pushed, ["email"], clock=workbench.clock) as journal:
        journal.append([b'{"email": "ada@example.com"}'])
        assert workbench.forget_person(addresses(1)[0]).files_not_searched == 2


def test_field_rules_are_read_from_the_file_that_is_named(sandbox: Sandbox, tmp_path: Path) -> None:
    """A column of the client's own gets its name and its values."""
    del sandbox
    rules = tmp_path / "fields.yml"
    rules.write_text("- {source: Tier, name: tier, condition: equal, value: G, to: Gold}\n")
    file = tmp_path / "tiers.csv"
    file.write_text("Date/time,Bid price,Email,Tier\n2026-11-20 10:00:00,2.5,a@example.com,G\n")
    with open_workbench(referrals_fields=rules) as workbench:
        workbench.desk.take([file])
        assert workbench.referrals()["extra_tier"].to_list() == ["Gold"]


def test_purchases_and_customers_stand_beside_the_referrals() -> None:
    """Digests, moments in UTC and money as numbers; what is missing is null."""
    frame = pl.DataFrame(
        {
            "email": ["a@example.com"],
            "orderid": ["1"],
            "total": ["9.50"],
            "ordertime": ["2026-11-20T10:00:00+02:00"],
        }
    )
    row = conversions_of(prepare_conversions(frame)).row(0, named=True)
    assert row == {
        "email_sha256": hash_email("a@example.com"),
        "converted_at": datetime.fromisoformat("2026-11-20T08:00:00"),
        "value": 9.5,
        "currency": None,
        "conversiontype": None,
        "confirmationref": "1",
    }
    assert set(customers_of(audience(3))["email_sha256"]) == digests(addresses(3))
    with pytest.raises(InputError, match="sha256"):
        customers_of(prepare_audience(frame, column="email", output="plain"))
    with pytest.raises(InputError, match="sha256"):
        conversions_of(prepare_conversions(frame, output="plain"))


@pytest.mark.usefixtures("sandbox")
def test_the_command_line_takes_files_and_writes_the_report(rokt: Rokt, tmp_path: Path) -> None:
    """`import` counts, `report` writes a page without a person, and says what it found."""
    file = export(tmp_path, "some.csv", *addresses(8))
    code, out, _ = rokt("referrals", "import", str(file), "--json")
    assert (code, one_object(out)["rows_kept"]) == (0, 8)
    page = tmp_path / "report.html"
    code, out, _ = rokt("referrals", "report", "--out", str(page), "--currency", "USD", "--json")
    found = one_object(out)
    assert (code, found["report"]) == (0, str(page))
    assert "8 referrals" in found["findings"][0]
    text = page.read_text()
    assert "20.00" in text
    assert not any(value in text for value in [*addresses(8), *digests(addresses(8))])


@pytest.mark.usefixtures("sandbox")
def test_a_report_of_nothing_is_refused(rokt: Rokt, tmp_path: Path) -> None:
    """Nothing is collected: no page, and what to do."""
    code, _, err = rokt("referrals", "report", "--out", str(tmp_path / "report.html"))
    assert code == 2
    assert "No referrals are collected yet" in err
    assert not (tmp_path / "report.html").exists()


def test_a_check_looks_at_every_route(sandbox: Sandbox, tmp_path: Path) -> None:
    """A folder that is there is well, one that is not says why; nothing is collected."""
    del sandbox
    export(tmp_path / "drop", "one.csv", *addresses(1))
    for folder, well in (("drop", True), ("elsewhere", False)):
        with open_workbench(referrals_folder=tmp_path / folder) as workbench:
            found = {finding.what: finding for finding in workbench.check()}
            assert found["referrals from the folder"].well is well
            assert workbench.referral_table().is_empty()
    assert "files that lie ready: 1" not in found["referrals from the folder"].detail
