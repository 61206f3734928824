"""The forms a person fills in, drawn with ipywidgets; what they show is decided in `forms`."""

from rokt_helpers.plain_errors import show_errors_plainly
from rokt_helpers.widgets.conversions import ConversionsPanel
from rokt_helpers.widgets.deliver import DeliverPanel
from rokt_helpers.widgets.doctor import DoctorPanel
from rokt_helpers.widgets.lists import ListsPanel
from rokt_helpers.widgets.live import live
from rokt_helpers.widgets.loop import LoopPanel
from rokt_helpers.widgets.opened import open_panel
from rokt_helpers.widgets.prepare import PreparePanel
from rokt_helpers.widgets.referrals import ReferralsPanel
from rokt_helpers.widgets.start import StartView

__all__ = [
    "ConversionsPanel",
    "DeliverPanel",
    "DoctorPanel",
    "ListsPanel",
    "LoopPanel",
    "PreparePanel",
    "ReferralsPanel",
    "StartView",
    "live",
    "open_panel",
]

# Whoever looks at a form is not helped by the way through our code.
show_errors_plainly()
