from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Callable

import pytest
import requests

from rokt_helpers import contract
from rokt_helpers.sandbox import Sandbox
from rokt_helpers.sandbox.audience_api import Verdict, judge
from rokt_helpers.sandbox.keys import Account
from tests.sandbox.wires import HELLO, good_body

Post = Callable[..., requests.Response]
ACCOUNT = Account("123456789", "rpub-1", "rsec-1", "key-1")
CANARY = "canary.person@example.com"


def ask(
    body: object,
    *,
    method: str = "POST",
    path: str = contract.IMPORT_PATH,
    pair: str = "rpub-1:rsec-1",
    content_type: str = "application/json",
) -> Verdict:
    """Have one request judged, without a wire."""
    headers = {
        "Authorization": "Basic " + base64.b64encode(pair.encode()).decode(),
        "Content-Type": content_type,
    }
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return judge(method, path, headers=headers, body=raw, account=ACCOUNT)


def body(**changes: object) -> dict[str, object]:
    return {"accountId": "123456789", "action": "include", **changes}


def test_digests_arrive(box: Sandbox, post: Post) -> None:
    """A good request is answered with 201, Created and an id, and its digest is on the list."""
    answer = post(json=good_body(box))
    assert (answer.status_code, answer.text) == (201, "Created")
    assert str(uuid.UUID(answer.headers["X-Request-Id"])) == answer.headers["X-Request-Id"]
    assert box.members(contract.DEFAULT_LIST) == {HELLO}
    assert box.requests()[0].request_id == answer.headers["X-Request-Id"]


def test_addresses_become_digests(box: Sandbox, post: Post) -> None:
    """Plain addresses lose all white space and their capitals before they are hashed."""
    plain = [" HELLO@Example.com\t", "hel lo@example.com", "\u00a0hello@example.com\u2003"]
    answer = post(json={**good_body(box, list="People"), "emails": plain} | {"sha256s": HELLO})
    assert answer.status_code == 400
    body = good_body(box, list="People", emails=plain)
    del body["sha256s"]
    assert post(json=body).status_code == 201
    assert box.members("People") == {HELLO}


@pytest.mark.parametrize(
    ("key", "value", "digest"),
    [
        ("email", "Hello@example.com", HELLO),
        ("sha256", HELLO.upper(), HELLO),
        ("sha256s", [HELLO, HELLO.upper()], HELLO),
        ("emails", ["zoë@example.org"], hashlib.sha256("zoë@example.org".encode()).hexdigest()),
    ],
)
def test_each_key(key: str, value: object, digest: str) -> None:
    """Each of the four keys may carry the identifiers, in either case."""
    verdict = ask(body(**{key: value}))
    assert verdict.answer.status == 201
    assert verdict.change is not None
    assert verdict.change.digests == {bytes.fromhex(digest)}


def test_exclude_removes(box: Sandbox, post: Post) -> None:
    """Exclude takes off the named list what is on it, and only there."""
    other = hashlib.sha256(b"other@example.com").hexdigest()
    for name in ("A", "B"):
        assert post(json=good_body(box, list=name, sha256s=[HELLO, other])).ok
    assert post(json=good_body(box, list="A", action="exclude")).status_code == 201
    assert box.members("A") == {other}
    assert box.members("B") == {HELLO, other}


def test_excluding_from_nowhere(box: Sandbox, post: Post) -> None:
    """To exclude from a list that nobody has named yet is fine and makes no list."""
    assert post(json=good_body(box, list="New", action="exclude")).status_code == 201
    assert box.lists() == {contract.DEFAULT_LIST: 0}


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (b"[]", "must be a JSON object"),
        (b"{", "not JSON"),
        (b'{"accountId": "\xff"}', "not JSON in UTF-8"),
        ({"action": "include", "sha256": HELLO}, "accountId is missing"),
        (body(accountId=123456789, sha256=HELLO), "accountId must be text"),
        (body(accountId="1", sha256=HELLO), "accountId is not"),
        ({"accountId": "123456789", "sha256": HELLO}, "action is missing"),
        (body(action="INCLUDE", sha256=HELLO), "action must be"),
        (body(action=["include"], sha256=HELLO), "action must be"),
        (body(list="", sha256=HELLO), "list must be"),
        (body(list=None, sha256=HELLO), "list must be"),
        (body(list=7, sha256=HELLO), "list must be"),
        (body(), "0 are"),
        (body(emails=[], sha256s=[HELLO]), "2 are"),
        (body(email=CANARY, sha256=HELLO), "2 are"),
        (body(emails=CANARY), "must be an array"),
        (body(sha256s=HELLO), "must be an array"),
        (body(email=[CANARY]), "email: not text"),
        (body(emails=[CANARY, None]), "value 2: not text"),
        (body(emails=[]), "emails is empty"),
        (body(sha256s=[]), "sha256s is empty"),
        (body(sha256=HELLO[:-1]), "64 hexadecimal"),
        (body(sha256s=[HELLO, CANARY]), "value 2: not a digest"),
        (body(sha256=HELLO[:-1] + "g"), "64 hexadecimal"),
        (body(sha256=HELLO + "\n"), "64 hexadecimal"),
        (body(emails=["canary.person"]), "no @"),
        (body(emails=[CANARY, HELLO]), "value 2: a digest"),
        (body(email="\ud800@example.com"), "half a character"),
        (body(sha256=HELLO, mode="fast"), "not documented"),
        (body(sha256s=[HELLO] * 100_001), "more than 100,000"),
    ],
)
def test_bad_requests(given: object, reason: str) -> None:
    """Each broken rule is a 400 whose reason names the rule, holds no value, changes nothing."""
    verdict = ask(given)
    assert verdict.answer.status == 400
    assert reason in verdict.answer.body
    assert "canary" not in verdict.answer.body
    assert HELLO[:10] not in verdict.answer.body
    assert verdict.change is None


