"""Find what is odd in a list of addresses, one function for each kind, and put it into words.

Law: no part of an address that stands before the @ enters a sentence or an example, and a domain
only where it is itself the finding.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, get_args

import polars as pl

from rokt_helpers import contract
from rokt_helpers.advice import domains
from rokt_helpers.advice.facts import gmail_mailbox

__all__ = ["APPLICABLE", "LOOKS", "NOT_APPLICABLE", "TITLES", "Advice", "Code"]

Code = Literal[
    "domain_typo", "role_account", "placeholder", "disposable", "same_mailbox", "concentration",
    "small_include",
]  # fmt: skip

# Why some advice has nothing that could be applied.
NOT_APPLICABLE: Final[dict[Code, str]] = {
    "same_mailbox": (
        "Rokt compares the digest of each address as it is written, and only the person knows "
        "which spelling they gave elsewhere. So every spelling stays."
    ),
    "concentration": "Nothing can be applied; look where these rows come from.",
    "small_include": "Nothing can be applied; the list needs more people.",
}

APPLICABLE: Final[tuple[Code, ...]] = tuple(c for c in get_args(Code) if c not in NOT_APPLICABLE)

# What each is called where there is room for a few words only.
TITLES: Final[dict[Code, str]] = {
    "domain_typo": "mistyped mail domains",
    "role_account": "mailboxes of offices",
    "placeholder": "addresses that stand for none",
    "disposable": "throw-away mail",
    "same_mailbox": "spellings of one mailbox",
    "concentration": "much of the same",
    "small_include": "a small list",
}

_MOST_EXAMPLES: Final = 5
_UNUSUAL_DOMAIN: Final = 0.6
_UNUSUAL_PREFIX: Final = 0.05
_FEWEST_ODD: Final = 20  # in a short list any share comes about


@dataclass(frozen=True)
class Advice:
    """One thing that looks odd.

    Attributes
    ----------
    code
        Which kind of thing; the key to pass to :func:`advice.apply`.
    sentence
        What was found, how often, and what applying it would change.
    rows, people
        Rows concerned, and different addresses among them. For ``same_mailbox`` the addresses
        that would be left over if each mailbox were one person.
    examples
        At most five, masked; empty where only the name before the @ could be shown.
    share
        ``rows`` as a part of all rows that hold an address, 0 to 1.
    """

    code: Code
    sentence: str
    rows: int
    people: int
    examples: tuple[str, ...]
    share: float

    @property
    def applicable(self) -> bool:
        """Whether :func:`advice.apply` can do anything about it."""
        return self.code not in NOT_APPLICABLE

    @property
    def title(self) -> str:
        """What was found, in a few words."""
        return TITLES[self.code]

    @property
    def would_change(self) -> str:
        """What applying it would do, in a few words."""
        if not self.applicable:
            return "nothing"
        return "rewrites the domain" if self.code == "domain_typo" else "drops the rows"

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values for JSON, ``applicable`` among them."""
        return {**asdict(self), "examples": list(self.examples), "applicable": self.applicable}


def _typos(people: pl.DataFrame, rows: int) -> list[Advice]:
    odd = people.filter("domain_typo")
    different = _count(odd["domain"].n_unique(), "domain")
    says = (
        f"a mail domain that looks mistyped ({different}). Applying this writes the suggested "
        "domain; look at the suggestions first, because a real company may own such a name."
    )
    return _told("domain_typo", says, odd, rows, _masked_slip())


def _roles(people: pl.DataFrame, rows: int) -> list[Advice]:
    says = (
        "the mailbox of an office, such as info@ or sales@, and not of a person. Applying this "
        "drops these rows."
    )
    return _told("role_account", says, people.filter("role_account"), rows)


def _placeholders(people: pl.DataFrame, rows: int) -> list[Advice]:
    says = (
        "an address that stands for none, such as test@test.com or any at example.com. Applying "
        "this drops these rows."
    )
    # At any other domain only the name before the @ shows what is odd, and that is not shown.
    shown = pl.when(pl.col("reserved")).then(_masked("domain"))
    return _told("placeholder", says, people.filter("placeholder"), rows, shown)


def _disposables(people: pl.DataFrame, rows: int) -> list[Advice]:
    says = (
        "an address of a service for throw-away mail. Applying this drops these rows; lists of "
        "such services also name some that people keep."
    )
    return _told("disposable", says, people.filter("disposable"), rows, _masked("domain"))


