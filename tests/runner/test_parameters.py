from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from rokt_helpers import jobs
from rokt_helpers.errors import InputError
from rokt_helpers.runner import check_parameters, read_parameters
from rokt_helpers.runner.signature import read_signature
from tests.runner.conftest import SIGNATURE, MakeNotebook

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))


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


@pytest.mark.parametrize(
    "value",
    [
        "https://night:watch@example.com/list.csv",
        "postgresql://night:watch@example.com/crm",
        "AKIA" + "A" * 16,
        "ghp_" + "a" * 30,
        "xoxb-" + "1" * 10,
        "eyJhbGciOiJI.eyJzdWIiOiIx",
        ["harmless", {"deep": "rsec-0123"}],
    ],
)
def test_a_secret_is_seen_by_its_form(make: MakeNotebook, value: object) -> None:
    """Passwords in addresses and tokens of known forms are refused however deep they lie."""
    with pytest.raises(InputError, match="'anything' looks like a secret") as caught:
        check_parameters(make(signature="anything = None"), {"anything": value})
    assert str(value) not in str(caught.value)


@pytest.mark.parametrize("value", ["inbox/monday.csv", "https://example.com/list.csv", "s3a://b/c"])
def test_an_ordinary_value_is_no_secret(make: MakeNotebook, value: str) -> None:
    """Paths and addresses without a password pass."""
    assert check_parameters(make(), {"source": value}) == {"source": value}


CHOICES = """\
action: str = "include"  # include or exclude
mode: str = "full"  # full, delta (only who is new) or mirror (make the list what the file is)
output: str = "sha256"  # sha256, or plain for the addresses themselves
order: str = ""  # dmy or mdy, for dates such as 02/03/2026; empty finds it
kind: Literal["a", "b"] = "a"  # anything may stand here
number: Literal[1, 2] = 1
perhaps: Optional[int] = None
both: int | str = 5
quoted: "float" = 1.0
many: list[str] = []
new: Path = Path()  # a type that nobody here knows
name: str = ""  # a name or an address; empty for none
file: str = ""  # name or path of the file; empty for none
"""


def test_choices_are_read_from_literals_and_comments(make: MakeNotebook) -> None:
    """A comment that lists words lists the choices; prose with an "or" in it lists none."""
    signature = read_signature(make(signature=CHOICES))
    assert {name: one.choices for name, one in signature.items() if one.choices} == {
        "action": ("include", "exclude"),
        "mode": ("full", "delta", "mirror"),
        "output": ("sha256", "plain"),
        "order": ("dmy", "mdy", ""),
        "kind": ("a", "b"),
        "number": (1, 2),
    }


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("action", "exlude", "action should be include or exclude. Did you mean 'exclude'?"),
        ("action", 1, "action should be include or exclude, not a whole number."),
        ("mode", "everything", "mode should be full, delta or mirror."),
        ("order", "ymd", "order should be dmy, mdy or ''. Did you mean 'mdy'?"),
        ("number", 3, "number should be 1 or 2."),
        ("number", True, "number should be 1 or 2, not true or false."),
        ("perhaps", "x", "perhaps should be a whole number or nothing, not text."),
        ("both", 1.5, "both should be a whole number or text, not a number."),
        ("quoted", "x", "quoted should be a number, not text."),
        ("many", "x", "many should be a list, not text."),
    ],
)
def test_what_is_none_of_the_choices_is_refused(
    make: MakeNotebook, name: str, value: object, said: str
) -> None:
    """The message names the choices, and the one that was probably meant."""
    with pytest.raises(InputError) as caught:
        check_parameters(make(signature=CHOICES), {name: value})
    assert str(caught.value) == said


def test_what_fits_passes_as_it_is(make: MakeNotebook) -> None:
    """Each kind of type lets its values through, and an unknown type everything."""
    values: dict[str, Any] = {
        "mode": "mirror",
        "order": "",
        "number": 2,
        "perhaps": None,
        "both": "x",
        "quoted": 2,
        "many": ["x"],
        "new": "anything",
    }
    assert check_parameters(make(signature=CHOICES), values) == values


def words_of(hint: Any) -> set[str]:
    """Return the texts among the choices of a type, also of one in a union."""
    parts = get_args(hint)
    return {part for part in parts if isinstance(part, str)}.union(*map(words_of, parts))


def literals_of(name: str) -> set[str]:
    """Return the choices that the jobs state for a parameter of this name."""
    classes = [getattr(jobs, word) for word in jobs.__all__]
    hints = [get_type_hints(one.__init__) for one in classes if inspect.isclass(one)]
    return set[str]().union(*(words_of(hint.get(name)) for hint in hints))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_comments_of_the_notebooks_list_what_their_jobs_take(path: Path) -> None:
    """No comment lists a choice that no job with such a parameter states."""
    listed = {name: {*one.choices} - {""} for name, one in read_signature(path).items()}
    stated = {name: literals_of(name) for name in listed if literals_of(name)}
    assert {n: listed[n] - stated[n] for n in stated if listed[n] - stated[n]} == {}


def test_the_notebook_of_deliveries_lists_its_choices() -> None:
    """The comments of a notebook that is shipped are read as the choices they are."""
    [path] = [path for path in NOTEBOOKS if path.stem == "20_deliver_audience"]
    listed = {name: one.choices for name, one in read_signature(path).items() if one.choices}
    assert listed == {
        "action": ("include", "exclude"),
        "via": ("api", "api-legacy", "sftp", "events", "events-sftp"),
        "mode": ("full", "delta", "mirror"),
        "profile": ("sandbox", "staging", "live", ""),
    }


FORM = "run: bool = False  # true runs at once\nsend: bool = False\nrows: int = 5"


@pytest.mark.parametrize("given", [{}, {"rows": 7}, {"run": False}, {"run": False, "send": False}])
def test_a_page_that_would_only_show_its_form_is_refused(
    make: MakeNotebook, given: dict[str, object]
) -> None:
    """Nobody is there to press, and a run that ends well is taken for work that was done."""
    with pytest.raises(InputError, match=r"^lesson\.ipynb would only show its form.*`run: true`"):
        check_parameters(make(signature=FORM), given)


@pytest.mark.parametrize("given", [{"run": True}, {"send": True}, {"run": True, "send": False}])
def test_a_page_that_is_told_to_run_is_not(make: MakeNotebook, given: dict[str, object]) -> None:
    """`run` lets it work, and so does `send`; from the command line as well."""
    assert check_parameters(make(signature=FORM), given) == given
    texts = {name: str(value).lower() for name, value in given.items()}
    assert check_parameters(make(signature=FORM), {"run": False}, texts=texts)


@pytest.mark.parametrize(
    "signature", ["run: bool = True", 'run: str = ""', "send: bool = False", "run = False"]
)
def test_other_notebooks_run_as_they_are(make: MakeNotebook, signature: str) -> None:
    """A page of one's own that runs by itself, or calls something else `run`, is not refused."""
    assert check_parameters(make(signature=signature), {}) == {}
