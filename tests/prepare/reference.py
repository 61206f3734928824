"""The rule for addresses once more, as plainly as it can be said: the twin of the kernel."""

from __future__ import annotations

import hashlib
import unicodedata

__all__ = ["SPECIALS", "canonical", "digest", "fault", "is_known"]

INVISIBLE = {
    unicodedata.lookup(name)
    for name in (
        "SOFT HYPHEN", "ARABIC LETTER MARK", "MONGOLIAN VOWEL SEPARATOR", "ZERO WIDTH SPACE",
        "ZERO WIDTH NON-JOINER", "ZERO WIDTH JOINER", "LEFT-TO-RIGHT MARK", "RIGHT-TO-LEFT MARK",
        "LEFT-TO-RIGHT EMBEDDING", "RIGHT-TO-LEFT EMBEDDING", "POP DIRECTIONAL FORMATTING",
        "LEFT-TO-RIGHT OVERRIDE", "RIGHT-TO-LEFT OVERRIDE", "WORD JOINER",
        "LEFT-TO-RIGHT ISOLATE", "RIGHT-TO-LEFT ISOLATE", "FIRST STRONG ISOLATE",
        "POP DIRECTIONAL ISOLATE", "ZERO WIDTH NO-BREAK SPACE",
    )
}  # fmt: skip
SPECIALS = '"(),:;<>[]\\'
DIGEST_LENGTHS = {32, 40, 56, 64, 96, 128}


def is_known(char: str) -> bool:
    """Whether this Python's Unicode tables know the character; the kernel's tables are newer."""
    return unicodedata.category(char) not in {"Cn", "Cs"}


def canonical(text: str) -> str:
    """Remove white space and what nobody can see, lower the case, compose."""
    kept = "".join(char for char in text if not char.isspace() and char not in INVISIBLE)
    return unicodedata.normalize("NFC", kept.lower())


def fault(address: str) -> str | None:  # noqa: PLR0911  one line a reason
    """Name the first reason why a canonical form is no address."""
    local, _, domain = address.partition("@")
    if not address:
        return "empty"
    if len(address) in DIGEST_LENGTHS and set(address) <= set("0123456789abcdef"):
        return "other_digest"
    if "@" not in address:
        return "no_at_sign"
    if "@" in domain:
        return "several_at_signs"
    labels = domain.split(".")
    if len(address) > 254 or len(local) > 64 or max(map(len, labels)) > 63:
        return "too_long"
    if not local or any(char in SPECIALS or _is_control(char) for char in local):
        return "bad_local_part"
    if len(labels) < 2 or not all(map(_is_label, labels)) or not _is(labels[-1][0], "L"):
        return "bad_domain"
    return None


def digest(text: str) -> str | None:
    """Return the digest Rokt matches, or None where there is no address."""
    address = canonical(text)
    return None if fault(address) else hashlib.sha256(address.encode()).hexdigest()


def _is(char: str, kinds: str) -> bool:
    return unicodedata.category(char)[0] in kinds


def _is_control(char: str) -> bool:
    return char == " " or unicodedata.category(char) == "Cc"


def _is_label(label: str) -> bool:
    inside = all(_is(char, "LMN") or char == "-" for char in label)
    return bool(label) and inside and label[0] != "-" and label[-1] != "-"
