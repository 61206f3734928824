"""The pages that Rokt's rules are from: how far each can be trusted, and when it was last read.

Every constant of this room carries one of these in its annotation. When a page is read again,
its date is changed here, and in no other place; where it says something new, the constant too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

__all__ = ["TRUST_IN_WORDS", "Source", "Trust"]

Trust = Literal["rokt", "clients", "mparticle", "second-hand", "inferred", "standard", "ours"]

# What a person reads in place of the short word.
TRUST_IN_WORDS: Final[dict[Trust, str]] = {
    "rokt": "Rokt's own page",
    "clients": "public clients of Rokt",
    "mparticle": "mParticle's documents",
    "second-hand": "second-hand",
    "inferred": "inferred",
    "standard": "a public standard",
    "ours": "our decision",
}


@dataclass(frozen=True, slots=True)
class Source:
    """One page: a short name, its title and place, how far it is trusted, the day it was read."""

    key: str
    page: str
    trust: Trust
    read: date


_FIRST: Final = date(2026, 11, 22)

# --- Rokt's own pages, at docs.rokt.com ------------------------------

CAI: Final = Source("CAI", "Custom Audience Import API", "rokt", _FIRST)
CAS: Final = Source(
    "CAS", "Custom audience import via Rokt SFTP, older and newer copies", "rokt", _FIRST
)
LISTS: Final = Source("LISTS", "Custom audience import, in general", "rokt", _FIRST)
SFTP: Final = Source("SFTP", "Secure file transfer of conversions (deprecated)", "rokt", _FIRST)
FEED: Final = Source("FEED", "SFTP integration, the newer one", "rokt", _FIRST)
REF: Final = Source(
    "REF", "Referral export via Rokt SFTP, 2021; Accessing referral data", "rokt", _FIRST
)
EVT: Final = Source("EVT", "Event and Audience API, the part that could be read", "rokt", _FIRST)
LEG: Final = Source("LEG", "Event API, versions 1 and 2; ROKT/docs, 2020", "rokt", _FIRST)
ATT: Final = Source("ATT", "Conversion attributes; Manual upload", "rokt", _FIRST)
SNOW: Final = Source("SNOW", "Rokt Conversions API, the app for Snowflake", "rokt", _FIRST)

# --- What works with Rokt, and what lies under it ------------------------------

SEG: Final = Source(
    "SEG", "the Rokt audience connector in segmentio/action-destinations", "clients", _FIRST
)
CAPI: Final = Source(
    "CAPI",
    "the rokt-capi connector in segmentio/action-destinations, and RudderStack's",
    "clients",
    _FIRST,
)
MP: Final = Source(
    "MP", "mParticle's Events API, its JSON schema and service limits, 2023", "mparticle", _FIRST
)
MP_CSV: Final = Source("MP_CSV", "mParticle's custom CSV feed, 2023", "mparticle", _FIRST)
NOTE: Final = Source(
    "NOTE", "a public research note of 2026 that says it read Rokt's guide", "second-hand", _FIRST
)

# --- Public standards ------------------------------

RFC_1035: Final = Source("RFC_1035", "RFC 1035, Domain names", "standard", _FIRST)
RFC_5321: Final = Source("RFC_5321", "RFC 5321, Simple Mail Transfer Protocol", "standard", _FIRST)
RFC_9562: Final = Source("RFC_9562", "RFC 9562, UUIDs", "standard", _FIRST)
FIPS_180: Final = Source(
    "FIPS_180", "FIPS 180-4, Secure Hash Standard; RFC 1321 for MD5", "standard", _FIRST
)
ISO_3166: Final = Source("ISO_3166", "ISO 3166-1, codes of countries", "standard", _FIRST)
ISO_4217: Final = Source("ISO_4217", "ISO 4217, codes of currencies", "standard", _FIRST)

# --- Where no page says it ------------------------------

INFERRED: Final = Source(
    "INFERRED", "no page says it: what the pages together suggest", "inferred", _FIRST
)
OURS: Final = Source("OURS", "our own decision, where Rokt is silent", "ours", _FIRST)
