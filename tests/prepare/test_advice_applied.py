"""Advice in the preparing of a list: it is told, and applied only where somebody chose it."""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rokt_helpers import contract, prepare_audience
from rokt_helpers.advice import APPLICABLE, Code
from rokt_helpers.audience.preparing import look_over
from rokt_helpers.cli import main
from rokt_helpers.errors import InputError

ODD = [
    "ada@gmial.com", " ADA@gmail.com", "info@firm.com", "x@mailinator.com", "test@test.com", "nope",
    "info@gmial.com", "", "cy@gmial.com", "cy@-gmail.com", "bob@firm.com",
]  # fmt: skip


def listed(cells: list[str] | list[str | None]) -> pl.DataFrame:
    return pl.DataFrame({"email": cells}, schema={"email": pl.String})


def digest(address: str) -> str:
    return sha256(address.encode()).hexdigest()


def call(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    return int(ended.value.code or 0), *capfd.readouterr()


def test_nothing_is_done_that_was_not_chosen() -> None:
    """Without a choice odd rows are accepted as they are, and the record is empty."""
    prepared = prepare_audience(listed(ODD), output="plain")
    assert prepared.summary["advice_applied"] == {}
    assert prepared.summary["rejected_by_reason"] == {"empty": 1, "no_at_sign": 1, "bad_domain": 1}
    assert "ada@gmial.com" in prepared.identifiers.to_list()


def test_what_was_chosen_is_done_and_recorded() -> None:
    """Domains are rewritten before hashing, rows dropped with their reason, and the sums add up."""
    prepared = prepare_audience(listed(ODD), apply_advice=APPLICABLE)
    summary = prepared.summary
    people = ["ada@gmail.com", "cy@gmail.com", "bob@firm.com"]
    assert prepared.identifiers.to_list() == [digest(person) for person in people]
    assert summary["advice_applied"] == {
        "domain_typo": 2, "role_account": 2, "placeholder": 1, "disposable": 1,
    }  # fmt: skip
    assert summary["rejected_by_reason"] == {
        "empty": 1, "no_at_sign": 1, "bad_domain": 1, "placeholder": 1, "disposable": 1,
        "role_account": 2,
    }  # fmt: skip
    assert (summary["accepted"], summary["duplicates"], summary["rejected"]) == (3, 1, 7)
    assert {**prepared.rejected.set_index("row")["reason"]} == {
        3: "role_account", 4: "disposable", 5: "placeholder", 6: "no_at_sign", 7: "role_account",
        8: "empty", 10: "bad_domain",
    }  # fmt: skip


def test_a_chosen_code_with_nothing_to_do_is_recorded_with_0() -> None:
    """The record has each code that was chosen, once, whether a row was changed or not."""
    chosen: list[Code] = ["disposable", "domain_typo", "disposable"]
    prepared = prepare_audience(listed(["bob@firm.com"]), apply_advice=chosen)
    assert prepared.summary["advice_applied"] == {"domain_typo": 0, "disposable": 0}


def test_in_a_mixed_column_the_digests_stay() -> None:
    """Addresses among digests are advised on, and no digest is touched."""
    somebody = digest("eve@firm.com")
    cells = ["ada@gmial.com", somebody, "test@test.com", "bob@firm.com"]
    prepared = prepare_audience(
        listed(cells), mixed="hash", apply_advice=["domain_typo", "placeholder"]
    )
    assert prepared.identifiers.to_list() == [
        digest("ada@gmail.com"), somebody, digest("bob@firm.com"),
    ]  # fmt: skip
    assert prepared.summary["source"]["kind"] == "mixed"
    assert prepared.summary["advice_applied"] == {"domain_typo": 1, "placeholder": 1}


def test_a_column_of_digests_has_nothing_to_advise_on() -> None:
    """Digests are neither looked into nor changed."""
    source = listed([digest(address) for address in ODD if "@" in address])
    prepared = prepare_audience(source, apply_advice=APPLICABLE)
    assert prepared.summary["advice_applied"] == dict.fromkeys(APPLICABLE, 0)
    assert prepared.summary["source"]["kind"] == "sha256"
    assert look_over(source).advice == ()


def test_a_list_of_which_all_was_left_out_is_still_one_of_addresses() -> None:
    """Nobody is accepted, and each row has the reason that was chosen."""
    prepared = prepare_audience(listed(["a@a.com", "test@test.com"]), apply_advice=["placeholder"])
    assert (len(prepared), prepared.summary["rejected_by_reason"]) == (0, {"placeholder": 2})


def test_rows_that_are_no_rows_are_not_counted(tmp_path: Path) -> None:
    """A header inside the list and a row with a cell too many keep their own reasons."""
    path = tmp_path / "list.csv"
    path.write_text("name,email\nA,ada@gmial.com\nname,email\nB,bob@gmial.com,more\nC,c@firm.com\n")
    prepared = prepare_audience(path, apply_advice=["domain_typo"])
    assert prepared.summary["advice_applied"] == {"domain_typo": 1}
    assert prepared.summary["rejected_by_reason"] == {"unreadable": 1, "repeated_header": 1}
    (advice,) = (one for one in look_over(path).advice if one.code == "domain_typo")
    assert (advice.rows, look_over(path).rows) == (1, 4)


def test_a_list_of_several_batches_is_counted_whole(tmp_path: Path) -> None:
    """A file that is read in many pieces gives the same counts as all of it at once."""
    path = tmp_path / "long.csv"
    kinds = ["gmial.com", "firm.com", "mailinator.com"]
    lines = [f"person{number}x@{kinds[number % 3]}" for number in range(300_000)]
    path.write_text("\n".join(["email", *lines]) + "\n")
    prepared = prepare_audience(path, apply_advice=["domain_typo", "disposable"])
    assert prepared.summary["advice_applied"] == {"domain_typo": 100_000, "disposable": 100_000}
    assert prepared.summary["accepted"] == 200_000
    assert prepared.identifiers[0] == digest("person0x@gmail.com")


@pytest.mark.parametrize("identifier", ["sha256", "mobile", "first_name"])
def test_advice_is_for_addresses_only(identifier: Any) -> None:
    """For any other identifier the choice is refused, with the way out."""
    with pytest.raises(InputError, match=r"about addresses.*--apply.*identifier='email'"):
        prepare_audience(listed(ODD), identifier=identifier, apply_advice=["placeholder"])


@pytest.mark.parametrize("codes", ["disposable", ["typos"]])
def test_a_code_that_does_not_exist_is_refused(codes: Any) -> None:
    """Nothing is read, and the message lists the codes there are."""
    with pytest.raises(InputError, match="domain_typo, role_account, placeholder, disposable"):
        prepare_audience("gone.csv", apply_advice=codes)


LOCALS = st.sampled_from(["zoe.quartz", "INFO", "test", "quartz 7", "noemail", "two@", "none"])
DOMAINS = st.sampled_from(
    ["gmail.com", "Gmial.com", "quartz.con", "mailinator.com", "test.com", "-gmail.com", "a.org"]
)
CELLS = st.builds("{}@{}".format, LOCALS, DOMAINS) | st.sampled_from([None, "no address"])


@settings(max_examples=30, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=20), st.sets(st.sampled_from(APPLICABLE)))
def test_what_is_told_is_what_is_done(cells: list[str | None], codes: set[Code]) -> None:
    """Applying one code changes as many rows as its advice counts; several never lose a row."""
    source = listed([*cells, "somebody@firm.com"])
    told = Counter({one.code: one.rows for one in look_over(source, column="email").advice})
    for code in APPLICABLE:
        prepared = prepare_audience(source, column="email", apply_advice=[code])
        assert prepared.summary["advice_applied"] == {code: told[code]}
    prepared = prepare_audience(source, column="email", apply_advice=codes)
    assert set(prepared.summary["advice_applied"]) == codes
    assert prepared.summary["rows_in"] == len(source)


