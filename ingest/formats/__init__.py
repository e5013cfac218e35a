"""Standards in and out: parse only, no graph."""
