"""One JupyterLab and one Chromium for all browser tests; each test gets a fresh page."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest
import requests
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from rokt_helpers.sandbox import write_customers
from tests.browser.looking import OURS, SETTLED_MS, barriers, dark, sticks_out
from tests.real_parts.browser import find_chromium

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
WIDE = ViewportSize(width=1280, height=1600)
NARROW = ViewportSize(width=900, height=1600)
# Without these Chromium looks for its maker's hosts at every start.
CHROMIUM_SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-features=AutofillServerCommunication",
    "--disable-dev-shm-usage",
]


@dataclass
class Server:
    """A running JupyterLab: its address, the project and the state folder it works in.

    ``sandbox`` is the address of the one that runs beside it and outlives every kernel.
    """

    address: str
    folder: Path
    home: Path
    sandbox: str


@dataclass(kw_only=True)
class Lab(Server):
    """The page that looks at it."""

    page: Page
    asked_elsewhere: list[str] = field(default_factory=list)
    asked_by_server: list[str] = field(default_factory=list)

    def open(self, notebook: str) -> Page:
        """Open a fresh copy of a notebook and run all of its cells."""
        path = f"notebooks/{notebook}.ipynb"
        self.page.goto(f"{self.address}/lab/tree/{path}?token=test&reset")
        self._wait_until_idle(path)
        return self.run()

    def load_anew(self, notebook: str) -> Page:
        """Load the page once more, as a person does who comes back; no cell is run by that."""
        self.page.reload()
        self._wait_until_idle(f"notebooks/{notebook}.ipynb")
        return self.page

    def run(self) -> Page:
        """Run all cells of the notebook that is open."""
        self.page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")
        return self.page

    def save(self) -> None:
        """Save the notebook with the state of its widgets, so that a reload finds them."""
        run = "name => window.jupyterapp.commands.execute(name)"
        self.page.evaluate(run, "@jupyter-widgets/jupyterlab-manager:saveWidgetState")
        self.page.evaluate(run, "docmanager:save")

    @contextmanager
    def settings(self, **values: object) -> Iterator[None]:
        """Let the kernels that start meanwhile find these settings in the project's `.env`."""
        file = self.folder / ".env"
        lines = [f"ROKT_{name.upper()}={value}\n" for name, value in values.items()]
        file.write_text("".join(lines), encoding="utf-8")
        try:
            yield
        finally:
            file.unlink()

    def restart_kernel(self) -> None:
        """End the kernel in the middle of what it does, and start another in its place."""
        mine = {"token": "test"}
        sessions = requests.get(f"{self.address}/api/sessions", params=mine, timeout=30).json()
        (session,) = sessions
        kernel = f"{self.address}/api/kernels/{session['kernel']['id']}/restart"
        requests.post(kernel, params=mine, timeout=60).raise_for_status()

    def _wait_until_idle(self, path: str) -> None:
        self.page.wait_for_function(
            """path => {
                const widget = window.jupyterapp?.shell?.currentWidget;
                const session = widget?.context?.sessionContext?.session;
                return widget?.context?.path === path && session?.kernel?.status === 'idle';
            }""",
            arg=path,
            timeout=START_SECONDS * 1000,
        )

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

    def look(self, name: str, *, narrow: bool = False, where: str = "") -> None:
        """Hold what is on the page against WCAG, light and dark, and keep pictures of it.

        ``narrow`` looks at a window of 900 pixels, too: nothing may be cut off there. ``where``
        selects what is looked at, where that is not what our panels draw.
        """
        ours = (where,) if where else OURS
        self.picture(name)
        assert barriers(self.page, *ours) == [], name
        with dark(self.page):
            self.picture(f"{name}_dark")
            assert barriers(self.page, *ours) == [], f"{name}, dark"
        if narrow:
            self.page.set_viewport_size(NARROW)
            self.page.wait_for_timeout(SETTLED_MS)
            self.picture(f"{name}_narrow")
            cut_off = sticks_out(self.page)
            self.page.set_viewport_size(WIDE)
            assert cut_off == [], name


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Recorder(ThreadingHTTPServer):
    """Stands where the way out of this computer would be, notes who was asked for, and says no."""

    daemon_threads = True

    def __init__(self) -> None:
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), _Noting)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class _Noting(BaseHTTPRequestHandler):
    def _note(self) -> None:
        self.server.asked.append(f"{self.command} {self.path}")  # type: ignore[attr-defined]
        self.send_error(502, "Nobody is asked in a test")

    do_CONNECT = do_GET = do_HEAD = do_POST = do_PUT = _note  # noqa: N815  the library's names

    def log_message(self, *_: object) -> None:
        """Say nothing on standard error."""


@pytest.fixture(scope="session")
def recorder() -> Iterator[Recorder]:
    """What JupyterLab and its kernels are told is the only way to other machines."""
    with Recorder() as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def no_way_out(recorder: Recorder) -> dict[str, str]:
    """Return the variables that lead whoever asks another machine to the recorder."""
    ways = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    here = dict.fromkeys(("no_proxy", "NO_PROXY"), "127.0.0.1,localhost")
    indexes = dict.fromkeys(("PIP_INDEX_URL", "UV_INDEX_URL"), f"{recorder.url}/simple")
    return {**dict.fromkeys(ways, recorder.url), **here, **indexes}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, recorder: Recorder) -> Iterator[Server]:
    """`rokt lab` in a copy of the project's pages, with a state folder and settings of its own."""
    project = tmp_path_factory.mktemp("project")
    for name in ("notebooks", ".jupyter", "params"):
        shutil.copytree(ROOT / name, project / name)
    (project / "inbox").mkdir()
    write_customers(project / "inbox" / "sample_customers.csv", rows=2000)
    own = tmp_path_factory.mktemp("jupyter")
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if "ROKT_" not in name}
    environment |= no_way_out(recorder)
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
            yield Server(address, project, own / "home", _sandbox_in(own / "log"))
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


def _sandbox_in(log: Path) -> str:
    """Read where the sandbox listens, as it says at the start."""
    said = re.search(r"look inside at (http://\S+)", log.read_text(encoding="utf-8"))
    assert said, "`rokt lab` started no sandbox"
    return said[1]


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
def lab(server: Server, chromium: Browser, recorder: Recorder) -> Iterator[Lab]:
    """A fresh page; any request to another machine is stopped and remembered."""
    context = chromium.new_context(viewport=WIDE)
    page = context.new_page()
    looking = Lab(**asdict(server), page=page, asked_by_server=recorder.asked)
    # A page that was not saved asks whether it may go.
    page.on("dialog", lambda dialog: dialog.accept())

    def only_here(route: object) -> None:
        looking.asked_elsewhere.append(route.request.url)  # type: ignore[attr-defined]
        route.abort()  # type: ignore[attr-defined]

    page.route(lambda url: not url.startswith((server.address, "data:", "blob:")), only_here)
    yield looking
    context.close()
