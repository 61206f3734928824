"""Decide a group of requests at once: answers by the rules, and the rows to be written. Pure.

Law: nothing raw passes to the journal unless it was asked to be kept. The address becomes its
digest, every other column that names a person goes, and so does a cell that holds an address.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, Literal

import polars as pl

from rokt_helpers.errors import InputError
from rokt_helpers.identifiers import digest_fault, sha256_hex, with_email_verdict
from rokt_helpers.receiver.agreement import Agreement
from rokt_helpers.receiver.rules import Answer
from rokt_helpers.referrals.naming import names_a_person

__all__ = ["Arrived", "Judge", "Judged", "Personal"]

Personal = Literal["hash", "keep"]

_ADDRESS_INSIDE: Final = re.compile(r"[^\s@]+(@|%40)[^\s@]+")
_MOMENT: Final = "referred_at"


@dataclass(frozen=True)
class Arrived:
    """The values of one request by column, and when it came (UTC)."""

    values: Mapping[str, str] = field(repr=False)
    at: datetime


@dataclass(frozen=True)
class Judged:
    """What becomes of one request.

    Attributes
    ----------
    answer
        What goes back.
    outcome
        What it is counted under.
    row
        What is written; None where nothing is kept.
    keys
        What a duplicate of it would be known by.
    """

    answer: Answer
    outcome: str
    row: Mapping[str, str] | None = field(default=None, repr=False)
    keys: tuple[str, ...] = field(default=(), repr=False)


class Judge:
    """Knows the agreement, and how much of a person is kept.

    Raises
    ------
    InputError
        A rule would need a personal column to be remembered that is not kept.
    """

    def __init__(self, agreement: Agreement, *, personal: Personal) -> None:
        self._template, self._rules = agreement.template, agreement.rules
        self._personal = personal
        ours = self._template.columns
        self._moment = next((n for n, our in ours.items() if our == _MOMENT), _MOMENT)
        self._email = next((n for n, our in ours.items() if our == "email"), None)
        people = [n for n, our in ours.items() if names_a_person(our) and n != self._email]
        hidden = people if personal == "hash" else []
        self.columns = tuple(dict.fromkeys([*(n for n in ours if n not in hidden), self._moment]))
        for name in self._rules.unique:
            if name in hidden:
                raise InputError(
                    f"The rule on duplicates of {name!r} would have to remember personal data. "
                    "Take email, or keep everything with --personal keep."
                )

    def judge(self, group: Sequence[Arrived], seen: Collection[str]) -> list[Judged]:
        """Return what becomes of each, in order; one may be the duplicate of one before it."""
        found = self._addresses([arrived.values for arrived in group])
        fresh: set[str] = set()
        judged = []
        for arrived, (no_email, digests) in zip(group, found, strict=True):
            keys = self._keys({**arrived.values, **digests})
            known = {name for name, key in keys.items() if key in seen or key in fresh}
            one = self._one(arrived, no_email, known, digests, keys)
            fresh.update(one.keys)
            judged.append(one)
        return judged

    def _one(
        self,
        arrived: Arrived,
        no_email: Collection[str],
        known: Collection[str],
        digests: Mapping[str, str],
        keys: Mapping[str, str],
    ) -> Judged:
        is_test = self._template.is_test(arrived.values)
        seen = () if is_test else known
        rule = self._rules.first(arrived.values, no_email=no_email, seen=seen)
        answer = rule.answer if rule else self._rules.accepted
        if rule and not rule.keep:
            return Judged(answer, rule.name)
        if is_test:
            return Judged(answer, "test of the connection")
        row = self._row(arrived, digests)
        return Judged(answer, "kept", row, tuple(keys.values()))

    def _row(self, arrived: Arrived, digests: Mapping[str, str]) -> dict[str, str]:
        came = arrived.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        values = {self._moment: came} | dict(arrived.values)
        if self._personal == "hash":
            values = {n: v for n, v in values.items() if not _ADDRESS_INSIDE.search(v)}
            if self._email is not None:
                values[self._email] = digests.get(self._email, "")
        return {name: values[name] for name in self.columns if values.get(name)}

    def _keys(self, values: Mapping[str, str]) -> dict[str, str]:
        """Return the key of each field that duplicates are told by, where it has a value."""
        return {
            name: sha256(f"{name}\0{values[name]}".encode()).hexdigest()[:32]
            for name in self._rules.unique
            if name in values
        }

    def _addresses(
        self, group: Sequence[Mapping[str, str]]
    ) -> list[tuple[set[str], dict[str, str]]]:
        """Return for each: the columns that should hold an address and do not; the digests."""
        asked = {rule.field for rule in self._rules.rules if rule.condition == "not_an_email"}
        names = sorted(asked | {self._email}) if self._email else sorted(asked)
        verdicts: list[tuple[set[str], dict[str, str]]] = [(set(), {}) for _ in group]
        for name in names:
            places = [n for n, values in enumerate(group) if name in values]
            digests = _digests([group[place][name] for place in places])
            for place, digest in zip(places, digests, strict=True):
                if digest is None:
                    verdicts[place][0].add(name)
                else:
                    verdicts[place][1][name] = digest
        return verdicts


def _digests(texts: list[str]) -> list[str | None]:
    """Return the digest of each address, a digest as it came, None for anything else."""
    judged = with_email_verdict(pl.LazyFrame({"text": pl.Series(texts, dtype=pl.String)}))
    canonical, fault = pl.col("canonical"), pl.col("fault")
    digest = pl.when((fault == "other_digest") & digest_fault(canonical).is_null()).then(canonical)
    hashed = sha256_hex(pl.when(fault.is_null()).then(canonical))
    found: list[str | None] = (
        judged.select(pl.coalesce(digest, hashed).alias("digest")).collect()["digest"].to_list()
    )
    return found
