from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest
from pydantic import SecretStr

from rokt_helpers import contract
from rokt_helpers.channels.sftp import SftpChannel
from rokt_helpers.deliver import Patience
from rokt_helpers.errors import InDoubt, NotTrusted, Refused, SettingsError, Unavailable
from rokt_helpers.workbench import Workbench, open_workbench
from tests.deliver.lists import addresses, audience, digests, failure, in_pieces, send
from tests.real_parts.sshd import OpenSshServer

LISTS = contract.AUDIENCE_FOLDER.strip("/") + "/include"
CONVERSIONS = contract.CONVERSIONS_FOLDER.strip("/")
AT_ONCE = Patience(attempts=2, first_pause_seconds=0.01, pickup_seconds=0)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSshServer]:
    with OpenSshServer(tmp_path_factory.mktemp("sshd") / "server") as running:
        yield running


def folders_below(root: Path) -> Path:
    for action in contract.ACTIONS:
        (root / contract.AUDIENCE_FOLDER.strip("/") / action).mkdir(parents=True)
    (root / CONVERSIONS).mkdir()
    return root


def point_to(server: OpenSshServer, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "ACCOUNT_ID": "42",
        "SFTP_HOST": server.host,
        "SFTP_PORT": server.port,
        "SFTP_USERNAME": server.username,
        "SFTP_KEY_FILE": server.key_file,
        "SFTP_HOST_KEY": server.host_key,
        "SFTP_ROOT": root,
        "PICKUP_SECONDS": 0,
    }.items():
        monkeypatch.setenv(f"ROKT_{name}", str(value))


