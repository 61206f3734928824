"""Look for secrets with the detectors of detect-secrets: in files, and in every line ever kept.

Left out are the detectors that take any random text for a secret: digests and keys of a sandbox
are all over the tests. A private key has a pattern of its own in the test, for theirs finds the
name of a key's first line, too.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator
from typing import Any

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class

from tests.house.project import ROOT

__all__ = ["findings", "lines_of_history"]

_TOO_EAGER = {
    "Base64HighEntropyString", "HexHighEntropyString", "IPPublicDetector", "KeywordDetector",
    "PrivateKeyDetector",
}  # fmt: skip
# Hosts that nobody can log in to, a place where code puts a password in, and one that is a joke.
_INVENTED = re.compile(
    r"[@/.](?:[\w-]+\.)*(?:example(?:\.\w+)?|host|localhost)\b|127\.0\.0\.1|:\{[^{}]+\}@|hunter2",
    re.IGNORECASE,
)
_MOST_BYTES = 100_000_000


def _detectors() -> list[Any]:
    known: dict[str, Any] = get_mapping_from_secret_type_to_class()
    return [detector() for detector in known.values() if detector.__name__ not in _TOO_EAGER]


DETECTORS = _detectors()


def findings(lines: Iterable[str]) -> list[str]:
    """Return the kind of secret for each line that holds one; the line itself is not repeated."""
    return [
        detector.secret_type
        for line in lines
        for detector in DETECTORS
        if any(detector.analyze_string(line))
        and not (detector.secret_type == "Basic Auth Credentials" and _INVENTED.search(line))
    ]


def lines_of_history() -> set[str]:
    """Return every line of every text that a commit before this one holds, each once.

    The newest hundred megabytes of it; nothing where the project was unpacked without its history.
    """
    if not (ROOT / ".git").exists():
        return set()
    listed = _git("rev-list", "--objects", "HEAD").decode().splitlines()
    blobs = [line.partition(" ")[0] for line in listed if " " in line]
    kept = _git("cat-file", "--batch", given="\n".join(blobs).encode())[:_MOST_BYTES]
    return {line.decode("utf-8", "replace") for body in _bodies(kept) for line in body.splitlines()}


def _bodies(kept: bytes) -> Iterator[bytes]:
    """Take the answer of ``git cat-file --batch`` apart: a header with the size, then the body."""
    at = 0
    while (end := kept.find(b"\n", at)) > 0:
        _, kind, size = kept[at:end].split()
        body, at = kept[end + 1 : end + 1 + int(size)], end + 2 + int(size)
        if kind == b"blob" and b"\0" not in body:
            yield body


def _git(*words: str, given: bytes = b"") -> bytes:
    done = subprocess.run(["git", *words], cwd=ROOT, input=given, capture_output=True, check=True)
    return done.stdout
