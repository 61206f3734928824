from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rokt_helpers.errors import DeliveryError, NotTrusted, Refused, Unavailable
from rokt_helpers.routes.links import fetch_link
from tests.real_parts.certificates import make_certificate
from tests.routes.deliveries import table
from tests.routes.link_server import Answer, LinkServer, link_server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LinkServer]:
    (tmp_path / "server").mkdir()
    with link_server(tmp_path / "server") as running:
        yield running


def fetched(server: LinkServer, path: str, to: Path, *, most_bytes: int = 10**6) -> int:
    address = f"https://{server.host}{path}"
    return fetch_link(
        address, to, most_bytes=most_bytes, ca_file=server.authority, timeout_seconds=10
    )


def test_a_file_is_fetched_with_its_address_and_no_other_proof(
    server: LinkServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address is asked for as it is; a password in ~/.netrc is not said."""
    (tmp_path / ".netrc").write_text("default login canary password canary\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.authority))
    server.answers["/day.csv"] = Answer(table(500))
    address = f"https://{server.host}/day.csv?key=a%2Fb"
    assert fetch_link(address, tmp_path / "to", most_bytes=10**6) == len(table(500))
    assert (tmp_path / "to").read_bytes() == table(500)
    assert (tmp_path / "to").stat().st_mode & 0o777 == 0o600
    assert server.asked == ["/day.csv?key=a%2Fb"]
    assert "Authorization" not in server.headers[0]


def test_the_file_of_authorities_wins_over_the_environment(
    server: LinkServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A company's bundle in REQUESTS_CA_BUNDLE does not put the named file aside."""
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(make_certificate(tmp_path / "other")[0]))
    server.answers["/a"] = Answer(b"file")
    assert fetched(server, "/a", tmp_path / "to") == 4


def test_a_way_on_within_the_host_is_followed(server: LinkServer, tmp_path: Path) -> None:
    """Download pages often send on to where the file lies."""
    server.answers["/a"] = Answer(status=302, headers={"Location": "/b"})
    server.answers["/b"] = Answer(b"file")
    assert fetched(server, "/a", tmp_path / "to") == 4


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_a_way_on_to_elsewhere_is_refused(server: LinkServer, tmp_path: Path, scheme: str) -> None:
    """Neither another host nor the same one without encryption is asked."""
    (tmp_path / "other").mkdir()
    with link_server(tmp_path / "other") as other:
        aim = other.host if scheme == "https" else server.host
        server.answers["/a"] = Answer(status=302, headers={"Location": f"{scheme}://{aim}/b"})
        server.answers["/b"] = other.answers["/b"] = Answer(b"file")
        with pytest.raises(Refused, match="another host"):
            fetched(server, "/a", tmp_path / "to")
        assert (server.asked, other.asked) == (["/a"], [])


def test_a_circle_ends(server: LinkServer, tmp_path: Path) -> None:
    """A way on that leads back is given up."""
    server.answers["/a"] = Answer(status=302, headers={"Location": "/a"})
    with pytest.raises(Refused, match="circle"):
        fetched(server, "/a", tmp_path / "to")


def test_more_than_agreed_is_not_taken(server: LinkServer, tmp_path: Path) -> None:
    """The limit holds to the byte, whatever the server announces."""
    server.answers["/a"] = Answer(b"x" * 1_000)
    assert fetched(server, "/a", tmp_path / "to", most_bytes=1_000) == 1_000
    with pytest.raises(Refused, match="999 bytes"):
        fetched(server, "/a", tmp_path / "to", most_bytes=999)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(status=404), Refused),
        (Answer(status=410), Refused),
        (Answer(status=403), Refused),
        (Answer(b"<html>", headers={"Content-Type": "text/html; charset=utf-8"}), Refused),
        (Answer(status=429), Unavailable),
        (Answer(status=503), Unavailable),
        (Answer(b"x" * 100_000, sent_bytes=50_000), Unavailable),
    ],
)
def test_what_cannot_be_had_says_why_and_hides_the_address(
    server: LinkServer, tmp_path: Path, answer: Answer, kind: type[DeliveryError]
) -> None:
    """A link that ran out, a login page and a broken answer are told apart."""
    server.answers["/secret-canary"] = answer
    with pytest.raises(kind) as caught:
        fetched(server, "/secret-canary?canary", tmp_path / "to")
    assert "canary" not in str(caught.value)


def test_a_strange_certificate_is_not_trusted(server: LinkServer, tmp_path: Path) -> None:
    """With the system's authorities only, the server is a stranger, and nothing is asked."""
    with pytest.raises(NotTrusted, match="ROKT_REFERRALS_IMAP_LINK_HOSTS"):
        fetch_link(f"https://{server.host}/a", tmp_path / "to", most_bytes=9)
    assert server.asked == []


def test_nobody_there_is_unavailable(tmp_path: Path) -> None:
    """A server that is down may be asked again."""
    with pytest.raises(Unavailable):
        fetch_link("https://127.0.0.1:9/a?canary", tmp_path / "to", most_bytes=9)
