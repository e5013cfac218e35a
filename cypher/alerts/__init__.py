"""Channels of alerts, what was told to them, and how long messages wait for their readers."""
