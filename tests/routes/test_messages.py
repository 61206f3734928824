from __future__ import annotations

import base64
import quopri
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from rokt_helpers.errors import SettingsError
from rokt_helpers.routes.messages import Attached, Linked, LinkPlace, is_from, read_message
from tests.routes.deliveries import NOW, message, table, zipped

PLACE = LinkPlace.of("exports.rokt.example/referrals")


def tables(raw: bytes) -> dict[str, bytes]:
    """Return the attached tables by what follows the digest in their names; all must be whole."""
    found = read_message(raw, received=NOW)
    assert all(isinstance(part, Attached) and not part.fault for part in found)
    return {part.name.partition("-")[2]: part.content for part in found}  # type: ignore[union-attr]


def raw_part(headers: str, body: bytes) -> bytes:
    """Return a message of one part with these headers."""
    return f"Message-ID: <x@y>\r\n{headers}\r\n\r\n".encode() + body


def test_attached_tables_are_read_whole() -> None:
    """A message may bring several tables of different packing, beside text and pictures."""
    mail = message(("a.csv", table(3)), ("b.zip", zipped(table(4))), ("logo.png", b"\x89PNG"))
    assert tables(mail.as_bytes()) == {"a.csv": table(3), "b.zip": zipped(table(4))}


def test_the_moment_is_the_messages_own_in_utc() -> None:
    """05:01 in Sydney is 18:01 the day before; a message without a date came when it came in."""
    mail = message(("a.csv", b"x"))
    assert read_message(mail.as_bytes(), received=NOW)[0].modified == datetime(
        2026, 11, 20, 18, 1, tzinfo=UTC
    )
    for date in ("", "yesterday", "Sat, 99 Nov 2026 05:01:00 +1100", "\xe9"):
        del mail["Date"]
        mail["Date"] = date
        assert read_message(mail.as_bytes(), received=NOW)[0].modified == NOW


def test_the_same_message_has_the_same_names_and_another_has_others() -> None:
    """The id of the message is in the name; tables of one name in one message are numbered."""
    mail = message(("a.csv", b"1"), ("a.csv", b"2"), number=1).as_bytes()
    first, second = (part.name for part in read_message(mail, received=NOW))
    assert second == first.replace("a.csv", "a-2.csv")
    assert [part.name for part in read_message(mail, received=NOW)] == [first, second]
    other = read_message(message(("a.csv", b"1"), number=2).as_bytes(), received=NOW)
    assert other[0].name not in (first, second)


def test_names_never_show_the_id_of_the_message() -> None:
    """An id looks like an address, and is one to whoever searches for addresses."""
    assert "@" not in read_message(message(("a.csv", b"1")).as_bytes(), received=NOW)[0].name


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ('filename="../../etc/cron.csv"', "cron.csv"),
        ('filename="C:\\\\Users\\\\me\\\\list.csv"', "list.csv"),
        ("filename*=UTF-8''r%C3%A9f%C3%A9r%C3%A9s.csv", "référés.csv"),
        ('filename="=?utf-8?B?csOpZsOpcsOpcy5jc3Y=?="', "référés.csv"),
        ('filename="=?utf-8?Q?r=C3=A9f=C3=A9r=C3=A9s.csv?="', "référés.csv"),
        ('filename*0="two "; filename*1="parts.csv"', "two parts.csv"),
        ('filename="  .hidden.csv "', "hidden.csv"),
        ('filename="a\tb\x7f.csv"', "ab.csv"),
        (f'filename="{"long" * 100}.csv"', f"{'long' * 29}.csv"),
        ('filename="LIST.CSV"', "LIST.CSV"),
        ("filename*=no-such-charset''r%E9.csv", "ré.csv"),
        ('filename="list.exe"', None),
        ('filename="ATT00001.txt"', None),
    ],
)
def test_names_are_decoded_and_harmless(told: str, name: str | None) -> None:
    """However a name is written it is one plain name, and only names of tables are taken."""
    headers = f"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; {told}"
    found = list(tables(raw_part(headers, b"x")))
    assert found == ([name] if name else [])


