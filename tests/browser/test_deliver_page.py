"""A person in front of `20_deliver_audience` in a real JupyterLab."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Lab

MOST_GUARDS = 5
LONGEST_WAY = 20  # presses of Tab, from the first field to the last button


def test_the_plan_is_shown_before_it_can_be_sent(lab: Lab) -> None:
    """Send is shut until the plan stands on the screen; the receipt appears by itself."""
    page = lab.open("20_deliver_audience")
    status = page.locator(".rokt-status:visible")
    expect(status).to_contain_text("Choose what goes where", timeout=60_000)
    expect(page.locator(".rokt-place.sandbox:visible")).to_be_visible()
    send = page.locator(".rokt-send:visible")
    expect(send).to_be_disabled()
    name = page.get_by_label("To list", exact=True)
    name.fill("Browser_List")
    name.press("Tab")
    page.locator(".rokt-plan:visible").click()
    plan = page.locator(".rokt-plan-view:visible")
    expect(plan).to_contain_text("SHA-256 digests to list 'Browser_List'", timeout=30_000)
    plan.locator("summary").click()
    lab.look("20_deliver_planned", narrow=True)
    send.click()
    expect(status).to_contain_text("every batch was confirmed", timeout=30_000)
    expect(page.locator(".rokt-live table").first).to_contain_text("confirmed")
    lab.look("20_deliver_done")
    assert lab.asked_elsewhere == []


def test_another_choice_takes_the_plan_away(lab: Lab) -> None:
    """What was shown no longer counts once the action is another."""
    page = lab.open("20_deliver_audience")
    page.locator(".rokt-plan:visible").click(timeout=60_000)
    send = page.locator(".rokt-send:visible")
    expect(send).to_be_enabled(timeout=30_000)
    page.get_by_label("Action", exact=True).select_option("take off the list")
    expect(send).to_be_disabled()
    expect(page.locator(".rokt-plan-view:visible li")).to_have_count(0)


def test_a_bad_file_is_a_sentence_and_a_guard_is_ticked(lab: Lab) -> None:
    """A list of MD5 values is refused; one name like another's stops, and is passed by a tick."""
    page = lab.open("20_deliver_audience")
    status = page.locator(".rokt-status:visible")
    expect(status).to_contain_text("Choose what goes where", timeout=60_000)
    lab.drop("md5.csv", b"cb8419c1d471d55fbca0d63d1fb2b6ac\n" * 3)
    plan = page.locator(".rokt-plan:visible")
    plan.click()
    expect(status).to_contain_text("MD5", timeout=30_000)
    expect(status).to_contain_text("Stopped")
    lab.look("20_deliver_refused")
    lab.pick("sample_customers.csv")
    name = page.get_by_label("To list", exact=True)
    name.fill("Guarded_List")
    name.press("Tab")
    plan.click()
    send = page.locator(".rokt-send:visible")
    send.click(timeout=30_000)
    expect(status).to_contain_text("every batch was confirmed", timeout=30_000)
    page.get_by_label("Action", exact=True).select_option("take off the list")
    plan.click()
    guard = page.locator(".rokt-guard:visible input:not(:checked)")
    expect(guard).to_have_count(1, timeout=30_000)
    expect(send).to_be_disabled()
    lab.look("20_deliver_guarded")
    for _ in range(MOST_GUARDS):  # everybody is taken off, too
        guard.click()
        expect(status).to_contain_text("Show the plan again")
        plan.click()
        expect(status).to_contain_text(re.compile("If that is what|This is the plan"))
        if guard.count() == 0:
            break
    expect(send).to_be_enabled()


def test_keys_stay_in_the_panel_and_go_through_its_steps(lab: Lab) -> None:
    """Tab goes from choosing to checking to sending; no key on a part of it makes a cell."""
    page = lab.open("20_deliver_audience")
    status = page.locator(".rokt-status:visible")
    expect(status).to_contain_text("Choose what goes where", timeout=60_000)
    expect(page.locator(".jp-OutputPrompt").first).to_have_text(re.compile(r"\[\d+\]"))
    cells = page.locator(".jp-Cell").count()
    plan, send = page.locator(".rokt-plan:visible"), page.locator(".rokt-send:visible")
    plan.press("Enter")
    expect(send).to_be_enabled(timeout=30_000)
    page.get_by_role("radiogroup", name="Where the list comes from").locator(":checked").focus()
    passed: list[str] = []
    while "[Send]" not in passed and len(passed) < LONGEST_WAY:
        page.keyboard.press("Tab")
        passed.append(focused(page))
        if passed[-1].startswith("["):
            page.keyboard.press("b")  # with the notebook listening this were a new cell
    wanted = ["Source", "To list", "Action", "[Show the plan]", "[Send]"]
    assert [name for name in passed if name in wanted] == wanted, passed
    page.get_by_label("To list", exact=True).fill("Once more")
    expect(send).to_be_disabled()  # whatever a key might have done has been done by now
    assert page.locator(".jp-Cell").count() == cells


def focused(page: Page) -> str:
    """Return the name of what has the focus, as it stands on the screen; [a button] in brackets."""
    return str(
        page.evaluate(
            """() => {
                const one = document.activeElement;
                const name = (one.labels?.[0] ?? one).textContent.trim();
                return one.tagName === 'BUTTON' ? `[${name}]` : name;
            }"""
        )
    )
