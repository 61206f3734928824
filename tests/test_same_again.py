"""What was done by hand, as a schedule would do it: read back strictly, and run."""

from __future__ import annotations

import ast
import json
import os
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rokt_helpers.contract import DEFAULT_LIST
from rokt_helpers.forms import SameAgain, same_again
from rokt_helpers.jobs import (
    Beside,
    ClusterJob,
    ConversionsJob,
    DeliverJob,
    DoctorJob,
    ListsJob,
    LoopJob,
    PrepareJob,
    ReferralsJob,
    View,
)
from rokt_helpers.jobs.cells import CELLS
from rokt_helpers.jobs.job import Job
from rokt_helpers.runner import NotebookRun, check_parameters, read_parameters, run_notebook
from rokt_helpers.sandbox import Sandbox
from rokt_helpers.schedule.entries import read_schedule
from rokt_helpers.tables import Pasted
from rokt_helpers.widgets.dropped import DroppedFiles

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
CUSTOMERS = "name;email\nAda;ADA@example.com\nBob; bob@example.com\nAda;ada@example.com\nCy;none\n"
# Each choice of each job is another one than its notebook's.
BOUGHT = {"purchases": "inbox/p.csv", "mapping": "params/mappings/m.yml"}
ZONES = {"purchases_time_zone": "America/New_York", "currency": "USD", "time_zone": "Asia/Tokyo"}
DELIVER: dict[str, Any] = {
    "source": "inbox/a.csv", "column": "yes", "list": "2026", "action": "exclude", "via": "sftp",
    "mode": "mirror", "allow": "removal,flipped", "profile": "staging",
    "account": "brand_b",
}  # fmt: skip
PREPARE: dict[str, Any] = {
    "source": "inbox/a.csv", "column": "E-mail: private", "output": "plain", "mixed": "hash",
    "apply": "domain_typo,disposable", "out": "out/a.csv",
}  # fmt: skip
LISTS: dict[str, Any] = {
    "left": "inbox/l*.csv", "right": "inbox/r.csv", "mode": "conflicts", "out": "c.csv",
    "history": "inbox/h*.csv",
}  # fmt: skip
CONVERSIONS: dict[str, Any] = {
    "source": "inbox/p.csv", "mapping": "params/mappings/m.yml", "time_zone": "Asia/Tokyo",
    "date_order": "dmy", "decimal": ",", "conversiontype": "purchase", "currency": "EUR",
    "via": "events-sftp", "output": "plain", "allow": "repeat", "profile": "live",
    "account": "brand_b",
}  # fmt: skip
LOOP: dict[str, Any] = {
    **BOUGHT, **ZONES, "list": "Bought", "days": 7, "via": "events", "mode": "full",
    "allow": "small_include", "collect": False, "profile": "live",
    "account": "brand_b",
}  # fmt: skip
DOCTOR: dict[str, Any] = {"source": "inbox/h.csv", "column": "no", "known": "inbox/k.csv"}
SPARK: dict[str, Any] = {
    "source": "s3a://lists/a", "column": "c", "identifier": "zip", "output": "plain",
    "out": "s3a://lists/b", "spark_url": "sc://host:15002",
}  # fmt: skip
BESIDE = {**BOUGHT, "customers": "inbox/c.csv", "suppression_lists": "A,B"}
VIEW: dict[str, Any] = {"days": 30, "window_days": 7.5, "grace_hours": 1.0, "fewest": 9}
REFERRALS: dict[str, Any] = {
    **BESIDE, **VIEW, **ZONES, "personal": "mask", "report": "r.html", "profile": "live",
    "account": "brand_b",
}  # fmt: skip


def referrals(**given: Any) -> ReferralsJob:
    beside = {name: given.pop(name) for name in vars(Beside()) if name in given}
    view = {name: given.pop(name) for name in vars(View()) if name in given}
    return ReferralsJob(beside=Beside(**beside), view=View(**view), **given)


