"""What a picture of lineage shows: its nodes, its edges, and how much lies outside it."""
