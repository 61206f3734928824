"""Nothing leaves the computer by opening a page: not from the browser, not from the server."""

from __future__ import annotations

import requests
from playwright.sync_api import expect

from tests.browser.conftest import Lab, Recorder


def test_the_recorder_hears_who_asks_elsewhere(recorder: Recorder) -> None:
    """What the next test finds empty fills when another machine is asked for through it."""
    ways = {"http": recorder.url}
    answer = requests.get("http://elsewhere.invalid/x", proxies=ways, timeout=10)
    assert answer.status_code == 502
    assert recorder.asked.pop() == "GET http://elsewhere.invalid/x"


def test_no_page_asks_another_machine(lab: Lab) -> None:
    """Start, then each notebook in turn: no request of the browser or the server goes elsewhere."""
    found = (path.relative_to(lab.folder) for path in lab.folder.glob("notebooks/**/*.ipynb"))
    # What JupyterLab keeps aside of a saved page is no page.
    pages = sorted(path for path in found if ".ipynb_checkpoints" not in path.parts)
    assert len(pages) > 15
    page = lab.page
    page.goto(f"{lab.address}/?token=test&reset")
    expect(page.locator(".rokt-where")).to_be_visible(timeout=90_000)
    for path in pages:
        page.evaluate(
            """async path => {
                const app = window.jupyterapp;
                const widget = await app.commands.execute('docmanager:open', {path});
                await widget.context.ready;
                await app.commands.execute('application:close');
            }""",
            path.as_posix(),
        )
    page.evaluate("void window.jupyterapp.commands.execute('extensionmanager:toggle')")
    page.wait_for_timeout(1000)
    assert lab.asked_elsewhere == []
    assert lab.asked_by_server == []


def test_nobody_is_asked_for_news_or_builds(lab: Lab) -> None:
    """JupyterLab starts without a question, and its server neither looks for news nor versions."""
    lab.page.goto(f"{lab.address}/?token=test&reset")
    expect(lab.page.locator(".rokt-where")).to_be_visible(timeout=90_000)
    expect(lab.page.get_by_role("dialog")).to_have_count(0)
    token = {"token": "test"}
    for asked in ("update", "news"):
        requests.get(f"{lab.address}/lab/api/{asked}", params=token, timeout=30)
    assert lab.asked_by_server == []
    assert lab.asked_elsewhere == []
