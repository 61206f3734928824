"""The Event and Audience API, which speaks mParticle's Events API."""

from __future__ import annotations

from typing import Annotated, Final

from rokt_helpers.contract.sources import CAPI, EVT, MP

__all__ = [
    "AUDIENCE_EVENT",
    "AUDIENCE_EVENT_TYPE",
    "AUDIENCE_STATUSES",
    "BULK_EVENTS_PATH",
    "CLICK_ID_ATTRIBUTE",
    "CLICK_ID_IDENTITY",
    "CLICK_ID_MODULE",
    "CONVERSION_EVENT",
    "CONVERSION_EVENT_TYPE",
    "CUSTOM_EVENT_TYPES",
    "DEVICE_IDENTITIES",
    "ENVIRONMENTS",
    "EVENTS_PATH",
    "EVENTS_RATE_EXCEEDED_HEADER",
    "EVENTS_RATE_USED_HEADER",
    "EVENTS_SUCCESS_STATUS",
    "EVENT_TYPE",
    "HISTORICAL_EVENTS_PATH",
    "IDENTITY_SPELLINGS",
    "LIVE_EVENTS_URL",
    "MAX_ATTRIBUTES",
    "MAX_AUDIENCE_NAME_CHARACTERS",
    "MAX_BATCHES_PER_REQUEST",
    "MAX_BATCHES_PER_SECOND",
    "MAX_BATCH_BYTES",
    "MAX_EVENTS_REQUEST_BYTES",
    "MAX_EVENT_AGE_DAYS",
    "MAX_LIST_VALUES",
    "MAX_LIST_VALUE_CHARACTERS",
    "MAX_NAME_CHARACTERS",
    "MAX_VALUE_CHARACTERS",
    "MIN_HISTORICAL_AGE_HOURS",
]

LIVE_EVENTS_URL: Final[Annotated[str, EVT, "MP knows us1, eu1 and au1 too"]] = (
    "https://s2s.us2.mparticle.com"
)
EVENTS_PATH: Final[Annotated[str, EVT, "one batch, which is one person"]] = "/v2/events"
BULK_EVENTS_PATH: Final[Annotated[str, MP, "an array of batches"]] = "/v2/bulkevents"
HISTORICAL_EVENTS_PATH: Final[Annotated[str, MP]] = "/v2/bulkevents/historical"
EVENTS_SUCCESS_STATUS: Final[Annotated[int, MP, "in bulk also when some batches fail"]] = 202
MAX_BATCHES_PER_REQUEST: Final[
    Annotated[int, MP, "CAPI sends as many; MP also words it as 100 events"]
] = 100
# The smaller reading of a kilobyte is safe under both.
MAX_EVENTS_REQUEST_BYTES: Final[Annotated[int, MP, "“256 kB”, read as 1,000 bytes each"]] = 256_000
MAX_BATCH_BYTES: Final[Annotated[int, MP, "“128 kB”, read as 1,000 bytes each"]] = 128_000
MAX_BATCHES_PER_SECOND: Final[
    Annotated[int, MP, "the default of an account; NOTE repeats it for Rokt"]
] = 270
MAX_EVENT_AGE_DAYS: Final[Annotated[int, MP, "older events go to the historical address"]] = 30
MIN_HISTORICAL_AGE_HOURS: Final[
    Annotated[int, MP, "the historical address leaves out batches with a younger event"]
] = 72
EVENTS_RATE_USED_HEADER: Final[Annotated[str, MP, "on a 2xx"]] = "X-mp-rate-limit-percentage-used"
EVENTS_RATE_EXCEEDED_HEADER: Final[Annotated[str, MP, "on a 429"]] = "X-mp-rate-limit-exceeded"

ENVIRONMENTS: Final[
    Annotated[tuple[str, ...], MP, "both of the clients always send production"]
] = ("development", "production")
EVENT_TYPE: Final[Annotated[str, CAPI]] = "custom_event"
CONVERSION_EVENT: Final[Annotated[str, CAPI]] = "conversion"
CONVERSION_EVENT_TYPE: Final[Annotated[str, CAPI]] = "transaction"
AUDIENCE_EVENT: Final[
    Annotated[str, CAPI, "one client only; others send an attribute and no event"]
] = "audiencemembershipupdate"
AUDIENCE_EVENT_TYPE: Final[Annotated[str, CAPI, "its drafts had “transaction”"]] = "other"
AUDIENCE_STATUSES: Final[Annotated[dict[str, bool], CAPI]] = {"add": True, "drop": False}
CUSTOM_EVENT_TYPES: Final[
    Annotated[tuple[str, ...], MP, "its schema does not have attribution, its text does"]
] = (
    "navigation", "location", "search", "transaction", "user_content", "user_preference",
    "social", "other", "media", "attribution",
)  # fmt: skip

# Rokt's click id is written twice.
CLICK_ID_IDENTITY: Final[Annotated[str, CAPI, "written here and below the module"]] = "other2"
CLICK_ID_MODULE: Final[Annotated[str, CAPI, "Rokt's number, in integration_attributes"]] = "1277"
CLICK_ID_ATTRIBUTE: Final[Annotated[str, EVT]] = "passbackconversiontrackingid"
# The e-mail digest is `other` in both.
IDENTITY_SPELLINGS: Final[
    Annotated[dict[str, str], MP, "as CAPI writes an identity, and as MP's schema does"]
] = {
    "customerid": "customer_id",
    **{f"other{number}": f"other_id_{number}" for number in range(2, 11)},
}
# Any one of these in device_info identifies a person as well.
DEVICE_IDENTITIES: Final[Annotated[tuple[str, ...], CAPI, "all but the last are GUIDs"]] = (
    "ios_advertising_id", "android_advertising_id", "ios_idfv", "android_uuid",
)  # fmt: skip

# The default service limits. Names and values are counted in characters.
MAX_ATTRIBUTES: Final[Annotated[int, MP, "of an event; of a person in one batch"]] = 100
MAX_NAME_CHARACTERS: Final[Annotated[int, MP, "of an event, of an attribute"]] = 256
MAX_VALUE_CHARACTERS: Final[Annotated[int, MP]] = 4_096
MAX_LIST_VALUES: Final[Annotated[int, MP]] = 1_000
MAX_LIST_VALUE_CHARACTERS: Final[Annotated[int, MP]] = 512
MAX_AUDIENCE_NAME_CHARACTERS: Final[Annotated[int, MP, "stated for its dashboard"]] = 100
