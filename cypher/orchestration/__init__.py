"""Runs, their stages and tasks, and who works on them."""
