"""On which ways referrals come to this account, in words."""

from __future__ import annotations

from typing import Final

from rokt_helpers.settings import Settings

__all__ = ["routes_in_words"]

_SFTP: Final = ("sftp_host", "sftp_username", "sftp_key_file", "sftp_host_key")


def routes_in_words(settings: Settings) -> tuple[str, ...]:
    """Return the routes that are set up, each as a person calls it; none connects to anything."""
    ready = not settings.missing(*_SFTP)  # Rokt's own address is there before anybody set it up
    routes = [
        ("Rokt's SFTP", settings.sftp_host if ready else ""),
        ("the SFTP drop", settings.referrals_sftp_host),
        ("the FTPS drop", settings.referrals_ftps_host),
        ("the mailbox", settings.referrals_imap_host),
    ]
    named = [f"{spoken} at {host}" for spoken, host in routes if host]
    if settings.referrals_folder is not None:
        named.append(f"the folder {settings.referrals_folder.name}/, and e-mail saved there")
    if (settings.account_folder / "pushed").is_dir():
        named.append("what Rokt pushed to the receiver")
    return tuple(named)
