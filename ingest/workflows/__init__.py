"""Workflows as people write them: YAML in and out, and the conditions in it."""