@pytest.fixture
def root(shared: OpenSshServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The test's own folders on OpenSSH's server, which the environment points to."""
    root = folders_below(shared.root / tmp_path.name)
    point_to(shared, root, monkeypatch)
    return root


@pytest.fixture
def on_sshd(root: Path) -> Iterator[Workbench]:  # noqa: ARG001  the environment points to it
    with open_workbench() as opened:
        yield opened


def files(root: Path) -> list[str]:
    return sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file())


@contextmanager
def watching(folder: Path) -> Iterator[list[tuple[str, int]]]:
    """Note every name and size that is seen in a folder, as often as it can be looked at."""
    seen: list[tuple[str, int]] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            for path in folder.glob("*.csv"):
                with suppress(FileNotFoundError):  # it was renamed between the two looks
                    sight = (path.name, path.stat().st_size)
                    if sight not in seen:
                        seen.append(sight)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


def test_the_file_is_what_rokt_takes(on_sshd: Workbench, root: Path) -> None:
    """One column of digests, line feeds, no header, no mark: byte for byte what was prepared."""
    prepared = audience(1_234)
    receipt = send(on_sshd, on_sshd.plan(prepared, list="VIP", via="sftp"), patience=AT_ONCE)
    [name] = files(root)
    content = (root / name).read_bytes()
    assert content == b"".join(f"{value}\n".encode() for value in prepared.identifiers)
    assert receipt.batches[0].name == str(root / name)
    assert name.startswith(f"{LISTS}/VIP/include-")


def test_plain_addresses_arrive_in_utf_8(on_sshd: Workbench, root: Path) -> None:
    """Plain addresses go as they were prepared, one a line."""
    prepared = audience(3, output="plain")
    send(on_sshd, on_sshd.plan(prepared, list="VIP", via="sftp"), patience=AT_ONCE)
    [name] = files(root)
    assert (root / name).read_text(encoding="utf-8").split("\n") == [*addresses(3), ""]


def test_the_name_comes_only_when_the_file_is_whole(on_sshd: Workbench, root: Path) -> None:
    """Who watches the folder sees a dot-file grow, and the final name at its full size only."""
    prepared = audience(100_000)
    plan = on_sshd.plan(prepared, list="VIP", via="sftp")
    with watching(root / LISTS / "VIP") as seen:
        send(on_sshd, plan, patience=AT_ONCE)
        time.sleep(0.05)
    whole = 65 * 100_000
    hidden = [size for name, size in seen if name.startswith(".")]
    assert {size for name, size in seen if not name.startswith(".")} == {whole}
    assert len(hidden) > 1
    assert min(hidden) < whole


def test_a_file_nobody_took_is_said_to_lie_there(on_sshd: Workbench) -> None:
    """Where no pick-up is seen the delivery stands, and the receipt says where the file is."""
    receipt = send(on_sshd, on_sshd.plan(audience(5), via="sftp"), patience=AT_ONCE)
    assert (receipt.delivered, receipt.picked_up_seconds) == (True, None)
    assert "the file still lies on the server" in receipt.describe()


def test_conversions_lie_in_their_own_folder(on_sshd: Workbench, root: Path) -> None:
    """People who bought go to the conversions folder and to no list."""
    receipt = on_sshd.deliver(on_sshd.plan_conversions(audience(5)))
    assert [os.path.dirname(name) for name in files(root)] == [CONVERSIONS]  # noqa: PTH120
    assert "5 of 5 added to the conversions" in receipt.describe()


def test_a_large_audience_is_several_files(on_sshd: Workbench, root: Path) -> None:
    """Each piece of a plan is a file of its own, and together they hold everybody once."""
    plan = in_pieces(on_sshd, audience(100), rows=40, in_flight=1, via="sftp")
    receipt = send(on_sshd, plan, patience=AT_ONCE)
    lines = [line for name in files(root) for line in (root / name).read_text().splitlines()]
    assert ([batch.rows for batch in receipt.batches], len(files(root))) == ([40, 40, 20], 3)
    assert (len(lines), frozenset(lines)) == (100, digests(addresses(100)))


def test_an_older_half_file_is_written_over(on_sshd: Workbench, root: Path) -> None:
    """What a killed delivery left under the dot-name does not get into the file."""
    plan = on_sshd.plan(audience(5), list="VIP", via="sftp")
    send(on_sshd, plan, patience=AT_ONCE)
    [name] = files(root)
    content = (root / name).read_bytes()
    final = root / name
    final.rename(final.with_name(f".{final.name}"))
    final.with_name(f".{final.name}").write_bytes(content * 9)
    again = on_sshd.plan(audience(5), list="VIP", via="sftp", allow={"repeat"})
    send(on_sshd, again, patience=AT_ONCE)
    assert [(root / left).read_bytes() for left in files(root) if "/." not in left] == [content]


def test_another_host_key_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the server shows another key nothing is sent, and the message shows both."""
    with OpenSshServer(tmp_path / "sshd") as server:
        root = folders_below(server.root / "rokt")
        point_to(server, root, monkeypatch)
        pinned = server.host_key
        server.replace_host_key()
        with open_workbench() as workbench:
            error = failure(workbench, workbench.plan(audience(5), via="sftp"), patience=AT_ONCE)
            assert [f.well for f in workbench.check() if f.what == "SFTP"] == [False]
        assert (type(error), error.receipt.status) == (NotTrusted, "refused")
        assert [part in str(error) for part in (pinned, server.host_key)] == [True, True]
        assert files(root) == []


def test_without_a_pinned_key_nothing_is_sent(shared: OpenSshServer, root: Path) -> None:
    """Where no host key is pinned the message shows the one to confirm, and nothing is sent."""
    channel = SftpChannel(
        shared.host,
        port=shared.port,
        username=shared.username,
        key_file=shared.key_file,
        passphrase=SecretStr(""),
        host_key="",
        root=str(root),
    )
    [finding] = channel.check()
    assert (finding.well, shared.host_key in finding.detail) == (False, True)
    assert "ROKT_SFTP_HOST_KEY" in finding.detail
    with pytest.raises(NotTrusted, match="No host key is pinned"):
        channel.picked_up("/")


def test_a_fingerprint_copied_with_its_dots_counts_as_not_set(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What still holds the dots of an example is no key to trust anybody by."""
    assert root.exists()
    monkeypatch.setenv("ROKT_SFTP_HOST_KEY", "SHA256:abc…")
    with open_workbench() as workbench, pytest.raises(SettingsError, match="ROKT_SFTP_HOST_KEY"):
        workbench.plan(audience(5), via="sftp")


@pytest.mark.parametrize("spoil", ["missing", "a file"])
def test_a_folder_that_is_not_there_is_refused(on_sshd: Workbench, root: Path, spoil: str) -> None:
    """Where Rokt's own folder is missing, or a file lies in its place, nothing is made up."""
    (root / LISTS).rmdir()
    if spoil == "a file":
        (root / LISTS).touch()
    error = failure(on_sshd, on_sshd.plan(audience(5), list="VIP", via="sftp"), patience=AT_ONCE)
    assert (type(error), error.receipt.batches[0].attempts) == (Refused, 1)
    assert "A folder is missing" in str(error)
    assert files(root) == ([LISTS] if spoil == "a file" else [])


def test_a_server_that_is_gone_is_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that does not answer is tried again, then reported as failed."""
    with OpenSshServer(tmp_path / "sshd") as server:
        point_to(server, folders_below(server.root / "rokt"), monkeypatch)
    with open_workbench() as workbench:
        error = failure(workbench, workbench.plan(audience(5), via="sftp"), patience=AT_ONCE)
    assert (type(error), error.receipt.batches[0].attempts) == (Unavailable, 2)
    assert error.receipt.status == "failed"


def test_a_server_that_goes_while_pickup_is_watched_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A delivered file stays delivered when the line breaks while its pick-up is waited for."""
    with OpenSshServer(tmp_path / "sshd") as server:
        point_to(server, folders_below(server.root / "rokt"), monkeypatch)
        with open_workbench() as workbench:
            patient = Patience(pickup_seconds=0.5)
            plan = workbench.plan(audience(5), via="sftp")
            receipt = send(
                workbench,
                plan,
                patience=patient,
                progress=lambda p: server.stop() if p.stage == "Sending" else None,
            )
    assert (receipt.delivered, receipt.picked_up_seconds) == (True, None)


@contextmanager
def cut_once(server: OpenSshServer, when: Callable[[], object]) -> Iterator[int]:
    """Stand between client and server, and cut one connection when something is true."""
    listener = socket.create_server((server.host, 0))
    is_cut = threading.Event()

    def pass_on(source: socket.socket, sink: socket.socket, *, answers: bool) -> None:
        with suppress(OSError):
            while block := source.recv(1 << 16):
                if answers and not is_cut.is_set() and when():
                    is_cut.set()
                    break
                sink.sendall(block)
        for side in (source, sink):
            with suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)

    def accept() -> None:
        with suppress(OSError):
            while True:
                client = opened.enter_context(listener.accept()[0])
                behind = opened.enter_context(socket.create_connection((server.host, server.port)))
                for pair, answers in (((client, behind), False), ((behind, client), True)):
                    both_ways = partial(pass_on, *pair, answers=answers)
                    threading.Thread(target=both_ways, daemon=True).start()

    with ExitStack() as opened, listener:
        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def test_a_lost_answer_to_the_rename_is_in_doubt(
    shared: OpenSshServer, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the line breaks after the rename the batch is in doubt; the next call makes sure."""
    folder = root / LISTS / "VIP"
    with cut_once(shared, lambda: [*folder.glob("[!.]*.csv")]) as port:
        monkeypatch.setenv("ROKT_SFTP_PORT", str(port))
        with open_workbench() as workbench:
            plan = workbench.plan(audience(5), list="VIP", via="sftp")
            with pytest.raises(InDoubt):
                send(workbench, plan, patience=Patience(attempts=1, pickup_seconds=0))
            assert workbench.history()[0].status == "in_doubt"
            receipt = send(workbench, plan, patience=AT_ONCE)
    assert (receipt.delivered, receipt.batches[0].attempts, len(files(root))) == (True, 2, 1)


def test_a_line_cut_in_the_middle_is_taken_up_again(
    shared: OpenSshServer, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the line breaks while a file grows, the second try writes it whole and alone."""
    folder = root / LISTS / "VIP"
    with cut_once(shared, lambda: [*folder.glob(".*.csv")]) as port:
        monkeypatch.setenv("ROKT_SFTP_PORT", str(port))
        with open_workbench() as workbench:
            plan = workbench.plan(audience(5_000), list="VIP", via="sftp")
            receipt = send(workbench, plan, patience=AT_ONCE)
    [name] = files(root)
    assert (receipt.delivered, receipt.batches[0].attempts) == (True, 2)
    assert frozenset((root / name).read_text().split()) == digests(addresses(5_000))
