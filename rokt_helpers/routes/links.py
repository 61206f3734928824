"""Fetch a file from an address that came by e-mail.

Laws: HTTPS and a good certificate; only hosts that the settings name, and no way on from there to
another; never more bytes than agreed; no credentials but the address itself, which is never shown.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import urljoin, urlsplit

import requests
from requests.exceptions import RequestException, SSLError

from rokt_helpers.errors import DeliveryError, NotTrusted, Refused, SettingsError, Unavailable

__all__ = ["fetch_link"]

_BLOCK_BYTES: Final = 1 << 18
_MOST_STEPS: Final = 5
_SETTING: Final = "ROKT_REFERRALS_IMAP_LINK_HOSTS"
_BY_HAND: Final = "Export these dates by hand: Campaigns > Customer Data > Referrals > Export."


def fetch_link(
    address: str,
    to: Path,
    *,
    most_bytes: int,
    ca_file: Path | None = None,
    timeout_seconds: float = 60.0,
) -> int:
    """Write what lies at an address into ``to``; return its size in bytes.

    Raises
    ------
    Refused
        The address is used up, leads elsewhere, gives a page, or too much.
    Unavailable, NotTrusted
        Nobody answers; the certificate is not good.
    """
    host = urlsplit(address).netloc
    with requests.Session() as session:
        session.auth = _nobody  # nor a password out of ~/.netrc
        # Said with each request: REQUESTS_CA_BUNDLE would win over what the session says.
        ask = partial(
            session.get,
            verify=True if ca_file is None else str(ca_file.expanduser()),
            allow_redirects=False,
            stream=True,
            timeout=timeout_seconds,
        )
        try:
            return _followed(ask, address, to, most_bytes)
        except (RequestException, OSError) as error:
            raise _broken(host, error) from None


def _followed(
    ask: Callable[[str], requests.Response], address: str, to: Path, most_bytes: int
) -> int:
    here = _origin(address)
    for _ in range(_MOST_STEPS):
        with ask(address) as answer:
            if not answer.is_redirect:
                return _kept(answer, to, most_bytes)
            address = urljoin(address, answer.headers["Location"])
        if _origin(address) != here:
            break
    raise Refused(
        f"A link to {here[1]} leads on to another host or round in a circle, which is not "
        f"followed. Ask your Rokt account manager where the files lie, and check {_SETTING}."
    )


def _kept(answer: requests.Response, to: Path, most_bytes: int) -> int:
    host = urlsplit(answer.url).netloc
    if answer.status_code != HTTPStatus.OK:
        raise _fault(host, answer.status_code)
    if answer.headers.get("Content-Type", "").lower().startswith("text/html"):
        raise Refused(
            f"{host} gives a page in place of a file: the link is used up or wants a login. "
            f"{_BY_HAND}"
        )
    size_bytes = 0
    to.touch(mode=0o600)
    with to.open("wb") as file:
        for block in answer.iter_content(_BLOCK_BYTES):
            size_bytes += len(block)
            if size_bytes > most_bytes:
                raise Refused(
                    f"The file at {host} is larger than {most_bytes:,} bytes, and was not taken. "
                    "Raise the limit if that is right."
                )
            file.write(block)
    return size_bytes


def _fault(host: str, status: int) -> DeliveryError:
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unavailable(f"{host} cannot give the file now ({status}).", status=status)
    said = f"{host} does not give the file ({status}): the link is used up. {_BY_HAND}"
    return Refused(said, status=status)


def _broken(host: str, error: Exception) -> DeliveryError | SettingsError:
    if isinstance(error, SSLError):
        return NotTrusted(
            f"The certificate of {host}, to which a link leads, is not trusted. Check {_SETTING}; "
            "behind a company proxy set REQUESTS_CA_BUNDLE to its certificate file."
        )
    if isinstance(error, RequestException):
        return Unavailable(f"The file at {host} could not be fetched ({type(error).__name__}).")
    return SettingsError("A file of certificates cannot be read. Check REQUESTS_CA_BUNDLE.")


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme.lower(), parts.netloc.lower()


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
