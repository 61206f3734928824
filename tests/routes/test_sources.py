from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from rokt_helpers.errors import SettingsError
from rokt_helpers.referrals.inbox import collect
from rokt_helpers.referrals.vault import Vault
from rokt_helpers.routes import Routes
from rokt_helpers.settings import Settings
from tests.real_parts.dovecot import DovecotServer
from tests.real_parts.sshd import OpenSshServer
from tests.real_parts.vsftpd import VsftpdServer
from tests.routes.deliveries import NOW, SENDER, message, put, table


def told(**values: Any) -> Settings:
    """Return the settings with these fields of the routes."""
    return Settings(**{f"referrals_{name}": value for name, value in values.items()})


def test_nothing_set_up_is_no_route() -> None:
    """Without a host or a folder there is nothing to collect from."""
    with Routes(told(), now=lambda: NOW) as routes:
        assert routes.all == ()


def test_every_route_brings_its_referrals_into_one_vault(
    sshd: OpenSshServer,
    vsftpd: VsftpdServer,
    dovecot: DovecotServer,
    vault: Vault,
    tmp_path: Path,
) -> None:
    """A drop by SFTP and one by FTPS, a mailbox and a folder: each row once, whoever brought it."""
    folder = tmp_path / "exports"
    folder.mkdir()
    put(sshd.root, "sftp.csv", table(5))
    put(vsftpd.root, "ftps.csv", table(5, first=3))
    dovecot.deliver(message(("mail.csv", table(5, first=6)), number=1))
    put(folder, "export.csv", table(5, first=9))
    put(folder, "saved.eml", message(("saved.csv", table(5, first=12)), number=2).as_bytes())
    settings = told(
        sftp_host=sshd.host,
        sftp_port=sshd.port,
        sftp_username=sshd.username,
        sftp_key_file=sshd.key_file,
        sftp_host_key=sshd.host_key,
        ftps_host=vsftpd.host,
        ftps_port=vsftpd.port,
        ftps_username=vsftpd.username,
        ftps_password=SecretStr(vsftpd.password),
        ftps_ca_file=vsftpd.authority,
        imap_host=dovecot.host,
        imap_port=dovecot.port,
        imap_username=dovecot.username,
        imap_password=SecretStr(dovecot.password),
        imap_senders=f" {SENDER} , @other.example,",
        imap_ca_file=dovecot.authority,
        folder=folder,
    )
    state = tmp_path / "state"
    state.mkdir()
    for kept in ([5, 3, 3, 3, 3], [0] * 5):
        with Routes(settings, now=lambda: NOW, state=state) as routes:
            found = [
                collect(route.folder, vault, now=lambda: NOW, route=route.name).rows_kept
                for route in routes.all
            ]
        assert found == kept
    assert vault.read().height == 17
    assert vault.read()["email_sha256"].n_unique() == 17


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        (told(sftp_host="drop.example"), "ROKT_REFERRALS_SFTP_USERNAME"),
        (
            told(sftp_host="drop.example", sftp_username="me"),
            "ROKT_REFERRALS_SFTP_KEY_FILE or ROKT_REFERRALS_SFTP_PASSWORD",
        ),
        (
            told(ftps_host="drop.example", ftps_username="me"),
            "set ROKT_REFERRALS_FTPS_PASSWORD too",
        ),
        (
            told(imap_host="mail.example", imap_username="me"),
            "set ROKT_REFERRALS_IMAP_PASSWORD, ROKT_REFERRALS_IMAP_SENDERS too",
        ),
    ],
)
def test_half_a_route_says_what_is_missing(settings: Settings, missing: str) -> None:
    """A route that is begun and not complete is a slip, not a wish to leave it out."""
    with pytest.raises(SettingsError, match=missing):
        Routes(settings, now=lambda: NOW)


def test_a_host_for_links_that_is_none_is_told_for_saved_mail_too(tmp_path: Path) -> None:
    """Saved messages follow the links that the mailbox's setting allows."""
    settings = told(folder=tmp_path, imap_link_hosts="no host")
    with pytest.raises(SettingsError, match="ROKT_REFERRALS_IMAP_LINK_HOSTS"):
        Routes(settings, now=lambda: NOW)
