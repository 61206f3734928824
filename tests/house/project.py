"""Where things lie in this repository, and how its sources are read: shared by the house tests."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

__all__ = ["PACKAGE", "ROOT", "modules", "names_used", "parse", "run_tool", "text_files"]

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "rokt_helpers"

# What the tools and the person leave in the folder; the same things .gitignore names.
NOT_OURS = {
    ".git", ".hypothesis", ".import_linter_cache", ".ipynb_checkpoints", ".mypy_cache",
    ".pytest_cache", ".rokt", ".ruff_cache", ".venv", ".venv-tools", "__pycache__", "build",
    "dist", "inbox", "runs", "screenshots", "site",
}  # fmt: skip
BINARY = {".gif", ".ico", ".jpeg", ".jpg", ".parquet", ".png", ".webp", ".xlsx", ".zip"}


def text_files() -> list[Path]:
    """Every text file that would be committed."""
    return sorted(
        path
        for path in ROOT.rglob("*")
        if path.is_file()
        and path.name not in {".env", ".DS_Store"}
        and path.suffix not in BINARY | {".pyc"}
        and NOT_OURS.isdisjoint(path.relative_to(ROOT).parts)
    )


def modules(*folders: Path) -> list[Path]:
    """Every Python module in these folders."""
    return [path for path in text_files() if path.suffix == ".py" and {*folders} & {*path.parents}]


def parse(path: Path) -> ast.Module:
    """Read one module."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def names_used(tree: ast.AST) -> set[str]:
    """Every dotted name that is read or imported, such as ``os.environ``."""
    found = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def run_tool(*words: str) -> tuple[int, str]:
    """Run one tool of this environment in the project's folder; give its code and its output."""
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr
