"""Run one notebook without a person, strictly: checked parameters, a run folder, a result.

The laws kept here: an unknown or misfit parameter stops the run before a kernel starts; no secret
is ever a parameter; widget state is not stored; what the notebook ended with is what is returned.
"""

from __future__ import annotations

import ast
import difflib
import json
import logging
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import nbformat
import papermill
import yaml
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from rokt_helpers import errors
from rokt_helpers.clock import Clock
from rokt_helpers.errors import InputError, RoktError
from rokt_helpers.files import private_folder, write_private
from rokt_helpers.notebook_result import MIME_TYPE
from rokt_helpers.redact import scrub

__all__ = ["NotebookRun", "check_parameters", "read_parameters", "run_notebook"]

_SECRET_NAME: Final = re.compile(r"key|secret|token|passw", re.IGNORECASE)
_SECRET_VALUE: Final = re.compile(r"\brsec-|-----BEGIN ")
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "str": (str,),
    "int": (int,),
    "float": (float, int),
    "bool": (bool,),
}


@dataclass(frozen=True)
class NotebookRun:
    """One finished run: its folder and what the notebook ended with."""

    notebook: str
    folder: Path
    result: dict[str, Any]

    @property
    def executed(self) -> Path:
        """The executed notebook, outputs and all."""
        return self.folder / "executed.ipynb"


def read_parameters(path: Path) -> dict[str, Any]:
    """Return the parameters of a ``params/*.yml`` file.

    Raises
    ------
    InputError
        When it is missing, is not YAML, or is not a list of names and values.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_EachNameOnce)  # noqa: S506
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
    except yaml.YAMLError:
        raise InputError(f"{path} is not YAML: each line reads `name: value`.") from None
    if not isinstance(content, dict | None) or not all(isinstance(k, str) for k in content or {}):
        raise InputError(f"{path} should hold lines of the form `name: value`.")
    return dict(content or {})


class _EachNameOnce(yaml.SafeLoader):
    """YAML, but a name that stands twice is a mistake and not a silent choice of the second."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002  the library's signature
        names = [str(key.value) for key, _ in node.value]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise InputError(f"{twice[0]!r} stands twice in the params file. Keep one of them.")
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
        When a name is unknown, a value does not fit, or either looks like a secret.
    """
    signature = _signature(notebook)
    read = {name: _read(text, signature.get(name)) for name, text in (texts or {}).items()}
    together = {**given, **read}
    return {name: _checked(notebook, signature, name, value) for name, value in together.items()}


def run_notebook(
    notebook: Path, *, parameters: Mapping[str, Any], runs: Path, clock: Clock | None = None
) -> NotebookRun:
    """Execute a notebook in a fresh kernel and return what it ended with.

    Parameters
    ----------
    runs
        The folder that gets one new folder for this run, with ``executed.ipynb`` and
        ``result.json``, readable by its owner only.

    Raises
    ------
    RoktError
        The kind the notebook ended with; the executed notebook is kept and named.
    """
    checked = check_parameters(notebook, parameters)
    folder = _run_folder(notebook, runs, clock or Clock())
    executed = folder / "executed.ipynb"
    try:
        node = _execute(notebook, executed, checked)
    except PapermillExecutionError as error:
        raise _as_ours(error, executed) from None
    finally:
        if executed.exists():
            _mask_errors(executed)
            executed.chmod(0o600)
    run = NotebookRun(notebook.stem, folder, _result(node))
    text = json.dumps(run.result, indent=2, ensure_ascii=False)
    write_private(folder / "result.json", lambda part: part.write_text(text, encoding="utf-8"))
    return run


def _execute(notebook: Path, executed: Path, parameters: dict[str, Any]) -> NotebookNode:
    config = Config()
    config.KernelManager.transport_encryption = "auto"
    # The names are checked; papermill itself overlooks parameters such as `column: str | None`.
    logging.getLogger("papermill").setLevel(logging.ERROR)
    node: NotebookNode = papermill.execute_notebook(
        str(notebook),
        str(executed),
        parameters=parameters,
        kernel_name="python3",
        language="python",
        store_widget_state=False,
        progress_bar=False,
        config=config,
    )
    return node


def _mask_errors(executed: Path) -> None:
    """Mask what the errors in it quote: another library's message may hold a person's data."""
    node = nbformat.read(executed, as_version=4)  # type: ignore[no-untyped-call]
    failures = [
        output
        for cell in node.cells
        for output in cell.get("outputs", ())
        if output.output_type == "error"
    ]
    for failure in failures:
        failure.evalue = scrub(failure.evalue)
        failure.traceback = [
            _masked(line) for part in failure.traceback for line in part.split("\n")
        ]
    if failures:
        nbformat.write(node, executed)  # type: ignore[no-untyped-call]


def _masked(line: str) -> str:
    """Leave a line alone, indentation too, where there is nothing to mask."""
    clean = scrub(line)
    return line if clean == " ".join(line.split()) else clean


def _signature(notebook: Path) -> dict[str, str]:
    """Return the notebook's parameters: name → type as written, "" where none is."""
    if not notebook.is_file():
        raise InputError(f"There is no notebook {notebook}. Look in notebooks/.")
    try:
        cells = nbformat.read(notebook, as_version=4).cells  # type: ignore[no-untyped-call]
        tagged = [c.source for c in cells if "parameters" in c.metadata.get("tags", ())]
        lines = ast.parse("\n".join(tagged)).body
    except (ValueError, AttributeError, KeyError, SyntaxError, nbformat.ValidationError):
        raise InputError(
            f"{notebook} cannot be read as a Python notebook. Open it in JupyterLab and save it."
        ) from None
    return dict(found for line in lines for found in _assigned(line))


