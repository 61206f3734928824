"""What a conversion may carry: Rokt's names, the names that exports use, and the kind of value.

Rokt's own names stand in ``contract.CONVERSION_ATTRIBUTES``, with their sources. The names that
exports use for them are ours: the words of shops, warehouses and Rokt's other interfaces.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from rokt_helpers import contract

__all__ = ["ATTRIBUTES", "IDENTIFIERS", "Attribute", "Kind", "rank_of"]

Kind = Literal[
    "address", "advertising", "age", "amount", "country", "currency", "day", "digest", "email",
    "ip", "margin", "mobile", "moment", "name", "skus", "text", "tracking", "whole", "zip",
]  # fmt: skip


@dataclass(frozen=True)
class Attribute:
    """One attribute.

    Attributes
    ----------
    kind
        How its cells are read.
    others
        Other names for it in exports, as :func:`rank_of` folds them.
    hashed
        Rokt's name of its SHA-256; None where there is no such attribute.
    personal
        True where the value itself says who a person is: without a hashed form it is kept only
        with ``output="plain"``.
    """

    kind: Kind
    others: tuple[str, ...] = ()
    hashed: str | None = None
    personal: bool = False


def _said(kind: Kind, others: str = "", hashed: str | None = None) -> Attribute:
    personal = hashed is not None or kind in {"day", "address"}
    return Attribute(kind, tuple(others.split()), hashed, personal=personal)


_SAID: Final[dict[str, Attribute]] = {
    "email": _said(
        "email",
        "emailaddress mail customeremail useremail buyeremail contactemail billingemail",
        "emailsha256",
    ),
    "emailsha256": _said(
        "digest", "sha256 hashedemail emailhash emailhashed sha256email useridentitiesother"
    ),
    "passbackconversiontrackingid": _said(
        "tracking", "rokttrackingid rclid rtid clickid roktclickid trackingid useridentitiesother2"
    ),
    "mobile": _said(
        "mobile", "mobilenumber mobilephone phone phonenumber cell cellphone telephone tel",
        "mobilesha256",
    ),
    "ios_advertising_id": _said("advertising", "idfa iosadid iosidfa"),
    "android_advertising_id": _said("advertising", "gaid aaid androidadid googleadid"),
    "customerid": _said("text", "userid customernumber customerno clientid memberid"),
    "firstname": _said("name", "givenname fname forename", "firstnamesha256"),
    "lastname": _said("name", "familyname lname surname", "lastnamesha256"),
    "dob": _said("day", "dateofbirth birthdate birthday"),
    "age": _said("age"),
    "gender": _said("text", "sex"),
    "language": _said("text", "locale lang"),
    "unitno": _said("address", "unit unitnumber"),
    "address1": _said("address", "address addressline1 street shippingaddress1"),
    "address2": _said("address", "addressline2 shippingaddress2"),
    "billingaddress1": _said("address", "billingaddress billingstreet"),
    "billingaddress2": _said("address"),
    "zipcode": _said("zip", "zip postcode postalcode shippingzip", "zipsha256"),
    "billingzipcode": _said(
        "zip", "billingzip billingpostcode billingpostalcode", "billingzipsha256"
    ),
    "city": _said("text", "town suburb shippingcity billingcity"),
    "state": _said("text", "statename province region"),
    "country": _said("country", "countrycode billingcountry shippingcountry"),
    "ipaddress": _said("ip", "ip clientip", "ipaddresssha256"),
    "useragent": _said("text", "httpheaderuseragent browseruseragent"),
    "timestamp_unixtime_ms": _said(
        "moment",
        "eventtime datetime date timestamp orderdate ordertime orderdatetime orderedat createdat "
        "purchasedate purchasetime purchasedat transactiondate transactiontime conversiondate "
        "conversiontime conversiontimestamp eventdate eventtimestamp",
    ),
    "clienteventid": _said("text", "eventid sourcemessageid messageid"),
    "conversiontype": _said("text", "conversionname conversionevent eventname"),
    "confirmationref": _said(
        "text",
        "confirmationreference confirmationnumber orderid ordernumber orderno orderref "
        "orderreference transactionid transactionref transactionreference transactionnumber "
        "bookingid bookingref bookingreference",
    ),
    "amount": _said(
        "amount",
        "value total totalamount ordertotal ordervalue orderamount revenue price purchaseamount "
        "transactionamount transactionvalue conversionvalue grandtotal",
    ),
    "currency": _said("currency", "currencycode ordercurrency"),
    "quantity": _said("whole", "qty itemcount items"),
    "margin": _said("margin"),
    "paymenttype": _said("text", "paymentmethod"),
    "ccbin": _said("text", "cardbin bin"),
    "productname": _said("text", "product itemname"),
    "sku": _said("skus", "skus productsku productskus itemsku"),
}  # fmt: skip


def _attribute(name: str) -> Attribute:
    plain = Attribute("digest") if name.endswith("sha256") else Attribute("text")
    return _SAID.get(name, plain)


# All of them, in the order of the contract; those without a line above are digests or text.
ATTRIBUTES: Final = {name: _attribute(name) for name in contract.CONVERSION_ATTRIBUTES}
# One of these must be there; a mobile number counts only with a country.
IDENTIFIERS: Final = contract.CONVERSION_ATTRIBUTES[:7]
_NOT_IN_A_NAME: Final = re.compile(r"[^a-z0-9]+")


def rank_of(column: str, attribute: str) -> int | None:
    """Return how well a column's name fits: 0 Rokt's own, 1 another for it, None not at all.

    Capitals and everything but letters and digits count for nothing; of a path with dots, as the
    newer SFTP files have, the last part is enough.
    """
    names = {_folded(column), _folded(column.rpartition(".")[2])}
    if _folded(attribute) in names:
        return 0
    return 1 if names & {*ATTRIBUTES[attribute].others} else None


def _folded(name: str) -> str:
    return _NOT_IN_A_NAME.sub("", name.lower())
