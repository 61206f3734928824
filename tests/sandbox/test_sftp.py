from __future__ import annotations

import hashlib
import io
import os
import socket
import subprocess
import time
from pathlib import Path

import paramiko
import pytest

from rokt_helpers import contract
from rokt_helpers.sandbox import Sandbox
from rokt_helpers.sandbox.sftp_tree import Tree, normalise
from tests.sandbox.wires import HELLO, LIST_FOLDER, connect, put, wait_for

LINE = f"{HELLO}\n".encode()
CONVERSIONS = contract.CONVERSIONS_FOLDER


def test_staged_upload(box: Sandbox, sftp: paramiko.SFTPClient) -> None:
    """A dot file is ignored until it is renamed; then it is applied and vanishes."""
    staged, final = f"{LIST_FOLDER}/.people.csv", f"{LIST_FOLDER}/people.csv"
    put(sftp, staged, LINE)
    time.sleep(0.3)
    assert sftp.listdir(LIST_FOLDER) == [".people.csv"]
    assert box.files() == []
    sftp.posix_rename(staged, final)
    wait_for(lambda: sftp.listdir(LIST_FOLDER) == [])
    assert box.members(contract.DEFAULT_LIST) == {HELLO}
    (file,) = box.files()
    assert (file.path, file.outcome, file.identifiers) == (final, "picked_up", 1)


def test_plain_addresses_in_a_new_list(box: Sandbox, sftp: paramiko.SFTPClient) -> None:
    """A list's folder can be made; addresses in it are trimmed, lower-cased and hashed."""
    folder = f"{contract.AUDIENCE_FOLDER}/include/US_Customers"
    sftp.mkdir(folder)
    put(sftp, f"{folder}/people.txt", b" HELLO@example.com \r\nzoe@example.org\r\n")
    wait_for(box.files)
    zoe = hashlib.sha256(b"zoe@example.org").hexdigest()
    assert box.members("US_Customers") == {HELLO, zoe}


def test_exclude_folder(box: Sandbox, sftp: paramiko.SFTPClient) -> None:
    """A file in the exclude folder takes its people off the list of that name."""
    put(sftp, f"{LIST_FOLDER}/in.csv", LINE + b"a" * 64)
    wait_for(box.files)
    put(sftp, f"{LIST_FOLDER.replace('include', 'exclude')}/out.csv", LINE)
    wait_for(lambda: len(box.files()) == 2)
    assert box.members(contract.DEFAULT_LIST) == {"a" * 64}


@pytest.mark.parametrize("folder", ["/upload/conversions", "/upload/conversion"])
def test_conversions(box: Sandbox, sftp: paramiko.SFTPClient, folder: str) -> None:
    """Conversions arrive under the folder's new name and its old one."""
    put(sftp, f"{folder}/orders.csv", LINE)
    wait_for(box.files)
    assert box.conversions() == {HELLO}
    assert box.files()[0].path == f"{CONVERSIONS}/orders.csv"
    assert box.lists() == {contract.DEFAULT_LIST: 0}


def test_rejected_file(box: Sandbox, sftp: paramiko.SFTPClient) -> None:
    """A file that breaks a rule is deleted too, its reason is kept, and no list changes."""
    put(sftp, f"{LIST_FOLDER}/bad.csv", b"email\nhello@example.com\n")
    wait_for(lambda: sftp.listdir(LIST_FOLDER) == [])
    (file,) = box.files()
    assert (file.outcome, file.identifiers) == ("rejected", 0)
    assert "heading" in file.reason
    assert box.members(contract.DEFAULT_LIST) == frozenset()


def test_too_large(box: Sandbox) -> None:
    """A file above Rokt's limit is rejected without being read."""
    path = box.folder / "sftp" / LIST_FOLDER.strip("/") / "large.csv"
    with path.open("wb") as stream:
        stream.truncate(contract.MAX_UPLOAD_BYTES + 1)
    wait_for(box.files)
    assert "larger than 200,000,000 bytes" in box.files()[0].reason


def test_a_growing_file_is_left() -> None:
    """A file is not taken as long as it grows."""
    with Sandbox(pickup_seconds=0.4, referral_days=0) as box, connect(box) as client:
        with client.open(f"{LIST_FOLDER}/growing.csv", "wb") as remote:
            for _ in range(15):
                remote.write(LINE)
                remote.flush()
                time.sleep(0.04)
            assert box.files() == []
        wait_for(box.files)
        assert box.files()[0].identifiers == 15


def test_rename_over_another(sftp: paramiko.SFTPClient) -> None:
    """A plain rename over an existing file is refused, a POSIX rename replaces it."""
    old, new = f"{LIST_FOLDER}/.a", f"{LIST_FOLDER}/.b"
    put(sftp, old, b"a")
    put(sftp, new, b"b")
    with pytest.raises(OSError, match="Failure"):
        sftp.rename(old, new)
    sftp.posix_rename(old, new)
    with sftp.open(new) as remote:
        assert remote.read() == b"a"


