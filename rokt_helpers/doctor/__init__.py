"""Say what is wrong with a list of digests, and what the export must do to mend it."""

from rokt_helpers.doctor.examining import Diagnosis, Finding, examine, read_known

__all__ = ["Diagnosis", "Finding", "examine", "read_known"]
