from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from rokt_helpers.errors import NotTrusted, Refused, SettingsError, Unavailable
from rokt_helpers.referrals.inbox import collect
from rokt_helpers.referrals.vault import Vault
from rokt_helpers.routes.mail import MailFolder, MailPlace
from tests.real_parts.certificates import make_certificate
from tests.real_parts.dovecot import DovecotServer
from tests.routes.deliveries import (
    NOW,
    SENDER,
    contents,
    gzipped,
    line_to,
    message,
    put,
    table,
    zipped,
)
from tests.routes.link_server import Answer, link_server


@pytest.fixture
def place(dovecot: DovecotServer) -> MailPlace:
    return MailPlace(
        dovecot.host,
        dovecot.username,
        SecretStr(dovecot.password),
        (SENDER,),
        port=dovecot.port,
        ca_file=dovecot.authority,
        timeout_seconds=30,
    )


@pytest.fixture
def mail(place: MailPlace) -> Iterator[MailFolder]:
    with closing(MailFolder(place, now=lambda: NOW)) as opened:
        yield opened


def short(found: dict[str, bytes]) -> dict[str, bytes]:
    """Leave the digests out of the names."""
    return {name.partition("-")[2]: content for name, content in found.items()}


def fetches(server: DovecotServer) -> int:
    """Count the messages that were handed over whole, by the log, once everybody has logged out."""
    end = time.monotonic() + 10
    while True:
        log = (server.folder / "dovecot.log").read_text(encoding="utf-8")
        if log.count("body_count=") == log.count("mpid=") or time.monotonic() > end:
            return sum(int(part.split()[0]) for part in log.split("body_count=")[1:])
        time.sleep(0.02)


def test_attachments_are_listed_and_fetched(
    dovecot: DovecotServer, mail: MailFolder, tmp_path: Path
) -> None:
    """Tables of every packing come out of messages; other senders' and other files do not."""
    dovecot.deliver(message(("référés.csv", table(3)), ("logo.png", b"x"), number=1))
    dovecot.deliver(message(("b.zip", zipped(table(4))), ("c.csv.gz", gzipped(b"c")), number=2))
    dovecot.deliver(message(("no.csv", b"no"), number=3, sender=f"{SENDER}.else.example"))
    dovecot.deliver(message(number=4))
    found = short(contents(mail, tmp_path))
    assert found == {
        "référés.csv": table(3),
        "b.zip": zipped(table(4)),
        "c.csv.gz": gzipped(b"c"),
    }


def test_the_vault_takes_each_attachment_once_and_the_mailbox_stays_as_it_was(
    dovecot: DovecotServer, mail: MailFolder, place: MailPlace, vault: Vault
) -> None:
    """Messages stay where they were and unread, and are known the next time."""
    for number in range(3):
        attached = ("referrals.csv", table(5, first=5 * number))
        dovecot.deliver(message(attached, number=number + 1))
    before = dovecot.mail_files()
    outcome = collect(mail, vault, now=lambda: NOW)
    assert (len(outcome.files_new), outcome.rows_kept, outcome.rows_rejected) == (3, 15, 0)
    with closing(MailFolder(place, now=lambda: NOW)) as again:
        assert len(collect(again, vault, now=lambda: NOW).files_known) == 3
    assert dovecot.mail_files() == before
    assert all("new/" in name for name in before)


def test_a_large_attachment_arrives_whole(
    dovecot: DovecotServer, mail: MailFolder, tmp_path: Path
) -> None:
    """Ten megabytes come as they were sent."""
    content = table(150_000)
    dovecot.deliver(message(("large.csv", content)))
    assert len(content) > 10_000_000
    assert short(contents(mail, tmp_path)) == {"large.csv": content}


