"""Identifiers: canonical form, acceptance and digest side by side, one set of expressions for all.

The rule is written down once, in ``canonical``; which texts are accepted stands in ``emails``,
``digests`` and ``attributes``; ``values`` is its face for one text and for pandas.
"""

from rokt_helpers.identifiers.attributes import ATTRIBUTES, with_attribute_verdict
from rokt_helpers.identifiers.canonical import canonical_text
from rokt_helpers.identifiers.digests import POISON_DIGESTS, digest_fault, looks_like, sha256_hex
from rokt_helpers.identifiers.emails import email_fault, with_email_verdict
from rokt_helpers.identifiers.values import (
    hash_attribute,
    hash_email,
    normalise_email,
    text_column,
)

__all__ = [
    "ATTRIBUTES",
    "POISON_DIGESTS",
    "canonical_text",
    "digest_fault",
    "email_fault",
    "hash_attribute",
    "hash_email",
    "looks_like",
    "normalise_email",
    "sha256_hex",
    "text_column",
    "with_attribute_verdict",
    "with_email_verdict",
]
