"""Static files of the pages; no logic."""
