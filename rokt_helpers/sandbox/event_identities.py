"""Find out who a batch is about: identities in either spelling, click id, advertising ids.

A person is kept as one SHA-256 digest, that of the e-mail where there is one. Two batches that
name a person by different identities are two people here: resolving identities is not imitated.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from rokt_helpers import contract
from rokt_helpers.sandbox.answers import BadRequest
from rokt_helpers.sandbox.digests import is_address, is_digest, read_digests
from rokt_helpers.sandbox.event_attributes import read_object

__all__ = ["Person", "digest_of_address", "known_by", "read_person"]

_PLAIN: Final = {other: ours for ours, other in contract.IDENTITY_SPELLINGS.items()}
_PHONES: Final = ("mobile_number", "phone_number_2", "phone_number_3")
# The identities in the order in which they are looked at, by the name that connectors use.
_IDENTITIES: Final = ("email", "other", *contract.IDENTITY_SPELLINGS, *_PHONES)
_OTHER_DEVICE_KEYS: Final = (
    "http_header_user_agent", "roku_advertising_id", "platform", "att_authorization_status",
)  # fmt: skip
_DEVICE_KEYS: Final = frozenset({*contract.DEVICE_IDENTITIES, *_OTHER_DEVICE_KEYS})
_GUIDS: Final = (*contract.DEVICE_IDENTITIES[:3], "roku_advertising_id")
_GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LEFT_OUT_AD_ID: Final = "00000000-0000-0000-0000-000000000000"  # what a phone gives for no id
# Digests by other algorithms are no address either.
_ANY_DIGEST: Final = re.compile(r"[0-9a-f]{32,128}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Person:
    """One person as a digest, and by which identity they were known."""

    digest: str = field(repr=False)
    known_by: str


def read_person(batch: Mapping[str, Any]) -> Person:
    """Return whom a batch is about.

    Raises
    ------
    BadRequest
        No identity; one that is not what its name says; the click id in one place only.
    """
    identities = _read_identities(batch.get("user_identities", {}))
    devices = _read_device(batch.get("device_info", {}))
    _check_click_id(identities, batch.get("integration_attributes", {}))
    if "email" in identities or "other" in identities:
        return _by_email(identities)
    for name, value in {**identities, **devices}.items():
        return known_by(name, value)
    raise BadRequest("the batch holds neither an identity nor an advertising id")


def known_by(name: str, value: str) -> Person:
    """Return a person known by anything but their e-mail."""
    return Person(hashlib.sha256(f"{name}:{value}".encode()).hexdigest(), name)


def digest_of_address(value: str, where: str) -> str:
    """Return the digest of a plain address, or refuse what cannot be one."""
    if _ANY_DIGEST.fullmatch(value.strip()):
        raise BadRequest(f"{where}: a digest where an address belongs")
    if not is_address(value):
        raise BadRequest(f"{where}: no @")
    (digest,) = read_digests([value], hashed=False)
    return digest.hex()


def _read_identities(given: object) -> dict[str, str]:
    """Return the identities by the names that connectors use, in a fixed order."""
    found: dict[str, str] = {}
    for key, value in read_object(given, "user_identities").items():
        name = _PLAIN.get(key, key)
        if name not in _IDENTITIES:
            raise BadRequest("user_identities holds a key that is not known")
        if name in found:
            raise BadRequest(f"user_identities: {name} stands there in both spellings")
        found[name] = _text(value, f"user_identities.{key}")
    return {name: found[name] for name in _IDENTITIES if name in found}


def _by_email(identities: Mapping[str, str]) -> Person:
    hashed, plain = identities.get("other"), identities.get("email")
    if hashed is not None and not is_digest(hashed):
        raise BadRequest("user_identities.other: not a digest of 64 hexadecimal characters")
    if plain is None:
        return Person(str(hashed).lower(), "other")
    digest = digest_of_address(plain, "user_identities.email")
    if hashed is not None and hashed.lower() != digest:
        raise BadRequest("user_identities.other is not the digest of user_identities.email")
    return Person(digest, "email")


def _read_device(given: object) -> dict[str, str]:
    device = read_object(given, "device_info")
    if not set(device) <= _DEVICE_KEYS:
        raise BadRequest("device_info holds a key that is not known")
    for key, value in device.items():
        text = _text(value, f"device_info.{key}")
        if key in _GUIDS and (not _GUID.fullmatch(text) or text == _LEFT_OUT_AD_ID):
            raise BadRequest(f"device_info.{key}: not an id of a device")
    return {key: device[key].lower() for key in contract.DEVICE_IDENTITIES if key in device}


def _check_click_id(identities: Mapping[str, str], given: object) -> None:
    """Hold the rule that the click id is written twice, and the same both times."""
    here = "integration_attributes"
    for module, settings in read_object(given, here).items():
        where = f"{here}.{contract.CLICK_ID_MODULE}"
        if module != contract.CLICK_ID_MODULE:
            raise BadRequest(f"{here} holds a module other than Rokt's {contract.CLICK_ID_MODULE}")
        if set(read_object(settings, where)) != {contract.CLICK_ID_ATTRIBUTE}:
            raise BadRequest(f"{where} holds {contract.CLICK_ID_ATTRIBUTE} and nothing else")
        _text(settings[contract.CLICK_ID_ATTRIBUTE], f"{where}.{contract.CLICK_ID_ATTRIBUTE}")
    written = given.get(contract.CLICK_ID_MODULE, {}) if isinstance(given, dict) else {}
    if written.get(contract.CLICK_ID_ATTRIBUTE) != identities.get(contract.CLICK_ID_IDENTITY):
        raise BadRequest(
            f"the click id must stand in user_identities.{contract.CLICK_ID_IDENTITY} and in "
            f"{here}.{contract.CLICK_ID_MODULE}, the same both times"
        )


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadRequest(f"{where} must be text that is not empty")
    if len(value) > contract.MAX_VALUE_CHARACTERS:
        raise BadRequest(f"{where} is longer than {contract.MAX_VALUE_CHARACTERS:,} characters")
    return value
