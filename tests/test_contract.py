"""The contract as data: each rule has page, trust and date, and the documents say the same."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from rokt_helpers import contract
from rokt_helpers.contract import sources
from rokt_helpers.contract.questions import QUESTIONS
from rokt_helpers.contract.sources import TRUST_IN_WORDS, Source, Trust
from rokt_helpers.contract.table import Rule, contract_rules, older_than, oldest_first
from rokt_helpers.settings import Settings
from tests.command_line import Rokt, caller, one_object
from tests.trust_page import MARKED, PAGE, blocks, renewed

RULES = contract_rules()
SOURCES = [value for value in vars(sources).values() if isinstance(value, Source)]
NEWEST = max(rule.read for rule in RULES)
OLDEST = min(rule.read for rule in RULES)
NOT_RULES = {"__init__", "questions", "sources", "table"}


def rule(value: object = 1, *, source: str = "CAI", read: date = date(2026, 1, 1)) -> Rule:
    return Rule("A_RULE", "sftp", value, source, "a page", "rokt", read, "")


@pytest.fixture
def rokt(capsys: pytest.CaptureFixture[str]) -> Rokt:
    """A caller of the command line."""
    return caller(capsys)


# --- Every rule ------------------------------


def test_every_public_constant_is_one_rule() -> None:
    """Each constant of the contract has exactly one rule, and each rule is such a constant."""
    constants = sorted(name for name in vars(contract) if name.isupper() and name[0] != "_")
    assert sorted(rule.name for rule in RULES) == constants
    assert len(constants) > 90
    assert all(rule.value is getattr(contract, rule.name) for rule in RULES)


def test_every_module_is_taken_over() -> None:
    """No module of rules stands outside, where callers and this table would not find it."""
    modules = {path.stem for path in Path(str(contract.__file__)).parent.glob("*.py")}
    assert {rule.subject for rule in RULES} == modules - NOT_RULES


def test_every_rule_was_checked_on_a_day_that_has_been() -> None:
    """No rule is without a date, and none has one in the future."""
    today = datetime.now(tz=UTC).date()
    assert {type(rule.read) for rule in RULES} == {date}
    assert [rule.name for rule in RULES if rule.read > today] == []


def test_every_rule_says_where_it_is_from() -> None:
    """Page and trust of a rule are those of its source; no source is there for nothing."""
    by_key = {source.key: source for source in SOURCES}
    assert len(by_key) == len(SOURCES)
    assert {rule.source for rule in RULES} == {*by_key}
    for one in RULES:
        source = by_key[one.source]
        assert (one.page, one.trust, one.read) == (source.page, source.trust, source.read)


def test_a_source_has_the_name_it_is_imported_by() -> None:
    """What a table calls a page is what one looks for in the module of sources."""
    named = {name: value for name, value in vars(sources).items() if isinstance(value, Source)}
    assert {name: source.key for name, source in named.items()} == {name: name for name in named}


def test_every_trust_has_words() -> None:
    """The words cover what trust there can be, and each kind of it is met."""
    assert set(get_args(Trust)) == {*TRUST_IN_WORDS} == {source.trust for source in SOURCES}


def test_some_rules_by_hand() -> None:
    """Well-known rules have the page and the trust that reading them gave."""
    found = {rule.name: (rule.source, rule.trust, rule.subject) for rule in RULES}
    assert found["MAX_IDENTIFIERS_PER_REQUEST"] == ("CAI", "rokt", "custom_audience")
    assert found["AUTH_CHECK_PATH"] == ("SEG", "clients", "custom_audience")
    assert found["MAX_BATCHES_PER_SECOND"] == ("MP", "mparticle", "events")
    assert found["MAX_UPLOAD_BYTES"] == ("NOTE", "second-hand", "sftp")
    assert found["SERIAL_DATE_EPOCH"] == ("INFERRED", "inferred", "referrals")
    assert found["MAX_EMAIL_CHARACTERS"] == ("RFC_5321", "standard", "identifiers")
    assert found["REASONS"] == ("OURS", "ours", "identifiers")
    assert next(r.remark for r in RULES if r.name == "REFERRAL_RETENTION_DAYS").endswith("than 7")


# --- As a table ------------------------------


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (22, "22"),
        (9_999, "9999"),
        (100_000, "100,000"),
        ("ftp.rokt.com", "ftp.rokt.com"),
        ("", "''"),
        (" ", "' '"),
        ("\u200b", "'\\u200b'"),
        (("include", "exclude"), "include, exclude"),
        ({"add": True, "drop": False}, "add: True, drop: False"),
        (frozenset({"USD", "AUD"}), "AUD, USD"),
        ("x" * 32, "x" * 32),
        ("x" * 33, "x" * 31 + "…"),
        (("ab",) * 20, "ab, ab, ab, ab, ab, ab, ab… (20)"),
    ],
)
def test_a_value_in_short(value: object, shown: str) -> None:
    """A cell has the value as a person would write it, or its beginning and how many there are."""
    assert rule(value).in_short == shown


def test_every_value_fits_its_cell() -> None:
    """No rule makes the table wide, breaks its line or puts invisible characters into it."""
    assert [r.name for r in RULES if not (r.in_short.isprintable() and len(r.in_short) <= 32)] == []


def test_the_oldest_check_comes_first() -> None:
    """Rules are ordered by the day their page was read, and by the page on the same day."""
    new, old = date(2026, 5, 1), date(2026, 4, 30)
    unordered = [rule(read=new, source="B"), rule(read=old, source="Z"), rule(read=new, source="A")]
    ordered = [(one.read, one.source) for one in oldest_first(unordered)]
    assert ordered == [(old, "Z"), (new, "A"), (new, "B")]


@pytest.mark.parametrize(("days", "count"), [(0, 1), (29, 1), (30, 0), (31, 0)])
def test_what_is_older_than_so_many_days(days: int, count: int) -> None:
    """A rule that was checked exactly so many days ago is not older."""
    one = rule(read=date(2026, 1, 1))
    assert one.days_old(date(2026, 1, 31)) == 30
    assert len(older_than([one], days, today=date(2026, 1, 31))) == count


# --- The command ------------------------------


def test_the_command_shows_every_rule(rokt: Rokt) -> None:
    """The table has a line for each rule with value, page, trust in words, date and age."""
    day = NEWEST + timedelta(days=12)
    code, out, _ = rokt("contract", "--on", f"{day}")
    lines = out.splitlines()
    assert code == 0
    assert lines[0].split("  ")[0] == "rule"
    assert [line.split()[0] for line in lines[2:-2]] == [r.name for r in oldest_first(RULES)]
    for one in RULES:
        (line,) = [line for line in lines if line.startswith(f"{one.name} ")]
        assert one.in_short in line
        assert f"  {one.source}  " in line
        assert TRUST_IN_WORDS[one.trust] in line
        assert line.split()[-2:] == [f"{one.read}", f"{one.days_old(day)}"]
    assert lines[-1].startswith(f"{len(RULES)} rules: ")


def test_the_command_gives_json(rokt: Rokt) -> None:
    """One object has the whole value and the remark of each rule, and its age today."""
    code, out, _ = rokt("contract", "--json")
    said: dict[str, Any] = one_object(out)
    rules = {one["name"]: one for one in said["rules"]}
    today = date.fromisoformat(said["on"])
    assert (code, said["older_than_days"], len(rules)) == (0, None, len(RULES))
    assert rules["ACTIONS"]["value"] == ["include", "exclude"]
    assert rules["CURRENCIES"]["value"] == sorted(contract.CURRENCIES)
    assert rules["REASONS"]["value"] == contract.REASONS
    assert rules["DIGEST_LENGTHS"]["value"]["64"] == "SHA-256"
    assert {
        one.name: (rules[one.name]["remark"], rules[one.name]["days_old"]) for one in RULES
    } == {one.name: (one.remark, one.days_old(today)) for one in RULES}


def test_nothing_is_due(rokt: Rokt) -> None:
    """While every page was read recently enough the command ends with 0."""
    code, out, _ = rokt("contract", "--older-than", "30", "--on", f"{OLDEST + timedelta(days=30)}")
    assert (code, out) == (0, "No rule was checked more than 30 days ago.\n")


def test_something_is_due(rokt: Rokt) -> None:
    """From the day after on it ends with 1, and says which pages to look at again."""
    words = ("contract", "--older-than", "30", "--on", f"{OLDEST + timedelta(days=31)}")
    due = [one for one in oldest_first(RULES) if one.read == OLDEST]
    code, out, _ = rokt(*words)
    assert code == 1
    assert out.splitlines()[-1].startswith(
        f"{len(due)} rules were checked more than 30 days ago. Look again at {due[0].source}"
    )
    code, out, _ = rokt(*words, "--json")
    assert (code, one_object(out)["older_than_days"]) == (1, 30)
    assert [one["name"] for one in one_object(out)["rules"]] == [one.name for one in due]


def test_the_questions_are_shown(rokt: Rokt) -> None:
    """Each question is below its interface, with why it is asked and where the answer goes."""
    code, out, _ = rokt("contract", "--questions")
    lines = out.splitlines()
    assert code == 0
    for one in QUESTIONS:
        asked = [at for at, line in enumerate(lines) if line == f"  {one.ask}"]
        assert [lines[at + 1] for at in asked] == [f"    {one.because}"]
        assert not one.setting or lines[asked[0] + 2] == f"    The answer goes into {one.setting}."
    code, out, _ = rokt("contract", "--questions", "--json")
    assert (code, [one["ask"] for one in one_object(out)["questions"]]) == (
        0, [one.ask for one in QUESTIONS],
    )  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        ("--older-than", "-1"),
        ("--older-than", "soon"),
        ("--on", "yesterday"),
        ("--questions", "--older-than", "1"),
        ("--questions", "--on", "2026-11-22"),
    ],
)
def test_a_call_that_is_wrong(rokt: Rokt, words: tuple[str, ...]) -> None:
    """What cannot be meant ends with 2 and prints nothing on standard output."""
    code, out, said = rokt("contract", *words)
    assert (code, out) == (2, "")
    assert said.startswith("rokt: ")


# --- Questions and documents ------------------------------


def test_a_question_is_one() -> None:
    """Each question asks, says why, rests on a trust, and is there once."""
    assert len({one.ask for one in QUESTIONS}) == len(QUESTIONS) > 20
    assert [one.ask for one in QUESTIONS if not one.ask.endswith("?")] == []
    assert [one.ask for one in QUESTIONS if not one.because.endswith(".")] == []
    assert {one.trust for one in QUESTIONS} <= {*TRUST_IN_WORDS}


def test_the_questions_of_one_interface_stand_together() -> None:
    """An interface is begun once, so that each list of questions can be sent as it is."""
    abouts = [one.about for one in QUESTIONS]
    assert sorted(abouts, key=abouts.index) == abouts


def test_the_answer_goes_into_a_setting_that_there_is() -> None:
    """Every variable that a question names is one of the workbench's settings."""
    named = {name for one in QUESTIONS if one.setting for name in one.setting.split(", ")}
    assert named
    assert named - {f"ROKT_{field.upper()}" for field in Settings.model_fields} == set()


def test_the_page_has_every_table() -> None:
    """The page on trust has a marked place for each block, and explains each kind of trust."""
    text = PAGE.read_text(encoding="utf-8")
    assert sorted(found[2] for found in MARKED.finditer(text)) == sorted(blocks())
    table = text.split("## How far to trust a rule")[1].split("## The pages")[0]
    assert [row.split(" | ")[0] for row in table.strip().splitlines()[2:]] == [
        f"| {words}" for words in TRUST_IN_WORDS.values()
    ]


def test_the_page_says_what_the_contract_says() -> None:
    """The tables of the page are those of today; `python -m tests.trust_page` writes them."""
    text = PAGE.read_text(encoding="utf-8")
    assert renewed(text) == text


def test_a_stale_page_is_noticed() -> None:
    """A value changed by hand inside a table is put right, and what is around it is left."""
    text = PAGE.read_text(encoding="utf-8")
    stale = text.replace("| `100,000` |", "| `1,000,000` |")
    assert stale != text
    assert renewed(stale) == renewed(text)
    assert renewed(f"{text}more\n") == f"{renewed(text)}more\n"
