"""Listen: the port, TLS, and an end in good order.

The server is uvicorn: kept up by many, TLS in the same process (waitress has none), it stops
taking requests on SIGTERM and answers those under way, and it brings two small packages only.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import ssl
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import uvicorn

from rokt_helpers.clock import Clock
from rokt_helpers.errors import GuardError, SettingsError
from rokt_helpers.receiver.access import Gate, Secrets
from rokt_helpers.receiver.agreement import Agreement
from rokt_helpers.receiver.desk import Counts, Desk
from rokt_helpers.receiver.journal import Journal
from rokt_helpers.receiver.judging import Judge, Personal
from rokt_helpers.receiver.server import Receiver
from rokt_helpers.settings import is_loopback

__all__ = ["PLAIN_HTTP", "Address", "serve"]

PLAIN_HTTP: Final = "plain_http"
_BACKLOG: Final = 2_048
_LAST_SECONDS: Final = 30


@dataclass(frozen=True)
class Address:
    """Where to listen; port 0 takes a free one. Certificate and key are PEM files."""

    host: str = "127.0.0.1"
    port: int = 8480
    cert: Path | None = None
    key: Path | None = None
    allow_plain: bool = False

    def check(self, gate: Gate) -> None:
        """Refuse to stand open to other machines.

        Raises
        ------
        SettingsError
            Nobody would have to say who they are, or certificate and key do not fit.
        GuardError
            Personal data would travel in plain text.
        """
        if not is_loopback(self.host) and gate.is_open:
            raise SettingsError(
                f"On {self.host} others could push too. Set ROKT_RECEIVER_TOKEN, or "
                "ROKT_RECEIVER_USER and ROKT_RECEIVER_PASSWORD; or listen on 127.0.0.1."
            )
        if (self.cert is None) != (self.key is None):
            raise SettingsError("--cert and --key belong together: name both, or neither.")
        if self.cert and self.key:
            _check_certificate(self.cert, self.key)
        elif not is_loopback(self.host) and not self.allow_plain:
            raise GuardError(
                f"Without --cert and --key personal data would travel to {self.host} in plain "
                f"text. Name them; or, where a proxy in front does it, pass --allow {PLAIN_HTTP}.",
                guard=PLAIN_HTTP,
            )

    def bound(self) -> socket.socket:
        """Return a socket that listens there."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        try:
            return socket.create_server((self.host, self.port), family=family, backlog=_BACKLOG)
        except OSError as error:
            raise SettingsError(
                f"{self.host}, port {self.port}, cannot be listened on: {error.strerror}. "
                "Name another --host or --port."
            ) from None


def serve(
    agreement: Agreement,
    folder: Path,
    address: Address,
    secrets: Secrets,
    *,
    personal: Personal = "hash",
    clock: Clock,
    started: Callable[[str], None],
    tell: Callable[[str], None],
) -> Counts:
    """Receive until SIGTERM or Ctrl-C; then answer what is under way, flush, and return.

    Parameters
    ----------
    folder
        The journal's.
    started
        Is told the address once it can be called.
    tell
        Is told counts, now and then.
    """
    gate = Gate(agreement.template.authentication, secrets)
    address.check(gate)
    judge = Judge(agreement, personal=personal)
    counts = Counts()
    with ExitStack() as ending:
        listening = ending.enter_context(address.bound())
        journal = ending.enter_context(Journal(folder, judge.columns, clock=clock))
        desk = ending.enter_context(Desk(judge, journal, counts, clock=clock, tell=tell))
        server = _server(Receiver(agreement, gate, desk, counts, clock=clock), address)
        started(_url(address, listening, agreement.template.path))
        _run(server, listening)
    return counts


def _server(application: Receiver, address: Address) -> uvicorn.Server:
    config = uvicorn.Config(
        application,
        access_log=False,  # its lines would hold queries
        backlog=_BACKLOG,
        date_header=True,
        http="h11",
        lifespan="off",
        log_config=None,
        log_level="critical",  # its tracebacks would show values
        loop="asyncio",
        proxy_headers=False,
        server_header=False,
        ssl_certfile=address.cert,
        ssl_keyfile=address.key,
        timeout_graceful_shutdown=_LAST_SECONDS,
        timeout_keep_alive=30,
        ws="none",
    )
    return uvicorn.Server(config)


def _run(server: uvicorn.Server, listening: socket.socket) -> None:
    # uvicorn ends in good order, and then raises the signal again for those it served.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with suppress(KeyboardInterrupt):
            asyncio.run(server.serve(sockets=[listening]))
    finally:
        signal.signal(signal.SIGTERM, before)


def _check_certificate(cert: Path, key: Path) -> None:
    def ask() -> str:
        raise SettingsError(f"{key} has a passphrase. Give the receiver a key without one.")

    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(cert, key, ask)
    except OSError as error:
        raise SettingsError(
            f"--cert {cert} and --key {key} cannot be used: {error.strerror or 'no pair'}. "
            "Both are PEM files, the key belongs to the certificate."
        ) from None


def _url(address: Address, listening: socket.socket, path: str) -> str:
    host = f"[{address.host}]" if ":" in address.host else address.host
    scheme = "https" if address.cert else "http"
    return f"{scheme}://{host}:{listening.getsockname()[1]}{path}"
