"""The documentation as a site: it builds without a warning, asks no other host, and is whole."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from playwright.sync_api import sync_playwright

from rokt_helpers import __all__ as public_words
from rokt_helpers.cli.app import VERBS
from tests.browser.conftest import CHROMIUM_SWITCHES
from tests.house.project import ROOT
from tests.real_parts.browser import find_chromium

SOURCES = sorted((ROOT / "docs").rglob("*.md"))


class Page(HTMLParser):
    """What one page of the site points to, and what may be pointed to on it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.links: list[str] = []
        self.loads: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect links, what is loaded without asking, and anchors."""
        found = {name: value for name, value in attrs if value}
        if "id" in found:
            self.anchors.add(found["id"])
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        elif "href" in found and found.get("rel") != "canonical":
            self.loads.append(found["href"])
        self.loads += [found[name] for name in ("src", "srcset", "data") if name in found]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site as `python run.py docs` does, into a folder of its own."""
    folder = tmp_path_factory.mktemp("site") / "site"
    words = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.findall(r"^WARNING.*", done.stderr, re.MULTILINE) == []
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    """Read every page of the site."""
    return {path: Page(path) for path in site.rglob("*.html") if path.name != "404.html"}


def targets(page: Page) -> Iterator[tuple[str, Path, str]]:
    """Every link of a page that stays on the site: as written, the file, the anchor."""
    for link in page.links:
        parts = urlsplit(link)
        if not parts.scheme and not parts.netloc:
            file = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path
            yield link, file, unquote(parts.fragment)


def test_every_source_is_a_page_of_the_menu(site: Path) -> None:
    """No page of docs/ is left out, and the home page's menu reaches each of them."""
    expected = {
        (path.relative_to(ROOT / "docs").with_suffix("").as_posix() + ".html").replace(
            "README", "index"
        )
        for path in SOURCES
    }
    menu = {link.partition("#")[0] for link in Page(site / "index.html").links}
    assert expected - menu - {"index.html"} == set()
    assert "commands.html" in menu


def test_no_page_loads_anything_from_elsewhere(pages: dict[Path, Page], site: Path) -> None:
    """Scripts, styles, fonts and pictures are the site's own: it asks no other host."""
    assert len(pages) > 20
    away = {load for page in pages.values() for load in page.loads if re.match(r"(\w+:)?//", load)}
    assert away == set()
    styles = [path.read_text(encoding="utf-8") for path in site.rglob("*.css")]
    fetched = [url for text in styles for url in re.findall(r"url\(['\"]?(\w+:)?//", text)]
    assert (len(styles) > 0, fetched) == (True, [])


def test_every_link_on_the_site_leads_somewhere(pages: dict[Path, Page]) -> None:
    """Each link between pages ends at a page, and each anchor is on it."""
    broken = [
        f"{page.path.name}: {link}"
        for page in pages.values()
        for link, file, anchor in targets(page)
        if not file.exists() or (anchor and file in pages and anchor not in pages[file].anchors)
    ]
    assert broken == []


def test_the_command_reference_has_every_verb(site: Path) -> None:
    """Each verb has its heading, made from the command line itself."""
    anchors = Page(site / "commands.html").anchors
    assert {f"rokt-{verb}" for verb in VERBS} <= anchors
    assert "rokt-referrals-fetch" in anchors


def test_the_python_reference_has_every_public_word(site: Path) -> None:
    """What the package exports is documented from its docstring."""
    names = {anchor.rpartition(".")[2] for anchor in Page(site / "reference.html").anchors}
    assert {*public_words} - names == set()


def test_a_browser_asks_no_other_host_and_the_search_answers(site: Path) -> None:
    """Served from a folder, every file comes from there, and a guard is found by its name."""
    # In a thread of its own: another test of this process may have a browser open.
    with ThreadPoolExecutor(1) as aside:
        address, asked = aside.submit(_search_in_a_browser, site).result(timeout=120)
    assert len(asked) > 5
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []


def _search_in_a_browser(site: Path) -> tuple[str, list[str]]:
    """Look a guard up; return the address of the site, and everything that was asked for."""
    serve = partial(SimpleHTTPRequestHandler, directory=str(site))
    asked: list[str] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), serve) as server, sync_playwright() as playwright:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=CHROMIUM_SWITCHES
        )
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{address}/troubleshooting.html")
        search = page.get_by_role("textbox", name="Search")
        search.click()
        # What is typed while the index is still being read is not looked up.
        page.get_by_text("Type to start searching").wait_for()
        search.press_sequentially("look_alike")
        page.locator(".md-search-result__link", has_text="Guards").first.wait_for()
        browser.close()
        server.shutdown()
    return address, asked


def test_the_menu_names_pages_that_exist() -> None:
    """Each line of the menu is a page of docs/, but the one that is made."""
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    named = set(re.findall(r"- ([\w/-]+\.md)$", text, flags=re.MULTILINE))
    there = {path.relative_to(ROOT / "docs").as_posix() for path in SOURCES}
    assert named - there == {"commands.md"}
    assert yaml.safe_load(text)["theme"]["font"] is False
