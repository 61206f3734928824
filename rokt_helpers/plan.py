"""What will be sent, to where, in which pieces: fixed before anything is sent.

The law kept here: a plan is sealed. Its fingerprint covers content, list, action, channel, account
and host; :meth:`DeliveryPlan.prove_seal` refuses a plan whose content no longer is what was shown.
"""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

import polars as pl

from rokt_helpers import contract
from rokt_helpers.audience.prepared import PreparedAudience
from rokt_helpers.audience.stored import Identifiers
from rokt_helpers.errors import ContractError, GuardError, InputError
from rokt_helpers.redact import mask

__all__ = ["GUARDS", "Batch", "DeliveryPlan", "Limits", "Mode", "Target", "Via", "make_plan"]

Via = Literal["api", "sftp"]
Mode = Literal["full"]
Purpose = Literal["audience", "conversions"]

# The guards that can stop a plan or its delivery, and what each of them means.
GUARDS: Final[dict[str, str]] = {
    "repeat": "this very plan was the last thing delivered to the list",
}


@dataclass(frozen=True)
class Limits:
    """What one piece may hold on a channel, and how fast pieces may follow each other.

    ``batch_bytes`` is None where only the count matters; ``starts_per_second`` is None where the
    platform names no rate.
    """

    batch_rows: int
    batch_bytes: int | None = None
    starts_per_second: int | None = None
    in_flight: int = 1


@dataclass(frozen=True)
class Target:
    """Where a plan goes. ``host`` holds the port where it is not the usual one; no secrets."""

    profile: str
    via: Via
    account: str
    host: str
    list: str
    action: contract.Action
    purpose: Purpose = "audience"

    def __str__(self) -> str:
        """Say it the way a person would."""
        if self.purpose == "conversions":
            return f"conversions of account {self.account}"
        return f"list {self.list!r} of account {self.account}"


@dataclass(frozen=True)
class Batch:
    """One request or file: rows ``offset`` to ``offset + rows`` of the plan; numbers start at 1."""

    number: int
    offset: int
    rows: int
    fingerprint: str


