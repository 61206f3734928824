"""Rokt's rules as constants, each with where it is written and when it was read.

Nothing here computes. The client and the sandbox both import this module and share no other
code, so that one does not judge the other by its own mistakes. Where Rokt's pages of different
years disagree the newer one is the value and the older one is named in the comment; where Rokt
is silent the line says "our decision".

The pages, all read 2026-11-22:

* CAI  "Custom Audience Import API" (docs.rokt.com)
* SFTP "Secure file transfer", the client's side, conversions (docs.rokt.com)
* CAS  "Custom audience import via Rokt SFTP" (docs.rokt.com, older and newer copies)
* REF  "Referral export via Rokt SFTP", 2021; "Accessing referral data" (docs.rokt.com)
* SEG  the Rokt audience connector in segmentio/action-destinations, public source
"""

from __future__ import annotations

from typing import Final, Literal

Action = Literal["include", "exclude"]
IdentifierKind = Literal["email", "sha256"]

# --- Custom audience import ------------------------------

LIVE_API_URL: Final = "https://data.rokt.com"  # CAI
IMPORT_PATH: Final = "/v3/import/suppression"  # CAI
# SEG only: no page of Rokt's mentions it. It changes no audience.
AUTH_CHECK_PATH: Final = "/v3/auth-check"

ACTIONS: Final[tuple[Action, ...]] = ("include", "exclude")  # CAI; exclude removes from the list
DEFAULT_LIST: Final = "AdvertiserDatabase"  # CAI: the list when none is named
# CAI: exactly one of these keys in a body.
IDENTIFIER_KEYS: Final = ("email", "emails", "sha256", "sha256s")
MAX_IDENTIFIERS_PER_REQUEST: Final = 100_000  # CAI; an older copy said 1,000,000
MAX_STARTS_PER_SECOND: Final = 4  # CAI
MAX_IN_FLIGHT: Final = 4  # CAI
SUCCESS_STATUS: Final = 201  # CAI: "Created" is the only success
# The legacy address, CAI: the account's API key alone in the Authorization header, no accountId.
# CAI: "the request body, API limits and response handling are exactly the same" as above …
LEGACY_IMPORT_PATH: Final = "/api/1.0/import/suppression"  # CAI
# … an older copy of CAI, of the time when there was no other address, said 1,000,000.
LEGACY_MAX_IDENTIFIERS_PER_REQUEST: Final = 1_000_000
PUBLIC_KEY_PREFIX: Final = "rpub-"  # CAI
SECRET_KEY_PREFIX: Final = "rsec-"  # CAI

# A list that is to be targeted should not hold fewer people (custom audience import page).
MIN_INCLUDE_PEOPLE: Final = 1_000

# --- SFTP ------------------------------

LIVE_SFTP_HOST: Final = "ftp.rokt.com"  # SFTP
LIVE_SFTP_PORT: Final = 22  # SFTP
AUDIENCE_FOLDER: Final = "/upload/custom-audience"  # CAS; below it include|exclude, then the list
CONVERSIONS_FOLDER: Final = "/upload/conversions"  # SFTP; the oldest page says /upload/conversion
DOWNLOADS_FOLDER: Final = "/downloads"  # REF
UPLOAD_SUFFIXES: Final = (".csv", ".txt")  # SFTP
MAX_UPLOAD_BYTES: Final = 200_000_000  # a second-hand note of 2026; Rokt's own text was not found
STAGING_PREFIX: Final = "."  # SFTP: a file so named waits until it is renamed
REFERRAL_RETENTION_DAYS: Final = 14  # REF; an older page says no more than 7

# --- Canonical e-mail ------------------------------

# CAI: "remove any whitespace and lowercase" before SHA-256. Rokt asks for nothing else, so dots
# and plus tags of the local part stay. What counts as white space is our decision: Unicode's
# White_Space property and U+001C to U+001F, which Python and databases also strip …
WHITE_SPACE: Final = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
# … and the characters nobody can see or type, which come from copying out of web pages and
# spreadsheets: soft hyphen, zero-width and direction marks, word joiner, byte-order mark.
INVISIBLE: Final = (
    "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060"
    "\u2066\u2067\u2068\u2069\ufeff"
)
# Our decision: composed form (RFC 6532, section 3.1), so that the same address typed on a Mac and
# on a telephone is the same person. Full-width letters and domain spellings are left as they are.
UNICODE_FORM: Final = "NFC"

MAX_EMAIL_CHARACTERS: Final = 254  # RFC 5321, section 4.5.3.1.3, less the angle brackets
MAX_LOCAL_CHARACTERS: Final = 64  # RFC 5321, section 4.5.3.1.1
MAX_DOMAIN_LABEL_CHARACTERS: Final = 63  # RFC 1035, section 2.3.4

# --- Why a row is not accepted ------------------------------

# The closed set of reasons. Each rejected row has exactly one, the first that applies.
REASONS: Final[dict[str, str]] = {
    "unreadable": "the row has more cells than the header, or text that cannot be read",
    "repeated_header": "the header again, inside the list",
    "empty": "nothing is in the cell once white space is removed",
    "other_digest": "a digest that is not SHA-256 of an e-mail address",
    "not_a_digest": "not a digest, in a column of digests",
    "no_at_sign": "no @",
    "several_at_signs": "more than one @",
    "too_long": "longer than an address may be",
    "bad_local_part": "what stands before the @ cannot be a mailbox",
    "bad_domain": "what stands after the @ cannot be a domain",
    "poison_digest": "the digest of an empty cell or of a placeholder such as nan: no person",
    "not_ten_digits": "a mobile number that does not come to ten digits",
    "not_a_zip": "not a ZIP code such as 12345, or a ZIP+4 such as 12345-6789",
    "not_a_name": "no letter, so not a name",
    # Never without an analyst's choice: advice that was applied.
    "placeholder": "left out by choice: an address that stands for none, such as test@test.com",
    "disposable": "left out by choice: an address of a service for throw-away mail",
    "role_account": "left out by choice: the mailbox of an office, such as info@ or sales@",
}

# Digests by their length in hexadecimal characters.
DIGEST_LENGTHS: Final[dict[int, str]] = {
    32: "MD5",
    40: "SHA-1",
    56: "SHA-224",
    64: "SHA-256",
    96: "SHA-384",
    128: "SHA-512",
}
# Words that exports write for "no value", and headers; their digest is no person (our decision).
PLACEHOLDERS: Final = (
    "", " ", "\n", "\r\n", "-", "0", "#n/a", "#N/A", "n/a", "N/A", "na", "NA", "nan", "NaN",
    "none", "None", "null", "NULL", "undefined", "unknown", "false", "email", "Email", "EMAIL",
    "e-mail", "email_address", "emailaddress",
)  # fmt: skip

# --- Referrals ------------------------------

# Rokt's display names (REF), with the column names of our tidy table. The file's own header is
# agreed between Rokt and each client, so both spellings are understood.
REFERRAL_COLUMNS: Final[dict[str, str]] = {
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
# REF, metadata page: the columns that identify a person.
PERSONAL_COLUMNS: Final = (
    "email", "first_name", "last_name", "mobile", "address_1", "address_2", "ip", "birth_date",
)  # fmt: skip
# REF: a custom field may deliver the code in place of the label.
GENDER_LABELS: Final[dict[str, str]] = {"m": "Male", "f": "Female"}
# A spreadsheet counts days from here; 43765.07083 is 2019-10-27 about 01:42.
SERIAL_DATE_EPOCH: Final = "1899-12-30"
