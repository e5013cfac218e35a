"""Connectors: how each kind of source is checked, read and sampled."""