@pytest.mark.parametrize("kind", ["text/csv", "application/zip", "application/gzip"])
def test_a_table_without_a_name_is_known_by_its_type(kind: str) -> None:
    """Some programs send a table as the whole message."""
    assert len(tables(raw_part(f"Content-Type: {kind}", b"x"))) == 1


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "8bit"])
def test_every_transfer_encoding_gives_the_bytes_back(encoding: str) -> None:
    """Long lines, equal signs and accents arrive as they were sent."""
    content = "Email,Country\r\nperson@client.example,Réunion\r\n".encode() + b"=" * 200 + b"\r\n"
    body = {
        "base64": base64.encodebytes(content),
        "quoted-printable": quopri.encodestring(content.replace(b"\r\n", b"\n")),
        "8bit": content,
    }[encoding]
    headers = f"Content-Type: text/csv; name=a.csv\r\nContent-Transfer-Encoding: {encoding}"
    found = tables(raw_part(headers, body))["a.csv"]
    assert found.replace(b"\r\n", b"\n") == content.replace(b"\r\n", b"\n")


@pytest.mark.parametrize(
    ("charset", "content", "wanted"),
    [
        ("iso-8859-1", "Réunion".encode("latin-1"), "Réunion"),
        ("windows-1252", "5 €".encode("cp1252"), "5 €"),
        ("utf-16le", "Réunion".encode("utf-16le"), "Réunion"),
        ("iso-8859-1", "Réunion".encode(), "Réunion"),
        ("us-ascii", "Réunion".encode(), "Réunion"),
    ],
)
def test_text_in_a_named_charset_becomes_utf_8(charset: str, content: bytes, wanted: str) -> None:
    """The charset a message names is believed, unless the bytes are UTF-8 anyway."""
    headers = (
        f"Content-Type: text/csv; charset={charset}; name=a.csv\r\n"
        "Content-Transfer-Encoding: base64"
    )
    found = tables(raw_part(headers, base64.encodebytes(content)))
    assert found == {"a.csv": wanted.encode()}


def test_bytes_in_an_unknown_charset_stay_as_they_are() -> None:
    """Whoever reads the table finds out, or says that it cannot be read."""
    headers = "Content-Type: text/csv; charset=no-such; name=a.csv"
    assert tables(raw_part(headers, b"R\xe9union")) == {"a.csv": b"R\xe9union"}


def test_a_forwarded_message_brings_its_tables() -> None:
    """A table two messages deep is found, under the id of the outer one."""
    inner = message(("a.csv", table(3)), number=7)
    for number in (8, 9):
        outer = message(number=number)
        outer.add_attachment(inner)
        inner = outer
    assert tables(inner.as_bytes()) == {"a.csv": table(3)}
    shallow = read_message(message(("a.csv", b"x"), number=9).as_bytes(), received=NOW)
    assert read_message(inner.as_bytes(), received=NOW)[0].name == shallow[0].name


@pytest.mark.parametrize("left_bytes", [200, 5_000])
def test_a_message_that_is_cut_off_is_a_fault(left_bytes: int) -> None:
    """Half a table would read like a whole one: it is said to be cut off."""
    raw = message(("a.csv", table(500))).as_bytes()
    found = read_message(raw[:-left_bytes], received=NOW)
    assert [(part.fault != "", part.content) for part in found] == [(True, b"")]  # type: ignore[union-attr]


def test_damaged_base64_is_a_fault() -> None:
    """A character that cannot be there, and a missing one, are told."""
    sound = base64.encodebytes(table(50))
    for body in (sound.replace(b"A", b"*", 1), sound.rstrip(b"=\n")[:-1]):
        headers = "Content-Type: text/csv; name=a.csv\r\nContent-Transfer-Encoding: base64"
        part = read_message(raw_part(headers, body), received=NOW)[0]
        assert isinstance(part, Attached)
        assert part.fault