@pytest.mark.parametrize(
    "path",
    [
        "/downloads/new.csv",
        "/new.csv",
        "/upload/new.csv",
        "/upload/custom-audience/include/new.csv",
        f"{LIST_FOLDER}/below/new.csv",
        "/upload/conversions/../../downloads/new.csv",
    ],
)
def test_where_nobody_may_write(sftp: paramiko.SFTPClient, path: str) -> None:
    """Files may be written right inside upload folders and nowhere else."""
    with pytest.raises(PermissionError):
        put(sftp, path, LINE)


def test_downloads_are_read_only(sftp: paramiko.SFTPClient) -> None:
    """Nothing in the downloads can be changed, renamed or removed, from either side."""
    name = f"/downloads/{min(sftp.listdir('/downloads'))}"
    put(sftp, f"{LIST_FOLDER}/.a", b"a")
    for change in (
        lambda: sftp.remove(name),
        lambda: sftp.open(name, "r+b"),
        lambda: sftp.open(name, "ab"),
        lambda: sftp.posix_rename(name, f"{LIST_FOLDER}/.b"),
        lambda: sftp.posix_rename(f"{LIST_FOLDER}/.a", name),
        lambda: sftp.truncate(name, 0),
        lambda: sftp.rmdir("/downloads"),
        lambda: sftp.mkdir("/downloads/new"),
    ):
        with pytest.raises(PermissionError):
            change()
    assert sftp.stat(name).st_size


@pytest.mark.parametrize("path", ["/new", "/upload/new", f"{LIST_FOLDER}/new", f"{CONVERSIONS}/n"])
def test_where_nobody_may_make_folders(sftp: paramiko.SFTPClient, path: str) -> None:
    """Only the folder of a list may be made."""
    with pytest.raises(PermissionError):
        sftp.mkdir(path)


def test_no_way_out(box: Sandbox, sftp: paramiko.SFTPClient) -> None:
    """Dots lead no further up than the root, and a symbolic link cannot be made."""
    assert sftp.normalize("../../../etc") == "/etc"
    assert sftp.listdir("/../..") == ["downloads", "upload"]
    for path in ("/../../etc/passwd", "../keys/practice.pem", "/../keys/practice.pem"):
        with pytest.raises(FileNotFoundError):
            sftp.open(path)
    with pytest.raises(OSError, match="unsupported"):
        sftp.symlink("/etc/passwd", f"{LIST_FOLDER}/link.csv")
    with pytest.raises(FileNotFoundError):
        normalise("a\\..\\b")
    assert Tree(box.folder).local("/../x") == box.folder / "x"


def test_only_the_key_opens(box: Sandbox) -> None:
    """Another key, another name or a password stay outside."""
    stranger = paramiko.ECDSAKey.generate()
    for wrong in ({"pkey": stranger}, {"username": "root"}, {"pkey": None, "password": "x"}):
        with pytest.raises(paramiko.AuthenticationException), connect(box, **wrong):
            pass


def test_nothing_but_sftp(box: Sandbox) -> None:
    """There is no shell and no command behind the door."""
    with connect(box) as client:
        channel = client.get_channel()
        assert channel is not None
        session = channel.get_transport().open_session()
        with pytest.raises(paramiko.SSHException):
            session.exec_command("id")


def test_the_fingerprint(box: Sandbox, tmp_path: Path) -> None:
    """The environment's host key is the one that ssh-keygen prints for what the server shows."""
    there = box.environment
    with paramiko.Transport((there["ROKT_SFTP_HOST"], int(there["ROKT_SFTP_PORT"]))) as wire:
        wire.start_client(timeout=5)
        key = wire.get_remote_server_key()
    file = tmp_path / "host.pub"
    file.write_text(f"{key.get_name()} {key.get_base64()}\n")
    shown = subprocess.run(
        ["ssh-keygen", "-l", "-f", str(file)], capture_output=True, text=True, check=True
    )
    assert shown.stdout.split()[1] == there["ROKT_SFTP_HOST_KEY"]


def test_clients_that_vanish(box: Sandbox, capfd: pytest.CaptureFixture[str]) -> None:
    """Clients that leave at any point disturb neither the next one nor the screen."""
    address = (box.environment["ROKT_SFTP_HOST"], int(box.environment["ROKT_SFTP_PORT"]))
    socket.create_connection(address).close()
    with socket.create_connection(address) as wire:
        wire.sendall(b"GET / HTTP/1.1\r\n\r\n")
    with connect(box) as client:
        handle = client.open(f"{LIST_FOLDER}/.half.csv", "wb")
        handle.write(LINE)
        channel = client.get_channel()
        assert channel is not None
        channel.get_transport().sock.close()
    with connect(box) as client:
        assert client.listdir("/") == ["downloads", "upload"]
    assert capfd.readouterr().err == ""


def test_speed(box: Sandbox, sftp: paramiko.SFTPClient) -> None:
    """Eight megabytes arrive whole within a few seconds."""
    content = os.urandom(8_000_000)
    began = time.monotonic()
    sftp.putfo(io.BytesIO(content), f"{CONVERSIONS}/.large")
    assert time.monotonic() - began < 5
    arrived = box.folder / "sftp" / CONVERSIONS.strip("/") / ".large"
    assert arrived.read_bytes() == content
