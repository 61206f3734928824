from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import yaml

from rokt_helpers.charts import Picture
from rokt_helpers.conversions.words import in_words
from rokt_helpers.deliver import Receipt
from rokt_helpers.errors import InputError
from rokt_helpers.forms.conversions import ConversionsVia
from rokt_helpers.jobs import ConversionsJob, Notice
from rokt_helpers.jobs.columns import attributes_offered, saved_mappings
from rokt_helpers.jobs.turned_into import TurnedInto
from rokt_helpers.plan import DeliveryPlan
from rokt_helpers.progress import Progress
from rokt_helpers.runner import run_notebook
from rokt_helpers.sandbox import Sandbox, write_practice_lists

# One order twice, one of nobody.
SHOP = """Mail;Order number;Order date;Total
ann@example.com;A-1;2026-11-01 10:00;49,99
bob@example.com;A-2;2026-11-02 11:30;1.000,00
ann@example.com;A-1;2026-11-01 10:00;49,99
nobody;A-3;2026-11-03 09:00;5,00
"""
ANSWERS = {"time_zone": "Europe/Berlin", "conversiontype": "purchase", "currency": "EUR"}


@pytest.fixture
def shop() -> str:
    path = Path.cwd() / "shop.csv"
    path.write_text(SHOP)
    return str(path)


def written(text: str) -> str:
    path = Path.cwd() / "written.csv"
    path.write_text(text)
    return str(path)


def test_a_view_asked_too_early_says_what_to_do_first() -> None:
    """Before anything was checked each view is a sentence, not an error."""
    job = ConversionsJob()
    views = (
        job.sums_chart, job.reasons_chart, job.rejected_rows, job.attributes_chart,
        job.sales_chart, job.show_plan, job.show_receipt, job.turned_into,
    )  # fmt: skip
    assert all(isinstance(view(), Notice) for view in views)
    assert "Nothing is checked yet" in job.result()["sentence"]
    assert "Nothing is checked yet" in job.sums()
    job.close()


def test_a_look_says_which_column_is_what_and_what_is_open(shop: str, home: Path) -> None:
    """Each column has its attribute, the evidence, and what it leaves open; nothing is written."""
    columns = {row.column: row for row in ConversionsJob(source=shop).look()}
    assert {name: row.attribute for name, row in columns.items()} == {
        "Mail": "email",
        "Order number": "confirmationref",
        "Order date": "timestamp_unixtime_ms",
        "Total": "amount",
    }
    assert columns["Order date"].asks == {"time_zone"}
    assert columns["Total"].asks == set()
    assert "named like amount" in columns["Total"].evidence
    assert not home.exists()


def test_what_could_be_read_in_two_ways_is_left_open() -> None:
    """Dates and amounts that nothing decides leave both questions open."""
    source = written('email,date,total\na@example.com,02/03/2026 10:00,"1,234"\n')
    asks = {row.column: row.asks for row in ConversionsJob(source=source).look()}
    assert asks["date"] == {"time_zone", "date_order"}
    assert asks["total"] == {"decimal"}


def test_two_columns_that_could_be_one_attribute_are_left_to_a_person() -> None:
    """Both are left out, saying why; what is certain is recognised all the same."""
    source = written("Buyer,Friend,order id\na@example.com,b@example.com,A-1\n")
    buyer, friend, order = ConversionsJob(source=source).look()
    for row in (buyer, friend):
        assert (row.attribute, "could be email" in row.evidence) == ("", True)
    assert order.attribute == "confirmationref"


def test_a_saved_mapping_is_followed(shop: str) -> None:
    """What was saved for a schedule is what the next job reads, and its name is the evidence."""
    job = ConversionsJob(source=shop)
    matched = job.look()
    where = job.save_mapping("shop 1")
    assert where == "params/mappings/shop 1.yml"
    assert saved_mappings() == (where,)
    assert yaml.safe_load(Path(where).read_text()) == {row.column: row.attribute for row in matched}
    Path(where).write_text("Mail: email\nTotal: null\n")
    rows = {row.column: row for row in ConversionsJob(source=shop, mapping=where).look()}
    assert (rows["Mail"].attribute, rows["Mail"].evidence) == ("email", "shop 1.yml")
    assert (rows["Total"].attribute, rows["Order date"].attribute) == ("", "")
    assert rows["Order date"].evidence == "not in the mapping"


