"""Every notebook with its params file, in a real kernel, as a schedule runs it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest

from rokt_helpers.errors import InputError
from rokt_helpers.runner import NotebookRun, read_parameters, run_notebook
from rokt_helpers.runner.signature import read_signature
from rokt_helpers.sandbox import Sandbox, write_customers, write_practice_lists

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
# Spark takes a minute to start: its page is run once, among the tests of Spark.
WITHOUT_SPARK = [stem for stem in NOTEBOOKS if stem != "18_spark"]


@pytest.fixture
def rokt_in_a_box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    sandbox = Sandbox(pickup_seconds=0.05)
    with sandbox:
        for name, value in sandbox.environment.items():
            monkeypatch.setenv(name, value)
        yield sandbox


def practise() -> None:
    inbox = Path.cwd() / "inbox"
    inbox.mkdir(exist_ok=True)
    write_customers(inbox / "sample_customers.csv", rows=300)
    write_practice_lists(inbox)


def run(stem: str, **parameters: object) -> NotebookRun:
    practise()
    return run_notebook(
        ROOT / "notebooks" / f"{stem}.ipynb",
        parameters={**read_parameters(ROOT / "params" / f"{stem}.yml"), **parameters},
        runs=Path(os.environ["ROKT_HOME"]) / "runs",
    )


def executed(done: NotebookRun) -> Any:
    return nbformat.read(done.executed, as_version=4)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("stem", WITHOUT_SPARK)
def test_each_notebook_runs_with_its_params_file(stem: str, rokt_in_a_box: Sandbox) -> None:
    """It ends with a sentence, sends nothing on its own, and keeps no widget state."""
    done = run(stem)
    assert done.result["sentence"]
    assert json.loads((done.folder / "result.json").read_text()) == done.result
    assert "widgets" not in executed(done).metadata
    assert done.executed.stat().st_mode & 0o777 == 0o600
    assert rokt_in_a_box.lists() == {"AdvertiserDatabase": 0}


@pytest.mark.parametrize("stem", [stem for stem in NOTEBOOKS if stem != "00_start_here"])
def test_each_form_can_be_drawn(stem: str, rokt_in_a_box: Sandbox) -> None:
    """With `run` false the notebook shows its form, for whoever runs it in a lab."""
    practise()
    settings = read_parameters(ROOT / "params" / f"{stem}.yml") | {"run": False}
    executed = papermill.execute_notebook(
        ROOT / "notebooks" / f"{stem}.ipynb", "drawn.ipynb", settings, progress_bar=False
    )
    outputs = [
        output.get("data", {}) for cell in executed.cells for output in cell.get("outputs", [])
    ]
    assert any("application/vnd.jupyter.widget-view+json" in data for data in outputs)
    assert rokt_in_a_box.requests() == []


@pytest.mark.parametrize("stem", [stem for stem in NOTEBOOKS if stem != "00_start_here"])
def test_no_page_ends_well_without_having_done_anything(stem: str) -> None:
    """Where nothing says to run, the page is refused before a kernel starts; nothing is kept."""
    for given in ({"run": False}, {"run": False, "send": False}):
        known = read_signature(ROOT / "notebooks" / f"{stem}.ipynb")
        if {*given} <= {*known}:
            with pytest.raises(InputError, match=r"would only show its form.*`run: true`"):
                run(stem, **given)
    assert not (Path(os.environ["ROKT_HOME"]) / "runs").exists()


@pytest.mark.parametrize("via", ["api", "sftp"])
def test_send_true_delivers_and_the_result_is_the_receipt(via: str, rokt_in_a_box: Sandbox) -> None:
    """The receipt that the notebook hands over agrees with the list at the other side."""
    done = run("20_deliver_audience", list="A", via=via, send=True)
    receipt = done.result["receipt"]
    assert receipt["status"] == "delivered"
    assert receipt["rows_confirmed"] == done.result["plan"]["rows"] == rokt_in_a_box.lists()["A"]


@pytest.mark.usefixtures("rokt_in_a_box")
def test_referrals_are_collected_once() -> None:
    """A second run finds nothing new and shows the same totals."""
    first, second = run("40_referrals"), run("40_referrals")
    assert first.result["collected"]["rows_kept"] > 0
    assert second.result["collected"]["rows_in"] == 0
    assert second.result["totals"] == first.result["totals"]


def test_a_list_that_cannot_be_used_ends_the_run_with_our_error() -> None:
    """The error of the kernel comes out as ours, with the notebook as far as it came."""
    (Path.cwd() / "empty.csv").write_text("")
    with pytest.raises(InputError, match=r"is empty.*executed\.ipynb"):
        run("10_prepare_audience", source=str(Path.cwd() / "empty.csv"))


def test_no_address_is_left_in_anything_a_run_writes(rokt_in_a_box: Sandbox) -> None:
    """Planted addresses, good and bad, are nowhere in the state folder afterwards."""
    planted = ["canary.one@example.com", "Canary Two@@example.com", "canary-three@nowhere"]
    source = Path.cwd() / "canaries.csv"
    source.write_text("email\n" + "\n".join(planted) + "\n")
    run("10_prepare_audience", source=str(source))
    run("20_deliver_audience", source=str(source), list="A", send=True)
    run("20_deliver_audience", source=str(source), list="A", via="sftp", send=True)
    left = b"".join(p.read_bytes() for p in Path(os.environ["ROKT_HOME"]).rglob("*") if p.is_file())
    assert b"canary" not in left.lower()
    assert rokt_in_a_box.lists()["A"] == 1
