"""Lead a port of the loopback address into another network namespace, by way of a Unix socket.

``python -m tests.shared.relay FOLDER PORT…`` waits at FOLDER/PORT for what comes from over there.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

__all__ = ["HOST", "serve_here"]

HOST = "127.0.0.1"


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while block := await reader.read(65_536):
            writer.write(block)
            await writer.drain()
        writer.write_eof()
    except OSError:
        writer.close()


async def serve_here(folder: str, ports: Sequence[str]) -> None:
    """Listen at the ports of this namespace, and hand on what comes to the sockets."""
    for port in ports:

        async def hand_on(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: str = port
        ) -> None:
            far = await asyncio.open_unix_connection(f"{folder}/{port}")
            await asyncio.gather(_copy(reader, far[1]), _copy(far[0], writer))
            writer.close()
            far[1].close()

        await asyncio.start_server(hand_on, HOST, int(port))


async def _serve_there(folder: str, ports: Sequence[str]) -> None:
    for port in ports:

        async def hand_on(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: str = port
        ) -> None:
            far = await asyncio.open_connection(HOST, int(port))
            await asyncio.gather(_copy(reader, far[1]), _copy(far[0], writer))
            writer.close()
            far[1].close()

        await asyncio.start_unix_server(hand_on, f"{folder}/{port}")
    print("ready", flush=True)  # noqa: T201  whoever started it waits for this
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve_there(sys.argv[1], sys.argv[2:]))
