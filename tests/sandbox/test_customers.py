from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from rokt_helpers.advice import advise
from rokt_helpers.advice.domains import PRACTICE
from rokt_helpers.sandbox import write_customers
from rokt_helpers.sandbox.people import DOMAINS

ROWS = 5000


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    path = tmp_path_factory.mktemp("customers") / "customers.csv"
    write_customers(path)
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    return raw.decode("utf-8-sig").split("\r\n")


@pytest.fixture(scope="module")
def emails(lines: list[str]) -> list[str]:
    return [line.split(";")[1] for line in lines[1:] if line]


def canonical(email: str) -> str:
    return "".join(email.split()).lower()


def is_usable(email: str) -> bool:
    return bool(re.fullmatch(r"[^@,]+@[^@,]+\.[a-z]+", canonical(email)))


def test_shape(lines: list[str], emails: list[str]) -> None:
    """The file has its header, as many customers as asked, and some blank lines."""
    assert lines[0] == "Customer;E-mail address;City;Signed up;Spend"
    assert len(emails) == ROWS
    assert all(line.count(";") == 4 for line in lines if line)
    blank = sum(not line for line in lines[1:-1])
    assert 0 < blank < ROWS / 100


def test_dirt(emails: list[str]) -> None:
    """Every kind of dirt is there: case, spaces, NBSP, tabs, and each way to be no address."""
    text = "\n".join(emails)
    for pattern in (
        r"\xa0", r"\t", r"(?m)^ ", r"(?m)  $", "[0-9]@HARBOURMAIL", r"(?m)^$", "(?m)^n/a$", "@@",
        "(?m)@$", "(?m)@example$", "(?m),$", r"(?m)^[^@]+\.harbourmail\.example$",
    ):  # fmt: skip
        assert re.search(pattern, text), pattern


def test_proportions(emails: list[str]) -> None:
    """About 3 % are unusable and about 8 % repeat somebody, some only in other letters."""
    usable = [email for email in emails if is_usable(email)]
    assert 0.02 < 1 - len(usable) / ROWS < 0.04
    people = {canonical(email) for email in usable}
    assert 0.06 < 1 - len(people) / len(usable) < 0.10
    assert len(set(usable)) > len(people)


def test_nobody_can_be_reached(emails: list[str]) -> None:
    """Each domain is reserved, or has an ending that there is not; then no mailbox is possible.

    Where advice writes the provider that was meant, the name has a hyphen, and Gmail gives no such
    mailbox to anybody.
    """
    people = {tuple(canonical(email).split("@")) for email in emails if is_usable(email)}
    assert {"mail.bluebird.example", "shop.fernhill.example"} < {domain for _, domain in people}
    for name, domain in people:
        if re.fullmatch(r"gmail\.(con|cmo|comm|vom)", domain):
            assert "-" in name
        else:
            assert re.search(r"\.example$|^example\.(com|org)$", domain)


def test_what_advice_says_of_the_practice_list(emails: list[str]) -> None:
    """A few findings of each kind, one of them repeated; a learner sees them and not the list."""
    found = {one.code: one for one in advise(pl.Series(map(canonical, emails)))}
    assert {code: (one.rows, one.people) for code, one in found.items()} == {
        "domain_typo": (4, 4), "role_account": (2, 2), "placeholder": (6, 3),
    }  # fmt: skip
    assert {*DOMAINS} == PRACTICE


def test_any_other_example_is_a_placeholder() -> None:
    """What a real list has at example.com, or at a .example of its own, stands for no address."""
    real = [
        "ada@example.com",
        "ada@mail.example.org",
        "ada@shop.example",
        "ada@sub.northpost.example",
    ]
    (found,) = [one for one in advise(pl.Series(real)) if one.code == "placeholder"]
    assert found.rows == len(real)


def test_repeatable(tmp_path: Path) -> None:
    """The same seed gives the same bytes, another seed others."""
    paths = [tmp_path / name for name in "abc"]
    for path, seed in zip(paths, (1, 1, 2), strict=True):
        write_customers(path, rows=50, seed=seed)
    first, same, other = (path.read_bytes() for path in paths)
    assert first == same
    assert first != other
    assert first.count(b"\r\n") >= 51
