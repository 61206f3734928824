"""Who is on an audience, as batches of the Event and Audience API: a boolean attribute a person.

Source: Rokt's successor of custom audience lists. Working clients agree that membership is an
attribute of the person, true or false, and differ in its name; so the name is a pattern that the
account manager has to confirm (``contract``, block "Events API").
"""

from __future__ import annotations

import json

import polars as pl

from rokt_helpers import contract
from rokt_helpers.events.json_text import as_object, text
from rokt_helpers.events.spelling import Spelling
from rokt_helpers.identifiers import sha256_hex

__all__ = ["membership_batches"]


def membership_batches(
    people: pl.Series,
    *,
    spelling: Spelling,
    list_name: str,
    action: contract.Action,
    run: str,
) -> pl.Series:
    """Return one batch a person, as JSON text.

    Parameters
    ----------
    people
        Text, named ``sha256`` or ``email``: digests go as ``other``, addresses as ``email``.
    spelling
        The attribute's pattern, the environment, and whether a membership event is sent besides.
    list_name
        The audience's name.
    run
        What sends them: the same people sent again by it are dropped by the platform, and by
        another one they are not.
    """
    identity = "email" if people.name == "email" else "other"
    person = pl.col(people.name)
    member = "true" if action == "include" else "false"
    attribute = spelling.attribute.format(list=list_name)
    fixed = f'"user_attributes":{{{json.dumps(attribute)}:{member}}}'
    seed = pl.concat_str(person, pl.lit(f"|{attribute}|{member}|{spelling.environment}|{run}"))
    members = [
        text("source_request_id", _id(sha256_hex(seed))),
        text("environment", pl.lit(spelling.environment)),
        as_object([text(identity, person)], key="user_identities"),
        pl.lit(fixed),
        *([pl.lit(_event(list_name, action))] if spelling.event else []),
    ]
    return people.to_frame().select(as_object(members).alias("batch")).to_series()


def _event(audience: str, action: contract.Action) -> str:
    status = "add" if action == "include" else "drop"
    told = {
        "event_type": contract.EVENT_TYPE,
        "data": {
            "event_name": contract.AUDIENCE_EVENT,
            "custom_event_type": contract.AUDIENCE_EVENT_TYPE,
            "custom_attributes": {"audience_name": audience, "status": status},
        },
    }
    return f'"events":[{json.dumps(told, ensure_ascii=False)}]'


def _id(digest: pl.Expr) -> pl.Expr:
    return digest.str.head(32)