def test_a_message_that_is_too_large_is_named_and_not_fetched(
    dovecot: DovecotServer, place: MailPlace, tmp_path: Path
) -> None:
    """What lies beyond the limit is listed, so that it is seen, and refused."""
    dovecot.deliver(message(("large.csv", table(1_000)), number=1))
    dovecot.deliver(message(("small.csv", table(1)), number=2))
    with closing(MailFolder(replace(place, most_message_bytes=5_000), now=lambda: NOW)) as mail:
        names = [file.name for file in mail.listing()]
        assert len(names) == 2
        large = next(name for name in names if "small" not in name)
        with pytest.raises(Refused, match="too large"):
            mail.download(large, tmp_path / "to")
    assert fetches(dovecot) == 1


def test_the_folder_is_a_setting(dovecot: DovecotServer, place: MailPlace) -> None:
    """Folders are named as a mail program shows them, spaces, accents and ampersands included."""
    shown = 'Reports & "référés" 日本'
    dovecot.make_folder('.Reports &- "r&AOk-f&AOk-r&AOk-s" &ZeVnLA-')
    dovecot.deliver(message(("a.csv", b"a")), folder='.Reports &- "r&AOk-f&AOk-r&AOk-s" &ZeVnLA-')
    with closing(MailFolder(replace(place, folder=shown), now=lambda: NOW)) as mail:
        assert len(mail.listing()) == 1
    with pytest.raises(Refused, match="ROKT_REFERRALS_IMAP_FOLDER"):
        MailFolder(replace(place, folder="Nowhere"), now=lambda: NOW).listing()


def test_old_messages_are_not_looked_at(dovecot: DovecotServer, place: MailPlace) -> None:
    """A message that came in before the days to look back is not listed."""
    dovecot.deliver(message(("a.csv", b"a")))  # it comes in now, by this computer's clock
    for days, count in ((0, 0), (36_500, 1)):
        later = replace(place, look_back_days=days)
        with closing(MailFolder(later, now=lambda: NOW + timedelta(days=20_000))) as mail:
            assert len(mail.listing()) == count


def test_a_copy_of_a_message_brings_nothing_new(dovecot: DovecotServer, mail: MailFolder) -> None:
    """The same message twice in a folder is one; another attachment under its id is a second."""
    for content in (table(3), table(3), table(4)):
        dovecot.deliver(message(("a.csv", content)))
    assert sorted(file.size_bytes for file in mail.listing()) == [len(table(3)), len(table(4))]
    assert len({file.name for file in mail.listing()}) == 2


def test_a_message_that_comes_later_is_found_by_the_same_connection(
    dovecot: DovecotServer, mail: MailFolder
) -> None:
    """Each listing looks anew; what is known is not fetched again."""
    dovecot.deliver(message(("a.csv", b"a"), number=1))
    assert len(mail.listing()) == 1
    dovecot.deliver(message(("b.csv", b"b"), number=2))
    assert len(mail.listing()) == 2
    mail.close()
    assert fetches(dovecot) == 2


# --- memory ------------------------------


def test_remembered_messages_are_not_fetched_again(
    dovecot: DovecotServer, place: MailPlace, tmp_path: Path
) -> None:
    """A second run lists the same files without opening a message, and fetches those it needs."""
    memory = tmp_path / "mail.json"
    dovecot.deliver(message(("a.csv", b"a"), number=1))
    with closing(MailFolder(place, now=lambda: NOW, memory=memory)) as first:
        listed = first.listing()
    assert memory.stat().st_mode & 0o777 == 0o600
    assert "@" not in memory.read_text(encoding="utf-8")
    with closing(MailFolder(place, now=lambda: NOW, memory=memory)) as second:
        assert second.listing() == listed
    assert fetches(dovecot) == 1
    with closing(MailFolder(place, now=lambda: NOW, memory=memory)) as third:
        assert contents(third, tmp_path) == {listed[0].name: b"a"}
    assert fetches(dovecot) == 2


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"place": 1}', "null", "half {"])
def test_a_memory_that_cannot_be_read_is_made_anew(
    dovecot: DovecotServer, place: MailPlace, tmp_path: Path, text: str
) -> None:
    """To forget costs time, and no referral."""
    memory = put(tmp_path, "mail.json", text.encode())
    dovecot.deliver(message(("a.csv", b"a")))
    with closing(MailFolder(place, now=lambda: NOW, memory=memory)) as mail:
        assert len(mail.listing()) == 1
    assert len(json.loads(memory.read_text(encoding="utf-8"))["messages"]) == 1


