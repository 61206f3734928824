"""Servers and proxies on loopback that do to a client what the network does, and count."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from rokt_helpers.channels.channel import Channel, Confirmation, Turn
from rokt_helpers.plan import Batch, Target
from tests.deliver.lists import addresses, digests

CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 7\r\n\r\nCreated"
HOST = "data.rokt.test"  # no name server knows it


@dataclass
class Server:
    """What a server on loopback has seen: the heads of requests, and how many bytes came."""

    port: int
    heads: list[str] = field(default_factory=list)
    body_bytes: int = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"


Talk = Callable[[socket.socket, Server], None]


@contextmanager
def listening(talk: Talk, *, context: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Listen, and let every connection be talked to in a thread of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        seen = Server(listener.getsockname()[1])
        threads: list[threading.Thread] = []

        def serve(connection: socket.socket) -> None:
            with contextlib.suppress(OSError), connection:
                # A handshake that fails is an OSError too.
                wire = context.wrap_socket(connection, server_side=True) if context else connection
                with wire:
                    talk(wire, seen)

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    connection.settimeout(10)
                    threads.append(threading.Thread(target=serve, args=(connection,)))
                    threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield seen
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for thread in (accepting, *threads):
                thread.join()


def read_head(wire: socket.socket) -> bytes:
    """Read up to the empty line and not a byte further."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = wire.recv(1)
        if not byte:
            return b""
        head += byte
    return head


def read_request(wire: socket.socket, seen: Server) -> bool:
    """Read one request whole; say whether there was one."""
    head = read_head(wire).decode()
    if not head:
        return False
    seen.heads.append(head)
    length = next(
        int(line.partition(":")[2])
        for line in head.splitlines()
        if line.lower().startswith("content-length")
    )
    while length and (block := wire.recv(min(length, 65536))):
        length -= len(block)
        seen.body_bytes += len(block)
    return not length


def answering(answer: bytes, *, byte_seconds: float = 0) -> Talk:
    """Answer every request the same, byte by byte where that takes time, and then hang up."""

    def talk(wire: socket.socket, seen: Server) -> None:
        if read_request(wire, seen):
            pieces = [bytes([byte]) for byte in answer] if byte_seconds else [answer]
            for piece in pieces:
                time.sleep(byte_seconds)
                wire.sendall(piece)

    return talk


def connect_proxy(port: int) -> Talk:
    """Open a way to a port of this computer, whatever host the client asks for."""

    def talk(wire: socket.socket, seen: Server) -> None:
        seen.heads.append(read_head(wire).decode())
        with socket.create_connection(("127.0.0.1", port)) as there:
            wire.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_pump, args=(there, wire))
            back.start()
            _pump(wire, there)
            back.join()

    return talk


def refusing_proxy(wire: socket.socket, seen: Server) -> None:
    """Ask for a password that nobody has."""
    seen.heads.append(read_head(wire).decode())
    wire.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while block := source.recv(65536):
            sink.sendall(block)
        sink.shutdown(socket.SHUT_WR)


def send(channel: Channel, *, rows: int = 5, turn: Turn | None = None) -> Confirmation:
    """Send so many invented people to a list named VIP."""
    target = Target("sandbox", "api", "123456789", channel.host, "VIP", "include")
    batch = Batch(number=1, action="include", part=0, offset=0, rows=rows, fingerprint="0" * 64)
    people = pl.Series("sha256", sorted(digests(addresses(rows))))
    return channel.send(target, batch, people, name="one", turn=turn or Turn())


# --- certificates ------------------------------


def private_authority(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Found a certificate authority; give its file, and a server's context that it vouches for."""
    authority_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = _certificate("An authority of our own", authority_key, authority_key, None)
    certificate = _certificate(HOST, server_key, authority_key, authority)
    (folder / "authority.pem").write_bytes(_pem(authority))
    (folder / "server.pem").write_bytes(
        _pem(certificate)
        + server_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return folder / "authority.pem", context


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    is_authority = issuer is None
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )
    alternatives = [x509.DNSName(HOST), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .sign(signer, hashes.SHA256())
    )
