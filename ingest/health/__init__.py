"""Watching over sources: checks on a schedule, and the facts that scores of health are made of."""
