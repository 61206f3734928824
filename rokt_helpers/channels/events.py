"""The Event and Audience API: up to a hundred batches a request, one person a batch.

A 202 says that the request was taken, not that each batch in it was good: the receipt says so.
Source: block "Events API" of :mod:`rokt_helpers.contract`.
"""

from __future__ import annotations

import math
from typing import Final

import polars as pl
from pydantic import SecretStr

from rokt_helpers import contract
from rokt_helpers.channels.channel import Confirmation, Finding, Turn
from rokt_helpers.channels.http import HttpChannel, Poster, Renew, TimeOuts, basic
from rokt_helpers.events import Spelling, membership_batches
from rokt_helpers.plan import Batch, Limits, Target

__all__ = ["EventsChannel", "limits_for"]

_WHAT: Final = "Event and Audience API"
_NOT_ACCEPTED: Final = (
    "The API key was not accepted ({status}). Check ROKT_EVENTS_KEY and ROKT_EVENTS_SECRET with "
    "your Rokt account manager."
)


def limits_for(batches_per_second: float) -> Limits:
    """Return requests that keep a rate of batches in any one second, wherever it begins.

    Full requests would not: of the 270 a second that Rokt takes, three hundreds are too many and
    two are too few. So each second has a whole number of requests, all of the same size; and there
    are as many places for requests under way, because a place starts once a second.
    """
    starts = math.ceil(batches_per_second / contract.MAX_BATCHES_PER_REQUEST)
    return Limits(
        batch_rows=max(1, math.floor(batches_per_second / starts)),
        batch_bytes=contract.MAX_EVENTS_REQUEST_BYTES - 2,  # the brackets of the array
        row_bytes=contract.MAX_BATCH_BYTES,
        starts_per_second=min(starts, batches_per_second),
        in_flight=starts,
    )


class EventsChannel(HttpChannel):
    """Sends conversions, and puts people on audiences or takes them off, over HTTPS.

    Parameters
    ----------
    url
        Scheme and host; Rokt's own is ``contract.LIVE_EVENTS_URL``.
    key, secret
        From the Rokt account manager.
    """

    limits = limits_for(contract.MAX_BATCHES_PER_SECOND)

    def __init__(
        self,
        url: str,
        *,
        key: str,
        secret: SecretStr,
        spelling: Spelling | None = None,
        renew: Renew | None = None,
        time_outs: TimeOuts | None = None,
    ) -> None:
        self._spelling = spelling or Spelling()
        poster = Poster(
            url,
            url_setting="ROKT_EVENTS_URL",
            authorization=basic(key, secret),
            not_accepted=_NOT_ACCEPTED,
            renew=renew,
            time_outs=time_outs,
        )
        super().__init__(poster)

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
            lines = membership_batches(
                identifiers,
                spelling=self._spelling,
                list_name=target.list,
                action=batch.action,
                run=name,
            )
        body = f"[{lines.str.join(',').item()}]".encode()
        historical = identifiers.name == "historical_batch"
        path = contract.HISTORICAL_EVENTS_PATH if historical else contract.BULK_EVENTS_PATH
        return self._poster.confirm(path, body, turn=turn, success=contract.EVENTS_SUCCESS_STATUS)

    def check(self) -> list[Finding]:
        """Say that nothing was tried: every request that would prove the key changes something."""
        detail = f"set up for {self.host}; not tried, because every request counts as data"
        return [Finding(_WHAT, well=True, detail=detail)]
