"""vsftpd on this computer, so that the FTPS wire is judged by a server in real use.

It asks for TLS on both connections, and by default for the same TLS session on both. Clients log
in as ``anonymous`` with a password from a list: the one way of vsftpd to check a password of the
test's own that needs no account on this computer.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
import pytest

from tests.real_parts.certificates import make_certificate
from tests.real_parts.programs import HOST, Program, free_port, program

__all__ = ["VsftpdServer"]

CONFIGURATION = """\
listen=YES
listen_address={host}
listen_port={port}
background=NO
anonymous_enable=YES
local_enable=NO
anon_root={root}
ftp_username={user}
secure_email_list_enable=YES
email_password_file={folder}/passwords
secure_chroot_dir={folder}/empty
delay_failed_login=0
ssl_enable={tls}
allow_anon_ssl=YES
force_anon_logins_ssl=YES
force_anon_data_ssl=YES
rsa_cert_file={certificate}
ssl_ciphers=HIGH
xferlog_enable=YES
log_ftp_protocol=YES
dual_log_enable=YES
vsftpd_log_file={folder}/vsftpd.log
"""


class VsftpdServer:
    """A running vsftpd; stops at the end of the ``with`` block.

    Parameters
    ----------
    tls
        Whether it offers any encryption.
    options
        Further lines of its configuration.

    Attributes
    ----------
    host, port, username, password, authority
        What a client needs to log in and to trust.
    root
        The folder in which a client arrives.
    log_file
        Every command and answer.
    """

    username = "anonymous"
    password = "pass canary wörd"

    def __init__(self, *, tls: bool = True, options: str = "") -> None:
        if os.geteuid() != 0:
            pytest.fail("vsftpd starts as root only: run this test as root, as in a container")
        # The server's processes give up their rights, so the folder lies where all may enter.
        self.folder = Path(tempfile.mkdtemp(prefix="vsftpd-"))
        self.folder.chmod(0o755)
        self.root = self.folder / "root"
        self.host, self.port = HOST, free_port()
        self.log_file = self.folder / "vsftpd.log"
        for name in ("root", "empty"):
            (self.folder / name).mkdir(mode=0o755)
        (self.folder / "passwords").write_text(f"{self.password}\n", encoding="utf-8")
        self.authority, certificate = make_certificate(self.folder)
        self._configuration = self.folder / "vsftpd.conf"
        self._configuration.write_text(
            CONFIGURATION.format(
                **vars(self), tls="YES" if tls else "NO", certificate=certificate, user="ftp"
            )
            + options,
            encoding="utf-8",
        )
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
        """Stop at once, and remove the folder."""
        self.stop()
        shutil.rmtree(self.folder)

    def stop(self) -> None:
        """End the server and the connections it has."""
        self._program.stop()

    def restart(self) -> None:
        """Start, on the same port."""
        words = [program("vsftpd", "vsftpd"), str(self._configuration)]
        self._program = Program(words, port=self.port, log_file=self.folder / "start.log")

    def hang_up(self) -> None:
        """End the connections, as a server does that is taken down; new ones are taken."""
        for process in reversed(self._program.children()):
            with suppress(psutil.NoSuchProcess):  # it went with another one
                process.kill()
