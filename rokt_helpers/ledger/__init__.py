"""What was sent, to which list, when, by which run, and to whom: runs, batches, members."""

from rokt_helpers.ledger.accounts import accounts_in
from rokt_helpers.ledger.approvals import Approval
from rokt_helpers.ledger.ledger import Ledger
from rokt_helpers.ledger.lists import (
    PeopleOnList,
    known_list,
    lists_of_person,
    people_on,
    state_of,
    times_on,
)
from rokt_helpers.ledger.locks import Release
from rokt_helpers.ledger.moved import is_moved
from rokt_helpers.ledger.moving import Content, bring_content, read_content
from rokt_helpers.ledger.records import BatchRecord, ListName, Outcome, RunRecord
from rokt_helpers.ledger.undoing import ToTakeBack, to_take_back

__all__ = [
    "Approval",
    "BatchRecord",
    "Content",
    "Ledger",
    "ListName",
    "Outcome",
    "PeopleOnList",
    "Release",
    "RunRecord",
    "ToTakeBack",
    "accounts_in",
    "bring_content",
    "is_moved",
    "known_list",
    "lists_of_person",
    "people_on",
    "read_content",
    "state_of",
    "times_on",
    "to_take_back",
]
