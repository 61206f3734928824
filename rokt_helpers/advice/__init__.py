"""Advice on a list of addresses, which never acts by itself."""

from rokt_helpers.advice.advising import Applied, advise, apply, change_of, chosen_codes
from rokt_helpers.advice.oddities import APPLICABLE, NOT_APPLICABLE, TITLES, Advice, Code

__all__ = [
    "APPLICABLE",
    "NOT_APPLICABLE",
    "TITLES",
    "Advice",
    "Applied",
    "Code",
    "advise",
    "apply",
    "change_of",
    "chosen_codes",
]
