"""An HTTPS server on loopback that has files ready, and the habits of servers in real life."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.real_parts.certificates import make_certificate

__all__ = ["Answer", "LinkServer", "link_server"]


@dataclass
class Answer:
    """What one path gives; ``sent_bytes`` breaks off after so many."""

    content: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    sent_bytes: int | None = None


@dataclass
class LinkServer:
    """Where it listens, who vouches for it, what it gives, and what was asked for."""

    host: str
    authority: Path
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def link_server(folder: Path) -> Iterator[LinkServer]:
    """Serve until the end of the block."""
    authority, certificate = make_certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def setup(self) -> None:
            # Shaking hands in the thread of the connection: a stranger's does not stop the others.
            self.request = context.wrap_socket(self.request, server_side=True)
            super().setup()

        def finish(self) -> None:
            super().finish()
            self.request.close()

        def do_GET(self) -> None:
            seen.asked.append(self.path)
            seen.headers.append(dict(self.headers))
            answer = seen.answers.get(self.path.partition("?")[0], Answer(status=404))
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content[: answer.sent_bytes])

        def log_message(self, *_words: Any) -> None:
            """Keep quiet."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_words: Any) -> None:
            """A client that hangs up is what the tests are about."""

    with Quiet(("127.0.0.1", 0), Handler) as server:
        seen = LinkServer(f"127.0.0.1:{server.server_address[1]}", authority)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield seen
        finally:
            server.shutdown()
            thread.join()
