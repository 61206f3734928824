"""One JupyterLab and one Chromium for all browser tests; each test gets a fresh page."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest
import requests
from playwright.sync_api import Browser, Page, expect, sync_playwright

from rokt_helpers.sandbox import write_customers
from tests.real_parts.browser import find_chromium

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
# Without these Chromium looks for its maker's hosts at every start.
CHROMIUM_SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


@dataclass
class Lab:
    """A running JupyterLab, and the page that looks at it."""

    address: str
    folder: Path
    home: Path
    page: Page
    asked_elsewhere: list[str] = field(default_factory=list)

    def open(self, notebook: str) -> Page:
        """Open a fresh copy of a notebook and run all of its cells."""
        path = f"notebooks/{notebook}.ipynb"
        self.page.goto(f"{self.address}/lab/tree/{path}?token=test&reset")
        self.page.wait_for_function(
            """path => {
                const widget = window.jupyterapp?.shell?.currentWidget;
                const session = widget?.context?.sessionContext?.session;
                return widget?.context?.path === path && session?.kernel?.status === 'idle';
            }""",
            arg=path,
            timeout=START_SECONDS * 1000,
        )
        self.page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")
        return self.page

    def drop(self, name: str, content: bytes) -> None:
        """Choose a file the way a person does who has it on their own disk."""
        self.page.get_by_label("Drop a file", exact=True).check()
        zone = self.page.locator(".rokt-drop:visible input[type=file]")
        zone.set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
        chosen = self.page.get_by_label("Source", exact=True).locator("option:checked")
        expect(chosen).to_contain_text(name, timeout=30_000)

    def pick(self, name: str, field: str = "Source") -> None:
        """Pick a list by the name of its file; its size and moment stand behind it."""
        offered = self.page.get_by_label(field, exact=True)
        label = offered.locator("option").filter(has_text=name).first.text_content()
        offered.select_option(label=label)

    def picture(self, name: str) -> None:
        """Keep a screenshot in the ignored folder, for the eyes of whoever made the change."""
        folder = ROOT / "screenshots"
        folder.mkdir(exist_ok=True)
        self.page.screenshot(path=folder / f"{name}.png")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path, Path]]:
    """`rokt lab` in a copy of the project's pages, with a state folder and settings of its own."""
    project = tmp_path_factory.mktemp("project")
    for name in ("notebooks", ".jupyter", "params"):
        shutil.copytree(ROOT / name, project / name)
    (project / "inbox").mkdir()
    write_customers(project / "inbox" / "sample_customers.csv", rows=2000)
    own = tmp_path_factory.mktemp("jupyter")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if "ROKT_" not in name}
    environment |= {
        "ROKT_HOME": str(own / "home"),
        "JUPYTER_CONFIG_DIR": str(own / "config"),
        "JUPYTER_DATA_DIR": str(own / "data"),
        "JUPYTER_RUNTIME_DIR": str(own / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(own / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(own / "workspaces"),
        "IPYTHONDIR": str(own / "ipython"),
    }
    words = [
        "lab",
        "--no-browser",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        "--IdentityProvider.token=test",
        "--LabApp.expose_app_in_browser=True",
    ]
    with (own / "log").open("w") as log:
        command = [sys.executable, "-c", "from rokt_helpers.cli import main; main()", *words]
        lab = subprocess.Popen(command, cwd=project, env=environment, stdout=log, stderr=log)
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_until_it_answers(f"{address}/api?token=test", own / "log")
            yield address, project, own / "home"
        finally:
            inside = psutil.Process(lab.pid).children(recursive=True)
            lab.terminate()
            lab.wait(timeout=30)
            _, left = psutil.wait_procs(inside, timeout=30)
            assert not left, "ending `rokt lab` left JupyterLab or a kernel running"


def _wait_until_it_answers(address: str, log: Path) -> None:
    for _ in range(START_SECONDS * 10):
        try:
            urlopen(address).close()  # noqa: S310  our own address
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    executable = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_SWITCHES)
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def fresh_kernel(request: pytest.FixtureRequest) -> None:
    """End the kernels of earlier pages.

    A page that finds one loads the widgets left in it, and while it does so may lose what happens
    to new ones.
    """
    if "lab" not in request.fixturenames:
        return
    looking: Lab = request.getfixturevalue("lab")
    sessions, mine = f"{looking.address}/api/sessions", {"token": "test"}
    for session in requests.get(sessions, params=mine, timeout=30).json():
        requests.delete(f"{sessions}/{session['id']}", params=mine, timeout=30).raise_for_status()


@pytest.fixture
def lab(server: tuple[str, Path, Path], chromium: Browser) -> Iterator[Lab]:
    """A fresh page; any request to another machine is stopped and remembered."""
    address, project, home = server
    context = chromium.new_context(viewport={"width": 1280, "height": 1600})
    page = context.new_page()
    looking = Lab(address, project, home, page)

    def only_here(route: object) -> None:
        looking.asked_elsewhere.append(route.request.url)  # type: ignore[attr-defined]
        route.abort()  # type: ignore[attr-defined]

    page.route(lambda url: not url.startswith((address, "data:", "blob:")), only_here)
    yield looking
    context.close()
