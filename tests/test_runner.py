from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from rokt_helpers.errors import InputError, RoktError
from rokt_helpers.runner import check_parameters, read_parameters, run_notebook

SIGNATURE = """\
source: str = "inbox/customers.csv"
list: str = "VIP"
rows: int = 5
share: float = 0.5
send: bool = False
column: str | None = None
"""
CANARY = "canary.yellow@example.com"

MakeNotebook = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> MakeNotebook:
    """Give a maker of small notebooks: a parameters cell, then the cells it is handed."""

    def write(*cells: str, signature: str = SIGNATURE) -> Path:
        first = new_code_cell(signature, metadata={"tags": ["parameters"]})  # type: ignore[no-untyped-call]
        others = [new_code_cell(cell) for cell in cells]  # type: ignore[no-untyped-call]
        node = new_notebook(cells=[first, *others])  # type: ignore[no-untyped-call]
        node.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(node, tmp_path / "lesson.ipynb")  # type: ignore[no-untyped-call]
        return tmp_path / "lesson.ipynb"

    return write


def outputs(executed: Path) -> list[Any]:
    cells = json.loads(executed.read_text(encoding="utf-8"))["cells"]
    return [output for cell in cells for output in cell.get("outputs", ())]


# --- parameters ------------------------------


@pytest.mark.parametrize(("name", "text"), [("rows", "many"), ("send", "maybe"), ("rows", "[")])
def test_text_that_cannot_be_read_is_refused(make: MakeNotebook, name: str, text: str) -> None:
    """The command line's text must make sense for the parameter."""
    with pytest.raises(InputError, match=f"{name} should be"):
        check_parameters(make(), {}, texts={name: text})


def test_a_name_that_stands_twice_is_refused(tmp_path: Path) -> None:
    """Which of two values was meant is not guessed."""
    (tmp_path / "params.yml").write_text("list: VIP\nsend: true\nlist: Lapsed\n")
    with pytest.raises(InputError, match="'list' stands twice"):
        read_parameters(tmp_path / "params.yml")


def test_text_is_read_as_the_parameter_s_type(make: MakeNotebook) -> None:
    """Text such as the command line gives becomes what the signature states."""
    texts = {"source": "2024", "rows": "7", "share": "1", "send": "true", "column": "E-mail"}
    assert check_parameters(make(), {}, texts=texts) == {
        "source": "2024",
        "rows": 7,
        "share": 1,
        "send": True,
        "column": "E-mail",
    }


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("rows", "many", "rows should be a whole number, not text"),
        ("rows", 1.5, "rows should be a whole number, not a number"),
        ("rows", True, "rows should be a whole number, not true or false"),
        ("rows", [], "rows should be a whole number, not a list"),
        ("share", "half", "share should be a number, not text"),
        ("send", 1, "send should be true or false, not a whole number"),
        ("send", "true", "send should be true or false, not text"),
        ("list", 2024, "list should be text, not a whole number"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(
    make: MakeNotebook, name: str, value: object, said: str
) -> None:
    """A value of another type than the signature states is named by its type alone."""
    with pytest.raises(InputError) as caught:
        check_parameters(make(), {name: value})
    assert str(caught.value) == f"{said}."


def test_an_unknown_parameter_is_refused_with_the_nearest(make: MakeNotebook) -> None:
    """A misspelt parameter names the one that was probably meant, and all there are."""
    with pytest.raises(InputError, match=r"no parameter 'lst'\. Did you mean 'list'\?") as caught:
        check_parameters(make(), {"lst": "VIP"})
    assert "It has: source, list, rows, share, send, column." in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("api_key", "x"),
        ("password", "x"),
        ("source", "rsec-0123"),
        ("source", "-----BEGIN " + "PRIVATE KEY-----"),
    ],
)
def test_a_secret_is_no_parameter(make: MakeNotebook, name: str, value: str) -> None:
    """What is named or looks like a secret is refused before anything runs, and not repeated."""
    signature = SIGNATURE + 'api_key: str = ""\npassword: str = ""\n'
    with pytest.raises(InputError, match=f"{name!r} looks like a secret") as caught:
        check_parameters(make(signature=signature), {name: value})
    assert value not in str(caught.value) or value == "x"


def test_a_notebook_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A missing notebook is an error of the call, with where to look."""
    with pytest.raises(InputError, match="There is no notebook"):
        check_parameters(tmp_path / "none.ipynb", {"list": "VIP"})


def test_a_file_that_is_no_notebook_is_named(tmp_path: Path) -> None:
    """What cannot be read as a notebook is an error of the call."""
    for number, content in enumerate(["", "not JSON", "{}"]):
        (tmp_path / f"{number}.ipynb").write_text(content)
        with pytest.raises(InputError, match="cannot be read as a Python notebook"):
            check_parameters(tmp_path / f"{number}.ipynb", {})


def test_a_file_of_parameters_is_read(tmp_path: Path) -> None:
    """A file of parameters gives names and values; an empty one gives none."""
    (tmp_path / "a.yml").write_text("list: Käufer\nrows: 7\n", encoding="utf-8")
    (tmp_path / "b.yml").write_text("# nothing yet\n", encoding="utf-8")
    assert read_parameters(tmp_path / "a.yml") == {"list": "Käufer", "rows": 7}
    assert read_parameters(tmp_path / "b.yml") == {}


@pytest.mark.parametrize(
    ("content", "said"),
    [("- a\n- b\n", "name: value"), ("a: [", "is not YAML"), ("1: 2\n", "name: value")],
)
def test_a_file_that_holds_no_parameters_is_refused(
    tmp_path: Path, content: str, said: str
) -> None:
    """A file that is not YAML, or not names with values, is named."""
    (tmp_path / "a.yml").write_text(content)
    with pytest.raises(InputError, match=said):
        read_parameters(tmp_path / "a.yml")
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_parameters(tmp_path / "none.yml")


# --- running ------------------------------


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
    assert modes == [0o700, 0o600, 0o600]


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
