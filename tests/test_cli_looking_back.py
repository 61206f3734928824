"""`rokt undo`, `history` and `forget`: what was done, taken back, and no longer remembered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rokt_helpers.sandbox import Sandbox
from tests.command_line import Rokt, caller, one_object
from tests.deliver.lists import addresses, digests

TODAY = f"{datetime.now(tz=UTC):%Y-%m-%d}"
YESTERDAY = f"{datetime.now(tz=UTC) - timedelta(days=1):%Y-%m-%d}"
ON_VIP = ("--list", "VIP", "--action", "include")


@pytest.fixture
def rokt(capsys: pytest.CaptureFixture[str]) -> Rokt:
    """A caller of the command line."""
    return caller(capsys)


def people(count: int, *, first: int = 0) -> str:
    """Write a file of so many people; return its name."""
    name = f"people-{first}-{count}.csv"
    Path(name).write_text("\n".join(["email", *addresses(count, first=first)]), encoding="utf-8")
    return name


def sent(rokt: Rokt, *words: str) -> str:
    """Send, and return the run's id."""
    code, out, _ = rokt("deliver", *words, "--send", "--json")
    assert code == 0
    return str(one_object(out)["receipt"]["run_id"])


def person(number: int) -> str:
    Path("person.txt").write_text(f"Person{number}@example.com\n", encoding="utf-8")
    return "person.txt"


def test_a_run_is_taken_back(rokt: Rokt, sandbox: Sandbox) -> None:
    """Without --send the inverse is shown; with it the run is taken back, by its first letters."""
    sent(rokt, people(3), *ON_VIP)
    run = sent(rokt, people(3, first=2), *ON_VIP)
    code, out, _ = rokt("undo", run[:8])
    assert (code, len(sandbox.members("VIP"))) == (0, 5)
    assert out.startswith("Remove 2 SHA-256 digests from list 'VIP'")
    assert "to take back an earlier run" in out
    code, out, _ = rokt("undo", run[:8], "--send", "--json")
    assert (code, one_object(out)["receipt"]["undoes"]) == (0, run)
    assert sandbox.members("VIP") == digests(addresses(3))
    _, out, _ = rokt("undo", run[:8])
    assert out.endswith("Nothing was sent. There is nothing to send.\n")


def test_an_unknown_run_is_named(rokt: Rokt, sandbox: Sandbox) -> None:
    """A run that is not there, or an id that fits several, is refused with where to look."""
    assert rokt("undo", "abc")[0] == 2
    for name in ("one", "two"):
        sent(rokt, people(2), "--list", name, "--action", "include")
    code, _, said = rokt("undo", "")
    assert (code, "2 runs begin with ''" in said, "rokt history" in said) == (2, True, True)
    assert len(sandbox.requests()) == 2


def test_the_modes_and_a_sample(rokt: Rokt, sandbox: Sandbox) -> None:
    """Delta, mirror and a sample go the same way, and a guard ends them with 3 and its name."""
    sent(rokt, people(10), *ON_VIP, "--sample", "4")
    assert len(sandbox.members("VIP")) == 4
    sent(rokt, people(10), *ON_VIP, "--mode", "delta")
    assert len(sandbox.members("VIP")) == 10
    code, _, said = rokt("deliver", people(5), *ON_VIP, "--mode", "mirror", "--send")
    assert (code, "pass allow=['removal'] (--allow removal)" in said) == (3, True)
    sent(rokt, people(5), *ON_VIP, "--mode", "mirror", "--allow", "removal")
    assert sandbox.members("VIP") == digests(addresses(5))


def test_a_list_on_a_day(rokt: Rokt, sandbox: Sandbox) -> None:
    """How many people were on a list at the end of a day, and who came and went since."""
    assert sandbox.url
    sent(rokt, people(3), *ON_VIP)
    code, out, _ = rokt("history", "--list", "VIP", "--on", TODAY)
    assert (code, out) == (
        0, f"3 people were on list 'VIP' at the end of {TODAY} (UTC).\n",
    )  # fmt: skip
    code, out, _ = rokt("history", "--list", "VIP", "--on", YESTERDAY, "--to", TODAY, "--json")
    assert one_object(out) == {
        "list": "VIP", "on": YESTERDAY, "people": 0,
        "to": TODAY, "people_then": 3, "came": 3, "went": 0,
    }  # fmt: skip
    assert rokt("history", "--on", TODAY)[0] == rokt("history", "--to", TODAY)[0] == 2


