"""OpenSSH's own server on this computer, so that the SFTP wire is judged by the real thing.

Starts sshd on a free port of the loopback address with keys of its own; leaves nothing behind.
"""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
import pytest

from run import find_part

__all__ = ["OpenSshServer"]

HOST = "127.0.0.1"
START_SECONDS = 10.0

# `StrictModes no`: the folders of a test are made by the test, not laid out like a home.
# `UsePAM`: without rights sshd cannot read the shadow file, and takes every account for locked
# unless PAM answers for it; as root it needs no PAM.
# `ForceCommand`: a client gets SFTP in the server's root folder, and no shell; another command
# than this may stand in for a server with other habits.
SFTP = "internal-sftp -d {root}"
CONFIGURATION = """\
ListenAddress {host}
Port {port}
{host_keys}
AuthorizedKeysFile "{folder}/client_key.pub"
PidFile none
UsePAM {pam}
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PubkeyAuthentication yes
PermitRootLogin prohibit-password
AllowTcpForwarding no
LogLevel VERBOSE
Subsystem sftp internal-sftp
ForceCommand {command}
"""


class OpenSshServer:
    """A running sshd; stops at the end of the ``with`` block.

    Parameters
    ----------
    folder
        An empty folder of the test's own. Keys, configuration, log and the root lie in it.
    command
        What answers a client, with ``{root}`` for the root and ``{sftp_server}`` for the
        program that comes with OpenSSH; see sftp-server(8) for its options.

    Attributes
    ----------
    host, port, username, key_file
        What a client needs to log in. The key has no passphrase.
    host_key
        The fingerprint to pin, ``SHA256:…``.
    root
        The folder in which a client arrives, and which relative paths start from. Nothing
        confines a client to it: `/upload` is the computer's own, ``{root}/upload`` is the test's.
    log_file
        What sshd has to say; each start adds to it.
    """

    def __init__(self, folder: Path, *, command: str = SFTP) -> None:
        self.folder = folder.resolve()
        self.root = self.folder / "root"
        self.host = HOST
        self.port = _free_port()
        self.username = getpass.getuser()
        self.key_file = self.folder / "client_key"
        self.log_file = self.folder / "sshd.log"
        self.command = command
        self._process: subprocess.Popen[bytes] | None = None
        self.root.mkdir(parents=True)
        _make_key(self.key_file)
        self._host_key_files = [self.folder / "host_key"]
        self.host_key = _make_key(self.folder / "host_key")
        self.restart()

    def __enter__(self) -> Self:
        """Give the server, which is running already."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop, whatever happened in the block."""
        self.stop()

    def stop(self) -> None:
        """End the server and the connections it has; harmless when it is not running."""
        if self._process is None:
            return
        if self._process.poll() is None:
            _end_family(self._process)
        self._process = None

    def restart(self) -> None:
        """Start, or stop and start again, on the same port with the host key that lies there."""
        self.stop()
        is_root = os.geteuid() == 0
        configuration, log = self.folder / "sshd_config", str(self.log_file)
        configuration.write_text(
            CONFIGURATION.format(
                **{**vars(self), "command": self._command()},
                host_keys="\n".join(f'HostKey "{file}"' for file in self._host_key_files),
                pam="no" if is_root else "yes",
            ),
            encoding="utf-8",
        )
        if is_root:
            # Debian's sshd wants this folder, which its service would have made.
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        # Its own session: a Ctrl-C meant for the tests does not stop it under them.
        self._process = subprocess.Popen(
            [_program("sshd"), "-D", "-f", str(configuration), "-E", log], start_new_session=True
        )
        self._wait()

    def replace_host_key(self) -> None:
        """Come back on the same port with another host key, as an impostor would."""
        self.stop()
        self.host_key = _make_key(self.folder / "host_key")
        self.restart()

    def add_host_key(self, kind: str) -> str:
        """Come back with one more host key, ``rsa`` or ``ecdsa``; give its fingerprint."""
        file = self.folder / f"host_key_{kind}"
        shown = _make_key(file, kind)
        self._host_key_files.append(file)
        self.restart()
        return shown

    def processes(self) -> list[psutil.Process]:
        """Give the processes that serve connections now, the listener left out."""
        if self._process is None:
            return []
        children: list[psutil.Process] = psutil.Process(self._process.pid).children(recursive=True)
        return children

    def _command(self) -> str:
        if "{sftp_server}" not in self.command:
            return self.command.format(root=self.root)
        return self.command.format(root=self.root, sftp_server=_sftp_server())

    def _wait(self) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self._process is not None:
            if self._process.poll() is not None:
                break
            try:
                with socket.create_connection((self.host, self.port), timeout=1) as connection:
                    if connection.recv(4) == b"SSH-":
                        return
            except OSError:
                time.sleep(0.02)
        self.stop()
        said = self.log_file.read_text(encoding="utf-8") if self.log_file.exists() else ""
        pytest.fail(f"OpenSSH's sshd did not start. It said: {said or 'nothing'}")


def _program(name: str) -> str:
    found = find_part("sshd") if name == "sshd" else shutil.which(name)
    if found is None:
        pytest.fail("OpenSSH's sshd is needed: apt-get install openssh-server")
    return found


def _sftp_server() -> str:
    """Return the program that sshd starts for SFTP; systems keep it in different folders."""
    for folder in ("/usr/lib/openssh", "/usr/libexec", "/usr/libexec/openssh", "/usr/lib/ssh"):
        if (program := Path(folder) / "sftp-server").exists():
            return str(program)
    pytest.fail("OpenSSH's sftp-server is needed: apt-get install openssh-sftp-server")


def _end_family(listener: subprocess.Popen[bytes]) -> None:
    # Each connection is a process in a session of its own, which outlives the listener. The
    # youngest ends first, so that each one's parent is still there to take note of it.
    for process in reversed(psutil.Process(listener.pid).children(recursive=True)):
        _kill(process)
    listener.kill()
    listener.wait()


def _kill(process: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
        process.kill()
        process.wait(timeout=0.2)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _make_key(file: Path, kind: str = "ed25519") -> str:
    """Make a key pair in place of the one that lies there; give its fingerprint."""
    for old in (file, file.with_name(file.name + ".pub")):
        old.unlink(missing_ok=True)
    keygen = _program("ssh-keygen")
    subprocess.run([keygen, "-q", "-t", kind, "-N", "", "-C", "", "-f", file], check=True)
    shown = subprocess.run([keygen, "-l", "-f", file], check=True, capture_output=True, text=True)
    return shown.stdout.split()[1]
