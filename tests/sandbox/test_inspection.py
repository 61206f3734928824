from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import paramiko
import pytest
import requests

from rokt_helpers import contract
from rokt_helpers.sandbox import NOT_IMITATED, Fault, Sandbox
from tests.sandbox.wires import HELLO, LIST_FOLDER, good_body, put, wait_for

Post = Callable[..., requests.Response]


class Links(HTMLParser):
    """Collect whatever a page could load."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag could load or run."""
        if tag in ("script", "iframe", "object", "embed", "form"):
            self.found.append(tag)
        self.found += [str(value) for key, value in attrs if key in ("src", "href", "action")]


def look(box: Sandbox, path: str = "") -> requests.Response:
    return requests.get(f"{box.url}{path}", timeout=10)


def test_overview(box: Sandbox, post: Post, sftp: paramiko.SFTPClient) -> None:
    """The JSON tells of lists, requests, files, downloads and faults, without key or digest."""
    post(json=good_body(box, list="US_Customers"))
    put(sftp, f"{LIST_FOLDER}/bad.csv", b"email\n")
    wait_for(box.files)
    box.script(Fault.slow(1))
    answer = look(box, "/_inspect")
    seen = answer.json()
    assert seen["lists"] == {contract.DEFAULT_LIST: 0, "US_Customers": 1}
    assert [(each["status"], each["list"]) for each in seen["requests"]] == [(201, "US_Customers")]
    assert [each["outcome"] for each in seen["files"]] == ["rejected"]
    assert seen["faults"] == [{"kind": "slow", "times": 1, "seconds": 1}]
    assert seen["not_imitated"] == list(NOT_IMITATED)
    assert HELLO not in answer.text
    assert box.environment["ROKT_SECRET_KEY"] not in answer.text


def test_days_left(box: Sandbox) -> None:
    """Yesterday's file, delivered today, has 14 days left; one of eleven days ago has four."""
    downloads = look(box, "/_inspect").json()["downloads"]
    assert (downloads[0]["name"], downloads[0]["days_left"]) == ("referrals_2026-11-21.csv", 14)
    assert (downloads[-1]["name"], downloads[-1]["days_left"]) == ("referrals_2026-11-11.csv", 4)


def test_list_members(box: Sandbox, post: Post) -> None:
    """A list's digests can be read by its name, also one with spaces; others are a 404."""
    post(json=good_body(box, list="Spring sale/ü"))
    answer = look(box, "/_inspect/lists/Spring%20sale%2F%C3%BC")
    assert answer.json() == {"members": 1, "digests": [HELLO]}
    assert look(box, "/_inspect/lists/Nothing").status_code == 404
    assert look(box, "/_inspect/conversions").json() == {"members": 0, "digests": []}


def test_script_faults(box: Sandbox, post: Post) -> None:
    """Faults can be scripted over HTTP, one or several, and then happen."""
    faults = [
        {"kind": "answer", "status": 503, "retry_after_seconds": 1},
        {"kind": "answer", "status": 500},
    ]
    answer = requests.post(f"{box.url}/_inspect/faults", json=faults, timeout=10)
    assert len(answer.json()["faults"]) == 2
    one = {"kind": "answer", "status": 502}
    assert requests.post(f"{box.url}/_inspect/faults", json=one, timeout=10).ok
    assert [post(json=good_body(box)).status_code for _ in range(4)] == [503, 500, 502, 201]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff",
        b"7",
        b"{}",
        b'{"kind": "flood"}',
        b'{"kind": "answer"}',
        b'{"kind": "answer", "status": "503"}',
        b'{"kind": "answer", "status": 503, "canary": 1}',
        b'{"kind": "slow", "seconds": true}',
        b'{"kind": "slow", "times": 1.5}',
        b'[{"kind": "slow"}, {"kind": []}]',
        b'{"kind": "slow", "times": null}',
    ],
)
def test_faults_that_make_no_sense(box: Sandbox, body: bytes) -> None:
    """A fault that cannot be read is a 400 that says why, and none of the lot is scripted."""
    answer = requests.post(f"{box.url}/_inspect/faults", data=body, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert "canary" not in answer.text
    assert look(box, "/_inspect").json()["faults"] == []


def test_looking_leaves_no_trace(box: Sandbox) -> None:
    """Calls to the inspection addresses are not among the requests."""
    for path in ("/", "/_inspect", "/_inspect/lists/Nothing"):
        look(box, path)
    assert box.requests() == []
    assert look(box, "/nothing").status_code == 404
    assert [seen.status for seen in box.requests()] == [404]


def test_inspection_methods(box: Sandbox) -> None:
    """The inspection addresses take the methods they name."""
    assert requests.post(f"{box.url}/", timeout=10).status_code == 405
    assert requests.post(f"{box.url}/_inspect", timeout=10).status_code == 405
    assert look(box, "/_inspect/faults").status_code == 405
    assert requests.head(f"{box.url}/", timeout=10).status_code == 200


def test_page_stands_alone(box: Sandbox) -> None:
    """The page loads nothing and forbids the browser to."""
    answer = look(box)
    links = Links()
    links.feed(answer.text)
    assert links.found == ["data:,"]
    assert not re.search(r"url\(|@import|https?://", answer.text)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "prefers-color-scheme: dark" in answer.text


def test_page_tells_all(box: Sandbox, post: Post, sftp: paramiko.SFTPClient) -> None:
    """The page shows lists, requests, files, downloads, faults and what is not imitated."""
    box.script(Fault.drop_before_answer(at_request=3), Fault.sftp_refuse_rename(times=2))
    post(json=good_body(box, list="<b>Spring</b>"))
    put(sftp, f"{LIST_FOLDER}/bad.csv", b"email\n")
    wait_for(box.files)
    page = look(box).text
    for text in (
        box.environment["ROKT_ACCOUNT_ID"],
        "&lt;b&gt;Spring&lt;/b&gt;",
        f"{LIST_FOLDER}/bad.csv",
        "a heading is not allowed",
        "referrals_2026-11-21.csv",
        "then lose the answer",
        "refuse to rename, 2 times",
    ):
        assert text in page
    assert "<b>Spring" not in page
    assert page.count("<li>") == len(NOT_IMITATED) + 2


def test_page_of_a_busy_box(box: Sandbox) -> None:
    """Only the latest requests are shown, the newest first, and all are counted."""
    for number in range(1, 31):
        look(box, f"/nothing/{number:02d}")
    page = look(box).text
    assert "30 in all, the last 20 shown" in page
    assert "/nothing/10" not in page
    assert page.index("/nothing/30") < page.index("/nothing/11")
