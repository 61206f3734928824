from __future__ import annotations

import pytest

from rokt_helpers.sandbox.file_rules import RejectedUpload, check_outside, read_upload
from tests.sandbox.wires import HELLO

DIGEST = HELLO.encode()
ADDRESS = b"canary.person@example.com"


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (DIGEST, 1),
        (DIGEST + b"\n", 1),
        (DIGEST.upper() + b"\r\n" + b"a" * 64, 2),
        (b"hello@example.com\n", 1),
        (b"\xef\xbb\xbfHello@example.com\n", 1),
        ("hello@example.com\r\n".encode("utf-16"), 1),
        ("hello@example.com\r\n".encode("utf-32"), 1),
        (b" hello@example.com\xc2\xa0\n", 1),
    ],
)
def test_good_files(content: bytes, lines: int) -> None:
    """Each documented form is read, whatever its marks, cases and line ends."""
    digests, count = read_upload(content)
    assert bytes.fromhex(HELLO) in digests
    assert (len(digests), count) == (lines, lines)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"jos\xe9@example.com\n", "not UTF-8"),
        ("hello@example.com".encode("utf-16-le"), "not UTF-8"),
        (b"email\n" + ADDRESS, "line 1 is neither"),
        (b"sha256\n" + DIGEST, "line 1 is neither"),
        (ADDRESS + b",x\n", "line 1 has more than one column"),
        (DIGEST + b";x\n", "line 1 has more than one column"),
        (ADDRESS + b"\n" + ADDRESS + b"\tx\n", "line 2 has more than one column"),
        (ADDRESS + b"\n" + DIGEST, "line 2: addresses and digests are mixed"),
        (DIGEST + b"\n" + ADDRESS, "line 2: addresses and digests are mixed"),
        (DIGEST + b"\n" + DIGEST[:32], "line 2 is not a digest"),
        (b"5d41402abc4b2a76b9719d911017c592\n", "line 1 is neither"),
        (ADDRESS + b"\ncanary.person\n", "line 2 has no @"),
        (ADDRESS + b"\n\n" + ADDRESS, "line 2 is empty"),
        (b'"' + ADDRESS + b'"\n', "line 1 is in quotes"),
    ],
)
def test_rejected_files(content: bytes, reason: str) -> None:
    """Each broken rule rejects the whole file, with a reason that holds no value."""
    with pytest.raises(RejectedUpload) as caught:
        read_upload(content)
    assert reason in str(caught.value)
    assert "canary" not in str(caught.value)
    assert HELLO[:10] not in str(caught.value)


@pytest.mark.parametrize("name", ["people.csv.gz", "people", "people.xlsx", "csv"])
def test_names(name: str) -> None:
    """A name that does not end in .csv or .txt is rejected."""
    with pytest.raises(RejectedUpload, match="must end in"):
        check_outside(name, 1)


def test_sizes() -> None:
    """A file of exactly the limit is let in, one byte more is not."""
    check_outside("people.CSV", 200_000_000)
    with pytest.raises(RejectedUpload, match="larger than 200,000,000 bytes"):
        check_outside("people.txt", 200_000_001)
