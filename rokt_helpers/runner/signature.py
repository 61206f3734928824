"""What a notebook's parameters cell says: names, types, choices, and which values fit.

A type is the annotation. Choices are those of a ``Literal``, or the first clause of the comment
where it lists words: ``include or exclude``, ``full, delta (only who is new) or mirror``.
"""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rokt_helpers.errors import InputError

__all__ = ["Parameter", "read_signature"]

_PLAIN: Final[dict[str, frozenset[type]]] = {
    "str": frozenset({str}),
    "int": frozenset({int}),
    "float": frozenset({float, int}),
    "bool": frozenset({bool}),
    "list": frozenset({list}),
    "dict": frozenset({dict}),
    "None": frozenset({type(None)}),
}
_WORD: Final = r"[A-Za-z0-9][\w.-]*"
_LISTED: Final = re.compile(rf"(?P<first>{_WORD}(?:, {_WORD})*),? or (?P<last>{_WORD})(?P<rest>.*)")


@dataclass(frozen=True)
class Parameter:
    """One line of the parameters cell.

    ``types`` are the types a value may have, None where the annotation is not understood and
    anything may pass. ``choices`` are values that may pass besides; where there are some, text must
    be one of them. ``default`` is the value in the cell, None where it is no plain value.
    """

    name: str
    types: frozenset[type] | None = None
    choices: tuple[Any, ...] = ()
    default: Any = None

    @property
    def is_flag(self) -> bool:
        """Whether it is true or false, and nothing else."""
        return self.types == _PLAIN["bool"] and not self.choices

    @property
    def takes_text(self) -> bool:
        """Whether text from a command line is the value, and not to be read as a number."""
        text_chosen = any(isinstance(choice, str) for choice in self.choices)
        return self.types is None or str in self.types or text_chosen

    def fits(self, value: Any) -> bool:
        """Tell whether a value may be passed."""
        if self.types is None or any(_same(value, choice) for choice in self.choices):
            return True
        # True is an int to Python, and never meant as one.
        return type(value) in self.types


def read_signature(notebook: Path) -> dict[str, Parameter]:
    """Return the notebook's parameters by name, in their order.

    Raises
    ------
    InputError
        When the notebook is missing or cannot be read.
    """
    if not notebook.is_file():
        raise InputError(f"There is no notebook {notebook}. Look in notebooks/.")
    try:
        # Read as the JSON it is: the library that knows notebooks takes seconds to load.
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        tagged = [c["source"] for c in cells if "parameters" in c["metadata"].get("tags", ())]
        found = [one for source in tagged for one in _parameters("".join(source))]
    except (OSError, ValueError, AttributeError, KeyError, TypeError, SyntaxError):
        raise InputError(
            f"{notebook} cannot be read as a Python notebook. Open it in JupyterLab and save it."
        ) from None
    return {one.name: one for one in found}


def _parameters(source: str) -> Iterator[Parameter]:
    lines = ast.parse(source).body
    comments = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    for line in lines:
        comment = comments.get(line.end_lineno or line.lineno, "")
        if isinstance(line, ast.AnnAssign):
            types, choices = _shape(line.annotation)
            if types == _PLAIN["str"]:
                choices = _listed(comment, line.value)
                types = frozenset() if choices else types
            yield Parameter(ast.unparse(line.target), types, choices, _plain(line.value))
        elif isinstance(line, ast.Assign):
            yield from (Parameter(ast.unparse(target)) for target in line.targets)


def _plain(value: ast.expr | None) -> Any:
    return value.value if isinstance(value, ast.Constant) else None


_Shape = tuple[frozenset[type] | None, tuple[Any, ...]]
_ANYTHING: Final[_Shape] = (None, ())


def _shape(annotation: ast.expr) -> _Shape:
    """Return the types and choices an annotation allows, as far as it is understood."""
    shape = _ANYTHING
    match annotation:
        case ast.Constant(value=str(quoted)):
            shape = _shape(ast.parse(quoted, mode="eval").body)
        case ast.Constant(value=None):
            shape = _PLAIN["None"], ()
        case ast.Name(id=name) | ast.Subscript(value=ast.Name(id="list" | "dict" as name)):
            shape = _PLAIN.get(name), ()
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            shape = _either(_shape(left), _shape(right))
        case ast.Subscript(value=ast.Name(id="Optional"), slice=inner):
            shape = _either(_shape(inner), (_PLAIN["None"], ()))
        case ast.Subscript(value=ast.Name(id="Literal"), slice=inner):
            values = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            shape = frozenset(), tuple(ast.literal_eval(value) for value in values)
    return shape


def _either(one: _Shape, other: _Shape) -> _Shape:
    if one[0] is None or other[0] is None:
        return _ANYTHING
    return one[0] | other[0], one[1] + other[1]


def _listed(comment: str, default: ast.expr | None) -> tuple[str, ...]:
    """Return the words a comment lists as choices; prose that happens to hold an "or" lists none.

    The proof is the default: it is one of the words, or it is empty, the comment says what empty
    means, and the clause holds nothing but the words and an aside.
    """
    clause = re.sub(r" \([^)]*\)", "", comment).partition(";")[0].strip()
    found = _LISTED.fullmatch(clause)
    if found is None or not isinstance(default, ast.Constant):
        return ()
    words = (*found["first"].split(", "), found["last"])
    says_empty = re.search(r"\bempty\b", comment) is not None
    if default.value in words:
        return (*words, "") if says_empty else words
    is_list = says_empty and (not found["rest"] or found["rest"].startswith(", for "))
    return (*words, "") if default.value == "" and is_list else ()


def _same(value: Any, choice: Any) -> bool:
    return type(value) is type(choice) and bool(value == choice)
