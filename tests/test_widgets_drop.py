"""The drop zone without a browser: its messages are sent as a page sends them."""

from __future__ import annotations

import random
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rokt_helpers.errors import InputError
from rokt_helpers.widgets.drop import PIECE_BYTES, DropZone
from rokt_helpers.widgets.dropped import DroppedFiles, clean_name
from tests.real_parts.page import Page, page_of

CONTENT = random.Random(7).randbytes(2 * PIECE_BYTES + 345)


class Zone:
    """A drop zone, its page, and what it took."""

    def __init__(self, **options: Any) -> None:
        self.keep = DroppedFiles()
        self.folder = self.keep.place("x").parent
        self.took: list[Path] = []
        self.widget = DropZone(self.keep, self.took.append, **options)
        self.page: Page = page_of(self.widget)

    def begin(self, name: object, size: object, transfer: object = "a") -> list[dict[str, Any]]:
        """Announce a file."""
        return self.page.say({"kind": "begin", "id": transfer, "name": name, "size": size})

    def piece(self, offset: object, *pieces: bytes, transfer: str = "a") -> list[dict[str, Any]]:
        """Send one piece."""
        return self.page.say({"kind": "piece", "id": transfer, "offset": offset}, pieces)

    def send(self, name: str, content: bytes, transfer: str = "a") -> list[dict[str, Any]]:
        """Send as the page does: whatever is asked for, until something else is said."""
        said = self.begin(name, len(content), transfer)
        while said and said[0]["kind"] == "want":
            offset, count = said[0]["offset"], said[0]["bytes"]
            said = self.piece(offset, content[offset : offset + count], transfer=transfer)
        return said

    @property
    def kept(self) -> list[str]:
        """Name what lies in the folder, half sent files too."""
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def zone() -> Zone:
    return Zone()


def test_a_file_arrives_piece_by_piece_private_and_whole(zone: Zone) -> None:
    """What arrives is what was sent, under its own name, and the path is handed on once."""
    said = zone.send("customers.csv", CONTENT)
    assert said == [
        {"kind": "done", "id": "a", "name": "customers.csv", "size": len(CONTENT),
         "replaced": False}
    ]  # fmt: skip
    (path,) = zone.took
    assert path.read_bytes() == CONTENT
    assert zone.kept == ["customers.csv"]
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_message_of_the_kernel_is_longer_than_a_few_words(zone: Zone) -> None:
    """The kernel asks for the next piece and says nothing of the content, in traits or messages."""
    marked = b"canary@example.com\n" * 100_000
    zone.send("customers.csv", marked)
    assert [one["kind"] for one in zone.page.heard] == ["want", "want", "done"]
    assert "canary" not in repr(zone.page.wire)
    assert "canary" not in repr(zone.widget.get_state())
    assert {"accept", "disabled", "label"} == {
        name for name in zone.widget.keys if name[0] != "_" and name in DropZone.__dict__
    }


def test_each_piece_is_asked_for_only_after_the_one_before(zone: Zone) -> None:
    """Pieces are of one size but the last, so memory stays flat whatever the file is."""
    assert zone.begin("a.csv", len(CONTENT)) == [
        {"kind": "want", "id": "a", "offset": 0, "bytes": PIECE_BYTES}
    ]
    (second,) = zone.piece(0, CONTENT[:PIECE_BYTES])
    assert (second["offset"], second["bytes"]) == (PIECE_BYTES, PIECE_BYTES)
    (third,) = zone.piece(PIECE_BYTES, CONTENT[PIECE_BYTES : 2 * PIECE_BYTES])
    assert (third["offset"], third["bytes"]) == (2 * PIECE_BYTES, 345)
    assert zone.took == []


