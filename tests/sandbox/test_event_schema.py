from __future__ import annotations

from typing import Any

import fastjsonschema
import pytest

from rokt_helpers import contract
from rokt_helpers.sandbox.answers import BadRequest
from rokt_helpers.sandbox.schemas import check_shape, events_batch_schema

_GOOD: dict[str, Any] = {
    "environment": "development",
    "user_identities": {"other": "a" * 64, "customer_id": "7", "other_id_2": "click"},
    "user_attributes": {"audience_VIP": True, "tags": ["a", 1, False]},
    "events": [
        {
            "event_type": "custom_event",
            "data": {
                "event_name": "conversion",
                "custom_event_type": "transaction",
                "custom_attributes": {"amount": "49.99", "note": None},
            },
        }
    ],
}


def test_both_spellings_of_identities_have_the_shape() -> None:
    """A batch as connectors write it and one as mParticle's schema has it are both good."""
    check_shape(_GOOD)
    check_shape(_GOOD | {"user_identities": {"customerid": "7", "other2": "click"}})


@pytest.mark.parametrize(
    "change",
    [
        {"environment": "test"},
        {"enviroment": "production"},
        {"user_identities": {"other": "not a digest"}},
        {"user_identities": {"others": "a" * 64}},
        {"device_info": {"ios_advertising_id": "7"}},
        {"integration_attributes": {"1278": {"passbackconversiontrackingid": "click"}}},
        {"user_attributes": {"tags": [["nested"]]}},
        {"user_attributes": {f"a{n}": n for n in range(contract.MAX_ATTRIBUTES + 1)}},
        {"events": [{"event_type": "custom_event"}]},
        {"events": [{"event_type": "commerce_event", "data": {}}]},
    ],
)
def test_anything_else_is_refused_without_its_values(change: dict[str, Any]) -> None:
    """Each of these differs from a good batch in one place, and the refusal quotes nothing."""
    with pytest.raises(BadRequest) as caught:
        check_shape(_GOOD | change)
    assert str(caught.value) == "the batch does not have the shape of the JSON Schema"


def test_the_schema_and_the_contract_say_the_same() -> None:
    """Limits and words that stand in both are equal."""
    schema = events_batch_schema()
    fastjsonschema.compile(schema)
    told, event = schema["properties"], schema["definitions"]["event"]["properties"]["data"]
    attributes = event["properties"]["custom_attributes"]
    assert told["environment"]["enum"] == [*contract.ENVIRONMENTS]
    assert [*told["integration_attributes"]["properties"]] == [contract.CLICK_ID_MODULE]
    assert told["user_attributes"]["maxProperties"] == contract.MAX_ATTRIBUTES
    assert attributes["maxProperties"] == contract.MAX_ATTRIBUTES
    assert attributes["propertyNames"]["maxLength"] == contract.MAX_NAME_CHARACTERS
    assert event["properties"]["custom_event_type"]["enum"] == [*contract.CUSTOM_EVENT_TYPES]
    assert schema["definitions"]["scalar"]["anyOf"][0]["maxLength"] == contract.MAX_VALUE_CHARACTERS
