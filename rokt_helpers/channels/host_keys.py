"""The server we talk to is the one whose key was pinned, or we do not talk."""

from __future__ import annotations

from typing import NoReturn

import paramiko

from rokt_helpers.errors import NotTrusted

__all__ = ["PinnedHostKey"]


class PinnedHostKey(paramiko.MissingHostKeyPolicy):
    """Accepts one host key and no other; never learns one by itself.

    Parameters
    ----------
    fingerprint
        ``SHA256:…`` as ``ssh-keygen -l`` and ``rokt check`` print it. Empty accepts nothing.
    setting
        Where it is set, to be named in what is said.
    whom
        Who can tell which key is the right one.
    """

    def __init__(
        self,
        fingerprint: str,
        *,
        setting: str = "ROKT_SFTP_HOST_KEY",
        whom: str = "your Rokt account manager",
    ) -> None:
        self._fingerprint = fingerprint
        self._setting = setting
        self._whom = whom

    @property
    def is_set(self) -> bool:
        """Whether a key is pinned at all."""
        return bool(self._fingerprint)

    def missing_host_key(
        self,
        client: paramiko.SSHClient,  # noqa: ARG002  paramiko's signature
        hostname: str,
        key: paramiko.PKey,
    ) -> None:
        """Compare the shown key with the pinned one."""
        shown = str(key.fingerprint)
        if not self._fingerprint:
            _refuse(
                f"No host key is pinned for {hostname}. It shows {shown}: confirm that with "
                f"{self._whom}, then set {self._setting} to it."
            )
        if shown != self._fingerprint:
            _refuse(
                f"{hostname} shows the host key {shown}, and {self._fingerprint} is pinned. Either "
                f"the server's key was changed or somebody stands in between: ask {self._whom} "
                f"before you change {self._setting}."
            )


def _refuse(message: str) -> NoReturn:
    raise NotTrusted(f"{message} Nothing was sent.")
