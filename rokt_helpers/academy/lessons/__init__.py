"""The eight lessons: what each shows, and how its exercise marks answers.

Answers and explanations stand in here, and no notebook shows one before an answer was given.
"""

from rokt_helpers.academy.lessons.broken_list import BrokenList
from rokt_helpers.academy.lessons.crash import CrashAndRecovery
from rokt_helpers.academy.lessons.guards import PlanAndGuards
from rokt_helpers.academy.lessons.matching import Matching
from rokt_helpers.academy.lessons.migration import EventsAndMigration
from rokt_helpers.academy.lessons.morning import MorningAfter
from rokt_helpers.academy.lessons.referrals import ReferralTraps
from rokt_helpers.academy.lessons.sftp import SftpByHand

__all__ = [
    "BrokenList",
    "CrashAndRecovery",
    "EventsAndMigration",
    "Matching",
    "MorningAfter",
    "PlanAndGuards",
    "ReferralTraps",
    "SftpByHand",
]
