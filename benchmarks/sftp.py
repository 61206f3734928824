"""Time the SFTP channel beside OpenSSH's own ``sftp`` and paramiko's ``put`` and ``get``, in turn.

``python benchmarks/sftp.py`` prints medians for a server on this computer, OpenSSH's sshd, once
near and once behind a line of 50 ms there and back. Ours hides the file, compares every byte of it
with what was sent, and renames it; the others only move it. ``--smoke`` runs small.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import paramiko
import polars as pl
from pydantic import SecretStr

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rokt_helpers import contract
from rokt_helpers.channels.channel import Turn
from rokt_helpers.channels.sftp import SftpChannel
from rokt_helpers.plan import Batch, Target
from tests.real_parts.sshd import OpenSshServer

__all__ = ["main"]

LINE_BYTES: Final = 65  # a digest and a line feed
DELAY_SECONDS: Final = 0.025  # each way
LIST: Final = "Benchmark"
FOLDER: Final = f"{contract.AUDIENCE_FOLDER}/include/{LIST}".strip("/")


def main(words: list[str] | None = None) -> None:
    """Measure near and far, and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="small, to see that it runs")
    parser.add_argument("--megabytes", type=int, default=570, help="size of the file when near")
    parser.add_argument("--far-megabytes", type=int, default=190, help="the same when far")
    parser.add_argument("--times", type=int, default=3, help="how often each thing is measured")
    parser.add_argument("--delay-before", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args(words)
    if chosen.delay_before:
        asyncio.run(delay(chosen.delay_before))
        return
    if chosen.smoke:
        chosen.megabytes = chosen.far_megabytes = chosen.times = 1
    with tempfile.TemporaryDirectory() as folder, OpenSshServer(Path(folder) / "sshd") as server:
        (server.root / FOLDER).mkdir(parents=True)
        (server.root / contract.DOWNLOADS_FOLDER.strip("/")).mkdir()
        compare(Line("near", server, server.port), chosen.megabytes, chosen.times)
        with far_port(server.port) as port:
            compare(Line("50 ms away", server, port), chosen.far_megabytes, chosen.times)


@dataclass
class Line:
    """A way to the server: straight, or through something that holds everything back."""

    name: str
    server: OpenSshServer
    port: int

    def there(self, folder: str, name: str) -> Path:
        """Return where a file lies on the server."""
        return self.server.root / folder.strip("/") / name


def compare(line: Line, megabytes: int, times: int) -> None:
    """Send and fetch the same file with each client, and print what each took."""
    rows = megabytes * 1_000_000 // LINE_BYTES
    digests = pl.select(sha256=pl.int_range(rows).cast(pl.String).str.zfill(64)).to_series()
    with tempfile.TemporaryDirectory() as folder:
        local, to = Path(folder) / "list.csv", Path(folder) / "fetched.csv"
        local.write_bytes((digests.str.join("\n").item() + "\n").encode())
        remote = line.there(FOLDER, "plain.csv")
        ways = {
            "Rokt Workbench, proved and renamed": lambda: send(line, digests),
            "OpenSSH's sftp": lambda: openssh(line, f'put "{local}" "{remote}"'),
            "paramiko": lambda: plain(line, "put", local, remote),
        }
        report(f"up, {line.name}", megabytes, measure(ways, times))
        [ours] = [path for path in remote.parent.iterdir() if path != remote]
        if ours.read_bytes() != local.read_bytes():
            raise SystemExit("What arrived is not what was sent: no figures.")
        ready = ours.rename(line.there(contract.DOWNLOADS_FOLDER, "ready.csv"))
        ways = {
            "Rokt Workbench": lambda: fetch(line, to),
            "OpenSSH's sftp": lambda: openssh(line, f'get "{ready}" "{to}"'),
            "paramiko": lambda: plain(line, "get", ready, to),
        }
        report(f"down, {line.name}", megabytes, measure(ways, times))


def measure(ways: dict[str, Callable[[], object]], times: int) -> dict[str, float]:
    """Return the median seconds of each way; they take turns, so that noise falls on all."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(times):
        for name, once in ways.items():
            began = time.perf_counter()
            once()
            taken[name].append(time.perf_counter() - began)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def report(what: str, megabytes: int, seconds: dict[str, float]) -> None:
    """Print megabytes a second, and each as a share of what OpenSSH's own program moves."""
    print(f"\n{what}: {megabytes} MB, connecting included")
    for name, each in seconds.items():
        share = seconds["OpenSSH's sftp"] / each
        print(f"  {name:<36} {megabytes / each:7.1f} MB/s  {share:5.2f} x sftp", flush=True)


# --- the clients ------------------------------


@contextmanager
def channel_on(line: Line) -> Iterator[SftpChannel]:
    """Open our channel and close it."""
    server = line.server
    channel = SftpChannel(
        server.host,
        port=line.port,
        username=server.username,
        key_file=server.key_file,
        passphrase=SecretStr(""),
        host_key=server.host_key,
        root=str(server.root),
    )
    try:
        yield channel
    finally:
        channel.close()


def send(line: Line, digests: pl.Series) -> None:
    """Send one file as a delivery does, under a name that is not there yet."""
    for path in line.there(FOLDER, "").glob("ours*"):
        path.unlink()
    with channel_on(line) as channel:
        target = Target("live", "sftp", "1", channel.host, LIST, "include")
        batch = Batch(
            number=1, action="include", part=0, offset=0, rows=len(digests), fingerprint=""
        )
        channel.send(target, batch, digests, name="ours", turn=Turn())


def fetch(line: Line, to: Path) -> None:
    """Fetch one file as the collecting of referrals does."""
    with channel_on(line) as channel:
        channel.download("ready.csv", to)


def plain(line: Line, verb: str, source: Path, to: Path) -> None:
    """Move a file as paramiko's own documentation shows it."""
    server = line.server
    with paramiko.SSHClient() as client:
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        client.connect(
            server.host,
            port=line.port,
            username=server.username,
            key_filename=str(server.key_file),
            allow_agent=False,
            look_for_keys=False,
        )
        with client.open_sftp() as sftp:
            getattr(sftp, verb)(str(source), str(to))


def openssh(line: Line, command: str) -> None:
    """Move a file with the program that comes with the system, as it is set up."""
    server = line.server
    options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"]
    words = ["sftp", "-q", "-b", "-", "-P", str(line.port), "-i", str(server.key_file)]
    words += [word for option in options for word in ("-o", option)]
    there = f"{server.username}@{server.host}"
    subprocess.run(
        [*words, there], input=f"{command}\n", text=True, check=True, capture_output=True
    )


# --- a long line ------------------------------


@contextmanager
def far_port(port: int) -> Iterator[int]:
    """Put a program of its own before a port, which holds back what goes through it."""
    words = [sys.executable, __file__, "--delay-before", str(port)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as between:
        try:
            yield int(between.stdout.readline()) if between.stdout else 0
        finally:
            between.kill()


async def delay(port: int) -> None:
    """Listen on a free port, print it, and pass everything on a while later, both ways."""

    async def serve(near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, on = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pass_on(near, on), pass_on(far, back))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Pass on one direction; how much is on the way at a time is left to SSH."""
    loop = asyncio.get_running_loop()
    on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=4096)

    async def arrive() -> None:
        with suppress(OSError):
            while True:
                moment, block = await on_the_way.get()
                await asyncio.sleep(max(0.0, moment - loop.time()))
                if not block:
                    break
                sink.write(block)
                await sink.drain()
        sink.close()

    async def depart() -> None:
        block = b"-"
        while block:
            try:
                block = await source.read(1 << 16)
            except OSError:
                block = b""
            await on_the_way.put((loop.time() + DELAY_SECONDS, block))

    await asyncio.gather(arrive(), depart())


if __name__ == "__main__":
    main()
