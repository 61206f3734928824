"""One file over SFTP, whatever happens on the way: OpenSSH's own server, and a line that breaks."""

from __future__ import annotations

import os
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import paramiko
import polars as pl
import pytest

from rokt_helpers import contract
from rokt_helpers.channels.sftp import SftpChannel
from rokt_helpers.channels.sftp_transfer import Lines
from rokt_helpers.errors import InDoubt, Refused, Unavailable
from tests.deliver.sftp_wires import Traffic, channel_to, deliver_file, line_to, one_way_server
from tests.real_parts.sshd import OpenSshServer

LIST = f"{contract.AUDIENCE_FOLDER}/include/VIP".strip("/")
MANY = 40_000
# A server whose disk takes 100 blocks of any one file.
SMALL_DISK = "ulimit -f 100; trap '' XFSZ; exec {sftp_server} -d {root}"


def people(count: int) -> pl.Series:
    return pl.select(sha256=pl.int_range(count).cast(pl.String).str.zfill(64)).to_series()


def written(identifiers: pl.Series) -> bytes:
    return "".join(f"{value}\n" for value in identifiers).encode()


CONTENT = written(people(MANY))


def folder_on(server: OpenSshServer) -> Path:
    folder = server.root / LIST
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSshServer]:
    with OpenSshServer(tmp_path_factory.mktemp("sshd") / "server") as running:
        yield running


@pytest.fixture
def folder(server: OpenSshServer) -> Path:
    """The list's folder, which is empty."""
    folder = folder_on(server)
    for path in folder.iterdir():
        path.unlink()
    return folder


@pytest.fixture
def channel(server: OpenSshServer) -> Iterator[SftpChannel]:
    channel = channel_to(server)
    yield channel
    channel.close()


