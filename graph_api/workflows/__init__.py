"""Workflows of one's own and those that come with the product."""
