"""Make a plan: compare with what is known, look with every guard, cut, and seal."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import polars as pl

from rokt_helpers import contract
from rokt_helpers.audience import Identifiers, PreparedAudience
from rokt_helpers.errors import ContractError, GuardError, InputError
from rokt_helpers.plan.cutting import cut
from rokt_helpers.plan.guards import Change, check_names, examine, stop_at
from rokt_helpers.plan.known import KnownList
from rokt_helpers.plan.modes import Part, parts_of
from rokt_helpers.plan.people import as_digests, people_of
from rokt_helpers.plan.plan import DeliveryPlan, seal
from rokt_helpers.plan.targets import Content, Limits, Mode, Target

__all__ = ["Wish", "make_conversions_plan", "make_plan", "make_undo"]

_LESSONS = ("full", "delta", "mirror")


@dataclass(frozen=True)
class Wish:
    """What a person chose for a plan.

    ``names_list`` is False where no list was named and the default was taken; ``sample_rows`` asks
    for the first rows only.
    """

    mode: Mode = "full"
    allow: Collection[str] = ()
    sample_rows: int | None = None
    names_list: bool = True


def make_plan(
    prepared: PreparedAudience,
    *,
    target: Target,
    limits: Limits,
    plan_id: str,
    wish: Wish | None = None,
    known: KnownList | None = None,
) -> DeliveryPlan:
    """Cut a prepared audience into batches and seal them for one target.

    Raises
    ------
    InputError
        When a choice is not one of those there are, or the list has no name.
    GuardError
        When nothing was accepted, or a guard stops it that was not allowed.
    """
    wish, known = wish or Wish(), known or KnownList()
    _check(target, wish)
    identifier = _matched_by_lists(prepared.identifier)
    _refuse_nothing(prepared, wish)
    identifiers = prepared.stored
    if wish.sample_rows is not None:
        identifiers = identifiers.head(wish.sample_rows)
    parts = parts_of(identifiers, mode=wish.mode, action=target.action, known=known)
    warnings = examine(
        target,
        wish.mode,
        _change(identifiers, parts, target, known, is_sample=wish.sample_rows is not None),
        known,
        source=prepared.summary["source"]["name"],
        names_list=wish.names_list,
        allow=wish.allow,
    )
    return _sealed(
        parts,
        target=target,
        limits=limits,
        plan_id=plan_id,
        wish=wish,
        identifier=identifier,
        warnings=[*warnings, *_nameless(wish, known), *_rejects(prepared)],
        summary=prepared.summary,
        based_on=known.version,
    )


def make_undo(
    owned: Mapping[contract.Action, pl.Series],
    *,
    target: Target,
    limits: Limits,
    plan_id: str,
    run_id: str,
    known: KnownList,
    held: int = 0,
    turned: int = 0,
    allow: Collection[str] = (),
) -> DeliveryPlan:
    """Seal the inverse of a run.

    Parameters
    ----------
    owned
        Action → the people (Binary) it is to be done to: those whom no other run owns.
    run_id
        The run that is taken back.
    held, turned
        How many people of the run stay as they are: because another run named them to the same
        effect, or because a later one turned them already.
    """
    check_names(allow)
    parts = [
        Part(action, Identifiers.in_memory(as_digests(people))) for action, people in owned.items()
    ]
    warnings = examine(target, "undo", Change(0), known, source="", names_list=True, allow=allow)
    return _sealed(
        parts,
        target=target,
        limits=limits,
        plan_id=plan_id,
        wish=Wish(mode="undo", allow=allow),
        identifier="sha256",
        warnings=[*warnings, *_left_alone(held, turned)],
        summary={},
        based_on=known.version,
        undoes=run_id,
    )


def _left_alone(held: int, turned: int) -> Iterator[str]:
    if held:
        yield (
            f"{held:,} whom the run named {'stays' if held == 1 else 'stay'} as they are: another "
            "run, which was not taken back, named them to the same effect."
        )
    if turned:
        were = "was" if turned == 1 else "were"
        yield f"{turned:,} whom the run named {were} turned by a later run already."


def make_conversions_plan(
    lines: Sequence[Identifiers],
    *,
    content: Content,
    target: Target,
    limits: Limits,
    plan_id: str,
    summary: dict[str, object],
    known: KnownList,
    allow: Collection[str] = (),
) -> DeliveryPlan:
    """Seal conversions as the Event and Audience API or the legacy Event API takes them.

    Parameters
    ----------
    lines
        JSON text, one conversion a line; what is recent and what is historical apart.
    content
        What a line is: ``batch`` or ``event``.

    Raises
    ------
    GuardError
        When there is no conversion.
    InputError
        When a conversion is longer than the platform takes.
    """
    check_names(allow)
    if not any(len(part) for part in lines):
        raise GuardError("No row was accepted, so there is nothing to deliver.", guard="empty")
    return _sealed(
        [Part("include", part) for part in lines],
        target=target,
        limits=limits,
        plan_id=plan_id,
        wish=Wish(allow=allow),
        identifier=content,
        warnings=[],
        summary=summary,
        based_on=known.version,
    )


def _sealed(
    parts: list[Part],
    *,
    target: Target,
    limits: Limits,
    plan_id: str,
    wish: Wish,
    identifier: Content,
    warnings: list[str],
    summary: dict[str, object],
    based_on: int,
    undoes: str | None = None,
) -> DeliveryPlan:
    parts = [part for part in parts if len(part.identifiers)]
    batches = tuple(cut(parts, limits))
    rows = sum(len(part.identifiers) for part in parts)
    if sum(batch.rows for batch in batches) != rows:
        raise ContractError("The batches do not add up to what is to be sent: this is a bug.")
    return DeliveryPlan(
        plan_id=plan_id,
        fingerprint=seal(target, wish.mode, identifier, batches, undoes=undoes),
        target=target,
        mode=wish.mode,
        identifier=identifier,
        rows=rows,
        batches=batches,
        limits=limits,
        warnings=tuple(warnings),
        allowed=frozenset(wish.allow),
        summary=summary,
        based_on=based_on,
        sample=wish.sample_rows is not None,
        undoes=undoes,
        _parts=tuple(part.identifiers for part in parts),
    )


# --- what is refused, and what is looked at ------------------------------


def _check(target: Target, wish: Wish) -> None:
    choices = {
        "action": (target.action, contract.ACTIONS),
        "mode": (wish.mode, _LESSONS),
    }
    for name, (value, allowed) in choices.items():
        if value not in allowed:
            raise InputError(f"{name} is {' or '.join(map(repr, allowed))}, not {value!r}.")
    if wish.sample_rows is not None and (wish.sample_rows < 1 or wish.mode == "mirror"):
        raise InputError("A sample is one row or more, and of a full or delta plan only.")
    check_names(wish.allow)
    if not _can_be_a_name(target.list):
        raise InputError(
            f"{target.list!r} cannot be the name of a list: it may not be empty, begin with a dot, "
            "begin or end with a space, or hold a slash or an @, for names are shown and addresses "
            "are not. Names are kept as they are, capitals too."
        )


def _matched_by_lists(identifier: str) -> contract.IdentifierKind:
    kinds: tuple[contract.IdentifierKind, ...] = get_args(contract.IdentifierKind)
    for kind in kinds:
        if kind == identifier:
            return kind
    raise InputError(
        f"The prepared values are {identifier}, and a custom audience list takes e-mail addresses "
        "or their SHA-256 only. Prepare the column with the addresses."
    )


def _can_be_a_name(name: str) -> bool:
    """Tell whether a list may be called so; over SFTP its name is a folder's."""
    bare = name == name.strip() and not name.startswith(contract.STAGING_PREFIX)
    return bool(name) and bare and name.isprintable() and not re.search(r"[/\\@]", name)


