"""Lesson 5: a file is picked up as soon as it has its name, so it gets its name last."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import paramiko
import polars as pl

from rokt_helpers import contract
from rokt_helpers.academy.classroom import Classroom, addresses, prepared
from rokt_helpers.academy.exercises import Answer, Exercise, Marked, Note, Shown, right, wrong
from rokt_helpers.academy.lesson import Lesson
from rokt_helpers.deliver import Receipt
from rokt_helpers.sandbox import ReceivedFile

__all__ = ["SftpByHand"]

_PEOPLE: Final = 40
_NAME: Final = "members.csv"
_SLOW_SECONDS: Final = 0.8  # longer than the sandbox leaves a finished file lying
_LONGEST_SECONDS: Final = 10.0
_LONGEST_NAME: Final = 100


class SftpByHand(Lesson):
    """SFTP by hand and by helper."""

    number = "05"
    title = "SFTP by hand and by helper"

    _tries = 0  # each upload by hand gets a list of its own

    def by_hand(self) -> Note:
        """Upload a file under its final name over a slow line; say what Rokt made of it."""
        taken = self._upload(_NAME)
        return Note(
            (
                f"Half of the {_PEOPLE} lines were written, and the line was slow for a moment.",
                *(f"At the other side: {_told(file)}." for file in taken),
            )
        )

    def by_helper(self) -> Receipt:
        """Deliver the same people with the workbench."""
        workbench = self.room.workbench
        plan = workbench.plan(prepared(addresses(_PEOPLE)), list="By helper", via="sftp")
        return workbench.deliver(plan)

    def files(self) -> Shown:
        """Return every file that the sandbox has taken: ``path``, ``lines``, ``outcome``."""
        rows = [(file.path, file.identifiers, _told(file)) for file in self.room.sandbox.files()]
        columns = {"path": pl.String, "lines": pl.Int64, "outcome": pl.String}
        return Shown(pl.DataFrame(rows, columns, orient="row"))

    def _upload(self, while_writing: str) -> list[ReceivedFile]:
        """Write half a file, wait, write the rest, rename; return what was taken meanwhile."""
        self._tries += 1
        folder = f"{contract.AUDIENCE_FOLDER}/include/By hand {self._tries}"
        lines = [f"{address}\n".encode() for address in addresses(_PEOPLE)]
        half = len(lines) // 2
        with _line(self.room) as line:
            line.mkdir(folder)
            with line.open(f"{folder}/{while_writing}", "wb") as file:
                file.write(b"".join(lines[:half]))
                file.flush()
                time.sleep(_SLOW_SECONDS)
                file.write(b"".join(lines[half:]))
            if while_writing != _NAME and while_writing in line.listdir(folder):
                line.rename(f"{folder}/{while_writing}", f"{folder}/{_NAME}")
            self._wait_until_taken(line, folder)
        return [file for file in self.room.sandbox.files() if file.path.startswith(f"{folder}/")]

    def _wait_until_taken(self, line: paramiko.SFTPClient, folder: str) -> None:
        end = time.monotonic() + _LONGEST_SECONDS
        while line.listdir(folder) and time.monotonic() < end:
            time.sleep(0.05)

    @property
    def exercise(self) -> Exercise:
        """Ask what the file is called while it is written."""
        return Exercise(
            question=f"You upload {_NAME} by hand, over a slow line, and rename it to {_NAME} when "
            "it is whole. Which name do you give it while it is being written?",
            how="a file name",
            judge=self._judge,
        )

    def _judge(self, answer: Answer) -> Marked:
        """Try it on the sandbox, and look at what was taken."""
        name = str(answer).strip()
        if "/" in name or "\\" in name or name in {".", ".."} or len(name) > _LONGEST_NAME:
            return wrong("Wanted is a short name without a folder, such as another.csv.")
        try:
            taken = self._upload(name)
        except OSError:
            return wrong("The server does not take a file of that name. Try another.")
        if [(file.path.rpartition("/")[2], file.identifiers) for file in taken] == [
            (_NAME, _PEOPLE)
        ]:
            return right(
                f"It was tried just now: nothing was taken while it was being written, and then "
                f"all {_PEOPLE} lines at once. Rokt leaves a name that begins with a dot alone."
            )
        return wrong(
            f"It was tried just now. What Rokt took: {'; '.join(_told(file) for file in taken)}. A "
            "name has to tell Rokt to leave the file alone for now; read again which names do."
        )


@contextmanager
def _line(room: Classroom) -> Iterator[paramiko.SFTPClient]:
    """Open SFTP by hand: to the sandbox, with its key, and only if its host key is the known one.

    Raises
    ------
    SSHException
        When the server is another one.
    """
    here = room.settings
    with paramiko.Transport((here.sftp_host, here.sftp_port)) as wire:
        wire.start_client(timeout=_LONGEST_SECONDS)
        if wire.get_remote_server_key().fingerprint != here.sftp_host_key:
            raise paramiko.SSHException("The host key is not the sandbox's.")
        wire.auth_publickey(here.sftp_username, paramiko.PKey.from_path(str(here.sftp_key_file)))
        line = paramiko.SFTPClient.from_transport(wire)
        if line is None:
            raise paramiko.SSHException("The server offers no SFTP.")
        with line:
            yield line


def _told(file: ReceivedFile) -> str:
    if file.outcome == "rejected":
        return f"{file.path.rpartition('/')[2]} was refused, because {file.reason}"
    return f"{file.path.rpartition('/')[2]} was taken with {file.identifiers} of {_PEOPLE} lines"
