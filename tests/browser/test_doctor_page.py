"""A person in front of `15_hash_doctor` in a real JupyterLab."""

from __future__ import annotations

from hashlib import sha256

from playwright.sync_api import expect

from tests.browser.conftest import Lab

KNOWN = ("ada@example.com", "bob@example.com", "cy@example.com")


def test_a_mistake_is_found_and_the_customers_are_forgotten(lab: Lab) -> None:
    """A list of addresses is sent elsewhere; a carriage return in digests is named and mended."""
    page = lab.open("15_hash_doctor")
    status = page.locator(".rokt-status:visible")
    expect(status).to_contain_text("Press Examine", timeout=60_000)
    lab.look("15_hash_doctor_asked", narrow=True)
    examine = page.locator(".rokt-examine:visible")
    lab.drop("people.csv", b"email\nada@example.com\nbob@example.com\n")
    examine.click()
    expect(status).to_contain_text("goes to prepare", timeout=30_000)
    digests = "\n".join(sha256(f"{one}\r".encode()).hexdigest() for one in KNOWN)
    lab.drop("hashed.csv", f"digest\n{digests}\n".encode())
    customers = page.get_by_label("Customers", exact=True)
    customers.fill("\n".join(KNOWN))
    examine.click()
    expect(status).to_contain_text("a carriage return at its end", timeout=60_000)
    expect(customers).to_have_value("")
    expect(page.locator(".rokt-live").last).to_contain_text("hashed as")
    assert "ada@" not in page.content()
    lab.look("15_hash_doctor_found")
    assert lab.asked_elsewhere == []
