"""Know mail domains and mailbox names: the big providers, slips of them, roles, placeholders.

Law: a domain where people are known to have mail is never called a slip, however alike it looks.
Everything here is our decision: Rokt says nothing about any of it.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from disposable_email_domains import blocklist

__all__ = [
    "BIG_PROVIDERS", "DISPOSABLE", "GMAIL", "KNOWN", "NO_MAILBOXES", "PRACTICE", "RESERVED",
    "ROLES", "SUFFIX_SLIPS", "TEST_MAILBOXES", "slips",
]  # fmt: skip

GMAIL: Final = ("gmail.com", "googlemail.com")

# Largest first: a slip that lies between two providers is taken for the larger one.
BIG_PROVIDERS: Final = (
    "gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "icloud.com", "aol.com", "live.com",
    "msn.com", "comcast.net", "me.com", "att.net", "verizon.net", "sbcglobal.net", "ymail.com",
    "rocketmail.com", "bellsouth.net", "optonline.net", "earthlink.net", "roadrunner.com",
    "protonmail.com", "googlemail.com", "hotmail.co.uk", "yahoo.co.uk", "btinternet.com",
    "virginmedia.com", "blueyonder.co.uk", "hotmail.fr", "yahoo.fr", "orange.fr", "wanadoo.fr",
    "laposte.net", "t-online.de", "freenet.de", "libero.it", "virgilio.it", "bigpond.com",
    "optusnet.com.au", "yahoo.com.br", "yahoo.co.jp", "yahoo.co.in", "rediffmail.com",
    "shaw.ca", "sympatico.ca", "qq.com", "163.com", "mail.ru", "yandex.ru",
)  # fmt: skip

_COUNTRIES: Final = {
    "yahoo": "ca cn cz de dk es fi gr hu ie in it nl no pl pt ro se co.id co.il co.kr co.nz co.th "
    "co.za com.ar com.au com.cn com.co com.hk com.mx com.my com.pe com.ph com.sg com.tr com.tw "
    "com.ve com.vn",
    "hotmail": "be ca ch cl de dk es fi gr hu it jp nl no pt rs ru se sg co.il co.in co.jp co.kr "
    "co.nz co.th co.za com.ar com.au com.br com.hk com.mx com.tr com.tw com.vn",
    "outlook": "at be bg cl cz de dk es fr gr hu ie in it jp kr lv my nl ph pt ro sa sg sk co.id "
    "co.il co.nz co.th com.ar com.au com.br com.gr com.tr com.vn",
    "live": "at be ca ch cl cn de dk fi fr hk ie in it jp nl no pt ru se co.kr co.uk co.za com.ar "
    "com.au com.mx com.my com.ph com.pt com.sg",
    "aol": "co.uk de es fr in it jp nl com.au com.br com.mx",
    "gmx": "at ch co.uk com com.br de es fr it net org us",
    "yandex": "by com kz ua com.tr",
    "freenet": "net",
    "orange": "com es pl ro",
    "rogers": "com",
    "mail": "bg com de dk ee kz ua",
    "email": "com cz de it",
    "web": "de",
    "hey": "com",
    "mac": "com",
    "passport": "com",
    "windowslive": "com",
    "proton": "me",
    "pm": "me",
    "tutanota": "com de",
    "zoho": "com eu in",
    "fastmail": "com fm",
    "laposte": "fr",
    "att": "com",
    "ntlworld": "com",
    "sky": "com",
    "talktalk": "net co.uk",
    "tiscali": "it co.uk fr",
    "cox": "net",
    "charter": "net",
    "juno": "com",
    "126": "com",
    "139": "com",
    "sina": "com cn",
    "sohu": "com",
    "naver": "com",
    "daum": "net",
    "seznam": "cz",
    "wp": "pl",
    "o2": "pl co.uk",
    "uol": "com.br",
    "bol": "com.br",
    "terra": "com.br es",
    "alice": "it",
    "tin": "it",
    "free": "fr",
    "sfr": "fr",
    "bbox": "fr",
    "neuf": "fr",
    "ziggo": "nl",
    "telenet": "be",
    "skynet": "be",
    "bluewin": "ch",
    "iinet": "net.au",
    "xtra": "co.nz",
}
# Companies and smaller providers that lie one slip away from a big one.
_LOOK_ALIKES: Final = (
    "cloud.com", "email.com", "gotmail.com", "grail.com", "libera.it", "wahoo.com",
)  # fmt: skip

# Most people at gmial.com slipped, though somebody opened a throw-away service there: what is one
# step from a big provider is called a slip first, and disposable only where it is none.
DISPOSABLE: Final = frozenset(blocklist)

KNOWN: Final = (
    frozenset(BIG_PROVIDERS)
    | {f"{name}.{end}" for name, ends in _COUNTRIES.items() for end in ends.split()}
    # amail.com to zmail.com: most exist, some are providers, and all are one letter from gmail.com.
    | {f"{letter}mail.com" for letter in "abcdefghijklmnopqrstuvwxyz"}
    | set(_LOOK_ALIKES)
)

# Endings that are no top-level domain, so nobody can have mail there, and what was meant.
SUFFIX_SLIPS: Final[dict[str, str]] = {
    **dict.fromkeys(
        ("con", "cmo", "ocm", "vom", "xom", "cim", "cpm", "clm", "ckm", "cok", "comm", "coom",
         "ccom", "conm", "cokm", "copm", "comn", "c0m"),
        "com",
    ),
    **dict.fromkeys(("nte", "ent", "nett", "neet", "nnet", "nrt", "ner"), "net"),
    **dict.fromkeys(("ogr", "rog", "orgg", "ogrg"), "org"),
    **dict.fromkeys(("couk", "co.ku", "cou.k"), "co.uk"),
}  # fmt: skip

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789-"
# In shorter names one letter makes another company: aol.com, sol.com, al.com.
_SHORTEST_NAME: Final = 5


@cache
def slips() -> dict[str, str]:
    """Return slip → provider: all domains one Damerau-Levenshtein step from a big provider's.

    Steps inside the name (``gnail.com``, ``gmial.com``), the point in a wrong place
    (``gmailc.om``) and an ending short of a letter (``gmail.co``). An ending that is whole is
    left alone, because yahoo.fr and yahoo.gr are both real. Known domains are not among them.
    """
    found: dict[str, str] = {}
    for domain in BIG_PROVIDERS:
        name, _, ending = domain.partition(".")
        if len(name) < _SHORTEST_NAME:
            continue
        near = {f"{slip}.{ending}" for slip in _one_step_from(name)} | {
            f"{name[:-1]}.{name[-1]}{ending}",
            f"{name}{ending[0]}.{ending[1:]}",
        }
        near |= {f"{name}.{short}" for short in ("co", "cm", "om")} if ending == "com" else set()
        for slip in near - KNOWN:
            found.setdefault(slip, domain)
    return found


def _one_step_from(name: str) -> set[str]:
    """Return the names that one letter more, less, other or swapped with the next one makes."""
    cuts = [(name[:place], name[place:]) for place in range(len(name) + 1)]
    fewer = {start + end[1:] for start, end in cuts if end}
    swapped = {start + end[1] + end[0] + end[2:] for start, end in cuts if len(end) > 1}
    other = {start + letter + end[1:] for start, end in cuts if end for letter in _LETTERS}
    more = {start + letter + end for start, end in cuts for letter in _LETTERS}
    return (fewer | swapped | other | more) - {name}


# --- mailbox names ------------------------------

# RFC 2142 names the classic ones; the others are what companies print on their pages.
ROLES: Final = (
    "abuse", "accounting", "accounts", "admin", "administrator", "billing", "booking", "bookings",
    "careers", "compliance", "contact", "contact-us", "contactus", "customer.service",
    "customercare", "customerservice", "do-not-reply", "donotreply", "enquiries", "enquiry",
    "feedback", "finance", "ftp", "hello", "help", "helpdesk", "hostmaster", "hr", "info",
    "inquiries", "inquiry", "jobs", "legal", "mailer-daemon", "marketing", "media", "newsletter",
    "no-reply", "no.reply", "no_reply", "noc", "noreply", "office", "orders", "postmaster",
    "press", "privacy", "reception", "reservations", "root", "sales", "security", "service",
    "support", "team", "unsubscribe", "usenet", "uucp", "webmaster", "www",
)  # fmt: skip

# What people and shop tills type where they have no address, whatever domain follows.
NO_MAILBOXES: Final = (
    "asdf", "asdfasdf", "dummy", "fake", "fakeemail", "donthave", "donthaveone", "nan", "no-email",
    "no.email", "no.mail", "no_email", "noemail", "noemailaddress", "noemailprovided", "nomail",
    "none", "notavailable", "notgiven", "notprovided", "null", "test", "testing", "undefined",
    "unknown",
)  # fmt: skip
# test@test.com, none@none.com, a@a.com, xxx@xxx.com: the same word on both sides. Real companies
# have such addresses too (the founder's name is the firm's), so only these words count.
TEST_MAILBOXES: Final = (
    *NO_MAILBOXES, "abc", "asd", "customer", "demo", "email", "example", "guest", "mail", "me",
    "na", "no", "qwerty", "sample", "user",
)  # fmt: skip
# RFC 2606 and RFC 6761: nobody can have mail at these; the countries keep an example of their own.
RESERVED: Final = (
    r"(?:^|\.)example\.(?:com|net|org|[a-z]{2}|com?\.[a-z]{2})$"
    r"|\.(?:example|invalid|localhost|test)$"
)
# The practice lists' own: reserved as well, but there they stand for real mail, because a list in
# which every row is odd teaches nothing. Any other .example is a placeholder.
PRACTICE: Final = frozenset(
    ("harbourmail.example", "lindenpost.example", "northpost.example", "mail.bluebird.example",
     "shop.fernhill.example")
)  # fmt: skip