@dataclass(frozen=True, repr=False)
class DeliveryPlan:
    """A sealed delivery. Making one sends nothing.

    Attributes
    ----------
    plan_id
        Names this plan, so that delivering it again resumes it.
    fingerprint
        SHA-256 over the content and the target; equal plans have equal fingerprints.
    identifier
        ``sha256`` or ``email``.
    rows
        Identifiers in all; ``sum(batch.rows for batch in batches) == rows``.
    warnings
        Sentences a person should read before sending.
    """

    plan_id: str
    fingerprint: str
    target: Target
    mode: Mode
    identifier: contract.IdentifierKind
    rows: int
    batches: tuple[Batch, ...]
    limits: Limits
    warnings: tuple[str, ...]
    allowed: frozenset[str]
    summary: dict[str, Any]
    _identifiers: Identifiers = field(repr=False)

    @property
    def seconds_at_least(self) -> float:
        """The shortest time the channel's limit permits, in seconds; 0 where there is no limit."""
        rate = self.limits.starts_per_second
        return (len(self.batches) - 1) // rate if rate else 0.0

    def identifiers(self, batch: Batch) -> pl.Series:
        """Return the identifiers of one batch, as text."""
        return self._identifiers.slice(batch.offset, batch.rows)

    def prove_seal(self) -> None:
        """Compute the fingerprint again; raise ContractError when anything differs."""
        if _seal(self.target, self.mode, self.identifier, self.batches) != self.fingerprint or any(
            _content_fingerprint(self._identifiers, batch.offset, batch.rows) != batch.fingerprint
            for batch in self.batches
        ):
            raise ContractError(
                "The plan is no longer what was shown: its content or target was changed after it "
                "was sealed. Make a new plan. Nothing was sent."
            )

    def describe(self) -> list[str]:
        """Return what will happen, in sentences for a person."""
        pieces = len(self.batches)
        piece = "file" if self.target.via == "sftp" else "request"
        what = (
            f"{_VERBS[self.target.purpose, self.target.action]} {self.rows:,} "
            f"{_NOUNS[self.identifier]} {_PREPOSITIONS[self.target.action]} {self.target}, "
            f"profile {self.target.profile}."
        )
        how = f"{pieces:,} {piece}{'s' if pieces != 1 else ''} to {self.target.host}"
        if self.seconds_at_least:
            how += f", {self.seconds_at_least:,.0f} s at least"
        return [what, f"{how}.", *self.warnings]

    def first_request_masked(self) -> str:
        """Return the first request's body with every identifier masked: its exact shape."""
        first = mask(self._identifiers.slice(0, 1).item())
        if self.target.via == "sftp":
            return f"{first}\n… {self.batches[0].rows:,} lines in all"
        body = {
            "accountId": self.target.account,
            "action": self.target.action,
            "list": self.target.list,
            f"{self.identifier}s": [
                first,
                f"… {self.batches[0].rows:,} in all",
            ],
        }
        return json.dumps(body, ensure_ascii=False, indent=2)

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as plain values, without identifiers."""
        return {
            "plan_id": self.plan_id,
            "fingerprint": self.fingerprint,
            "profile": self.target.profile,
            "list": self.target.list,
            "action": self.target.action,
            "purpose": self.target.purpose,
            "via": self.target.via,
            "mode": self.mode,
            "account": self.target.account,
            "host": self.target.host,
            "identifier": self.identifier,
            "rows": self.rows,
            "batches": len(self.batches),
            "seconds_at_least": self.seconds_at_least,
            "warnings": list(self.warnings),
            "summary": self.summary,
        }

    def __repr__(self) -> str:
        """Show the target and the sums, never values."""
        return (
            f"<DeliveryPlan {self.target.action} {self.rows:,} {self.identifier} → {self.target} "
            f"via {self.target.via}, {len(self.batches):,} batches, seal {self.fingerprint[:12]}>"
        )

    def _repr_html_(self) -> str:
        sentences = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in self.describe())
        return (
            f"<p><strong>The plan</strong>, sealed {html.escape(self.fingerprint[:12])}. "
            f"Nothing has been sent.</p><ul>{sentences}</ul>"
            f"<pre>{html.escape(self.first_request_masked())}</pre>"
        )


_VERBS: Final = {
    ("audience", "include"): "Add",
    ("audience", "exclude"): "Remove",
    ("conversions", "include"): "Report",
}
_PREPOSITIONS: Final = {"include": "to", "exclude": "from"}
_NOUNS: Final = {"sha256": "SHA-256 digests", "email": "plain e-mail addresses"}


def make_plan(
    prepared: PreparedAudience,
    *,
    target: Target,
    limits: Limits,
    plan_id: str,
    mode: Mode = "full",
    allow: Collection[str] = (),
) -> DeliveryPlan:
    """Cut a prepared audience into batches and seal them for one target.

    Raises
    ------
    InputError
        When a choice is not one of those there are, or the list has no name.
    GuardError
        When nothing was accepted: an empty source is never delivered.
    """
    _check(target, mode, allow)
    identifier = _matched_by_lists(prepared.identifier)
    if not len(prepared):
        raise GuardError(
            "No row was accepted, so there is nothing to deliver. Look at the rejection report: "
            "an empty source usually means a failed export.",
            guard="empty",
        )
    identifiers = prepared.stored
    batches = tuple(_cut(identifiers, limits))
    if sum(batch.rows for batch in batches) != len(prepared):
        raise ContractError("The batches do not add up to the prepared audience: this is a bug.")
    return DeliveryPlan(
        plan_id=plan_id,
        fingerprint=_seal(target, mode, identifier, batches),
        target=target,
        mode=mode,
        identifier=identifier,
        rows=len(prepared),
        batches=batches,
        limits=limits,
        warnings=tuple(_warnings(prepared, target)),
        allowed=frozenset(allow),
        summary=prepared.summary,
        _identifiers=identifiers,
    )


def _check(target: Target, mode: str, allow: Collection[str]) -> None:
    choices = {
        "action": (target.action, contract.ACTIONS),
        "via": (target.via, get_args(Via)),
        "mode": (mode, get_args(Mode)),
    }
    for name, (value, allowed) in choices.items():
        if value not in allowed:
            raise InputError(f"{name} is {' or '.join(map(repr, allowed))}, not {value!r}.")
    unknown = sorted(set(allow) - set(GUARDS))
    if unknown:
        raise InputError(f"There is no guard {unknown[0]!r}. There is: {', '.join(GUARDS)}.")
    if not _can_be_a_name(target.list):
        raise InputError(
            f"{target.list!r} cannot be the name of a list: it may not be empty, begin with a dot, "
            "begin or end with a space, or hold a slash. Names are kept as they are, capitals too."
        )


def _matched_by_lists(identifier: str) -> contract.IdentifierKind:
    kinds: tuple[contract.IdentifierKind, ...] = get_args(contract.IdentifierKind)
    for kind in kinds:
        if kind == identifier:
            return kind
    raise InputError(
        f"The prepared values are {identifier}, and a custom audience list takes e-mail addresses "
        "or their SHA-256 only. Prepare the column with the addresses."
    )


def _can_be_a_name(name: str) -> bool:
    """Tell whether a list may be called so; over SFTP its name is a folder's."""
    bare = name == name.strip() and not name.startswith(contract.STAGING_PREFIX)
    return bool(name) and bare and name.isprintable() and not set(name) & set("/\\")


def _warnings(prepared: PreparedAudience, target: Target) -> Iterator[str]:
    few = len(prepared) < contract.MIN_INCLUDE_PEOPLE
    if few and target.action == "include" and target.purpose == "audience":
        yield (
            f"Rokt advises at least {contract.MIN_INCLUDE_PEOPLE:,} people on a list that is to be "
            f"targeted; this plan adds {len(prepared):,}."
        )
    rejected, rows = prepared.summary["rejected"], prepared.summary["rows_in"]
    if rejected * 10 > rows:
        yield f"{rejected:,} of {rows:,} rows ({rejected / rows:.0%}) were rejected."


def _cut(identifiers: Identifiers, limits: Limits) -> Iterator[Batch]:
    rows = limits.batch_rows
    if limits.batch_bytes is not None:
        rows = min(rows, max(1, limits.batch_bytes // (identifiers.longest_bytes + 1)))
    for number, offset in enumerate(range(0, len(identifiers), rows), start=1):
        length = min(rows, len(identifiers) - offset)
        yield Batch(number, offset, length, _content_fingerprint(identifiers, offset, length))


def _content_fingerprint(identifiers: Identifiers, offset: int, rows: int) -> str:
    digest = hashlib.sha256()
    step, end = contract.MAX_IDENTIFIERS_PER_REQUEST, offset + rows
    for start in range(offset, end, step):
        piece = identifiers.slice(start, min(step, end - start))
        digest.update(piece.str.join("\n").item().encode() + b"\n")
    return digest.hexdigest()


def _seal(target: Target, mode: str, identifier: str, batches: Collection[Batch]) -> str:
    covered = {
        "target": [
            target.profile, target.via, target.account, target.host, target.list, target.action,
            target.purpose,
        ],
        "mode": mode,
        "identifier": identifier,
        "content": [[batch.rows, batch.fingerprint] for batch in batches],
    }  # fmt: skip
    return hashlib.sha256(json.dumps(covered, sort_keys=True).encode()).hexdigest()
