"""Post one JSON body over HTTPS, and say what came of it in our own errors.

Shared by the channels that speak HTTP. A request is made once, with one exception: who is turned
away at the door (401, 403) reads the key anew and knocks once more if it was changed meanwhile. No
redirection is followed, because keys and identifiers go nowhere but to the host that a plan was
sealed for. A company's proxy and certificates are taken from HTTPS_PROXY and REQUESTS_CA_BUNDLE.
"""

from __future__ import annotations

import base64
import ipaddress
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from pydantic import SecretStr
from requests.auth import AuthBase
from requests.exceptions import InvalidProxyURL, ProxyError, RequestException, SSLError

from rokt_helpers import contract
from rokt_helpers.channels.answers import LONGEST_WORDS_BYTES, Answer, read_answer
from rokt_helpers.channels.blocks import BlockAdapter, Body
from rokt_helpers.channels.channel import Confirmation, Turn
from rokt_helpers.channels.retry_after import read_retry_after
from rokt_helpers.errors import (
    DeliveryError,
    InDoubt,
    NotTrusted,
    Refused,
    SettingsError,
    Unavailable,
)

__all__ = ["HttpChannel", "Poster", "Renew", "TimeOuts", "basic"]

Renew = Callable[[], str | None]

_JSON_HEADERS: Final = {"Content-Type": "application/json"}
_UNAUTHORISED: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_REDIRECTIONS: Final = range(300, 400)


@dataclass(frozen=True)
class TimeOuts:
    """How long a poster waits, in seconds.

    Attributes
    ----------
    line_seconds
        For a connection, and for each block of the request to leave.
    silence_seconds
        Between two signs of life of the answer.
    answer_seconds
        For the answer's text, once its first lines are there.
    """

    line_seconds: float = 10.0
    silence_seconds: float = 120.0
    answer_seconds: float = 120.0


