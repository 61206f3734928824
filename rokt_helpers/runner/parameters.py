"""Parameters of a run: read from a file or the command line, and checked before a kernel starts.

The laws kept here: an unknown name or a misfit value stops the run; so does a page that would only
draw its form, for nobody is there to press; no secret is ever a parameter; no message repeats a
value.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from rokt_helpers.errors import InputError
from rokt_helpers.runner.signature import Parameter, read_signature

__all__ = ["check_parameters", "read_parameters"]

_SECRET_NAME: Final = re.compile(
    r"key|secret|token|passw|passphrase|\bpwd\b|credential", re.IGNORECASE
)
_SECRET_VALUE: Final = re.compile(
    r"\brsec-"
    r"|-----BEGIN "
    r"|://[^/\s:@]*:[^/\s@]+@"  # an address with a password in it
    r"|\bAKIA[0-9A-Z]{16}\b"  # an access key of AWS
    r"|\bgh[pousr]_\w{20,}"  # a token of GitHub
    r"|\bxox[abposr]-"  # a token of Slack
    r"|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}"  # a signed web token
)
# Flags of a page's cell that let it work without a person.
_ACTS: Final = frozenset({"run", "send"})
_IN_WORDS: Final = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "NoneType": "nothing",
    "list": "a list",
    "dict": "names and values",
    "date": "a date (quote it)",
    "datetime": "a date (quote it)",
}


def read_parameters(path: Path) -> dict[str, Any]:
    """Return the names and values of a ``params/*.yml`` file.

    Raises
    ------
    InputError
        When it is missing, is not YAML, or is not a list of names and values.
    """
    try:
        with path.open(encoding="utf-8") as file:  # whose name is in each mark of the YAML
            content = yaml.load(file, Loader=_EachNameOnce)  # noqa: S506
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise InputError(f"{path} is not YAML: each line reads `name: value`.") from None
    if not isinstance(content, dict | None) or not all(isinstance(k, str) for k in content or {}):
        above = "; a list has its name above it, such as `entries:`" * isinstance(content, list)
        raise InputError(f"{path} should hold lines of the form `name: value`{above}.")
    return dict(content or {})


class _EachNameOnce(yaml.SafeLoader):
    """YAML, but a name that stands twice is a mistake and not a silent choice of the second."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002  the library's signature
        found: set[str] = set()
        for key, _ in node.value:
            name, mark = str(key.value), key.start_mark
            if name in found:
                raise InputError(
                    f"{name!r} stands twice in {mark.name}, the second time in line "
                    f"{mark.line + 1:,}. Keep one of them."
                )
            found.add(name)
        return super().construct_mapping(node, deep)


def check_parameters(
    notebook: Path, given: Mapping[str, Any], *, texts: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the given parameters in the types the notebook's signature states.

    Parameters
    ----------
    given
        Values with types, such as a params file has; each must be of the parameter's type.
    texts
        Text such as the command line gives, read as the parameter's type; goes over ``given``.

    Raises
    ------
    InputError
        When a name is unknown, a value does not fit, or either looks like a secret; when the page
        would only show its form.
    """
    signature = read_signature(notebook)
    read = {name: _read(text, signature.get(name)) for name, text in (texts or {}).items()}
    together = {**given, **read}
    for name, value in together.items():
        _check(notebook, signature, name, value)
    _acts(notebook, signature, together)
    return together


def _acts(notebook: Path, signature: Mapping[str, Parameter], given: Mapping[str, Any]) -> None:
    """Refuse a page that waits for a person: it would end well and have done nothing."""
    flags = {name: one for name, one in signature.items() if name in _ACTS and one.is_flag}
    acts = any(given.get(name, one.default) for name, one in flags.items())
    if "run" in flags and not acts:
        raise InputError(
            f"{notebook.name} would only show its form, and nothing would be done. Set `run: true` "
            "in its params file, or pass `-p run true`."
        )


def _check(notebook: Path, signature: Mapping[str, Parameter], name: str, value: Any) -> None:
    if name not in signature:
        raise InputError(
            f"{notebook.name} has no parameter {name!r}.{_did_you_mean(name, signature)} "
            f"It has: {', '.join(signature)}."
        )
    if _SECRET_NAME.search(name) or any(_SECRET_VALUE.search(text) for text in _texts(value)):
        raise InputError(
            f"{name!r} looks like a secret, and parameters are written into the executed notebook. "
            "Secrets belong into the environment or .env."
        )
    if not signature[name].fits(value):
        raise InputError(_misfit(signature[name], value))


def _misfit(parameter: Parameter, value: Any) -> str:
    """Say what would fit; of the value only its type is said."""
    kinds = sorted(_IN_WORDS[kind.__name__] for kind in _shown(parameter.types or frozenset()))
    choices = [repr(choice) if choice == "" else str(choice) for choice in parameter.choices]
    wanted = " or ".join([", ".join(choices[:-1]), choices[-1]] if len(choices) > 1 else choices)
    wanted = " or ".join(part for part in (wanted, *kinds) if part)
    if any(type(choice) is type(value) for choice in parameter.choices):
        hint = _did_you_mean(str(value), [c for c in parameter.choices if isinstance(c, str)])
        return f"{parameter.name} should be {wanted}.{hint}"
    found = _IN_WORDS.get(type(value).__name__, "that")
    return f"{parameter.name} should be {wanted}, not {found}."


def _shown(types: frozenset[type]) -> frozenset[type]:
    """Leave out that a whole number is a number, too."""
    return types - {int} if float in types else types


def _did_you_mean(word: str, known: Mapping[str, Any] | list[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


def _texts(value: Any) -> Iterator[str]:
    """Give each text in a value, however deep it lies."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts(name)
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def _read(text: str, parameter: Parameter | None) -> Any:
    """Read text as the command line gives it: 5 is a number, true is true, other text stays."""
    if parameter is None or parameter.takes_text:
        return text
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text
