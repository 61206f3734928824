from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rokt_helpers.referrals.vault import Vault
from tests.real_parts.dovecot import DovecotServer
from tests.real_parts.sshd import OpenSshServer
from tests.real_parts.vsftpd import VsftpdServer


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault")


@pytest.fixture
def vsftpd() -> Iterator[VsftpdServer]:
    with VsftpdServer() as running:
        yield running


@pytest.fixture
def dovecot() -> Iterator[DovecotServer]:
    with DovecotServer() as running:
        yield running


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[OpenSshServer]:
    with OpenSshServer(tmp_path / "sshd") as running:
        yield running
