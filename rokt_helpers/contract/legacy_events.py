"""The older Event API, deprecated by Rokt in favour of the Event and Audience API."""

from __future__ import annotations

from typing import Annotated, Final

from rokt_helpers.contract.events import CLICK_ID_ATTRIBUTE
from rokt_helpers.contract.sources import LEG

__all__ = [
    "LEGACY_CONVERSION_IDENTIFIERS",
    "LEGACY_EVENTS_V1_PATH",
    "LEGACY_EVENTS_V2_PATH",
    "LEGACY_IDEMPOTENCY_HOURS",
    "LEGACY_OBJECT_NAMES",
    "LEGACY_RESERVED_PREFIX",
    "LEGACY_ROKT_VERSION",
    "LEGACY_TOKEN_PATH",
    "LEGACY_TOKEN_SECONDS",
    "LIVE_LEGACY_EVENTS_URL",
    "MAX_LEGACY_EVENTS_PER_REQUEST",
    "MAX_LEGACY_EVENT_ID_CHARACTERS",
    "MAX_LEGACY_EVENT_TYPE_CHARACTERS",
    "MAX_LEGACY_FIELDS",
    "MAX_LEGACY_VALUE_CHARACTERS",
]

LIVE_LEGACY_EVENTS_URL: Final[Annotated[str, LEG]] = "https://api.rokt.com"
LEGACY_TOKEN_PATH: Final[Annotated[str, LEG]] = "/auth/oauth2/token"  # noqa: S105  a path
LEGACY_EVENTS_V1_PATH: Final[
    Annotated[str, LEG, "with a token; a sample of 2020 prints /events/v1"]
] = "/v1/events"
LEGACY_EVENTS_V2_PATH: Final[Annotated[str, LEG, "with the key pair rpub, rsec"]] = "/v2/events"
LEGACY_TOKEN_SECONDS: Final[Annotated[int, LEG]] = 3_600
LEGACY_ROKT_VERSION: Final[Annotated[str, LEG, "blank is the latest, another one a 400"]] = (
    "2020-05-21"
)
LEGACY_IDEMPOTENCY_HOURS: Final[Annotated[int, LEG, "keys may be forgotten after this"]] = 3
MAX_LEGACY_EVENTS_PER_REQUEST: Final[Annotated[int, LEG]] = 100
MAX_LEGACY_EVENT_ID_CHARACTERS: Final[Annotated[int, LEG]] = 36
MAX_LEGACY_EVENT_TYPE_CHARACTERS: Final[Annotated[int, LEG]] = 128
MAX_LEGACY_FIELDS: Final[Annotated[int, LEG, "in metaData and in objectData"]] = 100
MAX_LEGACY_VALUE_CHARACTERS: Final[Annotated[int, LEG]] = 65_536
LEGACY_RESERVED_PREFIX: Final[Annotated[str, LEG, "in any case"]] = "rokt."
LEGACY_CONVERSION_IDENTIFIERS: Final[
    Annotated[tuple[str, ...], LEG, "the later text; the one of 2020 took a mobile number too"]
] = ("email", "emailsha256", CLICK_ID_ATTRIBUTE)
LEGACY_OBJECT_NAMES: Final[
    Annotated[
        tuple[str, ...],
        LEG,
        "the names that are listed for objectData; whether others are kept is not said",
    ]
] = (
    "email", "emailsha256", CLICK_ID_ATTRIBUTE, "amount", "currency", "quantity",
    "conversiontype", "productname", "sku", "paymenttype", "ccbin", "margin", "transactionid",
    "confirmationref", "firstname", "firstnamesha256", "lastname", "lastnamesha256", "mobile",
    "mobilesha256", "ipaddress", "ipaddresssha256", "useragent", "DeviceType", "os", "osversion",
    "browser", "browserversion", "title", "gender", "dob", "age", "language", "unitno", "address1",
    "address2", "zipcode", "city", "state", "country",
)  # fmt: skip
