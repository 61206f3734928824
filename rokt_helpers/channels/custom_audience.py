"""The custom audience import API, version 3: one POST a batch, 201 as the only success.

Source: custom audience import page of docs.rokt.com; figures in :mod:`rokt_helpers.contract`.
"""

from __future__ import annotations

import json
from typing import Final

import polars as pl
from pydantic import SecretStr

from rokt_helpers import contract
from rokt_helpers.channels.channel import Confirmation, Finding, Turn
from rokt_helpers.channels.http import HttpChannel, Poster, Renew, TimeOuts, basic
from rokt_helpers.errors import DeliveryError, SettingsError
from rokt_helpers.plan import Batch, Limits, Target

__all__ = ["CustomAudienceChannel", "import_body"]

_WHAT: Final = "custom audience API"
_NOT_ACCEPTED: Final = (
    "The key pair was not accepted ({status}). Check ROKT_ACCOUNT_ID, ROKT_PUBLIC_KEY and "
    "ROKT_SECRET_KEY with your Rokt account manager."
)


class CustomAudienceChannel(HttpChannel):
    """Adds people to a list, or takes them off, over HTTPS.

    Parameters
    ----------
    url
        Scheme and host; Rokt's own is ``contract.LIVE_API_URL``.
    account_id, public_key, secret_key
        From the Rokt account manager. The keys look like ``rpub-…`` and ``rsec-…``.
    time_outs
        Left out: what suits a line of one megabit a second and a platform that takes its time.
    """

    limits = Limits(
        batch_rows=contract.MAX_IDENTIFIERS_PER_REQUEST,
        starts_per_second=contract.MAX_STARTS_PER_SECOND,
        in_flight=contract.MAX_IN_FLIGHT,
    )

    def __init__(
        self,
        url: str,
        *,
        account_id: str,
        public_key: str,
        secret_key: SecretStr,
        renew: Renew | None = None,
        time_outs: TimeOuts | None = None,
    ) -> None:
        self._account_id = account_id
        poster = Poster(
            url,
            url_setting="ROKT_API_URL",
            authorization=basic(public_key, secret_key),
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
        name: str,  # noqa: ARG002  a request needs no name
        turn: Turn,
    ) -> Confirmation:
        """Post one batch. Adding a member twice, or removing one twice, changes nothing."""
        fields = {"accountId": target.account, "action": batch.action, "list": target.list}
        return self._poster.confirm(
            contract.IMPORT_PATH, import_body(fields, identifiers), turn=turn
        )

    def check(self) -> list[Finding]:
        """Ask whether the key pair fits the account; no audience changes."""
        body = json.dumps({"accountId": self._account_id}).encode()
        try:
            answer = self._poster.post(contract.AUTH_CHECK_PATH, body)
        except (DeliveryError, SettingsError) as error:
            return [Finding(_WHAT, well=False, detail=str(error))]
        if answer.ok:
            detail = f"{self.host} accepts the key pair for account {self._account_id}"
            return [Finding(_WHAT, well=True, detail=detail)]
        return [Finding(_WHAT, well=False, detail=str(self._poster.fault(answer)))]


def import_body(fields: dict[str, str], identifiers: pl.Series) -> bytes:
    """Return the JSON of one request, without a Python object per identifier.

    Canonical identifiers hold neither quotation marks nor backslashes nor control characters
    (:func:`rokt_helpers.identifiers.email_fault` and ``digest_fault`` see to it), so they can be
    joined as they are.
    """
    head = json.dumps(fields)[:-1]
    joined = identifiers.str.join('","').item()
    return f'{head}, "{identifiers.name}s": ["{joined}"]}}'.encode()
