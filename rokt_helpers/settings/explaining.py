"""Say what is wrong with a setting: which variable, what may stand there, and where to correct it.

Law: no message repeats a value. A word that is allowed may be held out as the one that was meant.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping
from typing import Any, Final

from rokt_helpers.settings.accounts import variable_prefix
from rokt_helpers.settings.fields import Settings
from rokt_helpers.settings.provenance import Source

__all__ = ["explain"]

_OURS: Final = "value_error"
# By the kind of fault, as pydantic calls it; the rest is told by the beginning of its name.
_SHOULD: Final = {
    "greater_than": "should be more than {gt:,g}",
    "greater_than_equal": "should be {ge:,g} or more",
    "less_than": "should be less than {lt:,g}",
    "less_than_equal": "should be {le:,g} or less",
    "string_too_long": "should have {max_length:,} characters or fewer",
    "finite_number": "should be a number",
}
_KINDS: Final = {
    "int": "should be a whole number",
    "float": "should be a number",
    "bool": "should be true or false",
    "path": "should be the path of a file or folder",
    "string": "should be text",
}


def explain(
    faults: Iterable[Mapping[str, Any]],
    values: Mapping[str, Any],
    origins: Mapping[str, tuple[Source, str]],
) -> str:
    """Return a sentence for each setting that cannot be used.

    Parameters
    ----------
    faults
        What pydantic found: ``loc``, ``type``, ``msg`` and ``ctx`` of each.
    values
        What was given, by field; used to find the word that was meant, and never repeated.
    origins
        Field → the kind of place it came from, and where that is.
    """
    return " ".join(_sentence(one, values, origins) for one in faults)


def _sentence(
    fault: Mapping[str, Any], values: Mapping[str, Any], origins: Mapping[str, tuple[Source, str]]
) -> str:
    field = str(fault["loc"][0])
    source, where = origins.get(field, ("not set", ""))
    variable = _variable(field, source, str(values.get("account", "")))
    words = _words(field)
    should = _should(fault, words)
    meant = difflib.get_close_matches(str(values.get(field, "")).strip().lower(), words, n=1)
    hint = f" Did you mean {meant[0]}?" if meant and fault["type"] == "literal_error" else ""
    return f"{variable} {should}.{hint} Correct it {_place(source, where)}."


def _should(fault: Mapping[str, Any], words: list[str]) -> str:
    kind = str(fault["type"])
    if kind == _OURS:
        return str(fault["msg"]).removeprefix("Value error, ")
    if kind == "literal_error":
        listed = [word or "empty" for word in sorted(words, key=lambda word: not word)]
        return f"should be {' or '.join([', '.join(listed[:-1]), listed[-1]])}"
    if kind in _SHOULD:
        return _SHOULD[kind].format(**fault["ctx"])
    return _KINDS.get(kind.partition("_")[0], "cannot be used as it is")


def _words(field: str) -> list[str]:
    """Return the words that a setting may be, where it is one of several."""
    allowed = getattr(Settings.model_fields[field].annotation, "__args__", ())
    return [one for one in allowed if isinstance(one, str)]


def _variable(field: str, source: Source, account: str) -> str:
    """Return the variable as it is called there: an account has its own in the environment."""
    own = f"{variable_prefix(account)}{field.upper()}" if account else ""
    if source == "environment" and own in {name.upper() for name in os.environ}:
        return own
    return f"ROKT_{field.upper()}"


def _place(source: Source, where: str) -> str:
    if source == "program":
        return "in the call that sets it"
    return f"in {where}" if where else "in the environment"
