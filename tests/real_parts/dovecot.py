"""Dovecot on this computer, so that the IMAP wire is judged by a server in real use."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from email.message import Message
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from tests.real_parts.certificates import make_certificate
from tests.real_parts.programs import HOST, Program, free_port, program

__all__ = ["DovecotServer"]

CONFIGURATION = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = {host}
ssl = required
first_valid_uid = 0
auth_failure_delay = 0
login_trusted_networks =
namespace inbox {{
  inbox = yes
}}
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
"""

# The same in the words of Dovecot up to 2.3, and of 2.4, which knows none of the older ones.
UNTIL_2_3 = """\
ssl_cert = <{certificate}
ssl_key = <{certificate}
mail_location = maildir:{folder}/mail
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/users
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={folder}
}}
"""
SINCE_2_4 = """\
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
ssl_server_cert_file = {certificate}
ssl_server_key_file = {certificate}
mail_driver = maildir
mail_path = {folder}/mail
passdb passwd-file {{
  passwd_file_path = {folder}/users
  default_password_scheme = PLAIN
}}
userdb static {{
  fields {{
    uid = nobody
    gid = nogroup
    home = {folder}
  }}
}}
"""


class DovecotServer:
    """A running Dovecot with one mailbox; stops at the end of the ``with`` block.

    Parameters
    ----------
    options
        Further lines of its configuration.

    Attributes
    ----------
    host, port, username, password, authority
        What a client needs to log in and to trust.
    mail
        The mailbox, as a Maildir.
    """

    username = "reader@client.example"
    password = "pass canary wörd"

    def __init__(self, *, options: str = "") -> None:
        if os.geteuid() != 0:
            pytest.fail("Dovecot starts as root only: run this test as root, as in a container")
        # A short path: the server's sockets lie in it. The mail is read by nobody.
        self.folder = Path(tempfile.mkdtemp(prefix="imap-"))
        self.folder.chmod(0o755)
        self.mail = self.folder / "mail"
        self.host, self.port = HOST, free_port()
        self._delivered = 0
        self.make_folder("")
        users = f"{self.username}:{{PLAIN}}{self.password}::::::\n"
        (self.folder / "users").write_text(users, encoding="utf-8")
        (self.folder / "users").chmod(0o644)
        self.authority, certificate = make_certificate(self.folder)
        self._configuration = self.folder / "dovecot.conf"
        self._configuration.write_text(
            (_words() + CONFIGURATION).format(**vars(self), certificate=certificate) + options,
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
        words = [program("dovecot", "dovecot-imapd"), "-F", "-c", str(self._configuration)]
        self._program = Program(words, port=self.port, log_file=self.folder / "start.log")

    def make_folder(self, name: str) -> None:
        """Make a folder in the mailbox, by its name on the disk: ``.Reports``."""
        folder = self.mail / name
        for part in (folder, *(folder / inner for inner in ("new", "cur", "tmp"))):
            part.mkdir(parents=True, exist_ok=True)
            shutil.chown(part, "nobody", "nogroup")

    def deliver(self, message: Message | bytes, *, folder: str = "") -> Path:
        """Put a message into a folder as a mail server does; return where it lies."""
        self._delivered += 1
        content = message if isinstance(message, bytes) else message.as_bytes()
        name = f"{self._delivered:04}.test.host"
        passing = self.mail / folder / "tmp" / name
        passing.write_bytes(content)
        shutil.chown(passing, "nobody", "nogroup")
        return passing.rename(self.mail / folder / "new" / name)

    def mail_files(self) -> list[str]:
        """Return every message with its marks, which stand in the names of the files."""
        return sorted(
            str(path.relative_to(self.mail))
            for inner in ("new", "cur")
            for path in self.mail.rglob(f"{inner}/*")
        )


def _words() -> str:
    """Give the lines whose words depend on the version; that of the configuration stands first."""
    said = subprocess.check_output([program("dovecot", "dovecot-imapd"), "--version"], text=True)
    older = tuple(map(int, re.findall(r"\d+", said)[:2])) < (2, 4)
    return UNTIL_2_3 if older else SINCE_2_4