JOBS: dict[str, tuple[Callable[..., Job], dict[str, Any]]] = {
    "10_prepare_audience": (PrepareJob, PREPARE),
    "15_hash_doctor": (DoctorJob, DOCTOR),
    "16_list_lab": (ListsJob, LISTS),
    "18_spark": (ClusterJob, SPARK),
    "20_deliver_audience": (DeliverJob, DELIVER),
    "30_conversions": (ConversionsJob, CONVERSIONS),
    "40_referrals": (referrals, REFERRALS),
    "45_close_the_loop": (LoopJob, LOOP),
}
DOES = {"run", "send"}


@pytest.fixture
def customers() -> Path:
    path = Path.cwd() / "inbox" / "customers.csv"
    path.parent.mkdir()
    path.write_text(CUSTOMERS)
    return path


@pytest.fixture
def rokt_in_a_box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with Sandbox(pickup_seconds=0.05, referral_days=0) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


def read_back(again: SameAgain, notebook: str) -> dict[str, Any]:
    """Put the texts where they belong and read them as a schedule does."""
    Path("params").mkdir(exist_ok=True)
    file = Path(again.file)
    file.write_text(again.params_yaml, encoding="utf-8")
    Path("params/schedule.yml").write_text("entries:\n" + again.entry_yaml)
    (entry,) = read_schedule(Path("params/schedule.yml"))
    assert (entry.notebook, entry.params) == (Path(f"notebooks/{notebook}.ipynb"), file)
    assert not entry.enabled
    words = shlex.split(again.command)
    assert words == ["rokt", "run", str(entry.notebook), "-f", again.file]
    return check_parameters(NOTEBOOKS / f"{notebook}.ipynb", read_parameters(file))


def cell_of(notebook: Path) -> dict[str, Any]:
    cells = json.loads(notebook.read_text())["cells"]
    (source,) = (
        "".join(c["source"]) for c in cells if "parameters" in c["metadata"].get("tags", ())
    )
    lines = [line for line in ast.parse(source).body if isinstance(line, ast.AnnAssign)]
    return {
        ast.unparse(one.target): ast.literal_eval(ast.unparse(one.value or one)) for one in lines
    }


def test_the_cells_are_those_of_the_notebooks() -> None:
    """Names, their order and their defaults; the start page does nothing that could be repeated."""
    found = {path.stem: cell_of(path) for path in sorted(NOTEBOOKS.glob("*.ipynb"))}
    assert found.pop("00_start_here") == {"profile": "", "account": ""}
    assert found == CELLS
    assert [[*cell] for cell in found.values()] == [[*cell] for cell in CELLS.values()]
    assert {*JOBS} == {*CELLS}


@pytest.mark.parametrize("notebook", JOBS)
def test_what_is_as_in_the_cell_is_left_out(notebook: str) -> None:
    """With the choices of the cell itself only `run` is said."""
    make, _ = JOBS[notebook]
    job = make(**{name: value for name, value in CELLS[notebook].items() if name not in DOES})
    assert job.notebook == notebook
    assert job.parameters() == {"run": True}
    again = job.same_again()
    assert read_back(again, notebook) == {"run": True}
    assert again.file == f"params/{notebook}-again.yml"
    assert (again.hindrance, again.note) == ("", "")


@pytest.mark.parametrize("notebook", JOBS)
def test_every_choice_is_read_back_as_it_was(notebook: str) -> None:
    """The strict runner takes the text, and finds each value as the job has it."""
    make, chosen = JOBS[notebook]
    assert {*chosen} == {*CELLS[notebook]} - DOES
    job = make(**chosen)
    assert job.parameters() == chosen | {"run": True}
    assert [*job.parameters()] == [name for name in CELLS[notebook] if name != "send"]
    again = job.same_again()
    assert read_back(again, notebook) == chosen | {"run": True}
    assert again.hindrance == ""
    assert ("passed each time" in again.note) == ("allow" in chosen)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(st.fixed_dictionaries({"column": TEXTS, "list": TEXTS, "allow": TEXTS}))
