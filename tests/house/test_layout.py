from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.house.project import PACKAGE, ROOT, modules, parse, text_files

FOLDERS = {
    ".ci", ".jupyter", "benchmarks", "docs", "inbox", "notebooks", "params", "rokt_helpers",
    "tests",
}  # fmt: skip
FILES = {
    ".dockerignore", ".env.example", ".gitattributes", ".gitignore", ".pre-commit-config.yaml",
    "CHANGELOG.md", "CONTRIBUTING.md", "Containerfile", "LICENSE", "README.md", "SECURITY.md",
    "constraints.txt", "environment.yml", "mkdocs.yml", "pyproject.toml", "run.py",
}  # fmt: skip
NEEDED = {
    "LICENSE", "README.md", "constraints.txt", "environment.yml", "inbox", "notebooks", "params",
    "pyproject.toml", "rokt_helpers", "run.py", "tests",
}  # fmt: skip
VAGUE = {"common", "helper", "helpers", "manager", "misc", "util", "utils"}
MODULES = modules(PACKAGE, ROOT / "tests")


def top_level() -> set[str]:
    kept = {path.relative_to(ROOT).parts[0] for path in text_files()}
    return kept | ({"inbox"} if (ROOT / "inbox" / ".gitkeep").exists() else set())


def functions(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_the_top_level_holds_only_what_is_known() -> None:
    """A visitor finds nothing at the top level that has no place there."""
    assert top_level() - FOLDERS - FILES == set()


def test_the_top_level_holds_what_is_promised() -> None:
    """The folders and files the README speaks of are there."""
    assert NEEDED - top_level() == set()


def test_the_readme_names_every_folder() -> None:
    """Every folder a visitor sees at the top level is explained in the README."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    seen = {name for name in top_level() & FOLDERS if not name.startswith(".")}
    assert {name for name in seen if f"{name}/" not in readme} == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_small(path: Path) -> None:
    """No module is above 400 lines and no function above 60."""
    lines = path.read_text(encoding="utf-8").count("\n")
    tall = {
        f.name: length
        for f in functions(parse(path))
        if (length := (f.end_lineno or 0) - f.lineno + 1) > 60
    }
    assert (max(lines, 400), tall) == (400, {})


def test_a_module_says_what_it_does() -> None:
    """Every module of the package begins with its duty, and none has a name that says nothing."""
    silent = [path.name for path in modules(PACKAGE) if ast.get_docstring(parse(path)) is None]
    vague = [path.name for path in MODULES if VAGUE & {*path.stem.split("_")}]
    assert (silent, vague) == ([], [])


def test_every_test_says_what_is_true() -> None:
    """Every test has a docstring that begins with a sentence."""
    found = [
        (path, f)
        for path in modules(ROOT / "tests")
        for f in functions(parse(path))
        if f.name.startswith("test_")
    ]
    assert len(found) > 40
    silent = [
        f"{path.relative_to(ROOT)}::{f.name}"
        for path, f in found
        if not (ast.get_docstring(f) or "").partition("\n\n")[0].endswith((".", "?"))
    ]
    assert silent == []


def test_no_test_is_skipped() -> None:
    """A test that cannot run on this computer fails with what to install."""
    ways_out = {"pytest.skip", "pytest.mark.skip", "pytest.mark.skipif", "pytest.importorskip"}
    used = {
        str(path.relative_to(ROOT)): sorted(used & ways_out)
        for path in modules(ROOT / "tests")
        if (used := {ast.unparse(n) for n in ast.walk(parse(path)) if isinstance(n, ast.Attribute)})
        & ways_out
    }
    assert used == {}
