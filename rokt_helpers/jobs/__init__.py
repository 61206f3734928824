"""The jobs of the notebooks: the same object serves the form, the schedule and the reader.

A job holds its choices and, once it has run, its result; every view of a result can be asked for
before, and then says what to do first.
"""

from rokt_helpers.jobs.cluster import ClusterJob
from rokt_helpers.jobs.conversions import ConversionsJob
from rokt_helpers.jobs.deliver import DeliverJob
from rokt_helpers.jobs.doctor import DoctorJob
from rokt_helpers.jobs.found_again import found_again
from rokt_helpers.jobs.lists import ListsJob
from rokt_helpers.jobs.loop import LoopJob
from rokt_helpers.jobs.notice import Notice
from rokt_helpers.jobs.prepare import PrepareJob
from rokt_helpers.jobs.referrals import Beside, ReferralsJob, View
from rokt_helpers.jobs.start import StartPage

__all__ = [
    "Beside",
    "ClusterJob",
    "ConversionsJob",
    "DeliverJob",
    "DoctorJob",
    "ListsJob",
    "LoopJob",
    "Notice",
    "PrepareJob",
    "ReferralsJob",
    "StartPage",
    "View",
    "found_again",
]
