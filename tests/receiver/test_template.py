from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rokt_helpers.errors import InputError
from rokt_helpers.receiver.agreement import Agreement
from rokt_helpers.receiver.bodies import Unreadable
from rokt_helpers.receiver.template import Request, Template
from tests.house.project import ROOT
from tests.receiver.running import AGREED

XML = b"""<?xml version="1.0" encoding="ISO-8859-1"?>
<r:lead xmlns:r="urn:x" id="7"><customer><email> a@example.com </email><first>Zo\xeb</first>
<item>one</item><item>two</item></customer><other>x</other></r:lead>"""
BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">
<!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">]><lead><email>&lol2;</email></lead>"""
OUTSIDE = (
    b"""<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><lead><email>&x;</email></lead>"""
)


def template(encoding: str, fields: dict[str, Any], **more: Any) -> Template:
    methods = ["GET", "POST"] if encoding == "query" else ["POST"]
    told = {"methods": methods, "path": "/r", "encoding": encoding, "fields": fields}
    return Template.of({**told, **more})


def post(body: bytes | str = b"", kind: str = "", query: str = "") -> Request:
    content = body.encode() if isinstance(body, str) else body
    return Request("POST", "/r", query, kind, content)


def test_json_is_read_by_dotted_paths_and_numbers_keep_their_digits() -> None:
    """An id of 19 digits, a price with a last zero and a flag come out as they were written."""
    fields = {"audience_id": "a.id", "bid_price": "price", "email": "people.1.mail", "Old": "old"}
    body = (
        '{"a":{"id":2581697744617019994},"price":2.50,"old":false,"people":[{},{"mail":"x@y.z"}]}'
    )
    assert template("json", fields).read(post(body, "application/vnd.x+json")) == {
        "audience_id": "2581697744617019994",
        "bid_price": "2.50",
        "email": "x@y.z",
        "Old": "false",
    }


def test_a_key_with_a_dot_is_named_as_a_list() -> None:
    """The path of a key that holds a dot is written step by step."""
    found = template("json", {"email": ["a.b", "c"]}).read(post('{"a.b":{"c":"x@y.z"}}'))
    assert found == {"email": "x@y.z"}


def test_xml_is_read_by_element_paths() -> None:
    """Name spaces do not count, attributes and the n-th element can be named, the charset holds."""
    fields = {
        "email": "lead/customer/email",
        "first_name": "/lead/customer/first",
        "Lead": "lead/@id",
        "Item": "lead/customer/item[2]",
    }
    reading = template("xml", fields).reading(post(XML, "text/xml; charset=x"))
    assert reading.values == {
        "email": "a@example.com",
        "first_name": "Zoë",
        "Lead": "7",
        "Item": "two",
    }
    assert reading.unknown == 2


def test_forms_and_queries_are_read_by_key() -> None:
    """A form and a query give the same values; a plus sign is a space."""
    fields = {"email": "mail", "first_name": "customer[first]"}
    pairs = {"mail": "a+b@example.com", "customer[first]": "Zoë X", "other": "1"}
    form = template("form", fields).reading(
        post(urlencode(pairs), "application/x-www-form-urlencoded")
    )
    query = template("query", fields).reading(post(query=urlencode(pairs)))
    assert form == query
    assert form.values == {"email": "a+b@example.com", "first_name": "Zoë X"}
    assert form.unknown == 1


def test_the_token_in_a_query_is_no_value() -> None:
    """The secret is not counted among what was not asked for."""
    told = template("query", {"email": "mail"}, authentication={"query": "token"})
    assert told.reading(post(query="mail=a%40b.co&token=t")).unknown == 0


