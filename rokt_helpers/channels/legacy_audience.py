"""The legacy custom audience API 1.0, for accounts that have an API key and no key pair.

It takes the same import as version 3 and answers the same way. The key stands alone in the header,
without a scheme, and the body names no account: the key does. Source: the legacy sections of the
custom audience import page of docs.rokt.com; figures in :mod:`rokt_helpers.contract`.
"""

from __future__ import annotations

from typing import Final

import polars as pl
from pydantic import SecretStr

from rokt_helpers import contract
from rokt_helpers.channels.channel import Confirmation, Finding, Turn
from rokt_helpers.channels.custom_audience import import_body
from rokt_helpers.channels.http import HttpChannel, Poster, Renew, TimeOuts
from rokt_helpers.errors import SettingsError
from rokt_helpers.plan import Batch, Limits, Target

__all__ = ["LegacyAudienceChannel", "key_alone"]

_NOT_ACCEPTED: Final = (
    "The API key was not accepted ({status}). Check ROKT_API_KEY with your Rokt account manager, "
    "or use the newer API with a key pair."
)


class LegacyAudienceChannel(HttpChannel):
    """Adds people to a list, or takes them off, with the older API key.

    Parameters
    ----------
    url
        Scheme and host; Rokt's own is ``contract.LIVE_API_URL``.
    api_key
        From the Rokt account manager.
    time_outs
        As for the newer API.

    Raises
    ------
    SettingsError
        The key is empty or holds what no header may hold, such as a line end.
    """

    # The page says that the limits are those of version 3. An older copy allowed a million
    # identifiers a request; as many as today's are fewer to send again, so that is our choice.
    limits = Limits(
        batch_rows=contract.MAX_IDENTIFIERS_PER_REQUEST,
        starts_per_second=contract.MAX_STARTS_PER_SECOND,
        in_flight=contract.MAX_IN_FLIGHT,
    )

    def __init__(
        self,
        url: str,
        *,
        api_key: SecretStr,
        renew: Renew | None = None,
        time_outs: TimeOuts | None = None,
    ) -> None:
        poster = Poster(
            url,
            url_setting="ROKT_API_URL",
            authorization=key_alone(api_key),
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
        fields = {"action": batch.action, "list": target.list}
        body = import_body(fields, identifiers)
        return self._poster.confirm(contract.LEGACY_IMPORT_PATH, body, turn=turn)

    def check(self) -> list[Finding]:
        """Say that nothing was tried: no call is known that tries the key and changes no list."""
        detail = (
            "not tried, and nothing was sent: no call is known that tries the API key without "
            f"changing a list. The first delivery shows whether {self.host} accepts it"
        )
        return [Finding("custom audience API 1.0 (legacy)", well=True, detail=detail)]


def key_alone(api_key: SecretStr) -> str:
    """Return the header of a key without a scheme; SettingsError where no header could be one."""
    key = api_key.get_secret_value()
    # Were it sent, the header's own refusal would show the key.
    if not (key.isascii() and key.isprintable() and key.split() == [key]):
        raise SettingsError(
            "ROKT_API_KEY is empty, or holds a space, a line end or a letter that no key has. "
            "Copy it again from your Rokt account manager."
        )
    return key
