"""A few connections to one SFTP server, so that several files can come at a time.

Law: a connection serves one thread at a time; every thread gets one, sooner or later.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rokt_helpers.channels.sftp_connection import SftpConnection
from rokt_helpers.errors import Refused, Unavailable

__all__ = ["SftpPool"]


class SftpPool:
    """Lends connections; another one is opened only while all that are open are lent.

    Parameters
    ----------
    first
        The connection that is always there.
    another
        Makes one more.
    most
        How many there may be, the first one too.
    """

    def __init__(
        self, first: SftpConnection, another: Callable[[], SftpConnection], *, most: int
    ) -> None:
        self._every = [first]
        self._idle = [first]
        self._another = another
        self._most = most
        self._changed = threading.Condition()

    @contextmanager
    def one(self) -> Iterator[SftpConnection]:
        """Lend a connection; wait for one where no more may be opened.

        Raises
        ------
        NotTrusted
            The server shows another host key to one more connection.
        """
        connection = self._take()
        try:
            yield connection
        finally:
            self._give_back(connection)

    def close(self) -> None:
        """Close all of them; the next use opens new ones."""
        with self._changed:
            every = [*self._every]
        for connection in every:
            connection.close()

    def _take(self) -> SftpConnection:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._idle or len(self._every) < self._most)
                if self._idle:
                    # The one that was used last is the likeliest to be open still.
                    return self._idle.pop()
                connection = self._another()
                self._every.append(connection)
            try:
                connection.open()
            except (Refused, Unavailable):
                # Servers may bear fewer logins of one user at a time: then those must do. Is the
                # server gone, the first connection says so.
                self._forget(connection, and_stop=True)
            except BaseException:
                self._forget(connection, and_stop=False)
                raise
            else:
                return connection

    def _give_back(self, connection: SftpConnection) -> None:
        with self._changed:
            self._idle.append(connection)
            self._changed.notify()

    def _forget(self, connection: SftpConnection, *, and_stop: bool) -> None:
        """Take a connection out that could not be opened, and perhaps try no further one."""
        with self._changed:
            self._every.remove(connection)
            if and_stop:
                self._most = len(self._every)
            self._changed.notify_all()
