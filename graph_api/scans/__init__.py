"""Runs of scans: starting, watching, cancelling."""
