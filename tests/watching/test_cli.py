"""`rokt history` over what really ran on a sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from rokt_helpers.sandbox import Sandbox
from tests.command_line import Rokt, caller, one_object
from tests.deliver.lists import addresses


@pytest.fixture
def rokt(capsys: pytest.CaptureFixture[str]) -> Rokt:
    """A caller of the command line."""
    return caller(capsys)


def deliver(rokt: Rokt, count: int, *words: str) -> None:
    """Deliver so many people and one cell that is no address to ``VIP``."""
    lines = ["email", *addresses(count), "nobody"]
    Path("people.csv").write_text("\n".join(lines), encoding="utf-8")
    code, _, said = rokt(
        "deliver", "people.csv", "--list", "VIP", "--action", "include", "--send", *words
    )
    assert (code, said) == (0, "")


def test_what_ran_is_on_the_page_and_in_the_figures(
    rokt: Rokt, sandbox: Sandbox, home: Path
) -> None:
    """A real delivery, its rejected row and the guard that was passed come out of the ledger."""
    assert sandbox.url
    deliver(rokt, 9)
    deliver(rokt, 9, "--allow", "repeat")
    code, out, _ = rokt("history", "--page", "page.html", "--prometheus", "rokt.prom", "--json")
    told = one_object(out)
    assert code == 0
    assert (told["page"], told["prometheus"], told["deliveries"]) == ("page.html", "rokt.prom", 2)
    page, figures = Path("page.html").read_text("utf-8"), Path("rokt.prom").read_text("utf-8")
    assert "2 of 2 deliveries done" in page
    assert "2 of 20 rows rejected (10.00%)" in page
    assert "1 of 2 deliveries went past a guard." in page
    assert 'list="VIP"' in figures
    assert "rokt_last_delivery_rejected_rows{" in figures
    assert Path("page.html").stat().st_mode & 0o777 == 0o600
    assert not [word for word in ("person1", "@example.com", str(home)) if word in page + figures]


def test_the_sentences_name_the_files(rokt: Rokt, sandbox: Sandbox) -> None:
    """A person hears what was written where, and with one option only that."""
    assert sandbox.url
    assert rokt("history", "--page", "a.html", "--days", "30")[1] == (
        "Runs of the last 30 days: a.html\n"
    )
    assert rokt("history", "--prometheus", "a.prom")[1] == "Figures of the last runs: a.prom\n"
    assert "Nothing ran" in Path("a.html").read_text("utf-8")
    assert Path("a.prom").read_text("utf-8") == ""


@pytest.mark.parametrize(
    "words",
    [
        ("--page", "a.html", "--list", "VIP"),
        ("--prometheus", "a.prom", "--person", "person.txt"),
        ("--prometheus", "a.txt"),
        ("--page", "nowhere/a.html"),
        ("--page", "a.html", "--days", "3"),
    ],
)
def test_calls_that_mean_nothing_are_refused(
    rokt: Rokt, sandbox: Sandbox, words: tuple[str, ...]
) -> None:
    """Exit code 2, and no file is left."""
    assert sandbox.url
    code, out, said = rokt("history", *words)
    assert (code, out) == (2, "")
    assert said
    assert not [path for path in Path().iterdir() if path.suffix in {".html", ".prom", ".txt"}]


def test_guards_are_in_the_table(rokt: Rokt, sandbox: Sandbox) -> None:
    """`rokt history` names the guards that somebody passed, and a dash where nobody did."""
    assert sandbox.url
    deliver(rokt, 9)
    deliver(rokt, 9, "--allow", "repeat")
    head, _, newest, oldest = rokt("history")[1].splitlines()
    place = slice(head.index("guards passed"), head.index("  run"))
    assert (newest[place].strip(), oldest[place].strip()) == ("repeat", "–")
