"""A sealed plan: what will be sent, to where, in which pieces, fixed before anything is sent.

The law kept here: a plan is sealed. Its fingerprint covers content, list, action, channel, account
and host; :meth:`DeliveryPlan.prove_seal` refuses a plan whose content no longer is what was shown.
"""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

import polars as pl

from rokt_helpers import contract
from rokt_helpers.audience import Identifiers
from rokt_helpers.errors import ContractError
from rokt_helpers.plan.targets import Batch, Content, Limits, Mode, Target
from rokt_helpers.redact import mask
from rokt_helpers.showing import sentences_html

__all__ = ["DeliveryPlan", "content_fingerprint", "seal"]


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
        ``sha256`` or ``email``: what was prepared. Whom a mirror takes off goes as ``sha256``.
        ``batch`` and ``event`` are a conversion as JSON.
    rows
        Identifiers in all; ``sum(batch.rows for batch in batches) == rows``.
    warnings
        Sentences a person should read before sending.
    allowed
        The guards a person chose to pass.
    based_on
        How far the last run on the list was when the plan was made; 0 where there was none.
    sample
        Only the first rows, sent ahead; it does not count as the whole.
    undoes
        The run this plan takes back, if any.
    shape
        The first request, masked, where it is made of more than the identifiers.
    """

    plan_id: str
    fingerprint: str
    target: Target
    mode: Mode
    identifier: Content
    rows: int
    batches: tuple[Batch, ...]
    limits: Limits
    warnings: tuple[str, ...]
    allowed: frozenset[str]
    summary: dict[str, Any]
    based_on: int
    sample: bool
    undoes: str | None
    _parts: tuple[Identifiers, ...] = field(repr=False)
    shape: str | None = field(default=None, repr=False)

    @property
    def seconds_at_least(self) -> float:
        """The shortest time the channel's limit permits, in seconds; 0 where there is no limit."""
        rate = self.limits.starts_per_second
        return max(0, len(self.batches) - 1) // rate if rate else 0.0

    def rows_to(self, action: contract.Action) -> int:
        """Return how many identifiers are included, or excluded."""
        return sum(batch.rows for batch in self.batches if batch.action == action)

    def identifiers(self, batch: Batch) -> pl.Series:
        """Return the identifiers of one batch, as text, named for what they are."""
        return self._parts[batch.part].slice(batch.offset, batch.rows)

    def prove_seal(self) -> None:
        """Compute the fingerprint again; raise ContractError when anything differs."""
        sealed = seal(self.target, self.mode, self.identifier, self.batches, undoes=self.undoes)
        if sealed != self.fingerprint or any(
            content_fingerprint(self._parts[batch.part], batch.offset, batch.rows)
            != batch.fingerprint
            for batch in self.batches
        ):
            raise ContractError(
                "The plan is no longer what was shown: its content or target was changed after it "
                "was sealed. Make a new plan. Nothing was sent."
            )

    def describe(self) -> list[str]:
        """Return what will happen, in sentences for a person."""
        pieces = len(self.batches)
        if not pieces:
            nothing = f"Nothing is to be done on {self.target}: it is as it should be."
            return [nothing, *self.warnings]
        piece = "file" if self.target.via in _OF_FILES else "request"
        how = f"{pieces:,} {piece}{'s' if pieces != 1 else ''} to {self.target.host}"
        if self.seconds_at_least:
            how += f", {self.seconds_at_least:,.0f} s at least"
        return [*self._deeds(), f"{how}.", *self.warnings]

    def _deeds(self) -> Iterator[str]:
        for action in contract.ACTIONS:
            rows = self.rows_to(action)
            if not rows:
                continue
            kind = self.identifier if action == self.target.action else "sha256"
            yield (
                f"{_VERBS[self.target.purpose, action]} {rows:,} {_NOUNS[kind][rows != 1]} "
                f"{_where(action, self.target)}, profile {self.target.profile}"
                f"{_MODES.get(self.mode, '')}{', as a sample' if self.sample else ''}."
            )

    def first_request_masked(self) -> str:
        """Return the first request's body with every identifier masked: its exact shape."""
        if self.shape is not None or not self.batches:
            return self.shape or ""
        batch = self.batches[0]
        values = self.identifiers(replace(batch, rows=1))
        first = mask(values.item())
        if self.target.via == "sftp":
            return f"{first}\n… {batch.rows:,} lines in all"
        body: dict[str, Any] = {"accountId": self.target.account}
        if self.target.via == "api-legacy":
            body = {}
        body |= {
            "action": batch.action,
            "list": self.target.list,
            f"{values.name}s": [first, f"… {batch.rows:,} in all"],
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
            "rows_included": self.rows_to("include"),
            "rows_excluded": self.rows_to("exclude"),
            "sample": self.sample,
            "undoes": self.undoes,
            "allowed": sorted(self.allowed),
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
        sealed = f", sealed {self.fingerprint[:12]}. Looking at it sends nothing."
        shown = sentences_html("The plan", self.describe(), after_title=sealed)
        return f"{shown}<pre>{html.escape(self.first_request_masked())}</pre>"


_OF_FILES: Final = frozenset({"sftp", "events-sftp"})
_VERBS: Final = {
    ("audience", "include"): "Add",
    ("audience", "exclude"): "Remove",
    ("conversions", "include"): "Report",
}


def _where(action: contract.Action, target: Target) -> str:
    if target.purpose == "conversions":
        return f"for account {target.account}"
    return f"{_PREPOSITIONS[action]} {target}"


_PREPOSITIONS: Final = {"include": "to", "exclude": "from"}
_NOUNS: Final = {
    "sha256": ("SHA-256 digest", "SHA-256 digests"),
    "email": ("plain e-mail address", "plain e-mail addresses"),
    "batch": ("conversion", "conversions"),
    "event": ("conversion", "conversions"),
}
_MODES: Final = {
    "delta": ", who are new to this ledger",
    "mirror": ", to mirror the source",
    "undo": ", to take back an earlier run",
}


def content_fingerprint(identifiers: Identifiers, offset: int, rows: int) -> str:
    """Return the SHA-256 over so many identifiers, one a line."""
    digest = hashlib.sha256()
    step, end = contract.MAX_IDENTIFIERS_PER_REQUEST, offset + rows
    for start in range(offset, end, step):
        piece = identifiers.slice(start, min(step, end - start))
        digest.update(piece.str.join("\n").item().encode() + b"\n")
    return digest.hexdigest()


def seal(
    target: Target,
    mode: str,
    identifier: str,
    batches: Collection[Batch],
    *,
    undoes: str | None = None,
) -> str:
    """Return the SHA-256 over everything that may not change after the plan was shown."""
    covered = {
        "target": [
            target.profile, target.via, target.account, target.host, target.list, target.action,
            target.purpose,
        ],
        "mode": mode,
        "identifier": identifier,
        "content": [[batch.action, batch.rows, batch.fingerprint] for batch in batches],
    }  # fmt: skip
    if undoes is not None:  # to take back two runs is two deeds, also where neither sends anything
        covered["undoes"] = undoes
    return hashlib.sha256(json.dumps(covered, sort_keys=True).encode()).hexdigest()
