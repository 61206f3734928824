"""Advice on a list of addresses, which never acts by itself."""

from rokt_helpers.advice.advising import Applied, advise, apply
from rokt_helpers.advice.oddities import NOT_APPLICABLE, Advice, Code

__all__ = ["NOT_APPLICABLE", "Advice", "Applied", "Code", "advise", "apply"]
