from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from rokt_helpers import contract
from rokt_helpers.conversions import Mapping, Match, prepare_conversions, propose_mapping
from rokt_helpers.conversions.attributes import ATTRIBUTES, rank_of
from rokt_helpers.errors import InputError

DIGEST = "1753bdb368271a785887ddbfb926164f2f7c6a88f609c07ff0401c5572955206"
# The columns of Rokt's app for Snowflake, and what each is here.
SNOWFLAKE = {
    "eventtime": "timestamp_unixtime_ms", "clienteventid": "clienteventid", "email": "email",
    "emailsha256": "emailsha256", "passbackconversiontrackingid": "passbackconversiontrackingid",
    "amount": "amount", "conversiontype": "conversiontype", "firstname": "firstname",
    "firstnamesha256": "firstnamesha256", "lastname": "lastname",
    "lastnamesha256": "lastnamesha256", "mobile": "mobile", "mobilesha256": "mobilesha256",
    "ipaddress": "ipaddress", "ipaddresssha256": "ipaddresssha256", "address1": "address1",
    "address2": "address2", "zipcode": "zipcode", "city": "city", "stateName": "state",
    "country": "country",
}  # fmt: skip


def frame(**columns: list[Any]) -> pl.DataFrame:
    return pl.DataFrame({"email": ["ann@example.com", "bob@example.com"], **columns})


def test_the_columns_of_the_snowflake_app_are_known() -> None:
    """Each by its name, also where nothing but the filler stands in it."""
    empty = {name: [contract.FILLER_VALUE] * 2 for name in SNOWFLAKE if name != "email"}
    assert propose_mapping(frame(**empty), output="plain").attributes == SNOWFLAKE


EXPORTS = {
    "Order ID": "confirmationref", "transaction_id": "confirmationref", "E-mail address": "email",
    "events.data.custom_attributes.amount": "amount", "RCLID": "passbackconversiontrackingid",
    "user_identities.other2": "passbackconversiontrackingid",
    "Purchase date": "timestamp_unixtime_ms",
    "Billing ZIP": "billingzipcode", "Phone": "mobile", "Order Total": "amount", "SKUs": "sku",
    "Surname": "lastname", "IDFA": "ios_advertising_id", "Payment method": "paymenttype",
}  # fmt: skip


@pytest.mark.parametrize("column", EXPORTS)
def test_names_that_exports_use(column: str) -> None:
    """Capitals, spaces and paths make no difference."""
    known = [name for name in ATTRIBUTES if rank_of(column, name) is not None]
    assert known == [EXPORTS[column]]


def test_every_attribute_of_the_contract_is_known_by_its_own_name() -> None:
    """No other name takes one of Rokt's own away."""
    for name in contract.CONVERSION_ATTRIBUTES:
        assert rank_of(name.upper(), name) == 0
        assert [other for other in ATTRIBUTES if rank_of(name, other) == 0] == [name]


def test_identifiers_are_found_by_their_content() -> None:
    """Addresses and digests are what they are, whatever their column is called."""
    table = pl.DataFrame({"who": ["ann@example.com"], "code": [DIGEST], "firstname": [DIGEST]})
    assert propose_mapping(table).attributes == {
        "who": "email", "code": "emailsha256", "firstname": "firstnamesha256"
    }  # fmt: skip


def test_a_name_is_not_enough() -> None:
    """A column whose cells do not fit its name is left out, and says so."""
    mapping = propose_mapping(frame(country=["Austria", "Japan"], zip=["SW1A 1AA", "EC1A 1BB"]))
    assert mapping.attributes == {"email": "email", "country": None, "zip": None}
    assert "only 0% of its first cells" in mapping.matches[1].evidence
    assert mapping.misfits == {"country": "country", "zip": "zipcode"}


def test_a_column_that_is_left_out_against_its_name_is_told() -> None:
    """By the outcome, too; not where somebody said so, or where another column is that."""
    table = frame(total=["free", "none"], city=["Rome", "Oslo"])
    prepared = prepare_conversions(table)
    (said,) = prepared.mapping.warnings
    assert said.startswith("Column 'total' is named like amount, but only 0% of its first cells")
    assert said.endswith("so it is left out.")
    assert repr(prepared).endswith("0 rejected; 'total' left out, though named like amount>")
    assert "&#x27;total&#x27; is named like amount" in prepared._repr_html_()
    assert not prepare_conversions(table, mapping={"total": None}).mapping.warnings
    both = frame(total=["free", "none"], amount=["1", "2"])
    assert not prepare_conversions(both).mapping.warnings


