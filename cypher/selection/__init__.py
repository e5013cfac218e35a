"""Patterns that a selection is composed of: fragments with names to fill in, and the statement they add up to."""
