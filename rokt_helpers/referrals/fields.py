"""Names and values of a client's own referral fields, as data.

What the delivered columns are called and what stands in them is agreed between Rokt and each
client. These rules bring both to one vocabulary; they do what Rokt's page of custom fields does:
a source field, a new name, a condition (equal or contains), the value it is mapped to, a default
for empty cells and one for cells no rule matches.

Source: custom field management (docs.rokt.com).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final, Literal, get_args

import polars as pl
import yaml

from rokt_helpers import contract
from rokt_helpers.errors import InputError

__all__ = ["FieldRule", "FieldRules"]

Condition = Literal["equal", "contains"]
_TEXTS: Final = ("source", "name", "condition", "value", "to", "default_empty", "default_no_match")
_EXAMPLE: Final = "- {source: Tier, name: loyalty_tier, condition: equal, value: G, to: Gold}"


@dataclass(frozen=True)
class FieldRule:
    """One rule; without a condition it gives the column another name and nothing else.

    Attributes
    ----------
    source
        The column as delivered, in any spelling; or our name for it.
    name
        Our name for it: one of the tidy table, or a new one (kept as ``extra_<name>``).
    condition, value, to
        A cell that equals (or contains) ``value`` becomes ``to``; case counts, white space around
        the cell does not. Of several rules for a column the first that fits is taken.
    default_empty, default_no_match
        What an empty cell, and one that no rule fits, becomes; None leaves it as it is.
    """

    source: str
    name: str
    condition: Condition | None = None
    value: str | None = None
    to: str | None = None
    default_empty: str | None = None
    default_no_match: str | None = None


@dataclass(frozen=True)
class FieldRules:
    """All rules of an account, in their order.

    Raises
    ------
    InputError
        When two rules contradict one another; the message names the place.
    """

    rules: tuple[FieldRule, ...] = ()

    def __post_init__(self) -> None:
        """Refuse rules that cannot all hold."""
        for number, rule in enumerate(self.rules, 1):
            _check(number, rule)
        sources: dict[str, str] = {}
        for rule in self.rules:
            name, source = self.target(rule), key_of(rule.source)
            if sources.setdefault(name, source) != source:
                raise InputError(
                    f"Two columns are given the name {rule.name!r} by the field rules. Give one "
                    "of them another name."
                )
        for (name, what), texts in self._defaults().items():
            if len(texts) > 1:
                raise InputError(
                    f"The field rules name two texts as {what} of {name!r}. Name it once."
                )

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the rules, which the manifest keeps; the same rules have the same."""
        text = json.dumps([asdict(rule) for rule in self.rules], ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    @classmethod
    def load(cls, path: str | Path) -> FieldRules:
        """Read the rules from YAML: a list, or a list under ``fields``.

        Raises
        ------
        InputError
            When it cannot be read, or a rule cannot be understood; the message says which.
        """
        source = Path(path).expanduser()
        try:
            found = yaml.safe_load(source.read_text(encoding="utf-8"))
        except OSError as error:
            raise InputError(f"{source} cannot be read: {error.strerror}.") from None
        except (yaml.YAMLError, UnicodeError):
            raise InputError(
                f"{source.name} is not YAML. Write a list such as {_EXAMPLE}"
            ) from None
        if isinstance(found, dict) and set(found) != {"fields"}:
            raise InputError(f"{source.name} holds a list, or one under the word fields.")
        rules = found["fields"] if isinstance(found, dict) else found
        return cls.of(rules or [])

    @classmethod
    def of(cls, rules: Sequence[Mapping[str, Any]]) -> FieldRules:
        """Make the rules out of plain values, as :meth:`load` finds them."""
        if not isinstance(rules, list | tuple):
            raise InputError(f"Field rules are a list such as {_EXAMPLE}")
        return cls(tuple(_rule(number, rule) for number, rule in enumerate(rules, 1)))

    @staticmethod
    def target(rule: FieldRule) -> str:
        """Return the name that the column has in the tidy table."""
        own = {key_of(name): name for name in contract.REFERRAL_COLUMNS.values()}
        own |= {key_of(shown): name for shown, name in contract.REFERRAL_COLUMNS.items()}
        return own.get(key_of(rule.name)) or f"extra_{snake_of(rule.name.removeprefix('extra_'))}"

    def placed(self, columns: Mapping[str, str]) -> dict[str, str]:
        """Return target → column for the rules whose source was delivered.

        Parameters
        ----------
        columns
            Our name of each delivered column → its header.
        """
        found = {key_of(name): name for name in columns}
        found |= {key_of(header): name for name, header in columns.items()}
        return {
            self.target(rule): found[key_of(rule.source)]
            for rule in self.rules
            if key_of(rule.source) in found
        }

    def applied(self, batch: pl.DataFrame, placed: Mapping[str, str]) -> pl.DataFrame:
        """Return the batch of text with the rules applied; a column renamed loses its old name."""
        if not placed:
            return batch
        made = [self._value(target, column).alias(target) for target, column in placed.items()]
        gone = set(placed.values()) - set(placed)
        return batch.with_columns(made).drop(gone)

    def _value(self, target: str, column: str) -> pl.Expr:
        cell = pl.col(column)
        rules = [rule for rule in self.rules if self.target(rule) == target]
        tests = [
            (cell == rule.value if rule.condition == "equal" else _contains(cell, rule.value), rule)
            for rule in rules
            if rule.condition is not None and rule.value is not None
        ]
        empty = next((r.default_empty for r in rules if r.default_empty is not None), None)
        other = next((r.default_no_match for r in rules if r.default_no_match is not None), None)
        cases = [(cell.is_null(), pl.lit(empty, dtype=pl.String))]
        cases += [(test, pl.lit(rule.to, dtype=pl.String)) for test, rule in tests]
        value = cell if other is None else pl.lit(other)
        for test, to in reversed(cases):
            value = pl.when(test).then(to).otherwise(value)
        return value

    def _defaults(self) -> dict[tuple[str, str], set[str]]:
        keyed = sorted(self.rules, key=self.target)
        found: dict[tuple[str, str], set[str]] = {}
        for name, rules in groupby(keyed, key=self.target):
            for rule in rules:
                for what in ("default_empty", "default_no_match"):
                    text = getattr(rule, what)
                    if text is not None:
                        found.setdefault((name, what), set()).add(text)
        return found


def key_of(name: str) -> str:
    """Return a name without case, spaces and signs: what counts when two are compared."""
    return re.sub(r"[^\w]|_", "", name.lower())


def snake_of(name: str) -> str:
    """Return a name in lower case, its words parted by underscores."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "unnamed"


def _contains(cell: pl.Expr, value: str | None) -> pl.Expr:
    return cell.str.contains(value or "", literal=True)


def _rule(number: int, found: object) -> FieldRule:
    if not isinstance(found, Mapping):
        raise InputError(f"Field rule {number} is no rule. Write it as {_EXAMPLE}")
    strange = sorted(str(key) for key in found if key not in _TEXTS)
    if strange:
        raise InputError(
            f"Field rule {number} has {strange[0]!r}, which is none of: {', '.join(_TEXTS)}."
        )
    texts = {}
    for key, value in found.items():
        if isinstance(value, bool | float | list | dict):
            raise InputError(f"Field rule {number}: put {key} in quotation marks, so it is text.")
        texts[key] = None if value is None else str(value)
    if not texts.get("source") or not texts.get("name"):
        raise InputError(f"Field rule {number} needs a source and a name, as in {_EXAMPLE}")
    return FieldRule(**texts)  # type: ignore[arg-type]


def _check(number: int, rule: FieldRule) -> None:
    if rule.condition is not None and rule.condition not in get_args(Condition):
        raise InputError(f"Field rule {number}: condition is equal or contains.")
    said = (rule.condition is not None, rule.value is not None, rule.to is not None)
    if len(set(said)) > 1:
        raise InputError(
            f"Field rule {number} needs condition, value and to together, or none of them."
        )
    if rule.condition == "contains" and not rule.value:
        raise InputError(f"Field rule {number}: every cell contains an empty value. Name one.")
