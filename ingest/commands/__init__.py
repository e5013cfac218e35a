"""Use cases that write: one command, one transaction, one audit event."""
