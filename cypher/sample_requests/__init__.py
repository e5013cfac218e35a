"""Who asked to read rows of what, and what somebody else decided about it."""
