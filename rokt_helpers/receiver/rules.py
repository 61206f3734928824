"""What to answer, as data: rules in order, the first that fits decides. Pure.

By these answers Rokt sorts leads into delivered and rejected.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Literal, cast, get_args

from rokt_helpers.errors import InputError
from rokt_helpers.receiver.words import choice, entries, number, text

__all__ = ["ACCEPTED", "Answer", "Condition", "Rule", "Rules"]

Condition = Literal["missing", "equal", "contains", "not_an_email", "duplicate"]
_KEYS: Final = ("field", "is", "value", "status", "body", "content_type", "keep")
_WITH_VALUE: Final = ("equal", "contains")


@dataclass(frozen=True)
class Answer:
    """A status, and a body that is the same for everybody."""

    status: int
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"

    @property
    def is_success(self) -> bool:
        """Whether Rokt would take it for a lead that was delivered."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


ACCEPTED: Final = Answer(HTTPStatus.CREATED)


@dataclass(frozen=True)
class Rule:
    """One rule; ``name`` is what it is counted under.

    Attributes
    ----------
    field, condition, value
        ``missing``: no value. ``equal``, ``contains``: case counts. ``not_an_email``: there is a
        value, and neither an address nor its digest. ``duplicate``: the value came before.
    answer
        What goes back.
    keep
        Whether the referral is kept all the same.
    """

    field: str
    condition: Condition
    answer: Answer
    value: str = ""
    keep: bool = False

    @property
    def name(self) -> str:
        """Return what the rule is called in a count; the value it looks for is left out."""
        return f"{self.field} {self.condition.replace('_', ' ')}"


@dataclass(frozen=True)
class Rules:
    """The rules in their order, and the answer when none fits."""

    rules: tuple[Rule, ...] = ()
    accepted: Answer = ACCEPTED

    @classmethod
    def of(cls, found: object, accepted: object, columns: Collection[str]) -> Rules:
        """Make them out of plain values; ``columns`` are the fields there are.

        Raises
        ------
        InputError
            A rule cannot be meant; the message names it by its number.
        """
        if found is not None and not isinstance(found, Sequence):
            raise InputError("rules has to be a list.")
        rules = tuple(_rule(f"Rule {n}", rule, columns) for n, rule in enumerate(found or (), 1))
        if accepted is None:
            return cls(rules)
        told = entries(accepted, "accepted", ("status", "body", "content_type"))
        answer = _answer("accepted", told)
        if not answer.is_success:
            raise InputError("accepted needs a status from 200 to 299.")
        return cls(rules, answer)

    @property
    def unique(self) -> tuple[str, ...]:
        """The fields that a duplicate is told by."""
        return tuple(dict.fromkeys(r.field for r in self.rules if r.condition == "duplicate"))

    def first(
        self, values: Mapping[str, str], *, no_email: Collection[str], seen: Collection[str]
    ) -> Rule | None:
        """Return the first rule that fits.

        Parameters
        ----------
        values
            Column → text, empty ones left out.
        no_email, seen
            The columns with a value that is no e-mail address; with one that came before.
        """
        tests: Mapping[Condition, Callable[[Rule], bool]] = {
            "missing": lambda rule: rule.field not in values,
            "equal": lambda rule: values.get(rule.field) == rule.value,
            "contains": lambda rule: rule.value in values.get(rule.field, ""),
            "not_an_email": lambda rule: rule.field in no_email,
            "duplicate": lambda rule: rule.field in seen,
        }
        return next((rule for rule in self.rules if tests[rule.condition](rule)), None)


def _rule(where: str, found: object, columns: Collection[str]) -> Rule:
    told = entries(found, where, _KEYS)
    condition = cast("Condition", choice(told.get("is"), f"{where}: is", get_args(Condition)))
    needs = condition in _WITH_VALUE
    if needs != ("value" in told):
        raise InputError(f"{where} {'needs a' if needs else 'takes no'} value.")
    keep = told.get("keep", False)
    if not isinstance(keep, bool):
        raise InputError(f"{where}: keep is true or false.")
    rule = Rule(
        choice(told.get("field"), f"{where}: field", columns),
        condition,
        _answer(where, told),
        text(told["value"], f"{where}: value") if needs else "",
        keep,
    )
    if rule.answer.is_success and not keep and condition != "duplicate":
        raise InputError(
            f"{where} would lose referrals: Rokt takes status {rule.answer.status} for delivered, "
            "and nothing is kept. Answer 422, or write keep: true."
        )
    return rule


def _answer(where: str, told: Mapping[str, Any]) -> Answer:
    status = number(told.get("status"), f"{where}: status", 200, 599)
    if status not in {item.value for item in HTTPStatus}:
        raise InputError(f"{where}: there is no status {status}.")
    body, kind = _body(where, told.get("body"))
    if body and status in {
        HTTPStatus.NO_CONTENT,
        HTTPStatus.RESET_CONTENT,
        HTTPStatus.NOT_MODIFIED,
    }:
        raise InputError(f"{where}: an answer with status {status} has no body.")
    named = told.get("content_type")
    return Answer(status, body, text(named, f"{where}: content_type") if named else kind)


def _body(where: str, found: object) -> tuple[bytes, str]:
    """Return the body's bytes and its media type: pairs and lists are JSON, ``<`` begins XML."""
    if found is None:
        return b"", Answer.content_type
    if isinstance(found, dict | list):
        try:
            return json.dumps(found, ensure_ascii=False).encode(), "application/json"
        except TypeError:
            raise InputError(f"{where}: put the texts of the body in quotation marks.") from None
    body = text(found, f"{where}: body")
    kind = "application/xml; charset=utf-8" if body.startswith("<") else Answer.content_type
    return body.encode(), kind
