"""What scans do not find any more, and what becomes of it."""
