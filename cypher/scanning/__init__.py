"""Sources, runs and what runs report."""
