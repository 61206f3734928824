"""One connection to an SFTP server: opened at the first use, opened anew when it broke.

Whatever breaks on the way becomes one of our errors here, so that delivery knows what to do.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, Final

import paramiko
from paramiko.ssh_exception import IncompatiblePeer

from rokt_helpers.channels.host_keys import PinnedHostKey
from rokt_helpers.channels.sftp_login import Login
from rokt_helpers.channels.sftp_transfer import WINDOW_BYTES
from rokt_helpers.channels.sftp_wire import SaidNo, Wire
from rokt_helpers.errors import (
    DeliveryError,
    InDoubt,
    NotTrusted,
    Refused,
    SettingsError,
    Unavailable,
)

__all__ = ["SftpConnection"]

# Faults become our errors here. Where nobody has set up logging, the library's own words about a
# line that broke would stand on standard error as well, even after the work is done.
logging.getLogger("paramiko").addHandler(logging.NullHandler())

_KEEPALIVE_SECONDS: Final = 15
# Authenticated encryption that processors have a circuit for; what else paramiko knows follows.
_FAST_CIPHERS: Final = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com")
# A server has several host keys. These are asked for in turn when it shows another than the pinned.
_KEY_KINDS: Final = (
    ("ssh-ed25519",),
    ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    ("rsa-sha2-512", "rsa-sha2-256"),
)


class SftpConnection:
    """Who we are on which server.

    Parameters
    ----------
    address
        Host and port.
    username, login
        Who we are, and what proves it.
    host_key
        The pinned fingerprint, ``SHA256:…``. Without it no connection is made.
    timeout_seconds
        How long to wait for any one answer.
    renew
        Reads user name and proof anew, for a server that no longer takes them.
    """

    def __init__(
        self,
        address: tuple[str, int],
        *,
        username: str,
        login: Login,
        host_key: str,
        timeout_seconds: float,
        renew: Callable[[], tuple[str, Login]] | None = None,
    ) -> None:
        self._address = address
        self._username = username
        self._login = login
        self._pinned = PinnedHostKey(host_key, setting=login.host_key_setting, whom=login.whom)
        self._timeout_seconds = timeout_seconds
        self._renew = renew
        self._client: paramiko.SSHClient | None = None
        self._wire: Wire | None = None

    @property
    def host(self) -> str:
        """Host and port of the server."""
        return f"{self._address[0]}:{self._address[1]}"

    @contextmanager
    def talking(self, doing: str, *, asked: bool = False) -> Iterator[Wire]:
        """Hand out the connection, and turn whatever breaks on the way into one of our errors.

        Parameters
        ----------
        doing
            What it is wanted for, to be read before the host: "put a file on".
        asked
            The server may have done it although no answer came.
        """
        wire = self._connected()
        try:
            yield wire
        except DeliveryError:
            raise
        except PermissionError:
            raise Refused(
                f"The user may not {doing} {self.host}. Ask {self._login.whom} for the right."
            ) from None
        except FileNotFoundError:
            raise Refused(f"A folder is missing: could not {doing} {self.host}.") from None
        except SaidNo as error:
            raise Unavailable(
                f"The server answers, but could not {doing} {self.host} ({error}). A full disk or "
                f"a quota does this; ask {self._login.whom} if it lasts."
            ) from None
        except (paramiko.SSHException, paramiko.SFTPError, OSError, EOFError) as error:
            self.close()
            kind = InDoubt if asked else Unavailable
            raise kind(
                f"The connection broke: could not {doing} {self.host} ({type(error).__name__})."
            ) from None
        except BaseException:
            # Somebody stopped us with answers on the way: nobody may read them as their own.
            self.close()
            raise

    def open(self) -> None:
        """Connect and log in, unless that was done; :meth:`talking` does it by itself.

        Raises
        ------
        DeliveryError, SettingsError
            As for :meth:`talking`.
        """
        self._connected()

    def close(self) -> None:
        """Close the connection; the next use opens a new one."""
        for part in (self._wire, self._client):
            if part is not None:
                with suppress(Exception):
                    part.close()
        self._wire = self._client = None

    def _connected(self) -> Wire:
        """Return a session that was alive when last heard of."""
        if self._wire is not None and not self._wire.is_alive:
            self.close()
        if self._wire is None:
            self._wire = self._connect()
        return self._wire

    def _connect(self) -> Wire:
        try:
            return self._log_in()
        except (Refused, SettingsError):
            before = (self._username, self._login)
            if self._renew is not None:
                self._username, self._login = self._renew()
            if (self._username, self._login) == before:
                raise
        return self._log_in()  # with another key or password than the one that was refused

    def _log_in(self) -> Wire:
        proof = self._login.proof()
        try:
            return self._open_trusted(proof)
        except DeliveryError:
            self.close()
            raise
        except paramiko.AuthenticationException:
            self.close()
            raise Refused(
                f"{self.host} did not accept {self._login.what} for user {self._username!r}. Check "
                f"{self._login.settings} with {self._login.whom}."
            ) from None
        except IncompatiblePeer:
            self.close()
            raise Refused(
                f"{self.host} and this program have no way of encryption in common. Ask "
                f"{self._login.whom} which ones the server offers."
            ) from None
        except (paramiko.SSHException, paramiko.SFTPError, OSError, EOFError) as error:
            self.close()
            said = getattr(error, "strerror", None) or type(error).__name__
            raise Unavailable(f"{self.host} could not be reached ({said}).") from None

    def _open_trusted(self, proof: dict[str, Any]) -> Wire:
        """Open a session; the pinned key need not be the one that the server shows first."""
        try:
            return self._open_session(proof)
        except NotTrusted:
            for kinds in _KEY_KINDS if self._pinned.is_set else ():
                self.close()
                with suppress(NotTrusted, IncompatiblePeer):
                    return self._open_session(proof, kinds)
            raise

    def _open_session(self, proof: dict[str, Any], kinds: Sequence[str] = ()) -> Wire:
        self._client = paramiko.SSHClient()
        self._client.set_missing_host_key_policy(self._pinned)
        self._client.connect(
            *self._address,
            username=self._username,
            **proof,
            allow_agent=False,
            look_for_keys=False,
            timeout=self._timeout_seconds,
            banner_timeout=self._timeout_seconds,
            auth_timeout=self._timeout_seconds,
            channel_timeout=self._timeout_seconds,
            transport_factory=partial(_transport, kinds),
        )
        transport = self._client.get_transport()
        if transport is None:
            raise EOFError
        transport.set_keepalive(_KEEPALIVE_SECONDS)
        channel = transport.open_session(timeout=self._timeout_seconds)
        channel.settimeout(self._timeout_seconds)
        channel.invoke_subsystem("sftp")
        return Wire(channel)


def _transport(kinds: Sequence[str], sock: Any, **options: Any) -> paramiko.Transport:
    """Return paramiko's transport, set up for large files, and for some kinds of host key."""
    # A request is several packets: the last one must not wait for the answer to the first.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    transport = paramiko.Transport(sock, default_window_size=WINDOW_BYTES, **options)
    security = transport.get_security_options()
    others = [name for name in security.ciphers if name not in _FAST_CIPHERS]
    security.ciphers = (*_FAST_CIPHERS, *others)
    if kinds:
        security.key_types = tuple(kinds)
    return transport
