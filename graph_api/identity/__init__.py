"""Who asks and what he may do; tokens and the audit trail."""
