"""Conversions: Rokt's names of what a purchase may carry, codes, and why a row is none."""

from __future__ import annotations

from typing import Annotated, Final

from rokt_helpers.contract.sources import ATT, ISO_3166, ISO_4217, OURS, RFC_9562, SNOW

__all__ = [
    "CONVERSION_ATTRIBUTES",
    "CONVERSION_REASONS",
    "COUNTRIES",
    "CURRENCIES",
    "EMPTY_WORDS",
    "FILLER_VALUE",
    "NO_ADVERTISING_ID",
]

# Our names of what a purchase may carry are Rokt's own, in this order.
CONVERSION_ATTRIBUTES: Final[
    Annotated[
        tuple[str, ...],
        ATT,
        "also EVT and SNOW; customerid, the advertising ids and the timestamp are CAPI's",
    ]
] = (
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
FILLER_VALUE: Final[Annotated[str, SNOW, "what stands in a column that is not used"]] = (
    "ROKT_FILLER_VALUE"
)
# Exports write these for "no value". NA is Namibia, and None and Null are names.
EMPTY_WORDS: Final[Annotated[tuple[str, ...], OURS, "what exports write for no value"]] = (
    "", FILLER_VALUE, "null", "NULL", "nan", "NaN", "NaT", "<NA>", "#N/A", "N/A", "n/a", "\\N",
    "undefined",
)  # fmt: skip
NO_ADVERTISING_ID: Final[
    Annotated[str, RFC_9562, "what telephones give for an advertising id where a person said no"]
] = "00000000-0000-0000-0000-000000000000"

_CURRENCY_CODES: Final[str] = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP
GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD
KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN
NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP
SLE SOS SRD SSP STN SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV
WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
CURRENCIES: Final[Annotated[frozenset[str], ISO_4217, "money that is legal tender somewhere"]] = (
    frozenset(_CURRENCY_CODES.split())
)
_COUNTRY_CODES: Final[str] = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE
EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM
HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC
LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES: Final[
    Annotated[frozenset[str], ISO_3166, "the codes of two letters; ATT asks for these"]
] = frozenset(_COUNTRY_CODES.split())

# Each rejected row has exactly one, the first that applies; the report names the column where
# one is at fault.
CONVERSION_REASONS: Final[Annotated[dict[str, str], OURS, "the closed set of reasons"]] = {
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
    "bad_number": "not a whole number in its range, or one that lost digits, such as 1.2E+16",
    "bad_sku_list": "not a list: two kinds of separator, or JSON that is no array of plain values",
    "address_in_text": "an e-mail address in a column of other text",
    "no_identifier": "no address, SHA-256, tracking id, mobile with country or advertising id",
}
