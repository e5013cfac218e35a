"""Channels of alerts and what was told to them, as the API shows them to administrators."""
