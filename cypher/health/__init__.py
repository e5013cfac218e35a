"""Checks of sources: when they are due, what they found, by hour and the latest one by one."""
