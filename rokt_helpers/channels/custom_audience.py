"""The custom audience import API, version 3: one POST a batch, 201 as the only success.

Source: custom audience import page of docs.rokt.com; figures in :mod:`rokt_helpers.contract`.
"""

from __future__ import annotations

import json
from typing import Final
from urllib.parse import urlsplit

import polars as pl
import requests
from pydantic import SecretStr
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NewConnectionError

from rokt_helpers import contract
from rokt_helpers.channels.channel import Confirmation, Finding
from rokt_helpers.errors import DeliveryError, InDoubt, NotTrusted, Refused, Unavailable
from rokt_helpers.plan import Batch, Limits, Target
from rokt_helpers.redact import scrub

__all__ = ["CustomAudienceChannel"]

_TIMEOUT_SECONDS: Final = (10.0, 120.0)  # to connect; between two bytes of the answer
_UNAUTHORISED: Final = (401, 403)
_TOO_MANY: Final = 429
_SERVER_FAULT: Final = 500
_JSON_HEADERS: Final = {"Content-Type": "application/json"}


class CustomAudienceChannel:
    """Adds people to a list, or takes them off, over HTTPS.

    Parameters
    ----------
    url
        Scheme and host; Rokt's own is ``contract.LIVE_API_URL``.
    account_id, public_key, secret_key
        From the Rokt account manager. The keys look like ``rpub-…`` and ``rsec-…``.
    """

    limits = Limits(
        batch_rows=contract.MAX_IDENTIFIERS_PER_REQUEST,
        starts_per_second=contract.MAX_STARTS_PER_SECOND,
        in_flight=contract.MAX_IN_FLIGHT,
    )

    def __init__(
        self, url: str, *, account_id: str, public_key: str, secret_key: SecretStr
    ) -> None:
        self._url = url
        self._account_id = account_id
        self._session = requests.Session()
        self._session.auth = (public_key, secret_key.get_secret_value())
        self._session.mount(url, HTTPAdapter(pool_maxsize=contract.MAX_IN_FLIGHT))

    @property
    def host(self) -> str:
        """Host and port of the API."""
        return urlsplit(self._url).netloc

    def send(
        self,
        target: Target,
        batch: Batch,  # noqa: ARG002  a request needs no number of its own
        identifiers: pl.Series,
        *,
        name: str,  # noqa: ARG002  nor a name
    ) -> Confirmation:
        """Post one batch. Adding a member twice, or removing one twice, changes nothing."""
        body = _import_body(target, identifiers).encode()
        answer = self._post(contract.IMPORT_PATH, body)
        request_id = _request_id(answer)
        if answer.status_code != contract.SUCCESS_STATUS:
            raise _fault(answer, request_id)
        return Confirmation(status=answer.status_code, request_id=request_id)

    def picked_up(self, name: str) -> None:
        """There are no files to be picked up: the answer is the receipt."""

    def check(self) -> list[Finding]:
        """Ask whether the key pair fits the account; no audience changes."""
        body = json.dumps({"accountId": self._account_id}).encode()
        try:
            answer = self._post(contract.AUTH_CHECK_PATH, body)
        except DeliveryError as error:
            return [Finding("custom audience API", well=False, detail=str(error))]
        if answer.ok:
            detail = f"{self.host} accepts the key pair for account {self._account_id}"
            return [Finding("custom audience API", well=True, detail=detail)]
        return [
            Finding("custom audience API", well=False, detail=str(_fault(answer, None))),
        ]

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _post(self, path: str, body: bytes) -> requests.Response:
        try:
            return self._session.post(
                self._url + path,
                data=body,
                headers=_JSON_HEADERS,
                timeout=_TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.exceptions.SSLError:
            raise NotTrusted(
                f"The certificate of {self.host} is not trusted. Behind a company proxy, set "
                "REQUESTS_CA_BUNDLE to its certificate file."
            ) from None
        except (requests.exceptions.ConnectTimeout, requests.exceptions.ProxyError):
            raise Unavailable(f"{self.host} could not be reached.") from None
        except requests.exceptions.RequestException as error:
            if _never_connected(error):
                raise Unavailable(f"{self.host} could not be reached.") from None
            raise InDoubt(
                f"The connection to {self.host} broke before the answer came, so the request may "
                "have been carried out."
            ) from None


def _never_connected(error: requests.exceptions.RequestException) -> bool:
    """Tell whether nothing left: the name is unknown, or nobody took the connection."""
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", None), NewConnectionError)


def _import_body(target: Target, identifiers: pl.Series) -> str:
    """Return the JSON of one request, without a Python object per identifier.

    Canonical identifiers hold neither quotation marks nor backslashes nor control characters
    (:func:`rokt_helpers.identifiers.email_fault` and ``digest_fault`` see to it), so they can be
    joined as they are.
    """
    head = json.dumps({"accountId": target.account, "action": target.action, "list": target.list})
    joined = identifiers.str.join('","').item()
    return f'{head[:-1]}, "{identifiers.name}s": ["{joined}"]}}'


def _request_id(answer: requests.Response) -> str | None:
    for name in ("X-Rokt-Trace-Id", "X-Request-Id"):
        if name in answer.headers:
            return scrub(answer.headers[name])[:128]
    return None


def _fault(answer: requests.Response, request_id: str | None) -> DeliveryError:
    """Return the error that fits an answer other than success."""
    status = answer.status_code
    said = scrub(answer.text[:2000])
    if status in _UNAUTHORISED:
        return Refused(
            f"The key pair was not accepted ({status}). Check ROKT_ACCOUNT_ID, ROKT_PUBLIC_KEY and "
            "ROKT_SECRET_KEY with your Rokt account manager.",
            request_id=request_id,
            status=status,
        )
    if status == _TOO_MANY or status >= _SERVER_FAULT:
        return Unavailable(
            f"Rokt cannot take the request now ({status}).",
            request_id=request_id,
            status=status,
            retry_after_seconds=_retry_after(answer),
        )
    return Refused(
        f"Rokt refused the request ({status}): {said or 'no reason was given'}",
        request_id=request_id,
        status=status,
    )


def _retry_after(answer: requests.Response) -> float | None:
    """Return the pause the platform asks for, in seconds; None where it names none."""
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else None
