"""The JSON Schema of what the wires take: a second opinion on every request."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, Final

import fastjsonschema

from rokt_helpers.sandbox.answers import BadRequest

__all__ = ["check_shape", "events_batch_schema"]


def events_batch_schema() -> dict[str, Any]:
    """Return the schema of one batch of the Events API (JSON Schema, draft 7)."""
    text = files(__name__).joinpath("events_batch.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


_SHAPE: Final = fastjsonschema.compile(events_batch_schema())


def check_shape(batch: object) -> None:
    """Refuse a batch that the schema does not know, without a word of what is in it.

    Raises
    ------
    BadRequest
        It has another shape.
    """
    try:
        _SHAPE(batch)
    except fastjsonschema.JsonSchemaException:
        raise BadRequest("the batch does not have the shape of the JSON Schema") from None
