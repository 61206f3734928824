"""What the site needs beyond the pages in this folder: the command reference, and a whole menu.

MkDocs calls these functions while it builds. Nothing is written into the folder of the sources.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from rokt_helpers.cli.app import app
from rokt_helpers.cli.manual import EXIT_CODES

COMMANDS = "commands.md"
# What stands in the project but not in the documentation.
OUTSIDE = re.compile(r"\[([^\]]+)\]\((?:\.\./)+(?!decisions/|how/)([^)]+)\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the command reference, and put pages that the menu does not name under "More"."""
    files.append(File.generated(config, COMMANDS, content=command_reference()))
    named = {*_pages(config.nav)}
    pages = [file.src_uri for file in files.documentation_pages()]
    decisions = [page for page in pages if page.startswith("decisions/") and page not in named]
    more = [page for page in pages if page not in {*named, *decisions}]
    if config.nav is not None:
        _add_decisions(config.nav, decisions)
        if more:
            config.nav.append({"More": more})
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Name what lies outside the documentation instead of linking to it."""
    del config, files
    if "../" not in markdown:
        return markdown
    here = Path(page.file.src_uri).parent
    return OUTSIDE.sub(
        lambda m: m[0] if (Path("docs") / here / m[2]).exists() else f"{m[1]}", markdown
    )


def command_reference() -> str:
    """Return the help of every verb as one page of Markdown."""
    lines = [
        "# The command line",
        "",
        "What `rokt VERB --help` says, verb by verb.",
        "",
        "| exit code | meaning |",
        "| --- | --- |",
        *(f"| {code} | {words} |" for code, words in EXIT_CODES.items()),
        "",
    ]
    context = click.Context(app, info_name="rokt")
    lines += _one("rokt", app, context)
    for name, command in _below(app, context):
        lines += _one(name, command, click.Context(command, info_name=name))
    return "\n".join(lines)


def _one(name: str, command: click.Command, context: click.Context) -> list[str]:
    context.terminal_width, context.help_option_names = 80, ["-h", "--help"]
    return [f"## {name}", "", "```text", command.get_help(context), "```", ""]


def _below(group: click.Group, context: click.Context) -> list[tuple[str, click.Command]]:
    """Return every verb below a group, by the words that call it."""
    found = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is not None:
            words = f"{context.info_name} {name}"
            found.append((words, command))
            if isinstance(command, click.Group):
                found += _below(command, click.Context(command, info_name=words))
    return found


def _pages(nav: Any) -> list[str]:
    if isinstance(nav, str):
        return [nav]
    values = nav.values() if isinstance(nav, dict) else nav or []
    return [page for value in values for page in _pages(value)]


def _add_decisions(nav: list[Any], decisions: list[str]) -> None:
    """Put each decision below the page that lists them."""
    for part in nav:
        for name, below in part.items() if isinstance(part, dict) else ():
            if name == "Decisions":
                below.extend(decisions)
            elif isinstance(below, list):
                _add_decisions(below, decisions)


__all__ = ["command_reference", "on_files", "on_page_markdown"]