def test_a_look_says_how_many_rows_it_looked_at() -> None:
    """Only where the whole list was looked at can it be called small."""
    whole = look_over(listed(ODD))
    assert (whole.rows, whole.column) == (11, "email")
    assert [one.code for one in whole.advice] == [*APPLICABLE, "small_include"]
    part = look_over(listed(ODD), rows=4)
    assert part.rows == 4
    assert [one.code for one in part.advice] == ["domain_typo", "role_account", "disposable"]
    with_a_digest = look_over(listed([*ODD, digest("eve@firm.com")]))
    assert "small_include" not in [one.code for one in with_a_digest.advice]


def test_each_reason_of_a_choice_is_a_reason_of_the_closed_set() -> None:
    """A row that was left out says that it was so by choice."""
    drops = set(APPLICABLE) - {"domain_typo"}
    assert all(contract.REASONS[code].startswith("left out by choice: ") for code in drops)


# --- the command line ------------------------------


def odd_file() -> str:
    Path("odd.csv").write_text("\n".join(["email", *ODD]) + "\n")
    return "odd.csv"


def test_the_command_tells_and_does_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    """With --advise the odd things stand in the object, with what applying each would change."""
    words = ["prepare", odd_file(), "--out", "out.csv", "--advise", "--json"]
    code, out, _ = call(capfd, *words)
    said = json.loads(out)
    assert (code, said["advice_rows"], said["advice_applied"]) == (0, 11, {})
    assert said["accepted"] == 8
    first = said["advice"][0]
    assert set(first) == {
        "code", "sentence", "rows", "people", "examples", "share", "applicable",
    }  # fmt: skip
    assert (first["code"], first["applicable"]) == ("domain_typo", True)
    assert first["examples"] == ["•••@gmial.com → •••@gmail.com"]
    assert "ada" not in out


