"""What a page must be for everybody: asked of axe-core, and of the eyes of who made a change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

# JupyterLab's own frame is not ours to mend.
OURS = (".rokt-panel", ".rokt-live", ".rokt-start", "figure.picture")
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa")
SETTLED_MS = 250  # buttons fade to their colours
PATIENCE_MS = 30_000  # a page of many charts takes its time to change its colours
LIGHT = "data-jp-theme-light"


@contextmanager
def dark(page: Page) -> Iterator[None]:
    """Let the computer be set to dark; JupyterLab follows it while it is open."""
    is_lab = page.evaluate("'jupyterapp' in window")
    page.emulate_media(color_scheme="dark")
    if is_lab:
        expect(page.locator("body")).to_have_attribute(LIGHT, "false", timeout=PATIENCE_MS)
    page.wait_for_timeout(SETTLED_MS)
    yield
    page.emulate_media(color_scheme="light")
    if is_lab:
        expect(page.locator("body")).to_have_attribute(LIGHT, "true", timeout=PATIENCE_MS)


def barriers(page: Page, *where: str) -> list[str]:
    """Return what WCAG 2.1 AA forbids and axe-core finds, each with its element; none is right.

    Parameters
    ----------
    where
        Selectors of what is looked at.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(
        """async ([where, rules]) => {
            const include = where.filter(one => document.querySelector(one)).map(one => [one]);
            if (!include.length) return ['nothing of ours is on this page'];
            const options = {
                runOnly: {type: 'tag', values: rules}, resultTypes: ['violations'],
            };
            const {violations} = await axe.run({include}, options);
            return violations.flatMap(({id, nodes}) => nodes.map(
                node => `${id}: ${node.html.slice(0, 300)}\\n  ${node.failureSummary}`));
        }""",
        [list(where), list(RULES)],
    )
    return [str(one) for one in found]


def sticks_out(page: Page) -> list[str]:
    """Return the parts of our panels that are wider than the panel: they would be cut off."""
    found = page.evaluate(
        """() => [...document.querySelectorAll('.rokt-panel, .rokt-start')].flatMap(panel => {
            const right = panel.getBoundingClientRect().right + 1;
            return [...panel.querySelectorAll('*')].filter(part => {
                const box = part.getBoundingClientRect();
                const scrolls = part.closest('pre, .rokt-grid-frame, .rokt-unseen, svg');
                return box.width && box.right > right && !scrolls;
            }).map(part => part.outerHTML.slice(0, 200));
        })"""
    )
    return [str(one) for one in found]
