from __future__ import annotations

from pathlib import Path

import pytest

from rokt_helpers.errors import InputError
from rokt_helpers.referrals.fields import FieldRules
from rokt_helpers.referrals.reading import Personal, check_fields, read_referrals
from rokt_helpers.referrals.vault import Vault
from tests.referrals.downloads import NOW, delivered

TIERS = """
# Names and values of our own.
- {source: Tier, name: loyalty, condition: equal, value: G, to: Gold, default_empty: none}
- {source: Tier, name: loyalty, condition: contains, value: silv, to: Silver}
- {source: Tier, name: loyalty, default_no_match: other}
- {source: Kampagne, name: Campaign name}
"""


@pytest.fixture
def tiers(tmp_path: Path) -> FieldRules:
    path = tmp_path / "fields.yml"
    path.write_text(TIERS, encoding="utf-8")
    return FieldRules.load(path)


def test_rules_give_names_and_values(tiers: FieldRules) -> None:
    """Equal, contains, the default for empty and the one for no match do what they say."""
    rows = [("G", "x"), ("G ", "x"), ("quicksilver", "x"), ("", "x"), ("B", "x"), ("g", "y")]
    read = read_referrals(delivered(*rows, header=("Tier", "Kampagne")), fields=tiers)
    assert read.table["extra_loyalty"].to_list() == [
        "Gold", "Gold", "Silver", "none", "other", "other",
    ]  # fmt: skip
    assert read.table["campaign"].to_list() == ["x"] * 5 + ["y"]
    assert "extra_tier" not in read.table.columns


def test_a_rule_without_defaults_leaves_other_cells_as_they_are() -> None:
    """What is empty stays empty, and what matches no rule stays what it was."""
    rules = FieldRules.of(
        [{"source": "state", "name": "state", "condition": "equal", "value": "NSW", "to": "2000"}]
    )
    content = delivered(("NSW", "x"), ("", "x"), ("VIC", "x"), header=("State", "Suburb"))
    assert read_referrals(content, fields=rules).table["state"].to_list() == ["2000", None, "VIC"]


def test_rules_come_before_dates_and_numbers() -> None:
    """A column renamed to one of ours is read as that one, and rejected where it cannot be."""
    rules = FieldRules.of([{"source": "Preis", "name": "bid_price"}])
    content = delivered(("2.5", "x"), ("?", "x"), header=("Preis", "State"))
    read = read_referrals(content, fields=rules)
    assert read.table["bid_price"].to_list() == [2.5]
    assert read.rejected.rows() == [(3, "bad_number")]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("x", "rule 1 is no rule"),
        ({"source": "a"}, "rule 1 needs a source and a name"),
        ({"source": "a", "name": "b", "into": "c"}, "'into'"),
        ({"source": "a", "name": "b", "condition": "like", "value": "x", "to": "y"}, "equal or"),
        ({"source": "a", "name": "b", "condition": "equal", "to": "y"}, "together"),
        ({"source": "a", "name": "b", "condition": "equal", "value": True, "to": "y"}, "quotation"),
        ({"source": "a", "name": "b", "condition": "contains", "value": "", "to": "y"}, "every"),
    ],
)
def test_a_wrong_rule_is_refused_by_its_number(rule: object, said: str) -> None:
    """The message says which rule, and what to write."""
    with pytest.raises(InputError, match=said):
        FieldRules.of([rule])  # type: ignore[list-item]


@pytest.mark.parametrize(
    "rules",
    [
        [{"source": "a", "name": "x"}, {"source": "b", "name": "X"}],
        [
            {"source": "a", "name": "x", "default_empty": "1"},
            {"source": "a", "name": "x", "default_empty": "2"},
        ],
    ],
)
def test_rules_that_contradict_are_refused(rules: list[dict[str, str]]) -> None:
    """Two columns for one name, or two defaults for one column, cannot both be meant."""
    with pytest.raises(InputError):
        FieldRules.of(rules)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    """A missing file, and one that is not YAML, say so; an empty one holds no rules."""
    path = tmp_path / "fields.yml"
    with pytest.raises(InputError, match="cannot be read"):
        FieldRules.load(path)
    path.write_text("a: [", encoding="utf-8")
    with pytest.raises(InputError, match="not YAML"):
        FieldRules.load(path)
    path.write_text("# nothing yet\n", encoding="utf-8")
    assert FieldRules.load(path) == FieldRules()


@pytest.mark.parametrize(
    ("personal", "allowed"), [("hash", False), ("mask", False), ("keep", True)]
)
@pytest.mark.parametrize("source", ["Email", "Contact phone"])
def test_no_rule_leads_personal_data_out(personal: Personal, allowed: bool, source: str) -> None:
    """A personal column may only get a name that says nothing of it where all is kept."""
    rules = FieldRules.of([{"source": source, "name": "remark"}])
    if allowed:
        check_fields(rules, personal)
    else:
        with pytest.raises(InputError, match="rule 1 would keep personal data"):
            check_fields(rules, personal)


def test_the_manifest_keeps_the_fingerprint(tmp_path: Path, tiers: FieldRules) -> None:
    """Which rules a file was read with is known afterwards; other rules have another print."""
    vault = Vault(tmp_path / "vault", fields=tiers)
    content = delivered(("G", "x"), header=("Tier", "Kampagne"))
    vault.add("a.csv", content, modified=NOW, now=NOW)
    assert vault.files()["fields"].to_list() == [tiers.fingerprint]
    assert tiers.fingerprint != FieldRules().fingerprint
    assert vault.read()["extra_loyalty"].to_list() == ["Gold"]