class Poster:
    """One host and the right to post to it.

    Parameters
    ----------
    url
        Scheme and host, without a slash at the end.
    url_setting
        Where the address was set, for messages.
    authorization
        The whole value of that header, unless a request has its own. It never enters a message.
    renew
        Reads that header anew, where it may have changed since; None is: not now.
    not_accepted
        The sentence for 401 and 403, with ``{status}`` in it: which setting to look at.
    longest_answer_bytes
        More of an answer is not read.
    """

    def __init__(
        self,
        url: str,
        *,
        url_setting: str,
        authorization: str,
        not_accepted: str,
        renew: Renew | None = None,
        time_outs: TimeOuts | None = None,
        longest_answer_bytes: int = LONGEST_WORDS_BYTES,
    ) -> None:
        self._url = url
        self._url_setting = url_setting
        self._not_accepted = not_accepted
        self._authorization = authorization
        self._renew = renew
        self._renewing = threading.Lock()
        self._longest_answer_bytes = longest_answer_bytes
        self._time_outs = time_outs or TimeOuts()
        self._proxies = _around_the_proxy(url)
        self._session = requests.Session()
        self._session.mount(url, BlockAdapter(pool_maxsize=contract.MAX_IN_FLIGHT))

    @property
    def host(self) -> str:
        """Host and port; never with credentials."""
        return urlsplit(self._url).netloc

    def post(
        self,
        path: str,
        content: bytes,
        *,
        turn: Turn | None = None,
        headers: Mapping[str, str] | None = None,
        authorization: str | None = None,
    ) -> Answer:
        """Make one request when its turn has come, and read the answer whole.

        A request that was refused at the door had no effect: with another key it is made again.

        Parameters
        ----------
        headers
            Besides the content type, or in its place.
        authorization
            For this request in place of the usual one.

        Raises
        ------
        Unavailable
            The body never began to leave, so nothing can have been carried out.
        InDoubt
            It began to leave, and no whole answer came back.
        NotTrusted
            The certificate is vouched for by nobody we know. Nothing was sent.
        SettingsError
            REQUESTS_CA_BUNDLE names a file that is not there.
        """
        turn = turn or Turn()
        told = _JSON_HEADERS | dict(headers or {})
        used = authorization or self._authorization
        answer = self._ask(path, content, turn, told, used)
        if authorization is None and answer.status in _UNAUTHORISED and (anew := self._anew(used)):
            return self._ask(path, content, turn, told, anew)
        return answer

    def _ask(
        self, path: str, content: bytes, turn: Turn, headers: dict[str, str], authorization: str
    ) -> Answer:
        body = Body(content, turn.began)
        turn.wait()
        try:
            return self._exchange(path, body, headers, authorization)
        except (RequestException, OSError) as error:
            raise self._broken(error, begun=body.begun) from None

    def _anew(self, refused: str) -> str | None:
        """Return the header as it is set by now; None where it is the one that was refused.

        Of several senders that were refused with one key the first reads it anew for all.
        """
        with self._renewing:
            if self._authorization == refused and self._renew is not None:
                self._authorization = self._renew() or refused
            return None if self._authorization == refused else self._authorization

    def confirm(
        self, path: str, content: bytes, *, turn: Turn, success: int = contract.SUCCESS_STATUS
    ) -> Confirmation:
        """Make one request, and raise the error that fits any answer but success."""
        answer = self.post(path, content, turn=turn)
        if answer.status != success:
            raise self.fault(answer)
        return Confirmation(status=answer.status, request_id=answer.request_id)

    def fault(self, answer: Answer) -> DeliveryError:
        """Return the error that fits an answer other than success."""
        status = answer.status
        known: dict[str, Any] = {"request_id": answer.request_id, "status": status}
        if status in _UNAUTHORISED:
            return Refused(self._not_accepted.format(status=status), **known)
        if status in _REDIRECTIONS:
            return Refused(
                f"{self.host} sends the request on to another address ({status}), which is not "
                "followed: keys and identifiers go to no other host. "
                f"Check {self._url_setting}.",
                **known,
            )
        if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            seconds, remark = read_retry_after(answer.headers)
            said = f"Rokt cannot take the request now ({status}).{remark}"
            return Unavailable(said, retry_after_seconds=seconds, **known)
        why = answer.text or "no reason was given"
        return Refused(f"Rokt refused the request ({status}): {why}", **known)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _exchange(
        self, path: str, body: Body, headers: dict[str, str], authorization: str
    ) -> Answer:
        with self._session.post(
            self._url + path,
            data=body,
            headers=headers,
            auth=_Authorization(authorization),
            timeout=(self._time_outs.line_seconds, self._time_outs.silence_seconds),
            allow_redirects=False,
            stream=True,
            proxies=dict(self._proxies),
        ) as response:
            return read_answer(
                response,
                authorization.rpartition(" ")[2],
                seconds=self._time_outs.answer_seconds,
                longest_bytes=self._longest_answer_bytes,
            )

    def _broken(self, error: Exception, *, begun: bool) -> DeliveryError | SettingsError:
        """Return our error for an exchange that came to no whole answer."""
        if begun:
            return InDoubt(
                f"The connection to {self.host} broke before the whole answer was there, so the "
                "request may have been carried out."
            )
        if isinstance(error, SSLError):
            return self._no_encryption(error)
        if isinstance(error, ProxyError | InvalidProxyURL):
            return Unavailable(
                f"The proxy did not open a way to {self.host}. Check HTTPS_PROXY, its user name "
                "and password; NO_PROXY names hosts to reach without it."
            )
        if isinstance(error, RequestException):
            return Unavailable(
                f"{self.host} could not be reached. Check the network, a company proxy, and "
                f"{self._url_setting}."
            )
        return SettingsError("REQUESTS_CA_BUNDLE names a file that cannot be read. Correct it.")

    def _no_encryption(self, error: SSLError) -> DeliveryError:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            return NotTrusted(
                f"The certificate of {self.host} is not trusted. Behind a company proxy, set "
                "REQUESTS_CA_BUNDLE to its certificate file."
            )
        return Unavailable(
            f"No encrypted connection to {self.host} came about. Check {self._url_setting}, and "
            "that REQUESTS_CA_BUNDLE, where it is set, names a file of certificates."
        )


class HttpChannel:
    """What every channel over HTTP has, whatever it sends."""

    def __init__(self, poster: Poster) -> None:
        self._poster = poster

    @property
    def host(self) -> str:
        """Host and port of the API."""
        return self._poster.host

    def picked_up(self, name: str) -> None:
        """There are no files to be picked up: the answer is the receipt."""

    def close(self) -> None:
        """Close the connections."""
        self._poster.close()


def basic(name: str, password: SecretStr) -> str:
    """Return the Authorization header of a name and a password (RFC 7617)."""
    pair = f"{name}:{password.get_secret_value()}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


class _Authorization(AuthBase):
    """Sets the header as it is, and keeps requests from taking a password out of ~/.netrc."""

    def __init__(self, value: str) -> None:
        self._value = value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._value
        return request


def _around_the_proxy(url: str) -> dict[str, str]:
    """Return what keeps requests to this machine, such as the sandbox, from a company's proxy."""
    host = urlsplit(url).hostname or ""
    try:
        here = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        here = False
    return {"no_proxy": host} if here else {}
