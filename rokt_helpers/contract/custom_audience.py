"""The custom audience import API, versions 3 and 1.0."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from rokt_helpers.contract.sources import CAI, LISTS, SEG

__all__ = [
    "ACTIONS",
    "AUTH_CHECK_PATH",
    "DEFAULT_LIST",
    "IDENTIFIER_KEYS",
    "IMPORT_PATH",
    "LEGACY_IMPORT_PATH",
    "LEGACY_MAX_IDENTIFIERS_PER_REQUEST",
    "LIVE_API_URL",
    "MAX_IDENTIFIERS_PER_REQUEST",
    "MAX_IN_FLIGHT",
    "MAX_STARTS_PER_SECOND",
    "MIN_INCLUDE_PEOPLE",
    "PUBLIC_KEY_PREFIX",
    "SECRET_KEY_PREFIX",
    "SUCCESS_STATUS",
    "Action",
    "IdentifierKind",
]

Action = Literal["include", "exclude"]
IdentifierKind = Literal["email", "sha256"]

LIVE_API_URL: Final[Annotated[str, CAI, "one client's page prints api.rokt.com: a slip"]] = (
    "https://data.rokt.com"
)
IMPORT_PATH: Final[Annotated[str, CAI]] = "/v3/import/suppression"
AUTH_CHECK_PATH: Final[
    Annotated[str, SEG, "no page of Rokt's mentions it; it changes no audience"]
] = "/v3/auth-check"

ACTIONS: Final[Annotated[tuple[Action, ...], CAI, "exclude removes from the named list"]] = (
    "include",
    "exclude",
)
DEFAULT_LIST: Final[Annotated[str, CAI, "the list when none is named"]] = "AdvertiserDatabase"
IDENTIFIER_KEYS: Final[
    Annotated[
        tuple[str, ...], CAI, "exactly one of them in a body; SEG sends two, one of them empty"
    ]
] = ("email", "emails", "sha256", "sha256s")
MAX_IDENTIFIERS_PER_REQUEST: Final[
    Annotated[int, CAI, "“recommended”; an older copy said 1,000,000"]
] = 100_000
MAX_STARTS_PER_SECOND: Final[Annotated[int, CAI, "“recommended”"]] = 4
MAX_IN_FLIGHT: Final[Annotated[int, CAI, "“recommended”"]] = 4
SUCCESS_STATUS: Final[Annotated[int, CAI, "“Created” is the only success"]] = 201

# The legacy address: the account's API key alone in the Authorization header, no accountId.
LEGACY_IMPORT_PATH: Final[
    Annotated[str, CAI, "body, limits and answers are “exactly the same” as in version 3"]
] = "/api/1.0/import/suppression"
LEGACY_MAX_IDENTIFIERS_PER_REQUEST: Final[
    Annotated[int, CAI, "an older copy, of the time when there was no other address"]
] = 1_000_000

PUBLIC_KEY_PREFIX: Final[Annotated[str, CAI]] = "rpub-"
SECRET_KEY_PREFIX: Final[Annotated[str, CAI]] = "rsec-"  # noqa: S105  the prefix is no secret

MIN_INCLUDE_PEOPLE: Final[
    Annotated[int, LISTS, "a list that is to be targeted should not hold fewer people"]
] = 1_000
