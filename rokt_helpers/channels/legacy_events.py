"""The legacy Event API, versions 1 and 2: up to a hundred events a call.

A 200 says that the call was taken. Which of its events were not stored stands in the answer, and
goes on from here as what the batch left out. Source: block "older Event API" (``LEG``) of
:mod:`rokt_helpers.contract`.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from http import HTTPStatus
from typing import Final, Literal

import polars as pl
from pydantic import SecretStr

from rokt_helpers import contract
from rokt_helpers.channels.answers import Answer
from rokt_helpers.channels.channel import Confirmation, Finding, Turn
from rokt_helpers.channels.http import HttpChannel, Poster, Renew, TimeOuts, basic
from rokt_helpers.channels.legacy_answers import read_left_out
from rokt_helpers.channels.tokens import Tokens
from rokt_helpers.clock import Clock
from rokt_helpers.errors import DeliveryError, SettingsError
from rokt_helpers.plan import Batch, Limits, Target

__all__ = ["LegacyEventsChannel", "Version"]

Version = Literal["v1", "v2"]

_WHAT: Final = "legacy Event API, version"
_NOT_ACCEPTED: Final[dict[Version, str]] = {
    "v1": "The app id and secret were not accepted ({status}), or are not for this account. Check "
    "ROKT_APP_ID, ROKT_APP_SECRET and ROKT_ACCOUNT_ID; new ones are made in One Platform, under "
    "Profile Settings.",
    "v2": "The key pair was not accepted ({status}), or is not for this account. Check "
    "ROKT_PUBLIC_KEY, ROKT_SECRET_KEY and ROKT_ACCOUNT_ID with your Rokt account manager.",
}
_HEADERS: Final = {"Charset": "utf-8", "Rokt-Version": contract.LEGACY_ROKT_VERSION}
# An answer repeats the events that it gives back: a hundred of 10 kB each.
_LONGEST_ANSWER_BYTES: Final = 1_000_000
_NOTHING: Final = SecretStr("")


class LegacyEventsChannel(HttpChannel):
    """Sends conversions over HTTPS, to an interface that Rokt has replaced.

    Parameters
    ----------
    url
        Scheme and host; Rokt's own is ``contract.LIVE_LEGACY_EVENTS_URL``.
    version
        ``v1`` opens with ``app_id`` and ``app_secret``, which are made in One Platform, ``v2`` with
        ``public_key`` and ``secret_key``, which are from the Rokt account manager.
    clock
        By which a token is kept.
    """

    limits = Limits(
        batch_rows=contract.MAX_LEGACY_EVENTS_PER_REQUEST,
        batch_bytes=None,  # no page names a size
        # Our decision, for no page names a rate: that of custom audience imports.
        starts_per_second=contract.MAX_STARTS_PER_SECOND,
        in_flight=contract.MAX_IN_FLIGHT,
    )

    def __init__(
        self,
        url: str,
        *,
        account_id: str,
        version: Version,
        clock: Clock,
        public_key: str = "",
        secret_key: SecretStr = _NOTHING,
        app_id: str = "",
        app_secret: SecretStr = _NOTHING,
        renew: Renew | None = None,
        time_outs: TimeOuts | None = None,
    ) -> None:
        first = version == "v1"
        poster = Poster(
            url,
            url_setting="ROKT_LEGACY_EVENTS_URL",
            authorization=basic(app_id, app_secret) if first else basic(public_key, secret_key),
            not_accepted=_NOT_ACCEPTED[version],
            renew=renew,
            time_outs=time_outs,
            longest_answer_bytes=_LONGEST_ANSWER_BYTES,
        )
        super().__init__(poster)
        self._account_id = account_id
        self._version = version
        self._tokens = Tokens(poster, clock=clock) if first else None
        self._path = contract.LEGACY_EVENTS_V1_PATH if first else contract.LEGACY_EVENTS_V2_PATH

    def send(
        self,
        target: Target,
        batch: Batch,
        identifiers: pl.Series,
        *,
        name: str,
        turn: Turn,
    ) -> Confirmation:
        """Post one call. The platform drops the events it has seen, by ``clientEventId``."""
        account, events = json.dumps(target.account), identifiers.str.join(",").item()
        body = f'{{"accountId":{account},"events":[{events}]}}'.encode()
        answer = self._post(body, name=f"{name}|{batch.number}|{batch.fingerprint}", turn=turn)
        status, request_id = answer.status, answer.request_id
        if status == HTTPStatus.CONFLICT and self._tokens is not None:
            # The key is made of this very call, so the platform has had it, and only its answer
            # was lost. Which events it may have left out was said there and is not said again.
            return Confirmation(status=status, request_id=request_id)
        if status != HTTPStatus.OK:
            raise self._poster.fault(answer)
        left_out = read_left_out(answer, identifiers)
        return Confirmation(status=status, request_id=request_id, left_out=left_out)

    def check(self) -> list[Finding]:
        """Ask for a token, which changes nothing; version 2 has nothing that could be asked."""
        what = f"{_WHAT} {self._version[1:]}"
        if self._tokens is None:
            detail = (
                "not tried, and nothing was sent: no call is known that tries the key pair and "
                f"stores no event. The first delivery shows whether {self.host} accepts it"
            )
            return [Finding(what, well=True, detail=detail)]
        try:
            self._tokens.fetch()
        except (DeliveryError, SettingsError) as error:
            return [Finding(what, well=False, detail=str(error))]
        detail = (
            f"{self.host} gave a token for the app id, and no event was sent; the first delivery "
            f"shows whether it is for account {self._account_id}"
        )
        return [Finding(what, well=True, detail=detail)]

    def _post(self, body: bytes, *, name: str, turn: Turn) -> Answer:
        if self._tokens is None:
            return self._poster.post(self._path, body, turn=turn, headers=_HEADERS)
        headers = _HEADERS | {"Idempotency-Key": _key(name)}
        used = self._tokens.header()
        answer = self._poster.post(self._path, body, turn=turn, headers=headers, authorization=used)
        if answer.status != HTTPStatus.UNAUTHORIZED:
            return answer
        # The token ended before its time. A call that was refused at the door had no effect, so to
        # knock once more is not to send twice.
        anew = self._tokens.header(refused=used)
        return self._poster.post(self._path, body, turn=turn, headers=headers, authorization=anew)


def _key(name: str) -> str:
    """Return an Idempotency-Key: the same for the same call, and in the shape that is asked for."""
    digest = hashlib.sha256(name.encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))
