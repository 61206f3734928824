"""What the page of months of runs says beside its charts, and the rule by which it judges."""

from __future__ import annotations

from typing import Final

from rokt_helpers.watching.usual import FEWEST_RUNS, MOST_RUNS, WIDTH

__all__ = ["DURATIONS", "LEVELS", "NOTEBOOKS", "REJECTED", "RULE", "VOLUMES"]

RULE: Final = (
    f"A run is held against the up to {MOST_RUNS} runs before it that came to their end, of the "
    "same list, action and mode (or of the same notebook); samples and undos are left out. Usual "
    f"is their median, and the band reaches {WIDTH:g} robust standard deviations to either side: "
    "1.4826 times the median of their distances from the median (MAD), which single outliers do "
    f"not move. With fewer than {FEWEST_RUNS} runs before it a run is not judged. "
    f"{FEWEST_RUNS} runs in a row above the band, or below it, are a new level, from which judging "
    "begins anew."
)
VOLUMES: Final = (
    "Each list's rows, a point a day: the median of the day's runs. The grey band is what was "
    "usual then; a diamond lies outside it. Six are drawn: those with unusual runs first, then "
    "those with most runs."
)
LEVELS: Final = (
    "Where each list stands: its usual rows (the median) in the last 28 days and in the 28 days "
    "before; with fewer than four runs in them it is not given. What changed most comes first."
)
DURATIONS: Final = (
    "How long deliveries took, from begin to end. One that was taken up again counts the time in "
    "between."
)
REJECTED: Final = (
    "Rows of the sources that no list takes, such as text that is no address. What they were "
    "rejected for stands in the report of each run."
)
NOTEBOOKS: Final = (
    "Runs by rokt run and on a schedule, from their folders. What a guard stopped, or a person, is "
    "called stopped; one that broke off without a written end is in doubt, and left out for its "
    "first six hours, in which it may be under way. A delivery that a notebook made is among the "
    "deliveries, too."
)
