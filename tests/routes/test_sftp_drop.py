from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from rokt_helpers.errors import NotTrusted, Refused, SettingsError, Unavailable
from rokt_helpers.referrals.inbox import collect
from rokt_helpers.referrals.vault import Vault
from rokt_helpers.routes.sftp_drop import SftpDrop, SftpPlace
from tests.real_parts.sshd import OpenSshServer
from tests.routes.deliveries import NOW, contents, line_to, put, table


@pytest.fixture
def place(sshd: OpenSshServer) -> SftpPlace:
    """The client arrives in the server's root folder; the drop is a folder below it."""
    (sshd.root / "from Rokt").mkdir()
    return SftpPlace(
        sshd.host,
        sshd.username,
        sshd.host_key,
        port=sshd.port,
        key_file=sshd.key_file,
        folder="from Rokt/",
    )


@pytest.fixture
def folder(sshd: OpenSshServer, place: SftpPlace) -> Path:
    return sshd.root / place.folder


@pytest.fixture
def drop(place: SftpPlace) -> Iterator[SftpDrop]:
    with closing(SftpDrop(place)) as opened:
        yield opened


def test_each_file_is_listed_and_fetched(folder: Path, drop: SftpDrop, tmp_path: Path) -> None:
    """Names with spaces and accents are files like others; folders and dot-files are not."""
    names = ["a list.csv", "référés 日本.csv", "-l.csv"]
    for number, name in enumerate(names):
        put(folder, name, table(number))
    put(folder, ".unfinished.csv", b"x")
    (folder / "below").mkdir()
    found = contents(drop, tmp_path)
    assert found == {name: table(number) for number, name in enumerate(names)}
    assert {file.modified for file in drop.listing()} == {NOW}


def test_without_a_folder_it_is_the_one_where_the_user_arrives(
    sshd: OpenSshServer, place: SftpPlace, tmp_path: Path
) -> None:
    """An empty folder in the settings means the user's own; an absolute one is taken as it is."""
    put(sshd.root, "here.csv", b"here")
    for folder in ("", str(sshd.root)):
        with closing(SftpDrop(replace(place, folder=folder))) as drop:
            assert contents(drop, tmp_path) == {"here.csv": b"here"}


def test_the_vault_takes_each_file_once(folder: Path, drop: SftpDrop, vault: Vault) -> None:
    """What is collected from the drop is known the next time, and the drop is as it was."""
    put(folder, "one.csv", table(5))
    assert collect(drop, vault, now=lambda: NOW).rows_kept == 5
    assert collect(drop, vault, now=lambda: NOW).files_known == ("one.csv",)
    assert [path.name for path in folder.iterdir()] == ["one.csv"]


def test_another_host_key_is_not_trusted(place: SftpPlace) -> None:
    """The refusal shows the key, and names the setting of the drop and not that of Rokt's SFTP."""
    for pinned in ("SHA256:another", ""):
        with pytest.raises(NotTrusted, match="ROKT_REFERRALS_SFTP_HOST_KEY") as caught:
            SftpDrop(replace(place, host_key=pinned)).listing()
        assert place.host_key in str(caught.value)


def test_a_password_that_is_not_accepted_names_its_settings(place: SftpPlace) -> None:
    """The refusal names the settings of the drop, and not the password."""
    wrong = replace(place, key_file=None, password=SecretStr("wrong-canary"))
    with pytest.raises(Refused, match="ROKT_REFERRALS_SFTP_PASSWORD") as caught:
        SftpDrop(wrong).listing()
    assert "canary" not in str(caught.value) + repr(wrong)


def test_neither_key_nor_password_is_a_matter_of_settings(place: SftpPlace) -> None:
    """Without a proof of who we are nothing is tried."""
    with pytest.raises(SettingsError, match="ROKT_REFERRALS_SFTP_KEY_FILE"):
        SftpDrop(replace(place, key_file=None))


def test_a_missing_folder_names_its_setting(place: SftpPlace) -> None:
    """A folder that is not there is a refusal that says where to look."""
    with (
        closing(SftpDrop(replace(place, folder="elsewhere"))) as drop,
        pytest.raises(Refused, match="ROKT_REFERRALS_SFTP_FOLDER"),
    ):
        drop.listing()


def test_a_cut_line_is_unavailable_and_works_the_next_time(
    sshd: OpenSshServer, place: SftpPlace, folder: Path, tmp_path: Path
) -> None:
    """A download that breaks off is an error; the next use opens a new connection."""
    content = table(60_000)
    put(folder, "large.csv", content)
    with line_to(sshd.port) as line:
        with closing(SftpDrop(replace(place, port=line.port))) as drop:
            assert len(drop.listing()) == 1
            line.cut_after_bytes = line.down_bytes + 1_000_000
            with pytest.raises(Unavailable):
                drop.download("large.csv", tmp_path / "to")
            line.cut_after_bytes = None
            drop.download("large.csv", tmp_path / "to")
        assert (tmp_path / "to").read_bytes() == content


@pytest.mark.parametrize("name", ["../secret.csv", "/etc/passwd", "..", ""])
def test_a_name_that_leads_out_is_not_fetched(drop: SftpDrop, tmp_path: Path, name: str) -> None:
    """Parts of a path are no name of a file; the server is not even asked."""
    with pytest.raises(Refused):
        drop.download(name, tmp_path / "to")
    assert not (tmp_path / "to").exists()


def test_a_name_in_another_encoding_is_said_to_be_one(folder: Path, drop: SftpDrop) -> None:
    """A name that is no UTF-8 is told, and does not break the connection."""
    with open(bytes(folder) + b"/caf\xe9.csv", "wb"):  # noqa: PTH123  a Path has no bytes
        pass
    with pytest.raises(Refused, match="UTF-8"):
        drop.listing()
