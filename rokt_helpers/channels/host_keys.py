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
    """

    def __init__(self, fingerprint: str, *, setting: str = "ROKT_SFTP_HOST_KEY") -> None:
        self._fingerprint = fingerprint
        self._setting = setting

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
                f"No host key is pinned for {hostname}. It shows {shown}: confirm that with your "
                f"Rokt account manager, then set {self._setting} to it."
            )
        if shown != self._fingerprint:
            _refuse(
                f"{hostname} shows the host key {shown}, and {self._fingerprint} is pinned. Either "
                "Rokt changed its key or somebody stands in between: ask your account manager "
                f"before you change {self._setting}."
            )


def _refuse(message: str) -> NoReturn:
    raise NotTrusted(f"{message} Nothing was sent.")
