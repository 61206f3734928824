from __future__ import annotations

import inspect
import json

import pytest

import rokt_helpers
from tests.house.project import run_tool

# The public words: other programs are written against them.
WORDS = {
    "DeliveryPlan", "PreparedAudience", "Receipt", "Sandbox", "Workbench", "hash_email",
    "normalise_email", "open_workbench", "prepare_audience",
}  # fmt: skip
HEAVY = {"IPython", "altair", "ipywidgets", "pandas", "papermill", "paramiko", "polars", "requests"}


def test_the_public_words_are_exported() -> None:
    """Every word of the design can be imported from the package."""
    assert WORDS - {*rokt_helpers.__all__} == set()


def test_the_exports_are_sorted() -> None:
    """The list of exports is sorted and names nothing twice."""
    assert list(rokt_helpers.__all__) == sorted({*rokt_helpers.__all__})


def test_every_export_is_there_and_says_what_it_does() -> None:
    """Each export is found, is listed by dir(), and has a docstring of its own."""
    found = {name: getattr(rokt_helpers, name) for name in rokt_helpers.__all__}
    assert {*found} <= {*dir(rokt_helpers)}
    spoken = {n: w for n, w in found.items() if inspect.isclass(w) or inspect.isroutine(w)}
    assert {*spoken} >= WORDS
    assert [name for name, word in spoken.items() if not word.__doc__] == []


def test_an_unknown_word_is_an_ordinary_attribute_error() -> None:
    """A word that is not exported fails the way Python people expect."""
    with pytest.raises(AttributeError, match="no_such_word"):
        _ = rokt_helpers.no_such_word


def test_importing_the_package_loads_nothing_heavy() -> None:
    """The package answers at once: what a word needs is loaded when the word is used."""
    code, said = run_tool(
        "-c", "import json, sys, rokt_helpers; print(json.dumps(sorted(sys.modules)))"
    )
    assert code == 0, said
    assert HEAVY & {*json.loads(said)} == set()


@pytest.mark.parametrize("word", sorted(WORDS))
def test_what_a_word_offers_says_what_it_does(word: str) -> None:
    """Everything public on an exported class or function has a docstring."""
    found = getattr(rokt_helpers, word)
    offers = {word: found, **(vars(found) if inspect.isclass(found) else {})}
    silent = [
        name
        for name, value in offers.items()
        if not name.startswith("_")
        and (inspect.isroutine(value) or inspect.isclass(value) or isinstance(value, property))
        and not inspect.getdoc(value)
    ]
    assert silent == []