@pytest.mark.parametrize("name", ["", "../shop", "a/b", "shop.yml.yml", "a@example.com"])
def test_a_name_that_is_no_file_is_refused(shop: str, name: str) -> None:
    """A mapping lies in its folder and nowhere else."""
    with pytest.raises(InputError, match="letters, digits"):
        ConversionsJob(source=shop).save_mapping(name)
    assert saved_mappings() == ()


def test_a_mapping_of_other_columns_says_so(shop: str) -> None:
    """A file that lacks a column of the saved mapping is named, not half read."""
    Path("other.yml").write_text("E-mail: email\n")
    with pytest.raises(InputError, match="names a column 'E-mail'"):
        ConversionsJob(source=shop, mapping="other.yml").look()


def test_a_check_makes_the_plan_and_sends_nothing(shop: str, sandbox: Sandbox) -> None:
    """The sums add up, every view can be drawn, and the other side has heard of nothing."""
    readings: list[Progress] = []
    job = ConversionsJob(source=shop, **ANSWERS)  # type: ignore[arg-type]
    plan = job.check(readings.append)
    assert plan.rows == 2
    assert "2 of 4 rows are conversions to report; duplicates: 1, rejected: 1." in job.sums()
    charts = (job.sums_chart(), job.reasons_chart(), job.attributes_chart(), job.sales_chart())
    assert all(isinstance(chart, Picture) for chart in charts)
    assert "1,049.99 EUR in 2 conversions" in repr(charts[-1])
    assert list(job.rejected_rows()["reason"]) == ["bad_email"]  # type: ignore[index]
    assert isinstance(job.show_plan(), DeliveryPlan)
    assert "Only the plan" in str(job.show_receipt())
    assert "Send first" in str(job.turned_into())
    assert readings[-1].done == readings[-1].total == 4
    assert sandbox.events.conversions() == []
    assert json.loads(json.dumps(job.result()))["sent"] is False
    job.close()


def test_days_of_the_chart_are_those_of_the_shop(shop: str, sandbox: Sandbox) -> None:
    """Half past midnight in Berlin is drawn on the day the shop would say."""
    assert sandbox.url
    Path(shop).write_text("Mail;Order date\nann@example.com;2026-11-02 00:30\n")
    job = ConversionsJob(source=shop, **ANSWERS)  # type: ignore[arg-type]
    job.check()
    assert "best day 2026-11-02" in repr(job.sales_chart())
    job.close()


def test_what_was_sent_can_be_seen_at_the_other_side(shop: str, sandbox: Sandbox) -> None:
    """The receipt is the result; the sandbox shows what came of it, without the person."""
    job = ConversionsJob(source=shop, **ANSWERS)  # type: ignore[arg-type]
    job.run(send=True)
    assert isinstance(job.show_receipt(), Receipt)
    there = job.turned_into()
    assert isinstance(there, TurnedInto)
    assert "knows 2 conversions" in repr(there)
    assert set(there.table["order id"]) == {"A-1", "A-2"}
    assert set(there.table["person known by"]) == {"SHA-256 of the e-mail"}
    page = there._repr_html_()
    assert "ann@" not in page
    assert all(each.person not in page for each in sandbox.events.conversions())
    result = json.loads(json.dumps(job.result()))
    assert (result["sent"], result["receipt"]["rows_confirmed"]) == (True, 2)
    job.close()


def test_a_sandbox_of_its_own_can_be_looked_into(shop: str) -> None:
    """A job without a sandbox beside it starts one, and sees into that."""
    job = ConversionsJob(source=shop, **ANSWERS)  # type: ignore[arg-type]
    job.run(send=True)
    assert "knows 2 conversions" in repr(job.turned_into())
    job.close()


@pytest.mark.parametrize("via", ["events", "events-legacy", "events-sftp"])
def test_conversions_go_every_way(shop: str, sandbox: Sandbox, via: ConversionsVia) -> None:
    """Each way is planned without showing anybody, and its receipt counts what was there."""
    assert sandbox.url
    job = ConversionsJob(source=shop, via=via, **ANSWERS)  # type: ignore[arg-type]
    plan = job.run(send=True)
    shown = plan.first_request_masked() + plan._repr_html_()
    assert shown
    assert "ann@" not in shown
    assert hashlib.sha256(b"ann@example.com").hexdigest() not in shown
    assert job.result()["plan"]["via"] == via
    assert job.result()["receipt"]["rows_confirmed"] == 2
    job.close()


