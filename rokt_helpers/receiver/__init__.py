"""Take the referrals that Rokt pushes, one request each, the moment they happen.

Law: what was answered with success is on the disk. A referral is written ahead and flushed before
the answer goes out. This room is the only one that listens; it knows nothing of the vault, to
which whole segments of its journal are handed.
"""
