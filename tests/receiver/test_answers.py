"""What a running receiver answers."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from rokt_helpers.extras import how_to_install
from tests.command_line import Rokt, one_object
from tests.real_parts.certificates import make_certificate
from tests.receiver.running import Running, in_journal, lead
from tests.receiver.test_template import BOMB

RULES = [
    {"field": "email", "is": "missing", "status": 422, "body": {"result": "rejected"}},
    {"field": "email", "is": "not_an_email", "status": 422, "body": "<no/>"},
    {"field": "Tier", "is": "equal", "value": "Lead", "status": 410},
    {"field": "Tier", "is": "contains", "value": "late", "status": 202, "keep": True},
    {"field": "email", "is": "duplicate", "status": 409, "body": "known already"},
]


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One for all tests that need no setting of their own; it needs a token in a header."""
    agreed = {
        "authentication": {"header": "X-Key"},
        "accepted": {"status": 200, "body": {"result": "accepted"}},
        "limits": {"body_bytes": 2_000},
        "rules": RULES,
        "test": {"email": "connection.test@example.com"},
    }
    home = tmp_path_factory.mktemp("receiver")
    with Running(home, agreed, ROKT_RECEIVER_TOKEN="let-me-in") as running:
        yield running


KEY = {"X-Key": "let-me-in"}
EVERYWHERE = "0.0.0.0"  # noqa: S104  it is refused


def ask(method: str, url: str, **more: Any) -> requests.Response:
    return requests.request(method, url, timeout=20, **more)


def without(body: dict[str, Any], email: str | None) -> dict[str, Any]:
    return {**body, "customer": {"email": email}}


def test_rules_decide_in_their_order(receiver: Running) -> None:
    """Each rule answers as it says; only what is accepted, or kept all the same, is written."""
    before = len(in_journal(receiver.journal))
    pushes: list[tuple[dict[str, Any], int, str]] = [
        (lead(1), 200, '{"result": "accepted"}'),
        (lead(1), 409, "known already"),
        (without(lead(2), None), 422, '{"result": "rejected"}'),
        (without(lead(2), "nobody at home"), 422, "<no/>"),
        (lead(2, tier="Lead"), 410, ""),
        (lead(2, tier="lead"), 200, '{"result": "accepted"}'),
        (lead(3, tier="too late"), 202, ""),
        (without(lead(4), "person.2@EXAMPLE.com "), 409, "known already"),
    ]
    for body, status, said in pushes:
        answer = receiver.push(body, headers=KEY)
        assert (answer.status_code, answer.text) == (status, said)
    assert len(in_journal(receiver.journal)) == before + 3


def test_an_answer_has_its_media_type(receiver: Running) -> None:
    """Pairs are JSON, what begins with < is XML, anything else is text."""
    kinds = [
        receiver.push(body, headers=KEY).headers.get("content-type")
        for body in (without(lead(), None), without(lead(), "x"), lead(10), lead(10))
    ]
    assert kinds == [
        "application/json",
        "application/xml; charset=utf-8",
        "application/json",
        "text/plain; charset=utf-8",
    ]


def test_the_test_of_the_connection_is_answered_and_not_kept(receiver: Running) -> None:
    """Rokt's Test button may be pressed twice; it is no referral, and no duplicate."""
    before = len(in_journal(receiver.journal))
    body = without(lead(), "connection.test@example.com")
    answers = [receiver.push(body, headers=KEY).status_code for _ in range(2)]
    assert (answers, len(in_journal(receiver.journal)) - before) == ([200, 200], 0)


