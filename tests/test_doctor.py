from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pytest

from rokt_helpers import hash_email
from rokt_helpers.doctor import Diagnosis, examine, read_known
from rokt_helpers.doctor.mishashes import Mistake, mistakes_of
from rokt_helpers.errors import InputError

CUSTOMERS = ["Ada.Lovelace@Example.com", "bob+news@example.org", "cy@example.net"]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def exported(hash_one: Callable[[str], str]) -> pd.Series:
    """A list as a system would export it: the known customers among a hundred others."""
    others = [f"somebody.{number}@example.com" for number in range(100)]
    return pd.Series([hash_one(address) for address in [*others, *CUSTOMERS]])


def diagnosed(hash_one: Callable[[str], str]) -> Diagnosis:
    return examine(exported(hash_one), known=CUSTOMERS)


EXPORTS: dict[str, tuple[Callable[[str], str], str]] = {
    "no lower-casing": (lambda a: sha256(a.encode()), "not lower-cased"),
    "line feed": (lambda a: sha256(a.lower().encode() + b"\n"), "a line feed at its end"),
    "carriage return": (lambda a: sha256(a.lower().encode() + b"\r"), "a carriage return"),
    "Windows line end": (lambda a: sha256(a.lower().encode() + b"\r\n"), "a Windows line end"),
    "space": (lambda a: sha256(a.lower().encode() + b" "), "a space at its end"),
    "no-break space": (lambda a: sha256(f"{a.lower()}\xa0".encode()), "a no-break space"),
    "zero width": (lambda a: sha256(f"{a.lower()}\u200b".encode()), "a zero-width space"),
    "byte-order mark": (lambda a: sha256(f"\ufeff{a.lower()}".encode()), "a byte-order mark"),
    "quotes": (lambda a: sha256(f'"{a.lower()}"'.encode()), "quotation marks around it"),
    "mailto": (lambda a: sha256(f"mailto:{a.lower()}".encode()), "mailto:"),
    "UTF-16": (lambda a: sha256(a.lower().encode("utf-16-le")), "an address in UTF-16"),
    "UTF-16 BE": (lambda a: sha256(a.lower().encode("utf-16-be")), "big-endian UTF-16"),
    "double": (lambda a: sha256(sha256(a.lower().encode()).encode()), "hashed twice"),
    "double upper": (
        lambda a: sha256(sha256(a.lower().encode()).upper().encode()),
        "hashed twice, in capitals between",
    ),
    "capitals": (lambda a: sha256(a.upper().encode()), "an address in capitals"),
    "plus tags": (
        lambda a: sha256(a.lower().replace("+news", "").encode()),
        "without its plus tag",
    ),
    "MD5": (lambda a: hashlib.md5(a.lower().encode()).hexdigest(), "MD5"),  # noqa: S324
    "SHA-1": (lambda a: hashlib.sha1(a.lower().encode()).hexdigest(), "SHA-1"),  # noqa: S324
    "base64": (
        lambda a: base64.b64encode(hashlib.sha256(a.lower().encode()).digest()).decode(),
        "base64",
    ),
    "two at once": (lambda a: sha256(f'"{a}"'.encode()), "quotation marks around it"),
}


@pytest.mark.parametrize("export", EXPORTS)
def test_each_way_to_hash_wrongly_is_named_with_its_mend(export: str) -> None:
    """All known customers are explained, and the sentence ends with what to do."""
    hash_one, named = EXPORTS[export]
    diagnosis = diagnosed(hash_one)
    best = diagnosis.findings[0]
    assert best.customers == len(CUSTOMERS)
    assert named in best.mistake.name
    assert best.mistake.mend in diagnosis.verdict


def test_the_simplest_explanation_comes_first() -> None:
    """Where several ways explain the same customers, the one with the fewest steps is told."""
    diagnosis = diagnosed(lambda a: sha256(a.encode()))
    assert diagnosis.findings[0].mistake.steps == 1


def test_a_healthy_list_is_called_healthy() -> None:
    """Rokt's own form is recognised, and no mistake is invented."""
    diagnosis = diagnosed(lambda a: str(hash_email(a)))
    assert diagnosis.healthy == diagnosis.known == 3
    assert diagnosis.findings == ()
    assert diagnosis.verdict == "All 3 known customers are on the list in Rokt's own form."