def test_bad_request_on_the_wire(box: Sandbox, post: Post) -> None:
    """A refused request changes no list, is recorded, and has an id too."""
    answer = post(json=good_body(box, action="add"))
    assert answer.status_code == 400
    assert box.lists() == {contract.DEFAULT_LIST: 0}
    (seen,) = box.requests()
    assert (seen.status, seen.request_id) == (400, answer.headers["X-Request-Id"])


def test_as_many_as_allowed() -> None:
    """Exactly 100,000 identifiers are accepted."""
    verdict = ask(body(sha256s=[HELLO] * 100_000))
    assert (verdict.answer.status, verdict.identifiers) == (201, 100_000)


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json; charset=utf-8", 201),
        ("Application/JSON", 201),
        ("text/plain", 400),
        ("application/jsonp", 400),
        ("", 400),
    ],
)
def test_content_type(content_type: str, status: int) -> None:
    """The content type must be JSON's own; parameters behind it are allowed."""
    assert ask(body(sha256=HELLO), content_type=content_type).answer.status == status


@pytest.mark.parametrize("pair", ["rpub-1:rsec-2", "rpub-2:rsec-1", "", "rpub-1"])
def test_wrong_pair(pair: str) -> None:
    """A wrong key pair is a 401, even where the body is bad as well."""
    assert ask(b"{", pair=pair).answer.status == 401


@pytest.mark.parametrize("header", [None, "rsec-1", "Bearer abc", "Basic ???", "Basic"])
def test_no_basic_header(box: Sandbox, header: str | None) -> None:
    """Without a readable Basic header a request is a 401 and changes nothing."""
    headers = {} if header is None else {"Authorization": header}
    url = box.url + contract.IMPORT_PATH
    answer = requests.post(url, json=good_body(box), headers=headers, timeout=10)
    assert answer.status_code == 401
    assert box.members(contract.DEFAULT_LIST) == frozenset()


@pytest.mark.parametrize("path", [contract.IMPORT_PATH, contract.AUTH_CHECK_PATH])
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_other_methods(path: str, method: str) -> None:
    """Every method but POST is a 405 that names POST."""
    answer = ask(b"", method=method, path=path).answer
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("method", ["PUT", "HEAD", "DELETE"])
def test_other_methods_on_the_wire(box: Sandbox, method: str) -> None:
    """The server knows the other methods and says 405 rather than falling over."""
    answer = requests.request(method, box.url + contract.IMPORT_PATH, timeout=10)
    assert answer.status_code == 405


@pytest.mark.parametrize("path", ["/api/1.1/import/suppression", "/v2/events", "/v3/import"])
def test_other_paths(path: str) -> None:
    """Every other address is a 404."""
    assert ask(body(sha256=HELLO), path=path).answer.status == 404


def test_auth_check(box: Sandbox, post: Post) -> None:
    """The auth check says yes to the pair and account, no to others, and changes nothing."""
    account = {"accountId": box.environment["ROKT_ACCOUNT_ID"]}
    check = contract.AUTH_CHECK_PATH
    assert post(check, json=account).status_code == 200
    assert post(check, json=account, auth=("rpub-1", "rsec-1")).status_code == 401
    assert post(check, json={"accountId": "1"}).status_code == 400
    assert post(check, json={}).status_code == 400
    assert post(check, json=good_body(box)).status_code == 400
    assert box.lists() == {contract.DEFAULT_LIST: 0}
    assert box.most_in_flight() == 0


def test_secrets_stay_out_of_reprs(box: Sandbox) -> None:
    """Neither the account's secret nor a digest is in the text of our own values."""
    verdict = ask(body(sha256=HELLO))
    assert "rsec-1" not in repr(ACCOUNT)
    assert HELLO not in repr(verdict)
    assert box.environment["ROKT_SECRET_KEY"] not in repr(box)
