"""Referral files: what Rokt calls its columns, and what is in them."""

from __future__ import annotations

from typing import Annotated, Final

from rokt_helpers.contract.sources import INFERRED, REF

__all__ = ["GENDER_LABELS", "PERSONAL_COLUMNS", "REFERRAL_COLUMNS", "SERIAL_DATE_EPOCH"]

# Rokt's display names, with the column names of our tidy table. The file's own header is agreed
# between Rokt and each client, so both spellings are understood.
REFERRAL_COLUMNS: Final[
    Annotated[
        dict[str, str],
        REF,
        "the list could be read as far as Browser; from Source on the spelling is inferred",
    ]
] = {
    "Date/time": "referred_at",
    "Campaign name": "campaign",
    "Audience ID": "audience_id",
    "Audience name": "audience",
    "Country": "country",
    "State": "state",
    "Suburb": "suburb",
    "ZIP/postal code": "postal_code",
    "Gender": "gender",
    "Age": "age",
    "Birth date": "birth_date",
    "Bid price": "bid_price",
    "Ad response": "ad_response",
    "Ad text": "ad_text",
    "Ad text (HTML)": "ad_text_html",
    "Browser": "browser",
    "Browser version": "browser_version",
    "Source": "source",
    "Email": "email",
    "First name": "first_name",
    "Last name": "last_name",
    "Mobile": "mobile",
    "Address 1": "address_1",
    "Address 2": "address_2",
    "IP": "ip",
}
PERSONAL_COLUMNS: Final[
    Annotated[tuple[str, ...], REF, "its metadata page; birth_date is our addition"]
] = (
    "email", "first_name", "last_name", "mobile", "address_1", "address_2", "ip", "birth_date",
)  # fmt: skip
GENDER_LABELS: Final[
    Annotated[dict[str, str], REF, "a custom field may deliver the code in place of the label"]
] = {"m": "Male", "f": "Female"}
# 43765.07083 is 2019-10-27 about 01:42.
SERIAL_DATE_EPOCH: Final[
    Annotated[str, INFERRED, "REF prints 43765.07083, and does not say what it counts"]
] = "1899-12-30"