@pytest.mark.parametrize(
    ("encoding", "body", "kind", "status"),
    [
        ("json", b"{", "", 400),
        ("json", b'{"email": NaN}', "", 400),
        ("json", b'{"email": "\\ud800"}', "", 400),
        ("json", b'{"email": "a\\u0000"}', "", 400),
        ("json", b'{"email": {"deeper": "x"}}', "", 400),
        ("json", b"\xff\xfe\x00", "", 400),
        ("json", b"[" * 60_000, "", 400),
        ("json", b'{"a":' * 40 + b"1" + b"}" * 40, "", 400),
        ("json", json.dumps({"x": [0] * 1_001}).encode(), "", 400),
        ("json", b"{}", "text/plain", 415),
        ("json", b"{}", "application/json; charset=nonsense", 415),
        ("form", b"email=a&email=b", "", 400),
        ("form", b"email=%ff", "", 400),
        ("form", b"email=a", "multipart/form-data; boundary=x", 415),
        ("xml", b"<lead><email>", "", 400),
        ("xml", b"<a>" * 20_000, "", 400),
        ("xml", b"<a>" * 20_000 + b"</a>" * 20_000, "", 400),
        ("xml", BOMB, "", 400),
        ("xml", OUTSIDE, "", 400),
        ("xml", b"<lead/>", "application/json", 415),
    ],
    ids=lambda value: None if isinstance(value, bytes) else str(value),
)
def test_what_cannot_be_read_is_refused(encoding: str, body: bytes, kind: str, status: int) -> None:
    """Broken, bottomless, ambiguous and dangerous bodies end in an answer, not in a value."""
    with pytest.raises(Unreadable) as refused:
        template(encoding, {"email": "email"}).read(post(body, kind))
    assert refused.value.status == status


@given(st.binary(max_size=300), st.sampled_from(["json", "xml", "form", "query"]))
def test_any_bytes_give_values_or_a_refusal(body: bytes, encoding: str) -> None:
    """No body at all makes the reader fail in another way."""
    request = Request("POST", "/r", body.decode("latin-1"), "", body)
    try:
        values = template(encoding, {"email": "email"}).read(request)
    except Unreadable:
        return
    assert set(values) <= {"email"}


def test_nothing_of_a_request_is_shown() -> None:
    """Neither a request nor what was read of it shows a value."""
    request = post('{"email":"zebrafinch@example.com"}', query="q=zebrafinch")
    reading = template("json", {"email": "email"}).reading(request)
    assert "zebrafinch" not in f"{request!r} {reading!r}"


def test_the_example_can_be_used() -> None:
    """The file in params/ is an agreement, and the test of the connection is told by it."""
    agreement = Agreement.load(ROOT / "params" / "referrals" / "push.yml")
    told = {"customer": {"email": "connection.test@example.com"}}
    values = agreement.template.read(post(json.dumps(told)))
    assert agreement.template.is_test(values)
    assert not agreement.template.is_test({"email": "other@example.com"})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"encoding": "yaml"}, "encoding has to be one of: json, xml, form, query"),
        ({"methods": []}, "methods"),
        ({"methods": ["DELETE"]}, "POST, PUT, GET"),
        ({"methods": ["GET"]}, "A GET has no body"),
        ({"path": "referrals"}, "path"),
        ({"path": "/health"}, "/health"),
        ({"fields": {}}, "fields has to name columns"),
        ({"fields": {"email": "a..b"}}, "fields: email"),
        ({"fields": {"email": "a", "E-mail": "b"}}, "same column"),
        ({"fields": {"email": 2.5}}, "fields: email has to be text"),
        ({"test": {"mail": "x"}}, "test has 'mail'"),
        ({"authentication": "digest"}, "authentication"),
        ({"authentication": {"header": "X", "query": "y"}}, "authentication is basic"),
        ({"limits": {"waiting": 0}}, "limits: waiting"),
        ({"field": {}}, "The file has 'field'"),
        ({"accepted": {"status": 404}}, "200 to 299"),
        ({"rules": {"field": "email"}}, "rules has to be a list"),
        ({"rules": [{"field": "mail", "is": "missing", "status": 422}]}, "Rule 1: field"),
        ({"rules": [{"field": "email", "is": "odd", "status": 422}]}, "Rule 1: is"),
        ({"rules": [{"field": "email", "is": "equal", "status": 422}]}, "needs a value"),
        ({"rules": [{"field": "email", "is": "missing", "status": 99}]}, "200 to 599"),
        ({"rules": [{"field": "email", "is": "missing", "status": 299}]}, "no status 299"),
        ({"rules": [{"field": "email", "is": "missing", "status": 200}]}, "would lose referrals"),
    ],
)
def test_a_file_that_cannot_be_meant_says_where(
    change: dict[str, Any], words: str, tmp_path: Path
) -> None:
    """Each mistake is found at the start and named with its place."""
    path = tmp_path / "push.yml"
    path.write_text(json.dumps({**deepcopy(AGREED), **change}))
    with pytest.raises(InputError, match=words) as refused:
        Agreement.load(path)
    assert "push.yml" in str(refused.value)