@pytest.mark.parametrize(
    ("offset", "pieces"),
    [
        (PIECE_BYTES, [CONTENT[:PIECE_BYTES]]),
        (-1, [CONTENT[:PIECE_BYTES]]),
        ("0", [CONTENT[:PIECE_BYTES]]),
        (False, [CONTENT[:PIECE_BYTES]]),
        (None, [CONTENT[:PIECE_BYTES]]),
        (0, [CONTENT]),
        (0, [CONTENT[: PIECE_BYTES + 1]]),
        (0, [CONTENT[:5]]),
        (0, [b""]),
        (0, []),
        (0, [CONTENT[:PIECE_BYTES], b"more"]),
    ],
)
def test_a_piece_that_was_not_asked_for_ends_the_transfer(
    zone: Zone, offset: object, pieces: list[bytes]
) -> None:
    """Out of order, too long, too short, none or two: refused, and nothing is left behind."""
    zone.begin("a.csv", len(CONTENT))
    (said,) = zone.piece(offset, *pieces)
    assert said["kind"] == "no"
    assert "wrong order" in said["why"]
    assert (zone.kept, zone.took) == ([], [])
    (after,) = zone.piece(0, CONTENT[:PIECE_BYTES])
    assert "Choose it again" in after["why"]


def test_a_cancelled_file_is_gone_and_another_can_be_sent(zone: Zone) -> None:
    """Cancel removes what was written; only the transfer that is under way can be cancelled."""
    zone.begin("a.csv", len(CONTENT))
    zone.piece(0, CONTENT[:PIECE_BYTES])
    zone.page.say({"kind": "cancel", "id": "another"})
    assert len(zone.kept) == 1
    assert zone.page.say({"kind": "cancel", "id": "a"}) == []
    assert (zone.kept, zone.took) == ([], [])
    assert zone.send("a.csv", b"x", "b")[0]["kind"] == "done"
    assert len(zone.took) == 1


def test_a_second_transfer_takes_the_place_of_the_first(zone: Zone) -> None:
    """A page that was reloaded begins anew, and what it had sent before is removed."""
    zone.begin("a.csv", len(CONTENT), "a")
    zone.piece(0, CONTENT[:PIECE_BYTES])
    assert zone.send("b.csv", b"email\n", "b")[0]["kind"] == "done"
    (said,) = zone.piece(PIECE_BYTES, CONTENT[PIECE_BYTES : 2 * PIECE_BYTES])
    assert said["kind"] == "no"
    assert zone.kept == ["b.csv"]


def test_the_same_name_twice_is_replaced_when_the_second_is_whole(zone: Zone) -> None:
    """The older file stays until the newer one has arrived, and the page is told."""
    zone.send("a.csv", b"one")
    zone.begin("a.csv", len(CONTENT), "b")
    assert (zone.folder / "a.csv").read_bytes() == b"one"
    zone.page.say({"kind": "cancel", "id": "b"})
    assert zone.send("a.csv", b"two", "c")[0]["replaced"] is True
    assert (zone.folder / "a.csv").read_bytes() == b"two"
    assert zone.kept == ["a.csv"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../x", "x"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\x.csv", "x.csv"),
        ("C:\\lists\\a.csv", "a.csv"),
        ("..", "file"),
        ("", "file"),
        ("a/", "file"),
        (".bashrc", "bashrc"),
        ("a\x00b\n.csv", "a_b_.csv"),
        ("a\u202evsc.exe", "a_vsc.exe"),
        ("a\ud800.csv", "a_.csv"),
        ("nul.csv", "_nul.csv"),
        ("a:b*.csv", "a_b_.csv"),
        ("Kunden März.csv", "Kunden März.csv"),
    ],
)
def test_a_hostile_name_is_one_file_in_the_folder(zone: Zone, sent: str, kept: str) -> None:
    """Only a cleaned base name is used; nothing is written outside of the private folder."""
    assert zone.send(sent, b"x")[0]["name"] == kept
    assert zone.kept == [kept]
    assert zone.took == [zone.folder / kept]


@settings(deadline=None)
@given(st.text(max_size=400))
def test_every_name_becomes_one_plain_name(name: str) -> None:
    """Whatever text is sent, the name is short, printable, is not hidden and names no folder."""
    plain = clean_name(name)
    assert 0 < len(plain.encode()) <= 130
    assert plain == Path(plain).name
    assert plain[0] != "."
    assert not {*plain} & {*'/\\:<>"|?*\n\x00'}
    assert clean_name(plain) == plain


