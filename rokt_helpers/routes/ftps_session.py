"""One control connection to an FTPS server, with what ``ftplib`` leaves out.

Spoken with the standard library's ``ftplib``: this needs a dozen commands of the protocol, which
it has, and no dependency more. Two of its habits are mended. It begins a new TLS session for each
transfer, which servers refuse that want the session of the control connection (vsftpd by default,
ProFTPD, FileZilla); and it leaves the line set to text after a listing.
"""

from __future__ import annotations

import ftplib
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from rokt_helpers.routes.files import DeliveredFile

__all__ = ["FtpsSession", "code_of", "said_as"]

_NOT_KNOWN: Final = ("500", "502", "504")
_NOTHING_THERE: Final = ("450", "550")


class FtpsSession(ftplib.FTP_TLS):
    """One control connection whose transfers go on with its TLS session.

    Names are bytes on the wire. They are spoken as Latin-1, which has all of them, and shown as
    UTF-8 where they are that.
    """

    def ntransfercmd(
        self, cmd: str, rest: int | str | None = None
    ) -> tuple[socket.socket, int | None]:
        """Open a transfer with the session of the control connection."""
        plain, size = ftplib.FTP.ntransfercmd(self, cmd, rest)  # noqa: S321  encrypted below
        control = self.sock
        if not isinstance(control, ssl.SSLSocket):
            plain.close()
            raise ssl.SSLError("the control connection is not encrypted")
        try:
            wrapped = self.context.wrap_socket(
                plain, server_hostname=self.host, session=control.session
            )
        except BaseException:
            plain.close()
            raise
        return wrapped, size

    def files(self) -> list[DeliveredFile]:
        """Return the files of the folder, by the newer command where the server has it."""
        self._names: dict[str, str] = {}
        try:
            can_list = "MLST" in self.sendcmd("FEAT").upper()
        except ftplib.error_perm:
            can_list = False
        return list(self._by_facts() if can_list else self._by_questions())

    def size(self, filename: str) -> int | None:
        """Return the bytes of a file; a listing leaves the line set to text, which has no size."""
        self.voidcmd("TYPE I")
        return super().size(filename)

    def on_the_wire(self, name: str) -> str:
        """Return how a name is said that was listed, or one that was not."""
        return getattr(self, "_names", {}).get(name) or said_as(name)

    def _by_facts(self) -> Iterator[DeliveredFile]:
        for said, facts in self.mlsd(facts=["type", "size", "modify"]):
            if facts.get("type", "").lower() == "file" and "modify" in facts:
                moment = _moment(facts["modify"])
                yield DeliveredFile(self._shown(said), int(facts.get("size", 0)), moment)

    def _by_questions(self) -> Iterator[DeliveredFile]:
        for said in self._said_names():
            try:
                size_bytes = self.size(said) or 0
            except ftplib.error_perm as error:
                if code_of(error) in _NOT_KNOWN:
                    raise
                continue  # a folder, or gone in between
            moment = _moment(self.voidcmd(f"MDTM {said}").split()[1])
            yield DeliveredFile(self._shown(said), size_bytes, moment)

    def _said_names(self) -> list[str]:
        try:
            return [said for said in self.nlst() if "/" not in said and not said.startswith(".")]
        except ftplib.Error as error:
            if code_of(error) in _NOTHING_THERE:
                return []  # how some servers say that a folder is empty
            raise

    def _shown(self, said: str) -> str:
        try:
            shown = said.encode("latin-1").decode()
        except UnicodeDecodeError:
            shown = said
        self._names[shown] = said
        return shown


def said_as(text: str) -> str:
    """Return text as a session says it, so that its bytes are those of UTF-8."""
    return text.encode().decode("latin-1")


def _moment(text: str) -> datetime:
    """Return a moment as FTP writes it, 20261122090345 with or without a fraction (RFC 3659)."""
    return datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def code_of(error: Exception) -> str:
    """Return the number of an answer; its text may name files and people."""
    code = str(error)[:3]
    return code if code.isdigit() else "no number"