def lying(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# --- the content ------------------------------


@pytest.mark.parametrize("piece_bytes", [1, 7, 65, 1_000, 1 << 20])
def test_pieces_make_the_file(piece_bytes: int) -> None:
    """In pieces of any size a file is the identifiers, one a line, and its size is known before."""
    identifiers = pl.Series("email", ["a@example.com", "über@example.com", "b@example.com"] * 9)
    lines = Lines(identifiers)
    pieces = [*lines.pieces(piece_bytes)]
    content = b"".join(piece for _, piece in pieces)
    assert (content, lines.size_bytes) == (written(identifiers), len(content))
    assert [offset for offset, _ in pieces] == [*range(0, len(content), piece_bytes)]


def test_a_large_file_is_never_whole_in_memory() -> None:
    """A file of 130 MB is made with less than half of that at any time."""
    lines = Lines(people(2_000_000))
    tracemalloc.start()
    try:
        assert sum(len(piece) for _, piece in lines.pieces(255_000)) == lines.size_bytes
        assert tracemalloc.get_traced_memory()[1] < lines.size_bytes / 2
    finally:
        tracemalloc.stop()


# --- going on ------------------------------


def cut_half_way(traffic: Traffic) -> bool:
    return traffic.up > len(CONTENT) / 2


def test_a_cut_upload_is_gone_on_with(server: OpenSshServer, folder: Path) -> None:
    """After a cut the dot-file is gone on with: what had arrived is not sent a second time."""
    with line_to(server, cut_when=cut_half_way) as (port, traffic):
        channel = channel_to(server, port=port)
        with pytest.raises(Unavailable, match="The connection broke"):
            deliver_file(channel, people(MANY))
        [(hidden, part)] = lying(folder).items()
        assert (hidden[0], 0 < len(part) < len(CONTENT)) == (".", True)
        sent_before = traffic.up
        deliver_file(channel, people(MANY))
        channel.close()
    assert lying(folder) == {"file-0001.csv": CONTENT}
    # One piece may be written over, and every request takes a little.
    assert traffic.up - sent_before < len(CONTENT) - len(part) + 400_000


def test_another_process_goes_on(server: OpenSshServer, folder: Path) -> None:
    """What a killed process left is taken up by the next one: a whole file is only proved."""
    (folder / ".file-0001.csv").write_bytes(CONTENT)
    with line_to(server) as (port, traffic):
        channel = channel_to(server, port=port)
        deliver_file(channel, people(MANY))
        channel.close()
    assert lying(folder) == {"file-0001.csv": CONTENT}
    assert traffic.up < 100_000 < len(CONTENT) < traffic.down


def test_a_long_beginning_is_gone_on_with(channel: SftpChannel, folder: Path) -> None:
    """Where half of a large file lies there, the rest follows and the whole is proved."""
    identifiers = people(600_000)
    content = written(identifiers)
    (folder / ".file-0001.csv").write_bytes(content[: len(content) // 2])
    deliver_file(channel, identifiers)
    assert lying(folder) == {"file-0001.csv": content}


@pytest.mark.parametrize(
    "rubbish", [b"x" * 700, CONTENT[:-1] + b"x", b"x" + CONTENT[1:], CONTENT + b"x", b""]
)
def test_what_is_not_ours_is_begun_anew(channel: SftpChannel, folder: Path, rubbish: bytes) -> None:
    """Whatever lies under the dot-name, the file that gets the name is the one that was sent."""
    (folder / ".file-0001.csv").write_bytes(rubbish)
    deliver_file(channel, people(MANY))
    assert lying(folder) == {"file-0001.csv": CONTENT}


# --- the rename ------------------------------


def test_a_delivered_file_is_not_sent_again(server: OpenSshServer, folder: Path) -> None:
    """A file that has its name already is confirmed and not written."""
    (folder / "file-0001.csv").write_bytes(CONTENT)
    before = (folder / "file-0001.csv").stat()
    with line_to(server) as (port, traffic):
        channel = channel_to(server, port=port)
        assert deliver_file(channel, people(MANY)).endswith("/VIP/file-0001.csv")
        channel.close()
    after = (folder / "file-0001.csv").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert traffic.up < 100_000


def test_a_file_picked_up_unheard_is_not_sent_again(server: OpenSshServer, folder: Path) -> None:
    """When the answer to the rename is lost and Rokt takes the file, the next call confirms it."""
    final = folder / "file-0001.csv"
    with line_to(server, cut_when=lambda _: final.exists()) as (port, traffic):
        channel = channel_to(server, port=port)
        with pytest.raises(InDoubt):
            deliver_file(channel, people(MANY))
        final.unlink()
        sent_before = traffic.up
        assert channel.picked_up(deliver_file(channel, people(MANY)))
        channel.close()
    assert (lying(folder), traffic.up - sent_before < 100_000) == ({}, True)


def test_a_file_that_is_taken_at_once_is_delivered(channel: SftpChannel, folder: Path) -> None:
    """A server that takes each file the moment it has its name makes no delivery fail."""
    done = threading.Event()
    taken = []

    def take() -> None:
        while not done.is_set():
            for path in folder.glob("[!.]*.csv"):
                taken.append(path.name)
                path.unlink()

    thread = threading.Thread(target=take)
    thread.start()
    try:
        names = [deliver_file(channel, people(9), name=f"file{n}") for n in range(20)]
    finally:
        done.set()
        thread.join()
    assert sorted([*taken, *lying(folder)]) == sorted(os.path.basename(n) for n in names)  # noqa: PTH119


def test_a_server_that_knows_only_the_plain_rename(tmp_path: Path) -> None:
    """Without OpenSSH's extensions a file is renamed plainly, and moved in small requests."""
    command = "internal-sftp -d {root} -P posix-rename,limits"
    with OpenSshServer(tmp_path / "sshd", command=command) as server:
        folder, channel = folder_on(server), channel_to(server)
        deliver_file(channel, people(MANY))
        channel.close()
        assert lying(folder) == {"file-0001.csv": CONTENT}


# --- a server that does not do it ------------------------------


def test_a_full_disk_can_be_tried_again(tmp_path: Path) -> None:
    """A disk that is full is said to be so; once there is room the upload goes on."""
    with OpenSshServer(tmp_path / "sshd", command=SMALL_DISK) as server:
        folder, channel = folder_on(server), channel_to(server)
        with pytest.raises(Unavailable, match="A full disk or a quota"):
            deliver_file(channel, people(MANY))
        [(name, part)] = lying(folder).items()
        assert (name, 0 < len(part) < len(CONTENT)) == (".file-0001.csv", True)
        server.command = "internal-sftp -d {root}"
        server.restart()
        deliver_file(channel, people(MANY))
        channel.close()
        assert lying(folder) == {"file-0001.csv": CONTENT}


def test_a_channel_that_closes_can_be_tried_again(tmp_path: Path) -> None:
    """When SFTP ends in the middle, and SSH does not, the next call goes on on a new connection."""
    with OpenSshServer(tmp_path / "sshd", command="{sftp_server} -d {root}") as server:
        folder, ended = folder_on(server), threading.Event()

        def end_it(traffic: Traffic) -> bool:
            if cut_half_way(traffic) and not ended.is_set():
                ended.set()
                for process in server.processes():
                    if process.name() == "sftp-server":
                        process.kill()
            return False

        with line_to(server, cut_when=end_it) as (port, _):
            channel = channel_to(server, port=port)
            with pytest.raises(Unavailable, match="The connection broke"):
                deliver_file(channel, people(MANY))
            assert [name[0] for name in lying(folder)] == ["."]
            deliver_file(channel, people(MANY))
            channel.close()
        assert lying(folder) == {"file-0001.csv": CONTENT}


@pytest.mark.parametrize("option", ["-R", "-P read", "-P mkdir", "-P rename,posix-rename"])
def test_a_right_that_is_missing_is_refused(tmp_path: Path, option: str) -> None:
    """Without the right to write, to read back, to make the list's folder or to rename: refused."""
    with OpenSshServer(tmp_path / "sshd", command=f"internal-sftp -d {{root}} {option}") as server:
        folder, channel = folder_on(server), channel_to(server)
        if option == "-P mkdir":
            folder.rmdir()
        with pytest.raises(Refused, match="The user may not"):
            deliver_file(channel, people(9))
        channel.close()
        assert [path for path in server.root.rglob("[!.]*") if path.is_file()] == []


def test_a_silent_server_is_given_up(tmp_path: Path) -> None:
    """A server that stops answering is given up after the time-out, and asked anew later."""
    with OpenSshServer(tmp_path / "sshd") as server:
        folder, channel = folder_on(server), channel_to(server, timeout_seconds=1.0)
        deliver_file(channel, people(9), name="before")
        serving = server.processes()
        for process in serving:
            process.suspend()
        with pytest.raises(Unavailable, match="TimeoutError"):
            deliver_file(channel, people(9))
        for process in serving:
            process.kill()
        deliver_file(channel, people(9))
        channel.close()
        assert sorted(lying(folder)) == ["before-0001.csv", "file-0001.csv"]


def test_a_connection_that_ended_unseen_is_opened_anew(server: OpenSshServer, folder: Path) -> None:
    """When the server ended an idle connection, the next call does not even fail."""
    channel = channel_to(server)
    deliver_file(channel, people(9), name="before")
    server.restart()
    for thread in threading.enumerate():
        if isinstance(thread, paramiko.Transport):
            thread.join(5)  # it hears of the end
    deliver_file(channel, people(9))
    channel.close()
    assert sorted(lying(folder)) == ["before-0001.csv", "file-0001.csv"]


def test_a_server_that_reads_only_what_is_closed(tmp_path: Path) -> None:
    """Where a file cannot be read while it is written, the proof comes after the writing."""
    folder = tmp_path / LIST
    folder.mkdir(parents=True)
    with one_way_server(tmp_path) as (settings, opened):
        channel = SftpChannel("127.0.0.1", **settings)
        (folder / ".file-0001.csv").write_bytes(CONTENT[:1_000])
        deliver_file(channel, people(MANY))
        channel.close()
    assert lying(folder) == {"file-0001.csv": CONTENT}
    assert [bool(flags & os.O_RDWR) for flags in opened] == [True, True, False, False]


# --- folders and downloads ------------------------------


def test_the_older_conversions_folder_is_found(server: OpenSshServer, tmp_path: Path) -> None:
    """Where only the older folder is there, the check names it and the setting to use."""
    root = server.root / tmp_path.name
    (root / "upload/conversion").mkdir(parents=True)
    channel = channel_to(server, root=str(root))
    said = {finding.what: finding for finding in channel.check()}
    channel.close()
    newer = said[f"SFTP folder {contract.CONVERSIONS_FOLDER}"]
    assert (newer.well, "/upload/conversion is there" in newer.detail) == (False, True)
    assert "ROKT_SFTP_CONVERSIONS_FOLDER" in newer.detail
    older = channel_to(server, root=str(root), conversions_folder="/upload/conversion")
    said = {finding.what: finding for finding in older.check()}
    older.close()
    assert said["SFTP folder /upload/conversion"].well


def test_a_download_is_the_file(
    channel: SftpChannel, server: OpenSshServer, tmp_path: Path
) -> None:
    """A file is fetched byte for byte, an empty one too, and only its owner may read it."""
    ready = server.root / contract.DOWNLOADS_FOLDER.strip("/")
    ready.mkdir()
    for name, content in {"many.csv": CONTENT, "empty.csv": b""}.items():
        (ready / name).write_bytes(content)
        channel.download(name, tmp_path / name)
        assert (tmp_path / name).read_bytes() == content
        assert (tmp_path / name).stat().st_mode & 0o077 == 0
    with pytest.raises(Refused):
        channel.download("none.csv", tmp_path / "none.csv")


# --- the host key ------------------------------


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_any_host_key_of_the_server_may_be_pinned(tmp_path: Path, kind: str) -> None:
    """A server with several host keys is trusted by the pinned one, whichever kind that is."""
    with OpenSshServer(tmp_path / "sshd") as server:
        other = server.add_host_key(kind)
        folder = folder_on(server)
        for pinned in (server.host_key, other):
            channel = channel_to(server, host_key=pinned)
            deliver_file(channel, people(9))
            channel.close()
        assert sorted(lying(folder)) == ["file-0001.csv"]
        assert [f.well for f in channel_to(server, host_key="SHA256:none").check()] == [False]
