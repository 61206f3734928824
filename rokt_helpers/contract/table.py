"""The rules as a table: what each constant is, which page it is from, and when that was read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import ModuleType
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

from rokt_helpers import contract
from rokt_helpers.contract.sources import Source, Trust

__all__ = ["Rule", "contract_rules", "older_than", "oldest_first"]

_SHORT_CHARACTERS: Final = 32
_GROUPED_FROM: Final = 10_000  # a port or a status is read better without a comma


@dataclass(frozen=True, slots=True)
class Rule:
    """One constant of the contract, with what its annotation says of it.

    ``subject`` is the module it stands in, ``source`` the short name of its ``page``, ``read``
    the day the page was last read; ``remark`` may be empty.
    """

    name: str
    subject: str
    value: object
    source: str
    page: str
    trust: Trust
    read: date
    remark: str

    def days_old(self, today: date) -> int:
        """Return how many days ago the page was read."""
        return (today - self.read).days

    @property
    def in_short(self) -> str:
        """The value as a cell of a table: one short line without invisible characters."""
        value = self.value
        if isinstance(value, Mapping):
            text, parts = ", ".join(f"{_said(k)}: {_said(v)}" for k, v in value.items()), len(value)
        elif isinstance(value, tuple | frozenset):
            text, parts = ", ".join(map(_said, _in_order(value))), len(value)
        else:
            text, parts = _said(value), 0
        if len(text) <= _SHORT_CHARACTERS:
            return text
        count = f" ({parts})" if parts else ""
        return text[: _SHORT_CHARACTERS - 1 - len(count)] + "…" + count

    def to_dict(self) -> dict[str, Any]:
        """Return the rule as values that JSON knows; sets become sorted lists."""
        value = self.value
        return {
            "name": self.name,
            "subject": self.subject,
            "value": list(_in_order(value)) if isinstance(value, tuple | frozenset) else value,
            "source": self.source,
            "page": self.page,
            "trust": self.trust,
            "read": self.read.isoformat(),
            "remark": self.remark,
        }


def contract_rules() -> list[Rule]:
    """Return every rule, module by module, in the order in which they are written.

    A module counts once ``rokt_helpers.contract`` takes its names over. Names of its own in it
    are written ``Final[type]`` too: Python 3.11 refuses to evaluate ``Final`` alone.
    """
    parts = [part for part in vars(contract).values() if isinstance(part, ModuleType)]
    ordered = sorted(filter(_is_taken_over, parts), key=lambda module: module.__name__)
    return [rule for module in ordered for rule in _rules_of(module)]


def oldest_first(rules: Iterable[Rule]) -> list[Rule]:
    """Order rules by the day their page was read, then by the page."""
    return sorted(rules, key=lambda rule: (rule.read, rule.source))


def older_than(rules: Iterable[Rule], days: int, *, today: date) -> list[Rule]:
    """Return the rules whose page was read more than so many days ago."""
    return [rule for rule in rules if rule.days_old(today) > days]


def _is_taken_over(module: ModuleType) -> bool:
    return hasattr(module, "__all__") and {*module.__all__} <= {*vars(contract)}


def _rules_of(module: ModuleType) -> Iterator[Rule]:
    subject = module.__name__.rpartition(".")[2]
    for name, hint in get_type_hints(module, include_extras=True).items():
        for source, remark in _said_of(hint):
            yield Rule(
                name=name,
                subject=subject,
                value=getattr(module, name),
                source=source.key,
                page=source.page,
                trust=source.trust,
                read=source.read,
                remark=remark,
            )


def _said_of(hint: object) -> Iterator[tuple[Source, str]]:
    """Give source and remark of ``Final[Annotated[type, source, remark]]``, else nothing."""
    if get_origin(hint) is not Final:
        return
    (inner,) = get_args(hint)
    if get_origin(inner) is not Annotated:
        return
    _, *said = get_args(inner)
    remark = " ".join(word for word in said if isinstance(word, str))
    yield from ((word, remark) for word in said if isinstance(word, Source))


def _in_order(values: tuple[object, ...] | frozenset[Any]) -> Iterable[object]:
    return values if isinstance(values, tuple) else sorted(values)


def _said(value: object) -> str:
    """Say one value: long figures in groups, and blanks and invisible characters by their codes."""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}" if value >= _GROUPED_FROM else str(value)
    text = str(value)
    return text if text.isprintable() and text.strip() else ascii(text)
