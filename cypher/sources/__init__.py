"""Sources as people may see them."""
