"""What a screen shows and which button may be pressed: frozen values, no Jupyter in them."""

from rokt_helpers.forms.conversions import ConversionsForm
from rokt_helpers.forms.deliver import DeliverForm
from rokt_helpers.forms.doctor import DoctorForm
from rokt_helpers.forms.lists import ListsForm
from rokt_helpers.forms.loop import LoopForm
from rokt_helpers.forms.message import Message, Tone
from rokt_helpers.forms.prepare import PrepareForm
from rokt_helpers.forms.referrals import ReferralsForm
from rokt_helpers.forms.same_again import SameAgain, same_again

__all__ = [
    "ConversionsForm",
    "DeliverForm",
    "DoctorForm",
    "ListsForm",
    "LoopForm",
    "Message",
    "PrepareForm",
    "ReferralsForm",
    "SameAgain",
    "Tone",
    "same_again",
]