def test_what_is_not_meant_for_us_is_refused(receiver: Running) -> None:
    """Each refusal has its status; none of them is written."""
    before = len(in_journal(receiver.journal))
    url, ok = receiver.url, lead(20)
    answers = {
        401: ask("POST", url, json=ok),
        403: ask("POST", url, json=ok, headers={"X-Key": "let-me-in "[:-2]}),
        404: ask("POST", url + "/more", json=ok, headers=KEY),
        405: ask("GET", url, headers=KEY),
        415: ask("POST", url, data=b"\x1f\x8b", headers={**KEY, "Content-Encoding": "gzip"}),
        413: ask("POST", url, data=b"x" * 300_000, headers=KEY),
        400: ask("POST", url, data=b"{", headers=KEY),
    }
    assert {status: a.status_code for status, a in answers.items()} == {s: s for s in answers}
    assert answers[401].headers["www-authenticate"] == "Bearer"
    assert answers[405].headers["allow"] == "POST, PUT"
    assert len(in_journal(receiver.journal)) == before


def test_a_body_in_pieces_has_the_same_limit(receiver: Running) -> None:
    """A body that does not say its length is cut off by the limit, too."""
    pieces = (b" " * 500 for _ in range(100))
    assert ask("POST", receiver.url, data=pieces, headers=KEY).status_code == 413
    assert ask("PUT", receiver.url, json=lead(21), headers=KEY).status_code == 200


def test_health_needs_no_secret_and_tells_nothing(receiver: Running) -> None:
    """The sign of life is one word."""
    answer = ask("GET", receiver.url.replace("/referrals", "/health"))
    assert (answer.status_code, answer.text) == (200, "OK")
    assert "server" not in answer.headers


def test_a_crowd_is_asked_to_come_again(tmp_path: Path) -> None:
    """With all places taken by slow requests the next gets 503, and is taken once they are gone."""
    with Running(tmp_path, {"limits": {"waiting": 2, "body_seconds": 2}}) as running:
        slow = [half_sent(running.url) for _ in range(2)]
        refused = until(running, 503)
        assert refused.headers["retry-after"] == "2"
        assert [line.recv(12) for line in slow] == [b"HTTP/1.1 408"] * 2
        assert running.push(lead()).status_code == 201
        for line in slow:
            line.close()
    assert len(in_journal(running.journal)) >= 1


def half_sent(url: str) -> socket.socket:
    """Begin a request, and keep the rest of its body back."""
    at = urlsplit(url)
    line = socket.create_connection((at.hostname, at.port or 0), timeout=20)
    line.sendall(f"POST {at.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{{".encode())
    return line


def until(running: Running, status: int) -> requests.Response:
    for number in range(200):
        answer = running.push(lead(number))
        if answer.status_code == status:
            return answer
    raise AssertionError(f"never answered {status}")


ENCODED = {
    "xml": (
        "<lead><mail>{0}</mail></lead>",
        "lead/mail",
        {"Content-Type": "application/xml"},
    ),
    "form": ("mail={0}", "mail", {"Content-Type": "application/x-www-form-urlencoded"}),
    "query": ("mail={0}&key=let-me-in", "mail", {}),
}
ACCESS: dict[str, tuple[Any, dict[str, str]]] = {
    "xml": ("basic", {"ROKT_RECEIVER_USER": "rokt", "ROKT_RECEIVER_PASSWORD": "wörd:1"}),
    "form": (None, {"ROKT_RECEIVER_TOKEN": "let-me-in"}),
    "query": ({"query": "key"}, {"ROKT_RECEIVER_TOKEN": "let-me-in"}),
}


