"""Referral files and messages to deliver by every route, and a line that is cut."""

from __future__ import annotations

import gzip
import io
import os
import socket
import threading
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from rokt_helpers.referrals.inbox import RemoteFolder

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
SENDER = "reports@rokt.example"
HEADER = "Date/time,Campaign name,Audience name,Country,Bid price,Email"


def table(rows: int = 3, *, first: int = 0) -> bytes:
    """Return a referral file; each row is another person."""
    start = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    lines = [
        f"{start + timedelta(minutes=n):%Y-%m-%d %H:%M:%S},Autumn,Everybody,Australia,2.50,"
        f"person{n}@client.example"
        for n in range(first, first + rows)
    ]
    return "\r\n".join([HEADER, *lines, ""]).encode()


def zipped(content: bytes, name: str = "referrals.csv") -> bytes:
    """Return a ZIP archive with one file in it."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, (2026, 11, 22, 6, 0, 0)), content)
    return memory.getvalue()


def gzipped(content: bytes) -> bytes:
    """Return a gzip file."""
    return gzip.compress(content, mtime=0)


def put(folder: Path, name: str, content: bytes, *, modified: datetime = NOW) -> Path:
    """Write a file that was last changed at a moment."""
    path = folder / name
    path.write_bytes(content)
    os.utime(path, (modified.timestamp(), modified.timestamp()))
    return path


def message(
    *attachments: tuple[str, bytes],
    sender: str = SENDER,
    number: int = 1,
    text: str = "Your referrals are attached.",
    html: str = "",
) -> EmailMessage:
    """Return a message as a scheduled task sends it."""
    mail = EmailMessage()
    mail["From"] = f"Rokt reports <{sender}>"
    mail["To"] = "team@client.example"
    mail["Subject"] = "Your scheduled report"
    mail["Date"] = f"Sat, 21 Nov 2026 05:{number:02}:00 +1100"
    mail["Message-ID"] = f"<{number}.report@rokt.example>"
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    for name, content in attachments:
        kind = "text/csv" if name.lower().endswith(".csv") else "application/octet-stream"
        main, _, sub = kind.partition("/")
        mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return mail


def contents(remote: RemoteFolder, folder: Path) -> dict[str, bytes]:
    """Fetch everything that is listed; check that each has the size that was said."""
    found = {}
    for number, file in enumerate(remote.listing()):
        to = folder / f"{number}.fetched"
        remote.download(file.name, to)
        assert to.stat().st_mode & 0o777 == 0o600
        found[file.name] = to.read_bytes()
        assert len(found[file.name]) == file.size_bytes
    return found


class Line:
    """A line to a port of this computer that can be cut after so many bytes came down."""

    def __init__(self, port: int) -> None:
        self.port = 0
        self.down_bytes = 0
        self.cut_after_bytes: int | None = None
        self._far = port

    def serve(self, listener: socket.socket, opened: ExitStack) -> None:
        """Take connections until the listener is shut."""
        with suppress(OSError):
            while True:
                near = opened.enter_context(listener.accept()[0])
                far = opened.enter_context(socket.create_connection(("127.0.0.1", self._far)))
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(
                        target=self._pump, args=(source, sink, source is far), daemon=True
                    ).start()

    def _pump(self, source: socket.socket, sink: socket.socket, is_down: bool) -> None:
        with suppress(OSError):
            while block := source.recv(1 << 14):
                self.down_bytes += len(block) if is_down else 0
                limit = self.cut_after_bytes
                if limit is not None and self.down_bytes > limit:
                    break
                sink.sendall(block)
        for side in (source, sink):
            with suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)


@contextmanager
def line_to(port: int) -> Iterator[Line]:
    """Stand before a server on a port of its own."""
    with ExitStack() as opened, socket.create_server(("127.0.0.1", 0)) as listener:
        line = Line(port)
        line.port = listener.getsockname()[1]
        thread = threading.Thread(target=line.serve, args=(listener, opened))
        thread.start()
        try:
            yield line
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
