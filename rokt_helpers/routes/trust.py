"""Which certificates a route trusts: the system's, or those of one file."""

from __future__ import annotations

import ssl
from pathlib import Path

from rokt_helpers.errors import SettingsError

__all__ = ["trusting"]


def trusting(ca_file: Path | None, setting: str) -> ssl.SSLContext:
    """Return a context that checks the certificate and the name of the host in it.

    Raises
    ------
    SettingsError
        The file cannot be read, or holds no certificate.
    """
    if ca_file is None:
        return ssl.create_default_context()
    try:
        return ssl.create_default_context(cafile=str(ca_file.expanduser()))
    except (OSError, ssl.SSLError):
        raise SettingsError(
            f"{setting} names a file that cannot be read as certificates (PEM). Correct it."
        ) from None
