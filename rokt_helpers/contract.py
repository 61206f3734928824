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
* EVT  "Event and Audience API", the part that could be read (docs.rokt.com)
* CAPI the rokt-capi connector in segmentio/action-destinations and RudderStack's, public source
* MP   mParticle's own documentation and JSON schema of its Events API, which EVT speaks; 2023
* LEG  "Event API", versions 1 and 2 (docs.rokt.com; ROKT/docs, 2020)
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

# --- Events API ------------------------------

LIVE_EVENTS_URL: Final = "https://s2s.us2.mparticle.com"  # EVT; MP knows us1, eu1 and au1 too
EVENTS_PATH: Final = "/v2/events"  # EVT: one batch, which is one person
BULK_EVENTS_PATH: Final = "/v2/bulkevents"  # MP: an array of batches
HISTORICAL_EVENTS_PATH: Final = "/v2/bulkevents/historical"  # MP
EVENTS_SUCCESS_STATUS: Final = 202  # MP; in bulk also when some batches fail
MAX_BATCHES_PER_REQUEST: Final = 100  # MP, CAPI
# MP: "256 kB" and "128 kB". The smaller reading of a kilobyte is safe under both.
MAX_EVENTS_REQUEST_BYTES: Final = 256_000
MAX_BATCH_BYTES: Final = 128_000
MAX_BATCHES_PER_SECOND: Final = 270  # MP: the default
MAX_EVENT_AGE_DAYS: Final = 30  # MP: older events go to the historical address …
MIN_HISTORICAL_AGE_HOURS: Final = 72  # … which leaves out batches with younger ones
EVENTS_RATE_USED_HEADER: Final = "X-mp-rate-limit-percentage-used"  # MP, on a 2xx
EVENTS_RATE_EXCEEDED_HEADER: Final = "X-mp-rate-limit-exceeded"  # MP, on a 429

ENVIRONMENTS: Final = ("development", "production")  # MP
EVENT_TYPE: Final = "custom_event"  # CAPI
CONVERSION_EVENT: Final = "conversion"  # CAPI
CONVERSION_EVENT_TYPE: Final = "transaction"  # CAPI
AUDIENCE_EVENT: Final = "audiencemembershipupdate"  # CAPI
AUDIENCE_EVENT_TYPE: Final = "other"  # CAPI; its drafts had "transaction"
AUDIENCE_STATUSES: Final[dict[str, bool]] = {"add": True, "drop": False}  # CAPI
CUSTOM_EVENT_TYPES: Final = (
    "navigation", "location", "search", "transaction", "user_content", "user_preference",
    "social", "other", "media", "attribution",
)  # fmt: skip
# CAPI: Rokt's click id is written twice, as the identity other2 and as
# integration_attributes.1277.passbackconversiontrackingid.
CLICK_ID_IDENTITY: Final = "other2"
CLICK_ID_MODULE: Final = "1277"
CLICK_ID_ATTRIBUTE: Final = "passbackconversiontrackingid"
# An identity as CAPI writes it, and as MP's schema does. Its e-mail digest is `other` in both.
IDENTITY_SPELLINGS: Final[dict[str, str]] = {
    "customerid": "customer_id",
    **{f"other{number}": f"other_id_{number}" for number in range(2, 11)},
}
# CAPI: any one of these in device_info identifies a person as well. All but the last are GUIDs.
DEVICE_IDENTITIES: Final = (
    "ios_advertising_id", "android_advertising_id", "ios_idfv", "android_uuid",
)  # fmt: skip
# MP: the default service limits. Names and values are counted in characters.
MAX_ATTRIBUTES: Final = 100  # of an event; of a person in one batch
MAX_NAME_CHARACTERS: Final = 256  # of an event, of an attribute
MAX_VALUE_CHARACTERS: Final = 4_096
MAX_LIST_VALUES: Final = 1_000
MAX_LIST_VALUE_CHARACTERS: Final = 512
MAX_AUDIENCE_NAME_CHARACTERS: Final = 100

# The older Event API, LEG. Deprecated by Rokt in favour of the one above.
LIVE_LEGACY_EVENTS_URL: Final = "https://api.rokt.com"
LEGACY_TOKEN_PATH: Final = "/auth/oauth2/token"
LEGACY_EVENTS_V1_PATH: Final = "/v1/events"  # a token; a sample of 2020 prints /events/v1
LEGACY_EVENTS_V2_PATH: Final = "/v2/events"  # the key pair rpub, rsec
LEGACY_TOKEN_SECONDS: Final = 3_600
LEGACY_ROKT_VERSION: Final = "2020-05-21"
LEGACY_IDEMPOTENCY_HOURS: Final = 3  # keys may be forgotten after this
MAX_LEGACY_EVENTS_PER_REQUEST: Final = 100
MAX_LEGACY_EVENT_ID_CHARACTERS: Final = 36
MAX_LEGACY_EVENT_TYPE_CHARACTERS: Final = 128
MAX_LEGACY_FIELDS: Final = 100  # in metaData and in objectData
MAX_LEGACY_VALUE_CHARACTERS: Final = 65_536
LEGACY_RESERVED_PREFIX: Final = "rokt."  # in any case
# The later text; the one of 2020 took a mobile number too.
LEGACY_CONVERSION_IDENTIFIERS: Final = ("email", "emailsha256", CLICK_ID_ATTRIBUTE)