@pytest.mark.parametrize("encoding", ENCODED)
def test_every_encoding_and_every_way_to_show_who_one_is(encoding: str, tmp_path: Path) -> None:
    """XML with Basic, a form with a bearer token, and a GET with the token in its query."""
    body, place, headers = ENCODED[encoding]
    told, secrets = ACCESS[encoding]
    methods = ["GET"] if encoding == "query" else ["POST", "PUT"]
    agreed = {
        "methods": methods,
        "encoding": encoding,
        "fields": {"email": place},
        "authentication": told,
    }
    with Running(tmp_path, agreed, **secrets) as running:
        for n, method in enumerate(methods):
            content = body.format(f"zebrafinch.{n}%40example.com")
            if encoding == "xml":
                content = content.replace("%40", "@")
            statuses = [
                call(running.url, method, content, encoding, {**headers, **shown})
                for shown in (given(encoding, right=True), given(encoding, right=False), {})
            ]
            assert statuses[0] == 201
            assert statuses[1:] == ([201, 201] if encoding == "query" else [403, 401])
        if encoding == "query":
            wrong = body.replace("let-me-in", "letmein")
            assert call(running.url, "GET", wrong, encoding, {}) == 403
            assert call(running.url, "GET", "mail=x", encoding, {}) == 401
        if encoding == "xml":
            shown = {**headers, **given("xml", right=True)}
            assert call(running.url, "POST", BOMB.decode(), "xml", shown) == 400
        rows = in_journal(running.journal)
        assert {len(row["email"]) for row in rows} == {64}
    assert "let-me-in" not in running.said
    assert "zebrafinch" not in running.said


def given(encoding: str, *, right: bool) -> dict[str, str]:
    if encoding == "xml":
        word = "wörd:1" if right else "wörd"
        plain = requests.auth._basic_auth_str(b"rokt", word.encode())
        return {"Authorization": plain}
    if encoding == "form":
        return {"Authorization": "Bearer let-me-in" if right else "Bearer let-me-in2"}
    return {}


def call(url: str, method: str, content: str, encoding: str, headers: dict[str, str]) -> int:
    if encoding == "query":
        return ask(method, f"{url}?{content}", headers=headers).status_code
    return ask(method, url, data=content, headers=headers).status_code


def test_tls_with_the_certificate_that_was_named(tmp_path: Path) -> None:
    """Over TLS a client that knows the authority is served, and nobody in plain text."""
    authority, server = make_certificate(tmp_path)
    words = ("--cert", str(server), "--key", str(server))
    with Running(tmp_path, {}, *words) as running:
        assert running.url.startswith("https://")
        assert running.push(lead(), verify=str(authority)).status_code == 201
        with pytest.raises(requests.ConnectionError):
            requests.get(running.url.replace("https", "http"), timeout=5)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--host", EVERYWHERE), 2, "Set ROKT_RECEIVER_TOKEN"),
        (("--host", EVERYWHERE, "with a token"), 3, "--allow plain_http"),
        (("--cert", "x.pem"), 2, "belong together"),
        (("--cert", "x.pem", "--key", "x.pem"), 2, "cannot be used"),
        (("--template", "none.yml"), 2, "none.yml cannot be read"),
        (("--host", "192.0.2.1", "with a token", "--allow", "plain_http"), 2, "listened on"),
    ],
)
def test_it_does_not_start_where_it_must_not(
    words: tuple[str, ...],
    code: int,
    said: str,
    rokt: Rokt,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Open to strangers, in plain text, or without what it was told: refused with what to do."""
    if "with a token" in words:
        monkeypatch.setenv("ROKT_RECEIVER_TOKEN", "t")
    words = tuple(word for word in words if word != "with a token")
    template = tmp_path / "push.yml"
    template.write_text("{methods: [POST], path: /r, encoding: json, fields: {email: email}}")
    ended, out, err = rokt(
        "referrals", "receive", "--json", "--template", str(template), "--port", "0", *words
    )
    assert (ended, one_object(out)["exit_code"]) == (code, code)
    assert said in err


def test_what_is_not_installed_is_named(
    rokt: Rokt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the extra the command says which one to install; nothing else needs it."""
    monkeypatch.delitem(sys.modules, "rokt_helpers.receiver.serving", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    code, _, said = rokt("referrals", "receive", "--template", str(tmp_path / "none.yml"))
    assert (code, f"uvicorn is needed: {how_to_install('receive')}." in said) == (2, True)
    assert rokt("referrals", "receive", "--drain")[0] == 0
