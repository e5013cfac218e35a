"""What columns inherit along lineage, and what stops it."""
