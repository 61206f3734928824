from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from rokt_helpers.errors import NotTrusted, Refused, SettingsError, Unavailable
from rokt_helpers.referrals.inbox import collect
from rokt_helpers.referrals.vault import Vault
from rokt_helpers.routes.ftps_drop import FtpsDrop, FtpsPlace
from tests.real_parts.certificates import make_certificate
from tests.real_parts.ftps_with_facts import FactsServer
from tests.real_parts.vsftpd import VsftpdServer
from tests.routes.deliveries import NOW, contents, put, table


def place_of(server: VsftpdServer | FactsServer, folder: str = "") -> FtpsPlace:
    return FtpsPlace(
        server.host,
        server.username,
        SecretStr(server.password),
        port=server.port,
        folder=folder,
        ca_file=server.authority,
        timeout_seconds=30,
    )


@pytest.fixture
def facts(tmp_path: Path) -> Iterator[FactsServer]:
    with FactsServer(tmp_path / "facts") as running:
        yield running


@pytest.fixture(params=["vsftpd", "facts"])
def server(request: pytest.FixtureRequest) -> VsftpdServer | FactsServer:
    """Each of the two servers: one lists by questions, the other by facts."""
    running: VsftpdServer | FactsServer = request.getfixturevalue(request.param)
    return running


@pytest.fixture
def drop(server: VsftpdServer | FactsServer) -> Iterator[FtpsDrop]:
    with closing(FtpsDrop(place_of(server))) as opened:
        yield opened


def test_each_file_is_listed_and_fetched(
    server: VsftpdServer | FactsServer, drop: FtpsDrop, tmp_path: Path
) -> None:
    """Names with spaces, accents and dashes are files like others; moments are UTC."""
    names = ["a list.csv", "référés 日本.csv", "-l.csv", "100%.csv"]
    for number, name in enumerate(names):
        put(server.root, name, table(number))
    put(server.root, ".unfinished.csv", b"x")
    (server.root / "folder").mkdir()
    found = contents(drop, tmp_path)
    assert found == {name: table(number) for number, name in enumerate(names)}
    assert {file.modified for file in drop.listing()} == {NOW}


def test_the_folder_is_a_setting(server: VsftpdServer | FactsServer) -> None:
    """Only the named folder is looked into; one that is not there is a refusal that names it."""
    (server.root / "for Rokt").mkdir()
    put(server.root / "for Rokt", "in.csv", b"in")
    put(server.root, "beside.csv", b"beside")
    with closing(FtpsDrop(place_of(server, folder="for Rokt"))) as drop:
        assert [file.name for file in drop.listing()] == ["in.csv"]
    with pytest.raises(Refused, match="ROKT_REFERRALS_FTPS_FOLDER"):
        FtpsDrop(place_of(server, folder="elsewhere")).listing()


def test_an_empty_folder_has_no_files(drop: FtpsDrop) -> None:
    """A folder without files is an empty listing, and no error."""
    assert drop.listing() == []


def test_the_vault_takes_each_file_once(
    server: VsftpdServer | FactsServer, drop: FtpsDrop, vault: Vault
) -> None:
    """What is collected from the drop is known the next time, and the drop is as it was."""
    put(server.root, "one.csv", table(5))
    put(server.root, "two.csv", table(5, first=5))
    first = collect(drop, vault, now=lambda: NOW)
    assert (first.files_new, first.rows_kept) == (("one.csv", "two.csv"), 10)
    assert collect(drop, vault, now=lambda: NOW).files_known == ("one.csv", "two.csv")
    assert sorted(path.name for path in server.root.iterdir()) == ["one.csv", "two.csv"]


def test_going_on_from_the_middle(
    server: VsftpdServer | FactsServer, drop: FtpsDrop, tmp_path: Path
) -> None:
    """With an offset the rest is added to what is there."""
    content = bytes(range(256)) * 4_000
    put(server.root, "large.csv", content)
    to = tmp_path / "part"
    to.write_bytes(content[:300_000])
    drop.download("large.csv", to, offset=300_000)
    assert to.read_bytes() == content


def test_a_growing_file_is_left(
    server: VsftpdServer | FactsServer, drop: FtpsDrop, vault: Vault
) -> None:
    """A file that changes while it is collected is left for the next time."""
    path = put(server.root, "grows.csv", table(5))

    class Watched:
        """The drop, with somebody who writes on after each download."""

        def listing(self) -> object:
            return drop.listing()

        def download(self, name: str, to: Path) -> None:
            drop.download(name, to)
            with path.open("ab") as file:
                file.write(b"\r\n2026")

    outcome = collect(Watched(), vault, now=lambda: NOW)  # type: ignore[arg-type]
    assert (outcome.files_new, [left.name for left in outcome.files_left]) == ((), ["grows.csv"])


# --- who may, and whom we trust ------------------------------


def test_a_wrong_password_is_refused_without_showing_it(
    server: VsftpdServer | FactsServer,
) -> None:
    """The refusal names the settings, and neither password nor user."""
    place = replace(place_of(server), password=SecretStr("wrong-canary"))
    with pytest.raises(Refused, match="ROKT_REFERRALS_FTPS_PASSWORD") as caught:
        FtpsDrop(place).listing()
    assert "canary" not in str(caught.value) + repr(place)


