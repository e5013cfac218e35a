"""Data tests: what they test, how they went."""
