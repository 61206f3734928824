"""Choosing a list four ways, mending it, and finding a panel again; without a browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell

from rokt_helpers.errors import InputError
from rokt_helpers.forms.source import SourceForm, SourceOffer
from rokt_helpers.forms.stages import stages
from rokt_helpers.jobs import DeliverJob, PrepareJob, found_again
from rokt_helpers.jobs.places import source_named
from rokt_helpers.sandbox import Sandbox
from rokt_helpers.settings import load_settings
from rokt_helpers.widgets import DeliverPanel, PreparePanel, open_panel
from rokt_helpers.widgets.parts import sums_html
from tests.test_widgets import press

BROKEN = "email\nada@example.com\nbob.example.com\ncy@example.com\n"


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """A notebook's own names, as IPython keeps them."""
    running = InteractiveShell.instance()
    yield running
    InteractiveShell.clear_instance()


@pytest.fixture
def broken() -> str:
    inbox = Path.cwd() / "inbox"
    inbox.mkdir()
    (inbox / "broken.csv").write_text(BROKEN)
    return "inbox/broken.csv"


def test_pasted_lines_are_a_list_and_the_field_forgets_them() -> None:
    """What is pasted is chosen and prepared, and no widget holds it afterwards."""
    panel = PreparePanel(PrepareJob())
    panel.picker.kind.value = "paste"
    panel.picker.pasted.value = "ada@example.com\nBOB@example.com\n"
    panel.picker.paste_button.click()
    assert panel.picker.pasted.value == ""
    assert panel.picker.form.kind == "inbox"
    press(panel, "check_button")
    press(panel, "prepare_button")
    assert "2 of 2 rows are ready" in panel.said
    assert panel.job.written is not None
    assert panel.job.written.name == "pasted-sha256.csv"


def test_nothing_pasted_chooses_nothing() -> None:
    """An empty field is no list."""
    panel = PreparePanel(PrepareJob())
    panel.picker.pasted.value = " \n"
    panel.picker.paste_button.click()
    assert (panel.form.source, panel.check_button.disabled) == ("", True)


def test_a_table_of_the_notebook_is_a_list(shell: InteractiveShell) -> None:
    """A DataFrame is offered with its size, and prepared as it is when it is read."""
    shell.user_ns["customers"] = pd.DataFrame({"email": ["ada@example.com", "n/a"]})
    panel = PreparePanel(PrepareJob())
    panel.picker.kind.value = "python"
    assert ("customers: 2 rows of 1 columns (pandas)", "python:customers") in (
        panel.picker.picked.options
    )
    panel.picker.picked.value = "python:customers"
    press(panel, "check_button")
    shell.user_ns["customers"] = pd.DataFrame({"email": ["ada@example.com", "eve@example.com"]})
    press(panel, "prepare_button")
    assert "2 of 2 rows are ready" in panel.said
    assert str(panel.job.written).endswith("customers-sha256.csv")


def test_a_table_that_is_gone_is_a_sentence(shell: InteractiveShell) -> None:
    """A name that the notebook no longer has is said, with what to do."""
    shell.user_ns["text"] = "no table"
    for name in ("python:gone", "python:text"):
        with pytest.raises(InputError, match="Run the cell that makes it"):
            source_named(name)


def test_what_came_since_can_be_looked_for(broken: str) -> None:
    """Look again offers a new file; a file that went is no longer chosen."""
    panel = PreparePanel(PrepareJob(source=broken))
    (Path.cwd() / "inbox" / "new.csv").write_text(BROKEN)
    Path(broken).unlink()
    panel.picker.again_button.click()
    offered = [source for _, source in panel.picker.picked.options]
    assert offered == ["", "inbox/new.csv"]
    assert panel.check_button.disabled


def test_what_was_prepared_last_stands_first_and_is_not_chosen_unasked(
    broken: str, sandbox: Sandbox
) -> None:
    """The newest prepared list says so and when; also when it came since the page was opened."""
    folder = load_settings().folder / "prepared"
    folder.mkdir(mode=0o700)
    for name, day in {"a": 2, "b": 3}.items():
        file = folder / f"{name}-sha256.csv"
        file.write_text("x\n")
        os.utime(file, (datetime(2026, 11, day, 9, 30).astimezone().timestamp(),) * 2)
    panel = DeliverPanel(DeliverJob(source=broken))
    labels = [label for label, _ in panel.picker.picked.options]
    assert labels[1:3] == [
        "prepared 3 Nov 09:30, the newest: b-sha256.csv", "prepared 2 Nov 09:30: a-sha256.csv",
    ]  # fmt: skip
    assert (panel.form.source, panel.job.source) == (broken, broken)
    PrepareJob(source=broken).run()
    panel.picker.again_button.click()
    labels = [label for label, _ in panel.picker.picked.options]
    assert labels[1].endswith(", the newest: broken-sha256.csv")
    assert labels[2] == "prepared 3 Nov 09:30: b-sha256.csv"
    assert (panel.form.source, sandbox.requests()) == (broken, [])
    panel.picker.picked.value = dict(panel.picker.picked.options)[labels[1]]
    press(panel, "plan_button")
    assert panel.job.plan is not None
    assert panel.job.plan.rows == 2
    panel.job.close()


