"""Every way a request can go wrong once: what becomes of the batch, and that nothing is lost."""

from __future__ import annotations

import re

import pytest

from rokt_helpers.plan import GUARDS, DeliveryPlan
from rokt_helpers.sandbox import Fault, Sandbox
from rokt_helpers.workbench import Workbench
from tests.deliver.lists import addresses, audience, digests, failure, in_pieces, send
from tests.house.project import ROOT

PAGE = (ROOT / "docs" / "delivery.md").read_text(encoding="utf-8")
REPEATED = {
    "429": (Fault.answer(429), "failed"),
    "429 with a pause": (Fault.answer(429, retry_after_seconds=1), "failed"),
    "500": (Fault.answer(500), "failed"),
    "502": (Fault.answer(502), "failed"),
    "503": (Fault.answer(503), "failed"),
    "503 with a pause": (Fault.answer(503, retry_after_seconds=1), "failed"),
    "504": (Fault.answer(504), "failed"),
    "dropped unread": (Fault.drop_before_reading(), "in_doubt"),
    "answer lost": (Fault.drop_before_answer(), "in_doubt"),
    "slow": (Fault.slow(1.5), "confirmed"),
}
REFUSED = ("400", "401", "403", "404", "413", "422")


def three_batches(workbench: Workbench) -> DeliveryPlan:
    return in_pieces(workbench, audience(9), rows=3, in_flight=1, list="VIP")


@pytest.mark.parametrize("name", REPEATED)
def test_what_passes_is_tried_again(workbench: Workbench, sandbox: Sandbox, name: str) -> None:
    """After the fault the list is whole, and only the batch it hit was sent more than once."""
    fault, outcome = REPEATED[name]
    sandbox.script(fault)
    receipt = send(workbench, three_batches(workbench))
    assert (receipt.delivered, receipt.rows_confirmed) == (True, 9)
    assert [batch.attempts for batch in receipt.batches] == [
        1 if outcome == "confirmed" else 2, 1, 1,
    ]  # fmt: skip
    assert sandbox.members("VIP") == digests(addresses(9))


@pytest.mark.parametrize("status", REFUSED)
def test_what_is_refused_is_not_tried_again(
    workbench: Workbench, sandbox: Sandbox, status: str
) -> None:
    """A refusal ends the delivery; what came before it counts, and the rest was never sent."""
    sandbox.script(Fault.answer(int(status), at_request=2))
    receipt = failure(workbench, three_batches(workbench)).receipt
    assert [batch.outcome for batch in receipt.batches] == ["confirmed", "refused", "planned"]
    assert (len(sandbox.requests()), len(sandbox.members("VIP"))) == (2, 3)


def test_the_page_has_the_same_table() -> None:
    """Each status of the tests stands in the page's table, with the outcome it has here."""
    rows = re.findall(r"^\| (.*?) \| (\w+) \| (.*?) \|$", PAGE, re.MULTILINE)
    said = {status: outcome for what, outcome, _ in rows for status in re.findall(r"\d{3}", what)}
    tested = {name: outcome for name, (_, outcome) in REPEATED.items() if name.isdigit()}
    assert said == {**tested, **dict.fromkeys(REFUSED, "refused"), "201": "confirmed"}


def test_the_page_has_every_guard() -> None:
    """The guards of the page are those there are, in the same words."""
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|$", PAGE, re.MULTILINE))
    modes = {"full", "delta", "mirror", "undo"}
    assert {name: said for name, said in rows.items() if name not in modes} == GUARDS