def _same_mailboxes(people: pl.DataFrame, rows: int) -> list[Advice]:
    shared = (
        people.filter(pl.col("domain").is_in(domains.GMAIL))
        .group_by(gmail_mailbox(pl.col("local")))
        .agg(pl.col("rows").sum(), pl.len().alias("spellings"))
        .filter(pl.col("spellings") > 1)
    )
    if shared.is_empty():
        return []
    spellings, mailboxes = int(shared["spellings"].sum()), len(shared)
    sentence = (
        f"{spellings:,} Gmail addresses are spellings of {_count(mailboxes, 'mailbox', 'es')} "
        "(dots, plus tags, googlemail.com). With one person for each mailbox the list would be "
        f"{spellings - mailboxes:,} shorter. {NOT_APPLICABLE['same_mailbox']}"
    )
    odd = int(shared["rows"].sum())
    return [Advice("same_mailbox", sentence, odd, spellings - mailboxes, (), odd / rows)]


def _one_domain(people: pl.DataFrame, rows: int) -> list[Advice]:
    says = (
        "an address at one domain that is no big provider's: the list may hold staff or one "
        f"company's people. {NOT_APPLICABLE['concentration']}"
    )
    odd = _gathered(people.filter(~pl.col("known")), pl.col("domain"), _UNUSUAL_DOMAIN * rows)
    return _told("concentration", says, odd, rows, _masked("domain"))


def _one_prefix(people: pl.DataFrame, rows: int) -> list[Advice]:
    says = (
        "one and the same word with a number behind it, such as test1, test2 and so on: made-up "
        f"addresses look like this. {NOT_APPLICABLE['concentration']}"
    )
    prefix = pl.col("local").str.strip_chars_end("0123456789")
    numbered = people.filter((prefix != pl.col("local")) & (prefix != ""))
    return _told("concentration", says, _gathered(numbered, prefix, _UNUSUAL_PREFIX * rows), rows)


def _small_includes(people: pl.DataFrame, rows: int) -> list[Advice]:
    if len(people) >= contract.MIN_INCLUDE_PEOPLE:
        return []
    sentence = (
        f"The list holds {len(people):,} different addresses. A list to include should hold "
        f"{contract.MIN_INCLUDE_PEOPLE:,} or more. {NOT_APPLICABLE['small_include']}"
    )
    return [Advice("small_include", sentence, rows, len(people), (), 1.0)]


Look = Callable[[pl.DataFrame, int], list[Advice]]
LOOKS: Final[tuple[Look, ...]] = (
    _typos, _roles, _placeholders, _disposables, _same_mailboxes, _one_domain, _one_prefix,
    _small_includes,
)  # fmt: skip


def _gathered(people: pl.DataFrame, by: pl.Expr, least: float) -> pl.DataFrame:
    """Return the people of each group that holds unusually many of the rows."""
    groups = people.group_by(by.alias("group")).agg(pl.col("rows").sum(), pl.len().alias("people"))
    odd = groups.filter((pl.col("rows") > least) & (pl.col("people") >= _FEWEST_ODD))
    return people.filter(by.is_in(odd["group"].implode()))


def _told(
    code: Code, says: str, odd: pl.DataFrame, rows: int, shown: pl.Expr | None = None
) -> list[Advice]:
    """Return the advice about the people found, or none where nobody was."""
    if odd.is_empty():
        return []
    count = int(odd["rows"].sum())
    have = (
        f"{count:,} rows ({_count(len(odd), 'address', 'es')}) have" if count > 1 else "1 row has"
    )
    examples = () if shown is None else _examples(odd, shown)
    return [Advice(code, f"{have} {says}", count, len(odd), examples, count / rows)]


def _examples(odd: pl.DataFrame, shown: pl.Expr) -> tuple[str, ...]:
    """Return what is shown of the most frequent; by name where they are as frequent."""
    shown_rows = odd.group_by(shown.alias("shown")).agg(pl.col("rows").sum()).drop_nulls()
    ranked = shown_rows.sort("rows", "shown", descending=[True, False])
    return tuple(ranked["shown"].head(_MOST_EXAMPLES))


def _masked(domain: str) -> pl.Expr:
    return pl.concat_str(pl.lit("•••@"), pl.col(domain))


def _masked_slip() -> pl.Expr:
    """Show a slip of a big provider whole, and of any other domain the ending: it may be a name."""
    ending = pl.col("domain").str.extract(r"(\.[^.]+)$", 1)
    meant = pl.col("suggestion").str.extract(r"(\.[^.]+)$", 1)
    big = pl.col("suggestion").is_in(domains.BIG_PROVIDERS)
    before = pl.when(big).then(_masked("domain")).otherwise(pl.lit("•••@•••") + ending)
    after = pl.when(big).then(_masked("suggestion")).otherwise(pl.lit("•••@•••") + meant)
    return pl.concat_str(before, pl.lit(" → "), after)


def _count(number: int, thing: str, plural: str = "s") -> str:
    return f"{number:,} {thing}{'' if number == 1 else plural}"
