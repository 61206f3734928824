"""The pages without cells, as `rokt lab --view` shows them to who has the token."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import requests
from playwright.sync_api import Browser, expect

from rokt_helpers.sandbox import write_customers
from tests.browser.conftest import ROOT, START_SECONDS, Recorder, free_port, no_way_out

ADDRESS = re.compile(r"(http://127\.0\.0\.1:\d+)/\?token=(\w+)")


@dataclass(frozen=True)
class View:
    """A running view: its address, the token it made for itself, and its project."""

    address: str
    token: str
    folder: Path


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory, recorder: Recorder) -> Iterator[View]:
    """`rokt lab --view` as a person starts it: no token and no address given."""
    project = tmp_path_factory.mktemp("viewed")
    shutil.copytree(ROOT / "notebooks", project / "notebooks")
    (project / "inbox").mkdir()
    write_customers(project / "inbox" / "sample_customers.csv", rows=300)
    own = tmp_path_factory.mktemp("jupyter")
    environment = {name: value for name, value in os.environ.items() if "ROKT_" not in name}
    environment |= no_way_out(recorder) | {
        "ROKT_HOME": str(own / "home"),
        "JUPYTER_CONFIG_DIR": str(own / "config"),
        "JUPYTER_DATA_DIR": str(own / "data"),
        "JUPYTER_RUNTIME_DIR": str(own / "runtime"),
        "IPYTHONDIR": str(own / "ipython"),
    }
    words = ["-c", "from rokt_helpers.cli import main; main()", "lab", "--view", "--no-browser"]
    with (own / "log").open("w") as log:
        command = [sys.executable, *words, f"--port={free_port()}"]
        running = subprocess.Popen(command, cwd=project, env=environment, stdout=log, stderr=log)
        try:
            yield View(*said(own / "log"), project)
        finally:
            inside = psutil.Process(running.pid).children(recursive=True)
            running.terminate()
            running.wait(timeout=30)
            _, left = psutil.wait_procs(inside, timeout=30)
            assert not left, "ending `rokt lab --view` left Voila or a kernel running"


def said(log: Path) -> tuple[str, str]:
    """Return the address and the token that the view tells whoever started it."""
    for _ in range(START_SECONDS * 10):
        if found := ADDRESS.search(log.read_text()):
            return found[1], found[2]
        time.sleep(0.1)
    pytest.fail(f"Voila did not start:\n{log.read_text()[-2000:]}")


def test_without_the_token_nothing_is_shown(view: View) -> None:
    """Whoever has none is asked for it, whatever the page; and no file is served to anyone."""
    for path in ("/", "/voila/render/10_prepare_audience.ipynb", "/voila/tree"):
        answer = requests.get(f"{view.address}{path}", timeout=30)
        assert "/login" in answer.url
        assert "Prepare an audience" not in answer.text
    assert len(view.token) >= 32
    for token in ("", view.token):
        files = requests.get(
            f"{view.address}/voila/files/10_prepare_audience.ipynb",
            params={"token": token},
            timeout=30,
        )
        assert files.status_code == 403
    kernels = requests.post(f"{view.address}/api/kernels", timeout=30)
    assert kernels.status_code in {403, 404, 405}


def test_with_it_a_list_is_prepared_without_a_cell_in_sight(
    view: View, chromium: Browser, recorder: Recorder
) -> None:
    """From the start page to Done: the same form, no code, and nobody else is asked."""
    # This computer is reached past a proxy, whatever else the page wants goes through it.
    context = chromium.new_context(
        viewport={"width": 1280, "height": 1400},
        proxy={"server": recorder.url, "bypass": "127.0.0.1"},
    )
    page = context.new_page()
    try:
        page.goto(f"{view.address}/?token={view.token}", wait_until="commit")
        expect(page.locator(".rokt-where")).to_contain_text("Sandbox", timeout=90_000)
        page.screenshot(path=ROOT / "screenshots" / "view_start.png")
        with context.expect_page() as other:
            card = page.get_by_role("region", name="Pages").get_by_role("link")
            card.filter(has_text="Prepare an audience").click()
        form = other.value
        form.locator(".rokt-check:visible").click(timeout=90_000)
        prepare = form.locator(".rokt-prepare:visible")
        expect(prepare).to_be_enabled(timeout=60_000)
        prepare.click()
        expect(form.locator(".rokt-status:visible")).to_contain_text("Done", timeout=60_000)
        expect(form.get_by_text("PrepareJob(")).to_have_count(0)
        form.screenshot(path=ROOT / "screenshots" / "view_prepare.png")
    finally:
        context.close()
    assert recorder.asked == []
