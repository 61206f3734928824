from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests

from rokt_helpers import contract
from rokt_helpers.sandbox import Fault, Sandbox
from rokt_helpers.sandbox.audience_api import Verdict, judge
from rokt_helpers.sandbox.keys import Account
from tests.sandbox.wires import HELLO, good_body

Post = Callable[..., requests.Response]
ACCOUNT = Account("123456789", "rpub-1", "rsec-1", "key-1")
PATH = contract.LEGACY_IMPORT_PATH


def ask(body: dict[str, object], *, key: str = "key-1", method: str = "POST") -> Verdict:
    """Have one request judged, without a wire."""
    headers = {"Authorization": key, "Content-Type": "application/json"}
    return judge(method, PATH, headers=headers, body=json.dumps(body).encode(), account=ACCOUNT)


@pytest.fixture
def legacy(box: Sandbox) -> Post:
    """Give a plain caller of the legacy address; what it is given overrides a good request."""

    def call(**changes: Any) -> requests.Response:
        headers = {"Authorization": box.environment["ROKT_API_KEY"]}
        body = {"action": "include", "sha256s": [HELLO]}
        given = {"headers": headers, "json": body, **changes}
        return requests.post(box.url + PATH, timeout=10, **given)

    return call


def test_digests_arrive(box: Sandbox, legacy: Post) -> None:
    """The examples of Rokt's page are answered with 201 and an id, and change the lists."""
    body = {"list": "US_Customers", "sha256": HELLO, "action": "include"}
    assert legacy(json=body).status_code == 201
    assert box.members("US_Customers") == {HELLO}
    answer = legacy(json={**body, "action": "exclude"})
    assert (answer.status_code, answer.text) == (201, "Created")
    assert box.members("US_Customers") == frozenset()
    assert legacy(json={"emails": ["hello@example.com"], "action": "include"}).ok
    assert box.members(contract.DEFAULT_LIST) == {HELLO}
    assert box.requests()[1].request_id == answer.headers["X-Request-Id"]
    assert {request.path for request in box.requests()} == {PATH}


@pytest.mark.parametrize("key", ["", "key-2", "Bearer key-1", "Basic key-1", "key-1 ", "ключ"])
def test_the_key_stands_alone(key: str) -> None:
    """A missing or wrong key, or a scheme before it, is a 401."""
    assert ask({"action": "include", "sha256": HELLO}, key=key).answer.status == 401


def test_each_key_opens_its_own_door(box: Sandbox, legacy: Post, post: Post) -> None:
    """The key pair does not open the legacy address, nor the API key the newer one."""
    pair = (box.environment["ROKT_PUBLIC_KEY"], box.environment["ROKT_SECRET_KEY"])
    assert legacy(headers={}, auth=pair).status_code == 401
    headers = {"Authorization": box.environment["ROKT_API_KEY"]}
    assert post(json=good_body(box), auth=None, headers=headers).status_code == 401
    assert box.lists() == {contract.DEFAULT_LIST: 0}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"accountId": "123456789"}, "not documented"),
        ({"action": "add"}, "action must be"),
        ({"list": ""}, "list must be"),
        ({"email": "hello@example.com"}, "2 are"),
        ({"sha256s": []}, "sha256s is empty"),
        ({"sha256s": [HELLO, "canary"]}, "value 2: not a digest"),
    ],
)
def test_bad_requests(changes: dict[str, object], reason: str) -> None:
    """It is judged as strictly as the newer address, and takes no account id."""
    verdict = ask({"action": "include", "sha256s": [HELLO], **changes})
    assert (verdict.answer.status, verdict.change) == (400, None)
    assert reason in verdict.answer.body


def test_other_methods() -> None:
    """Every method but POST is a 405."""
    assert ask({}, method="GET").answer.status == 405


def test_as_many_as_allowed() -> None:
    """A million identifiers are accepted, and not one more."""
    most = contract.LEGACY_MAX_IDENTIFIERS_PER_REQUEST
    verdict = ask({"action": "include", "sha256s": [HELLO] * most})
    assert (verdict.answer.status, verdict.identifiers) == (201, 1_000_000)
    refused = ask({"action": "include", "sha256s": [HELLO] * (most + 1)})
    assert "more than 1,000,000" in refused.answer.body


def test_it_shares_limits_and_faults(box: Sandbox, legacy: Post, post: Post) -> None:
    """Requests to both addresses count together, and scripted faults meet either."""
    box.script(Fault.answer(503, at_request=2))
    statuses = [each.status_code for each in (legacy(), legacy(), post(json=good_body(box)))]
    assert statuses == [201, 503, 201]
    assert [legacy().status_code for _ in range(2)] == [201, 429]


def test_secrets_stay_out_of_reprs() -> None:
    """The key is not in the text of an account."""
    assert "key-1" not in repr(ACCOUNT)
