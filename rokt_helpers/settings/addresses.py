"""Which addresses mean this machine, and which of the settings lead away from it."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rokt_helpers.errors import GuardError
from rokt_helpers.profiles import leaves_this_computer

if TYPE_CHECKING:
    from rokt_helpers.settings.fields import Settings

__all__ = ["is_loopback", "keep_lessons_at_home"]


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address means this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def keep_lessons_at_home(settings: Settings) -> None:
    """Raise GuardError when the sandbox profile is aimed at a machine other than this one."""
    if leaves_this_computer(settings.profile):
        return
    hosts = {
        "ROKT_API_URL": urlsplit(settings.api_url).hostname or "",
        "ROKT_EVENTS_URL": urlsplit(settings.events_url).hostname or "",
        "ROKT_LEGACY_EVENTS_URL": urlsplit(settings.legacy_events_url).hostname or "",
        "ROKT_SFTP_HOST": settings.sftp_host,
        "ROKT_FEED_HOST": settings.feed_host,
        "ROKT_REFERRALS_SFTP_HOST": settings.referrals_sftp_host,
        "ROKT_REFERRALS_FTPS_HOST": settings.referrals_ftps_host,
        "ROKT_REFERRALS_IMAP_HOST": settings.referrals_imap_host,
    }
    away = [name for name, host in hosts.items() if host and not is_loopback(host)]
    links = [host.strip() for host in settings.referrals_imap_link_hosts.split(",")]
    if any(link and not is_loopback(link.partition(":")[0]) for link in links):
        away.append("ROKT_REFERRALS_IMAP_LINK_HOSTS")
    if away:
        raise GuardError(
            f"The profile is sandbox, but {' and '.join(away)} point to another machine. To work "
            "for real set ROKT_PROFILE=live, for a test account ROKT_PROFILE=staging; to practise, "
            "unset them.",
            guard="production_from_sandbox",
        )
