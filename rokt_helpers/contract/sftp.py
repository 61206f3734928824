"""Rokt's older SFTP: its host, its folders, its files."""

from __future__ import annotations

from typing import Annotated, Final

from rokt_helpers.contract.sources import CAS, NOTE, REF, SFTP

__all__ = [
    "AUDIENCE_FOLDER",
    "CONVERSIONS_FOLDER",
    "DOWNLOADS_FOLDER",
    "LIVE_SFTP_HOST",
    "LIVE_SFTP_PORT",
    "MAX_UPLOAD_BYTES",
    "REFERRAL_RETENTION_DAYS",
    "STAGING_PREFIX",
    "UPLOAD_SUFFIXES",
]

LIVE_SFTP_HOST: Final[Annotated[str, SFTP]] = "ftp.rokt.com"
LIVE_SFTP_PORT: Final[Annotated[int, SFTP]] = 22
AUDIENCE_FOLDER: Final[
    Annotated[str, CAS, "below it include or exclude, and below that the list"]
] = "/upload/custom-audience"
CONVERSIONS_FOLDER: Final[Annotated[str, SFTP, "the oldest page says /upload/conversion"]] = (
    "/upload/conversions"
)
DOWNLOADS_FOLDER: Final[Annotated[str, REF]] = "/downloads"
UPLOAD_SUFFIXES: Final[Annotated[tuple[str, ...], SFTP]] = (".csv", ".txt")
MAX_UPLOAD_BYTES: Final[Annotated[int, NOTE, "Rokt's own text was not found"]] = 200_000_000
STAGING_PREFIX: Final[
    Annotated[
        str,
        SFTP,
        "a file so named waits until it is renamed; an older copy has no word of renaming",
    ]
] = "."
REFERRAL_RETENTION_DAYS: Final[Annotated[int, REF, "an older page says no more than 7"]] = 14
