"""The client's own FTPS server (FTP with explicit TLS), where Rokt puts referral files.

Laws: nothing is said before the certificate was found good, and nothing is ever said or fetched
without encryption; files are listed and fetched, and nothing on the server is changed.
"""

from __future__ import annotations

import ftplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from rokt_helpers.errors import DeliveryError, NotTrusted, Refused, SettingsError, Unavailable
from rokt_helpers.routes.files import DeliveredFile, is_harmless
from rokt_helpers.routes.ftps_session import FtpsSession, code_of, said_as
from rokt_helpers.routes.trust import trusting

__all__ = ["FtpsDrop", "FtpsPlace"]

_TIMEOUT_SECONDS: Final = 30.0
_BLOCK_BYTES: Final = 1 << 18
_NOT_LOGGED_IN: Final = "530"


@dataclass(frozen=True)
class FtpsPlace:
    """Where the drop is, and how to get in.

    Attributes
    ----------
    folder
        Where Rokt puts the files; empty for the folder in which the user arrives.
    ca_file
        The certificates (PEM) to trust in place of the system's, for a company's own authority.
    timeout_seconds
        How long to wait for any one answer.
    """

    host: str
    username: str
    password: SecretStr
    port: int = 21
    folder: str = ""
    ca_file: Path | None = None
    timeout_seconds: float = _TIMEOUT_SECONDS


class FtpsDrop:
    """The files in the drop. Connects at the first use; may be used from several threads in turn.

    Its faults are the kinds of :class:`~rokt_helpers.errors.DeliveryError`.
    """

    def __init__(self, place: FtpsPlace) -> None:
        self._place = place
        self._turn = threading.RLock()
        self._session: FtpsSession | None = None

    @property
    def host(self) -> str:
        """Host and port of the server."""
        return f"{self._place.host}:{self._place.port}"

    def listing(self) -> list[DeliveredFile]:
        """Return the files that lie ready, oldest first; dot-files and folders are left out."""
        with self._talking("list the drop on") as session:
            files = session.files()
        ready = [file for file in files if is_harmless(file.name)]
        return sorted(ready, key=lambda file: (file.modified, file.name))

    def download(self, name: str, to: Path, *, offset: int = 0) -> None:
        """Fetch one file into ``to``, readable by its owner only.

        With an offset in bytes the file is fetched from there on, and added to what ``to`` has.
        """
        if not is_harmless(name):
            raise Refused("A name that leads out of the drop is not fetched.")
        to.touch(mode=0o600)
        with (
            to.open("ab" if offset else "wb") as file,
            self._talking("fetch a file from") as session,
        ):
            wire_name = session.on_the_wire(name)
            size_bytes = session.size(wire_name) or 0
            session.retrbinary(f"RETR {wire_name}", file.write, _BLOCK_BYTES, rest=offset or None)
            # A line that ends without TLS's farewell looks like the end of the file.
            if file.tell() < size_bytes:
                raise EOFError

    def close(self) -> None:
        """Close the connection; the next use opens a new one."""
        with self._turn:
            if self._session is not None:
                self._session.close()
            self._session = None

    @contextmanager
    def _talking(self, doing: str) -> Iterator[FtpsSession]:
        """Hand out the connection, and turn whatever breaks on the way into one of our errors."""
        with self._turn:
            try:
                yield self._connected()
            except DeliveryError:
                raise
            except ftplib.error_perm as error:
                raise Refused(
                    f"{self.host} says no ({code_of(error)}): could not {doing} it. Check "
                    "ROKT_REFERRALS_FTPS_FOLDER, and what the user may read."
                ) from None
            except (ftplib.Error, OSError, EOFError) as error:
                self.close()
                raise self._broken(doing, error) from None
            except (ValueError, IndexError):
                self.close()
                raise Refused(
                    f"{self.host} answers in a way that is not FTP as it is written down: could "
                    f"not {doing} it. Ask whoever runs it, or collect the files by hand."
                ) from None
            except BaseException:
                # Somebody stopped us with an answer on the way: nobody may read it as their own.
                self.close()
                raise

    def _connected(self) -> FtpsSession:
        """Return a session that answers: servers hang up on those who are silent for minutes."""
        if self._session is not None:
            try:
                self._session.voidcmd("NOOP")
            except (ftplib.Error, OSError, EOFError):
                self.close()
        if self._session is None:
            self._session = self._connect()
        return self._session

    def _connect(self) -> FtpsSession:
        place = self._place
        context = trusting(place.ca_file, "ROKT_REFERRALS_FTPS_CA_FILE")
        session = FtpsSession(context=context, timeout=place.timeout_seconds, encoding="latin-1")
        try:
            session.connect(place.host, place.port)
            self._encrypt(session)
            self._log_in(session)
            if place.folder:
                session.cwd(said_as(place.folder))
        except BaseException:
            session.close()
            raise
        return session

    def _encrypt(self, session: FtpsSession) -> None:
        try:
            session.auth()
        except ftplib.error_perm:
            raise Refused(
                f"{self.host} offers no encryption (FTPS), and plain FTP shows password and data "
                "to everybody on the way. Ask whoever runs it to switch TLS on."
            ) from None

    def _log_in(self, session: FtpsSession) -> None:
        password = self._place.password.get_secret_value()
        try:
            session.login(said_as(self._place.username), said_as(password))
        except ValueError:
            raise SettingsError(
                "ROKT_REFERRALS_FTPS_USERNAME or ROKT_REFERRALS_FTPS_PASSWORD has a line break in "
                "it. Take it out."
            ) from None
        except ftplib.error_perm as error:
            if code_of(error) != _NOT_LOGGED_IN:
                raise
            raise Refused(
                f"{self.host} did not accept the user name and password. Check "
                "ROKT_REFERRALS_FTPS_USERNAME and ROKT_REFERRALS_FTPS_PASSWORD."
            ) from None
        session.prot_p()

    def _broken(self, doing: str, error: Exception) -> DeliveryError:
        if isinstance(error, ssl.SSLCertVerificationError):
            return NotTrusted(
                f"The certificate of {self.host} is not trusted. Check ROKT_REFERRALS_FTPS_HOST; "
                "for a certificate of your company's own authority set "
                "ROKT_REFERRALS_FTPS_CA_FILE. No password was sent."
            )
        if isinstance(error, ftplib.Error):
            return Unavailable(
                f"{self.host} is not able to now ({code_of(error)}): could not {doing} it."
            )
        if isinstance(error, ConnectionRefusedError | socket.gaierror | TimeoutError):
            return Unavailable(
                f"{self.host} did not answer: could not {doing} it. Check ROKT_REFERRALS_FTPS_HOST "
                "and ROKT_REFERRALS_FTPS_PORT, and that passive FTP may pass the firewall."
            )
        return Unavailable(
            f"The connection broke: could not {doing} {self.host} ({type(error).__name__})."
        )
