"""Guards: what stops a plan until a person decides, and the words that let them go on.

The law kept here: guards stop, people decide. Which guards were passed is part of the plan.
"""

from __future__ import annotations

import re
import statistics
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from rokt_helpers import contract
from rokt_helpers.errors import GuardError, InputError
from rokt_helpers.plan.known import KnownList
from rokt_helpers.plan.targets import Mode, Target
from rokt_helpers.profiles import is_rokt_itself, leaves_this_computer

__all__ = ["GUARDS", "Change", "check_names", "examine", "stop_at"]

# The guards that can stop a plan or its delivery, and what each of them means.
GUARDS: Final[dict[str, str]] = {
    "empty": "nothing was accepted, and a mirror would take everybody off the list",
    "removal": "more than a fifth of the people known to be on the list would be taken off",
    "deviation": "the count is more than half off what the last runs on the list had",
    "flipped": "the last run on the list did the opposite",
    "look_alike": "a known list's name differs only by capitals, spaces or punctuation",
    "small_include": "fewer people than Rokt advises for a list that is to be targeted",
    "default_list": "no list was named, so it is Rokt's default one",
    "lesson": "a practice list aimed at the live account",
    "repeat": "this very plan was the last thing delivered to the list",
}
# These stop what leaves this computer; on the sandbox they only warn.
_LENIENT_HERE: Final = frozenset({"small_include", "default_list"})

REMOVAL_SHARE: Final = 0.2
DEVIATION_SHARE: Final = 0.5
_FEWEST_RUNS: Final = 3  # fewer say nothing about what is usual
_MOST_RUNS: Final = 5


@dataclass(frozen=True)
class Change:
    """What a plan would do to a list, in people: the figures the guards look at.

    ``prepared`` is how many the source holds, ``on_list`` how many this ledger knows to be there
    now, ``removed`` how many of those would go, ``after`` how many would be there then.
    """

    prepared: int
    on_list: int = 0
    removed: int = 0
    after: int = 0
    is_sample: bool = False


def check_names(names: Collection[str]) -> None:
    """Refuse the name of a guard that there is not."""
    unknown = sorted(set(names) - set(GUARDS))
    if unknown:
        raise InputError(f"There is no guard {unknown[0]!r}. There is: {', '.join(GUARDS)}.")


def stop_at(guard: str, sentence: str) -> GuardError:
    """Return the error of a guard, with the words that let a person go on."""
    reason = f"{sentence} Nothing was sent."
    return GuardError(
        f"{reason} To go on all the same, pass allow=[{guard!r}] (--allow {guard}).",
        guard=guard,
        reason=reason,
    )


def examine(
    target: Target,
    mode: Mode,
    change: Change,
    known: KnownList,
    *,
    source: str,
    names_list: bool,
    allow: Collection[str],
) -> list[str]:
    """Look at a plan with every guard; return warnings a person should read before sending.

    Raises
    ------
    GuardError
        At the first guard that stops it and is not among ``allow``.
    """
    warnings = []
    found = _findings(target, mode, change, known, source=source, names_list=names_list)
    for guard, sentence in found:
        stops = guard not in _LENIENT_HERE or leaves_this_computer(target.profile)
        if stops and guard not in allow:
            raise stop_at(guard, sentence)
        warnings.append(f"{sentence} Allowed." if stops else sentence)
    return warnings


def _findings(
    target: Target,
    mode: Mode,
    change: Change,
    known: KnownList,
    *,
    source: str,
    names_list: bool,
) -> Iterator[tuple[str, str]]:
    if target.purpose != "audience":
        return
    if is_rokt_itself(target.profile) and source.startswith(_PRACTICE):
        yield "lesson", f"{source} is a practice list, and the account is the live one."
    if not names_list:
        yield "default_list", f"No list was named, so it is Rokt's default, {target.list!r}."
    yield from _look_alike(target.list, known.names)
    if mode == "undo":  # a person named the run; that is the decision
        return
    yield from _flipped(target, mode, known)
    if not change.is_sample:
        yield from _deviation(target, mode, change, known)
        yield from _small(target, change)
    yield from _removal(change)


# How the files of the lessons begin.
_PRACTICE: Final = ("sample_", "practice_")


def _look_alike(name: str, names: Collection[str]) -> Iterator[tuple[str, str]]:
    if name in names:
        return
    for other in names:
        if _bare(other) == _bare(name):
            yield (
                "look_alike",
                (
                    f"List {name!r} would be new, and {other!r} is known: they differ only by "
                    "capitals, spaces or punctuation."
                ),
            )
            return


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


def _flipped(target: Target, mode: Mode, known: KnownList) -> Iterator[tuple[str, str]]:
    last = next((run for run in known.runs if run.mode in {"full", "delta"}), None)
    if mode != "mirror" and last is not None and last.action != target.action:
        yield (
            "flipped",
            (
                f"The last run on list {target.list!r} was to {last.action}, and this one is to "
                f"{target.action}."
            ),
        )


def _deviation(
    target: Target, mode: Mode, change: Change, known: KnownList
) -> Iterator[tuple[str, str]]:
    alike = [
        run.rows
        for run in known.runs
        if run.action == target.action and run.mode == mode == "full" and not run.is_sample
    ][:_MOST_RUNS]
    if len(alike) < _FEWEST_RUNS:
        return
    usual = statistics.median(alike)
    if abs(change.prepared - usual) > DEVIATION_SHARE * usual:
        yield (
            "deviation",
            (
                f"{change.prepared:,} identifiers are more than half off the {usual:,.0f} that the "
                f"last {len(alike)} runs on list {target.list!r} had."
            ),
        )


def _small(target: Target, change: Change) -> Iterator[tuple[str, str]]:
    if target.action == "include" and change.after < contract.MIN_INCLUDE_PEOPLE:
        yield (
            "small_include",
            (
                f"Rokt advises at least {contract.MIN_INCLUDE_PEOPLE:,} people on a list that is "
                f"to be targeted; with this plan it is known to hold {change.after:,}."
            ),
        )


def _removal(change: Change) -> Iterator[tuple[str, str]]:
    if change.removed > REMOVAL_SHARE * change.on_list:
        yield (
            "removal",
            (
                f"{change.removed:,} of the {change.on_list:,} people known to be on the list "
                f"({change.removed / change.on_list:.0%}) would be taken off."
            ),
        )