def test_any_text_survives_the_file(chosen: dict[str, str]) -> None:
    """Whatever a column or a list is called, the file is YAML that says it, and nothing else."""
    again = same_again("20_deliver_audience", {**chosen, "run": True}, source="file")
    path = Path("again.yml")
    path.write_text(again.params_yaml, encoding="utf-8")
    assert read_parameters(path) == {**chosen, "run": True}
    stem = again.file.removeprefix("params/20_deliver_audience-").removesuffix(".yml")
    assert stem.replace("-", "a").isalnum()
    assert stem.isascii()


# --- what stands in the way ----------------


def test_a_dropped_file_is_to_go_into_the_inbox(customers: Path) -> None:
    """The folder of the page is gone tomorrow, so the text names the inbox and says what to do."""
    dropped = DroppedFiles()
    path = dropped.keep("may.csv", customers.read_bytes())
    job = PrepareJob(source=str(path))
    again = job.same_again()
    assert read_back(again, job.notebook) == {"source": "inbox/may.csv", "run": True}
    assert again.hindrance.startswith("Put may.csv into inbox/")
    assert again.file == "params/10_prepare_audience-may.yml"
    both = ListsJob(left=str(path), right=str(path.with_name("june.csv"))).same_again()
    assert ("Put may.csv" in both.hindrance, "Put june.csv" in both.hindrance) == (True, True)
    assert str(path.parent) not in both.params_yaml + again.params_yaml
    dropped._folder.cleanup()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (Pasted("email\nzebra@example.com\n"), "What was pasted"),
        (pl.DataFrame({"email": ["zebra@example.com"]}), "A frame"),
    ],
)
def test_a_list_in_memory_is_to_become_a_file(source: Any, said: str) -> None:
    """Nothing of the list is in the text, which names a file that is not there yet."""
    job = PrepareJob(source=source)
    assert job.parameters() == {"run": True}
    again = job.same_again()
    assert read_back(again, job.notebook) == {"source": "inbox/your_list.csv", "run": True}
    assert again.hindrance.startswith(f"{said} is not there when a schedule runs")
    assert "zebra" not in str(again)


def test_what_was_typed_by_hand_is_said(customers: Path) -> None:
    """Corrections and known customers are of this page only, and no value of them is repeated."""
    prepare = PrepareJob(source="inbox/customers.csv")
    prepare.corrections = {5: "zebra@example.com"}
    again = prepare.same_again()
    assert again.hindrance.startswith("1 value was corrected by hand")
    digests = customers.with_name("hashed.csv")
    digests.write_text("\n".join(["sha256", "a1" * 32, "b2" * 32]))
    doctor = DoctorJob(source="inbox/hashed.csv")
    doctor.run(["zebra@example.com"])
    assert "name it as `known`" in doctor.same_again().hindrance
    assert "zebra" not in str(again) + str(doctor.same_again()) + str(doctor.parameters())


def test_columns_that_were_matched_on_the_screen_need_a_name() -> None:
    """What was recognised needs none, what was changed is to be saved, and then it is named."""
    Path("inbox").mkdir()
    Path("inbox/p.csv").write_text(
        "email,order,amount,currency,time\nada@example.com,1,9.90,USD,2026-05-01T10:00:00Z\n"
    )
    job = ConversionsJob(source="inbox/p.csv")
    job.matched = job._recognised()
    assert (job.same_again().hindrance, "mapping" in job.parameters()) == ("", False)
    column = next(iter(job.matched.columns.values()))
    job.matched = job.matched.changed({column: None})
    assert "Save which column is what" in job.same_again().hindrance
    shown = job.save_mapping("shop")
    again = job.same_again()
    assert again.hindrance == ""
    assert read_back(again, job.notebook)["mapping"] == shown == "params/mappings/shop.yml"
    assert ConversionsJob(source="inbox/p.csv", mapping=shown).parameters()["mapping"] == shown