def test_the_command_applies_what_was_named(capfd: pytest.CaptureFixture[str]) -> None:
    """Each applied code has its line below the sums, and the advice says how to apply the rest."""
    words = ["prepare", odd_file(), "--out", "out.csv", "--advise"]
    code, out, err = call(capfd, *words, "--apply", "domain_typo", "--apply", "placeholder")
    assert (code, err) == (0, "")
    assert "   3 domain rewritten by the advice you chose: domain_typo\n" in out
    assert "   1 left out by the advice you chose: placeholder\n" in out
    assert "     1 placeholder: left out by choice: an address that stands for none" in out
    assert "What looks odd in the first 11 rows" in out
    assert "    applied: --apply domain_typo\n" in out
    assert "    to apply it: --apply disposable\n" in out
    assert digest("cy@gmail.com") in Path("out.csv").read_text()


def test_a_list_without_oddities_is_said_to_have_none(capfd: pytest.CaptureFixture[str]) -> None:
    """Somebody who asked gets an answer, with the number of rows it is about."""
    people = [f"{chr(97 + n % 26)}{'ab' * (n // 26)}@firm{n}.com" for n in range(600)]
    Path("fine.csv").write_text("\n".join([*people, *(f"z{person}" for person in people)]))
    _, out, _ = call(capfd, "prepare", "fine.csv", "--out", "out.csv", "--advise")
    assert "Nothing looks odd in the first 1,200 rows.\n" in out


@pytest.mark.parametrize(
    "words",
    [["--advise", "--identifier", "first_name"], ["--apply", "small_include"]],
    ids=["other identifiers", "nothing to apply"],
)
def test_a_wrong_wish_is_refused_before_anything_is_written(
    words: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    """The exit code is 2, and no file is there."""
    code, out, err = call(capfd, "prepare", odd_file(), "--out", "out.csv", *words)
    assert (code, out) == (2, "")
    assert err.startswith("rokt: ")
    assert not Path("out.csv").exists()