def test_the_inbox_says_how_to_fill_it() -> None:
    """Where nothing can be picked, a sentence says what to do."""
    assert "file browser" in SourceForm().hint
    assert "DataFrame" in SourceForm(kind="python").hint
    assert SourceForm(inbox=(SourceOffer("a", "A"),)).hint == ""


def test_rejected_rows_are_shown_by_shape_mended_and_checked_again(broken: str) -> None:
    """The reason and the shape stand on the screen; a row typed anew is accepted and recorded."""
    panel = PreparePanel(PrepareJob(source=broken))
    press(panel, "check_button")
    assert "xxx.xxxxxxx.xxx" in panel.found.value
    assert "bob" not in panel.found.value + panel.said
    panel.grid._handle_custom_msg({"kind": "change", **_now(panel), "value": "bob@example.com"}, [])
    assert "1 row typed anew. Press Check again" in panel.said
    press(panel, "check_button")
    assert "3 accepted (100.0%)" in panel.found.value
    press(panel, "prepare_button")
    assert "3 of 3 rows are ready" in panel.said
    assert panel.job.record is not None
    assert panel.job.record.read_text() == "row,reason_before,outcome\n3,no_at_sign,accepted\n"


def _now(panel: PreparePanel) -> dict[str, object]:
    """Return what the grid's page would say of the row it shows."""
    return {"row": 3, "source": panel.grid._source}


def test_a_guard_is_a_choice(broken: str, sandbox: Sandbox) -> None:
    """Each guard that stops a plan can be ticked; another choice gives the passes up again."""
    panel = DeliverPanel(DeliverJob(source=broken, list="Guarded"))
    press(panel, "plan_button")
    press(panel, "send_button")
    panel.action.value = "exclude"
    press(panel, "plan_button")
    box = panel.guards["flipped"]
    assert "Look here" in panel.said
    assert "--allow" not in panel.said
    assert box.layout.display != "none"
    box.value = True
    press(panel, "plan_button")
    assert "would be taken off" in panel.said
    assert (panel.send_button.disabled, box.value) == (True, True)
    panel.guards["removal"].value = True
    press(panel, "plan_button")
    assert not panel.send_button.disabled
    panel.list.value = "Other"
    assert (box.value, box.layout.display) == (False, "none")
    assert sandbox.lists()["Guarded"] == 2
    panel.job.close()


def test_the_first_request_is_there_with_everybody_masked(broken: str, sandbox: Sandbox) -> None:
    """The plan holds the request as it will go, and nobody in it."""
    panel = DeliverPanel(DeliverJob(source=broken, list="Masked"))
    press(panel, "plan_button")
    assert "&quot;list&quot;: &quot;Masked&quot;" in panel.plan_view.value
    assert "2 in all" in panel.plan_view.value
    assert sandbox.lists().get("Masked", 0) == 0
    panel.job.close()


def test_a_cell_run_twice_finds_its_job_and_its_panel(broken: str) -> None:
    """The same settings lead to the same job and panel, other settings to another one."""
    first = found_again(PrepareJob(source=broken))
    panel = open_panel(first)
    again = found_again(PrepareJob(source=broken))
    assert (again is first, open_panel(again) is panel) == (True, True)
    assert found_again(PrepareJob(source=broken, output="plain")) is not first


def test_steps_say_where_a_person_is() -> None:
    """The first open step is now, and what comes after it is not done, whatever it says."""
    drawn = stages(("Choose", True), ("Check", False), ("Send", True))
    assert [stage.state for stage in drawn] == ["done", "now", "later"]


def test_the_bar_of_sums_says_its_figures() -> None:
    """Each part has a figure and a word beside its colour, and a source without rows has no bar."""
    summary = {"rows_in": 4, "accepted": 2, "duplicates": 1, "rejected": 1}
    drawn = sums_html(summary)
    assert 'aria-label="4 rows: 2 accepted, 1 duplicate, 1 rejected"' in drawn
    assert sums_html(dict.fromkeys(summary, 0)) == ""


def test_what_was_done_by_hand_can_be_scheduled(broken: str) -> None:
    """Once it is done, the file of settings and the command stand below; before, nothing does."""
    panel = PreparePanel(PrepareJob(source=broken))
    press(panel, "check_button")
    assert panel.again.value == ""
    press(panel, "prepare_button")
    assert "rokt run notebooks/10_prepare_audience.ipynb -f params/" in panel.again.value
    assert "source: inbox/broken.csv" in panel.again.value
    assert "rokt-hindrance" not in panel.again.value


def test_what_was_pasted_says_what_hinders_a_schedule() -> None:
    """Lines that are gone with the kernel are to be saved first."""
    panel = PreparePanel(PrepareJob())
    panel.picker.pasted.value = "ada@example.com\n"
    panel.picker.paste_button.click()
    press(panel, "check_button")
    press(panel, "prepare_button")
    assert "rokt-hindrance" in panel.again.value
    assert "inbox/" in panel.again.value
