"""Write numbers the way sentences need them."""

from __future__ import annotations

__all__ = ["count", "heads", "money"]


def money(amount: float, currency: str) -> str:
    """Return an amount with its currency, or without when none is known."""
    return f"{amount:,.2f} {currency}".strip()


def count(number: int, thing: str) -> str:
    """Return "1 day", "2 days"."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def heads(number: int, fewest: int) -> str:
    """Return "12 people"; how many a few are is not said."""
    if 0 < number < fewest:
        return f"fewer than {fewest} people"
    return f"{number:,} {'person' if number == 1 else 'people'}"
