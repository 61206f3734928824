"""Rokt's attributes in the words of whoever exported the file."""

from __future__ import annotations

from typing import Final

__all__ = ["in_words"]

_WORDS: Final = {
    "email": "e-mail address",
    "emailsha256": "SHA-256 of the e-mail",
    "passbackconversiontrackingid": "Rokt click id",
    "mobile": "mobile number",
    "mobilesha256": "SHA-256 of the mobile",
    "customerid": "your customer id",
    "firstname": "first name",
    "firstnamesha256": "SHA-256 of the first name",
    "lastname": "last name",
    "lastnamesha256": "SHA-256 of the last name",
    "dob": "date of birth",
    "zipcode": "ZIP code",
    "zipsha256": "SHA-256 of the ZIP code",
    "billingzipcode": "billing ZIP code",
    "ipaddress": "IP address",
    "timestamp_unixtime_ms": "time of purchase",
    "clienteventid": "id of the event",
    "conversiontype": "conversion type",
    "confirmationref": "order id",
    "paymenttype": "way of paying",
    "productname": "name of the product",
    "sku": "SKUs",
}


def in_words(attribute: str) -> str:
    """Return an attribute in plain words; where there are none, its name."""
    return _WORDS.get(attribute, attribute)
