from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr

from rokt_helpers.errors import Refused
from rokt_helpers.referrals.inbox import collect
from rokt_helpers.referrals.vault import Vault
from rokt_helpers.routes.mail import MailFolder, MailPlace
from rokt_helpers.routes.saved_mail import SavedMail
from tests.real_parts.dovecot import DovecotServer
from tests.routes.deliveries import NOW, SENDER, contents, message, put, table
from tests.routes.link_server import Answer, link_server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "saved"
    path.mkdir()
    return path


@pytest.fixture
def saved(folder: Path) -> Iterator[SavedMail]:
    with closing(SavedMail(folder)) as opened:
        yield opened


def test_saved_messages_are_read_like_those_in_a_mailbox(
    folder: Path, saved: SavedMail, vault: Vault
) -> None:
    """Messages in a folder bring their tables, whoever sent them; other files are not read."""
    put(folder, "Your report.eml", message(("a.csv", table(5)), number=1).as_bytes())
    other = message(("a.csv", table(5, first=5)), number=2, sender="me@else.example")
    put(folder, "Fwd.EML", other.as_bytes())
    put(folder, "beside.csv", table(9))
    assert collect(saved, vault, now=lambda: NOW).rows_kept == 10
    assert len(collect(saved, vault, now=lambda: NOW).files_known) == 2
    assert len(list(folder.iterdir())) == 3


def test_a_message_in_both_places_is_one_file(
    dovecot: DovecotServer, folder: Path, saved: SavedMail, vault: Vault
) -> None:
    """What was collected from the mailbox is known when a person saves the same message."""
    mail = message(("a.csv", table(5)))
    dovecot.deliver(mail)
    put(folder, "saved.eml", mail.as_bytes())
    place = MailPlace(
        dovecot.host,
        dovecot.username,
        SecretStr(dovecot.password),
        (SENDER,),
        port=dovecot.port,
        ca_file=dovecot.authority,
    )
    with closing(MailFolder(place, now=lambda: NOW)) as mailbox:
        assert len(collect(mailbox, vault, now=lambda: NOW).files_new) == 1
    assert len(collect(saved, vault, now=lambda: NOW).files_known) == 1


def test_a_message_that_is_still_saved_is_left_and_read_once_it_is_whole(
    folder: Path, saved: SavedMail, vault: Vault
) -> None:
    """Half a message is listed and refused; the whole one is another file."""
    raw = message(("a.csv", table(500))).as_bytes()
    put(folder, "saved.eml", raw[:-9_000])
    assert [left.name for left in collect(saved, vault, now=lambda: NOW).files_left] == [
        file.name for file in saved.listing()
    ]
    put(folder, "saved.eml", raw)
    assert collect(saved, vault, now=lambda: NOW).rows_kept == 500


def test_links_in_saved_messages_are_followed(folder: Path, tmp_path: Path) -> None:
    """The hosts that may be followed are those of the mailbox."""
    (tmp_path / "server").mkdir()
    with link_server(tmp_path / "server") as server:
        server.answers["/day.csv"] = Answer(b"file")
        put(folder, "a.eml", message(text=f"https://{server.host}/day.csv").as_bytes())
        linked = SavedMail(folder, link_hosts=(server.host,), ca_file=server.authority)
        with closing(linked):
            assert list(contents(linked, tmp_path).values()) == [b"file"]


def test_a_folder_that_is_not_there_names_its_setting(tmp_path: Path) -> None:
    """A missing folder says where to look."""
    with (
        closing(SavedMail(tmp_path / "nowhere")) as saved,
        pytest.raises(Refused, match="ROKT_REFERRALS_FOLDER"),
    ):
        saved.listing()
