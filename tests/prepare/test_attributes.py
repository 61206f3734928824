from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rokt_helpers import contract, open_workbench, prepare_audience
from rokt_helpers.errors import InputError
from rokt_helpers.identifiers import ATTRIBUTES, hash_attribute
from rokt_helpers.sandbox import Sandbox

FORMS = {
    "mobile": {
        "1234567890": "1234567890",
        "123-456-7890": "1234567890",
        " (123) 456 7890 ": "1234567890",
        "+1 123.456.7890": "1234567890",
        "1234567890.0": "1234567890",
        "0412 345 678": "0412345678",
        "12345": "not_ten_digits",
        "44 7700 900123": "not_ten_digits",
        "call me maybe": "not_ten_digits",
    },
    "zip": {
        "12345": "12345",
        " 12345 ": "12345",
        "12345-6789": "12345",
        "123456789": "12345",
        "2139": "02139",
        "501.0": "00501",
        "12": "not_a_zip",
        "SW1A 1AA": "not_a_zip",
    },
    "zip4": {"12345-6789": "12345-6789", "123456789": "12345-6789", "12345": "not_a_zip"},
    "first_name": {
        "  Ada ": "ada",
        "MARY  Ann": "mary ann",
        "\u00a0Bob\u200b": "bob",
        "Jose\u0301": "jos\u00e9",
        "O'Brien-Smith": "o'brien-smith",
        "123": "not_a_name",
    },
    "last_name": {"van der Berg": "van der berg", " - ": "not_a_name"},
}
CASES = [(kind, raw, form) for kind, forms in FORMS.items() for raw, form in forms.items()]


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def judged(kind: str, raw: str | None) -> tuple[str | None, str | None]:
    attribute = ATTRIBUTES[kind]
    canonical = attribute.canonical(pl.col("cell"))
    frame = pl.DataFrame({"cell": [raw]}, schema={"cell": pl.String})
    return frame.select(canonical.alias("c"), attribute.fault(canonical).alias("f")).row(0)


@pytest.mark.parametrize(("kind", "raw", "form"), CASES)
def test_each_cell_has_its_form_or_its_reason(kind: str, raw: str, form: str) -> None:
    """What is accepted has Rokt's form; what is not has one reason of the closed set."""
    canonical, fault = judged(kind, raw)
    assert (fault or canonical) == form
    assert fault is None or fault in contract.REASONS


@pytest.mark.parametrize("kind", ATTRIBUTES)
@pytest.mark.parametrize("raw", [None, "", "  ", "\u200b\n"])
def test_a_blank_cell_is_empty(kind: str, raw: str | None) -> None:
    """White space alone is nothing, whatever the attribute."""
    assert judged(kind, raw)[1] == "empty"


@pytest.mark.parametrize("kind", ATTRIBUTES)
@given(raw=st.text(max_size=30))
def test_a_form_is_its_own_form(kind: str, raw: str) -> None:
    """Bringing a canonical form into canonical form changes nothing."""
    canonical, fault = judged(kind, raw)
    if fault is None:
        assert judged(kind, canonical) == (canonical, None)


@given(raw=st.text(alphabet="0123456789 ()+-./\t\u00a0", max_size=20))
def test_a_mobile_is_what_plain_python_makes_of_it(raw: str) -> None:
    """A twin in plain Python agrees: symbols off, a leading 1 of eleven digits off."""
    bare = re.sub(r"\.0$", "", "".join(raw.split()))
    digits = re.sub(r"[()+./-]", "", bare)
    if len(digits) == 11 and digits.startswith("1"):
        digits = digits[1:]
    canonical, fault = judged("mobile", raw)
    assert (fault is None) == (len(digits) == 10)
    assert fault is not None or canonical == digits


@given(raw=st.text(alphabet=st.characters(max_codepoint=0x24F), max_size=20))
def test_a_name_is_what_plain_python_makes_of_it(raw: str) -> None:
    """A twin in plain Python agrees: trimmed, single spaces, lower case, composed."""
    visible = "".join(char for char in raw if char not in contract.INVISIBLE)
    expected = unicodedata.normalize("NFC", " ".join(visible.split()).lower())
    canonical, fault = judged("first_name", raw)
    if fault is None and "\x1a" not in raw:
        assert canonical == expected


@pytest.mark.parametrize("kind", list(FORMS))
@pytest.mark.parametrize("output", ["sha256", "plain"])
def test_a_column_of_an_attribute_is_prepared(kind: Any, output: Any) -> None:
    """The accepted values are the canonical forms, each once; the rest is rejected by reason."""
    prepared = prepare_audience(
        pl.Series(kind, [*FORMS[kind], *FORMS[kind]]), identifier=kind, output=output
    )
    good = dict.fromkeys(form for form in FORMS[kind].values() if form not in contract.REASONS)
    digest = str if output == "plain" else sha256
    assert prepared.identifiers.to_list() == [digest(form) for form in good]
    assert prepared.identifier == {
        "plain": ATTRIBUTES[kind].plain, "sha256": ATTRIBUTES[kind].hashed,
    }[output]  # fmt: skip
    faults = Counter(form for form in FORMS[kind].values() if form in contract.REASONS)
    assert prepared.summary["rejected_by_reason"] == {name: 2 * n for name, n in faults.items()}


@pytest.mark.parametrize("kind", list(FORMS))
def test_one_text_and_a_pandas_column_have_the_same_digest(kind: str) -> None:
    """A single value, a pandas Series and a prepared column agree on every digest."""
    texts = [text for text, form in FORMS[kind].items() if form not in contract.REASONS]
    one_by_one = [hash_attribute(kind, text) for text in texts]
    column = hash_attribute(kind, pd.Series(texts, index=range(7, 7 + len(texts)), name="x"))
    assert column.to_list() == one_by_one == [sha256(FORMS[kind][t]) for t in texts]
    assert (column.name, column.index[0]) == ("x", 7)
    assert [hash_attribute(kind, text) for text in (None, "", "?")] == [None, None, None]


def test_the_column_of_an_attribute_is_found_by_content_and_title() -> None:
    """Where several columns could hold it, the one whose title says so is taken; else we ask."""
    frame = pl.DataFrame(
        {"Order": ["10001"], "Postal code": ["02139"], "Phone": ["6175550100"], "Who": ["Ann"]}
    )
    found = prepare_audience(frame, identifier="zip").summary["source"]
    assert (found["column"], found["evidence"]) == (
        "Postal code", "its first 1 filled cells: 100 % ZIP codes",
    )  # fmt: skip
    assert prepare_audience(frame, identifier="mobile").summary["source"]["column"] == "Phone"
    with pytest.raises(InputError, match="2 columns could hold"):
        prepare_audience(frame.rename({"Postal code": "Code"}), identifier="zip")
    with pytest.raises(InputError, match="No ZIP\\+4 was found"):
        prepare_audience(frame, identifier="zip4")
    with pytest.raises(InputError, match="None of the 1 rows of column 'Who' holds a ZIP code"):
        prepare_audience(frame, identifier="zip", column="Who")


def test_a_list_takes_no_other_attribute(sandbox: Sandbox) -> None:  # noqa: ARG001
    """What a custom audience list does not match is refused before a plan is made."""
    prepared = prepare_audience(pl.Series("zip", ["02139"]), identifier="zip")
    with open_workbench() as workbench, pytest.raises(InputError, match="zipsha256"):
        workbench.plan(prepared)
