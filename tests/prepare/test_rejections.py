from __future__ import annotations

import polars as pl
import pytest

from rokt_helpers import contract, prepare_audience
from tests.prepare.vectors import HELLO, POISON

LABEL = "x" * 63
REASONS: dict[str, list[str | None]] = {
    "empty": ["", " ", "\u200b\xa0", None],
    "other_digest": ["a" * 32, "A" * 40, "b" * 56, "0" * 128],
    "no_at_sign": ["ann", "ann.example.com", "n/a", "g" * 64],
    "several_at_signs": ["a@@example.com", "a@example.com;b@example.com", "a@b@c"],
    "too_long": [
        "x" * 65 + "@example.com",
        f"a@{LABEL}x.com",
        f"a@{LABEL}.{LABEL}.{LABEL}.{LABEL}.com",
    ],
    "bad_local_part": ["@example.com", '"ann"@example.com', "<ann@b.co", "a,b@c.co", "\0@b.co"],
    "bad_domain": [
        "ann@", "ann@example", "ann@.com", "ann@example.", "ann@exa_mple.com", "ann@-a.com",
        "ann@a-.com", "ann@a..com", "ann@127.0.0.1", "ann@[127.0.0.1]", "ann@b.co>", "a@b.4u",
    ],
}  # fmt: skip
# business-sdk of Facebook, normalize_test; other platforms' rules for what is quoted differ.
ACCEPTED = [
    "a@b.co", "foo@bar.co", "f`oo@bar.com", "fo'o@bar.com", "name.@example.jp", "..a@example.jp",
    "a+b@example.com", "x" * 64 + "@example.com", f"a@{LABEL}.com", "ann@xn--bcher-kva.example",
    "jeff@臺網中心.tw", "ann@example.xn--p1ai", "a@1.co", "A N N @ example . com", "ann@a--b.co",
]  # fmt: skip


@pytest.mark.parametrize("reason", REASONS)
def test_a_row_is_rejected_by_its_first_reason(reason: str) -> None:
    """Each cell has the one reason it stands under, on its own row."""
    cells = REASONS[reason]
    prepared = prepare_audience(pl.Series([*cells, "ann@example.com"], dtype=pl.String))
    assert prepared.summary["rejected_by_reason"] == {reason: len(cells)}
    assert prepared.rejected["row"].tolist() == list(range(1, len(cells) + 1))
    assert prepared.rejected["reason"].tolist() == [reason] * len(cells)


def test_what_people_use_is_accepted() -> None:
    """Unusual addresses that exist are accepted, and stay as they are but for case and space."""
    prepared = prepare_audience(pl.Series(ACCEPTED), output="plain")
    wanted = [cell.replace(" ", "").lower() for cell in ACCEPTED]
    assert prepared.to_pandas()["email"].tolist() == wanted


def test_a_row_of_digests_is_rejected_by_its_first_reason() -> None:
    """In a column of digests a cell is empty, a poison, of another kind, or no digest at all."""
    cells = [HELLO, "", POISON["nan"], "a" * 32, "g" * 64, HELLO[:-1], HELLO.upper()]
    prepared = prepare_audience(pl.Series(cells), identifier="sha256")
    assert prepared.rejected["reason"].tolist() == [
        "empty", "poison_digest", "other_digest", "not_a_digest", "not_a_digest",
    ]  # fmt: skip
    assert (prepared.summary["accepted"], prepared.summary["duplicates"]) == (1, 1)


def test_a_mixed_column_is_hashed_when_asked() -> None:
    """With mixed="hash" addresses are hashed, digests kept, and one person stays one."""
    cells = ["hello@example.com", HELLO, POISON["null"], "a@@b", "other", None]
    prepared = prepare_audience(pl.Series(cells), mixed="hash")
    assert prepared.identifiers.to_list() == [HELLO]
    assert prepared.summary["source"]["kind"] == "mixed"
    assert prepared.summary["rejected_by_reason"] == {
        "empty": 1, "no_at_sign": 1, "several_at_signs": 1, "poison_digest": 1,
    }  # fmt: skip


def test_reasons_come_in_the_order_of_the_contract() -> None:
    """The summary lists only reasons of the closed set, in its order, and they add up."""
    cells = [cell for reason in reversed(REASONS.values()) for cell in reason]
    summary = prepare_audience(pl.Series([*cells, "a@b.co"], dtype=pl.String)).summary
    assert list(summary["rejected_by_reason"]) == [r for r in contract.REASONS if r in REASONS]
    assert sum(summary["rejected_by_reason"].values()) == summary["rejected"] == len(cells)
