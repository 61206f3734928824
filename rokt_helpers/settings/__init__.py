"""Who we are and where we send: one typed class over everything that can be set.

The laws kept here: secrets are secret types and never shown; the profile is ``sandbox`` unless told
otherwise, and the sandbox profile cannot reach anything but this machine; plain HTTP is refused
except to a loopback address.
"""

from rokt_helpers.profiles import Profile
from rokt_helpers.settings.accounts import account_variable
from rokt_helpers.settings.addresses import is_loopback
from rokt_helpers.settings.fields import Settings
from rokt_helpers.settings.loading import load_settings
from rokt_helpers.settings.provenance import SecretOrigin

__all__ = [
    "Profile",
    "SecretOrigin",
    "Settings",
    "account_variable",
    "is_loopback",
    "load_settings",
]
