"""A few rows of a source as one reader may see them: read, judged, masked, and forgotten."""
