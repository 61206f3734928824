"""Real receivers on this computer: a mail server, an HTTPS service, a proxy in front of it."""

from __future__ import annotations

import json
import select
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.command_line import Rokt, caller
from tests.real_parts.certificates import make_certificate

LOOPBACK = "127.0.0.1"


@dataclass
class Mailbox:
    """A mail server's post: what came, and whether it takes any."""

    port: int = 0
    open: bool = True
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)

    async def handle_DATA(  # noqa: N802  the server's own name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Take a mail, or say that it is not the time."""
        if not self.open:
            return "451 Not now"
        content = cast("bytes", envelope.content)
        mail = message_from_bytes(content, policy=policy.default)
        self.mails.append(mail)
        self.recipients += envelope.rcpt_tos
        return "250 Taken"

    def address(self, to: str = "ops@example.com") -> str:
        """The URL that leads here, over STARTTLS, with a user name and a password."""
        return (
            f"mailtos://robot:hunter2secret@{LOOPBACK}:{self.port}?smtp={LOOPBACK}"
            f"&from=robot@example.com&to={to}"
        )


def _knows(_server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: Any) -> Any:
    well = isinstance(data, LoginPassword) and data.password == b"hunter2secret"
    return AuthResult(success=well, handled=well)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An authority that this test trusts, and a certificate of it for this computer."""
    trusted, server = make_certificate(tmp_path)
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.setenv(name, str(trusted))
    return server


@pytest.fixture
def mailbox(authority: Path) -> Iterator[Mailbox]:
    """A mail server that insists on STARTTLS and a login."""
    box = Mailbox()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority)
    server = Controller(
        box, hostname=LOOPBACK, port=_free_port(), tls_context=context, require_starttls=True,
        auth_required=True, authenticator=_knows,
    )  # fmt: skip
    server.start()
    box.port = server.port
    yield box
    server.stop()


@dataclass
class Service:
    """An HTTPS service: what was posted to it, and how it answers."""

    port: int = 0
    status: int = 200
    text: str = "ok"
    posted: list[tuple[str, Any]] = field(default_factory=list)
    asked_for: list[str] = field(default_factory=list)


OpenService = Callable[..., Service]


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenService]:
    """Opens services that this test trusts; one with a name stands behind a proxy."""
    with ExitStack() as running:

        def opened(host: str = LOOPBACK) -> Service:
            folder = tmp_path / host
            folder.mkdir()
            trusted, certificate = make_certificate(folder, host=host)
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
            made = running.enter_context(_https(certificate))
            if host != LOOPBACK:
                proxy = running.enter_context(_proxy(made))
                monkeypatch.setenv("HTTPS_PROXY", f"http://{LOOPBACK}:{proxy}")
            return made

        yield opened


@contextmanager
def _https(certificate: Path) -> Iterator[Service]:
    found = Service()

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if found.status < 400:
                found.posted.append((self.path, json.loads(body)))
            answer = found.text.encode()
            self.send_response(found.status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with ThreadingHTTPServer((LOOPBACK, 0), Answers) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        found.port = server.server_address[1]
        with _serving(server):
            yield found


@contextmanager
def _proxy(service: Service) -> Iterator[int]:
    """A proxy that leads every CONNECT to the service, and remembers whom it was asked for."""

    class Tunnel(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            service.asked_for.append(self.path)
            with socket.create_connection((LOOPBACK, service.port)) as there:
                self.send_response(200)
                self.end_headers()
                _carry(self.connection, there)
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer((LOOPBACK, 0), Tunnel) as server, _serving(server):
        yield server.server_address[1]


def _carry(here: socket.socket, there: socket.socket) -> None:
    """Carry bytes both ways until one side is done."""
    other = {here: there, there: here}
    while True:
        for side in select.select([here, there], [], [], 20)[0]:
            data = side.recv(65_536)
            if not data:
                return
            other[side].sendall(data)


@contextmanager
def _serving(server: ThreadingHTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind((LOOPBACK, 0))
        return int(one.getsockname()[1])


@pytest.fixture
def rokt(capsys: pytest.CaptureFixture[str]) -> Rokt:
    return caller(capsys)


@pytest.fixture
def profile(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the live profile: looking at what needs a person asks nobody."""
    monkeypatch.setenv("ROKT_PROFILE", "live")
    folder = home / "live"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A file to which a command writes whatever it is told; it refuses while `shut` is there."""
    path = tmp_path / "told.txt"
    code = tmp_path / "take.py"
    code.write_text(
        "import os, sys\n"
        f"if os.path.exists({str(tmp_path / 'shut')!r}): sys.exit(1)\n"
        f"open({str(path)!r}, 'a').write(sys.stdin.read() + '\\f')\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("ROKT_NOTIFY_COMMAND", f"'{sys.executable}' '{code}'")
    return path
