"""Corrections in the job that prepares a list: looked at, applied, recorded, forgotten in time."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from rokt_helpers.audience import prepare_audience
from rokt_helpers.errors import InputError
from rokt_helpers.jobs import PrepareJob
from rokt_helpers.jobs.places import prepared_labels

CELLS = ["ada@example.com", "zebra@", "bob@example.com", "", "zebra dee"]
TYPED = {3: "Zebra@example.com", 6: "zebra still wrong"}


@pytest.fixture
def customers() -> Path:
    path = Path.cwd() / "customers.csv"
    path.write_text("\n".join(["email,n", *(f"{cell},1" for cell in CELLS)]) + "\n")
    return path


def job_with(path: Path, typed: dict[int, str]) -> PrepareJob:
    job = PrepareJob(source=str(path), output="plain")
    job.corrections = dict(typed)
    return job


def test_a_look_gives_sums_examples_and_what_may_be_corrected(customers: Path) -> None:
    """The grid has the values by the row numbers of the file; nothing else of the look has them."""
    look = PrepareJob(source=str(customers)).look()
    assert (look.columns, look.column) == (("email", "n"), "email")
    assert look.summary["rejected_by_reason"] == {"empty": 1, "no_at_sign": 1, "bad_domain": 1}
    assert look.examples == {
        "empty": ("(nothing)",), "no_at_sign": ("xxxxx xxx",), "bad_domain": ("xxxxx@",),
    }  # fmt: skip
    assert look.rejected_for_correction().rows() == [
        (3, "bad_domain", "zebra@"), (5, "empty", None), (6, "no_at_sign", "zebra dee"),
    ]  # fmt: skip
    assert len(look.rejected_for_correction(first=1)) == 1
    assert "zebra" not in repr(look) + str(vars(look) | {"_seen": repr(look._seen)})


def test_a_look_says_what_became_of_each_correction(customers: Path) -> None:
    """Sums, outcomes and examples are those with the corrections; the grid stays as it was."""
    job = job_with(customers, TYPED)
    look = job.look()
    assert (look.summary["corrected"], look.summary["accepted"]) == (2, 3)
    assert look.outcomes == {3: "accepted", 6: "no_at_sign"}
    assert look.examples == {"empty": ("(nothing)",)}
    assert "2 of them were corrected by hand" in look.sentence
    assert look.rejected_for_correction()["row"].to_list() == [3, 5, 6]
    assert "zebra" not in look.sentence + repr(look) + repr(job)


def test_a_run_applies_what_was_typed_and_leaves_a_record(customers: Path, home: Path) -> None:
    """The record lies beside the file, and with it the outcome says how many were corrected."""
    job = job_with(customers, TYPED)
    job.run()
    folder = home / "sandbox" / "prepared"
    written = (folder / "customers-plain.csv").read_text().split()
    assert written == ["ada@example.com", "zebra@example.com", "bob@example.com"]
    assert job.record == folder / "customers-plain-corrections.csv"
    assert job.record.read_text().splitlines() == [
        "row,reason_before,outcome", "3,bad_domain,accepted", "6,no_at_sign,no_at_sign",
    ]  # fmt: skip
    assert "2 were corrected by hand" in job.result()["sentence"]
    assert "zebra" not in json.dumps(job.result()) + job.record.read_text()
    assert [path for path, _ in prepared_labels(folder)] == [str(job.written)]


def test_after_a_run_the_grid_is_of_the_whole_list() -> None:
    """Rows far below, what advice left out, and what was corrected before are all there."""
    path = Path.cwd() / "long.csv"
    people = [f"p{number}@firm.com" for number in range(12_000)]
    path.write_text("\n".join(["email", "nope", "info@firm.com", *people, "zebra@", "x@@y.z", ""]))
    job = PrepareJob(source=str(path), output="plain", apply="role_account")
    assert job.look().rejected_for_correction()["row"].to_list() == [2]
    job.run()
    assert job.rejected_for_correction().rows() == [
        (2, "no_at_sign", "nope"), (3, "role_account", "info@firm.com"),
        (12_004, "bad_domain", "zebra@"), (12_005, "several_at_signs", "x@@y.z"),
    ]  # fmt: skip
    job.corrections = {12_004: "zebra@firm.com"}
    assert job.look().summary["corrected"] == 0
    assert job.run().summary["corrected"] == 1
    assert job.rejected_for_correction()["row"].to_list() == [2, 3, 12_004, 12_005]
    assert job.rejected_for_correction(first=2)["row"].to_list() == [2, 3]


def test_another_list_or_column_forgets_them(customers: Path) -> None:
    """To name the column that was found is no other choice; to name another one is."""
    job = PrepareJob(source=str(customers))
    job.look()
    job.corrections = dict(TYPED)
    job.source, job.column = str(customers), "email"
    assert job.corrections == TYPED
    job.column = "n"
    assert job.corrections == {}
    job.corrections = dict(TYPED)
    job.source = "another.csv"
    assert job.corrections == {}


def test_a_list_that_changed_is_another_list(customers: Path, home: Path) -> None:
    """A run refuses, and writes nothing; a new look forgets what was typed for the older file."""
    job = PrepareJob(source=str(customers))
    job.look()
    job.corrections = dict(TYPED)
    customers.write_text("email\nnew@example.com\nzebra\nzebra@\n")
    with pytest.raises(InputError, match=r"customers\.csv has changed since it was checked"):
        job.run()
    assert not home.exists()
    assert job.corrections == TYPED
    assert job.look().outcomes == {}
    assert job.corrections == {}


def test_a_record_of_an_older_file_does_not_stay_beside_a_new_one(
    customers: Path,
) -> None:
    """Without corrections the record is emptied, and a file that is no record is left alone."""
    job = job_with(customers, TYPED)
    job.run()
    record = job.record
    assert record is not None
    job.corrections = {}
    job.run()
    assert (record.read_text(), job.record) == ("row,reason_before,outcome\n", None)
    record.write_text("mine\n")
    job.run()
    assert record.read_text() == "mine\n"
    assert "corrected by hand" not in job.result()["sentence"]


def test_several_lists_are_looked_at_and_not_corrected(customers: Path) -> None:
    """The examples are there, and whoever asks for the grid is told what to do."""
    (customers.parent / "more.csv").write_text("email\ncy@example.com\nzebra\n")
    look = PrepareJob(source=str(customers.parent / "*.csv")).look()
    assert look.examples["no_at_sign"] == ("xxxxx xxx", "xxxxx")
    with pytest.raises(InputError, match="Correct one list at a time"):
        look.rejected_for_correction()


def test_nothing_that_was_typed_is_left_behind(
    customers: Path, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither logs, errors nor the state folder hold what was typed; the file asked for does."""
    caplog.set_level(logging.DEBUG)
    job = job_with(customers, TYPED)
    job.output = "sha256"
    job.look()
    job.run()
    job.corrections = {2: "zebra@example.com"}
    with pytest.raises(InputError) as refused:
        job.run()
    kept = "".join(path.read_text() for path in home.rglob("*") if path.is_file())
    said = kept + caplog.text + repr(refused.value) + str(job.result()) + str(job.rejected_rows())
    assert "row,reason_before,outcome" in said
    assert "zebra" not in said.lower()
    assert len(prepare_audience(str(job.written))) == 3