# --- Conversions ------------------------------
#
# Read 2026-11-22:
# * ATT  "Conversion attributes", "Manual upload" (docs.rokt.com)
# * EVT  "Event API", its reference and its sample pages (docs.rokt.com)
# * SNOW "Rokt Conversions API", the app for Snowflake (docs.rokt.com)
# * CAPI the Rokt conversion connectors of Segment and RudderStack, public source

# Our names of what a purchase may carry are Rokt's own, in this order.
CONVERSION_ATTRIBUTES: Final = (
    # Who: one of these is needed (ATT, EVT; advertising ids CAPI). A mobile needs a country.
    "email", "emailsha256", "passbackconversiontrackingid", "mobile", "mobilesha256",
    "ios_advertising_id", "android_advertising_id",
    # More about the person: ATT, EVT, SNOW; customerid CAPI.
    "customerid", "firstname", "firstnamesha256", "lastname", "lastnamesha256", "title", "gender",
    "dob", "age", "language", "unitno", "address1", "address2", "zipcode", "zipsha256",
    "zip4sha256", "billingaddress1", "billingaddress2", "billingzipcode", "billingzipsha256",
    "billingzip4sha256", "city", "state", "country", "ipaddress", "ipaddresssha256", "useragent",
    # The purchase: ATT, EVT; CAPI sends the moment as timestamp_unixtime_ms.
    "timestamp_unixtime_ms", "clienteventid", "conversiontype", "confirmationref", "amount",
    "currency", "quantity", "margin", "paymenttype", "ccbin", "customertype", "productname", "sku",
    "majorcat", "majorcatid", "minorcat", "minorcatid", "experience",
)  # fmt: skip
# SNOW: what stands in a column that is not used.
FILLER_VALUE: Final = "ROKT_FILLER_VALUE"
# Exports write these for "no value" (our decision). NA is Namibia, and None and Null are names.
EMPTY_WORDS: Final = (
    "", FILLER_VALUE, "null", "NULL", "nan", "NaN", "NaT", "<NA>", "#N/A", "N/A", "n/a", "\\N",
    "undefined",
)  # fmt: skip
# The telephone systems give this in place of an advertising id where a person said no.
NO_ADVERTISING_ID: Final = "00000000-0000-0000-0000-000000000000"

# ISO 4217, the codes of money that is legal tender somewhere.
_CURRENCY_CODES: Final = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP
GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD
KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN
NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP
SLE SOS SRD SSP STN SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV
WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
CURRENCIES: Final = frozenset(_CURRENCY_CODES.split())
# ISO 3166-1 alpha-2 (ATT asks for these).
_COUNTRY_CODES: Final = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE
EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM
HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC
LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES: Final = frozenset(_COUNTRY_CODES.split())

# Why a row is no conversion: a closed set. Each rejected row has exactly one, the first that
# applies; the report names the column where one is at fault.
CONVERSION_REASONS: Final[dict[str, str]] = {
    "unreadable": "the row has more cells than the header, or text that cannot be read",
    "repeated_header": "the header again, inside the list",
    "empty_row": "none of the columns in use holds anything",
    "bad_email": "not an e-mail address",
    "bad_digest": "not a SHA-256, or that of a placeholder such as nan",
    "digest_conflict": "the address and the SHA-256 of the row are not of the same person",
    "bad_tracking_id": "white space inside a tracking id, or an address in its place",
    "bad_mobile": "a mobile number that does not come to ten digits",
    "bad_advertising_id": "not the 32 hexadecimal digits of an advertising id",
    "bad_name": "no letter, so not a name",
    "bad_zip": "not a ZIP code such as 10014, or a ZIP+4 such as 10014-1234",
    "bad_ip": "not an IP address",
    "bad_country": "not an ISO 3166 code of two letters, such as US",
    "bad_date": "not a day that there is, or not in a form that is read",
    "bad_time": "not a moment that there is, or not in a form that is read",
    "ambiguous_date": "a day that could be day/month or month/day, and nothing says which",
    "no_time_zone": "a time without a zone, and none was given",
    "skipped_hour": "a time that the clocks of its zone skipped",
    "bad_amount": "not an amount, or not with the decimal mark of its column",
    "ambiguous_amount": "a mark that could be of thousands or of decimals, and nothing says which",
    "negative_amount": "less than nothing: a refund, which is no conversion",
    "currency_conflict": "the amount carries the sign of a currency that the row does not name",
    "bad_currency": "not an ISO 4217 code of three letters, such as USD",
    "bad_number": "not a whole number in its range",
    "bad_sku_list": "not a list: two kinds of separator, or JSON that is no array of plain values",
    "address_in_text": "an e-mail address in a column of other text",
    "no_identifier": "no address, SHA-256, tracking id, mobile with country or advertising id",
}
