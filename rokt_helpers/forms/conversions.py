"""The screen that reports conversions: choose, see which column is what, check, send."""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, Self

from rokt_helpers.conversions import Mapping, Match
from rokt_helpers.conversions.attributes import ATTRIBUTES, IDENTIFIERS
from rokt_helpers.conversions.words import in_words
from rokt_helpers.forms.message import Message
from rokt_helpers.forms.stages import Stage, stages
from rokt_helpers.profiles import leaves_this_computer
from rokt_helpers.progress import Progress

__all__ = ["CONFIRMATION", "HOW", "ColumnRow", "ConversionsForm", "ConversionsVia", "How"]

Step = Literal["choose", "looking", "looked", "checking", "checked", "sending", "done"]
ConversionsVia = Literal["events", "events-legacy", "events-sftp", "sftp"]
How = Literal["time_zone", "date_order", "decimal", "conversiontype", "currency"]

HOW: Final[tuple[How, ...]] = ("time_zone", "date_order", "decimal", "conversiontype", "currency")
CONFIRMATION: Final = "conversions"  # what a person types before anything is sent for real
_CHOOSING, _MATCHING, _CHECKING, _SENDING = 1, 2, 3, 4
_CHOOSE: Final = Message("Choose a file of purchases.")
_LOOK: Final = Message("See which column is what, mend what is wrong, and press Check.")
# What a question about writing is asked of: dates and amounts, whichever columns those are.
_KINDS: Final[dict[How, frozenset[str]]] = {
    "time_zone": frozenset({"moment"}),
    "date_order": frozenset({"moment", "day"}),
    "decimal": frozenset({"amount", "margin"}),
}
_ASKED: Final[dict[How, str]] = {
    "time_zone": "The times name no time zone: say which they are in.",
    "date_order": "A date such as 02/03 can be read in two ways: say which.",
    "decimal": "An amount such as 1,234 can be read in two ways: say which.",
    "conversiontype": "No column is the conversion type, and Rokt drops what has none: say one "
    "for all, such as purchase.",
}
_NOBODY: Final = (
    "No column says who bought: an e-mail address, its SHA-256, a Rokt click id, a mobile number "
    "with a country, or an advertising id."
)
_NO_PEOPLE: Final = "The file of people needs a column of e-mail addresses or their SHA-256."


@dataclass(frozen=True)
class ColumnRow:
    """A column of the source, the attribute it is (empty: left out), why, and what it leaves open.

    ``asks`` names what cannot be told from its values, if they are dates or amounts.
    """

    column: str
    attribute: str
    evidence: str
    asks: frozenset[How] = frozenset()


