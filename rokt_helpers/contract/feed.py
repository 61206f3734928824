"""The newer SFTP integration, which is mParticle's custom CSV feed under Rokt's name."""

from __future__ import annotations

from typing import Annotated, Final

from rokt_helpers.contract.sources import FEED, INFERRED, MP_CSV

__all__ = [
    "BEST_FEED_FILE_BYTES",
    "FEED_AUDIENCE_SUFFIX",
    "FEED_BRANCHES",
    "FEED_CONVERSIONS_SUFFIX",
    "FEED_DEVICE_COLUMNS",
    "FEED_DROP_FOLDER",
    "FEED_ENCRYPTED_SUFFIXES",
    "FEED_EVENT_COLUMNS",
    "FEED_FILE_SUFFIXES",
    "FEED_IDENTITY_COLUMNS",
    "FEED_MESSAGE_ID_COLUMN",
    "FEED_MISSING_ENVIRONMENT",
    "FEED_NAME_PATTERN",
    "FEED_ROOT_COLUMNS",
    "FEED_STAGING_PREFIX",
    "LIVE_FEED_HOST",
    "LIVE_FEED_PORT",
    "MAX_FEED_COLUMNS",
    "MAX_FEED_ROW_BYTES",
]

LIVE_FEED_HOST: Final[
    Annotated[str, MP_CSV, "us1, eu1 and au1 too; that Rokt hands out these is not confirmed"]
] = "sftp.us2.mparticle.com"
LIVE_FEED_PORT: Final[Annotated[int, MP_CSV]] = 4422
FEED_DROP_FOLDER: Final[
    Annotated[str, MP_CSV, "below it the pod, a dash and the feed's number; no folders below that"]
] = "drop"
FEED_STAGING_PREFIX: Final[
    Annotated[str, INFERRED, "SFTP's rule: that the newer server leaves dot-files too is not said"]
] = "."

# --- File names ------------------------------

FEED_AUDIENCE_SUFFIX: Final[Annotated[str, FEED, "the dash is mandatory"]] = "-eventless.csv"
FEED_CONVERSIONS_SUFFIX: Final[Annotated[str, FEED, "the dash is mandatory"]] = "-custom_event.csv"
# What stands before the suffix. The page forbids dash and dot, and its examples have an underscore.
FEED_NAME_PATTERN: Final[
    Annotated[str, FEED, "no dash and no dot; that no more than these are safe is inferred"]
] = "[A-Za-z0-9_]+"
FEED_FILE_SUFFIXES: Final[
    Annotated[tuple[str, ...], FEED, "a .zip holds one CSV or more, each named by the same rule"]
] = (".csv", ".csv.gz", ".zip")
FEED_ENCRYPTED_SUFFIXES: Final[
    Annotated[tuple[str, ...], FEED, "encrypted and plain files do not mix in one feed (MP_CSV)"]
] = (".csv.gpg", ".csv.gz.gpg")

# --- Limits ------------------------------

MAX_FEED_COLUMNS: Final[
    Annotated[int, MP_CSV, "“fewer than 50”; FEED says at most 50, and the smaller is safe"]
] = 49
MAX_FEED_ROW_BYTES: Final[Annotated[int, FEED, "“80 KB”, read as 1,000 bytes each"]] = 80_000
BEST_FEED_FILE_BYTES: Final[
    Annotated[tuple[int, int], FEED, "advice; split files are worked on at the same time"]
] = (5_000_000, 2_000_000_000)

# --- Columns ------------------------------
#
# A column is a dot path into the batch of the Events API; letters' case counts, and each value is
# text. What is not named here has no column.

FEED_ROOT_COLUMNS: Final[Annotated[tuple[str, ...], FEED, "mpid: MP_CSV"]] = (
    "environment", "ip", "mpid",
)  # fmt: skip
FEED_MISSING_ENVIRONMENT: Final[
    Annotated[str, MP_CSV, "what a row without the column counts as"]
] = "production"
FEED_IDENTITY_COLUMNS: Final[
    Annotated[tuple[str, ...], MP_CSV, "of user_identities; the list ends in dots after other4"]
] = ("customerid", "email", "other", *(f"other{number}" for number in range(2, 11)))
FEED_DEVICE_COLUMNS: Final[
    Annotated[tuple[str, ...], MP_CSV, "of device_info; the user agent from CAPI, inferred"]
] = (
    "ios_advertising_id", "android_advertising_id", "android_uuid", "ios_idfv",
    "roku_advertising_id", "http_header_user_agent",
)  # fmt: skip
FEED_EVENT_COLUMNS: Final[Annotated[tuple[str, ...], MP_CSV, "of events.data"]] = (
    "event_name", "custom_event_type", "timestamp_unixtime_ms",
)  # fmt: skip
FEED_MESSAGE_ID_COLUMN: Final[
    Annotated[str, INFERRED, "of events.data: a path of the batch, not in MP_CSV's list"]
] = "source_message_id"
FEED_BRANCHES: Final[
    Annotated[tuple[str, ...], MP_CSV, "below these any name; spaces are allowed in it"]
] = ("user_attributes", "events.data.custom_attributes")