def test_conflicts_that_were_written_are_written_again(customers: Path) -> None:
    """Who pressed the button for the file of conflicts finds it as `out`."""
    other = customers.with_name("other.csv")
    other.write_text("email\nada@example.com\n")
    job = ListsJob(left=str(customers), right=str(other), mode="conflicts")
    job.run()
    assert "out" not in job.parameters()
    assert job.parameters()["mode"] == "conflicts"
    written = job.write_conflicts()
    assert job.parameters()["out"] == str(written)


def test_what_was_sent_is_sent_again(customers: Path, sandbox: Sandbox) -> None:
    """`send` is said only after a receipt, with what a person should know of it."""
    job = DeliverJob(source=str(customers), list="A", allow="small_include")
    job.run(send=False)
    assert "send" not in job.parameters()
    job.send()
    job.close()
    again = job.same_again()
    assert read_back(again, job.notebook) == {
        "source": str(customers), "list": "A", "allow": "small_include", "run": True, "send": True,
    }  # fmt: skip
    assert again.note == (
        "These guards are passed each time, unasked: small_include. It sends without asking."
    )
    assert sandbox.lists()["A"] == 2


# --- and run -------------------------------


def headless(again: SameAgain, notebook: str) -> NotebookRun:
    return run_notebook(
        NOTEBOOKS / f"{notebook}.ipynb",
        parameters=read_back(again, notebook),
        runs=Path(os.environ["ROKT_HOME"]) / "runs",
    )


def test_preparing_without_a_person_gives_the_same_result(customers: Path) -> None:
    """The schedule's result is the one that was pressed by hand, and so is the file."""
    job = PrepareJob(source="inbox/customers.csv", output="plain", apply="role_account")
    look = job.look()
    job.column = look.column
    job.run()
    assert job.written is not None
    by_hand = (job.result(), job.written.read_bytes())
    job.written.unlink()
    done = headless(job.same_again(), job.notebook)
    assert done.result == json.loads(json.dumps(by_hand[0]))
    assert (job.written.read_bytes(), customers.is_file()) == (by_hand[1], True)


@pytest.mark.usefixtures("customers", "rokt_in_a_box")
def test_delivering_without_a_person_makes_the_same_plan() -> None:
    """The fingerprint that seals the schedule's plan is that of the plan made by hand."""
    job = DeliverJob(source="inbox/customers.csv", list="A", action="exclude", mode="delta")
    assert DEFAULT_LIST not in job.parameters().values()
    by_hand = job.make_plan().fingerprint
    job.close()
    done = headless(job.same_again(), job.notebook)
    assert (done.result["plan"]["fingerprint"], done.result["sent"]) == (by_hand, False)


def test_an_account_that_the_environment_chose_is_said(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a schedule runs the environment may name another account, or none."""
    Path("accounts").mkdir()
    Path("accounts/brand_b.env").touch()
    monkeypatch.setenv("ROKT_ACCOUNT", "brand_b")
    job = DeliverJob()
    assert job.workbench.settings.account == "brand_b"
    assert job.parameters()["account"] == "brand_b"
    job.close()
    assert sandbox.requests() == []


def test_a_profile_that_the_environment_chose_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A schedule without the variable would work on its own sandbox, and nobody would notice."""
    monkeypatch.setenv("ROKT_PROFILE", "staging")
    job = DeliverJob()
    assert job.workbench.settings.profile == "staging"
    assert job.parameters()["profile"] == "staging"
    job.close()
    monkeypatch.setenv("ROKT_PROFILE", "sandbox")
    practice = DeliverJob()
    assert practice.workbench.settings.profile == "sandbox"
    assert "profile" not in practice.parameters()
    practice.close()
