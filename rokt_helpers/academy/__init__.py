"""The academy: eight short lessons on a sandbox, each with an exercise that marks itself.

Law: a lesson works in a classroom of its own, which no setting can lead to production.
"""

from rokt_helpers.academy.classroom import Classroom
from rokt_helpers.academy.exercises import Exercise, Marked
from rokt_helpers.academy.glossary import Glossary
from rokt_helpers.academy.lesson import Lesson
from rokt_helpers.academy.lessons import (
    BrokenList,
    CrashAndRecovery,
    EventsAndMigration,
    Matching,
    MorningAfter,
    PlanAndGuards,
    ReferralTraps,
    SftpByHand,
)
from rokt_helpers.academy.readiness import Readiness

__all__ = [
    "BrokenList",
    "Classroom",
    "CrashAndRecovery",
    "EventsAndMigration",
    "Exercise",
    "Glossary",
    "Lesson",
    "Marked",
    "Matching",
    "MorningAfter",
    "PlanAndGuards",
    "Readiness",
    "ReferralTraps",
    "SftpByHand",
]