def test_rokts_own_name_goes_before_another() -> None:
    """The other column is left out, and says which was taken."""
    mapping = propose_mapping(
        frame(order_id=["1", "2"], confirmationref=["A", "B"], note=["", "x"])
    )
    assert mapping.columns == {"email": "email", "confirmationref": "confirmationref"}
    assert (
        mapping.matches[1].evidence == "could be confirmationref, which is column 'confirmationref'"
    )
    assert mapping.matches[3].evidence == "its name and content say nothing"


def test_two_likely_columns_are_asked_about() -> None:
    """Both are named, with what to pass; passing it is enough."""
    table = frame(order_id=["1", "2"], transaction_id=["A", "B"])
    with pytest.raises(InputError, match=r"'order_id' and 'transaction_id' could each be") as asked:
        propose_mapping(table)
    assert "mapping={'order_id': 'confirmationref', 'transaction_id': None}" in str(asked.value)
    chosen = {"order_id": "confirmationref", "transaction_id": None}
    prepared = prepare_conversions(table, mapping=chosen)
    assert prepared.table["confirmationref"].to_list() == ["1", "2"]
    with pytest.raises(InputError, match="could each be email"):
        propose_mapping(pl.DataFrame({"a": ["a@b.co"], "b": ["c@d.eu"]}))


def test_a_choice_goes_before_what_was_found() -> None:
    """The attribute that was given away is not proposed a second time."""
    table = frame(order_id=["1", "2"], internal=["A", "B"])
    prepared = prepare_conversions(table, mapping={"internal": "confirmationref"})
    assert prepared.table["confirmationref"].to_list() == ["A", "B"]
    evidence = {match.column: match.evidence for match in prepared.mapping.matches}
    assert evidence["internal"] == "chosen by hand"
    assert evidence["order_id"] == "could be confirmationref, which is another column, by choice"


def test_what_has_no_hashed_form_needs_plain() -> None:
    """It is left out, or refused where somebody asked for it; with plain it stays."""
    table = frame(dob=["19900517", "19910518"])
    assert "output='plain'" in propose_mapping(table).matches[1].evidence
    with pytest.raises(InputError, match=r"Column 'dob' is mapped to dob.*output='plain'"):
        prepare_conversions(table, mapping={"dob": "dob"})
    assert prepare_conversions(table, output="plain").table["dob"].to_list() == [
        "19900517",
        "19910518",
    ]


def test_a_mapping_is_saved_and_loaded(tmp_path: Path) -> None:
    """The file is plain YAML that a person can change, and comes back as it was."""
    proposed = propose_mapping(frame(**{"Order: No.": ["1", "2"], "Prénom": ["", ""]}))
    mapping = proposed.changed({"Order: No.": "confirmationref"})
    target = mapping.save(tmp_path / "orders.yml")
    assert target.read_text(encoding="utf-8").startswith("# Which column")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    loaded = Mapping.load(target)
    assert loaded.attributes == mapping.attributes
    assert {match.evidence for match in loaded.matches} == {"orders.yml"}


def test_a_loaded_mapping_is_taken_as_it_is() -> None:
    """A column it does not name is left out, one that is not there is refused."""
    table = frame(amount=["1.5", "2.5"])
    given = Mapping((Match("email", "email", "by hand"),))
    prepared = prepare_conversions(table, mapping=given)
    assert prepared.mapping.attributes == {"email": "email", "amount": None}
    assert prepared.mapping.matches[1].evidence == "not in the mapping"
    with pytest.raises(InputError, match="names a column 'mail', which the source does not have"):
        prepare_conversions(table, mapping=Mapping((Match("mail", "email", ""),)))


BAD_FILES = {
    "email: [1]": "is no mapping", "- email": "is no mapping", "1: email": "is no mapping",
    "email: mail": "no conversion attribute 'mail'",
    "a: email\nb: email": "are both mapped to email",
    "a: {": "is not YAML",
}  # fmt: skip


@pytest.mark.parametrize("text", BAD_FILES)
def test_a_bad_file_says_what_is_wrong(text: str, tmp_path: Path) -> None:
    """Nothing of it is taken."""
    (tmp_path / "bad.yml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=BAD_FILES[text]):
        Mapping.load(tmp_path / "bad.yml")
    with pytest.raises(InputError, match="cannot be read"):
        Mapping.load(tmp_path / "missing.yml")


def test_a_person_can_see_it() -> None:
    """The table, the page and the short form name columns and attributes, and no values."""
    mapping = propose_mapping(frame(**{"<b>": ["x", "y"]}))
    assert mapping.to_pandas().columns.to_list() == ["column", "attribute", "evidence"]
    assert repr(mapping) == "<Mapping 'email': email; 1 left out>"
    page = mapping._repr_html_()
    assert "&lt;b&gt;" in page
    assert "example.com" not in page + repr(mapping) + mapping.to_pandas().to_string()
