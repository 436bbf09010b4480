"""Scans: walk a fleet, read what is new or changed, keep what was found."""
