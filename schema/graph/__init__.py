"""The graph's vocabulary and its neomodel declarations; no queries."""