def test_the_memory_is_of_one_way_of_looking(
    dovecot: DovecotServer, place: MailPlace, tmp_path: Path
) -> None:
    """A message that brought nothing is opened again once links may be followed."""
    memory = tmp_path / "mail.json"
    dovecot.deliver(message(text="https://127.0.0.1:9/day.csv"))
    with closing(MailFolder(place, now=lambda: NOW, memory=memory)) as first:
        assert first.listing() == []
    linked = replace(place, link_hosts=("127.0.0.1:9",))
    with closing(MailFolder(linked, now=lambda: NOW, memory=memory)) as second:
        assert len(second.listing()) == 1


# --- links ------------------------------


def test_links_are_followed_to_named_hosts(
    dovecot: DovecotServer, place: MailPlace, vault: Vault, tmp_path: Path
) -> None:
    """A message with a link is a file; one that has run out is left, and the others are kept."""
    (tmp_path / "server").mkdir()
    with link_server(tmp_path / "server") as server:
        server.answers["/referrals/day.csv"] = Answer(table(5))
        for number, name in enumerate(("day.csv?key=1", "gone.csv"), 1):
            text = f"Download: https://{server.host}/referrals/{name} (7 days)"
            dovecot.deliver(message(number=number, text=text))
        both = tmp_path / "both.pem"
        both.write_bytes(dovecot.authority.read_bytes() + server.authority.read_bytes())
        linked = replace(place, ca_file=both, link_hosts=(f"{server.host}/referrals",))
        memory = tmp_path / "mail.json"
        with closing(MailFolder(linked, now=lambda: NOW, memory=memory)) as mail:
            outcome = collect(mail, vault, now=lambda: NOW)
        assert (outcome.rows_kept, len(outcome.files_left)) == (5, 1)
        # The link runs out; what was collected is still known.
        del server.answers["/referrals/day.csv"]
        with closing(MailFolder(linked, now=lambda: NOW, memory=memory)) as mail:
            later = collect(mail, vault, now=lambda: NOW)
        assert (len(later.files_known), len(later.files_left)) == (1, 1)


def test_a_link_whose_host_is_down_keeps_nothing_else_from_being_collected(
    dovecot: DovecotServer, place: MailPlace, vault: Vault, tmp_path: Path
) -> None:
    """The file is left and tried again the next time; later messages are collected meanwhile."""
    (tmp_path / "server").mkdir()
    with link_server(tmp_path / "server") as server:
        server.answers["/a.csv"] = Answer(status=503)
        dovecot.deliver(message(number=1, text=f"https://{server.host}/a.csv"))
        dovecot.deliver(message(("b.csv", table(5)), number=2))
        both = tmp_path / "both.pem"
        both.write_bytes(dovecot.authority.read_bytes() + server.authority.read_bytes())
        linked = replace(place, ca_file=both, link_hosts=(server.host,))
        rows = []
        for _ in range(2):
            with closing(
                MailFolder(linked, now=lambda: NOW, memory=tmp_path / "mail.json")
            ) as mail:
                outcome = collect(mail, vault, now=lambda: NOW)
            rows.append((outcome.rows_kept, len(outcome.files_left)))
            server.answers["/a.csv"] = Answer(table(5, first=5))
        assert rows == [(5, 1), (5, 0)]


def test_without_named_hosts_no_link_is_followed(dovecot: DovecotServer, mail: MailFolder) -> None:
    """A link alone is nothing."""
    dovecot.deliver(message(text="https://exports.rokt.example/referrals/day.csv"))
    assert mail.listing() == []