def test_a_password_with_a_line_break_is_said_to_be_one(vsftpd: VsftpdServer) -> None:
    """A password that would be two commands is not sent."""
    with pytest.raises(SettingsError, match="ROKT_REFERRALS_FTPS_PASSWORD"):
        FtpsDrop(replace(place_of(vsftpd), password=SecretStr("a\r\nDELE b"))).listing()


def test_a_strange_certificate_gets_no_password(vsftpd: VsftpdServer, tmp_path: Path) -> None:
    """With another authority, or the system's, the server is not trusted and not logged in to."""
    other, _ = make_certificate(tmp_path)
    for ca_file in (other, None):
        with pytest.raises(NotTrusted, match="ROKT_REFERRALS_FTPS_CA_FILE"):
            FtpsDrop(replace(place_of(vsftpd), ca_file=ca_file)).listing()
    assert '"USER ' not in vsftpd.log_file.read_text(encoding="utf-8")


def test_a_certificate_of_another_host_is_not_trusted(vsftpd: VsftpdServer) -> None:
    """The certificate names 127.0.0.1, so the same server as `localhost` is a stranger."""
    with pytest.raises(NotTrusted):
        FtpsDrop(replace(place_of(vsftpd), host="localhost")).listing()


def test_a_file_that_holds_no_certificates_is_named(vsftpd: VsftpdServer, tmp_path: Path) -> None:
    """A wrong file of authorities is a matter of settings."""
    with pytest.raises(SettingsError, match="ROKT_REFERRALS_FTPS_CA_FILE"):
        FtpsDrop(replace(place_of(vsftpd), ca_file=put(tmp_path, "no.pem", b"x"))).listing()


def test_plain_ftp_is_refused() -> None:
    """A server without TLS gets neither user name nor password."""
    with VsftpdServer(tls=False) as server:
        with pytest.raises(Refused, match="no encryption"):
            FtpsDrop(place_of(server)).listing()
        assert '"USER ' not in server.log_file.read_text(encoding="utf-8")


def test_every_transfer_goes_on_with_the_same_session(vsftpd: VsftpdServer, tmp_path: Path) -> None:
    """A server that wants the control connection's TLS session on each transfer gets it."""
    put(vsftpd.root, "one.csv", table(5))
    with closing(FtpsDrop(place_of(vsftpd))) as drop:
        for _ in range(3):
            assert contents(drop, tmp_path) == {"one.csv": table(5)}
    assert "session reuse required" not in vsftpd.log_file.read_text(encoding="utf-8")


# --- a line that breaks ------------------------------


def test_a_server_that_dies_in_a_download_is_unavailable(tmp_path: Path) -> None:
    """A download that breaks off is an error, and goes on from there once the server is back."""
    content = table(40_000)
    with VsftpdServer(options="anon_max_rate=1500000\n") as server:
        put(server.root, "large.csv", content)
        drop, to = FtpsDrop(place_of(server)), tmp_path / "part"
        assert len(drop.listing()) == 1

        def kill_in_the_middle() -> None:
            while not (over.is_set() or (to.exists() and to.stat().st_size > 500_000)):
                time.sleep(0.01)
            server.hang_up()

        over, killer = threading.Event(), threading.Thread(target=kill_in_the_middle)
        killer.start()
        try:
            with pytest.raises(Unavailable):
                drop.download("large.csv", to)
        finally:
            over.set()
            killer.join()
        came = to.stat().st_size
        assert 500_000 < came < len(content)
        drop.download("large.csv", to, offset=came)
        drop.close()
        assert to.read_bytes() == content


def test_a_silent_hang_up_between_two_uses_is_not_noticed(vsftpd: VsftpdServer) -> None:
    """A server that let the idle connection go is simply asked anew."""
    with closing(FtpsDrop(place_of(vsftpd))) as drop:
        assert drop.listing() == []
        vsftpd.hang_up()
        assert drop.listing() == []


def test_nobody_there_is_unavailable(vsftpd: VsftpdServer) -> None:
    """A server that is down may be tried again later; then it works."""
    drop = FtpsDrop(place_of(vsftpd))
    vsftpd.stop()
    with pytest.raises(Unavailable, match="ROKT_REFERRALS_FTPS_HOST"):
        drop.listing()
    vsftpd.restart()
    assert drop.listing() == []
    drop.close()


@pytest.mark.parametrize("name", ["../secret.csv", "/etc/passwd", "..", "", "a\nb.csv"])
def test_a_name_that_leads_out_is_not_fetched(
    vsftpd: VsftpdServer, tmp_path: Path, name: str
) -> None:
    """Parts of a path are no name of a file; the server is not even asked."""
    with pytest.raises(Refused):
        FtpsDrop(place_of(vsftpd)).download(name, tmp_path / "to")
    assert not (tmp_path / "to").exists()


def test_a_file_that_went_in_between_is_refused(drop: FtpsDrop, tmp_path: Path) -> None:
    """One file that is not there leaves the connection as it was."""
    with pytest.raises(Refused):
        drop.download("gone.csv", tmp_path / "to")
    assert drop.listing() == []


def test_a_name_in_another_encoding_is_fetched(vsftpd: VsftpdServer, tmp_path: Path) -> None:
    """Names written by old Windows programs are no UTF-8; they are files all the same."""
    raw = bytes(vsftpd.root) + b"/caf\xe9.csv"
    with open(raw, "wb") as file:  # noqa: PTH123  a Path has no bytes
        file.write(table(2))
    with closing(FtpsDrop(place_of(vsftpd))) as drop:
        assert contents(drop, tmp_path) == {"café.csv": table(2)}
