"""Read the private key file Rokt sent, in whatever form it came."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import paramiko
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from pydantic import SecretStr

from rokt_helpers.errors import SettingsError

__all__ = ["read_private_key"]

_CLASSES: Final[dict[type, type[paramiko.PKey]]] = {
    rsa.RSAPrivateKey: paramiko.RSAKey,
    ec.EllipticCurvePrivateKey: paramiko.ECDSAKey,
    ed25519.Ed25519PrivateKey: paramiko.Ed25519Key,
}


def read_private_key(path: Path, passphrase: SecretStr) -> paramiko.PKey:
    """Return an RSA, ECDSA or Ed25519 key from a PEM (PKCS#1, PKCS#8, SEC1) or OpenSSH file.

    Raises
    ------
    SettingsError
        When there is no such file, it is no such key, or the passphrase is missing or wrong.
    """
    try:
        content = path.expanduser().read_bytes()
        if content.startswith(b"PuTTY-User-Key-File"):
            raise SettingsError(
                f"The key file {path} is in PuTTY's own form. Open it in PuTTYgen, choose "
                "Conversions, Export OpenSSH key, and set ROKT_SFTP_KEY_FILE to what that writes."
            )
        return _as_paramiko(content, passphrase)
    except FileNotFoundError:
        raise SettingsError(f"There is no key file {path} (ROKT_SFTP_KEY_FILE).") from None
    except (OSError, ValueError, TypeError):
        raise SettingsError(
            f"The key file {path} cannot be used: it is not an RSA, ECDSA or Ed25519 private key, "
            "or ROKT_SFTP_KEY_PASSPHRASE is missing or wrong."
        ) from None


def _as_paramiko(content: bytes, passphrase: SecretStr) -> paramiko.PKey:
    """Go through OpenSSH's form in memory, because paramiko itself cannot read PKCS#8.

    The passphrase, which may lie in a keyring, is asked for only where the key has one.
    """
    is_openssh = b"BEGIN OPENSSH PRIVATE KEY" in content
    load = serialization.load_ssh_private_key if is_openssh else serialization.load_pem_private_key
    try:
        key = load(content, password=None)
    except TypeError:
        secret = passphrase.get_secret_value().encode()
        if not secret:
            raise
        key = load(content, password=secret)
    for kind, paramiko_class in _CLASSES.items():
        if isinstance(key, kind):
            text = key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.OpenSSH,
                serialization.NoEncryption(),
            ).decode()
            return paramiko_class.from_private_key(io.StringIO(text))
    raise ValueError("another kind of key")
