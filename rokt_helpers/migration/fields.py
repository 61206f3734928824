"""Where each attribute of a conversion stands in Rokt's older and newer interfaces, as data.

Rokt's own table of this was not found. It is put together from what Rokt's connectors send and
from mParticle's documents; each line says which, and what only seems likely is marked so. The
encoders do not read this table: the parity report holds what they write against it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rokt_helpers import contract
from rokt_helpers.contract.sources import CAPI, INFERRED, MP, Source

__all__ = ["CLICK_ID_COPY", "FIELD_MOVES", "FieldMove"]

# The second place of a click id; the newer SFTP has no column for it.
CLICK_ID_COPY: Final = "integration_attributes.1277.passbackconversiontrackingid"
_PERSON: Final = "user_attributes"
_EVENT: Final = "events.data.custom_attributes"


@dataclass(frozen=True)
class FieldMove:
    """One attribute.

    Attributes
    ----------
    attribute
        Our name, which is Rokt's; ``contract.CONVERSION_ATTRIBUTES`` has them all.
    legacy
        Its name in an event of the legacy Event API; None where it has none there.
    batch
        Its path in a batch of the Event and Audience API, which is also the name of its column in
        a file of the newer SFTP; ``events`` is the one event in it.
    source
        Who says so.
    remark
        What is to be known besides.
    """

    attribute: str
    legacy: str | None
    batch: str
    source: Source
    remark: str = ""


def _below(branch: str, names: str, source: Source) -> Iterator[FieldMove]:
    """Give attributes that stand under their own name below a branch."""
    for name in names.split():
        legacy = name if name in contract.LEGACY_OBJECT_NAMES else None
        yield FieldMove(name, legacy, f"{branch}.{name}", source)


FIELD_MOVES: Final[tuple[FieldMove, ...]] = (
    FieldMove("email", "email", "user_identities.email", CAPI),
    FieldMove("emailsha256", "emailsha256", "user_identities.other", CAPI,
              remark="never in user_identities.email"),
    FieldMove("passbackconversiontrackingid", "passbackconversiontrackingid",
              "user_identities.other2", CAPI,
              remark=f"and in {CLICK_ID_COPY}, the same both times"),
    FieldMove("customerid", None, "user_identities.customerid", CAPI),
    FieldMove("ios_advertising_id", None, "device_info.ios_advertising_id", CAPI),
    FieldMove("android_advertising_id", None, "device_info.android_advertising_id", CAPI),
    FieldMove("useragent", "useragent", "device_info.http_header_user_agent", CAPI),
    FieldMove("ipaddress", "ipaddress", "ip", CAPI),
    FieldMove("zipcode", "zipcode", "user_attributes.zip", CAPI, remark="another name"),
    *_below(_PERSON, "mobile mobilesha256 firstname firstnamesha256 lastname lastnamesha256 title "
            "gender dob age language billingzipcode billingzipsha256 city state", CAPI),
    *_below(_PERSON, "unitno address1 address2 zipsha256 zip4sha256 billingaddress1 "
            "billingaddress2 billingzip4sha256 country ipaddresssha256", INFERRED),
    FieldMove("timestamp_unixtime_ms", "eventTime", "events.data.timestamp_unixtime_ms", MP,
              remark="RFC 3339 text becomes milliseconds since 1970"),
    FieldMove("clienteventid", "clientEventId", "events.data.source_message_id", MP,
              remark="made of the content where there is none; the column is inferred"),
    *_below(_EVENT, "conversiontype confirmationref amount currency", CAPI),
    *_below(_EVENT, "quantity margin paymenttype ccbin customertype productname sku majorcat "
            "majorcatid minorcat minorcatid experience", INFERRED),
)  # fmt: skip
