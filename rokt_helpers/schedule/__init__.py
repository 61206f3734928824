"""Which notebook runs when: entries, the moments they name, what is due, and what ran last."""

from rokt_helpers.schedule.due import Coming, Due, coming, due, next_run
from rokt_helpers.schedule.entries import Entry, read_schedule
from rokt_helpers.schedule.state import LastRun, ScheduleState
from rokt_helpers.schedule.watching import watch_key, watched

__all__ = [
    "Coming",
    "Due",
    "Entry",
    "LastRun",
    "ScheduleState",
    "coming",
    "due",
    "next_run",
    "read_schedule",
    "watch_key",
    "watched",
]
