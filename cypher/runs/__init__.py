"""Runs as people may see them, and what they report."""