@dataclass(frozen=True)
class ConversionsForm:
    """State of the screen.

    ``mapping`` is the saved one that was taken (empty: recognised), ``mappings`` those there are,
    ``name`` the one to save as. ``shows_all`` opens the fields that nothing asks for. ``plan`` are
    its sentences, ``request`` its first request, masked. ``at`` is the step that the message is
    about.
    """

    profile: str = "sandbox"
    mappings: tuple[str, ...] = ()
    source: str = ""
    mapping: str = ""
    columns: tuple[ColumnRow, ...] = ()
    how: AbstractMapping[How, str] = field(default_factory=dict)
    shows_all: bool = False
    via: ConversionsVia = "events"
    name: str = ""
    typed: str = ""
    step: Step = "choose"
    plan: tuple[str, ...] = ()
    request: str = ""
    at: int = _CHOOSING
    message: Message = _CHOOSE
    progress: Progress | None = None

    @property
    def stages(self) -> Sequence[Stage]:
        """Where a person is: choose, see which column is what, check, send."""
        is_checked = self.step in {"checked", "sending", "done"}
        return stages(
            ("Choose", bool(self.source)),
            ("Columns", bool(self.columns) and not self.todo),
            ("Check", is_checked),
            ("Send", self.step == "done"),
        )

    # --- what the columns say -----------------

    @property
    def matched(self) -> Mapping:
        """The mapping on the screen.

        Raises
        ------
        InputError
            When an attribute has two columns: ``todo`` says so, and Check is shut.
        """
        rows = (Match(row.column, row.attribute or None, row.evidence) for row in self.columns)
        return Mapping(tuple(rows))

    @property
    def clashes(self) -> tuple[str, ...]:
        """Attributes that have two columns, in sentences."""
        named = [row.attribute for row in self.columns if row.attribute]
        return tuple(
            f"{_and(row.column for row in self.columns if row.attribute == name)} are both "
            f"{in_words(name)}: leave one out."
            for name in dict.fromkeys(named)
            if named.count(name) > 1
        )

    @property
    def needed(self) -> tuple[How, ...]:
        """What the file leaves open, answered or not."""
        if self.via == "sftp" or not self.columns:
            return ()
        asked = {how for row in self.columns for how in row.asks & _asked_of(row.attribute)}
        named = {row.attribute for row in self.columns}
        if "conversiontype" not in named:
            asked.add("conversiontype")
        if "amount" in named and "currency" not in named:
            asked.add("currency")
        return tuple(how for how in HOW if how in asked)

    @property
    def fields(self) -> tuple[How, ...]:
        """The fields that stand on the screen: what is needed, what was said, or all of them."""
        if self.via == "sftp" or not self.columns:
            return ()
        return tuple(h for h in HOW if self.shows_all or h in self.needed or self.how.get(h))

    @property
    def todo(self) -> tuple[str, ...]:
        """What stands between the columns and a check, in sentences."""
        if not self.columns:
            return ()
        named = {row.attribute for row in self.columns}
        if self.via == "sftp":
            return (*self.clashes, *(() if named & {"email", "emailsha256"} else (_NO_PEOPLE,)))
        open_ = (_ASKED[how] for how in self.needed if how in _ASKED and not self.how.get(how))
        return (*self.clashes, *(() if named & {*IDENTIFIERS} else (_NOBODY,)), *open_)

    # --- what may be done ---------------------

    @property
    def is_busy(self) -> bool:
        """A job is under way: nothing may be changed, only stopped."""
        return self.step in {"looking", "checking", "sending"}

    @property
    def can_choose(self) -> bool:
        """Columns are on the screen and may be changed."""
        return bool(self.columns) and not self.is_busy

    @property
    def can_save(self) -> bool:
        """The mapping has a name and no attribute has two columns."""
        return self.can_choose and bool(self.name.strip()) and not self.clashes

    @property
    def can_check(self) -> bool:
        """Everything that the file leaves open was said, and nothing is under way."""
        return self.can_choose and not self.todo

    @property
    def must_type(self) -> bool:
        """What leaves this computer is confirmed by typing a word."""
        return leaves_this_computer(self.profile) and self.step == "checked"

    @property
    def can_send(self) -> bool:
        """The plan was shown as it is chosen now and, where that is asked, the word was typed."""
        return self.step == "checked" and (not self.must_type or self.typed == CONFIRMATION)

    @property
    def can_stop(self) -> bool:
        """The whole file is being prepared, or a delivery is under way."""
        return self.step in {"checking", "sending"}

    # --- what happens -------------------------

    def choose(self, source: str, mapping: str = "") -> Self:
        """Another file or saved mapping was picked: what was known of the last is forgotten."""
        chosen = replace(self._changed(), source=source, mapping=mapping, columns=())
        return replace(chosen, step="choose", at=_CHOOSING, message=_CHOOSE, shows_all=False)

    def looking(self) -> Self:
        """Say that the first rows are being read."""
        message = Message("Reading the first rows …")
        return replace(self, step="looking", at=_CHOOSING, message=message)

    def looked(self, columns: Sequence[ColumnRow]) -> Self:
        """Show which column is what, and why."""
        return replace(self, step="looked", at=_MATCHING, columns=tuple(columns), message=_LOOK)

    def choose_attribute(self, column: str, attribute: str) -> Self:
        """Say what a column is; empty leaves it out."""
        evidence = f"chosen by hand as {attribute}" if attribute else "left out by hand"
        columns = tuple(
            replace(row, attribute=attribute, evidence=evidence) if row.column == column else row
            for row in self.columns
        )
        return replace(self._changed(), columns=columns)

    def say(self, how: How, text: str) -> Self:
        """Take an answer to what the file leaves open."""
        return replace(self._changed(), how={**self.how, how: text.strip()})

    def choose_via(self, via: ConversionsVia) -> Self:
        """Another way was picked."""
        return replace(self._changed(), via=via)

    def show_all(self, *, is_wanted: bool) -> Self:
        """Open the fields that nothing asks for, or close them."""
        return replace(self, shows_all=is_wanted)

    def _changed(self) -> Self:
        """Something was chosen anew: a plan that was shown no longer counts."""
        step: Step = "looked" if self.columns else "choose"
        fresh: Self = replace(self, step=step, plan=(), request="", typed="", progress=None)
        return replace(fresh, at=_MATCHING, message=_LOOK) if self.columns else fresh

    def name_it(self, name: str) -> Self:
        """Take the name to save the mapping as."""
        return replace(self, name=name)

    def saved(self, where: str, mappings: Sequence[str]) -> Self:
        """Say where the mapping lies; a shown plan still counts."""
        text = f"Which column is what was saved in {where}. A schedule takes it from there."
        message = Message(text, "good")
        return replace(self, mappings=tuple(mappings), at=_MATCHING, message=message)

    def checking(self) -> Self:
        """Say that the whole file is being prepared and the plan made."""
        message = Message("Reading the whole file …")
        return replace(self, step="checking", at=_CHECKING, message=message)

    def checked(self, sums: str, plan: Sequence[str], request: str) -> Self:
        """Show the sums and the plan; nothing has been sent."""
        text = f"{sums} Nothing has been sent yet."
        if leaves_this_computer(self.profile):
            text += f" To send it for real, type {CONFIRMATION}."
        message = Message(text)
        shown = replace(self, step="checked", plan=tuple(plan), request=request, progress=None)
        return replace(shown, message=message)

    def type_confirmation(self, typed: str) -> Self:
        """Take what was typed to confirm."""
        return replace(self, typed=typed)

    def sending(self) -> Self:
        """Say that the plan is being delivered."""
        return replace(self, step="sending", at=_SENDING, message=Message("Sending …"))

    def stopping(self) -> Self:
        """Say that the stop was heard."""
        return replace(self, message=Message("Stopping …"))

    def progressed(self, progress: Progress) -> Self:
        """Show how far it is."""
        return replace(self, progress=progress, message=Message(str(progress)))

    def done(self, sentence: str) -> Self:
        """Show the receipt in a sentence."""
        return replace(self, step="done", message=Message(sentence, "good"), progress=None)

    def failed(self, text: str) -> Self:
        """Say why it stopped; what was chosen stays, and every field is there to mend it with."""
        shows_all = self.shows_all or self.step == "checking"
        failed = replace(self._changed(), message=Message(text, "bad"), at=self.at)
        return replace(failed, shows_all=shows_all)


def _asked_of(attribute: str) -> frozenset[How]:
    kind = ATTRIBUTES[attribute].kind if attribute else ""
    return frozenset(how for how, kinds in _KINDS.items() if kind in kinds)


def _and(columns: Any) -> str:
    return " and ".join(repr(column) for column in columns)
