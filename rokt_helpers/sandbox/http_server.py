"""Speak HTTP/1.1 for the sandbox: read a request, have it judged, keep a record, answer.

The record is made and the request counted as finished before its answer leaves, so that a
client which has its answer finds both.
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from rokt_helpers.sandbox.answers import Answer, Request
from rokt_helpers.sandbox.audience_api import Verdict
from rokt_helpers.sandbox.desk import WIRES, Desk, id_headers
from rokt_helpers.sandbox.faults import API_KINDS, Fault, Wire
from rokt_helpers.sandbox.state import ReceivedRequest

__all__ = ["LOOPBACK", "ApiServer"]

LOOPBACK: Final = "127.0.0.1"
LARGEST_BODY_BYTES: Final = 256 * 1024 * 1024  # ours: room for far more than is allowed
_INSPECTION: Final = "/_inspect"


class ApiServer(ThreadingHTTPServer):
    """A server on loopback, a thread for each connection."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, *, desk: Desk) -> None:
        self.desk = desk
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._numbers = 0
        super().__init__((LOOPBACK, port), _Exchange)
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    def server_bind(self) -> None:
        """Bind without asking a name server who we are, which can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = LOOPBACK, self.server_address[1]

    def start(self) -> None:
        """Serve in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving and close every connection, the kept-alive ones too."""
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join()
        self.server_close()
        with self._lock:
            for connection in self._open:
                _close_both_ways(connection)

    def next_request_id(self) -> str:
        """Return an id that no earlier request has."""
        with self._lock:
            self._numbers += 1
            return self.desk.request_id(self._numbers)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, so that ``stop`` can close it."""
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection when it ends."""
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that vanish; everything else is a bug to be seen."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Exchange(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    # Without these two every answer waits some 40 ms for the other side's acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm: ClassVar[bool] = True
    server: ApiServer

    def parse_request(self) -> bool:
        """Note the moment: the first line is here, and the body has not been read."""
        self._arrived = time.monotonic()
        return super().parse_request()

    def _serve(self) -> None:
        path = urlsplit(self.path).path
        if path in ("/", _INSPECTION) or path.startswith(f"{_INSPECTION}/"):
            self._inspect(path)
        elif path in WIRES and self.command == "POST":
            self._call(path, WIRES[path])
        else:
            request_id = self.server.next_request_id()
            verdict = self._judge(path, self._read_body(), request_id=request_id)
            self._finish(path, verdict, request_id=request_id)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve  # noqa: N815

    def _inspect(self, path: str) -> None:
        body = self._read_body()
        inner = path.removeprefix(_INSPECTION)
        if isinstance(body, Answer):
            self._send(body)
        elif path == "/":
            self._send(self.server.desk.inspection.page(self.command))
        else:
            self._send(self.server.desk.inspection.answer(self.command, inner, body=body))

    def _call(self, path: str, wire: Wire) -> None:
        """Let a request through its gate, have it decided, and let it out again."""
        desk, request_id = self.server.desk, self.server.next_request_id()
        with self._gate(wire) as admitted:
            desk.faults.count_request(wire)
            fault = desk.faults.take(*API_KINDS, wire=wire) if admitted else None
            if admitted:
                verdict = self._decide(path, fault, request_id=request_id)
            else:
                self._read_body()
                verdict = Verdict(Answer(429, "Too Many Requests", {"Retry-After": "1"}))
        lost = fault is not None and fault.kind.startswith("drop")
        self._finish(path, verdict, request_id=request_id, lost=lost)

    @contextlib.contextmanager
    def _gate(self, wire: Wire) -> Iterator[bool]:
        """Say whether a request may go on. Batches of events are counted later, once read."""
        if wire != "audience":
            yield True
            return
        throttle = self.server.desk.throttle
        admitted = throttle.arrive(self._arrived)
        try:
            yield admitted
        finally:
            throttle.leave(admitted=admitted)

    def _decide(self, path: str, fault: Fault | None, *, request_id: str) -> Verdict:
        kind = fault.kind if fault is not None else None
        if kind == "drop_before_reading":
            return Verdict(Answer(0, ""))
        body = self._read_body()
        if fault is None or isinstance(body, Answer):
            return self._judge(path, body, request_id=request_id)
        if kind == "answer":
            return Verdict(self.server.desk.scripted(fault))
        if kind == "slow":
            time.sleep(fault.figure)
        left_out = int(fault.figure) if kind == "leave_out" else 0
        return self._judge(path, body, request_id=request_id, left_out=left_out)

    def _judge(
        self, path: str, body: bytes | Answer, *, request_id: str, left_out: int = 0
    ) -> Verdict:
        if isinstance(body, Answer):
            return Verdict(body)
        headers = {name.title(): value for name, value in self.headers.items()}
        request = Request(self.command, path, headers, body, self._arrived)
        return self.server.desk.judge(request, request_id, left_out=left_out)

    def _finish(self, path: str, verdict: Verdict, *, request_id: str, lost: bool = False) -> None:
        change = verdict.change
        self.server.desk.state.record_request(
            ReceivedRequest(
                number=0,
                at=datetime.now(UTC),
                started=self._arrived,
                path=path,
                status=verdict.answer.status,
                action=change.action if change else None,
                list_name=change.list_name if change else None,
                identifiers=verdict.identifiers,
                request_id=request_id,
                answered=not lost,
            )
        )
        if lost:
            self.close_connection = True
            _close_both_ways(self.connection)
        else:
            self._send(verdict.answer, id_headers(path, request_id))

    def _read_body(self) -> bytes | Answer:
        """Read the body whole; where that is not possible, return the answer that says so."""
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal():
            self.close_connection = True
            return Answer(411, "Length Required")
        if int(length) > LARGEST_BODY_BYTES:
            self.close_connection = True
            return Answer(413, "Content Too Large")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ConnectionAbortedError("the client left in the middle of its request")
        return body

    def _send(self, answer: Answer, extra: Mapping[str, str] | None = None) -> None:
        body = answer.body.encode()
        headers = {"Content-Type": "text/plain; charset=utf-8", **answer.headers, **(extra or {})}
        self.send_response(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def version_string(self) -> str:
        """Name the server without its versions."""
        return "rokt-sandbox"

    def log_message(self, format: str, *args: Any) -> None:
        """Write nothing: the records are on the inspection page."""


def _close_both_ways(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the other side may have been faster
        connection.shutdown(socket.SHUT_RDWR)
