from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rokt_helpers.clock import Clock
from rokt_helpers.errors import GuardError, InputError, RoktError
from rokt_helpers.runner import alone, run_notebook
from tests.command_line import caller, one_object
from tests.runner.conftest import MakeNotebook

CANARY = "canary.yellow@example.com"
SINCE = r"^lesson is running already, since \d{4}-\d\d-\d\d [\d:]+ UTC \(process \d+\)\. "


def outputs(executed: Path) -> list[Any]:
    cells = json.loads(executed.read_text(encoding="utf-8"))["cells"]
    return [output for cell in cells for output in cell.get("outputs", ())]


def test_what_is_handed_over_is_the_result(make: MakeNotebook, tmp_path: Path) -> None:
    """Parameters reach the notebook, and what its cells hand over is the result, privately kept."""
    notebook = make(
        "from rokt_helpers.notebook_result import hand_over",
        "hand_over({'rows': rows, 'list': list})",
        "hand_over({'list': list.upper(), 'sentence': 'Done well.'})",
    )
    run = run_notebook(notebook, parameters={"rows": 7, "list": "vip"}, runs=tmp_path / "runs")
    assert run.result == {"rows": 7, "list": "VIP", "sentence": "Done well."}
    assert json.loads((run.folder / "result.json").read_text()) == run.result
    assert (run.notebook, run.folder.parent) == ("lesson", tmp_path / "runs")
    modes = [stat.S_IMODE(p.stat().st_mode) for p in (run.folder, *sorted(run.folder.iterdir()))]
    assert modes == [0o700, 0o600, 0o600, 0o600, 0o600]
    assert sorted(path.name for path in run.folder.iterdir()) == [
        "executed.html",
        "executed.ipynb",
        "result.json",
        "run.log",
    ]


def test_widget_state_is_not_kept(make: MakeNotebook, tmp_path: Path) -> None:
    """What a form held while the notebook ran is not in the executed notebook."""
    notebook = make(f"import ipywidgets\nform = ipywidgets.Text('{CANARY}'[:6] + '-state')")
    run = run_notebook(notebook, parameters={}, runs=tmp_path / "runs")
    executed = run.executed.read_text()
    assert "widgets" not in json.loads(executed)["metadata"]
    assert "canary-state" not in executed


@pytest.mark.parametrize(
    ("line", "kind", "said"),
    [
        ("raise errors.InputError('No column.')", InputError, "No column."),
        (f"raise ValueError('cannot read {CANARY}')", RoktError, "ValueError: cannot read •••@•••"),
    ],
)
def test_a_failed_notebook_ends_as_its_error(
    make: MakeNotebook, tmp_path: Path, line: str, kind: type[RoktError], said: str
) -> None:
    """Our own errors keep their kind, foreign ones their name; the record is named and private."""
    notebook = make(f"from rokt_helpers import errors\nvalue = '{CANARY}'\n{line}")
    with pytest.raises(RoktError) as caught:
        run_notebook(notebook, parameters={}, runs=tmp_path / "runs")
    [executed] = (tmp_path / "runs").glob("*/executed.ipynb")
    assert (type(caught.value), caught.value.exit_code) == (kind, kind.exit_code)
    assert said in str(caught.value)
    assert str(caught.value).endswith(f"The notebook as far as it came: {executed}")
    assert CANARY not in repr(caught.value) + json.dumps(outputs(executed))
    assert stat.S_IMODE(executed.stat().st_mode) == 0o600
    assert not executed.with_name("result.json").exists()
    log = [json.loads(line) for line in executed.with_name("run.log").read_text().splitlines()]
    assert [one["event"] for one in log] == ["started", "cell", "cell", "ended"]
    assert (log[-1]["exit_code"], log[-1]["error"]) == (kind.exit_code, kind.__name__)
    left = [path.read_text() for path in sorted(executed.parent.glob("*.[lh]*"))]
    assert len(left) == 2
    assert CANARY not in "".join(left)


def test_the_log_tells_what_happened_when(make: MakeNotebook, tmp_path: Path) -> None:
    """One JSON object a line: the start with the names of what was given, each cell, the end."""
    notebook = make(
        "from rokt_helpers.notebook_result import hand_over",
        f"hand_over({{'sentence': 'Done for {CANARY}.'}})",
    )
    run = run_notebook(notebook, parameters={"rows": 7}, runs=tmp_path / "runs")
    log = [json.loads(line) for line in (run.folder / "run.log").read_text().splitlines()]
    assert [(one["event"], one.get("number")) for one in log] == [
        ("started", None),
        ("cell", 1),
        ("cell", 2),
        ("cell", 3),
        ("cell", 4),
        ("ended", None),
    ]
    assert (log[0]["notebook"], log[0]["parameters"]) == ("lesson.ipynb", ["rows"])
    assert (log[-1]["exit_code"], log[-1]["sentence"]) == (0, "Done for •••@•••")
    assert all(re.fullmatch(r"[\dT:.-]+Z", one["moment"]) for one in log)


