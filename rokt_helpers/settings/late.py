"""A secret that is kept outside of files, and read there when somebody first needs it.

A keyring may ask a person to unlock it, and a vault is a program that has to be started: neither is
troubled for a secret that nobody uses.
"""

from __future__ import annotations

from collections.abc import Callable

from pydantic import SecretStr

__all__ = ["LateSecret"]


class LateSecret(SecretStr):
    """A :class:`SecretStr` whose value comes from ``read``, once; empty where nobody keeps it."""

    def __init__(self, read: Callable[[], str]) -> None:
        super().__init__("")
        self._read: Callable[[], str] | None = read

    def get_secret_value(self) -> str:
        """Return the secret. What ``read`` raises is raised here, each time."""
        read = self._read  # another thread may have read it by the next line
        if read is not None:
            self._secret_value = read()
            self._read = None
        return self._secret_value

    def __len__(self) -> int:
        return len(self.get_secret_value())

    def _display(self) -> str:
        """Show the same whether it was read or not, and read nothing to be shown."""
        return "**********"
