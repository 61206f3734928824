"""The canonical form of an e-mail address, what is none, and why a row is not accepted."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from rokt_helpers.contract.sources import FIPS_180, OURS, RFC_1035, RFC_5321

__all__ = [
    "DIGEST_LENGTHS",
    "INVISIBLE",
    "MAX_DOMAIN_LABEL_CHARACTERS",
    "MAX_EMAIL_CHARACTERS",
    "MAX_LOCAL_CHARACTERS",
    "PLACEHOLDERS",
    "REASONS",
    "UNICODE_FORM",
    "WHITE_SPACE",
]

# Dots and plus tags of the local part stay, since Rokt does not ask for anything else. White
# space is Unicode's White_Space property and U+001C to U+001F, which Python and databases also
# strip …
WHITE_SPACE: Final[
    Annotated[str, OURS, "CAI says “remove any whitespace and lowercase”; which set, it does not"]
] = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
# … and the characters nobody can see or type, which come from copying out of web pages and
# spreadsheets: soft hyphen, zero-width and direction marks, word joiner, byte-order mark.
INVISIBLE: Final[Annotated[str, OURS, "what copying leaves behind"]] = (
    "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060"
    "\u2066\u2067\u2068\u2069\ufeff"
)
# The same address typed on a Mac and on a telephone is the same person. Full-width letters and
# domain spellings are left as they are.
UNICODE_FORM: Final[
    Annotated[Literal["NFC"], OURS, "composed form, as in RFC 6532, section 3.1"]
] = "NFC"

MAX_EMAIL_CHARACTERS: Final[
    Annotated[int, RFC_5321, "section 4.5.3.1.3, less the angle brackets"]
] = 254
MAX_LOCAL_CHARACTERS: Final[Annotated[int, RFC_5321, "section 4.5.3.1.1"]] = 64
MAX_DOMAIN_LABEL_CHARACTERS: Final[Annotated[int, RFC_1035, "section 2.3.4"]] = 63

# Each rejected row has exactly one, the first that applies.
REASONS: Final[Annotated[dict[str, str], OURS, "the closed set of reasons"]] = {
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

DIGEST_LENGTHS: Final[
    Annotated[dict[int, str], FIPS_180, "by their length in hexadecimal characters"]
] = {
    32: "MD5",
    40: "SHA-1",
    56: "SHA-224",
    64: "SHA-256",
    96: "SHA-384",
    128: "SHA-512",
}
# Words that exports write for "no value", and headers.
PLACEHOLDERS: Final[Annotated[tuple[str, ...], OURS, "their digest is no person"]] = (
    "", " ", "\n", "\r\n", "-", "0", "#n/a", "#N/A", "n/a", "N/A", "na", "NA", "nan", "NaN",
    "none", "None", "null", "NULL", "undefined", "unknown", "false", "email", "Email", "EMAIL",
    "e-mail", "email_address", "emailaddress",
)  # fmt: skip