# --- who may, and whom we trust ------------------------------


def test_a_wrong_password_is_refused_without_showing_it(place: MailPlace) -> None:
    """The refusal names the settings, and neither password nor address."""
    wrong = replace(place, password=SecretStr("wrong-canary"))
    with pytest.raises(Refused, match="ROKT_REFERRALS_IMAP_PASSWORD") as caught:
        MailFolder(wrong, now=lambda: NOW).listing()
    assert "canary" not in str(caught.value)
    assert place.username not in str(caught.value)


def test_a_strange_certificate_gets_no_password(
    dovecot: DovecotServer, place: MailPlace, tmp_path: Path
) -> None:
    """With another authority, the system's or another host's name, nobody logs in."""
    other, _ = make_certificate(tmp_path)
    for strange in (
        replace(place, ca_file=other),
        replace(place, ca_file=None),
        replace(place, host="localhost"),
    ):
        with pytest.raises(NotTrusted, match="ROKT_REFERRALS_IMAP_CA_FILE"):
            MailFolder(strange, now=lambda: NOW).listing()
    log = (dovecot.folder / "dovecot.log").read_text(encoding="utf-8")
    assert "TLS" in log
    assert f"user=<{dovecot.username}>" not in log


def test_settings_that_cannot_be_are_told(place: MailPlace) -> None:
    """No sender, and what would be a command of its own, name their settings."""
    with pytest.raises(SettingsError, match="ROKT_REFERRALS_IMAP_SENDERS"):
        MailFolder(replace(place, senders=(" ",)), now=lambda: NOW)
    with (
        closing(MailFolder(replace(place, senders=("a\r\nx",)), now=lambda: NOW)) as mail,
        pytest.raises(SettingsError, match="ROKT_REFERRALS_IMAP_SENDERS"),
    ):
        mail.listing()


# --- a line that breaks ------------------------------


def test_a_cut_line_is_unavailable_and_works_the_next_time(
    dovecot: DovecotServer, place: MailPlace, tmp_path: Path
) -> None:
    """A message that breaks off in the middle is an error; the next use connects anew."""
    content = table(20_000)
    dovecot.deliver(message(("large.csv", content)))
    with line_to(dovecot.port) as line:
        line.cut_after_bytes = 500_000
        with closing(MailFolder(replace(place, port=line.port), now=lambda: NOW)) as mail:
            with pytest.raises(Unavailable):
                mail.listing()
            line.cut_after_bytes = None
            assert short(contents(mail, tmp_path)) == {"large.csv": content}


def test_a_hang_up_between_two_uses_is_not_noticed(
    dovecot: DovecotServer, mail: MailFolder
) -> None:
    """A server that was started anew in between is simply asked anew."""
    dovecot.deliver(message(("a.csv", b"a")))
    listed = mail.listing()
    dovecot.stop()
    dovecot.restart()
    assert mail.listing() == listed


def test_nobody_there_is_unavailable(dovecot: DovecotServer, mail: MailFolder) -> None:
    """A server that is down may be tried again later."""
    dovecot.stop()
    with pytest.raises(Unavailable, match="ROKT_REFERRALS_IMAP_HOST"):
        mail.listing()


def test_a_message_that_went_in_between_is_refused(
    dovecot: DovecotServer, place: MailPlace, tmp_path: Path
) -> None:
    """A message that a person removed before its content was wanted is gone, and no crash."""
    memory = tmp_path / "mail.json"
    path = dovecot.deliver(message(("a.csv", b"a")))
    with closing(MailFolder(place, now=lambda: NOW, memory=memory)) as mail:
        mail.listing()
    with closing(MailFolder(place, now=lambda: NOW, memory=memory)) as mail:
        name = mail.listing()[0].name
        path.unlink()
        with pytest.raises(Refused):
            mail.download(name, tmp_path / "to")
    with closing(MailFolder(place, now=lambda: NOW, memory=memory)) as mail:
        assert mail.listing() == []
