"""Who may decide about runs in whose place."""
