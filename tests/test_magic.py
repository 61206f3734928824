"""For those who write cells: the magic, errors said plainly, and what objects show."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from traitlets.config import Config

from rokt_helpers.audience import PreparedAudience, prepare_audience
from rokt_helpers.channels.channel import Finding, Findings
from rokt_helpers.conversions import prepare_conversions
from rokt_helpers.errors import GuardError, InputError, Unavailable
from rokt_helpers.magic import complete, rokt
from rokt_helpers.plain_errors import as_lines
from rokt_helpers.sandbox import Sandbox
from rokt_helpers.widgets import StartView
from rokt_helpers.workbench import open_workbench

ADDRESSES = ["zebrafinch.one@example.com", " ZEBRAFINCH.two@example.com", "zebrafinch@@nowhere"]


@pytest.fixture
def shell() -> Iterator[Any]:
    """IPython with the extension loaded, as `%load_ext rokt_helpers` loads it."""
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    running: Any = InteractiveShell.instance(config=config)
    running.extension_manager.load_extension("rokt_helpers")
    yield running
    InteractiveShell.clear_instance()


def customers() -> pd.DataFrame:
    return pd.DataFrame({"email": ADDRESSES, "other": ["a", "b", "c"]})


# --- the magic --------------------------------


def test_a_table_of_the_notebook_is_prepared_in_one_line(shell: Any) -> None:
    """`%rokt prepare NAME COLUMN` gives what `prepare_audience` gives, to be kept in a name."""
    shell.user_ns["customers"] = customers()
    done = shell.run_cell("prepared = %rokt prepare customers email\nlen(prepared)")
    assert done.result == 2
    assert isinstance(shell.user_ns["prepared"], PreparedAudience)


def test_a_file_is_found_from_the_notebooks_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """A path means the project's inbox, whichever folder the kernel runs in."""
    (Path.cwd() / "inbox").mkdir()
    (Path.cwd() / "inbox" / "my list.csv").write_text("email\nann@example.com\n")
    (Path.cwd() / "notebooks").mkdir()
    monkeypatch.chdir(Path.cwd() / "notebooks")
    prepared = rokt("prepare 'inbox/my list.csv'", {})
    assert isinstance(prepared, PreparedAudience)
    assert len(prepared) == 1


@pytest.mark.usefixtures("sandbox")
def test_status_is_the_start_page_and_history_a_table() -> None:
    """Without a word it shows where you are; the history has one row a run."""
    assert isinstance(rokt("", {}), StartView)
    with open_workbench() as workbench:
        workbench.deliver(workbench.plan(prepare_audience(customers(), column="email"), list="A"))
    told = rokt("history", {})
    assert isinstance(told, pd.DataFrame)
    shown = told[["list", "rows", "rows_confirmed", "status"]]
    assert shown.to_numpy().tolist() == [["A", 2, 2, "delivered"]]
    nothing = rokt("history B", {})
    assert isinstance(nothing, pd.DataFrame)
    assert len(nothing) == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("prepair x", "Did you mean 'prepare'"),
        ("prepare", "Name a table or a file"),
        ("prepare my list.csv of customers", "needs quotes"),
        ("prepare 'x", "quotation mark"),
        ("status now", "more than it takes"),
    ],
)
def test_a_line_it_does_not_know_is_answered_with_one_it_does(line: str, said: str) -> None:
    """Each way to write it wrongly has a sentence that says how it is right."""
    with pytest.raises(InputError, match=said):
        rokt(line, {})


def test_words_tables_and_columns_are_completed(shell: Any) -> None:
    """The verb, then the tables of the notebook, then the columns of the one chosen."""
    names: dict[str, Any] = {"customers": customers(), "number": 3, "_hidden": customers()}
    assert complete("%rokt ", names) == ["status", "prepare", "history"]
    assert complete("%rokt prepare ", names) == ["customers"]
    assert complete("%rokt prepare customers ", names) == ["email", "other"]
    assert complete("%rokt status ", names) == []
    shell.user_ns.update(names)
    with provisionalcompleter():
        found = {one.text for one in shell.Completer.completions("%rokt pre", 9)}
    assert "prepare" in found


# --- errors -----------------------------------


def test_our_errors_are_said_without_the_way_through_our_code(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sentence stands alone; an error of somebody else keeps its traceback."""
    shell.run_cell("%rokt prepare nowhere.csv")
    said = capsys.readouterr().out
    assert "This cannot be used as it is (InputError)" in said
    assert "There is no file nowhere.csv" in said
    assert "Traceback" not in said
    assert "magic.py" not in said
    shell.run_cell("1 / 0")
    assert "Traceback" in capsys.readouterr().out


def test_a_bug_of_ours_keeps_its_traceback(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """What should be reported shows where it happened."""
    shell.run_cell("from rokt_helpers.errors import ContractError\nraise ContractError('sums')")
    assert "Traceback" in capsys.readouterr().out


def test_an_error_says_how_to_go_on() -> None:
    """A guard names what passes it once, and a wire whether to try again."""
    assert as_lines(GuardError("Too many.", guard="shrink"))[-1].endswith("allow={'shrink'}.")
    assert len(as_lines(GuardError("Allow 'shrink'.", guard="shrink"))) == 2
    assert "may be tried again" in as_lines(Unavailable("Refused."))[-1]


def test_a_notebook_of_ours_fails_as_before_for_whoever_runs_it() -> None:
    """In a kernel the error keeps its name and sentence, and its traceback is our lines."""
    cells = [
        "import rokt_helpers.widgets",
        "import rokt_helpers as r\nr.prepare_audience('no.csv')",
    ]
    node = new_notebook(cells=[new_code_cell(cell) for cell in cells])  # type: ignore[no-untyped-call]
    config = Config()
    config.KernelManager.transport_encryption = "auto"
    client = NotebookClient(node, allow_errors=True, kernel_name="python3", config=config)
    executed: Any = client.execute()
    (output,) = executed.cells[1].outputs
    assert (output.output_type, output.ename) == ("error", "InputError")
    assert "There is no file no.csv" in output.evalue
    assert output.traceback == as_lines(InputError(output.evalue))
    nbformat.validate(executed)


# --- what objects show ------------------------


def test_what_is_shown_of_an_object_holds_nobody(sandbox: Sandbox) -> None:
    """Each public object has a view for a cell, all of one make, and no canary is in any."""
    bought = pd.DataFrame({"email": ADDRESSES, "order id": ["1", "2", "3"], "amount": [1, 2, 3]})
    with open_workbench() as workbench:
        prepared = prepare_audience(customers(), column="email")
        plan = workbench.plan(prepared, list="<b>A")
        receipt = workbench.deliver(plan)
        collected = workbench.fetch_referrals()
        conversions = prepare_conversions(bought, time_zone="UTC")
        objects: list[Any] = [
            prepared,
            plan,
            receipt,
            collected,
            conversions,
            workbench,
            workbench.check(),
        ]
        shown = [thing._repr_html_() for thing in objects]
    everything = "".join(shown).lower()
    assert all(part.startswith(("<table>", "<p><strong>")) for part in shown)
    assert "zebrafinch" not in everything
    assert not any(digest in everything for digest in prepared.identifiers)
    assert "<b>" not in everything
    assert sandbox.lists()["<b>A"] == 2


def test_findings_say_in_words_what_is_well() -> None:
    """The lines of a check are a list, and a table for the eye."""
    found = Findings(
        [Finding("key", well=True, detail="ok"), Finding("<x>", well=False, detail="y")]
    )
    assert len(found) == 2
    page = found._repr_html_()
    assert "Works" in page
    assert "Look here" in page
    assert "<x>" not in page