def test_a_wrong_ending_is_refused_by_the_kernel_too() -> None:
    """The zone takes the endings it was told, in any case; the page is not believed."""
    zone = Zone(accept=[".CSV", ".csv.gz"])
    assert zone.widget.accept == [".csv", ".csv.gz"]
    (said,) = zone.begin("a.exe", 5)
    assert said["why"] == "This file does not end as it must: .csv, .csv.gz."
    assert zone.begin("a.gz", 5)[0]["kind"] == "no"
    assert zone.send("A.CSV", b"x")[0]["kind"] == "done"
    assert zone.send("b.csv.gz", b"x")[0]["kind"] == "done"


@pytest.mark.parametrize("size", [0, -1, 1.5, True, "9", None, 1 << 60])
def test_a_size_that_cannot_be_is_refused(zone: Zone, size: object) -> None:
    """Empty files, and sizes that are none, end before anything is written."""
    assert zone.begin("a.csv", size)[0]["kind"] == "no"
    assert zone.kept == []


def test_a_file_larger_than_the_disk_is_refused_at_once(zone: Zone) -> None:
    """A person hears it before a gigabyte was sent, not after."""
    (said,) = zone.begin("a.csv", 1 << 49)
    assert "no room" in said["why"]
    assert zone.kept == []


def test_nothing_is_taken_while_the_zone_is_disabled(zone: Zone) -> None:
    """What is dropped while a job runs is refused with a sentence."""
    zone.widget.disabled = True
    (said,) = zone.begin("a.csv", 5)
    assert "just now" in said["why"]


@pytest.mark.parametrize(
    "said",
    [None, 5, "begin", [], {}, {"kind": "begin"}, {"kind": "begin", "id": 5},
     {"kind": "cancel", "id": ""}, {"kind": "piece", "id": "x" * 65}, {"kind": "else", "id": "a"}],
)  # fmt: skip
def test_what_is_no_message_is_passed_over(zone: Zone, said: object) -> None:
    """A page that says nonsense gets no answer, and does no harm."""
    assert zone.page.say(said) == []
    assert zone.send("a.csv", b"x")[0]["kind"] == "done"


def test_an_error_of_whoever_takes_the_file_is_a_sentence() -> None:
    """The file has arrived; what went wrong after it is said in the zone."""

    def refuse(path: Path) -> None:
        raise InputError(f"{path.name} holds no addresses.")

    keep = DroppedFiles()
    page = page_of(DropZone(keep, refuse))
    page.say({"kind": "begin", "id": "a", "name": "a.csv", "size": 1})
    done, no = page.say({"kind": "piece", "id": "a", "offset": 0}, [b"x"])
    assert (done["kind"], no["kind"]) == ("done", "no")
    assert no["why"] == "a.csv holds no addresses."


def test_a_folder_that_went_away_is_a_sentence(zone: Zone) -> None:
    """What the disk refuses reaches the person with what to do."""
    zone.folder.rmdir()
    (said,) = zone.begin("a.csv", 5)
    assert "inbox/" in said["why"]


def test_a_file_that_was_tampered_with_on_the_way_is_not_taken(zone: Zone) -> None:
    """The size on the disk is compared before the file is handed on."""
    zone.begin("a.csv", PIECE_BYTES + 1)
    zone.piece(0, CONTENT[:PIECE_BYTES])
    (part,) = zone.folder.iterdir()
    with part.open("ab") as more:
        more.write(b"more than was sent")
    (said,) = zone.piece(PIECE_BYTES, b"x")
    assert "did not arrive whole" in said["why"]
    assert (zone.kept, zone.took) == ([], [])


def test_closing_the_widget_removes_a_half_sent_file(zone: Zone) -> None:
    """Nothing stays of a transfer whose widget is gone."""
    zone.begin("a.csv", len(CONTENT))
    assert len(zone.kept) == 1
    zone.widget.close()
    assert zone.kept == []
