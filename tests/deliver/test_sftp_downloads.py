"""Referral files over SFTP: several at a time, and gone on with where the line broke."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from rokt_helpers import contract
from rokt_helpers.channels.sftp import SftpChannel
from rokt_helpers.errors import NotTrusted, Unavailable
from rokt_helpers.referrals.inbox import collect
from rokt_helpers.referrals.vault import Vault
from rokt_helpers.sandbox import Sandbox
from rokt_helpers.workbench import Workbench
from tests.deliver.sftp_wires import Traffic, channel_to, line_to
from tests.real_parts.sshd import OpenSshServer

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
MANY = b"".join(b"%064d\n" % number for number in range(80_000))
FOUR = [f"{letter}.csv" for letter in "abcd"]
LOGINS = "Accepted publickey"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSshServer]:
    with OpenSshServer(tmp_path_factory.mktemp("sshd") / "server") as running:
        yield running


@pytest.fixture
def ready(server: OpenSshServer) -> Path:
    """The downloads folder on the server, which is empty."""
    folder = server.root / contract.DOWNLOADS_FOLDER.strip("/")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def logins(server: OpenSshServer) -> int:
    return server.log_file.read_text().count(LOGINS)


def half_of_it(traffic: Traffic) -> bool:
    return traffic.down > len(MANY) / 2


def referrals(count: int) -> bytes:
    """A delivered file with so many different referrals."""
    rows = [f"2026-11-01 09:00:00,Newsletter,{n},p{n}@example.com" for n in range(count)]
    return "\n".join(["Date/time,Campaign name,Bid price,Email", *rows, ""]).encode()


# --- going on ------------------------------


def test_a_cut_download_goes_on_from_its_end(
    server: OpenSshServer, ready: Path, tmp_path: Path
) -> None:
    """After a cut the beginning lies there without a gap, and only the rest comes afterwards."""
    (ready / "many.csv").write_bytes(MANY)
    to = tmp_path / "many.csv"
    with line_to(server, cut_when=half_of_it) as (port, traffic):
        channel = channel_to(server, port=port)
        with pytest.raises(Unavailable, match="The connection broke"):
            channel.download("many.csv", to)
        begun = to.read_bytes()
        assert 0 < len(begun) < len(MANY)
        assert MANY.startswith(begun)
        before = traffic.down
        channel.download("many.csv", to, offset=len(begun))
        channel.close()
    assert to.read_bytes() == MANY
    assert traffic.down - before < len(MANY) - len(begun) + 100_000


def test_the_offset_may_be_the_end(server: OpenSshServer, ready: Path, tmp_path: Path) -> None:
    """Of a file that is all there nothing more comes, and it stays as it is."""
    (ready / "many.csv").write_bytes(MANY)
    to = tmp_path / "many.csv"
    to.write_bytes(MANY)
    channel = channel_to(server)
    channel.download("many.csv", to, offset=len(MANY))
    channel.close()
    assert to.read_bytes() == MANY


def test_a_file_that_became_shorter_is_not_gone_on_with(
    server: OpenSshServer, ready: Path, tmp_path: Path
) -> None:
    """What is shorter than the beginning that we hold is another file, and is said to be."""
    (ready / "many.csv").write_bytes(MANY[:1_000])
    to = tmp_path / "many.csv"
    to.write_bytes(MANY[:2_000])
    channel = channel_to(server)
    with pytest.raises(Unavailable, match=r"many\.csv changed"):
        channel.download("many.csv", to, offset=2_000)
    channel.close()
    assert to.read_bytes() == MANY[:2_000]


def test_the_collection_goes_on_the_next_time(
    server: OpenSshServer, ready: Path, tmp_path: Path
) -> None:
    """A collection that broke off is finished by the next one with the rest of the file."""
    content = referrals(60_000)
    (ready / "day.csv").write_bytes(content)
    vault = Vault(tmp_path / "vault")
    with line_to(server, cut_when=lambda traffic: traffic.down > len(content) / 2) as line:
        port, traffic = line
        channel = channel_to(server, port=port)
        with pytest.raises(Unavailable):
            collect(channel, vault, now=lambda: NOW)
        [part] = vault.downloads.iterdir()
        came, before = part.stat().st_size, traffic.down
        collected = collect(channel, vault, now=lambda: NOW)
        channel.close()
    assert (collected.files_new, collected.rows_kept) == (("day.csv",), 60_000)
    assert traffic.down - before < len(content) - came + 100_000


def test_a_changed_file_starts_anew(server: OpenSshServer, ready: Path, tmp_path: Path) -> None:
    """Of a file that was replaced after the line broke nothing older gets into the vault."""
    content = referrals(60_000)
    (ready / "day.csv").write_bytes(content)
    vault = Vault(tmp_path / "vault")
    with line_to(server, cut_when=lambda traffic: traffic.down > len(content) / 2) as (port, _):
        channel = channel_to(server, port=port)
        with pytest.raises(Unavailable):
            collect(channel, vault, now=lambda: NOW)
        (ready / "day.csv").write_bytes(content.replace(b"Newsletter", b"Sweepstake"))
        later = (NOW + timedelta(hours=1)).timestamp()
        os.utime(ready / "day.csv", (later, later))
        collect(channel, vault, now=lambda: NOW)
        channel.close()
    assert vault.read()["campaign"].unique().to_list() == ["Sweepstake"]
    assert [*vault.downloads.iterdir()] == []


# --- several at a time ------------------------------


def fetch_all(channel: SftpChannel, names: list[str], folder: Path) -> dict[str, bytes]:
    """Fetch all at a time; return what came."""
    with ThreadPoolExecutor(len(names)) as threads:
        for job in [threads.submit(channel.download, name, folder / name) for name in names]:
            job.result()
    return {name: (folder / name).read_bytes() for name in names}


def put(ready: Path, names: list[str]) -> dict[str, bytes]:
    """Lay out files of different content."""
    contents = {name: MANY.replace(b"\n", name.encode() + b"\n") for name in names}
    for name, content in contents.items():
        (ready / name).write_bytes(content)
    return contents


def test_four_at_once_are_four_connections(
    server: OpenSshServer, ready: Path, tmp_path: Path
) -> None:
    """Four downloads at a time have a connection each, five have no fifth, and all are whole."""
    contents = put(ready, [*FOUR, "e.csv"])
    channel, before = channel_to(server), logins(server)
    assert fetch_all(channel, [*contents], tmp_path) == contents
    assert logins(server) - before == channel.downloads_at_once == 4
    assert fetch_all(channel, FOUR, tmp_path) == {name: contents[name] for name in FOUR}
    channel.close()
    assert logins(server) - before == 4


def test_one_after_the_other_is_one_connection(
    server: OpenSshServer, ready: Path, tmp_path: Path
) -> None:
    """Who lists and fetches one file after the other logs in once; closed, once more."""
    put(ready, FOUR)
    channel, before = channel_to(server), logins(server)
    for file in channel.listing():
        channel.download(file.name, tmp_path / file.name)
    assert logins(server) - before == 1
    channel.close()
    channel.download("a.csv", tmp_path / "a.csv")
    channel.close()
    assert logins(server) - before == 2


@contextmanager
def bearing(server: OpenSshServer, most: int) -> Iterator[int]:
    """Stand before a server on a port of its own; hang up on more than so many connections."""
    listener = socket.create_server(("127.0.0.1", 0))

    def pass_on(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while block := source.recv(1 << 16):
                sink.sendall(block)
        for side in (source, sink):
            with suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)

    def accept() -> None:
        left = most
        with suppress(OSError):
            while True:
                near = opened.enter_context(listener.accept()[0])
                if not left:
                    near.close()
                    continue
                left -= 1
                far = opened.enter_context(socket.create_connection((server.host, server.port)))
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=pass_on, args=pair, daemon=True).start()

    with ExitStack() as opened, listener:
        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.mark.parametrize("most", [1, 2])
def test_fewer_connections_do_where_the_server_bears_no_more(
    server: OpenSshServer, ready: Path, tmp_path: Path, most: int
) -> None:
    """Where a server hangs up on further logins, those that it bears fetch all files."""
    contents = put(ready, FOUR)
    with bearing(server, most) as port:
        channel = channel_to(server, port=port)
        channel.listing()
        before = logins(server)
        assert fetch_all(channel, FOUR, tmp_path) == contents
        channel.close()
    assert logins(server) - before <= most - 1


def test_an_impostor_on_a_further_connection_is_not_trusted(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    """Each connection asks for the pinned host key, not only the first one."""
    with OpenSshServer(tmp_path_factory.mktemp("impostor") / "server") as server:
        folder = server.root / contract.DOWNLOADS_FOLDER.strip("/")
        folder.mkdir()
        put(folder, ["a.csv"])
        channel = channel_to(server)
        channel.listing()
        with channel._pool.one():  # so that a further one is needed
            server.replace_host_key()
            with pytest.raises(NotTrusted):
                channel.download("a.csv", tmp_path / "a.csv")
        channel.close()


def test_a_server_that_is_gone_ends_all_downloads(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    """Each of four downloads from a server that is not there fails, and none waits for ever."""
    server = OpenSshServer(tmp_path_factory.mktemp("gone") / "server")
    server.stop()
    channel = channel_to(server)
    with ThreadPoolExecutor(4) as threads:
        jobs = [threads.submit(channel.download, name, tmp_path / name) for name in FOUR]
    channel.close()
    assert [type(job.exception()) for job in jobs] == [Unavailable] * 4


def test_the_sandbox_is_collected_several_at_a_time(workbench: Workbench, sandbox: Sandbox) -> None:
    """A week of files comes whole over several connections, and each is collected once."""
    names = [sandbox.add_referral_file(date(2026, 11, day)) for day in range(1, 8)]
    collected = workbench.desk.fetch()
    assert sorted(collected.files_new) == sorted(names)
    assert workbench.desk.fetch().files_new == ()
