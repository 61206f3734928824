"""Every form in which a private key comes, logging in to OpenSSH's own server."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from pydantic import SecretStr

from rokt_helpers.channels.private_keys import read_private_key
from rokt_helpers.channels.sftp import SftpChannel
from rokt_helpers.errors import SettingsError
from tests.real_parts.sshd import OpenSshServer

KINDS = {"rsa": ["-b", "2048"], "ecdsa": ["-b", "384"], "ed25519": []}
FORMS = ("RFC4716", "PEM", "PKCS8")  # OpenSSH's own form goes by the first of these names
PASSPHRASE = "correct horse"
# Ed25519 has no PEM of its own: an older ssh-keygen writes OpenSSH's form instead, newer refuse.
WRITTEN = [
    (kind, form, passphrase)
    for kind, form, passphrase in product(KINDS, FORMS, ("", PASSPHRASE))
    if (kind, form) != ("ed25519", "PEM")
]
PEM, OPENSSH = serialization.Encoding.PEM, serialization.Encoding.OpenSSH
PKCS8 = serialization.PrivateFormat.PKCS8
CURVES: dict[str, Callable[[], Any]] = {
    "nistp256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "nistp521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSshServer]:
    with OpenSshServer(tmp_path_factory.mktemp("sshd") / "server") as running:
        yield running


def new_key(folder: Path, kind: str, form: str = "RFC4716", passphrase: str = "") -> Path:
    file = folder / "key"
    words = ["-q", "-t", kind, *KINDS.get(kind, []), "-m", form, "-N", passphrase, "-C", ""]
    subprocess.run(["ssh-keygen", *words, "-f", file], check=True)
    return file


def lock(passphrase: str) -> serialization.KeySerializationEncryption:
    if not passphrase:
        return serialization.NoEncryption()
    return serialization.BestAvailableEncryption(passphrase.encode())


def log_in(server: OpenSshServer, file: Path, passphrase: str = "") -> list[bool]:
    channel = SftpChannel(
        server.host,
        port=server.port,
        username=server.username,
        key_file=file,
        passphrase=SecretStr(passphrase),
        host_key=server.host_key,
    )
    findings = channel.check()
    channel.close()
    return [finding.well for finding in findings if finding.what == "SFTP"]


@pytest.mark.parametrize(("kind", "form", "passphrase"), WRITTEN)
def test_a_key_in_any_form_logs_in(
    server: OpenSshServer, tmp_path: Path, kind: str, form: str, passphrase: str
) -> None:
    """Keys of every kind, in every form they have, locked or not, open the door."""
    file = new_key(tmp_path, kind, form, passphrase)
    with (server.folder / "client_key.pub").open("a", encoding="utf-8") as known:
        known.write(file.with_suffix(".pub").read_text(encoding="utf-8"))
    assert log_in(server, file, passphrase) == [True]


def test_a_key_nobody_knows_does_not_log_in(server: OpenSshServer, tmp_path: Path) -> None:
    """A key the server was not told of is a finding, not an exception."""
    assert log_in(server, new_key(tmp_path, "ed25519")) == [False]


@pytest.mark.parametrize("passphrase", ["", "wrong"])
@pytest.mark.parametrize("form", FORMS)
def test_a_locked_key_says_what_is_missing(tmp_path: Path, form: str, passphrase: str) -> None:
    """Without its passphrase, or with a wrong one, a key file names the variable to set."""
    file = new_key(tmp_path, "ecdsa", form, PASSPHRASE)
    with pytest.raises(SettingsError, match="ROKT_SFTP_KEY_PASSPHRASE") as caught:
        read_private_key(file, SecretStr(passphrase))
    assert "horse" not in str(caught.value)


@pytest.mark.parametrize("passphrase", ["", PASSPHRASE])
@pytest.mark.parametrize("kind", CURVES)
def test_keys_that_only_other_programs_write(
    server: OpenSshServer, tmp_path: Path, kind: str, passphrase: str
) -> None:
    """Each curve as PKCS#8 opens the door, saved on Windows with a byte-order mark or not."""
    key, file = CURVES[kind](), tmp_path / "key.pem"
    text = key.private_bytes(PEM, PKCS8, lock(passphrase))
    public = key.public_key().public_bytes(OPENSSH, serialization.PublicFormat.OpenSSH).decode()
    with (server.folder / "client_key.pub").open("a", encoding="utf-8") as known:
        known.write(f"{public}\n")
    for content in (text, b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n")):
        file.write_bytes(content)
        assert log_in(server, file, passphrase) == [True]


@pytest.mark.parametrize("form", FORMS)
def test_a_passphrase_too_many_does_no_harm(tmp_path: Path, form: str) -> None:
    """A key without a passphrase is read although one is set."""
    file = new_key(tmp_path, "ecdsa", form)
    assert read_private_key(file, SecretStr(PASSPHRASE)).get_name() == "ecdsa-sha2-nistp384"


@pytest.mark.parametrize("curve", [ec.SECP256K1, ec.BrainpoolP256R1])
def test_a_curve_no_server_takes_says_so(tmp_path: Path, curve: type[ec.EllipticCurve]) -> None:
    """A key on a curve that SSH does not have is named as unusable."""
    key = ec.generate_private_key(curve())
    (tmp_path / "key").write_bytes(key.private_bytes(PEM, PKCS8, lock("")))
    with pytest.raises(SettingsError, match="not an RSA, ECDSA or Ed25519 private key"):
        read_private_key(tmp_path / "key", SecretStr(""))


def test_a_putty_key_says_how_to_convert_it(tmp_path: Path) -> None:
    """A key in PuTTY's form is named as that, with the way out."""
    (tmp_path / "key.ppk").write_bytes(b"PuTTY-User-Key-File-3: ssh-rsa\r\nEncryption: none\r\n")
    with pytest.raises(SettingsError, match="Export OpenSSH key"):
        read_private_key(tmp_path / "key.ppk", SecretStr(""))


@pytest.mark.parametrize("content", [b"", b"ssh-ed25519 AAAA", b"\x00\xff\n", b"-----BEGIN "])
def test_what_is_no_key_says_so(tmp_path: Path, content: bytes) -> None:
    """An empty file, a public key or anything else is named as no private key."""
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(SettingsError, match="not an RSA, ECDSA or Ed25519 private key"):
        read_private_key(tmp_path / "key", SecretStr(""))


def test_a_key_that_is_not_there_says_so(tmp_path: Path) -> None:
    """A missing key file is named, with the variable that points to it."""
    with pytest.raises(SettingsError, match=r"There is no key file .* .ROKT_SFTP_KEY_FILE"):
        read_private_key(tmp_path / "none", SecretStr(""))
