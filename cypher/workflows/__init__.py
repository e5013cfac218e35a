"""Workflows of one's own: the text of each version, and who uses them."""