@pytest.mark.parametrize(
    "raw", [b"", b"\0" * 50, b"From nobody", b"Content-Type: \xff/;;=\r\n\r\n"]
)
def test_what_is_no_message_brings_nothing(raw: bytes) -> None:
    """Whatever the bytes are, they are read without an error."""
    assert read_message(raw, received=NOW, places=(PLACE,)) == []
    assert not is_from(raw, ["@rokt.example"])


# --- senders ------------------------------


@pytest.mark.parametrize(
    ("sender", "is_wanted"),
    [
        ("Rokt <reports@rokt.example>", True),
        ("REPORTS@ROKT.EXAMPLE", True),
        ("=?utf-8?q?R=C3=B6kt?= <reports@rokt.example>", True),
        ('"reports@rokt.example" <somebody@else.example>', False),
        ("reports@rokt.example.else.example", False),
        ("xreports@rokt.example", False),
        ("anybody@mail.example", True),
        ("anybody@evil-mail.example", False),
        ("", False),
    ],
)
def test_the_sender_is_the_address_and_nothing_around_it(sender: str, is_wanted: bool) -> None:
    """A name that looks like an address does not count; `@domain` is everybody there."""
    raw = f"From: {sender}\r\n\r\nx".encode()
    assert is_from(raw, [" Reports@rokt.example ", "@mail.example"]) is is_wanted


# --- links ------------------------------


def links(mail: EmailMessage) -> list[str]:
    found = read_message(mail.as_bytes(), received=NOW, places=(PLACE,))
    return [part.address for part in found if isinstance(part, Linked)]


def test_links_are_found_in_text_and_html_once() -> None:
    """The same address in both versions of the text is one file."""
    address = "https://exports.rokt.example/referrals/day.csv?key=1&until=2"
    html = f'<p><a href="{address.replace("&", "&amp;")}">Download</a></p>'
    mail = message(text=f"Get it at <{address}>, or at {address}.", html=html)
    assert links(mail) == [address]
    assert links(message(text="See attached", html=html)) == [address]


@pytest.mark.parametrize(
    "address",
    [
        "http://exports.rokt.example/referrals/a.csv",
        "https://exports.rokt.example.evil.example/referrals/a.csv",
        "https://exports.rokt.example@evil.example/referrals/a.csv",
        "https://evil.example/https://exports.rokt.example/referrals/a.csv",
        "https://evil.example\\@exports.rokt.example/referrals/a.csv",
        "https://exports.rokt.example/unsubscribe",
        "https://exports.rokt.example/referrals/../unsubscribe",
        "https://exports.rokt.example/referrals/%2e%2e/unsubscribe",
        "https://exports.rokt.example/referralsx/a.csv",
        "https://exports.rokt.example:8443/referrals/a.csv",
        "https://[broken/referrals/a.csv",
    ],
)
def test_other_addresses_are_not_followed(address: str) -> None:
    """Only HTTPS, only the named host as it is written, and only below the named path."""
    assert links(message(text=f"Look: {address} !", html=f'<a href="{address}">x</a>')) == []


def test_links_are_not_looked_for_where_none_is_allowed_or_a_table_is_attached() -> None:
    """Without a named host nothing is followed; a message with a table has said it all."""
    text = "https://exports.rokt.example/referrals/a.csv"
    assert read_message(message(text=text).as_bytes(), received=NOW) == []
    assert links(message(("a.csv", b"x"), text=text)) == []


def test_an_address_is_a_secret_that_is_not_shown() -> None:
    """Whoever has the address has the file, so its representation is without it."""
    mail = message(text="https://exports.rokt.example/referrals/a.csv?canary")
    found = read_message(mail.as_bytes(), received=NOW, places=(PLACE,))
    assert len(found) == 1
    assert "canary" not in repr(found)


@pytest.mark.parametrize("text", ["", "a b", "user@host", "http://x.example", "ftp:"])
def test_a_host_that_is_none_names_its_setting(text: str) -> None:
    """A slip in the settings is told, not ignored."""
    with pytest.raises(SettingsError, match="ROKT_REFERRALS_IMAP_LINK_HOSTS"):
        LinkPlace.of(text)
