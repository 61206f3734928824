from __future__ import annotations

import re
import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rokt_helpers import contract
from rokt_helpers.attributes import ATTRIBUTES

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
