"""`rokt conversions --via events`: a file of purchases, shown, mapped, and reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from rokt_helpers.sandbox import Sandbox
from tests.command_line import Rokt, caller, one_object

PURCHASES = """Email address;Order number;Order date;Total
ann@example.com;A-1;2026-11-01 10:00;49,99
bob@example.com;A-2;2026-11-02 11:30;1.000,00
ann@example.com;A-1;2026-11-01 10:00;49,99
nobody;A-3;2026-11-03 09:00;5,00
"""
HOW = ("--via", "events", "--time-zone", "Europe/Berlin", "--default", "currency=EUR")
TYPED = (*HOW, "--default", "conversiontype=purchase")


@pytest.fixture
def rokt(capsys: pytest.CaptureFixture[str]) -> Rokt:
    """A caller of the command line."""
    return caller(capsys)


@pytest.fixture
def purchases() -> str:
    """A file of four purchases: one twice, one of nobody."""
    Path("orders.csv").write_text(PURCHASES, encoding="utf-8")
    return "orders.csv"


def test_purchases_are_shown_first(rokt: Rokt, sandbox: Sandbox, purchases: str) -> None:
    """Without --send the columns, the sums and the plan are shown, and no server hears of it."""
    code, out, err = rokt("conversions", purchases, *TYPED)
    assert (code, err) == (0, "")
    for line in (
        "  'Order number' is confirmationref",
        "  4 in the source",
        "  2 accepted, each purchase once",
        "  1 duplicate of an accepted row",
        "  1 rejected",
        "    1 bad_email: not an e-mail address",
        "Report 2 conversions for account 123456789, profile sandbox.",
        "Nothing was sent. Add --send to deliver this plan.",
    ):
        assert line in out.splitlines()
    assert sandbox.events.conversions() == []


def test_a_column_that_is_left_out_against_its_name_is_told(rokt: Rokt, purchases: str) -> None:
    """What is missing from every conversion is said beside what is read."""
    path = Path(purchases)
    path.write_text(PURCHASES.replace(";Total", ";Total;Country").replace(",00\n", ",00;Oz\n"))
    code, out, _ = rokt("conversions", purchases, *TYPED)
    assert code == 0
    assert "  Column 'Country' is named like country, but only 0% of its" in out


def test_purchases_are_reported(rokt: Rokt, sandbox: Sandbox, purchases: str) -> None:
    """With --send they arrive with what they carry, and the receipt says so."""
    code, out, _ = rokt("conversions", purchases, *TYPED, "--send", "--json")
    told = one_object(out)
    assert (code, told["receipt"]["status"], told["receipt"]["rows_confirmed"]) == (
        0, "delivered", 2,
    )  # fmt: skip
    assert len(sandbox.events.conversions()) == 2


def test_a_mapping_is_saved_changed_and_used(rokt: Rokt, sandbox: Sandbox, purchases: str) -> None:
    """The saved file says which column is what; a changed one is followed."""
    assert sandbox.url
    assert rokt("conversions", purchases, *TYPED, "--save-mapping", "orders.yml")[0] == 0
    saved = Path("orders.yml").read_text(encoding="utf-8")
    assert "confirmationref" in saved
    Path("orders.yml").write_text(saved.replace("confirmationref", "clienteventid"))
    code, out, _ = rokt("conversions", purchases, *TYPED, "--mapping", "orders.yml")
    assert (code, "  'Order number' is clienteventid" in out.splitlines()) == (0, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*HOW,), "no conversiontype"),
        ((*HOW, "--default", "x"), "NAME=VALUE"),
        ((*HOW, "--default", "colour=red"), "colour"),
        (("--via", "events"), "time zone"),
    ],
)
def test_what_is_missing_is_named(
    rokt: Rokt, sandbox: Sandbox, purchases: str, words: tuple[str, ...], said: str
) -> None:
    """A call that cannot be meant ends with 2 and says what to pass."""
    code, _, err = rokt("conversions", purchases, *words, "--send")
    assert (code, sandbox.events.conversions()) == (2, [])
    assert said in err
