"""The demonstration: sources of its own below the data folder, filled from the files in ``demo/`` of the repository."""