def test_people_go_as_a_file_of_one_column(shop: str, sandbox: Sandbox) -> None:
    """Over the SFTP the column of addresses goes, and views of more say that there is none."""
    job = ConversionsJob(source=shop, via="sftp")
    plan = job.run(send=True)
    assert (plan.rows, len(sandbox.conversions())) == (2, 2)
    assert "one column" in str(job.sales_chart())
    assert isinstance(job.reasons_chart(), Picture)
    assert job.result()["receipt"]["rows_confirmed"] == 2
    assert "In files of people it got 2." in repr(job.turned_into())
    job.close()


def test_a_file_of_people_needs_addresses(sandbox: Sandbox) -> None:
    """Click ids alone make no file of people; the message says which other way there is."""
    assert sandbox.url
    job = ConversionsJob(source=written("click id,order id\nc-1,A-1\n"), via="sftp")
    with pytest.raises(InputError, match="another way, such as events"):
        job.check()
    job.close()


def test_a_failed_check_leaves_no_plan_behind(shop: str, sandbox: Sandbox) -> None:
    """What was planned before is gone once another check has failed, and whoever waits is told."""
    assert sandbox.url
    heard: list[str] = []
    job = ConversionsJob(source=shop, **ANSWERS)  # type: ignore[arg-type]
    job.check()
    job.when_done(lambda: heard.append("changed"))
    job.time_zone = ""
    with pytest.raises(InputError, match="time zone"):
        job.check()
    assert (job.plan, job.prepared, heard) == (None, None, ["changed"])
    job.close()


@pytest.mark.parametrize(
    ("name", "value"), [("via", "api"), ("output", "md5"), ("date_order", "ymd"), ("decimal", ";")]
)
def test_a_choice_that_there_is_not_is_named(name: str, value: str) -> None:
    """A setting that cannot be meant is refused with the choices there are."""
    with pytest.raises(InputError, match=f"^{name} is .*, not {value!r}"):
        ConversionsJob(**{name: value})  # type: ignore[arg-type]


def test_attributes_have_words_of_their_own() -> None:
    """Where there are plain words for an attribute they stand for no other; else its name does."""
    names = attributes_offered(plain=True)
    assert len({in_words(name) for name in names}) == len(names)
    assert (in_words("confirmationref"), in_words("city")) == ("order id", "city")


def test_only_what_can_be_hashed_is_offered() -> None:
    """A date of birth has no hashed form: it is offered to whoever sends plain values."""
    assert "dob" not in attributes_offered(plain=False)
    assert {"email", "confirmationref"} <= {*attributes_offered(plain=False)}
    assert "dob" in attributes_offered(plain=True)


def test_the_practice_file_needs_no_question(sandbox: Sandbox) -> None:
    """A beginner's first file goes through as it is."""
    assert sandbox.url
    write_practice_lists(Path.cwd() / "inbox")
    job = ConversionsJob(source="inbox/sample_purchases.csv")
    assert all(row.attribute and not row.asks for row in job.look())
    assert job.check().rows == 250
    assert str(job.rejected_rows()) == "No row was rejected."
    job.close()


def test_no_address_is_left_in_anything_the_notebook_writes(home: Path, sandbox: Sandbox) -> None:
    """Planted addresses, good and bad, are nowhere in the state folder after sending."""
    source = Path.cwd() / "canaries.csv"
    source.write_text(
        "mail,order id,conversion type,total\n"
        "canary.one@example.com,A-1,purchase,1.50\n"
        "canary two@@example.com,A-2,purchase,2.50\n"
        "canary.three@example.com,canary.four@example.com,purchase,2.50\n"
    )
    notebook = Path(__file__).resolve().parents[1] / "notebooks" / "30_conversions.ipynb"
    settings = {"source": str(source), "send": True}
    done = run_notebook(notebook, parameters=settings, runs=home / "runs")
    assert done.result["receipt"]["rows_confirmed"] == len(sandbox.events.conversions()) == 1
    left = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert b"conversions" in left
    assert b"canary." not in left.replace(b"canaries.csv", b"").lower()
