"""The audit trail, the outbox and the version of the graph."""