def test_the_page_stands_alone(make: MakeNotebook, tmp_path: Path) -> None:
    """The page shows prose and outputs, no code and no script, and may not ask a network."""
    notebook = make(
        "from IPython.display import HTML, SVG\nprint('a' + 'bc')",
        "HTML('<b>bold</b><script src=\"https://example.com/x.js\"></script>')",
    )
    run = run_notebook(notebook, parameters={}, runs=tmp_path / "runs")
    page = run.page.read_text(encoding="utf-8")
    assert "A lesson" in page
    assert "abc" in page
    assert "<b>bold</b>" in page
    assert "IPython.display" not in page
    assert "<script" not in page
    assert "default-src 'none'" in page.partition("<body")[0]
    assert re.findall(r"(?:src|href)=[\"']?(?:https?:)?//", page) == []


def test_a_notebook_runs_once_at_a_time(make: MakeNotebook, tmp_path: Path) -> None:
    """While it runs another start is stopped by a guard that says since when; later it may run."""
    notebook, locks = make(), tmp_path / "locks"
    how: Any = {"parameters": {}, "runs": tmp_path / "runs", "locks": locks}
    clock = Clock()
    with alone("lesson", key=str(notebook.resolve()), locks=locks, clock=clock):
        with pytest.raises(GuardError, match=SINCE) as caught:
            run_notebook(notebook, **how)
        with alone("another", key="another", locks=locks, clock=clock):
            pass
    assert (caught.value.guard, caught.value.exit_code) == ("busy", 3)
    assert not (tmp_path / "runs").exists()
    assert run_notebook(notebook, **how).result == {}
    assert [path.suffix for path in locks.iterdir()] in ([], [".lock"], [".lock"] * 2)


def test_the_lock_goes_with_its_process(tmp_path: Path) -> None:
    """After a power cut nothing has to be cleared up."""
    code = (
        "import sys, time, pathlib; from rokt_helpers.clock import Clock\n"
        "from rokt_helpers.runner import alone\n"
        "with alone('x', key='k', locks=pathlib.Path(sys.argv[1]), clock=Clock()):\n"
        "    print('held', flush=True); time.sleep(60)"
    )
    words = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(GuardError, match=rf"\(process {holder.pid}\)"),
            alone("x", key="k", locks=tmp_path, clock=Clock()),
        ):
            pass
        holder.kill()
    with alone("x", key="k", locks=tmp_path, clock=Clock()):
        assert len([*tmp_path.glob("*.json")]) == 1
    assert [*tmp_path.glob("*.json")] == []


def test_one_line_for_the_mail(
    make: MakeNotebook, capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    """The command line prints one line, or one object; a refusal goes to standard error."""
    rokt = caller(capsys)
    notebook = str(make())
    code, said, complaint = rokt("run", notebook, "-p", "rows", "7")
    assert (code, complaint, said.count("\n")) == (0, "", 1)
    assert re.match(r"lesson: done in \d+ s\. Done\. /", said)
    assert Path(said.split()[-1]).parent == home / "sandbox" / "runs"
    code, said, _ = rokt("run", notebook, "--json")
    assert (code, one_object(said)["notebook"]) == (0, "lesson")
    code, said, complaint = rokt("run", notebook, "-p", "row", "7")
    assert (code, said) == (2, "")
    assert "Did you mean 'rows'?" in complaint


@pytest.mark.parametrize(
    "words", [(), ("--due", "x.ipynb"), ("x.ipynb", "--schedule", "y.yml"), ("--time-limit", "0")]
)
def test_a_call_that_makes_no_sense_is_refused(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """A notebook or the schedule, not both and not neither."""
    assert caller(capsys)("run", *words)[0] == 2


@pytest.mark.parametrize("minutes", ["nan", "inf", "0"])
def test_a_limit_that_is_none_is_refused(
    minutes: str, make: MakeNotebook, capsys: pytest.CaptureFixture[str]
) -> None:
    """What would never end a run is no limit."""
    code, _, complaint = caller(capsys)("run", str(make()), "--time-limit", minutes)
    assert (code, "'--time-limit'" in complaint) == (2, True)
