"""Lineage as it is now, in memory: a compressed adjacency per process, kept at the version of the graph by the outbox."""