def _refuse_nothing(prepared: PreparedAudience, wish: Wish) -> None:
    if len(prepared):
        return
    sentence = (
        "No row was accepted, so there is nothing to deliver. Look at the rejection report: an "
        "empty source usually means a failed export."
    )
    if wish.mode != "mirror":
        raise GuardError(sentence, guard="empty")
    if "empty" not in wish.allow:
        raise stop_at("empty", sentence)


def _change(
    identifiers: Identifiers,
    parts: list[Part],
    target: Target,
    known: KnownList,
    *,
    is_sample: bool,
) -> Change:
    """Count what the plan would do to the list, as far as this ledger knows it."""
    prepared = len(identifiers)
    removed = sum(len(part.identifiers) for part in parts if part.action == "exclude")
    many = prepared >= contract.MIN_INCLUDE_PEOPLE
    if not known.runs or (many and not removed):
        # Nothing that a guard asks for depends on who is there, and that takes a while to find out.
        return Change(prepared, after=prepared, is_sample=is_sample)
    on_list = known.last_named("include", sure=False)
    if target.action == "exclude":
        removed = int(on_list.is_in(people_of(parts[0].identifiers).implode()).sum())
    after = len(on_list) - removed
    if target.action == "include":
        after = prepared if many else people_of(identifiers).append(on_list).n_unique() - removed
    return Change(prepared, len(on_list), removed, after, is_sample=is_sample)


def _nameless(wish: Wish, known: KnownList) -> Iterator[str]:
    if known.nameless and wish.mode != "full":
        yield (
            f"Of {known.nameless:,} earlier runs on the list it is not kept here whom they named, "
            "so the difference is as if these had never been."
        )


def _rejects(prepared: PreparedAudience) -> Iterator[str]:
    rejected, rows = prepared.summary["rejected"], prepared.summary["rows_in"]
    if rejected * 10 > rows:
        yield f"{rejected:,} of {rows:,} rows ({rejected / rows:.0%}) were rejected."
