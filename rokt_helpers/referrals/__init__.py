"""Collect the referral files that Rokt delivers, keep them in one tidy table, learn from them.

Law: a delivered file is read once, whole or not at all, and the remote folder is never changed.
"""
