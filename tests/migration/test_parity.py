"""What the older and the newer interfaces would carry, held against the source."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rokt_helpers import contract, prepare_audience
from rokt_helpers.conversions import PreparedConversions, prepare_conversions
from rokt_helpers.events import (
    Spelling,
    conversion_batches,
    legacy_event_lines,
    legacy_names_left_out,
)
from rokt_helpers.migration import (
    FIELD_MOVES,
    Carried,
    Parity,
    audience_parity,
    conversions_parity,
    migration_report,
)
from rokt_helpers.migration.reading import read_batches, read_legacy_events
from tests.migration_page import PAGE, renewed

_ALL: dict[str, list[str]] = {
    "email": ["anna@example.com", "ben@example.com", ""],
    "rclid": ["click-1", "", "click-3"],
    "customerid": ["7", "", ""],
    "ios_advertising_id": ["", "EA7583CD-A667-48BC-B806-42ECB2B48606", ""],
    "firstname": ["Anna", "Ben", ""],
    "billingzip": ["10014", "", "10014-1234"],
    "zipcode": ["", "10010", ""],
    "country": ["US", "US", "AU"],
    "ipaddress": ["198.51.100.10", "", ""],
    "useragent": ['Mozilla/5.0 "odd", with a comma', "", ""],
    "eventtime": ["2026-11-20T10:00:00.250Z", "2026-11-21T10:00:00Z", "2026-11-21T11:00:00Z"],
    "eventid": ["e-1", "", "e-3"],
    "conversiontype": ["purchase", "purchase", "booking"],
    "order_id": ["A-1", "A\n2", 'A"3'],
    "amount": ["49.90", "0", "1,234.56"],
    "currency": ["USD", "USD", "AUD"],
    "quantity": ["2", "", "1"],
    "sku": ["a,b", "", "c"],
    "majorcat": ["Shoes", "", ""],
}


def purchases(columns: dict[str, list[str]] | None = None, **how: Any) -> PreparedConversions:
    prepared = prepare_conversions(pl.DataFrame(columns or _ALL), **how)
    assert not prepared.summary["rejected"], prepared.summary
    return prepared


def carried(parity: Parity) -> dict[str, Carried]:
    return {each.interface: each for each in parity.carried}


@pytest.mark.parametrize("output", ["sha256", "plain"])
def test_every_value_arrives_over_the_newer_interfaces_as_it_is(output: str) -> None:
    """Quotes, commas, line ends, digests or addresses: nothing differs, and nobody is missing."""
    parity = conversions_parity(purchases(output=output))
    assert parity.holds
    for interface in ("Event and Audience API", "newer SFTP"):
        found = carried(parity)[interface]
        assert (found.rows, found.people, found.people_differ) == (3, 3, 0)
        assert found.same == parity.values
        assert not found.different
        assert not found.missing


def test_what_an_older_interface_has_no_place_for_is_named() -> None:
    """Advertising ids, customer ids and categories have no name in the legacy Event API."""
    prepared = purchases()
    found = carried(conversions_parity(prepared))
    filled = [name for name in prepared.table.columns if prepared.table[name].count()]
    assert {*found["legacy Event API"].missing} == {*legacy_names_left_out(filled)}
    assert {"customerid", "majorcat"} <= {*found["legacy Event API"].missing}
    assert {*found["older SFTP"].same} == {"emailsha256"}
    assert found["older SFTP"].rows == 2


def test_an_interface_that_cannot_carry_the_source_says_why() -> None:
    """Without moments the legacy Event API takes nothing, and the newer ones take all."""
    columns = {name: cells for name, cells in _ALL.items() if name != "eventtime"}
    parity = conversions_parity(purchases(columns))
    assert "no moment" in carried(parity)["legacy Event API"].refused
    assert parity.holds
    assert any("cannot carry this" in line for line in parity.describe())


def test_a_difference_is_found_and_told_without_the_value() -> None:
    """A reader that gets another amount for one row makes the verdict false."""
    parity = conversions_parity(purchases())
    other = replace(carried(parity)["newer SFTP"], different={"amount": 1})
    doubtful = replace(parity, carried=(*parity.carried[:-1], other))
    assert not doubtful.holds
    assert "values that differ: amount in 1 rows" in " ".join(doubtful.describe())
    lost = replace(carried(parity)["newer SFTP"], people_differ=1)
    assert not replace(parity, carried=(*parity.carried[:-1], lost)).holds
    short = replace(carried(parity)["newer SFTP"], rows=2)
    assert not replace(parity, carried=(*parity.carried[:-1], short)).holds


@settings(max_examples=40)
@given(st.data())
def test_the_old_and_the_new_api_say_the_same_of_every_purchase(data: st.DataObject) -> None:
    """Whatever text stands in a field, it is the same text read back from both encodings."""
    words = st.text(
        st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="@"),
        min_size=1,
        max_size=20,
    ).filter(lambda text: text == text.strip() and text not in contract.EMPTY_WORDS)
    products = data.draw(st.lists(words, min_size=1, max_size=6))
    count = len(products)
    prepared = purchases(
        {
            "email": [f"p{number}@example.com" for number in range(count)],
            "eventtime": ["2026-11-20T10:00:00Z"] * count,
            "conversiontype": ["purchase"] * count,
            "confirmationref": [f"A-{number}" for number in range(count)],
            "productname": products,
        }
    )
    recent, _ = conversion_batches(prepared, spelling=Spelling(), now_unixtime_ms=0)
    new = [
        told["events.data.custom_attributes.productname"]
        for told in read_batches(recent.to_series())
    ]
    old = [
        told["productname"] for told in read_legacy_events(legacy_event_lines(prepared).to_series())
    ]
    assert new == old == prepared.table["productname"].to_list()


@pytest.mark.parametrize("output", ["sha256", "plain"])
@pytest.mark.parametrize("action", ["include", "exclude"])
def test_a_list_is_the_same_people_over_every_interface(output: Any, action: Any) -> None:
    """Digests or addresses, on the list or off it: everybody is there, and nobody else."""
    people = pl.DataFrame({"email": [f"p{number}@example.com" for number in range(50)]})
    prepared = prepare_audience(people, output=output)
    parity = audience_parity(prepared, list_name="VIP", action=action, attribute="in_{list}")
    assert parity.holds
    assert [each.people for each in parity.carried] == [50] * 4


def test_every_attribute_has_a_place_and_no_two_share_one() -> None:
    """The table of fields covers all that a conversion may carry."""
    assert {move.attribute for move in FIELD_MOVES} == {*contract.CONVERSION_ATTRIBUTES}
    assert len({move.batch for move in FIELD_MOVES}) == len(FIELD_MOVES)
    legacy = [move.legacy for move in FIELD_MOVES if move.legacy]
    assert len({*legacy}) == len(legacy)


def test_the_report_shows_the_mapping_and_no_value() -> None:
    """Counts and names of fields are on the page; no address, digest or order number is."""
    prepared = purchases()
    report = migration_report(
        conversions_parity(prepared), source="purchases.csv", created_at=datetime.now(tz=UTC)
    )
    page = report.html()
    assert "events.data.custom_attributes.amount" in page
    cells = json.dumps(prepared.table.select("emailsha256", "confirmationref").rows())
    for value in ("anna@example.com", "click-1", "A-1", *json.loads(cells)[0]):
        assert str(value) not in page


def test_the_page_on_migration_has_the_table_of_today() -> None:
    """`python -m tests.migration_page` writes it."""
    text = PAGE.read_text(encoding="utf-8")
    assert renewed(text) == text