def _assigned(line: ast.stmt) -> Iterator[tuple[str, str]]:
    if isinstance(line, ast.AnnAssign):
        yield ast.unparse(line.target), ast.unparse(line.annotation)
    elif isinstance(line, ast.Assign):
        yield from ((ast.unparse(target), "") for target in line.targets)


def _checked(notebook: Path, signature: Mapping[str, str], name: str, value: Any) -> Any:
    if name not in signature:
        close = difflib.get_close_matches(name, signature, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise InputError(
            f"{notebook.name} has no parameter {name!r}.{hint} It has: {', '.join(signature)}."
        )
    if _SECRET_NAME.search(name) or (isinstance(value, str) and _SECRET_VALUE.search(value)):
        raise InputError(
            f"{name!r} looks like a secret, and parameters are written into the executed notebook. "
            "Secrets belong into the environment or .env."
        )
    return _fitted(name, value, signature[name])


def _fitted(name: str, value: Any, type_name: str) -> Any:
    allowed = _TYPES.get(type_name)
    if allowed is None:
        return value
    fits = isinstance(value, allowed) and (bool in allowed or not isinstance(value, bool))
    if not fits:
        found = _IN_WORDS.get(type(value).__name__, "that")
        raise InputError(f"{name} should be {_IN_WORDS[type_name]}, not {found}.")
    return value


def _read(text: str, type_name: str | None) -> Any:
    """Read text as the command line gives it: 5 is a number, true is true, other text stays."""
    if type_name == "str" or type_name not in _TYPES:
        return text
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text


_IN_WORDS: Final = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "NoneType": "nothing",
    "list": "a list",
    "dict": "names and values",
    "date": "a date (quote it)",
}


def _run_folder(notebook: Path, runs: Path, clock: Clock) -> Path:
    stamp = clock.now().strftime("%Y%m%dT%H%M%SZ")
    private_folder(runs)
    return private_folder(runs / f"{stamp}-{notebook.stem}-{secrets.token_hex(2)}")


def _result(node: NotebookNode) -> dict[str, Any]:
    """Return everything the notebook's cells handed over as results, later ones on top."""
    result: dict[str, Any] = {}
    for cell in node.cells:
        for output in cell.get("outputs", ()):
            result.update(output.get("data", {}).get(MIME_TYPE, {}))
    return result


def _as_ours(error: PapermillExecutionError, executed: Path) -> RoktError:
    """Return the error of our tree that the kernel ended with; foreign ones by type only."""
    where = f"The notebook as far as it came: {executed}"
    kind = getattr(errors, str(error.ename), None)
    if isinstance(kind, type) and issubclass(kind, errors.GuardError):
        return kind(f"{error.evalue} {where}", guard="")
    if isinstance(kind, type) and issubclass(kind, RoktError):
        return kind(f"{error.evalue} {where}")
    if error.ename == "KeyboardInterrupt":
        return errors.Cancelled(f"Stopped from the keyboard. {where}")
    return RoktError(f"A cell failed with {error.ename}: {scrub(str(error.evalue))} {where}")
