"""The Event and Audience API: up to a hundred batches a request, one person a batch.

A 202 says that the request was taken, not that each batch in it was good: the receipt says so.
Source: block "Events API" of :mod:`rokt_helpers.contract`.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Final

import polars as pl
from pydantic import SecretStr

from rokt_helpers import contract
from rokt_helpers.channels.channel import Confirmation, Finding, Turn
from rokt_helpers.channels.http import Poster, TimeOuts
from rokt_helpers.events import membership_batches
from rokt_helpers.plan import Batch, Limits, Target

__all__ = ["EventsChannel", "Spelling"]

_WHAT: Final = "Event and Audience API"
_NOT_ACCEPTED: Final = (
    "The API key was not accepted ({status}). Check ROKT_EVENTS_KEY and ROKT_EVENTS_SECRET with "
    "your Rokt account manager."
)


@dataclass(frozen=True)
class Spelling:
    """How membership is written: the account manager has to confirm it.

    Attributes
    ----------
    environment
        ``production`` counts for campaigns; ``development`` is looked at and forgotten.
    attribute
        The name of the boolean attribute, with ``{list}`` in it.
    event
        Whether a membership event is sent besides.
    """

    environment: str = "production"
    attribute: str = "audience_{list}"
    event: bool = False


class EventsChannel:
    """Sends conversions, and puts people on audiences or takes them off, over HTTPS.

    Parameters
    ----------
    url
        Scheme and host; Rokt's own is ``contract.LIVE_EVENTS_URL``.
    key, secret
        From the Rokt account manager.
    """

    limits = Limits(
        batch_rows=contract.MAX_BATCHES_PER_REQUEST,
        batch_bytes=contract.MAX_EVENTS_REQUEST_BYTES - 2,  # the brackets of the array
        starts_per_second=contract.MAX_BATCHES_PER_SECOND / contract.MAX_BATCHES_PER_REQUEST,
        in_flight=contract.MAX_IN_FLIGHT,  # our decision: no page names a number
    )

    def __init__(
        self,
        url: str,
        *,
        key: str,
        secret: SecretStr,
        spelling: Spelling | None = None,
        time_outs: TimeOuts | None = None,
    ) -> None:
        pair = f"{key}:{secret.get_secret_value()}"
        self._spelling = spelling or Spelling()
        self._poster = Poster(
            url,
            authorization=f"Basic {base64.b64encode(pair.encode()).decode()}",
            not_accepted=_NOT_ACCEPTED,
            time_outs=time_outs,
        )

    @property
    def host(self) -> str:
        """Host and port of the API."""
        return self._poster.host

    def send(
        self,
        target: Target,
        batch: Batch,
        identifiers: pl.Series,
        *,
        name: str,
        turn: Turn,
    ) -> Confirmation:
        """Post one request. The platform drops what it has seen, by ``source_request_id``."""
        lines = identifiers
        if target.purpose == "audience":
            lines = self._memberships(target, batch, identifiers, run=name)
        body = f"[{lines.str.join(',').item()}]".encode()
        historical = identifiers.name == "historical_batch"
        path = contract.HISTORICAL_EVENTS_PATH if historical else contract.BULK_EVENTS_PATH
        return self._poster.confirm(path, body, turn=turn, success=contract.EVENTS_SUCCESS_STATUS)

    def _memberships(
        self, target: Target, batch: Batch, people: pl.Series, *, run: str
    ) -> pl.Series:
        spelling = self._spelling
        return membership_batches(
            people,
            attribute=spelling.attribute.format(list=target.list),
            action=batch.action,
            environment=spelling.environment,
            run=run,
            event=target.list if spelling.event else None,
        )

    def picked_up(self, name: str) -> None:
        """There are no files to be picked up."""

    def check(self) -> list[Finding]:
        """Say that nothing was tried: every request that would prove the key changes something."""
        detail = f"set up for {self.host}; not tried, because every request counts as data"
        return [Finding(_WHAT, well=True, detail=detail)]

    def close(self) -> None:
        """Close the connections."""
        self._poster.close()
