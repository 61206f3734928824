"""A computer that is set up for production, and a guard at the socket that lets nothing out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

# Put before every Python that is started: no connection but to this machine, and each try written.
GUARD = """
import ipaddress, os, socket, sys

OWN = {None, "", "localhost", socket.gethostname(), socket.getfqdn()}

def is_here(host):
    host = host.decode() if isinstance(host, bytes) else host
    if host in OWN:
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified

def look(event, arguments):
    if event in ("socket.connect", "socket.sendto"):
        where = arguments[1]
        host = where[0] if isinstance(where, tuple) else None
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if not is_here(host):
        with open(os.environ["TRIED"], "a") as tried:
            tried.write(f"{event} {host}\\n")
        raise ConnectionRefusedError("a test lets nothing go to another machine")

sys.addaudithook(look)
with open(os.environ["TRIED"] + ".guarded", "a") as guarded:
    guarded.write(f"{os.getpid()}\\n")
"""
LIVE = {
    "ROKT_PROFILE": "live",
    "ROKT_ACCOUNT_ID": "2581697744617019994",
    "ROKT_API_URL": "https://data.rokt.com",
    "ROKT_EVENTS_URL": "https://inbound.mparticle.com",
    "ROKT_LEGACY_EVENTS_URL": "https://api.rokt.com",
    "ROKT_SFTP_HOST": "ftp.rokt.com",
    "ROKT_SFTP_USERNAME": "somebody",
    "ROKT_SFTP_HOST_KEY": "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "ROKT_FEED_HOST": "sftp.us2.mparticle.com",
    "ROKT_REFERRALS_SFTP_HOST": "files.rokt.com",
    "ROKT_REFERRALS_FTPS_HOST": "files.rokt.com",
    "ROKT_REFERRALS_IMAP_HOST": "mail.rokt.com",
    "ROKT_REFERRALS_IMAP_LINK_HOSTS": "links.rokt.com",
    "ROKT_LEDGER_URL": "postgresql://ledger.rokt.com/ledger",
    "ROKT_SHARED_FOLDER": "s3://bucket/rokt",
    "ROKT_PUBLIC_KEY": "rpub-not-a-key",
    "ROKT_SECRET_KEY": "rsec-not-a-key",
    "HTTP_PROXY": "http://proxy.rokt.com:3128",
    "HTTPS_PROXY": "http://proxy.rokt.com:3128",
    "ALL_PROXY": "http://proxy.rokt.com:3128",
}


@dataclass(frozen=True)
class Watched:
    """Where each process that is guarded, and each try to reach another machine, is written."""

    path: Path

    def tried(self) -> list[str]:
        """Return the tries so far."""
        return self.path.read_text().splitlines() if self.path.exists() else []

    def guarded(self) -> int:
        """Return how many processes were started with the guard."""
        return len(Path(f"{self.path}.guarded").read_text().splitlines())