def test_a_day_that_cannot_be_is_refused(rokt: Rokt, sandbox: Sandbox) -> None:
    """A year mistyped or two days swapped give a sentence, and no figure."""
    assert sandbox.url
    sent(rokt, people(3), *ON_VIP)
    for days, said in (
        (("--on", "2999-01-01"), "2999-01-01 has not come yet"),
        (("--on", TODAY, "--to", YESTERDAY), "--on is the earlier"),
    ):
        code, out, complaint = rokt("history", "--list", "VIP", *days)
        assert (code, out, said in complaint) == (2, "", True)


def test_a_list_that_nothing_went_to_is_no_empty_list(rokt: Rokt, sandbox: Sandbox) -> None:
    """Before the first delivery there is nothing; later another name is most likely a slip."""
    assert sandbox.url
    assert rokt("history", "--list", "vip")[:2] == (0, "Nothing was delivered yet.\n")
    sent(rokt, people(3), *ON_VIP)
    for more in ((), ("--on", TODAY)):
        code, out, complaint = rokt("history", "--list", "vip", *more)
        assert (code, out) == (2, "")
        assert (
            "Nothing was ever delivered to a list 'vip' from here. Did you mean 'VIP'?" in complaint
        )


def test_the_runs_of_one_list(rokt: Rokt, sandbox: Sandbox) -> None:
    """`--list` shows the runs on that list alone."""
    assert sandbox.url
    for name in ("one", "two", "one"):
        sent(rokt, people(2), "--list", name, "--action", "include", "--allow", "repeat")
    runs = one_object(rokt("history", "--list", "one", "--json")[1])["runs"]
    assert [(run["list"], run["rows"], run["rows_confirmed"]) for run in runs] == [
        ("one", 2, 2), ("one", 2, 2),
    ]  # fmt: skip
    assert rokt("history", "--last", "0")[0] == 2


def test_a_person_is_found_and_forgotten(rokt: Rokt, sandbox: Sandbox) -> None:
    """The lists of a person are named; after forgetting there are none; no list changes."""
    sent(rokt, people(3), *ON_VIP)
    assert rokt("history", "--person", person(1))[1] == "on list 'VIP'\n"
    code, out, _ = rokt("forget", "--person", person(1))
    assert (code, out.startswith("Runs that named the person: 1, and none")) == (0, True)
    assert rokt("history", "--person", person(1))[1] == "On no list that this ledger made.\n"
    assert len(sandbox.members("VIP")) == 3


def test_old_runs_are_forgotten(rokt: Rokt, sandbox: Sandbox) -> None:
    """Only runs that are old enough go, and the sentence says what is lost."""
    assert sandbox.url
    sent(rokt, people(3), *ON_VIP)
    code, out, _ = rokt("forget", "--runs-older-than", "30", "--json")
    assert (code, one_object(out)) == (0, {"runs_forgotten": 0})
    for wrong in ((), ("--runs-older-than", "0"), ("--person", "a", "--runs-older-than", "1")):
        assert rokt("forget", *wrong)[0] == 2


@pytest.mark.parametrize("content", ["", "a@example.com b@example.com", "nobody"])
def test_a_file_that_is_not_one_person(rokt: Rokt, sandbox: Sandbox, content: str) -> None:
    """A file of none or several people is refused, and its content is not repeated."""
    assert sandbox.url
    Path("person.txt").write_text(content, encoding="utf-8")
    code, out, said = rokt("history", "--person", "person.txt")
    assert (code, out) == (2, "")
    assert not [word for word in content.split() if word in said]


def test_a_misspelt_verb_is_asked_about(rokt: Rokt) -> None:
    """As a misspelt option is."""
    code, out, said = rokt("histroy")
    assert (code, out, "Did you mean history?" in said) == (2, "", True)
