"""The tables of docs/trust.md, as the contract has them.

``python -m tests.trust_page`` writes them into the page.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rokt_helpers.contract.questions import QUESTIONS
from rokt_helpers.contract.sources import TRUST_IN_WORDS, Trust
from rokt_helpers.contract.table import contract_rules

__all__ = ["MARKED", "PAGE", "blocks", "renewed"]

PAGE = Path(__file__).resolve().parents[1] / "docs" / "trust.md"
MARKED = re.compile(r"(<!-- contract: ([\w-]+) -->\n).*?(<!-- end -->\n)", re.DOTALL)


def blocks() -> dict[str, str]:
    """Every generated block by the name in its marker."""
    by_trust: dict[str, str] = {trust: rules_table(trust) for trust in TRUST_IN_WORDS}
    return {"pages": pages_table(), **by_trust, "questions": questions_list()}


def renewed(text: str) -> str:
    """The page with each block between its markers as the contract has it now."""
    made = blocks()
    return MARKED.sub(lambda found: f"{found[1]}{made[found[2]]}{found[3]}", text)


def pages_table() -> str:
    rules = contract_rules()
    counts = Counter(rule.source for rule in rules)
    pages = {rule.source: rule for rule in rules}
    rows = [
        (key, rule.page, TRUST_IN_WORDS[rule.trust], str(rule.read), str(counts[key]))
        for key, rule in sorted(pages.items())
    ]
    return table(("short", "page", "trust", "last read", "rules"), rows)


def rules_table(trust: Trust) -> str:
    rows = [
        (f"`{rule.name}`", f"`{rule.in_short}`", rule.source, rule.remark or "–")
        for rule in contract_rules()
        if rule.trust == trust
    ]
    return table(("rule", "value", "page", "remark"), rows)


def questions_list() -> str:
    lines = []
    for about in dict.fromkeys(question.about for question in QUESTIONS):
        rows = [
            (one.ask, f"{one.because} *({TRUST_IN_WORDS[one.trust]})*", settings_of(one.setting))
            for one in QUESTIONS
            if one.about == about
        ]
        lines.append(f"### {about}\n\n" + table(("ask", "because", "setting"), rows))
    return "\n".join(lines)


def settings_of(names: str) -> str:
    return ", ".join(f"`{name}`" for name in names.split(", ")) if names else "–"


def table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    cells = [heads, ("---",) * len(heads), *rows]
    lines = ("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in cells)
    return "".join(f"{line}\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