def test_a_mixed_list_is_not_healthy() -> None:
    """Addresses among digests are counted: Rokt would reject the whole list."""
    diagnosis = examine(pd.Series([str(hash_email(CUSTOMERS[0])), *CUSTOMERS]))
    assert not diagnosis.is_healthy
    assert diagnosis.verdict.startswith("3 of 4 filled rows are no digests")


def test_digests_of_another_kind_are_not_counted_as_the_first() -> None:
    """A few MD5 values among SHA-256 would match nobody: the list is not well, and it is said."""
    good = [str(hash_email(address)) for address in CUSTOMERS]
    diagnosis = examine(pd.Series([*good, "cb8419c1d471d55fbca0d63d1fb2b6ac"]))
    assert not diagnosis.is_healthy
    assert diagnosis.verdict.startswith("Not all digests are SHA-256: 1 MD5 are among them")
    assert diagnosis.describe()[1] == "3 of 4 filled rows are SHA-256 digests, 3 of them different."


def test_a_salted_list_is_not_explained_away() -> None:
    """What nothing explains is said to be unexplained."""
    diagnosis = diagnosed(lambda a: sha256(b"salt" + a.lower().encode()))
    assert diagnosis.findings == ()
    assert diagnosis.verdict.startswith("None of 3 known customers")


def test_poison_is_counted_whatever_the_digest() -> None:
    """The digest of an empty cell, of `nan` or of a header is no person, in MD5 as well."""
    digests = [sha256(b""), sha256(b""), sha256(b"nan"), sha256(b"Email"), sha256(b"a@b.co")]
    diagnosis = examine(pd.Series(digests))
    assert diagnosis.poison == {
        "an empty cell": 2,
        "the word 'nan'": 1,
        "the word 'Email'": 1,
    }
    assert "4 rows hold the digest" in diagnosis.verdict
    md5 = examine(pd.Series([hashlib.md5(b"").hexdigest()]))  # noqa: S324
    assert md5.poison == {"an empty cell": 1}


def test_md5_is_named_without_any_customer() -> None:
    """The digest is known by its length, and the reason it cannot be used is said."""
    diagnosis = examine(pd.Series([hashlib.md5(b"a@b.co").hexdigest()] * 3))  # noqa: S324
    assert diagnosis.digest == "MD5"
    assert "Rokt matches SHA-256 only" in diagnosis.verdict


def test_capitals_in_digests_do_no_harm() -> None:
    """Rokt reads both, so upper-case digests are counted and still healthy."""
    diagnosis = diagnosed(lambda a: str(hash_email(a)).upper())
    assert diagnosis.upper_case == 103
    assert diagnosis.healthy == 3


def test_a_list_of_addresses_is_sent_elsewhere() -> None:
    """There is nothing for the doctor to look at, and it says where to go."""
    with pytest.raises(InputError, match="goes to prepare"):
        examine(pd.Series(CUSTOMERS))


def test_the_right_way_comes_with_no_steps() -> None:
    """The first way tried is Rokt's own, and agrees with the kernel."""
    mistake, digest = next(iter(mistakes_of(" ADA@Example.com ")))
    assert mistake == Mistake.none()
    assert digest == hash_email("ada@example.com")


def test_nothing_in_a_diagnosis_is_an_address_or_a_digest() -> None:
    """Counts and names of mistakes only."""
    diagnosis = diagnosed(lambda a: sha256(a.encode()))
    told = json.dumps(asdict(diagnosis)) + repr(diagnosis) + " ".join(diagnosis.describe())
    for address in CUSTOMERS:
        assert address.lower() not in told.lower()
        assert sha256(address.encode()) not in told


def test_the_command_line_takes_known_customers_from_a_file() -> None:
    """Addresses in a file stay out of the shell's history; the verdict is the first line."""
    here = Path.cwd()
    exported(lambda a: sha256(a.lower().encode() + b"\r")).to_csv(
        here / "list.csv", index=False, header=False
    )
    (here / "known.csv").write_text("name,email\n" + "\n".join(f"x,{a}" for a in CUSTOMERS))
    assert read_known(here / "known.csv") == CUSTOMERS
    program = "from rokt_helpers.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "doctor", "list.csv", "--known", "known.csv"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout.startswith(
        "3 of 3 known customers are on the list as an address with a carriage return at its end"
    )
